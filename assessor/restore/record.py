"""What a restore test leaves: a record with all files here, and one line on the target.

The check of backups (``docs/backups.md``) takes a file in ``restored`` whose digest stands in
``canary/SHA256SUMS`` for a proven restore, of the day on which the file was put there. The line is
such a file. It may be read by all on the target, so it names no file and no place: it holds counts,
and the digest of the list of files that the record here holds.
"""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime

from assessor.restore.answers import Answers
from assessor.restore.faults import without_secrets
from assessor.restore.order import Order
from assessor.restore.outcome import Outcome, State

PLACE = "/var/lib/assess"
"""Where the check of backups looks on a target."""


@dataclass(frozen=True, slots=True)
class Record:
    """A restore test, as it is kept.

    Attributes:
        id: names the record, here and on the target.
        entry: all of it, of plain values.
    """

    id: str
    entry: dict[str, object]


@dataclass(frozen=True, slots=True)
class Line:
    """The line that a proven restore leaves on the target.

    Attributes:
        name: the file's name.
        text: what it holds, without the line feed.
    """

    name: str
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the file."""
        return hashlib.sha256(f"{self.text}\n".encode()).hexdigest()

    def commands(self) -> tuple[str, ...]:
        """What root runs on the target to put it there by hand."""
        restored, sums = f"{PLACE}/restored", f"{PLACE}/canary/SHA256SUMS"
        return (
            f"sudo install -d -m 755 {PLACE} {PLACE}/canary {restored}",
            f"echo {shlex.quote(self.text)} | sudo tee {restored}/{self.name} >/dev/null",
            f"echo {shlex.quote(f'{self.digest}  {self.name}')} | sudo tee -a {sums} >/dev/null",
        )


def make_record(
    target: str, order: Order, answers: Answers, outcome: Outcome, ended: datetime
) -> Record:
    """The record of a test that ``ended`` at that time, in UTC."""
    head, snapshot = answers.head, outcome.snapshot
    entry: dict[str, object] = {
        "target": target,
        "host": head.host if head else "",
        "ended": ended,
        "result": outcome.result.value,
        "tool": order.tool.value,
        "version": answers.version,
        "repository": without_secrets(order.repository, ()) or f"as {order.env_file} names it",
        "snapshot": snapshot.name,
        "snapshot_time": snapshot.time,
        "snapshot_host": snapshot.host,
        "as_root": head is not None and head.uid == 0,
        "sample": "named" if order.samples else "by chance",
        "listed": answers.listed,
        "compared_with": order.against or "what is live",
        "scratch": order.scratch,
        "scratch_removed": answers.removed is True,
        "counts": {state.value: outcome.counts[state] for state in State},
        "list_sha256": list_digest(outcome),
        "files": [
            {
                "path": readable(file.path),
                "size": file.size,
                "sha256": file.came.sha256 if file.came else "",
                "state": state.value,
            }
            for file, state in outcome.states
        ],
    }
    if outcome.fault is not None:
        entry["fault"] = outcome.fault.code
        entry["message"] = outcome.fault.message
    return Record(f"{ended:%Y%m%dT%H%M%SZ}-{target}-{order.token[:4]}", entry)


def make_line(order: Order, outcome: Outcome, ended: datetime) -> Line:
    """The line for the target; only for a restore that was proven."""
    snapshot = outcome.snapshot
    of = f" backup {snapshot.name[:16]}" if snapshot.name.isalnum() else ""
    when = f" of {snapshot.time:%Y-%m-%dT%H:%M:%SZ}" if snapshot.time else ""
    text = (
        f"assess restore-test {ended.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}: {order.tool}{of}{when}: "
        f"{len(outcome.states)} restored ({outcome.restored_bytes} bytes), "
        f"{outcome.counts[State.EQUAL]} compared and equal, 0 different; "
        f"list sha256 {list_digest(outcome)}"
    )
    return Line(f"restore-test-{ended:%Y%m%dT%H%M%SZ}-{order.token[:4]}.txt", text)


def list_digest(outcome: Outcome) -> str:
    """SHA-256 (hex) of the restored files as ``sha256sum`` lists them, in their order."""
    lines = (f"{file.came.sha256}  {file.path}\n" for file, _ in outcome.states if file.came)
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def readable(path: str) -> str:
    """A path of any bytes as text."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

"""What ``assess restore-test`` says before it writes, and afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from assessor.cli.console import note, say, warn
from assessor.cli.inventory import reached
from assessor.model.target import Privilege, Target, TransportKind
from assessor.restore.answers import Answers
from assessor.restore.faults import without_secrets
from assessor.restore.order import MOST_FILES, Order
from assessor.restore.outcome import Outcome, Result, State
from assessor.restore.record import PLACE, Line, readable

_SHOWN = 20
"""How many files are named at most."""

_VERDICTS = {
    Result.PROVEN: "restoring works: what came back is equal",
    Result.RESTORED: "restored, but not compared: nothing to compare it with is as it was",
    Result.BROKEN: "RESTORING FAILS",
    Result.FAILED: "not tested",
}
_STATES = {
    State.EQUAL: "equal",
    State.DIFFERS: "DIFFERENT from what it is compared with",
    State.NOT_WHOLE: "did NOT come back whole",
    State.CHANGED_SINCE: "came back whole; what is live was changed since, so not compared",
    State.NOT_COMPARED: "came back whole; nothing to compare it with",
}


def plan(target: Target, order: Order, folder: Path, *, sudo: bool) -> Iterator[str]:
    """What will be written, where and how much at most, line by line."""
    if target.transport is TransportKind.LOCAL:
        where = "this machine"
    else:
        where = f"{target.name} ({reached(target)})"
    rights = " as root, with sudo" if sudo else ""
    sample = _sample(order)
    yield f"assess restore-test WRITES on {where}{rights}:"
    yield f"  it restores  {sample}, {order.limit_mb} MB at most"
    yield f"  from         {_source(target, order)}"
    yield f"  into         {order.scratch}, a new folder for its owner only; removed at the end"
    against = order.against or "the file that is live there now"
    yield f"  it compares  the SHA-256 of each with that of {against}"
    yield "  it leaves    after a proven restore, where root's rights allow: a line that names no"
    yield f"               file, in {PLACE}/restored, and its hash in {PLACE}/canary/SHA256SUMS"
    yield f"  it keeps     here, in {folder / 'restore-tests'}: a record with the files' names"


def _sample(order: Order) -> str:
    if not order.samples:
        return f"{order.files} file{'s' * (order.files != 1)} chosen by chance"
    named = ", ".join(f"/{readable(path)}" for path in order.samples[:5])
    more = len(order.samples) - 5
    return f"{named}{f' and {more} more' if more > 0 else ''} ({MOST_FILES} files at most)"


def _source(target: Target, order: Order) -> str:
    place = without_secrets(order.repository, ()) or f"the repository that {order.env_file} names"
    if order.snapshot != "latest":
        return f"{order.snapshot} in {place} ({order.tool})"
    if order.tool.knows_hosts:
        return f"the newest backup of {order.host or target.name} in {place} ({order.tool})"
    return f"{place} ({order.tool})"


def tell(target: Target, answers: Answers, outcome: Outcome) -> None:
    """Says what the test showed."""
    say(f"{target.name}: {_VERDICTS[outcome.result]}")
    snapshot = outcome.snapshot
    if snapshot.name or snapshot.time:
        time = f" of {snapshot.time:%Y-%m-%d %H:%M:%S} UTC" if snapshot.time else ""
        host = f", made by {snapshot.host}" if snapshot.host else ""
        # restic names a snapshot by a digest, and shows eight of its 64 signs.
        name = snapshot.name[:8] if len(snapshot.name) == 64 else readable(snapshot.name)
        say(f"  backup {name}{time}{host}")
    if outcome.fault is not None:
        say(f"  {outcome.fault.message}")
        for line in outcome.fault.said.splitlines()[-8:]:
            say(f"    | {readable(line)}")
        if outcome.fault.mend:
            say(f"  {outcome.fault.mend}")
    if outcome.states:
        say(f"  {len(outcome.states)} files, {outcome.restored_bytes} bytes came back")
    for state, count in outcome.counts.items():
        say(f"  {count} {_STATES[state]}:")
        for file, _ in [each for each in outcome.states if each[1] is state][:_SHOWN]:
            barred = " (may not be read by the account)" if file.unreadable else ""
            say(f"      /{readable(file.path)}{barred}")
        if count > _SHOWN:
            say(f"      and {count - _SHOWN} more")
    if outcome.foreign:
        say("  The backup is of another machine, so files here of the same name say nothing:")
        say("  name what to compare with by --against.")
    if answers.skipped:
        note(f"  {answers.skipped} names with signs that cannot be handed on were not considered")


def tell_left_behind(target: Target, order: Order, answers: Answers) -> None:
    """Says what is left on the target, where anything may be."""
    if answers.made and answers.removed:
        note(f"{target.name}: {order.scratch} was removed.")
    elif answers.removed is False:
        warn(f"{target.name}: {order.scratch} could NOT be removed: remove it by hand.")
    elif answers.made:
        warn(
            f"{target.name}: it could not be seen whether {order.scratch} is gone. The machine "
            "removes it by itself within a minute; look there, and remove it by hand if it stands."
        )


def tell_kept(target: Target, line: Line, path: Path, *, kept: bool, why: str) -> None:
    """Says where the record is, and how it gets on the target where it could not be left."""
    note(f"The record is {path}")
    if kept:
        note(f"{target.name}: left {PLACE}/restored/{line.name}; assess run counts it from now on.")
        return
    warn(f"{target.name}: the record could not be left there: {why}")
    note("With it, assess run counts this test. As root on that machine:")
    for command in line.commands():
        note(f"  {command}")
    note("Or say so yourself, with the record as evidence:")
    note(f"  assess attest restore-test --answer yes --file {path}")


def needs_root(target: Target) -> str:
    """Why the record could not be left by an account that is not root."""
    if target.privilege is Privilege.SUDO:
        return "the test ran without root's rights"
    return "only root can (privilege: sudo for this target in the inventory)"

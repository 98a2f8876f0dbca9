"""A run's folder.

::

    run.json                 what was known at the start
    plan.json                every probe to the letter, and which targets were asked it
    statement.raw            the statement's bytes as read, where there is one
    statement.json           its text, and the claims found in it
    observations/TARGET.jsonl  what came back (see ``journal.py``)
    deliveries/TARGET.json   a worker's word for the journal that it handed over
    words.json               what people attested and accepted
    attestations/SHA256      the files that go with it
    findings.json            what was concluded
    manifest.json            the digests of all these, and of the manifest of the run before
    report.*.html, report.json
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from assessor import wholefile
from assessor.errors import EvidenceError
from assessor.evidence.codec import decode, json_pieces
from assessor.evidence.journal import Redact, TargetJournal, read_journal
from assessor.evidence.plans import KeptPlan
from assessor.model.attestation import Words
from assessor.model.evidence import RunFacts, TargetEvidence
from assessor.model.memory import Memory
from assessor.model.plan import Plan, TargetPlan

if TYPE_CHECKING:
    from assessor.evidence.conclusions import Conclusions, StatementRecord

FORMAT = 1

Value = TypeVar("Value")


class RunFolder:
    """Reads and writes one run's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def id(self) -> str:
        """The run's id: the folder's name."""
        return self.path.name

    def create(self, facts: RunFacts, plan: Plan) -> None:
        """Makes the folder; raises ``EvidenceError`` where that cannot be done."""
        try:
            (self.path / "observations").mkdir(parents=True, mode=0o700)
            self.path.chmod(0o700)
        except OSError as error:
            raise EvidenceError(f"{self.path}: {error.strerror or error}") from None
        self.write("run.json", facts)
        self.write("plan.json", KeptPlan.of(plan))

    def lock(self) -> int:
        """Holds the run for this process until it ends.

        Raises:
            EvidenceError: another process works on it.
        """
        path = self.path / "lock"
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise EvidenceError(f"{path}: {error.strerror or error}") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise EvidenceError(f"run {self.id}: another assess is working on it") from None
        return handle

    def journal(self, target: str, at: datetime, redact: Redact) -> TargetJournal:
        """Opens the journal of ``target`` for appending."""
        return TargetJournal(self._journal_path(target), target, at, redact)

    def facts(self) -> RunFacts:
        """What was known at the start; raises ``EvidenceError`` where it is missing."""
        return self.read("run.json", RunFacts)

    def plan(self) -> Plan:
        """What was to be asked."""
        kept = self.read("plan.json", KeptPlan)
        try:
            return kept.plan()
        except ValueError as error:
            raise EvidenceError(f"{self.path / 'plan.json'}: damaged: {error}") from None

    def statement(self) -> StatementRecord | None:
        """The statement as it was, or ``None`` where the run has none."""
        if not (self.path / "statement.json").exists():
            return None
        from assessor.evidence.conclusions import StatementRecord

        return self.read("statement.json", StatementRecord)

    def evidence(self) -> Mapping[str, TargetEvidence]:
        """What came back, by target; a target of which nothing was stored is absent."""
        found = {}
        texts: dict[str, str] = {}
        for path in sorted((self.path / "observations").glob("*.jsonl")):
            if (evidence := read_journal(path, texts)) is not None:
                found[evidence.target] = evidence
        return found

    def conclusions(self) -> Conclusions | None:
        """What was concluded, or ``None`` where the run was not evaluated."""
        if not (self.path / "findings.json").exists():
            return None
        from assessor.evidence.conclusions import Conclusions

        return self.read("findings.json", Conclusions)

    def words(self) -> Words:
        """What people attested and accepted, as it was when the run began."""
        return self.read("words.json", Words)

    def memory(self) -> Memory:
        """What earlier runs saw of secrets, as it was known when the run began."""
        return self._memory("known.json")

    def remembered(self) -> Memory:
        """... and as it was known when the run was concluded."""
        return self._memory("remembered.json")

    def _memory(self, name: str) -> Memory:
        return self.read(name, Memory) if (self.path / name).exists() else Memory()

    def keep_file(self, source: Path, sha256: str) -> None:
        """Copies an attestation's file into the run; raises ``EvidenceError``."""
        folder = self.path / "attestations"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            data = source.read_bytes()
        except OSError as error:
            raise EvidenceError(f"{source}: {error.strerror or error}") from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise EvidenceError(f"{source}: is not the file that was attested with")
        write_whole(folder / sha256, data)

    def write(self, name: str, value: object) -> None:
        """Writes a file whole or not at all.

        Raises:
            EvidenceError: the disk refuses it.
        """
        pieces = (piece.encode("utf-8", errors="replace") for piece in json_pieces(value))
        write_pieces(self.path / name, pieces)

    def write_bytes(self, name: str, data: bytes) -> None:
        """Writes a file whole or not at all; raises ``EvidenceError``."""
        write_whole(self.path / name, data)

    def read(self, name: str, kind: type[Value]) -> Value:
        """Reads what :meth:`write` wrote; raises ``EvidenceError`` where it is damaged."""
        path = self.path / name
        try:
            data: Any = json.loads(path.read_bytes())
        except OSError as error:
            raise EvidenceError(f"{path}: {error.strerror or error}") from None
        except ValueError:
            raise EvidenceError(f"{path}: damaged: not JSON") from None
        try:
            return decode(kind, data)
        except EvidenceError as error:
            raise EvidenceError(f"{path}: {error}") from None

    def _journal_path(self, target: str) -> Path:
        return self.path / "observations" / f"{target}.jsonl"


def write_whole(path: Path, data: bytes) -> None:
    """Replaces ``path`` by ``data`` in one step; raises ``EvidenceError``."""
    write_pieces(path, [data])


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Replaces ``path`` by all of ``pieces`` in one step; raises ``EvidenceError``."""
    try:
        wholefile.put(path, pieces)
    except OSError as error:
        raise EvidenceError(f"{path}: {error.strerror or error}") from None


def new_run_id(now: datetime, last: str = "") -> str:
    """A run's id: its beginning in UTC and four random digits.

    It sorts after that of the ``last`` run, also where that began in the same second.
    """
    second = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-"
    lowest = int(last.removeprefix(second), 16) + 1 if last.startswith(second) else 0
    return f"{second}{lowest + secrets.randbelow(max(1, 0x10000 - lowest)):04x}"


def list_runs(folder: Path) -> tuple[RunFolder, ...]:
    """Every run below ``folder/runs``, the oldest first; what is no run is left out."""
    paths = sorted((folder / "runs").glob("*/run.json"))
    return tuple(RunFolder(path.parent) for path in paths)


def find_run(folder: Path, name: str) -> RunFolder:
    """The run called ``name``: an id, the beginning of one, a path, or ``latest``.

    Raises:
        EvidenceError: there is no such run, or more than one.
    """
    as_path = Path(name)
    if (as_path / "run.json").is_file():
        return RunFolder(as_path.resolve())
    runs = list_runs(folder)
    if not runs:
        raise EvidenceError(f"{folder}: holds no runs yet; make one with: assess run")
    if name == "latest":
        return runs[-1]
    found = [run for run in runs if run.id.startswith(name)]
    if len(found) != 1:
        known = ", ".join(run.id for run in runs[-5:])
        raise EvidenceError(
            f"{'no run' if not found else 'more than one run'} begins with {name!r}; "
            f"the last runs are: {known}"
        )
    return found[0]


def without_secrets(plan: Plan) -> Plan:
    """The plan as it may be kept: where secrets come from stays with the inventory."""

    def bare(planned: TargetPlan) -> TargetPlan:
        return replace(planned, target=replace(planned.target, secrets={}))

    return Plan(tuple(map(bare, plan.targets)), tuple(map(bare, plan.not_asked)))

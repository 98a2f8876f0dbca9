"""Keeps the history in step with the run folders: joins the evidence with the history.

The folders are the truth. Whatever the database says was read from them, and is read again where it
is missing, damaged or of another edition; a run whose folder is gone goes from the history too. So
nothing is lost when a write to it is broken off: the next one who looks makes up for it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Collection, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assessor.errors import AssessError, EvidenceError, HistoryError
from assessor.evidence.key import fingerprint_key
from assessor.evidence.seals import NAME, is_sealed, manifest_digest
from assessor.evidence.store import RunFolder, list_runs
from assessor.history.extract import Concluded, Conclusions, record
from assessor.history.records import FindingRow, RunRecord, RunSummary

if TYPE_CHECKING:
    from assessor.history.database.store import History
    from assessor.model.assessment import Assessment, HistoryAddress

DATABASE = Path(".assess") / "history.sqlite"
_SETTINGS = "assessment.yaml"
"""As ``inputs.assessment`` has it, which takes a while to load."""
_HERE = "this folder"
"""The assessment in a database of its own."""
_TRIES = 5
_READ = ("run.json", "plan.json", "statement.json", "words.json", "findings.json")

Ask = Callable[[str], str | None]


def nobody(_question: str) -> str | None:
    """For a run that nobody watches: there is nobody to ask."""
    return None


def history_address(folder: Path) -> HistoryAddress | None:
    """What the settings say of the database; ``None`` for the file in the folder.

    Raises:
        UsageError: the settings are broken.
    """
    try:
        if b"history" not in (folder / _SETTINGS).read_bytes():
            return None  # most have no such setting, and reading them all takes a while
    except OSError:
        return None
    from assessor.inputs.assessment import load_assessment

    return load_assessment(folder).history


def open_history(folder: Path, address: HistoryAddress | None, ask: Ask = nobody) -> History:
    """The history of the assessment in ``folder``; nothing is connected to yet.

    Raises:
        UsageError: the address is none, or its password is not to be had.
        EvidenceError: the assessment's key, by which it is told apart, cannot be read.
    """
    from assessor.history.database.engine import FileDatabase, ServerDatabase
    from assessor.history.database.store import History

    if address is None:
        return History(FileDatabase(folder / DATABASE), _HERE)
    password: Callable[[], str] | None = None
    source = address.password
    if source is not None:
        from assessor.collect.secrets import SourcedSecrets

        secrets = SourcedSecrets(ask)

        def password() -> str:
            return secrets.named(source, "Password of the history's database")

    # Of no use to whoever sees it, and the same wherever the folder stands.
    name = hmac.digest(fingerprint_key(folder), b"the assessment in a history", "sha256").hex()
    return History(ServerDatabase(address.url, password), name[:32])


def record_of(run: RunFolder) -> RunRecord:
    """What the history keeps of a finished run.

    Raises:
        EvidenceError: the run is damaged, is not as it was sealed, or was not finished.
    """
    digest = manifest_digest(run)
    _as_sealed(run)
    facts, statement = run.facts(), run.statement()
    if facts.id != run.id:
        raise EvidenceError(f"{run.path}: damaged: not what a run leaves")
    return record(
        Concluded(
            facts,
            digest,
            statement.statement.sha256 if statement else "",
            run.read("findings.json", Conclusions),
            tuple(planned.target for planned in run.plan().targets),
            run.words(),
        )
    )


def _as_sealed(run: RunFolder) -> None:
    """Refuses a run of which a file that is read differs from what its manifest says."""
    path = run.path / NAME
    try:
        manifest: Any = json.loads(path.read_bytes())
        named = {str(one["name"]): one["digest"]["sha256"] for one in manifest["subject"]}
        for name in _READ:
            file = run.path / name
            digest = hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else None
            if named.get(name) != digest:
                raise EvidenceError(f"{file}: differs from what was sealed")
    except OSError as error:
        raise EvidenceError(f"{path}: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise EvidenceError(f"{path}: damaged ({type(error).__name__})") from None


@dataclass(frozen=True, slots=True)
class Told:
    """The history of an assessment.

    Attributes:
        runs: every finished run that could be read, the oldest first.
        findings: of the runs that were asked for, by run.
        notes: what went wrong on the way, for people.
    """

    runs: tuple[RunSummary, ...]
    findings: Mapping[str, tuple[FindingRow, ...]]
    notes: tuple[str, ...]

    def record(self, run: str) -> RunRecord:
        """A run with its findings; raises ``EvidenceError`` where it could not be read."""
        for summary in self.runs:
            if summary.run == run and run in self.findings:
                return RunRecord(summary, self.findings[run])
        raise EvidenceError(f"run {run} is damaged; what is wrong is told by: assess verify {run}")


def read_history(
    folder: Path,
    address: HistoryAddress | None,
    ask: Ask,
    findings_of: Collection[str] = (),
    *,
    last: int = 0,
) -> Told:
    """The history, brought up to date first; from the folders where there is no database.

    Args:
        folder: the assessment's.
        address: of the database; ``None`` for the file in the folder.
        ask: for its password.
        findings_of: the runs of which the findings are wanted.
        last: of how many of the last runs they are wanted too.

    Raises:
        UsageError: the address is none, or its password is not to be had.
    """
    history = open_history(folder, address, ask)
    notes: tuple[str, ...] = ()
    try:
        for _ in range(_TRIES):
            step = _brought_in_step(folder, history)
            notes = notes + tuple(line for line in step.notes if line not in notes)
            try:
                kept = history.read(findings_of, last=last)
            except HistoryError as error:
                if not _damaged(error):
                    raise
                notes = (*notes, _made_again(error))
                history.empty()
            else:
                if step.runs <= kept.known.keys():
                    return Told(kept.summaries, kept.findings or {}, notes)
                # Another process is making it again: what is there is not all.
        raise HistoryError(f"{history.database.name}: is being made again all the time")
    except HistoryError as error:
        return from_folders(folder, error, findings_of, last=last)


def remember(assessment: Assessment, run: RunFolder) -> tuple[str, ...]:
    """Adds ``run`` once it is sealed, and any other that is missing; gives what went wrong.

    It never raises: a run is whole without its history, which is made up for later.
    """
    try:
        return update(assessment.folder, open_history(assessment.folder, assessment.history))
    except AssessError as error:
        why = str(error)
    except Exception as error:  # a fault of ours must not cost the run its report
        why = f"{type(error).__name__}: {error}"
    return (f"run {run.id} is not in the history yet: {why}; 'assess history' adds it",)


def update(folder: Path, history: History) -> tuple[str, ...]:
    """Brings the history in step with the folders; gives what people must know.

    Raises:
        HistoryError: it cannot be read or written.
    """
    return _brought_in_step(folder, history).notes


def rebuild(folder: Path, history: History) -> tuple[str, ...]:
    """Throws the history away and makes it again; gives the runs that could not be read.

    Raises:
        HistoryError: it cannot be written.
    """
    history.empty()
    return update(folder, history)


@dataclass(frozen=True, slots=True)
class _Step:
    """What came of bringing the history in step: the runs that are in it, and what was wrong."""

    runs: Set[str]
    notes: tuple[str, ...]


def _brought_in_step(folder: Path, history: History) -> _Step:
    """In step; once more from nothing where it is damaged."""
    try:
        return _in_step(folder, history)
    except HistoryError as error:
        if not _damaged(error):
            raise
        history.empty()
        step = _in_step(folder, history)
        return _Step(step.runs, (_made_again(error), *step.notes))


def _in_step(folder: Path, history: History) -> _Step:
    notes = []
    # In this order: what another process adds in between must not seem to be gone.
    known = history.known()
    there = {run.id: run for run in list_runs(folder) if is_sealed(run)}
    gone = known.keys() - there.keys()
    unreadable = set()
    for name, run in there.items():
        if known.get(name) != manifest_digest(run):
            try:
                found = record_of(run)
            except EvidenceError as error:
                notes.append(f"run {name} is left out of the history: {error}")
                unreadable.add(name)
            else:
                history.add(found)
    gone |= unreadable & known.keys()
    if gone:
        history.remove(gone)
    return _Step(there.keys() - unreadable, tuple(notes))


def _damaged(error: HistoryError) -> bool:
    from assessor.history.database.engine import DamagedError

    return isinstance(error, DamagedError)


def _made_again(error: HistoryError) -> str:
    return f"{error}; it was made again from the run folders"


def from_folders(
    folder: Path, error: AssessError, findings_of: Collection[str] = (), *, last: int = 0
) -> Told:
    """As :func:`read_history`, without the database that cannot be used because of ``error``."""
    notes = [f"{error}; the run folders were read instead"]
    records = []
    for run in list_runs(folder):
        if is_sealed(run):
            try:
                records.append(record_of(run))
            except EvidenceError as fault:
                notes.append(f"run {run.id} is left out of the history: {fault}")
    wanted = {*findings_of, *(one.summary.run for one in (records[-last:] if last else ()))}
    return Told(
        tuple(one.summary for one in records),
        {one.summary.run: one.findings for one in records if one.summary.run in wanted},
        tuple(notes),
    )

"""How backups and restores ended, by the events of Windows and of backup programs.

The events go by their numbers and levels, never by their words, which are in the language of the
Windows: Microsoft-Windows-Backup by its manifest, CloudBackup (Azure Backup, MARS), and Veeam by
its "Event Reference".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assessor.api import Fields, UnparsedError

WINDOWS_BACKUP = "Windows Server Backup"
AZURE_BACKUP = "Azure Backup"
VEEAM_AGENT = "Veeam Agent"
VEEAM_SERVER = "Veeam Backup & Replication"
SUREBACKUP = "Veeam SureBackup"
VEEAM_RESTORE = "Veeam restore"
WINDOWS_RESTORE = "Windows Server Backup restore"

_ERROR, _WARNING, _INFORMATION = 2, 3, 4
"""Levels of events (winmeta.xml); classic logs write the same."""
_BACKUP_DONE = 4
_RESTORES_DONE = frozenset({194, 209, 214, 225, 242, 1026})
"""The informational one of each family of restores: volumes, files, applications, system state."""
_MARS = {3: _INFORMATION, 10: _WARNING, 11: _ERROR, 18: _ERROR}


class End(StrEnum):
    """How a run ended."""

    WELL = "well"
    WARNING = "warning"
    BADLY = "badly"


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a backup program, or of a restore.

    Attributes:
        program: which.
        job: tells the jobs of one program apart; empty where it has one.
        name: how people call the job; may be empty.
        end: how it ended.
        time: when, in seconds since 1970.
        target: where the backup went, where the event says so.
    """

    program: str
    job: str
    name: str
    end: End
    time: int
    target: str = ""


@dataclass(frozen=True, slots=True)
class Events:
    """What ``windows_events.ps1`` saw.

    Attributes:
        now: the machine's clock, in seconds since 1970.
        uptime: seconds since it started.
        logs: the logs that exist.
        backups: runs that make backups.
        restores: restores, and tests of them.
    """

    now: int
    uptime: int
    logs: frozenset[str]
    backups: tuple[Run, ...]
    restores: tuple[Run, ...]


_PROGRAMS: Mapping[tuple[str, int], tuple[str, bool]] = {
    # The log and the first number that was asked for: the program, and whether it restores.
    ("Microsoft-Windows-Backup", 4): (WINDOWS_BACKUP, False),
    ("Microsoft-Windows-Backup", 194): (WINDOWS_RESTORE, True),
    ("CloudBackup/Operational", 3): (AZURE_BACKUP, False),
    ("CloudBackup", 3): (AZURE_BACKUP, False),
    ("Veeam Agent", 190): (VEEAM_AGENT, False),
    ("Veeam Backup", 190): (VEEAM_SERVER, False),
    ("Veeam Backup", 390): (SUREBACKUP, True),
    ("Veeam Backup", 290): (VEEAM_RESTORE, True),
}


def read_events(answer: Fields) -> Events:
    """Reads the answer of ``windows_events.ps1``.

    Raises:
        UnparsedError: it is not what the script prints, or an event has an unknown level.
    """
    backups: list[Run] = []
    restores: list[Run] = []
    there: set[str] = set()
    asked = set()
    for log in answer.rows("logs"):
        numbers = log.list("ids")
        key = (log.text("log"), numbers[0] if numbers and isinstance(numbers[0], int) else 0)
        if key not in _PROGRAMS:
            raise UnparsedError(f"log {key[0]}")
        asked.add(key)
        program, restoring = _PROGRAMS[key]
        runs = [_run(event, program) for event in log.rows("events")]
        (restores if restoring else backups).extend(runs)
        if log.boolean("there"):
            there.add(key[0])
        elif runs:
            raise UnparsedError(f"log {key[0]}")
    if asked != _PROGRAMS.keys():
        raise UnparsedError("logs")
    return Events(
        _seconds(answer.moment("now")),
        answer.integer("uptime"),
        frozenset(there),
        tuple(backups),
        tuple(restores),
    )


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _run(event: Fields, program: str) -> Run:
    number, level = event.integer("id"), event.integer("level")
    if program == AZURE_BACKUP:
        if number not in _MARS:
            raise UnparsedError(f"event {number}")
        level = _MARS[number]
    if level not in (_ERROR, _WARNING, _INFORMATION):
        raise UnparsedError(f"event {number}: level {level}")
    end = {_ERROR: End.BADLY, _WARNING: End.WARNING, _INFORMATION: End.WELL}[level]
    if program in (WINDOWS_BACKUP, WINDOWS_RESTORE) and end is End.WELL:
        proper = _RESTORES_DONE if program == WINDOWS_RESTORE else {_BACKUP_DONE}
        # A code other than 0 beside "done" is not known to happen: no success then.
        if number not in proper or not _is_zero(event.optional_text("result")):
            end = End.WARNING
    return Run(
        program,
        event.optional_text("job") or "",
        (event.optional_text("name") or "")[:100],
        end,
        _seconds(event.moment("time")),
        (event.optional_text("target") or "")[:200],
    )


def _is_zero(code: str | None) -> bool:
    """Older versions of the event write the code as a number, newer ones as hexadecimal digits."""
    return code in ("0", "0x0", "0x00000000")


def latest(runs: Iterable[Run]) -> dict[tuple[str, str], list[Run]]:
    """The runs of each job, the newest first."""
    by_job: dict[tuple[str, str], list[Run]] = {}
    for run in sorted(runs, key=lambda one: -one.time):
        by_job.setdefault((run.program, run.job), []).append(run)
    return by_job

"""What shows that a backup can be restored, on the ladder of ``commands.Level``.

Besides jobs, two traces count. borgmatic keeps the time of each kind of check in a file of its own.
And a job of the machine may restore a file that it made before, a canary: its hash is written to
``/var/lib/assess/canary/SHA256SUMS`` when it is made (``sha256sum``), and what comes back from the
backup is put in ``/var/lib/assess/restored/``. The script hashes what came back. A mere copy would
look the same: what is shown is that the file came back whole, not the honesty of the job.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assessor.api import Record

from .commands import Level
from .director import ended_jobs
from .jobs import Job, Result

# borgmatic's "spot" compares a sample with the source, without restoring anything.
_BORGMATIC_CHECKS = {
    "repository": Level.INDEX_CHECKED,
    "archives": Level.INDEX_CHECKED,
    "data": Level.DATA_READ,
    "extract": Level.DATA_READ,
    "spot": Level.DATA_READ,
}


@dataclass(frozen=True, slots=True)
class Tried:
    """A test of a backup that succeeded.

    Attributes:
        level: how much it shows.
        time: when it ended, in seconds since 1970.
        source: what ran, or what it left.
    """

    level: Level
    time: int
    source: str


def trials(found: tuple[Record, ...], jobs: tuple[Job, ...], host: str) -> tuple[Tried, ...]:
    """All tests that were seen to succeed."""
    restored = (
        Tried(Level.DATA_READ, job.time, job.log)
        for job in ended_jobs(found, host)
        if job.termination == "Restore OK"
    )
    return (*_by_jobs(jobs), *_by_borgmatic(found), *_by_canary(found), *restored)


def failed_tests(jobs: tuple[Job, ...]) -> tuple[str, ...]:
    """The jobs that only test, and whose last run failed."""
    return tuple(
        job.name
        for job in jobs
        if job.result is Result.FAILED
        and not job.makes_backups
        and any(action.level >= Level.INDEX_CHECKED for action in job.actions)
    )


def _by_jobs(jobs: tuple[Job, ...]) -> Iterable[Tried]:
    for job in jobs:
        for level in (Level.RESTORED, Level.DATA_READ, Level.INDEX_CHECKED):
            if job.shown(level) and job.finished is not None:
                yield Tried(level, job.finished, job.name)
                break


def _by_borgmatic(found: tuple[Record, ...]) -> Iterable[Tried]:
    for kind, text in found:
        entry = re.fullmatch(r"([0-9]+) (.+)", text) if kind == "borgmatic_check" else None
        if entry is None:
            continue
        for part in entry[2].split("/"):
            if part in _BORGMATIC_CHECKS:
                yield Tried(_BORGMATIC_CHECKS[part], int(entry[1]), f"borgmatic {part}")


def _by_canary(found: tuple[Record, ...]) -> Iterable[Tried]:
    made: set[str] = set()
    by_root = False
    for kind, text in found:
        if kind == "canaries":
            entry = re.fullmatch(r"([0-9]+) ([0-7]+)", text)
            by_root = entry is not None and entry[1] == "0" and int(entry[2], 8) & 0o022 == 0
        elif kind == "canary" and by_root:
            made.add(text)
    for kind, text in found:
        entry = re.fullmatch(r"([0-9]+) ([0-9a-f]{64})", text) if kind == "restored" else None
        if entry is not None and entry[2] in made:
            yield Tried(Level.RESTORED, int(entry[1]), "/var/lib/assess/restored")

"""What backups leave behind: repositories on disk, logs, and listings that jobs write for us."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from assessor.api import Record

from .director import ended_jobs
from .listings import read_listings
from .success import Success


@dataclass(frozen=True, slots=True)
class Traces:
    """What was found.

    Attributes:
        successes: backups that were made.
        empty: repositories that hold no backup at all.
        borg_changes: for each Borg repository, when something in it last changed.
        failures: logs whose last line tells of a failure: the log, and when.
        bad_listings: listings that others may have written, or that are not whole.
    """

    successes: tuple[Success, ...]
    empty: tuple[str, ...]
    borg_changes: tuple[tuple[str, int], ...]
    failures: tuple[tuple[str, int], ...]
    bad_listings: tuple[str, ...]


def read_traces(found: tuple[Record, ...], host: str) -> Traces:
    """Reads the records on repositories, logs and listings."""
    successes: list[Success] = []
    empty: list[str] = []
    changes: list[tuple[str, int]] = []
    for kind, text in found:
        entry = (
            re.fullmatch(r"(restic|borg) ([0-9]+) ([0-9]+) (/.*)", text)
            if kind == "repository"
            else None
        )
        if entry is None:
            continue
        path, newest = entry[4], int(entry[3])
        if entry[1] == "borg":
            changes.append((path, newest))
        elif int(entry[2]) == 0:
            empty.append(path)
        else:
            successes.append(Success(path, "restic", newest, (path,)))
    log_successes, failures = _rsnapshot(found)
    directed, failed = _directed(found, host)
    listed, bad = read_listings(found, host)
    return Traces(
        (*successes, *_by_name(found), *log_successes, *directed, *listed),
        tuple(dict.fromkeys(empty)),
        tuple(dict.fromkeys(changes)),
        (*failures, *failed),
        bad,
    )


def _by_name(found: tuple[Record, ...]) -> Iterable[Success]:
    """Repositories whose files bear the time of the backup: of duplicity and of rdiff-backup."""
    for kind, text in found:
        entry = (
            re.fullmatch(r"(duplicity-gpg|duplicity-plain|rdiff-backup) (\S+) (/.*)", text)
            if kind == "repository_time"
            else None
        )
        if entry is None:
            continue
        try:
            moment = datetime.fromisoformat(entry[2])
        except ValueError:
            continue
        if moment.tzinfo is not None:
            yield Success(entry[3], entry[1], int(moment.timestamp()), (entry[3],))


def _directed(
    found: tuple[Record, ...], host: str
) -> tuple[tuple[Success, ...], tuple[tuple[str, int], ...]]:
    """The last backup of this machine by a director of Bacula or Bareos that runs here."""
    backups = [job for job in ended_jobs(found, host) if "Restore" not in job.termination]
    if not backups:
        return (), ()
    last = backups[-1]
    # "Backup OK -- with warnings" left something out.
    if last.termination == "Backup OK":
        return (Success(last.log, "bacula", last.time),), ()
    return (), ((last.log, last.time),)


_RSNAPSHOT = re.compile(
    r"\[([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\] \S*rsnapshot (\S+): (.*)"
)


def _rsnapshot(
    found: tuple[Record, ...],
) -> tuple[tuple[Success, ...], tuple[tuple[str, int], ...]]:
    """The last run in rsnapshot's log: as a success, or as a failure.

    Its times are local; a difference of hours is within the slack that every interval has.
    """
    last: tuple[int, bool] | None = None
    for kind, text in found:
        entry = _RSNAPSHOT.fullmatch(text) if kind == "rsnapshot" else None
        if entry is None:
            continue
        moment = int(datetime.fromisoformat(entry[1]).replace(tzinfo=UTC).timestamp())
        # "completed, but with some warnings" left something out.
        last = (moment, entry[3] == "completed successfully")
    if last is None:
        return (), ()
    log = "/var/log/rsnapshot.log"
    if last[1]:
        return (Success(log, "rsnapshot", last[0]),), ()
    return (), ((log, last[0]),)

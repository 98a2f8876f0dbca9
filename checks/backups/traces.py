"""What backups leave behind: repositories on disk, logs, and listings that jobs write for us.

A job may end with ``restic snapshots --json --no-lock >/var/lib/assess/backups/NAME.json`` or
``borg info --json --last 1 >...``: that shows what the repository itself says, also where only root
and its password can look.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from assessor.api import Record

_ZONES_S = 14 * 3600
"""Borg writes local times without their zone, which may be this much ahead of UTC."""


@dataclass(frozen=True, slots=True)
class Success:
    """A backup that was made.

    Attributes:
        source: what shows it: a repository, a log, a listing, a unit.
        tool: the program.
        time: when, in seconds since 1970.
        destinations: where it went, as far as known.
    """

    source: str
    tool: str
    time: int
    destinations: tuple[str, ...] = ()


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
    listed, bad = _listings(found, host)
    return Traces(
        (*successes, *log_successes, *listed),
        tuple(dict.fromkeys(empty)),
        tuple(dict.fromkeys(changes)),
        failures,
        bad,
    )


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


def _listings(found: tuple[Record, ...], host: str) -> tuple[tuple[Success, ...], tuple[str, ...]]:
    """Listings that a job of the machine left: ``restic snapshots --json``, ``borg info --json``.

    Only root may be able to write one, it must be whole, of this machine, and not older than what
    it lists.
    """
    good: list[Success] = []
    bad: list[str] = []
    for head, lines in _grouped(found):
        entry = re.fullmatch(r"([0-9]+) ([0-7]+) ([0-9]+) (/.*)", head)
        if entry is None:
            continue
        path, written = entry[4], int(entry[3])
        success = _listing("\n".join(lines), path, host)
        only_root = entry[1] == "0" and int(entry[2], 8) & 0o022 == 0
        if success is None or not only_root or success.time > written + _ZONES_S:
            bad.append(path)
        else:
            good.append(replace(success, time=min(success.time, written)))
    return tuple(good), tuple(bad)


def _grouped(found: tuple[Record, ...]) -> Iterable[tuple[str, list[str]]]:
    head = ""
    lines: list[str] = []
    for kind, text in found:
        if kind == "listing":
            if head:
                yield head, lines
            head, lines = text, []
        elif kind == "listing_line":
            lines.append(text)
    if head:
        yield head, lines


def _listing(text: str, path: str, host: str) -> Success | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(data, list):
        times = [
            moment
            for item in data
            if isinstance(item, dict)
            and item.get("hostname") == host
            and isinstance(item.get("id"), str)
            and (moment := _moment(item.get("time"))) is not None
        ]
        return Success(path, "restic", max(times)) if times else None
    if isinstance(data, dict) and isinstance(data.get("archives"), list):
        repository = data.get("repository")
        location = repository.get("location") if isinstance(repository, dict) else None
        times = [
            moment
            for item in data["archives"]
            if isinstance(item, dict)
            and item.get("hostname", host) == host
            and (moment := _moment(item.get("end") or item.get("time"))) is not None
        ]
        where = (location,) if isinstance(location, str) else ()
        return Success(path, "borg", max(times), where) if times else None
    return None


def _moment(text: object) -> int | None:
    """An ISO 8601 time as restic (with nanoseconds) and Borg (without zone) write it."""
    if not isinstance(text, str):
        return None
    shortened = re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", text)
    try:
        moment = datetime.fromisoformat(shortened)
    except ValueError:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())

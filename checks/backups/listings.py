"""Listings of backups that a job of the machine left for us, in the JSON of several programs.

A job may end with ``restic snapshots --json --no-lock >/var/lib/assess/backups/NAME.json`` or the
like of Borg, pgBackRest (``info --output=json``), Proxmox Backup (``snapshot list --output-format
json``) or Kopia (``snapshot list --json``): that shows what the repository itself says, also where
only root and its password can look.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from assessor.api import Record

from .success import Success

_ZONES_S = 14 * 3600
"""Borg writes local times without their zone, which may be this much ahead of UTC."""


def read_listings(
    found: tuple[Record, ...], host: str
) -> tuple[tuple[Success, ...], tuple[str, ...]]:
    """The newest backup of each listing, and the listings that cannot be trusted.

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
    if isinstance(data, dict):
        return _borg(data, path, host)
    if not isinstance(data, list):
        return None
    items = [item for item in data if isinstance(item, dict)]
    readers: tuple[tuple[str, Callable[[dict[str, Any], str], Iterable[int | None]]], ...] = (
        ("restic", _restic),
        ("pgbackrest", _pgbackrest),
        ("proxmox-backup-client", _proxmox),
        ("kopia", _kopia),
    )
    for tool, reader in readers:
        times = [time for item in items for time in reader(item, host) if time is not None]
        if times:
            return Success(path, tool, max(times))
    return None


def _borg(data: dict[str, Any], path: str, host: str) -> Success | None:
    archives = data.get("archives")
    repository = data.get("repository")
    location = repository.get("location") if isinstance(repository, dict) else None
    times = [
        moment
        for item in (archives if isinstance(archives, list) else [])
        if isinstance(item, dict)
        and item.get("hostname", host) == host
        and (moment := _moment(item.get("end") or item.get("time"))) is not None
    ]
    where = (location,) if isinstance(location, str) else ()
    return Success(path, "borg", max(times), where) if times else None


def _restic(item: dict[str, Any], host: str) -> Iterable[int | None]:
    if item.get("hostname") == host and isinstance(item.get("id"), str):
        yield _moment(item.get("time"))


def _pgbackrest(item: dict[str, Any], _host: str) -> Iterable[int | None]:
    """A stanza with its backups; a stanza belongs to the cluster of this machine."""
    backups = item.get("backup")
    for backup in backups if isinstance(backups, list) else []:
        times = backup.get("timestamp") if isinstance(backup, dict) else None
        if isinstance(times, dict) and backup.get("error") in (False, None):
            yield _seconds(times.get("stop"))


def _proxmox(item: dict[str, Any], host: str) -> Iterable[int | None]:
    # A snapshot that is not finished has no size.
    if item.get("backup-id") == host and item.get("backup-type") and item.get("size"):
        yield _seconds(item.get("backup-time"))


def _kopia(item: dict[str, Any], host: str) -> Iterable[int | None]:
    source = item.get("source")
    if isinstance(source, dict) and source.get("host") == host and not item.get("incomplete"):
        yield _moment(item.get("endTime"))


def _seconds(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


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

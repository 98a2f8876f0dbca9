"""journald: whether what it records survives a restart, and since when it has it.

Under ``/var/log/journal/MACHINE`` the names of closed files tell when they begin:
``system@ID-SEQ-TIME.journal`` and, for those closed in haste, ``system@TIME-RANDOM.journal~``. TIME
is in microseconds since 1970, in hexadecimal (systemd: src/libsystemd/sd-journal/journal-file.c).
So their age can be read without reading the journal, which is closed to ordinary users.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assessor.api import Record

_DAY = 86_400
_UNITS: Mapping[str, float] = {
    "": 1,
    "s": 1,
    "sec": 1,
    "second": 1,
    "seconds": 1,
    "m": 60,
    "min": 60,
    "minute": 60,
    "minutes": 60,
    "h": 3600,
    "hr": 3600,
    "hour": 3600,
    "hours": 3600,
    "d": _DAY,
    "day": _DAY,
    "days": _DAY,
    "w": 7 * _DAY,
    "week": 7 * _DAY,
    "weeks": 7 * _DAY,
    # systemd.time(7): a month is 30.44 days, a year 365.25 days.
    "M": 30.44 * _DAY,
    "month": 30.44 * _DAY,
    "months": 30.44 * _DAY,
    "y": 365.25 * _DAY,
    "year": 365.25 * _DAY,
    "years": 365.25 * _DAY,
}
_QUIET = ("emerg", "alert", "crit", "err", "warning", "notice", "0", "1", "2", "3", "4", "5")


@dataclass(frozen=True, slots=True)
class Journal:
    """What is known of journald's records.

    Attributes:
        running: journald runs.
        storage: its Storage setting.
        quiet: it leaves out messages of the level at which log-ins are noted.
        on_disk: its file in /var/log/journal is there.
        changed: when that file last changed, in seconds since 1970.
        oldest: when the oldest file begins; ``None`` when that cannot be seen.
        since: when the folder was made; ``None`` when the file system does not tell.
        keep_days: the age at which it deletes records; ``None`` when only size limits them.
        unread: what could not be read.
    """

    running: bool
    storage: str
    quiet: bool
    on_disk: bool
    changed: int
    oldest: int | None
    since: int | None
    keep_days: int | None
    unread: tuple[str, ...]

    @property
    def lasting(self) -> bool:
        """Whether records of log-ins are written to disk."""
        return (
            self.running
            and self.on_disk
            and not self.quiet
            and self.storage in ("auto", "persistent", "")
        )


def read_journal(found: tuple[Record, ...]) -> Journal:
    """Sorts the records of the script that concern journald."""
    settings = _settings(found)
    births: list[int] = []
    closed: list[int] = []
    changed = 0
    on_disk = False
    since = None
    for kind, text in found:
        if kind == "journal_folder":
            since = _time(text)
        elif kind == "journal":
            entry = re.fullmatch(r"(\S+) ([0-9]+) [0-9]+ (\S+)", text)
            if entry is None:
                continue
            start = _start(entry[3])
            if start is not None:
                closed.append(start)
            elif entry[3] == "system.journal":
                on_disk = True
                changed = int(entry[2])
                born = _time(entry[1])
                if born is not None:
                    births.append(born)
    # Without a closed file the open one is all there is, and it was born with its first record.
    return Journal(
        running=("process", "journald") in found,
        storage=settings.get("Storage", "").lower(),
        quiet=settings.get("MaxLevelStore", "").lower() in _QUIET,
        on_disk=on_disk,
        changed=changed,
        oldest=min(closed or births, default=None),
        since=since,
        keep_days=_keep_days(settings.get("MaxRetentionSec", "")),
        unread=tuple(t for k, t in found if k == "unreadable" and "journal" in t),
    )


def _settings(found: tuple[Record, ...]) -> Mapping[str, str]:
    """The settings: drop-ins by file name over the main file; /etc over /run over /usr/lib."""
    files: dict[str, list[str]] = {}
    current: list[str] = []
    for kind, text in found:
        if kind == "journald_file":
            name = "" if text == "/etc/systemd/journald.conf" else text.rpartition("/")[2]
            current = files[name] = []
        elif kind == "journald":
            current.append(text)
    settings: dict[str, str] = {}
    for name in sorted(files):
        for line in files[name]:
            key, _, value = line.partition("=")
            settings[key.strip()] = value.strip()
    return settings


def _start(name: str) -> int | None:
    whole = re.fullmatch(r"system@[0-9a-f]{32}-[0-9a-f]{16}-([0-9a-f]{16})\.journal", name)
    hasty = re.fullmatch(r"system@([0-9a-f]{16})-[0-9a-f]{16}\.journal~", name)
    found = whole or hasty
    return int(found[1], 16) // 1_000_000 if found else None


def _time(text: str) -> int | None:
    return int(text) if text.isdecimal() and int(text) > 0 else None


def _keep_days(text: str) -> int | None:
    """``MaxRetentionSec`` in days; ``None`` for 0, which means no limit, and for the unreadable."""
    seconds = 0.0
    parts = re.findall(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)", text)
    for number, unit in parts:
        if unit not in _UNITS:
            return None
        seconds += float(number) * _UNITS[unit]
    return int(seconds // _DAY) if seconds > 0 else None

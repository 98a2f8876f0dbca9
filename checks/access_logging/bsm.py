"""OpenBSM, the audit trail of macOS: what it records and for how long it keeps that.

``audit_control(5)``: ``flags`` and ``naflags`` name the classes of events, ``lo`` for log-ins and
``all`` for everything; a prefix ``^`` leaves a class out, ``+`` and ``-`` take only what succeeded
or failed. ``expire-after`` is an age, a size, or both joined by AND or OR. The trail's files are
named after the time of their first and last record, in UTC (``auditd(8)``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_UNITS_S = {"s": 1, "h": 3600, "d": 86_400, "y": 365 * 86_400}
_AGE = re.compile(r"([0-9]+)\s*([shdy])")
_EXPIRY = re.compile(r"[0-9]+\s*[shdyBKMG](?:\s+(?:AND|OR)\s+[0-9]+\s*[shdyBKMG])?", re.IGNORECASE)
_HEAD = "==> /etc/security/audit_control <==\n"
_END = "\n==> /dev/null <==\n"
_TRAIL = re.compile(r"([0-9]{14})\.(?:[0-9]{14}|not_terminated|crash_recovery)")


@dataclass(frozen=True, slots=True)
class AuditControl:
    """The settings of the audit trail.

    Attributes:
        log_ins: log-ins are recorded, those that succeed and those that fail.
        expires_days: the age in whole days at which records go at the earliest; ``None`` for no
            limit by age, or where a limit by size may come first.
        may_go_sooner: an upper bound in days, where an age is set beside a size.
    """

    log_ins: bool
    expires_days: int | None
    may_go_sooner: int | None


def read_control(text: str) -> AuditControl | None:
    """Reads ``/etc/security/audit_control``; ``None`` when it is not of the known form.

    ``text`` is what ``tail`` prints of it and of the empty /dev/null: each with a line above it
    that names the file, so that a cut-off answer is told from a whole one.
    """
    if not (text.startswith(_HEAD) and text.endswith(_END)):
        return None
    settings: dict[str, str] = {}
    for line in text.removeprefix(_HEAD).removesuffix(_END).split("\n"):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, colon, value = line.partition(":")
        if not colon or not re.fullmatch(r"[a-z-]+", name):
            return None
        settings.setdefault(name, value.strip())
    expiry = settings.get("expire-after", "")
    if not settings.keys() >= {"dir", "flags"} or not _EXPIRY.fullmatch(expiry):
        return None
    log_ins = _takes_log_ins(settings["flags"])
    ages = [int(number) * _UNITS_S[unit] // 86_400 for number, unit in _AGE.findall(expiry)]
    both = re.search(r"\b(AND|OR)\b", expiry, re.IGNORECASE)
    if not ages:
        return AuditControl(log_ins, None, None)
    if both is None:
        return AuditControl(log_ins, ages[0], None)
    if len(ages) == 2:
        days = min(ages) if both[1].upper() == "OR" else max(ages)
        return AuditControl(log_ins, days, None)
    if both[1].upper() == "AND":
        # Both must be reached: the records stay at least this long.
        return AuditControl(log_ins, ages[0], None)
    return AuditControl(log_ins, None, ages[0])


def _takes_log_ins(flags: str) -> bool:
    succeeded = failed = False
    for flag in re.split(r"[,\s]+", flags):
        shape = re.fullmatch(r"(\^?)([+-]?)(lo|all)", flag)
        if shape is None:
            continue
        taken = not shape[1]
        if shape[2] != "-":
            succeeded = taken
        if shape[2] != "+":
            failed = taken
    return succeeded and failed


def oldest_trail(listing: str) -> int | None:
    """When the oldest file of ``ls /var/audit /var/empty`` begins, in seconds since 1970.

    ``None`` when there is none, or when the file that is being written is not there, or the name of
    the second folder, which is empty and shows that nothing was cut off.
    """
    starts = []
    writing = False
    if not listing.endswith("\n/var/empty:\n"):
        return None
    for name in listing.split("\n"):
        writing = writing or name == "current" or name.endswith(".not_terminated")
        shape = _TRAIL.fullmatch(name)
        if shape is None:
            continue
        try:
            start = datetime.strptime(shape[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            return None
        starts.append(int(start.timestamp()))
    return min(starts, default=None) if writing else None

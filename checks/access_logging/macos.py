"""macOS: the audit trail, where it is on. From macOS 14 on it is off unless someone turns it on.

The unified log holds log-ins as well, but it is limited by size and only administrators may look
into it, so that it shows nothing about how long.
"""

from __future__ import annotations

from datetime import UTC, datetime

from assessor.api import Captures, Message, NotCaptured, Record, records

from .bsm import AuditControl, oldest_trail, read_control
from .clock import read_clock
from .linux import time_of
from .recorder import Logging, Recorder, age_days
from .syslog import SHIPPERS

_DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def observe_macos(captures: Captures) -> Logging | NotCaptured | None:
    """The facts; why there are none; or ``None`` when the answer was not understood."""
    answer = captures.answered("logging")
    if answer is None:
        return captures.gap("logging")
    found = records(answer.stdout)
    now = time_of(found) if found is not None else None
    if found is None or now is None:
        return None
    running = [text for kind, text in found if kind == "process"]
    if "launchd" not in running:
        return None
    first = _login_records_begin(found, now)
    sent_to = tuple(name for name in running if name in SHIPPERS)
    clock = read_clock(captures, (*found, *_time_records(captures)), now)
    days = age_days(first, now) if first is not None else None
    if "auditd" not in running:
        return Logging((), sent_to, clock, days, late_doubts=(Message("unified_log_only"),))
    gap = captures.gap("audit_control", "audit_trail")
    control, oldest = _control(captures), _oldest(captures)
    if gap is not None:
        return Logging((), sent_to, clock, days, gap=gap)
    if control is None or oldest is None:
        return Logging((), sent_to, clock, days, doubts=(Message("audit_not_understood"),))
    if not control.log_ins:
        return Logging((), sent_to, clock, days, late_doubts=(Message("audit_without_log_ins"),))
    return Logging((_recorder(control, oldest, now),), sent_to, clock, days)


def _recorder(control: AuditControl, oldest: int, now: int) -> Recorder:
    oldest_days = age_days(oldest, now)
    if control.may_go_sooner is not None:
        # An age beside a size: the age is the most that can be hoped for.
        return Recorder("auditd", oldest_days, control.may_go_sooner, True, None)
    return Recorder("auditd", oldest_days, control.expires_days, False, None)


def _control(captures: Captures) -> AuditControl | None:
    answer = captures.answered("audit_control")
    if answer is None or answer.exit_status:
        return None
    return read_control(answer.stdout)


def _oldest(captures: Captures) -> int | None:
    answer = captures.answered("audit_trail")
    if answer is None or answer.exit_status:
        return None
    return oldest_trail(answer.stdout)


def _time_records(captures: Captures) -> tuple[Record, ...]:
    """``timed`` always runs; whether it may set the clock is told to administrators only."""
    answer = captures.answered("network_time")
    if answer is None or not answer.stdout.startswith("Network Time:"):
        return (("time_process", "timed"),)
    return (("clock", answer.stdout.strip()),)


def _login_records_begin(found: tuple[Record, ...], now: int) -> int | None:
    """The time of ``wtmp begins Fri Jun 21 15:54``: the last year in which the day's name fits."""
    for kind, text in found:
        words = text.split()
        if kind != "wtmp" or len(words) < 5 or words[1] not in _DAY_NAMES:
            continue
        this_year = datetime.fromtimestamp(now, UTC).year
        for year in range(this_year, this_year - 12, -1):
            try:
                time = datetime.strptime(
                    f"{year} {words[2]} {words[3]} {words[4]} +0000", "%Y %b %d %H:%M %z"
                )
            except ValueError:
                continue
            if time.timestamp() <= now and _DAY_NAMES[time.weekday()] == words[1]:
                return int(time.timestamp())
    return None

"""How often runs are due, and when exactly: pure.

Everything is a pattern of wall-clock times, as crontab(5) has them, at most once an hour. What
systemd and Windows are told is made from it; ``assess`` itself computes with it whether a run is
due, so that one answer holds whoever starts the runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from assessor.errors import UsageError

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAY_NAMES = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_SHORTHANDS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
# 29 February stays away for eight years around a century that is no leap year.
_FARTHEST_DAYS = 366 * 8 + 8
_LAST_DAY = 28  # every month has it
_DAYS_OF_A_WEEK = 7

DEFAULT_AT = "10:00"
"""In the day: at night the workstations are off, and what is off cannot be observed."""
DEFAULT_ON = "tue"
"""Not a Monday (holidays, closed shops), not a day of the month that falls in a weekend."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """The times at which a run is due, on the machine's own clock and in its time zone.

    Attributes:
        said: what :func:`read_cadence` makes it from.
        words: the same for people, as in "every ...".
        minute: of the hour.
        hours: of the day.
        days: of the month; empty for all.
        months: from 1; empty for all.
        weekdays: 0 is Sunday; empty for all.
        both: a day must be in ``days`` and in ``weekdays``; otherwise, as in a crontab that
            names both, one of them is enough.
    """

    said: str
    words: str
    minute: int
    hours: tuple[int, ...]
    days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    both: bool = True

    def before(self, moment: datetime, zone: tzinfo | None = None) -> datetime:
        """The last time at or before ``moment``, in UTC; ``zone`` is the machine's unless said."""
        for day in _days(_wall(moment, zone).date() + timedelta(1), -1):
            for wall in reversed(self._times(day)):
                at = _instant(wall, zone)
                if at <= moment:
                    return at
        raise _never(self.said)

    def after(self, moment: datetime, zone: tzinfo | None = None) -> datetime:
        """The first time after ``moment``, in UTC."""
        for day in _days(_wall(moment, zone).date() - timedelta(1), 1):
            for wall in self._times(day):
                at = _instant(wall, zone)
                if at > moment:
                    return at
        raise _never(self.said)

    def on_calendar(self) -> tuple[str, ...]:
        """The same as systemd writes it (``systemd.time(7)``)."""
        days, months = _spans(self.days), _spans(self.months)
        hours = _spans(self.hours) if len(self.hours) < 24 else "*"
        names = ",".join(WEEKDAYS[day].capitalize() for day in self.weekdays)
        clock = f"{hours}:{self.minute:02}:00"
        if self.days and self.weekdays and not self.both:
            return (f"*-{months}-{days} {clock}", f"{names} *-{months}-* {clock}")
        return (f"{names} *-{months}-{days} {clock}".lstrip(),)

    def _times(self, day: date) -> list[datetime]:
        if not self._on(day):
            return []
        return [datetime.combine(day, time(hour, self.minute)) for hour in self.hours]

    def _on(self, day: date) -> bool:
        if self.months and day.month not in self.months:
            return False
        by_day = not self.days or day.day in self.days
        by_weekday = not self.weekdays or day.isoweekday() % 7 in self.weekdays
        if self.days and self.weekdays and not self.both:
            return by_day or by_weekday
        return by_day and by_weekday


def monthly(on: str = DEFAULT_ON, at: str = DEFAULT_AT) -> Cadence:
    """Once a month: on a day of the month up to 28, or on the first such weekday.

    Raises:
        UsageError: there is no such day or time.
    """
    clock = _clock(at)
    said, when, hours = f"monthly {on} {clock:%H:%M}", f"at {clock:%H:%M}", (clock.hour,)
    if on in WEEKDAYS:
        day = WEEKDAYS.index(on)
        words = f"month on the first {_WEEKDAY_NAMES[day]} {when}"
        first = tuple(range(1, 1 + _DAYS_OF_A_WEEK))
        return Cadence(said, words, clock.minute, hours, days=first, weekdays=(day,))
    if not on.isdecimal() or not 1 <= int(on) <= _LAST_DAY:
        raise UsageError(
            f"--on {on}: no day of every month",
            mend=f"a number from 1 to {_LAST_DAY}, or a weekday: {', '.join(WEEKDAYS)}",
        )
    return Cadence(said, f"month on day {int(on)} {when}", clock.minute, hours, days=(int(on),))


def weekly(on: str = DEFAULT_ON, at: str = DEFAULT_AT) -> Cadence:
    """Once a week; raises ``UsageError`` where there is no such day or time."""
    clock = _clock(at)
    if on not in WEEKDAYS:
        raise UsageError(f"--on {on}: no weekday", mend=f"one of {', '.join(WEEKDAYS)}")
    day = WEEKDAYS.index(on)
    words = f"{_WEEKDAY_NAMES[day]} at {clock:%H:%M}"
    said = f"weekly {on} {clock:%H:%M}"
    return Cadence(said, words, clock.minute, (clock.hour,), weekdays=(day,))


def cron(text: str) -> Cadence:
    """What five fields of a crontab say.

    Raises:
        UsageError: they are none, never come, or come more than once an hour.
    """
    fields = _SHORTHANDS.get(text.strip().lower(), text).lower().split()
    if len(fields) != len(_FIELDS):
        raise UsageError(
            f"--cron {text!r}: not five fields",
            mend="minute, hour, day of the month, month, weekday; such as '0 10 1 * *'",
        )
    minutes, hours, days, months, weekdays = (
        _field(word, *rule) for word, rule in zip(fields, _FIELDS, strict=True)
    )
    if len(minutes) != 1:
        raise UsageError(
            f"--cron {text!r}: more than once an hour", mend="give one minute, such as 0"
        )
    cadence = Cadence(
        said="cron " + " ".join(fields),
        words=f"time of the crontab's {' '.join(fields)!r}",
        minute=minutes[0],
        hours=hours,
        days=() if fields[2] == "*" else days,
        months=() if fields[3] == "*" else months,
        # Sunday is 0 and 7.
        weekdays=() if fields[4] == "*" else tuple(sorted({day % 7 for day in weekdays})),
        both=fields[2].startswith("*") or fields[4].startswith("*"),
    )
    cadence.after(datetime(2026, 1, 1, tzinfo=UTC), UTC)  # raises where it never comes
    return cadence


def read_cadence(said: str) -> Cadence:
    """The cadence whose ``said`` this is; raises ``UsageError``."""
    match said.split(" ", 1):
        case ["cron", fields]:
            return cron(fields)
        case [kind, rest] if len(words := rest.split()) == 2 and kind in {"monthly", "weekly"}:
            return monthly(*words) if kind == "monthly" else weekly(*words)
    raise UsageError(f"{said!r} is no cadence")


_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day", 1, 31, ()),
    ("month", 1, 12, ("", *MONTHS)),
    ("weekday", 0, 7, WEEKDAYS),
)


def _field(text: str, name: str, low: int, high: int, names: tuple[str, ...]) -> tuple[int, ...]:
    """One field: lists of numbers or names, ranges, ``*``, each with a step."""

    def number(word: str) -> int:
        if word and word in names:
            return names.index(word)
        if word.isdecimal() and word.isascii() and len(word) <= 2 and low <= int(word) <= high:
            return int(word)
        raise UsageError(f"--cron: {text!r} is no {name}", mend=f"{low} to {high}, lists, a-b, */n")

    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        begin, end = (low, high) if span == "*" else (number(first), number(last or first))
        if slash and not dash and span != "*":
            end = high
        every = int(step) if step.isdecimal() and step.isascii() else 1
        wrong_step = bool(slash) and (not step.isdecimal() or not 1 <= every <= high)
        if begin > end or wrong_step or (dash and not last):
            number("")
        found.update(range(begin, end + 1, every))
    return tuple(sorted(found))


def _clock(text: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        raise UsageError(f"--at {text}: no time of day", mend="such as --at 10:00") from None


def _spans(numbers: Iterable[int]) -> str:
    """``01,03..07``; ``*`` for none."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][-1] == number - 1:
            spans[-1][1:] = [number]
        else:
            spans.append([number])
    return ",".join("..".join(f"{number:02}" for number in span) for span in spans) or "*"


def _never(said: str) -> UsageError:
    return UsageError(f"{said!r} never comes", mend="a day that exists, such as 28 February")


def _days(start: date, step: int) -> Iterator[date]:
    return (start + timedelta(step * count) for count in range(_FARTHEST_DAYS))


def _wall(moment: datetime, zone: tzinfo | None) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _instant(wall: datetime, zone: tzinfo | None) -> datetime:
    """The moment of a wall-clock time; one that a change of the clock skips comes after it."""
    return (wall.replace(tzinfo=zone) if zone else wall).astimezone(UTC)

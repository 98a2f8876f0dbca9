"""When Windows was last updated: the agent's history, the event log and the list of hot fixes.

Microsoft publishes security updates for every supported Windows on the second Tuesday of each
month, and each is cumulative. So whoever installed nothing since such a day misses at least one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from assessor.api import read_cim, read_object

ARTICLE = re.compile(r"\bKB(\d{6,8})\b")
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2]) ")
BUILD = re.compile(r"\((\d{5})\.(\d{1,6})\)")
OTHER = frozenset(
    {"890830", "2267602", "915597", "4052623", "5007651"}  # against malware, and its platform
    | {"5072653", "5126256"}  # licences for ESU, which come to every Windows 10
)
CUMULATIVE = "umulati"
"""In the word for a cumulative update in most languages, Dutch and English among them. It only ever
speaks for an update; where it is missing, nothing is concluded."""
SLASHED = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?!\d)")
FILETIME = re.compile(r"[0-9a-f]{16}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Install:
    """An update of Windows that was installed.

    Attributes:
        article: the digits of its KB number.
        on: the day, in UTC.
        month: the first day of the month that its title names; ``None`` where it names none.
        revision: of the build, as its title names it; ``None`` where it names none.
        cumulative: it is a cumulative update of this Windows.
    """

    article: str
    on: date
    month: date | None
    revision: int | None
    cumulative: bool


def install(title: str, at: datetime, build: int) -> Install | None:
    """What a title says; ``None`` for what is no update of Windows, such as virus signatures."""
    article = ARTICLE.search(title)
    if article is None or article[1] in OTHER:
        return None
    month, number = MONTH.match(title), BUILD.search(title)
    named = CUMULATIVE in title.lower() and "windows" in title.lower()
    own = named if number is None else int(number[1]) == build
    return Install(
        article[1],
        at.date(),
        date(int(month[1]), int(month[2]), 1) if month is not None else None,
        int(number[2]) if number is not None else None,
        own and ".net" not in title.lower(),
    )


def read_events(text: str, build: int) -> tuple[Install, ...]:
    """The updates in the event log; raises ``UnparsedError``."""
    rows = read_object(text).rows("installs")
    found = (install(row.text("title"), row.moment("date"), build) for row in rows)
    return tuple(one for one in found if one is not None)


@dataclass(frozen=True, slots=True)
class Fixes:
    """The hot fixes that are installed.

    Attributes:
        articles: the digits of their KB numbers.
        days: for each day of installation the earliest and the latest that it may be.
        undated: how many have no day that can be read.
    """

    articles: frozenset[str]
    days: tuple[tuple[date, date], ...]
    undated: int


def read_fixes(text: str, today: date) -> Fixes:
    """The installed hot fixes; raises ``UnparsedError``.

    ``InstalledOn`` is text. Windows mostly writes month/day/year, but not for sure in every
    language (kbupdate, issue 167), and once wrote 16 hexadecimal digits of a FILETIME.
    """
    articles, days, undated = set(), [], 0
    for row in read_cim(text).rows:
        articles.add(row.text("HotFixID").upper().removeprefix("KB"))
        read = _days(row.optional_text("InstalledOn") or "", today)
        if read:
            days.append((min(read), max(read)))
        else:
            undated += 1
    return Fixes(frozenset(articles), tuple(days), undated)


def _days(text: str, today: date) -> list[date]:
    slashed = SLASHED.match(text.strip())
    if slashed is not None:
        one, other, year = (int(part) for part in slashed.groups())
        days = [_day(year, one, other), _day(year, other, one)]
        return [day for day in days if day is not None and day <= today + timedelta(days=1)]
    if FILETIME.fullmatch(text.strip()):
        since = int(text, 16) // (864 * 10**9)  # in units of 100 ns since 1601
        day = date(1601, 1, 1).toordinal() + since
        known = date(2000, 1, 1).toordinal() < day <= today.toordinal()
        return [date.fromordinal(day)] if known else []
    return []


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def second_tuesday(year: int, month: int) -> date:
    """The day of the month on which Microsoft publishes."""
    first = date(year, month, 1)
    return first + timedelta(days=(1 - first.weekday()) % 7 + 7)


def due_since(today: date, limit: int) -> date:
    """The last day of publication whose updates should be in place by now."""
    day = second_tuesday(today.year, today.month)
    while day + timedelta(days=limit) >= today:
        before = day.replace(day=1) - timedelta(days=1)
        day = second_tuesday(before.year, before.month)
    return day


@dataclass(frozen=True, slots=True)
class Present:
    """What of an update shows that it is still in place.

    Attributes:
        revision: of the running Windows.
        articles: of the installed hot fixes; ``None`` where they could not be seen.
        direct: updates come from Microsoft without delay, who then offers nothing older.
    """

    revision: int
    articles: frozenset[str] | None
    direct: bool


def in_place(installs: Iterable[Install], due: date, present: Present) -> Install | None:
    """The cumulative update which shows that what was published on ``due`` is in place.

    Its title names that month or a later one; or it names none, and was installed after that day.
    """
    for one in sorted(installs, key=lambda install: install.on, reverse=True):
        if one.revision is not None:
            still = one.revision <= present.revision
        else:
            still = present.articles is None or one.article in present.articles
        if one.month is not None:
            fresh = one.month >= due.replace(day=1) and one.on >= due
        else:
            fresh = present.direct and one.on > due
        if one.cumulative and still and fresh:
            return one
    return None

"""What a place holds, by the day of each thing, or why that was not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

_FIRST = date(1985, 1, 1)
"""Days before this one are no dates but what stands where a date was lost: 1970-01-01 (nothing),
1980-01-01 (an archive's nothing), 0000-00-00."""
_AHEAD = timedelta(days=2)


class Kind(StrEnum):
    """What a place is."""

    FOLDER = "folder"
    MBOX = "mbox"
    LOG = "log"
    TABLE = "table"


class Trouble(StrEnum):
    """Why it cannot be told how old the things in a place are. The values are message ids."""

    MISSING = "missing"
    CLOSED = "closed"
    CLOSED_FILE = "closed_file"
    NO_PLACE = "no_place"
    PARTLY = "partly"
    TOO_MANY = "too_many"
    UNDATED = "undated"
    NO_DATES = "no_dates"
    NOT_INSTALLED = "not_installed"
    NO_SUCH_COLUMN = "no_such_column"
    TOO_OLD = "too_old"
    REFUSED = "refused"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True)
class Held:
    """What was seen of a place.

    Attributes:
        kind: what it is; ``None`` when not even that was seen.
        days: the number of things by their day. Of a log and a table only the oldest.
        items: how many things it holds, files of a log; ``None`` when not seen.
        trouble: why what was seen is not all; ``None`` when it is.
        links: links to elsewhere in a folder, which were not followed.
        undated: things whose day is no day that can be.
    """

    kind: Kind | None = None
    days: Mapping[date, int] = field(default_factory=dict)
    items: int | None = None
    trouble: Trouble | None = None
    links: int = 0
    undated: int = 0

    @property
    def oldest(self) -> date | None:
        """The day of the oldest thing that has one."""
        return min(self.days, default=None)


def held(
    kind: Kind,
    days: Mapping[date | None, int],
    today: date,
    *,
    trouble: Trouble | None = None,
    items: int | None = None,
    links: int = 0,
    undated: int = 0,
) -> Held:
    """What a place holds; days that cannot be are told from those that can."""
    real = {
        day: count
        for day, count in days.items()
        if day is not None and _FIRST <= day <= today + _AHEAD
    }
    undated += sum(days.values()) - sum(real.values())
    if trouble is None and undated:
        trouble = Trouble.UNDATED
    if items is None:
        items = sum(days.values())
    return Held(kind, real, items, trouble, links, undated)


def day(year: int, month: int, number: int) -> date | None:
    """The day, or ``None`` where there is no such day."""
    try:
        return date(year, month, number)
    except ValueError:
        return None

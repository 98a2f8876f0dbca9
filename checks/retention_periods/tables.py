"""Reads what PostgreSQL and MySQL say of a column with dates."""

from __future__ import annotations

import re
from datetime import date

from assessor.api import Captured

from .held import Held, Kind, Trouble, day, held

_SAID = re.compile(r"rows (\d{1,18}) undated (\d{1,18}) oldest (\S{1,10}) end", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_NOT_INSTALLED = 127
_COMPLAINTS = (
    ("unrecognized configuration parameter", Trouble.TOO_OLD),
    ("does not exist", Trouble.NO_SUCH_COLUMN),
    ("Unknown column", Trouble.NO_SUCH_COLUMN),
    ("access to non-system", Trouble.NO_SUCH_COLUMN),
    ("statement timeout", Trouble.TOO_MANY),
    ("maximum statement execution time", Trouble.TOO_MANY),
)


def read_table(answer: Captured, today: date) -> Held:
    """What a table holds by its column, or why that was not seen."""
    if answer.exit_status == _NOT_INSTALLED or "user postgres does not exist" in answer.stderr:
        return Held(trouble=Trouble.NOT_INSTALLED)
    if answer.exit_status:
        for complaint, trouble in _COMPLAINTS:
            if complaint in answer.stderr:
                return Held(trouble=trouble)
        return Held(trouble=Trouble.REFUSED)
    if answer.stdout.strip("\n") == "no table end":
        return Held(trouble=Trouble.NO_SUCH_COLUMN)
    match = _SAID.fullmatch(answer.stdout.strip("\n"))
    if match is None or not answer.whole:
        return Held(trouble=Trouble.NOT_UNDERSTOOD)
    rows, undated = int(match[1]), int(match[2])
    if undated > rows:
        return Held(trouble=Trouble.NOT_UNDERSTOOD)
    if rows == undated:
        return held(Kind.TABLE, {}, today, items=rows, undated=undated)
    oldest = _DATE.fullmatch(match[3])
    if oldest is None:
        return Held(Kind.TABLE, items=rows, trouble=Trouble.NO_DATES)
    return held(
        Kind.TABLE, {day(*map(int, oldest.groups())): 1}, today, items=rows, undated=undated
    )

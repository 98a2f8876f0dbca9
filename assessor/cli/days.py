"""Days as people type and read them."""

from __future__ import annotations

import re
from datetime import date

from assessor.errors import UsageError
from assessor.model.language import Language

_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")


def read_day(text: str) -> date:
    """The day ``text``: 2026-11-24, or day first as in 24-11-2026.

    Raises:
        UsageError: it is no day.
    """
    typed = text.strip()
    try:
        if day_first := _DAY_FIRST.fullmatch(typed):
            day, month, year = map(int, day_first.groups())
            return date(year, month, day)
        return date.fromisoformat(typed)
    except ValueError:
        raise UsageError(
            f"{text!r} is no day", mend="write it as 2026-11-24 or 24-11-2026"
        ) from None


def show_day(day: date, language: Language) -> str:
    """``day`` in figures, as the language writes it."""
    return f"{day:%d-%m-%Y}" if language is Language.NL else day.isoformat()

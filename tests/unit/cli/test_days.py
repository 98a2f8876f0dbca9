"""Days as people type them."""

from __future__ import annotations

from datetime import date

import pytest

from assessor.cli.days import read_day, show_day
from assessor.errors import UsageError
from assessor.model.language import Language

DAY = date(2026, 3, 1)


@pytest.mark.parametrize("typed", ["2026-03-01", " 1-3-2026 ", "01/03/2026", "1.3.2026"])
def test_a_day(typed: str) -> None:
    assert read_day(typed) == DAY


@pytest.mark.parametrize("typed", ["", "1-3-26", "31-2-2026", "3/31/2026", "tomorrow", "0-0-0000"])
def test_no_day(typed: str) -> None:
    with pytest.raises(UsageError, match="is no day"):
        read_day(typed)


def test_shown_as_the_language_writes_it() -> None:
    assert show_day(DAY, Language.NL) == "01-03-2026"
    assert show_day(DAY, Language.EN) == "2026-03-01"
    assert all(read_day(show_day(DAY, language)) == DAY for language in Language)

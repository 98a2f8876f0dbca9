"""Sentences with values in them, the way a language writes them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal

from assessor.model.facts import NO_FACTS, Fact, Facts
from assessor.report.clean import cut, visible
from assessor.report.texts import ReportTexts

_LOCALES = {"nl": "nl_NL", "nl-BE": "nl_BE", "en": "en_GB"}
_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")

MISSING = "…"
MAX_TEXT = 300
TOO_LARGE = 10**20
"""Numbers from here on mean nothing to a reader, and Python may refuse to write them."""
MAX_ITEMS = 8


class Phrases:
    """Fills in texts for one language. Everything it puts into a text is visible and bounded."""

    def __init__(self, texts: ReportTexts) -> None:
        self.texts = texts
        self._locale = Locale.parse(_LOCALES[texts.tag])
        self._moments: dict[datetime, str] = {}
        self._decimals: dict[tuple[float, str], str] = {}

    def text(self, key: str, facts: Facts = NO_FACTS) -> str:
        """The report's own text ``key`` with ``facts`` filled in."""
        return self.fill(self.texts[key], facts)

    def count(self, key: str, number: int, facts: Facts = NO_FACTS) -> str:
        """The text ``key.one`` or ``key.other``, as ``number`` asks; ``{n}`` is the number."""
        form = self._locale.plural_form(number)
        return self.fill(self.texts[f"{key}.{form}"], {"n": number, **facts})

    def fill(self, template: str, facts: Facts) -> str:
        """``template`` with each ``{name}`` replaced by the fact of that name.

        Nothing but the name is looked at: no attributes, no indexes, no format letters. What a
        fact holds is never filled in again.
        """
        return _PLACE.sub(
            lambda match: self.value(facts[match[1]]) if match[1] in facts else MISSING, template
        )

    def value(self, fact: Fact) -> str:
        """One fact, as the language writes it; an absent value shows as an ellipsis."""
        match fact:
            case None:
                return MISSING
            case bool():
                return self.texts["value.yes" if fact else "value.no"]
            case int():
                # no thousands separator: it may be a port, a year or an id
                return str(fact) if abs(fact) < TOO_LARGE else MISSING
            case float():
                if not abs(fact) < TOO_LARGE:  # nor NaN
                    return MISSING
                return str(format_decimal(fact + 0.0, format="0.###", locale=self._locale))
            case str():
                return self._when(fact) or visible(cut(fact, MAX_TEXT)) or MISSING
            case tuple():
                return self.join(self.value(item) for item in fact)

    def join(self, items: Iterable[str], limit: int = MAX_ITEMS) -> str:
        """``a, b and c``; more than ``limit`` items are counted instead of named."""
        named = [visible(cut(item, MAX_TEXT)) for item in items]
        if not named:
            return self.texts["value.empty"]
        if len(named) > limit:
            rest = len(named) - limit + 1
            named = [*named[: limit - 1], self.count("value.more", rest)]
        return str(format_list(named, style="standard", locale=self._locale))

    def day(self, moment: date) -> str:
        """A date in words, such as ``24 november 2026``."""
        return str(format_date(moment, "long", locale=self._locale))

    def month(self, year: int, month: int) -> str:
        """A month in words, such as ``november 2026``."""
        return str(format_date(date(year, month, 1), "LLLL y", locale=self._locale))

    def month_short(self, year: int, month: int) -> str:
        """A month as short as it is written, such as ``nov``, without its year."""
        return str(format_date(date(year, month, 1), "LLL", locale=self._locale)).rstrip(".")

    def moment(self, moment: datetime) -> str:
        """A date and time in UTC, to the minute."""
        minute = moment.astimezone(UTC).replace(second=0, microsecond=0)
        if minute not in self._moments:
            shown = format_datetime(minute, "d MMMM y, HH:mm", locale=self._locale)
            self._moments[minute] = f"{shown} UTC"
        return self._moments[minute]

    def seconds(self, duration: float) -> str:
        """A duration, such as ``0,12 s``."""
        return f"{self._decimal(round(duration, 2), '0.00')} s"

    def whole(self, number: int) -> str:
        """A count that is surely a count, with the language's thousands separator."""
        return self._decimal(number, "#,##0")

    def _decimal(self, number: float, form: str) -> str:
        """Kept, because a report writes the same few numbers thousands of times."""
        if (number, form) not in self._decimals:
            shown = format_decimal(number, format=form, locale=self._locale)
            self._decimals[number, form] = str(shown)
        return self._decimals[number, form]

    def _when(self, fact: str) -> str | None:
        try:
            if _DAY.fullmatch(fact):
                return self.day(date.fromisoformat(fact))
            if _MOMENT.fullmatch(fact):
                return self.moment(datetime.fromisoformat(fact))
        except (ValueError, OverflowError):
            return None
        return None

"""Reads conditions and intervals from a claim: how often, how long, how soon, where.

What the checks then test: ``{"password-rotation": {"interval_days": 92}}``. Times are rounded up to
whole days (``interval_days``, ``max_days``, ``within_days``), hours (``within_hours``) or minutes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assessor.model.statement import Parameter
from assessor.statement.lexicon import Lexicon
from assessor.statement.words import Word, words

_HOURS_A_DAY = 24
_MINUTES_A_DAY = 24 * 60
_UNION = "EEA"
_TLS_VERSION = re.compile(r"\bTLS[ v-]{0,2}(1\.[0-3])(?!\d)", re.I)
# How far before a unit its number may stand ("2 full years"), and "times" before "per".
_REACH = 2
# Counts that no statement means: years of birth, article numbers.
_MOST_DAYS = 366 * 200


@dataclass(frozen=True, slots=True)
class _Times:
    """The spans of time of a sentence, in days: those that last, and those that come back."""

    spans: tuple[float, ...]
    intervals: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    words: Sequence[Word]
    times: _Times
    lexicon: Lexicon


def parameters_of(
    quote: str, measures: Sequence[str], lexicon: Lexicon
) -> dict[str, dict[str, Parameter]]:
    """The parameters of each of ``measures`` that the quoted words give any for."""
    readers = {m: _READERS[m] for m in measures if m in _READERS}
    if not readers:
        return {}
    found = words(quote)
    sentence = _Sentence(quote, found, _times(found, lexicon), lexicon)
    parameters = {measure: read(sentence) for measure, read in readers.items()}
    return {measure: values for measure, values in parameters.items() if values}


def _times(found: Sequence[Word], lexicon: Lexicon) -> _Times:
    spans: list[float] = []
    intervals: list[float] = []
    time = lexicon.time
    for place, word in enumerate(found):
        before = [w.form for w in found[max(0, place - 1 - _REACH) : place]]
        days = time.intervals.get(word.form)
        if days is not None:
            count = _number(before[-1], lexicon) if before else None
            intervals.append(days * (count or 1))
            continue
        glued = re.fullmatch(r"(\d{1,3})([^\W\d_]{3,30})", word.form)  # "3-maandelijks"
        if glued and glued.group(2) in time.intervals:
            intervals.append(int(glued.group(1)) * time.intervals[glued.group(2)])
            continue
        unit = time.units.get(word.form)
        if unit is None:
            continue
        returning, days = _span(before, unit, lexicon)
        if days is not None and days <= _MOST_DAYS:
            (intervals if returning else spans).append(days)
    return _Times(tuple(spans), tuple(intervals))


def _span(before: Sequence[str], unit: float, lexicon: Lexicon) -> tuple[bool, float | None]:
    """Whether the span that ends in this unit comes back, and its length in days."""
    time = lexicon.time
    returning = any(w in time.every for w in before)
    counts = [n for w in before if (n := _number(w, lexicon)) is not None]
    if counts and any(w in time.times for w in before):
        return True, unit / counts[-1] if counts[-1] else None
    if counts:
        return returning, counts[-1] * unit
    return returning, unit if returning else None


def _number(word: str, lexicon: Lexicon) -> float | None:
    if word.isascii() and word.isdigit() and len(word) <= 4:
        return float(word)
    return lexicon.time.numbers.get(word)


def _interval(sentence: _Sentence) -> dict[str, Parameter]:
    intervals = sentence.times.intervals
    return {"interval_days": math.ceil(min(intervals))} if intervals else {}


def _interval_or_span(sentence: _Sentence) -> dict[str, Parameter]:
    found = sentence.times.intervals or sentence.times.spans
    return {"interval_days": math.ceil(min(found))} if found else {}


def _longest(sentence: _Sentence) -> dict[str, Parameter]:
    spans = sentence.times.spans
    return {"max_days": math.ceil(max(spans))} if spans else {}


def _within_hours(sentence: _Sentence) -> dict[str, Parameter]:
    spans = sentence.times.spans
    return {"within_hours": math.ceil(round(min(spans) * _HOURS_A_DAY, 2))} if spans else {}


def _patching(sentence: _Sentence) -> dict[str, Parameter]:
    spans = sentence.times.spans
    within: dict[str, Parameter] = {"within_days": math.ceil(min(spans))} if spans else {}
    return {**_interval(sentence), **within}


def _after_minutes(sentence: _Sentence) -> dict[str, Parameter]:
    spans = sentence.times.spans
    return {"after_minutes": math.ceil(round(min(spans) * _MINUTES_A_DAY, 2))} if spans else {}


def _length(sentence: _Sentence) -> dict[str, Parameter]:
    for place, word in enumerate(sentence.words):
        if word.form in sentence.lexicon.characters:
            for earlier in reversed(sentence.words[max(0, place - 1 - _REACH) : place]):
                count = _number(earlier.form, sentence.lexicon)
                if count is not None:
                    return {"min_length": int(count)}
    return {}


def _region(sentence: _Sentence) -> dict[str, Parameter]:
    regions = sentence.lexicon.regions
    found = dict.fromkeys(regions[w.form] for w in sentence.words if w.form in regions)
    countries = [code for code in found if code != _UNION]
    if len(countries) == 1:
        return {"region": countries[0]}
    return {"region": _UNION} if found else {}


def _tls_version(sentence: _Sentence) -> dict[str, Parameter]:
    versions = _TLS_VERSION.findall(sentence.text)
    return {"min_version": min(versions)} if versions else {}


_READERS: dict[str, Callable[[_Sentence], dict[str, Parameter]]] = {
    "password-rotation": _interval_or_span,
    "password-policy": _length,
    "screen-lock": _after_minutes,
    "tls": _tls_version,
    "backup": _interval,
    "offsite-backup": _interval,
    "restore-test": _interval,
    "penetration-testing": _interval,
    "awareness-training": _interval,
    "authorisation-register": _interval,
    "patching": _patching,
    "retention": _longest,
    "breach-notification": _within_hours,
    "data-location": _region,
}

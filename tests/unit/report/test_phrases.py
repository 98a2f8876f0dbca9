"""Values in sentences, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.model.facts import Fact
from assessor.model.language import Language
from assessor.report.phrases import MISSING, Phrases
from assessor.report.texts import ReportTexts


@pytest.fixture
def dutch(texts: Mapping[Language, ReportTexts]) -> Phrases:
    return Phrases(texts[Language.NL])


@pytest.fixture
def english(texts: Mapping[Language, ReportTexts]) -> Phrases:
    return Phrases(texts[Language.EN])


@pytest.mark.parametrize(
    ("fact", "nl", "en"),
    [
        (True, "ja", "yes"),
        (False, "nee", "no"),
        (None, MISSING, MISSING),
        ("", MISSING, MISSING),
        (51820, "51820", "51820"),
        (1.5, "1,5", "1.5"),
        (-0.0, "0", "0"),
        (float("nan"), MISSING, MISSING),
        (1e300, MISSING, MISSING),
        (10**100, MISSING, MISSING),
        ("2026-11-24", "24 november 2026", "24 November 2026"),
        ("2026-11-24T02:14:00Z", "24 november 2026, 02:14 UTC", "24 November 2026, 02:14 UTC"),
        ("2026-11-24T02:14:00+02:00", "24 november 2026, 00:14 UTC",
         "24 November 2026, 00:14 UTC"),
        ("2026-13-45", "2026-13-45", "2026-13-45"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        (("a",), "a", "a"),
        (("a", "b", "c"), "a, b en c", "a, b and c"),
        ((), "geen", "none"),
        (tuple("abcdefghij"), "a, b, c, d, e, f, g en nog 3", "a, b, c, d, e, f, g and 3 more"),
    ],
)  # fmt: skip
def test_values_are_written_as_the_language_does(
    dutch: Phrases, english: Phrases, fact: Fact, nl: str, en: str
) -> None:
    assert dutch.value(fact) == nl
    assert english.value(fact) == en


def test_facts_fill_in_and_missing_ones_show_as_an_ellipsis(dutch: Phrases) -> None:
    assert dutch.fill("{a} en {b}.", {"a": ("x", "y")}) == "x en y en …."


@pytest.mark.parametrize(
    "template",
    ["{a.__class__}", "{a[0]}", "{a!r}", "{a:>100}", "{0}", "{}", "{{ a }}", "{a", "%(a)s"],
)
def test_nothing_but_a_plain_name_is_filled_in(dutch: Phrases, template: str) -> None:
    assert dutch.fill(template, {"a": "secret"}) == template


def test_what_a_fact_holds_is_not_filled_in_again(dutch: Phrases) -> None:
    assert dutch.fill("{a}", {"a": "{b}", "b": "secret"}) == "{b}"


def test_a_fact_is_bounded(dutch: Phrases) -> None:
    assert len(dutch.fill("{a}", {"a": "x" * 100_000})) < 400
    assert len(dutch.value(tuple("y" * 1000 for _ in range(1000)))) < 4000


def test_counts_choose_their_form(dutch: Phrases) -> None:
    assert dutch.count("whole.claims", 1) == "1 belofte"
    assert dutch.count("whole.claims", 12) == "12 beloften"


def test_dates_numbers_and_durations(dutch: Phrases, english: Phrases) -> None:
    moment = datetime(2026, 3, 1, 8, 5, 59, tzinfo=UTC)

    assert dutch.day(date(2026, 3, 1)) == "1 maart 2026"
    assert english.moment(moment) == "1 March 2026, 08:05 UTC"
    assert dutch.whole(48210) == "48.210"
    assert dutch.seconds(0.124) == "0,12 s"


@settings(deadline=None)  # a busy machine is no fault
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
        lambda inner: st.lists(inner, max_size=4).map(tuple),
        max_leaves=8,
    )
)
def test_any_fact_can_be_shown(texts: Mapping[Language, ReportTexts], fact: Fact) -> None:
    assert Phrases(texts[Language.NL]).value(fact)

"""Promises are recognised from month to month, and shown as bars."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.history.promises import matched, normal, promises
from assessor.history.records import MeasureRow, RunSummary
from assessor.history.trend import BARS, LETTERS, Trend, bar, months, share_shown, shown_bar, trends
from assessor.model.statement import Verdict
from assessor.statement import decisions
from tests.unit.history.rows import BROKEN, KEPT, PARTLY, UNPROVEN, claims, reworded, run

DAILY = "Wij maken elke dag een reservekopie van alle gegevens."
NIGHTLY = "Wij maken elke nacht een reservekopie van alle gegevens."
LOCKED = "De serverruimte is altijd op slot."


def month(number: int, *told: tuple[str, Verdict], year: int = 2026) -> RunSummary:
    return run(datetime(year, number, 3, 9, tzinfo=UTC), claims=claims(*told)).summary


def told(found: Trend) -> list[tuple[int, Verdict]]:
    return [(point.at.month, point.verdict) for point in found.points]


def test_a_promise_is_followed_while_its_words_stay() -> None:
    runs = [
        month(1, (DAILY, KEPT), (LOCKED, KEPT)),
        month(2, (LOCKED, BROKEN), (DAILY.upper().replace(" ", "\n "), KEPT)),
    ]
    locked, daily = trends(runs, reworded)
    assert (told(daily), told(locked)) == ([(1, KEPT), (2, KEPT)], [(1, KEPT), (2, BROKEN)])
    assert daily.text == " ".join(DAILY.upper().split())


def test_a_reworded_promise_goes_on_and_another_one_does_not() -> None:
    runs = [month(1, (DAILY, KEPT)), month(2, (NIGHTLY, PARTLY)), month(3, (LOCKED, KEPT))]
    locked, nightly = trends(runs, reworded)
    assert told(locked) == [(3, KEPT)]
    assert (told(nightly), nightly.text, nightly.current) == (
        [(1, KEPT), (2, PARTLY)],
        NIGHTLY,
        False,
    )


def test_the_same_sentence_twice_is_two_promises() -> None:
    runs = [month(1, (DAILY, KEPT), (DAILY, BROKEN)), month(2, (DAILY, KEPT), (DAILY, UNPROVEN))]
    assert [told(each) for each in trends(runs, reworded)] == [
        [(1, KEPT), (2, KEPT)],
        [(1, BROKEN), (2, UNPROVEN)],
    ]


def test_a_promise_that_comes_back_goes_on_where_it_was() -> None:
    runs = [
        month(1, (DAILY, KEPT)),
        month(2, (NIGHTLY, KEPT)),
        month(3, (LOCKED, KEPT)),
        month(4, (NIGHTLY, BROKEN)),
    ]
    (nightly, locked) = trends(runs, reworded)
    assert told(nightly) == [(1, KEPT), (2, KEPT), (4, BROKEN)]
    assert (locked.text, locked.current) == (LOCKED, False)


def test_old_words_go_before_rewording() -> None:
    """The first sentence comes back next to the one that it was changed into."""
    runs = [
        month(1, (DAILY, KEPT), (LOCKED, KEPT)),
        month(2, (LOCKED, KEPT)),
        month(3, (NIGHTLY, KEPT), (LOCKED, KEPT)),
        month(4, (DAILY, BROKEN), (LOCKED, KEPT)),
    ]
    daily, locked, nightly = trends(runs, reworded)
    assert told(daily) == [(1, KEPT), (4, BROKEN)]
    assert (len(told(locked)), told(nightly)) == (4, [(3, KEPT)])


@settings(deadline=None)
@given(
    st.lists(
        st.lists(
            st.tuples(st.sampled_from([DAILY, NIGHTLY, LOCKED, "X"]), st.sampled_from(Verdict)),
            max_size=5,
        ),
        min_size=1,
        max_size=8,
    )
)
def test_every_verdict_of_every_run_is_in_one_trend(
    years: list[list[tuple[str, Verdict]]],
) -> None:
    runs = [month(number, *each) for number, each in enumerate(years, 1)]
    found = trends(runs, reworded)
    points = [point for each in found for point in each.points]
    assert len(points) == sum(len(each) for each in years)
    for summary, each in zip(runs, years, strict=True):
        here = sorted(point.verdict for point in points if point.run == summary.run)
        assert here == sorted(verdict for _, verdict in each)
    assert sum(each.current for each in found) == len(years[-1])


def test_without_a_statement_measures_are_followed() -> None:
    at = datetime(2026, 1, 3, tzinfo=UTC)
    first = run(at, measures=[MeasureRow("tls", KEPT, "r"), MeasureRow("backups", KEPT, "r")])
    later = run(at.replace(month=2), measures=[MeasureRow("tls", BROKEN, "r")])
    tls, backups = trends([first.summary, later.summary], reworded)
    assert (tls.text, told(tls)) == ("tls", [(1, KEPT), (2, BROKEN)])
    assert (backups.text, backups.current) == ("backups", False)


def test_a_sentence_is_never_taken_for_a_measure() -> None:
    at = datetime(2026, 1, 3, tzinfo=UTC)
    measured = run(at, measures=[MeasureRow("tls", KEPT, "r")]).summary
    said = month(2, ("measure tls", KEPT), ("tls", KEPT))
    assert matched(promises(measured), promises(said), reworded) == {}


@given(st.text())
def test_sentences_are_compared_as_the_statement_does(text: str) -> None:
    assert normal(text) == decisions.normal(text)


def test_bars() -> None:
    runs = [
        month(11, (DAILY, KEPT), (LOCKED, KEPT), year=2025),
        month(1, (DAILY, BROKEN), (LOCKED, Verdict.ATTESTED)),
        month(2, (DAILY, BROKEN)),
    ]
    over = months(runs, 36)
    assert over == ((2025, 11), (2025, 12), (2026, 1), (2026, 2))
    daily, locked = trends(runs, reworded)
    assert (bar(daily, over), bar(locked, over)) == ("█·▁▁", "█·▇·")
    assert (bar(daily, over, letters=True), bar(locked, over, letters=True)) == ("K.bb", "K.A.")
    assert shown_bar(runs, over) == "█·▄▁"
    assert shown_bar(runs, over, letters=True) == "8.41"
    assert daily.since == runs[1].started_at
    assert months(runs, 2) == ((2026, 1), (2026, 2))
    assert months([], 36) == ()


def test_of_a_month_the_last_run_counts() -> None:
    first = run(datetime(2026, 1, 3, tzinfo=UTC), claims=claims((DAILY, BROKEN))).summary
    later = run(datetime(2026, 1, 30, tzinfo=UTC), claims=claims((DAILY, KEPT))).summary
    (daily,) = trends([first, later], reworded)
    assert bar(daily, months([first, later], 36)) == "█"
    assert daily.since == later.started_at


@pytest.mark.parametrize("signs", [BARS, LETTERS])
def test_every_verdict_has_a_sign_of_its_own(signs: dict[Verdict, str]) -> None:
    assert set(signs) == set(Verdict)
    assert len(set(signs.values())) == len(Verdict)


def test_which_part_was_shown() -> None:
    assert share_shown(month(1, (DAILY, KEPT), (LOCKED, PARTLY))) == 0.5
    assert share_shown(run().summary) is None

"""Which questions a statement raises, and how they stand on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.model.attestation import Answer, Question, Words
from assessor.model.language import Language
from assessor.model.measure import Measure, MeasureKind
from assessor.statement.questionnaire import State, due_questions, newest
from tests.factories import make_attestation

DAY = date(2026, 11, 24)
KINDS = {
    "backup": MeasureKind.TECHNICAL,
    "tls": MeasureKind.TECHNICAL,
    "retention": MeasureKind.MIXED,
    "training": MeasureKind.ORGANISATIONAL,
    "fire-safety": MeasureKind.PHYSICAL,
}
CATALOGUE = {name: Measure(name, kind, {"nl": name}, name) for name, kind in KINDS.items()}
QUESTIONS = {
    name: Question(name, {Language.NL: "?"}, {Language.NL: "."}, {Language.NL: "."}, 365)
    for name in KINDS
    if name != "tls"
}


def _state(words: Words, day: date = DAY) -> tuple[State, int | None]:
    (due,) = due_questions(["fire-safety"], CATALOGUE, QUESTIONS, words, day)
    return due.state, due.days_left


def test_only_what_is_promised_and_machines_cannot_show_is_asked_once() -> None:
    promised = ["fire-safety", "backup", "retention", "fire-safety", "unheard-of"]

    due = due_questions(promised, CATALOGUE, QUESTIONS, Words(), DAY)

    assert [item.measure.id for item in due] == ["retention", "fire-safety"]
    assert {item.state for item in due} == {State.MISSING}


def test_a_technical_measure_is_asked_where_no_machine_showed_it() -> None:
    promised = ["backup", "tls"]

    due = due_questions(promised, CATALOGUE, QUESTIONS, Words(), DAY, unproven=promised)

    assert [item.measure.id for item in due] == ["backup"], "there is no question about tls"


@pytest.mark.parametrize(
    ("expires", "state"),
    [
        (DAY - timedelta(days=1), State.EXPIRED),
        (DAY, State.SOON),
        (DAY + timedelta(days=31), State.SOON),
        (DAY + timedelta(days=32), State.VALID),
    ],
)
def test_how_an_answer_stands(expires: date, state: State) -> None:
    words = Words((make_attestation(expires=expires),))

    assert _state(words) == (state, (expires - DAY).days)
    assert state.asks is (state is State.EXPIRED)


def test_no_is_an_answer_too() -> None:
    assert _state(Words((make_attestation(answer=Answer.NO),)))[0] is State.VALID


def test_an_answer_of_a_later_day_does_not_count_yet() -> None:
    words = Words((make_attestation(given=DAY + timedelta(days=1)),))

    assert _state(words) == (State.MISSING, None)
    assert _state(words, DAY + timedelta(days=1))[0] is State.VALID


def test_the_newest_word_goes_before_an_older_one_that_lasts_longer() -> None:
    older = make_attestation(given=date(2026, 1, 1), expires=date(2030, 1, 1))
    newer = make_attestation(given=date(2026, 2, 1), expires=date(2026, 3, 1))

    assert _state(Words((newer, older)))[0] is State.EXPIRED


def test_of_one_day_the_word_recorded_last_goes_first() -> None:
    first = make_attestation(answer=Answer.NO)
    second = replace(first, answer=Answer.YES, recorded_at=datetime(2026, 11, 25, tzinfo=UTC))

    for order in ((first, second), (second, first)):
        assert newest(order, "fire-safety", DAY) is second


_days = st.dates(date(2025, 1, 1), date(2028, 1, 1))


@given(st.lists(st.tuples(_days, st.integers(0, 900)), max_size=5), _days)
def test_asked_again_exactly_when_the_newest_answer_does_not_count(
    spans: list[tuple[date, int]], day: date
) -> None:
    words = Words(
        tuple(
            make_attestation(given=start, expires=start + timedelta(days=length))
            for start, length in spans
        )
    )

    state, left = _state(words, day)

    last = newest(words.attestations, "fire-safety", day)
    assert state.asks is (last is None or not last.counts_on(day))
    assert (left is None) is (last is None)
    assert (state is State.EXPIRED) is (left is not None and left < 0)

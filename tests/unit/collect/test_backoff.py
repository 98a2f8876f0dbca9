"""Pauses between attempts: they double, have a bound, and differ from each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assessor.collect.backoff import FIRST_S, LONGEST_S, pauses


def test_they_double_up_to_the_longest() -> None:
    found = list(pauses(8, draw=lambda: 1.0))
    assert found[:4] == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S, 8 * FIRST_S]
    assert found[-1] == LONGEST_S
    assert list(pauses(0)) == []


@given(retries=st.integers(0, 10))
def test_the_jitter_is_full(retries: int) -> None:
    draws = iter([0.0, 0.25, 0.5, 0.75] * 3)
    found = list(pauses(retries, draw=lambda: next(draws)))
    assert len(found) == retries
    assert found[:1] == [0.0][:retries]
    assert all(0 <= pause < LONGEST_S for pause in found)


def test_two_that_were_refused_together_do_not_come_back_together() -> None:
    assert list(pauses(3)) != list(pauses(3))

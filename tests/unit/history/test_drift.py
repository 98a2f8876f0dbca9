"""What changed between the findings of two runs."""

from __future__ import annotations

import pytest

from assessor.history.drift import Change, drift
from assessor.model.finding import Outcome
from tests.factories import make_finding

PASS, FAIL = Outcome.PASS, Outcome.FAIL
UNKNOWN, NONE = Outcome.UNKNOWN, Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (PASS, FAIL, Change.WORSE),
        (PASS, UNKNOWN, Change.WORSE),
        (UNKNOWN, FAIL, Change.WORSE),
        (NONE, FAIL, Change.WORSE),
        (FAIL, PASS, Change.MENDED),
        (UNKNOWN, PASS, Change.MENDED),
        (FAIL, UNKNOWN, Change.OTHER),
        (FAIL, NONE, Change.OTHER),
        (PASS, NONE, Change.OTHER),
        (NONE, PASS, Change.OTHER),
        (NONE, UNKNOWN, Change.OTHER),
        (None, FAIL, Change.NEW),
        (FAIL, None, Change.GONE),
    ],
)
def test_what_a_change_is(before: Outcome | None, after: Outcome | None, change: Change) -> None:
    old = [make_finding(before)] if before else []
    new = [make_finding(after)] if after else []
    (found,) = drift(old, new)
    assert (found.change, found.before, found.after) == (change, before, after)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_what_stays_is_not_told(outcome: Outcome) -> None:
    assert drift([make_finding(outcome)], [make_finding(outcome)]) == ()


def test_the_worse_comes_first() -> None:
    before = [make_finding(FAIL, target="a"), make_finding(PASS, target="b")]
    after = [make_finding(PASS, target="a"), make_finding(FAIL, target="b")]
    assert [item.change for item in drift(before, after)] == [Change.WORSE, Change.MENDED]

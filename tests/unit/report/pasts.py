"""A made-up past of the example run: a year of months in which promises came, broke and mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from assessor.model.past import Course, Month, Past, PastRun, PromiseTurn, Turn
from assessor.model.run import RunResult
from assessor.model.statement import Verdict

K, P, B, A, X, U = (
    Verdict.KEPT, Verdict.PARTLY, Verdict.BROKEN, Verdict.ATTESTED, Verdict.EXPIRED,
    Verdict.UNPROVEN,
)  # fmt: skip


def make_course(
    *months: Verdict | None,
    since: datetime = datetime(2026, 7, 3, 9, tzinfo=UTC),
    before: Verdict | None = None,
    runs: int = 12,
) -> Course:
    """How a promise fared over the months."""
    return Course(since, before, runs, tuple(months))


def make_months(number: int, *verdicts: Mapping[Verdict, int]) -> tuple[Month, ...]:
    """So many months up to November 2026; the first ones without a run where too few are given."""
    given = [*[{}] * (number - len(verdicts)), *verdicts]
    last = 2026 * 12 + 10
    return tuple(
        Month(at // 12, at % 12 + 1, each)
        for at, each in zip(range(last - number + 1, last + 1), given, strict=True)
    )


def make_past_run(
    at: datetime,
    verdicts: Mapping[Verdict, int] | None = None,
    turns: Iterable[PromiseTurn] = (),
    *,
    run: str = "",
    of_claims: bool = True,
) -> PastRun:
    """A run of five systems, of which one gave nothing."""
    name = run or f"{at:%Y%m%dT%H%M%SZ}-4f2a"
    return PastRun(name, at, of_claims, verdicts or {K: 12}, 5, 4, tuple(turns))


def example_past(result: RunResult) -> Past:
    """The past of ``result``: it was run every month but July, and once more in November."""
    starts = [datetime(2025, 12, 2, 9, tzinfo=UTC)]
    starts += [datetime(2026, month, 2, 9, tzinfo=UTC) for month in (1, 2, 3, 4, 5, 6, 8, 9, 10)]
    starts += [datetime(2026, 11, 2, 9, tzinfo=UTC), result.facts.started_at]
    now = [claim.verdict for claim in result.claims]
    patching = [K, K, K, K, P, P, None, B, P, P, P, P]
    courses = {}
    for number, claim in enumerate(result.claims):
        verdicts: list[Verdict | None] = [*[claim.verdict] * 7, None, *[claim.verdict] * 4]
        if number == 2:
            verdicts = [patching[at] for at in (0, 1, 2, 3, 4, 5, 6, 6, 7, 8, 9, 11)]
            courses[claim.claim.id] = make_course(*verdicts, since=starts[8], before=B)
        elif number == 5:
            verdicts = [*[None] * 10, U, K]
            courses[claim.claim.id] = make_course(*verdicts, since=starts[-1], before=U, runs=2)
        elif number == 6:
            verdicts = [*[None] * 11, K]
            courses[claim.claim.id] = make_course(*verdicts, since=starts[-1], runs=1)
        else:
            courses[claim.claim.id] = make_course(*verdicts, since=starts[0])
    third, sixth, seventh = (result.claims[at].claim for at in (2, 5, 6))
    turns = {
        4: [PromiseTurn(third.id, third.quote, Turn.WORSE, K, P)],
        7: [PromiseTurn(third.id, third.quote, Turn.WORSE, P, B)],
        8: [
            PromiseTurn(
                third.id, third.quote, Turn.BETTER, B, P, "Wij installeren updates snel."
            )
        ],
        9: [
            PromiseTurn(sixth.id, sixth.quote, Turn.NEW, None, U),
            PromiseTurn("", "Wij wissen oude bestanden elk jaar.", Turn.GONE, P, None),
        ],
        11: [
            PromiseTurn(sixth.id, sixth.quote, Turn.BETTER, U, K),
            PromiseTurn(seventh.id, seventh.quote, Turn.NEW, None, K),
        ],
    }  # fmt: skip
    runs = [
        make_past_run(at, {K: 6, P: 3, B: 1, A: 1}, turns.get(number, ()))
        for number, at in enumerate(starts[:-1])
    ]
    last = make_past_run(starts[-1], Counter(now), turns[11], run=result.facts.id)
    told = [{K: 5, P: 4, B: 1, A: 1}] * 4 + [{K: 6, P: 3, B: 1, A: 1}] * 3 + [{}]
    told += [{K: 5, P: 2, B: 3, A: 1}, {K: 5, P: 3, B: 2, A: 1}, {K: 4, P: 3, B: 1, A: 1, X: 1}]
    return Past((*runs, last), make_months(12, *told, Counter(now)), courses)

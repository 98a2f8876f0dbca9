"""How each promise fared over the months: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from assessor.history.promises import Key, Promise, Reworded, matched, promises
from assessor.history.records import RunSummary
from assessor.model.statement import Verdict

Month = tuple[int, int]
"""Year and month, in UTC."""

BARS: Mapping[Verdict, str] = {
    Verdict.KEPT: "█",
    Verdict.ATTESTED: "▇",
    Verdict.PARTLY: "▅",
    Verdict.EXPIRED: "▃",
    Verdict.UNPROVEN: "▂",
    Verdict.BROKEN: "▁",
}
LETTERS: Mapping[Verdict, str] = {
    Verdict.KEPT: "K",
    Verdict.ATTESTED: "A",
    Verdict.PARTLY: "p",
    Verdict.EXPIRED: "e",
    Verdict.UNPROVEN: "u",
    Verdict.BROKEN: "b",
}
"""For a terminal that has no bars."""
NO_RUN = "·"
NO_RUN_LETTER = "."
SHOWN = frozenset({Verdict.KEPT, Verdict.ATTESTED})
_STEPS = "▁▂▃▄▅▆▇█"
_STEP_DIGITS = "12345678"


@dataclass(frozen=True, slots=True)
class Point:
    """What one run concluded of a promise, and its words there."""

    run: str
    at: datetime
    verdict: Verdict
    text: str


@dataclass(frozen=True, slots=True)
class Trend:
    """A promise over the runs.

    Attributes:
        text: its words in the last run that knew it.
        measures: what it promises there.
        points: the oldest first; runs that did not know it are left out.
        current: the last run still knows it.
    """

    text: str
    measures: tuple[str, ...]
    points: tuple[Point, ...]
    current: bool = True

    @property
    def verdict(self) -> Verdict:
        """The last one."""
        return self.points[-1].verdict

    @property
    def since(self) -> datetime:
        """The first run of those in a row, up to the last, that concluded the same."""
        first = self.points[-1]
        for point in reversed(self.points):
            if point.verdict is not first.verdict:
                break
            first = point
        return first.at


def trends(runs: Sequence[RunSummary], reworded: Reworded) -> tuple[Trend, ...]:
    """Every promise that any of ``runs`` (the oldest first) knew; those of the last one first.

    A promise that was gone for a while and comes back in the same words goes on where it was; one
    that was reworded goes on where it is reworded from one run to the next.
    """
    known: dict[Key, Trend] = {}
    last: tuple[Promise, ...] = ()
    for run in runs:
        here = promises(run)
        was = matched(last, here, reworded)
        going: dict[Key, Trend] = {}
        for promise in here:
            # The same words go before other words, also where they were gone for a while.
            earlier = None if promise.key in known else was.get(promise.key)
            trend = known.pop(earlier.key if earlier else promise.key, None)
            point = Point(run.run, run.started_at, promise.verdict, promise.text)
            points = (*trend.points, point) if trend else (point,)
            going[promise.key] = Trend(promise.text, promise.measures, points)
        # What this run did not know comes last, the oldest at the end.
        known = {**going, **known}
        last = here
    current = {promise.key for promise in last}
    return tuple(
        trend if key in current else replace(trend, current=False) for key, trend in known.items()
    )


def months(runs: Iterable[RunSummary], most: int) -> tuple[Month, ...]:
    """Every month from that of the first run to that of the last; the last ``most`` of them."""
    there = [_number(run.started_at) for run in runs]
    if not there:
        return ()
    first = max(min(there), max(there) - most + 1)
    return tuple((number // 12, number % 12 + 1) for number in range(first, max(there) + 1))


def bar(trend: Trend, over: Sequence[Month], *, letters: bool = False) -> str:
    """A character a month, for the last run in it."""
    signs, nothing = (LETTERS, NO_RUN_LETTER) if letters else (BARS, NO_RUN)
    by_month = {_month(point.at): point.verdict for point in trend.points}
    return "".join(signs[by_month[month]] if month in by_month else nothing for month in over)


def shown_bar(runs: Iterable[RunSummary], over: Sequence[Month], *, letters: bool = False) -> str:
    """Which part of the promises was kept or attested: a character a month, full for all."""
    steps, nothing = (_STEP_DIGITS, NO_RUN_LETTER) if letters else (_STEPS, NO_RUN)
    by_month = {_month(run.started_at): share_shown(run) for run in runs}
    return "".join(
        nothing if (share := by_month.get(month)) is None else steps[int(share * (len(steps) - 1))]
        for month in over
    )


def share_shown(run: RunSummary) -> float | None:
    """Which part of the promises is kept or attested, 0 to 1; ``None`` where there is none."""
    verdicts = run.verdicts()
    number = sum(verdicts.values())
    return sum(verdicts.get(each, 0) for each in SHOWN) / number if number else None


def _month(at: datetime) -> Month:
    return at.year, at.month


def _number(at: datetime) -> int:
    return at.year * 12 + at.month - 1

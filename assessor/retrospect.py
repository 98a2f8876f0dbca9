"""Looks back from a run: what the history knew of its promises on that day, for its report.

Only runs up to the one that is reported count, so that the report of an older run tells what was
known then. That run itself is taken as it is told now: its stored conclusions may be those of an
older edition of a check, or not be in the history yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assessor.chronicle import from_folders, history_address, nobody, read_history
from assessor.errors import AssessError, UsageError
from assessor.evidence.store import RunFolder
from assessor.history.comparison import direction
from assessor.history.drift import Change
from assessor.history.extract import Concluded, Conclusions, JudgedClaim, JudgedMeasure, record
from assessor.history.promises import promises
from assessor.history.records import RunSummary
from assessor.history.trend import Month as YearAndMonth
from assessor.history.trend import Point, Trend, months, trends
from assessor.model.attestation import Words
from assessor.model.past import Course, Month, Past, PastRun, PromiseTurn, Turn
from assessor.model.run import RunResult
from assessor.model.statement import Claim, Verdict
from assessor.statement.decisions import changes

MOST_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Retrospect:
    """The past of a run, and what went wrong in finding it, for people."""

    past: Past
    notes: tuple[str, ...] = ()


def past_of(folder: Path, run: RunFolder, result: RunResult) -> Retrospect:
    """What was known of the promises when ``run`` was made.

    It never raises and asks for nothing: a report is whole without it. Where the database cannot
    be read, the run folders are.

    Args:
        folder: the assessment's.
        run: the one that is reported; sealed or not, in the history or not.
        result: what is told of it.
    """
    try:
        if run.path.resolve().parent != (folder / "runs").resolve():
            return Retrospect(
                Past(),
                (f"{run.path} is no run of {folder.resolve()}: what was before it is left out",),
            )
        return _past_of(folder, result)
    except AssessError as error:
        why = str(error)
    except Exception as error:  # a fault of ours must not cost the run its report
        why = f"{type(error).__name__}: {error}"
    return Retrospect(Past(), (f"what was before run {run.id} is left out of its report: {why}",))


def _past_of(folder: Path, result: RunResult) -> Retrospect:
    try:
        told = read_history(folder, history_address(folder), nobody)
    except UsageError as error:  # such as a password that is asked for: nobody is asked
        told = from_folders(folder, error)
    here = result.facts.started_at, result.facts.id
    earlier = [row for row in told.runs if (row.started_at, row.run) < here]
    return Retrospect(past([*earlier, summary_of(result)]), told.notes)


def summary_of(result: RunResult) -> RunSummary:
    """What the history would keep of ``result``, without people's words."""
    return record(
        Concluded(
            result.facts,
            manifest="",
            statement=result.statement.sha256 if result.statement else "",
            conclusions=Conclusions(
                result.finished_at,
                result.findings,
                tuple(JudgedClaim(item.claim, item.verdict, item.rule) for item in result.claims),
                tuple(
                    JudgedMeasure(item.measure, item.verdict, item.rule) for item in result.measures
                ),
            ),
            targets=tuple(planned.target for planned in result.plan.targets),
            words=Words(),
        )
    ).summary


def past(runs: Sequence[RunSummary]) -> Past:
    """The past of the last of ``runs``, which are the oldest first. Pure."""
    last = runs[-1]
    alike = [run for run in runs if bool(run.claims) == bool(last.claims)]
    over = months(alike, MOST_MONTHS)
    by_month = {(run.started_at.year, run.started_at.month): run.verdicts() for run in alike}
    # The trends of what the last run knows come first, in its own order.
    names = [item.row.id if item.row else item.text for item in promises(last)]
    found = trends(runs, _reworded)
    return Past(
        runs=tuple(_run(run, turns) for run, turns in _turns(runs, found, names)),
        months=tuple(Month(*month, by_month.get(month, {})) for month in over),
        courses={name: _course(trend, over) for name, trend in zip(names, found, strict=False)},
    )


def _reworded(old: Sequence[Claim], new: Sequence[Claim]) -> Iterable[tuple[Claim, Claim]]:
    return changes(old, new).changed


def _run(run: RunSummary, turns: tuple[PromiseTurn, ...]) -> PastRun:
    return PastRun(
        run.run,
        run.started_at,
        bool(run.claims),
        run.verdicts(),
        len(run.targets),
        sum(target.seen for target in run.targets),
        turns,
    )


def _course(trend: Trend, over: Sequence[YearAndMonth]) -> Course:
    by_month = {(point.at.year, point.at.month): point.verdict for point in trend.points}
    earlier = [point for point in trend.points if point.at < trend.since]
    return Course(
        trend.since,
        earlier[-1].verdict if earlier else None,
        len(trend.points),
        tuple(by_month.get(month) for month in over),
    )


def _turns(
    runs: Sequence[RunSummary], found: Sequence[Trend], names: Sequence[str]
) -> Iterator[tuple[RunSummary, tuple[PromiseTurn, ...]]]:
    """Each run with what changed since the one before."""
    points = [{point.run: point for point in trend.points} for trend in found]
    subjects = [*names, *[""] * (len(found) - len(names))]
    order = list(Turn)
    before: RunSummary | None = None
    for run in runs:
        turns: list[PromiseTurn] = []
        if before is not None and bool(before.claims) == bool(run.claims):
            for subject, of_trend in zip(subjects, points, strict=True):
                turn = _turn(subject, of_trend.get(before.run), of_trend.get(run.run))
                turns += [turn] if turn else []
        yield run, tuple(sorted(turns, key=lambda item: order.index(item.turn)))
        before = run


def _turn(subject: str, before: Point | None, after: Point | None) -> PromiseTurn | None:
    match before, after:
        case None, Point():
            return PromiseTurn(subject, after.text, Turn.NEW, None, after.verdict)
        case Point(), None:
            return PromiseTurn(subject, before.text, Turn.GONE, before.verdict, None)
        case Point(), Point():
            was = before.text if before.text.casefold() != after.text.casefold() else ""
            if before.verdict is after.verdict and not was:
                return None
            turn = _direction(before.verdict, after.verdict)
            return PromiseTurn(subject, after.text, turn, before.verdict, after.verdict, was)
        case _:
            return None


def _direction(before: Verdict, after: Verdict) -> Turn:
    change = direction(before, after)
    if change is Change.WORSE:
        return Turn.WORSE
    # Something broken that is kept in part is better; that it cannot be seen any more is not.
    in_part = after is Verdict.PARTLY and before is not Verdict.PARTLY
    return Turn.BETTER if change is Change.MENDED or in_part else Turn.OTHER

"""The months before, since when each promise has its verdict, and what changed from run to run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from assessor.model.past import Course, Month, Past, PastRun, PromiseTurn, Turn
from assessor.model.statement import Verdict
from assessor.report.clean import one_line
from assessor.report.context import VERDICTS, Context
from assessor.report.parts.common import Badge, Link
from assessor.report.parts.past import (
    CourseView,
    MonthColumn,
    MonthsView,
    NumberOf,
    Piece,
    RunView,
    TimelineView,
    TurnView,
)

MAX_RUNS = 24
MAX_TURNS = 20
TEXT_MOST = 240
COLUMNS = 12
"""For how many months the picture has room; fewer months leave room behind them."""
COLUMN, BAR, HEIGHT = 100, 70, 1000
"""The width of a month, that of its bar, and the height of the fullest bar, in units."""


def build_months(context: Context) -> MonthsView | None:
    """The picture of the months before; ``None`` where nothing is known of them."""
    past, texts = context.presentation.past, context.phrases.texts
    if not past.runs:
        return None
    told = [month for month in past.months if month.verdicts]
    if len(told) < 2:  # there is nothing to compare with
        return MonthsView(texts["past.one_month" if len(past.runs) > 1 else "past.first"])
    of_claims = past.runs[-1].of_claims
    occurring = [each for each in VERDICTS if any(month.verdicts.get(each) for month in told)]
    return MonthsView(
        sentence="",
        intro=texts[f"past.intro.{'claims' if of_claims else 'measures'}"],
        alternative=context.phrases.text(
            "past.alternative",
            {
                "first": _name(context, told[0]),
                "last": _name(context, told[-1]),
                "first_counts": _counted(context, told[0], of_claims=of_claims),
                "last_counts": _counted(context, told[-1], of_claims=of_claims),
            },
        ),
        width=COLUMN * COLUMNS,
        height=HEIGHT,
        pieces=tuple(_pieces(past.months)),
        badges=tuple(_badge(context, each, of_claims=of_claims) for each in occurring),
        columns=tuple(_columns(context, past.months, occurring)),
    )


def _badge(context: Context, verdict: Verdict, *, of_claims: bool) -> Badge:
    return context.claim_badge(verdict) if of_claims else context.measure_badge(verdict)


def _name(context: Context, month: Month) -> str:
    return context.phrases.month(month.year, month.month)


def _counted(context: Context, month: Month, *, of_claims: bool) -> str:
    return context.phrases.join(
        f"{month.verdicts[verdict]} {_badge(context, verdict, of_claims=of_claims).word}"
        for verdict in VERDICTS
        if month.verdicts.get(verdict)
    )


def _pieces(months: Iterable[Month]) -> Iterator[Piece]:
    listed = list(months)
    most = max(sum(month.verdicts.values()) for month in listed)
    for number, month in enumerate(listed):
        seen = 0
        for verdict in VERDICTS:
            if count := month.verdicts.get(verdict, 0):
                # from rounded edges, so that no gap opens between two pieces
                low = round(HEIGHT * seen / most)
                seen += count
                high = round(HEIGHT * seen / most)
                left = number * COLUMN + (COLUMN - BAR) // 2
                yield Piece(verdict.value, left, HEIGHT - high, BAR, high - low)


def _columns(
    context: Context, months: Iterable[Month], occurring: Iterable[Verdict]
) -> Iterator[MonthColumn]:
    verdicts = tuple(occurring)
    year = 0
    for month in months:
        total = sum(month.verdicts.values())
        good = sum(month.verdicts.get(each, 0) for each in (Verdict.KEPT, Verdict.ATTESTED))
        yield MonthColumn(
            name=_name(context, month),
            short=context.phrases.month_short(month.year, month.month),
            year=str(month.year) if month.year != year else "",
            good=str(good) if total else "",
            numbers=tuple(str(month.verdicts.get(each, 0)) for each in verdicts) if total else (),
            total=str(total) if total else "",
        )
        year = month.year


def build_course(context: Context, subject: str, *, of_claim: bool) -> CourseView | None:
    """How a claim or a measure fared, by its id; ``None`` where nothing is known of it.

    Args:
        context: of the report.
        subject: the id.
        of_claim: it is a claim's; measures have a course where there is no statement only.
    """
    past = context.presentation.past
    course = past.courses.get(subject)
    if course is None or past.runs[-1].of_claims is not of_claim:
        return None
    since = _since(context, course, of_claim=of_claim)
    strip = tuple(verdict.value if verdict else "" for verdict in course.months)
    if sum(map(bool, strip)) < 2:  # one month shows nothing more than the verdict
        return CourseView(since)
    return CourseView(
        since,
        strip,
        _span(context, past.months),
        _stretches(context, past, course, of_claim=of_claim),
    )


def _since(context: Context, course: Course, *, of_claim: bool) -> str:
    phrases = context.phrases
    if course.runs == 1:
        return phrases.text("past.since.first")
    day = phrases.day(course.since)
    if course.before is None:
        return phrases.text("past.since.always", {"day": day})
    now = course.since == context.result.facts.started_at
    word = _badge(context, course.before, of_claims=of_claim).word
    return phrases.text(f"past.since.{'now' if now else 'changed'}", {"day": day, "word": word})


def _span(context: Context, months: Iterable[Month]) -> str:
    names = [_name(context, month) for month in months]
    if names[0] == names[-1]:
        return names[0]
    return context.phrases.text("past.span", {"first": names[0], "last": names[-1]})


def _stretches(context: Context, past: Past, course: Course, *, of_claim: bool) -> str:
    """The strip in words: months in a row that are the same are named at once."""
    told = []
    for verdict, group in groupby(
        zip(past.months, course.months, strict=True), key=lambda each: each[1]
    ):
        span = _span(context, [month for month, _ in group])
        word = (
            _badge(context, verdict, of_claims=of_claim).word
            if verdict
            else context.phrases.texts["label.no_run"]
        )
        told.append(context.phrases.text("past.stretch", {"span": span, "word": word}))
    return "; ".join(told)


def build_timeline(context: Context) -> TimelineView | None:
    """The runs up to this one; ``None`` where there is no other one, or nothing is known."""
    runs = context.presentation.past.runs
    if len(runs) < 2:  # a line through one point
        return None
    anchors = _anchors(context)
    before: Iterable[PastRun | None] = (None, *runs[:-1])
    shown = [_run(context, each, was, anchors) for was, each in zip(before, runs, strict=True)]
    rest = len(shown) - MAX_RUNS
    return TimelineView(
        tuple(reversed(shown[-MAX_RUNS:])),
        context.phrases.count("past.older", rest) if rest > 0 else "",
    )


def _anchors(context: Context) -> Mapping[str, Link]:
    """Where each claim, or measure, of this run stands."""
    if context.result.claims:
        return {
            claim.claim.id: Link(
                f"claim-{number}", context.phrases.text("claim.name", {"n": number})
            )
            for number, claim in enumerate(context.result.claims, 1)
        }
    return {line.measure: context.measure_link(line.measure) for line in context.result.measures}


def _run(
    context: Context, run: PastRun, before: PastRun | None, anchors: Mapping[str, Link]
) -> RunView:
    phrases = context.phrases
    total = sum(run.verdicts.values())
    return RunView(
        id=one_line(run.run, 80),
        when=phrases.moment(run.started_at),
        current=run.run == context.result.facts.id,
        whole=phrases.count(f"whole.{'claims' if run.of_claims else 'measures'}", total),
        counts=tuple(
            NumberOf(_badge(context, each, of_claims=run.of_claims), run.verdicts[each])
            for each in VERDICTS
            if run.verdicts.get(each)
        ),
        systems=phrases.count("past.systems", run.targets, {"seen": run.seen, "total": run.targets})
        if run.targets
        else "",
        turns=tuple(
            _turn(context, turn, anchors, of_claims=run.of_claims) for turn in run.turns[:MAX_TURNS]
        ),
        remark=_remark(context, run, before),
    )


def _remark(context: Context, run: PastRun, before: PastRun | None) -> str:
    phrases = context.phrases
    if before is None:
        return phrases.text("past.start")
    if before.of_claims is not run.of_claims:
        return phrases.text(f"past.switched.{'claims' if run.of_claims else 'measures'}")
    hidden = len(run.turns) - MAX_TURNS
    if hidden > 0:
        return phrases.count("past.more_turns", hidden)
    return "" if run.turns else phrases.text("past.same")


def _turn(
    context: Context, turn: PromiseTurn, anchors: Mapping[str, Link], *, of_claims: bool
) -> TurnView:
    return TurnView(
        code=turn.turn.value,
        word=context.phrases.text(f"past.turn.{turn.turn}"),
        subject=anchors.get(turn.subject),
        text=one_line(turn.text, TEXT_MOST) if of_claims else context.measure_title(turn.text),
        quoted=of_claims,
        said=_said(context, turn, of_claims=of_claims),
        was=one_line(turn.was, TEXT_MOST) if turn.was else "",
    )


def _said(context: Context, turn: PromiseTurn, *, of_claims: bool) -> str:
    words = {
        name: _badge(context, verdict, of_claims=of_claims).word
        for name, verdict in (("before", turn.before), ("after", turn.after))
        if verdict
    }
    if turn.turn in (Turn.NEW, Turn.GONE):
        return context.phrases.text(f"past.said.{turn.turn}", words)
    same = turn.before is turn.after
    return context.phrases.text(f"past.said.{'reworded' if same else 'changed'}", words)

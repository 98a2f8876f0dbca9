"""The view of the months before, of what ends soon, and of what was accepted."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.report.parts.common import Badge, Link


@dataclass(frozen=True, slots=True)
class Piece:
    """A rectangle of the picture of the months; ``code`` is a verdict and chooses the colour.

    Attributes:
        code: the verdict.
        x: of the left side, in the picture's units.
        y: of the upper side.
        width: from left to right.
        height: from top to bottom.
    """

    code: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class MonthColumn:
    """A month in the picture and in the table beside it.

    Attributes:
        name: such as ``november 2026``.
        short: such as ``nov``, to stand below the column.
        year: such as ``2026``, where a year begins or the picture does; else empty.
        good: how many of ``total`` were kept or attested, as a number; empty where no run told.
        numbers: how many have which verdict, in the order of ``MonthsView.badges``; empty where
            no run told.
        total: how many there are, as a number; empty where no run told.
    """

    name: str
    short: str
    year: str
    good: str
    numbers: tuple[str, ...]
    total: str


@dataclass(frozen=True, slots=True)
class MonthsView:
    """The months before on the first screen.

    Attributes:
        sentence: that there is nothing to compare with yet; then all else is empty.
        intro: what the picture shows.
        alternative: the picture in words, for those who cannot see it.
        width: of the picture, in its own units.
        height: the same.
        pieces: of the picture: rectangles.
        badges: the verdicts that occur, the best first.
        columns: the oldest month first; room is left for twelve.
    """

    sentence: str
    intro: str = ""
    alternative: str = ""
    width: int = 0
    height: int = 0
    pieces: tuple[Piece, ...] = ()
    badges: tuple[Badge, ...] = ()
    columns: tuple[MonthColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class CourseView:
    """How a promise, or a measure, fared up to now.

    Attributes:
        since: since when it has its verdict, in words.
        strip: the verdict's code for each month, the oldest first; empty where no run told. There
            is none of fewer than two months.
        span: from which month to which the strip goes, in words.
        alternative: the strip in words.
    """

    since: str
    strip: tuple[str, ...] = ()
    span: str = ""
    alternative: str = ""


@dataclass(frozen=True, slots=True)
class TurnView:
    """A promise, or a measure, that is not what it was in the run before.

    Attributes:
        code: ``worse``, ``better``, ``new``, ``gone`` or ``other``; chooses the sign.
        word: the same in words.
        subject: where it stands in this report; ``None`` where it is not promised any more.
        text: its words, or the measure's title.
        quoted: ``text`` and ``was`` are words of the statement.
        said: what it was and what it is, in words.
        was: its words before, where they were others; may be empty.
    """

    code: str
    word: str
    subject: Link | None
    text: str
    quoted: bool
    said: str
    was: str


@dataclass(frozen=True, slots=True)
class NumberOf:
    """How many have a verdict.

    Attributes:
        badge: the verdict.
        number: how many have it.
    """

    badge: Badge
    number: int


@dataclass(frozen=True, slots=True)
class RunView:
    """A run in the timeline.

    Attributes:
        id: the run's.
        when: its day and time.
        current: it is the run that this report is about.
        whole: how many promises or measures there were, in words.
        counts: per verdict, only those that occur.
        systems: how many systems gave something to judge, in words.
        turns: what changed, the worse first.
        remark: what there is to say where nothing changed or nothing can be compared, or that
            more changed than is named; may be empty.
    """

    id: str
    when: str
    current: bool
    whole: str
    counts: tuple[NumberOf, ...]
    systems: str
    turns: tuple[TurnView, ...]
    remark: str


@dataclass(frozen=True, slots=True)
class TimelineView:
    """The runs, the newest first.

    Attributes:
        runs: the newest first.
        rest: that there are older ones that are not shown; may be empty.
    """

    runs: tuple[RunView, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class EndView:
    """Something that ends within ninety days after the run, or has just ended.

    Attributes:
        day: its last day, in words.
        left: how long that is from the day of the run, in words.
        past: it had ended on the day of the run.
        kind: a certificate, an attestation or an accepted deviation, in a word.
        what: whose it is; may be empty.
        where: the systems; empty for an attestation.
        more: that there are more systems than are named, in words; may be empty.
        links: the measures and promises that rest on it.
        todo: what to do about it.
        who: who must act.
    """

    day: str
    left: str
    past: bool
    kind: str
    what: str
    where: tuple[Link, ...]
    more: str
    links: tuple[Link, ...]
    todo: str
    who: str


@dataclass(frozen=True, slots=True)
class EndsView:
    """What ends soon, the first to end first.

    Attributes:
        intro: over which days it is, and what cannot be known.
        ends: each of them.
        rest: that there is more than is listed; may be empty.
    """

    intro: str
    ends: tuple[EndView, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class WaiverView:
    """A deviation that was accepted.

    Attributes:
        badge: whether its acceptance counts (``attested``) or not any more (``expired``).
        check: what deviates.
        target: where.
        links: the promises, or the measures, that it touches; none where it was not looked at.
        reason: why it was accepted, in that person's own words.
        by: who accepted it and when it was written down.
        until: until when it counts, in words.
        state: whether the deviation is still there.
    """

    badge: Badge
    check: str
    target: Link
    links: tuple[Link, ...]
    reason: str
    by: str
    until: str
    state: str


@dataclass(frozen=True, slots=True)
class WaiversView:
    """Every deviation that was accepted, those that count first.

    Attributes:
        waivers: each of them.
        rest: that there are more than are listed; may be empty.
    """

    waivers: tuple[WaiverView, ...]
    rest: str

"""What a template shows, as typed values in one language. The documented view model.

Every text here is ready to be shown: in the report's language, bounded, and with characters that
cannot be seen made visible. It is not escaped: that is the work of each writer, for its format.
Anchors are names inside the page, made of letters, digits and dashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessor.report.framework_parts import FrameworkView
from assessor.report.house_parts import HouseView
from assessor.report.past_parts import (
    CourseView,
    EndsView,
    MonthsView,
    TimelineView,
    WaiversView,
)
from assessor.report.shown_parts import Imprint, ShownView


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the page, by the text that leads to it."""

    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Badge:
    """A verdict or outcome.

    Attributes:
        code: ``kept``, ``fail``, ...: chooses the sign and the colour.
        word: the verdict in the report's language; always shown beside the sign.
        meaning: one sentence that explains the word; may be empty.
    """

    code: str
    word: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A name with its value.

    Attributes:
        literal: the value is a machine's or a file's own text, not a sentence.
    """

    label: str
    value: str
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How many claims or measures have a verdict, with its share of a bar of 1000 units."""

    badge: Badge
    number: int
    offset: int
    width: int


@dataclass(frozen=True, slots=True)
class Mark:
    """One claim or measure in the picture of all."""

    badge: Badge
    link: Link


@dataclass(frozen=True, slots=True)
class Action:
    """Something that needs doing.

    Attributes:
        title: the measure, or what stands in the way.
        problem: what was found.
        todo: what to do, in plain words.
        hint: the exact line or command for it; may be empty.
        where: the systems, in words; may be empty.
        who: who can do it.
        weight: how much it weighs, in a word.
        links: the claims, or the measure, that it is about.
    """

    title: str
    problem: str
    todo: str
    hint: str
    where: str
    who: str
    weight: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The first screen.

    Attributes:
        title: the heading of the report.
        subtitle: what kind of report it is.
        facts: who, when, for which statement.
        headline: the verdict in one sentence.
        tone: the verdict's code that colours the headline.
        counts: per verdict, only those that occur, always shown beside ``total``.
        total: how many claims, or measures, there are.
        whole: the total in words, such as ``van 12 beloften``.
        picture: the counts in words, for those who cannot see the bar.
        marks: every claim or measure in its order.
        actions: the first three things that need doing.
        more: how many more there are, in words; empty where there are none.
        scope: what this report is worth: from where, how many systems, what it does not say.
        warnings: what went wrong with the assessment itself.
    """

    title: str
    subtitle: str
    facts: tuple[Item, ...]
    headline: str
    tone: str
    counts: tuple[Count, ...]
    total: int
    whole: str
    picture: str
    marks: tuple[Mark, ...]
    actions: tuple[Action, ...]
    more: str
    scope: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """One or more targets with what was found, or could not be found, there.

    Attributes:
        code: the outcome, which chooses the sign.
        subjects: the measures it is about, where they do not follow from the place.
        more: that there are more targets than are named, in words; may be empty.
        text: what was found; empty where the place says it.
        detail: the technical side of it, in its own words; may be empty.
        proof: the evidence behind it, or ``None``.
    """

    targets: tuple[Link, ...]
    more: str
    text: str
    code: str = "unknown"
    detail: str = ""
    proof: Link | None = None
    subjects: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """A parameter: what was promised and what was checked. Either may be empty."""

    label: str
    promised: str
    used: str


@dataclass(frozen=True, slots=True)
class Word:
    """What a person said: an attestation, or an accepted deviation.

    Attributes:
        badge: whether it counts (``attested``) or not any more (``expired``).
        said: what was said, in that person's own words.
        by: who said it, and in which role.
        until: until when it counts, in words.
        subject: what it is about where that is less than the measure: a system and a check.
        files: the evidence that goes with it: name and digest.
    """

    badge: Badge
    said: str
    by: str
    until: str
    subject: str
    files: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """A measure with its verdict and what that rests on.

    Attributes:
        why: the rule that decided, in a sentence.
        rests_on: on how many of how many systems it was in order; empty where no system was asked.
        failures: the systems where it was not in order.
        gaps: the systems where it could not be told.
        words: what people attested, and which deviations they accepted.
        rest: that more systems are not named here, in words; may be empty.
        settings: parameters, promised beside used.
        advice: good practice beside the promise.
        remedies: what to do, in plain words.
        proofs: the evidence of what was in order.
    """

    link: Link
    kind: str
    badge: Badge
    why: str
    rests_on: str
    failures: tuple[Note, ...]
    gaps: tuple[Note, ...]
    words: tuple[Word, ...]
    rest: str
    settings: tuple[Setting, ...]
    advice: tuple[str, ...]
    remedies: tuple[str, ...]
    proofs: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim with its verdict.

    Attributes:
        anchor: of the claim in this list.
        place: the anchor of the claim in the annotated statement.
        name: such as ``Belofte 3``.
        heading: what it stands under in the statement; may be empty.
        quote: the words, verbatim.
        why: the rule that decided, in a sentence.
        course: how it fared up to now; ``None`` where that is not known.
    """

    anchor: str
    place: str
    number: int
    name: str
    heading: str
    quote: str
    badge: Badge
    why: str
    measures: tuple[MeasureLine, ...]
    course: CourseView | None


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the statement; ``claim`` and ``badge`` are set where it is a promise.

    Attributes:
        anchor: the claim's place, at its first piece only.
    """

    text: str
    claim: Link | None = None
    badge: Badge | None = None
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the statement; ``heading`` where a claim says that it stands under it."""

    segments: tuple[Segment, ...]
    heading: bool


@dataclass(frozen=True, slots=True)
class StatementView:
    """The statement itself, with each promise marked in its place.

    Attributes:
        cut: says that the rest is not shown; empty when all is.
    """

    language: str
    facts: tuple[Item, ...]
    paragraphs: tuple[Paragraph, ...]
    cut: str


@dataclass(frozen=True, slots=True)
class MeasureView:
    """A measure over all systems.

    Attributes:
        claims: the claims that promise it.
        checks: the checks that looked at it.
        course: how it fared up to now; ``None`` where that is not known, or where the report is
            about the promises of a statement.
    """

    line: MeasureLine
    claims: tuple[Link, ...]
    checks: tuple[Link, ...]
    course: CourseView | None


@dataclass(frozen=True, slots=True)
class Cell:
    """What was found of a measure on a target; without a badge where nothing was asked."""

    badge: Badge | None
    proof: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A measure with its cells, in the order of the table's targets."""

    measure: Link
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class MatrixTable:
    """A piece of the matrix: as many targets as fit beside each other."""

    caption: str
    targets: tuple[Link, ...]
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True)
class TargetView:
    """A target and what was found there.

    Attributes:
        counts: how many findings have each outcome, in words.
        problem: what went wrong with the target as a whole; else empty.
        exceptions: what was not in order or could not be told.
        rest: that there are more of these, in words; may be empty.
        badges: the outcomes that occur, the exceptions first.
    """

    link: Link
    role: str
    facts: tuple[Item, ...]
    counts: str
    problem: str
    exceptions: tuple[Note, ...]
    rest: str
    badges: tuple[Badge, ...]


@dataclass(frozen=True, slots=True)
class GapView:
    """One reason why something could not be observed, with all that it touches.

    Attributes:
        mend: how to make it observable, in words.
        hints: the exact lines or commands for that, as the transports gave them.
    """

    title: str
    mend: str
    hints: tuple[str, ...]
    notes: tuple[Note, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One administrator of one machine, and by what: a group, a rule of sudo."""

    account: str
    rights: str
    target: Link


@dataclass(frozen=True, slots=True)
class SourceView:
    """Where a criterion was published; ``url`` is an http or https address or empty."""

    title: str
    section: str
    date: str
    url: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A target with the answers that a finding rests on there."""

    target: Link
    answers: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class FindingRow:
    """Findings that are equal in all but their target.

    Attributes:
        detail: the technical side of why nothing was seen; else empty.
        error: the traceback of a check that failed; else empty.
    """

    message: str
    detail: str
    observed: tuple[Item, ...]
    advice: tuple[str, ...]
    error: str
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class FindingView:
    """Findings of a check that say the same with other values, on one or more targets.

    Attributes:
        message: what they say, or how many different things.
        where: the targets, in words.
        rows: one for each different thing that is said.
    """

    anchor: str
    badge: Badge
    measure: Link
    message: str
    where: str
    expected: tuple[Item, ...]
    parameters: tuple[Item, ...]
    rows: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check: its criterion, and its findings with the exceptions first."""

    link: Link
    id: str
    version: str
    why: str
    severity: str
    criterion: str
    sources: tuple[SourceView, ...]
    findings: tuple[FindingView, ...]


@dataclass(frozen=True, slots=True)
class ProbeView:
    """A question as it was put, shown once however many targets it went to."""

    link: Link
    kind: str
    privileged: bool
    text: str
    cut: str


@dataclass(frozen=True, slots=True)
class AnswerView:
    """A capture: a raw answer, or why there is none.

    Attributes:
        facts: exit status, time, duration, digest.
        warnings: what is wrong with it: cut off at the source, not text.
        output: what is shown of it; ``cut`` says what is not and where the whole is.
        same: where the same output was shown before, or ``None``.
        missing: why there is no answer; else empty.
    """

    anchor: str
    name: str
    probe: Link | None
    command: str
    facts: tuple[Item, ...]
    warnings: tuple[str, ...]
    output: str
    cut: str
    same: Link | None
    errors: str
    missing: str


@dataclass(frozen=True, slots=True)
class TargetAnswers:
    """All answers of one target."""

    anchor: str
    target: Link
    summary: str
    answers: tuple[AnswerView, ...]


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """The annex for those who want the proof."""

    checks: tuple[CheckView, ...]
    probes: tuple[ProbeView, ...]
    targets: tuple[TargetAnswers, ...]
    verify: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    """A whole report in one language.

    Attributes:
        language: for the page's ``lang``, such as ``nl`` or ``nl-BE``.
        labels: the fixed words of the page, by name.
        statement: ``None`` where there is no statement: then ``claims`` is empty and the report
            is about the measures.
        house: the style of the company that hands the report over.
        frameworks: laws and standards of which the run touches a requirement.
        months: the months before, on the first screen; ``None`` where nothing is known of them.
        timeline: the runs up to this one; ``None`` where no other is known.
        ends: what ends within ninety days.
        waivers: the deviations that were accepted; ``None`` where there is none.
        shown: exactly what was and what was not shown.
        imprint: what a file of it says of itself.
    """

    language: str
    labels: Mapping[str, str]
    summary: Summary
    claims: tuple[ClaimView, ...]
    statement: StatementView | None
    measures: tuple[MeasureView, ...]
    matrix: tuple[MatrixTable, ...]
    targets: tuple[TargetView, ...]
    register: tuple[RegisterRow, ...]
    gaps: tuple[GapView, ...]
    frameworks: tuple[FrameworkView, ...]
    evidence: EvidenceView
    house: HouseView
    months: MonthsView | None
    timeline: TimelineView | None
    ends: EndsView
    waivers: WaiversView | None
    shown: ShownView
    imprint: Imprint

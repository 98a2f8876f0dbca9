"""What a template shows, as typed values in one language. The documented view model.

Every text here is ready to be shown: in the report's language, bounded, and with characters that
cannot be seen made visible. It is not escaped: that is the work of each writer, for its format.
Anchors are names inside the page, made of letters, digits and dashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessor.report.fleet_parts import FleetView
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
    """A place in the page, by the text that leads to it.

    Attributes:
        anchor: the place's name, without ``#``.
        text: what to show.
    """

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
        label: the name.
        value: the value.
        literal: the value is a machine's or a file's own text, not a sentence.
    """

    label: str
    value: str
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How many claims or measures have a verdict, with its share of a bar of 1000 units.

    Attributes:
        badge: the verdict.
        number: how many have it.
        offset: where its part of the bar begins.
        width: of its part of the bar.
    """

    badge: Badge
    number: int
    offset: int
    width: int


@dataclass(frozen=True, slots=True)
class Mark:
    """One claim or measure in the picture of all.

    Attributes:
        badge: its verdict.
        link: its place.
    """

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
        targets: the systems, as many as are named.
        more: that there are more targets than are named, in words; may be empty.
        text: what was found; empty where the place says it.
        code: the outcome, which chooses the sign.
        detail: the technical side of it, in its own words; may be empty.
        proof: the evidence behind it, or ``None``.
        subjects: the measures it is about, where they do not follow from the place.
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
    """A parameter: what was promised and what was checked. Either may be empty.

    Attributes:
        label: what it sets.
        promised: as the statement promises it.
        used: as it was checked.
    """

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
        link: the measure and its place.
        kind: who can show it: a machine, a person, or both; in words.
        badge: the verdict.
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
        number: its place among the promises, from 1.
        name: such as ``Belofte 3``.
        heading: what it stands under in the statement; may be empty.
        quote: the words, verbatim.
        badge: the verdict.
        why: the rule that decided, in a sentence.
        measures: what it promises, each with its own verdict.
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
        text: the words, verbatim.
        claim: the promise's place in the list of promises, with its name.
        badge: the promise's verdict.
        anchor: the claim's place, at its first piece only.
    """

    text: str
    claim: Link | None = None
    badge: Badge | None = None
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the statement; ``heading`` where a claim says that it stands under it.

    Attributes:
        segments: its text, cut where promises begin and end.
        heading: whether it is a heading.
    """

    segments: tuple[Segment, ...]
    heading: bool


@dataclass(frozen=True, slots=True)
class StatementView:
    """The statement itself, with each promise marked in its place.

    Attributes:
        language: the one it is written in, for ``lang``.
        facts: where it was read, when, and its digest.
        paragraphs: its whole text.
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
        line: the measure itself.
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
    """What was found of a measure on a target; without a badge where nothing was asked.

    Attributes:
        badge: the outcome; ``None`` where nothing was asked.
        proof: the anchor of the finding; may be empty.
    """

    badge: Badge | None
    proof: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A measure with its cells, in the order of the table's targets.

    Attributes:
        measure: the head of the row.
        cells: one for each column.
    """

    measure: Link
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class MatrixTable:
    """A piece of the matrix: as many targets as fit beside each other.

    Attributes:
        caption: which piece it is, in words.
        targets: the heads of its columns.
        rows: one for each measure.
    """

    caption: str
    targets: tuple[Link, ...]
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True)
class TargetView:
    """A target and what was found there.

    Attributes:
        link: its name and place.
        role: what it is for its owner, in words.
        facts: address, system, when it was seen, and the like.
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
        title: the reason.
        mend: how to make it observable, in words.
        hints: the exact lines or commands for that, as the transports gave them.
        notes: what it touches.
        rest: that there are more of these, in words; may be empty.
        hints_rest: that there are more of these, and where, in words; may be empty.
    """

    title: str
    mend: str
    hints: tuple[str, ...]
    notes: tuple[Note, ...]
    rest: str
    hints_rest: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """Targets by their names, without more.

    Attributes:
        targets: the systems, as many as are named.
        more: that there are more than are named, in words; may be empty.
    """

    targets: tuple[Link, ...] = ()
    more: str = ""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One administrator of one machine, and by what: a group, a rule of sudo.

    Attributes:
        account: the account's name.
        rights: what makes it an administrator.
        target: the machine.
        others: the other machines of which the same holds, in a run of many; else empty.
    """

    account: str
    rights: str
    target: Link
    others: Named


@dataclass(frozen=True, slots=True)
class SourceView:
    """Where a criterion was published; ``url`` is an http or https address or empty.

    Attributes:
        title: of the publication.
        section: of it; may be empty.
        date: of it; may be empty.
        url: where it is.
    """

    title: str
    section: str
    date: str
    url: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A target with the answers that a finding rests on there.

    Attributes:
        target: the system.
        answers: the places of its answers.
    """

    target: Link
    answers: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class FindingRow:
    """Findings that are equal in all but their target.

    Attributes:
        message: what was found, in a sentence.
        detail: the technical side of why nothing was seen; else empty.
        observed: what was seen.
        advice: good practice beside the promise.
        error: the traceback of a check that failed; else empty.
        proofs: all targets; in a run of many, only some of those whose answers are shown.
        others: the other targets.
    """

    message: str
    detail: str
    observed: tuple[Item, ...]
    advice: tuple[str, ...]
    error: str
    proofs: tuple[Proof, ...]
    others: Named


@dataclass(frozen=True, slots=True)
class FindingView:
    """Findings of a check that say the same with other values, on one or more targets.

    Attributes:
        anchor: of the finding.
        badge: the outcome.
        measure: what it is about.
        message: what they say, or how many different things.
        where: the targets, in words.
        expected: what it should be.
        parameters: with which settings it was judged.
        rows: one for each different thing that is said; in a run of many targets, only those for
            which there is room.
        rest: that more was said than the rows show, and where that is, in words; may be empty.
        others: the targets of which it was said.
        said: how many different things were said, in rows or not.
    """

    anchor: str
    badge: Badge
    measure: Link
    message: str
    where: str
    expected: tuple[Item, ...]
    parameters: tuple[Item, ...]
    rows: tuple[FindingRow, ...]
    rest: str
    others: Named
    said: int


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check: its criterion, and its findings with the exceptions first.

    Attributes:
        link: its title and place.
        id: the name of its folder.
        version: of the check.
        why: what it is good for.
        severity: how much it weighs, in a word.
        criterion: when it is in order.
        sources: where the criterion comes from.
        findings: what it found, the exceptions first.
    """

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
    """A question as it was put, shown once however many targets it went to.

    Attributes:
        link: its name and place.
        kind: a command, a script, a question from outside, ...; in words.
        privileged: whether it needed root's rights.
        text: the question to the letter.
        cut: says that the rest is not shown; empty when all is.
    """

    link: Link
    kind: str
    privileged: bool
    text: str
    cut: str


@dataclass(frozen=True, slots=True)
class AnswerView:
    """A capture: a raw answer, or why there is none.

    Attributes:
        anchor: of the answer.
        name: of the question.
        probe: the question's place; ``None`` where it stands here.
        command: the question, where it is short; else empty.
        facts: exit status, time, duration, digest.
        warnings: what is wrong with it: cut off at the source, not text.
        output: what is shown of it; ``cut`` says what is not and where the whole is.
        cut: says what of the output is not shown; empty when all is.
        same: where the same output was shown before, or ``None``.
        errors: the error output; may be empty.
        missing: why there is no answer; else empty.
        withheld: there is one, but this reader is not shown it.
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
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class TargetAnswers:
    """All answers of one target.

    Attributes:
        anchor: of these answers.
        target: the system.
        summary: how many answers, in words.
        answers: each answer.
    """

    anchor: str
    target: Link
    summary: str
    answers: tuple[AnswerView, ...]


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """The annex for those who want the proof.

    Attributes:
        checks: with their criteria and findings.
        probes: what was asked.
        targets: what each system answered.
        verify: how to see that nothing was changed, in sentences.
        cut: that not all answers are shown, which ones, and where the others are; else empty.
        received: how many answers there are, shown or not.
    """

    checks: tuple[CheckView, ...]
    probes: tuple[ProbeView, ...]
    targets: tuple[TargetAnswers, ...]
    verify: tuple[str, ...]
    cut: str
    received: int


@dataclass(frozen=True, slots=True)
class ReportView:
    """A whole report in one language.

    Attributes:
        language: for the page's ``lang``, such as ``nl`` or ``nl-BE``.
        labels: the fixed words of the page, by name.
        summary: the first screen.
        claims: the promises, in the statement's order.
        statement: ``None`` where there is no statement: then ``claims`` is empty and the report
            is about the measures.
        measures: every measure, over all systems.
        matrix: measures against systems, cut into tables that fit beside each other.
        targets: every system.
        register: who may administer which machine; empty where no check tells it.
        gaps: what could not be observed, by its reason.
        frameworks: laws and standards of which the run touches a requirement.
        evidence: the annex for those who want the proof.
        house: the style of the company that hands the report over.
        months: the months before, on the first screen; ``None`` where nothing is known of them.
        timeline: the runs up to this one; ``None`` where no other is known.
        ends: what ends within ninety days.
        waivers: the deviations that were accepted; ``None`` where there is none.
        shown: exactly what was and what was not shown.
        imprint: what a file of it says of itself.
        fleet: in a run of many systems, ``matrix`` is empty and this tells them in groups;
            ``targets`` still has them all. ``None`` in a run of few.
        register_rest: that there are more administrators than are told, in words; may be empty.
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
    fleet: FleetView | None
    register_rest: str

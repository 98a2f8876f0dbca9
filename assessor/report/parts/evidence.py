"""The annex: checks with their criteria, findings, questions and raw answers."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.report.parts.common import Badge, Item, Link, Named


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

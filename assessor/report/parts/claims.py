"""The promises, the statement they stand in, and the measures they promise."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.report.parts.common import Badge, Item, Link, Note
from assessor.report.parts.past import CourseView


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

"""A statement, its claims, and what was concluded of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from assessor.model.attestation import Attestation, Waiver
from assessor.model.facts import Fact
from assessor.model.finding import Finding
from assessor.model.language import Language
from assessor.model.target import Role

Parameter = int | float | str | bool


@dataclass(frozen=True, slots=True)
class StatementText:
    """A statement as it was read.

    Attributes:
        source: the path or address it came from, for people.
        format: ``text``, ``markdown``, ``html``, ``pdf`` or ``docx``.
        text: the text that claims have their offsets in. For text and Markdown it is the file
            itself, character by character.
        sha256: digest (hex) of the bytes as read.
        language: the language it is written in.
    """

    source: str
    format: str
    text: str
    sha256: str
    language: Language


@dataclass(frozen=True, slots=True)
class Reading:
    """Why a claim was mapped to a measure: the phrase that led to it.

    Attributes:
        measure: an id of the catalogue.
        phrase: the words of the claim that matched.
        rule: the lexicon entry that matched them.
        score: 0 to 1; how sure the mapper is.
    """

    measure: str
    phrase: str
    rule: str
    score: float


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence or list item of the statement that promises security.

    Attributes:
        id: stable while its words stay the same (from the quote, and its count if repeated).
        quote: the words, verbatim: ``text[start:end]``.
        start: offset of the first character in ``StatementText.text``.
        end: offset behind the last character.
        heading: the heading it stands under, or the empty string.
        measures: what it promises; empty where the mapper found none.
        parameters: conditions and intervals per measure, such as
            ``{"password-rotation": {"interval_days": 92}}``.
        readings: why, one or more per measure.
        roles: the kinds of machine it is about ("our router", "our website"); empty where it is
            about none that an inventory can hold ("our telephones"); ``None`` where it does not
            say, which means all.
    """

    id: str
    quote: str
    start: int
    end: int
    heading: str
    measures: tuple[str, ...]
    parameters: Mapping[str, Mapping[str, Parameter]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    readings: tuple[Reading, ...] = ()
    roles: tuple[Role, ...] | None = None


class Verdict(StrEnum):
    """What is concluded of a claim. The words appear in evidence files: never rename one."""

    KEPT = "kept"
    PARTLY = "partly"
    BROKEN = "broken"
    ATTESTED = "attested"
    EXPIRED = "expired"
    UNPROVEN = "unproven"


@dataclass(frozen=True, slots=True)
class MeasureVerdict:
    """What is concluded of one measure, and from what.

    Attributes:
        rule: the row of ``docs/verdicts.md`` that decided, such as ``all-pass``.
        findings: every finding it rests on.
        facts: counts and names that fill in the rule's text.
        attestations: every attestation of the measure, also those that do not count any more.
        waivers: every waiver of one of the findings, also those that do not count any more.
    """

    measure: str
    verdict: Verdict
    rule: str
    findings: tuple[Finding, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}))
    attestations: tuple[Attestation, ...] = ()
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimVerdict:
    """What is concluded of a claim: from the verdicts of its measures."""

    claim: Claim
    verdict: Verdict
    rule: str
    measures: tuple[MeasureVerdict, ...]

"""What people say: attestations for what no machine can show, and waivers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from assessor.model.language import Language

WARN_BEFORE = timedelta(days=31)
"""How long before it expires a waiver or an attestation is announced."""


class Answer(StrEnum):
    """What is attested of a measure. The words appear in evidence files: never rename one."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file that goes with an attestation: a photo, contract, certificate or invoice.

    Attributes:
        name: the file's name as it was given, without folders.
        sha256: digest (hex) of its bytes; it is kept under this name.
        size: bytes.
    """

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Attestation:
    """A person's word for a measure.

    Attributes:
        id: names the attestation's file.
        measure: an id of the catalogue.
        answer: whether the measure is in place.
        by: who says so.
        role: what that person is in the company.
        text: what is said, in the person's own words.
        given: the day from which it holds.
        expires: the last day on which it counts.
        recorded_at: when it was written down, in UTC.
        files: the evidence that goes with it.
    """

    id: str
    measure: str
    answer: Answer
    by: str
    role: str
    text: str
    given: date
    expires: date
    recorded_at: datetime
    files: tuple[EvidenceFile, ...] = ()

    def counts_on(self, day: date) -> bool:
        """Whether it holds on ``day``."""
        return self.given <= day <= self.expires


@dataclass(frozen=True, slots=True)
class Waiver:
    """An accepted deviation: shown, never hidden.

    Attributes:
        check: the check's id.
        target: the target's name.
        reason: why it is accepted.
        by: who accepts it.
        until: the last day on which it counts.
        recorded_at: when it was written down, in UTC.
    """

    check: str
    target: str
    reason: str
    by: str
    until: date
    recorded_at: datetime

    def counts_on(self, day: date) -> bool:
        """Whether it holds on ``day``."""
        return day <= self.until


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a person about a measure, as ``profiles/questions.yaml`` says it.

    Attributes:
        measure: an id of the catalogue.
        text: the question, per language.
        help: what is meant, per language.
        evidence: what counts as evidence, per language.
        valid_days: how long an answer holds unless said otherwise.
    """

    measure: str
    text: Mapping[Language, str]
    help: Mapping[Language, str]
    evidence: Mapping[Language, str]
    valid_days: int


@dataclass(frozen=True, slots=True)
class Words:
    """All that people said, as far as a run knows it."""

    attestations: tuple[Attestation, ...] = ()
    waivers: tuple[Waiver, ...] = ()

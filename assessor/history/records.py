"""What the history keeps of a run: everything that changes from month to month, and no evidence.

A record is made of a run's folder (``extract.py``), kept as rows (``database``), and read back as
the same values. All texts in it are plain: bounded, without NUL and without lone surrogates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from assessor.model.attestation import Answer
from assessor.model.certificates import SeenCertificate
from assessor.model.finding import Outcome
from assessor.model.statement import Claim, Verdict

EDITION = 1
"""Raised when a record would be made otherwise: rows of an earlier edition are made again."""


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A promise and what was concluded of it.

    Attributes:
        id: the claim's own, for people who look it up in the run.
        quote: its words, verbatim.
        start: offset of its first character in the statement's text.
        end: offset behind the last.
        heading: what it stands under.
        measures: what it promises.
        verdict: what was concluded.
        rule: the row of ``docs/verdicts.md`` that decided.
    """

    id: str
    quote: str
    start: int
    end: int
    heading: str
    measures: tuple[str, ...]
    verdict: Verdict
    rule: str

    def claim(self) -> Claim:
        """As the statement's code knows it."""
        return Claim(self.id, self.quote, self.start, self.end, self.heading, self.measures)


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A measure and what was concluded of it."""

    measure: str
    verdict: Verdict
    rule: str


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A machine, site or mail domain that was asked.

    Attributes:
        seen: it gave something that could be judged.
    """

    name: str
    role: str
    platform: str
    seen: bool


@dataclass(frozen=True, slots=True)
class AttestationRow:
    """A person's word, as it was known when the run began."""

    id: str
    measure: str
    answer: Answer
    by: str
    given: date
    expires: date


@dataclass(frozen=True, slots=True)
class WaiverRow:
    """An accepted deviation; ``until`` is the last day on which it counts."""

    check: str
    target: str
    by: str
    until: date


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A check's verdict on a target; ``message`` is the id of its text."""

    target: str
    measure: str
    check: str
    check_version: int
    outcome: Outcome
    message: str


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run without its findings, which are many.

    Attributes:
        run: its id.
        manifest: SHA-256 digest (hex) of its manifest; another one means that it was judged anew.
        started_at: by the collector's clock, in UTC.
        finished_at: when collecting ended.
        organisation: whose promises; may be empty.
        profile: the profile's id.
        assess_version: the version of this programme.
        vantage: from where everything was seen.
        statement: SHA-256 digest (hex) of the statement, or the empty string.
        outcomes: how many findings had which outcome.
        claims: in the statement's order.
        measures: what was concluded of each measure.
        targets: in the inventory's order.
        certificates: those that were seen in use.
        attestations: all that people attested.
        waivers: all that people accepted.
    """

    run: str
    manifest: str
    started_at: datetime
    finished_at: datetime
    organisation: str
    profile: str
    assess_version: str
    vantage: str
    statement: str
    outcomes: Mapping[Outcome, int]
    claims: tuple[ClaimRow, ...] = ()
    measures: tuple[MeasureRow, ...] = ()
    targets: tuple[TargetRow, ...] = ()
    certificates: tuple[SeenCertificate, ...] = ()
    attestations: tuple[AttestationRow, ...] = ()
    waivers: tuple[WaiverRow, ...] = ()

    def verdicts(self) -> Mapping[Verdict, int]:
        """How many promises (measures, where there is no statement) have which verdict."""
        told = [row.verdict for row in self.claims] or [row.verdict for row in self.measures]
        return {verdict: told.count(verdict) for verdict in Verdict if verdict in told}


@dataclass(frozen=True, slots=True)
class RunRecord:
    """All that the history keeps of a run."""

    summary: RunSummary
    findings: tuple[FindingRow, ...]

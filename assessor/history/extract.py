"""A run's record from what its folder says: pure, and the same again from the same folder."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from assessor.history.records import (
    AttestationRow,
    ClaimRow,
    FindingRow,
    MeasureRow,
    RunRecord,
    RunSummary,
    TargetRow,
    WaiverRow,
)
from assessor.model.attestation import Words
from assessor.model.certificates import SeenCertificate, certificates_of
from assessor.model.evidence import RunFacts
from assessor.model.finding import Finding, Outcome
from assessor.model.statement import Claim, Verdict
from assessor.model.target import Target

MOST_CERTIFICATES = 1000
"""Certificates that are kept of one run."""
LONGEST_NAME = 300
LONGEST_QUOTE = 4000
_NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
"""What no database takes as text: NUL, and surrogates, which no UTF-8 has."""


@dataclass(frozen=True, slots=True)
class JudgedClaim:
    """What is concluded of a claim, without the findings that it rests on."""

    claim: Claim
    verdict: Verdict
    rule: str


@dataclass(frozen=True, slots=True)
class JudgedMeasure:
    """What is concluded of a measure, without the findings that it rests on."""

    measure: str
    verdict: Verdict
    rule: str


@dataclass(frozen=True, slots=True)
class Conclusions:
    """Of ``findings.json`` what the history needs: half of it, and read in half the time."""

    finished_at: datetime
    findings: tuple[Finding, ...]
    claims: tuple[JudgedClaim, ...]
    measures: tuple[JudgedMeasure, ...]


@dataclass(frozen=True, slots=True)
class Concluded:
    """What a finished run's folder holds, as far as the history needs it.

    Attributes:
        manifest: SHA-256 digest (hex) of its manifest.
        statement: SHA-256 digest (hex) of the statement; empty where there was none.
    """

    facts: RunFacts
    manifest: str
    statement: str
    conclusions: Conclusions
    targets: tuple[Target, ...]
    words: Words


def record(run: Concluded) -> RunRecord:
    """What the history keeps of ``run``."""
    facts, conclusions = run.facts, run.conclusions
    findings = conclusions.findings
    counts = Counter(finding.outcome for finding in findings)
    summary = RunSummary(
        run=plain(facts.id),
        manifest=run.manifest,
        started_at=facts.started_at.astimezone(UTC),
        finished_at=conclusions.finished_at.astimezone(UTC),
        organisation=plain(facts.organisation),
        profile=plain(facts.profile),
        assess_version=plain(facts.assess_version),
        vantage=plain(facts.vantage),
        statement=run.statement,
        outcomes={outcome: counts[outcome] for outcome in Outcome},
        claims=tuple(_claim(item) for item in conclusions.claims),
        measures=tuple(
            MeasureRow(plain(item.measure), item.verdict, plain(item.rule))
            for item in conclusions.measures
        ),
        targets=_targets(run.targets, findings),
        certificates=tuple(certificates(findings)),
        attestations=tuple(
            AttestationRow(
                plain(item.id),
                plain(item.measure),
                item.answer,
                plain(item.by),
                item.given,
                item.expires,
            )
            for item in run.words.attestations
        ),
        waivers=tuple(
            WaiverRow(plain(item.check), plain(item.target), plain(item.by), item.until)
            for item in run.words.waivers
        ),
    )
    return RunRecord(summary, tuple(_finding(item) for item in findings))


def certificates(findings: Iterable[Finding]) -> list[SeenCertificate]:
    """Each certificate once, in the order of the findings; at most ``MOST_CERTIFICATES``."""
    found = (each for finding in findings for each in certificates_of(finding))
    return list(dict.fromkeys(found))[:MOST_CERTIFICATES]


def plain(text: str, longest: int = LONGEST_NAME) -> str:
    """``text`` as any database takes it; what is cut ends in an ellipsis."""
    kept = _NOT_STORABLE.sub("\ufffd", text[: longest + 1])
    return kept if len(kept) <= longest else f"{kept[: longest - 1]}…"


def _claim(item: JudgedClaim) -> ClaimRow:
    claim = item.claim
    return ClaimRow(
        plain(claim.id),
        plain(claim.quote, LONGEST_QUOTE),
        claim.start,
        claim.end,
        plain(claim.heading),
        tuple(plain(measure) for measure in claim.measures),
        item.verdict,
        plain(item.rule),
    )


def _targets(targets: Iterable[Target], findings: Iterable[Finding]) -> tuple[TargetRow, ...]:
    seen = {item.target for item in findings if item.outcome is not Outcome.UNKNOWN}
    return tuple(
        TargetRow(plain(item.name), item.role.value, item.platform.value, item.name in seen)
        for item in targets
    )


def _finding(item: Finding) -> FindingRow:
    return FindingRow(
        plain(item.target),
        plain(item.measure),
        plain(item.check),
        item.check_version,
        item.outcome,
        plain(item.judgement.message.id),
    )

"""Builders of what the history keeps: a test names only what it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

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
from assessor.model.attestation import Answer
from assessor.model.certificates import SeenCertificate
from assessor.model.finding import Outcome
from assessor.model.statement import Claim, Verdict
from assessor.statement.decisions import changes
from tests.factories import AT

KEPT, BROKEN, UNPROVEN, PARTLY = Verdict.KEPT, Verdict.BROKEN, Verdict.UNPROVEN, Verdict.PARTLY


def reworded(old: Iterable[Claim], new: Iterable[Claim]) -> Iterable[tuple[Claim, Claim]]:
    """As the commands hand it in."""
    return changes(old, new).changed


def claims(*told: tuple[str, Verdict]) -> tuple[ClaimRow, ...]:
    """Promises about backups, one after the other."""
    found, start = [], 0
    for quote, verdict in told:
        end = start + len(quote)
        found.append(ClaimRow("id", quote, start, end, "", ("backups",), verdict, "rule"))
        start = end + 1
    return tuple(found)


def attestation(
    measure: str = "backups",
    *,
    expires: date = date(2027, 2, 28),
    given: date = date(2026, 1, 1),
    name: str = "a-1",
) -> AttestationRow:
    """A person's word."""
    return AttestationRow(name, measure, Answer.YES, "Jo", given, expires)


def run(
    at: datetime = AT,
    *,
    claims: Iterable[ClaimRow] = (),
    measures: Iterable[MeasureRow] = (),
    targets: Iterable[TargetRow] = (),
    certificates: Iterable[SeenCertificate] = (),
    attestations: Iterable[AttestationRow] = (),
    waivers: Iterable[WaiverRow] = (),
    findings: Iterable[FindingRow] = (),
    name: str = "",
    manifest: str = "m" * 64,
) -> RunRecord:
    """A run of nothing."""
    found = tuple(findings)
    counts = Counter(item.outcome for item in found)
    summary = RunSummary(
        name or f"{at:%Y%m%dT%H%M%SZ}-4f2a",
        manifest,
        at,
        at + timedelta(minutes=4),
        "Bakker",
        "mkb",
        "0.1.0",
        "here",
        "",
        {outcome: counts[outcome] for outcome in Outcome},
        tuple(claims),
        tuple(measures),
        tuple(targets),
        tuple(certificates),
        tuple(attestations),
        tuple(waivers),
    )
    return RunRecord(summary, found)


def finding(
    outcome: Outcome = Outcome.PASS, *, target: str = "srv1", measure: str = "firewall"
) -> FindingRow:
    """A finding of the firewall's check."""
    return FindingRow(target, measure, "host_firewall", 1, outcome, "good")

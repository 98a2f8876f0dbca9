"""What a run's folder keeps of the statement and of what was concluded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from assessor.model.finding import Finding
from assessor.model.statement import Claim, ClaimVerdict, MeasureVerdict, StatementText


@dataclass(frozen=True, slots=True)
class Conclusions:
    """What was concluded in a run, as ``findings.json`` keeps it."""

    finished_at: datetime
    findings: tuple[Finding, ...]
    claims: tuple[ClaimVerdict, ...]
    measures: tuple[MeasureVerdict, ...]


@dataclass(frozen=True, slots=True)
class StatementRecord:
    """The statement of a run with the claims that were found in it."""

    statement: StatementText
    claims: tuple[Claim, ...]

"""A run: what was asked, what came back, and what was concluded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from assessor.model.attestation import Words
from assessor.model.check import CheckInfo
from assessor.model.evidence import RunFacts, TargetEvidence
from assessor.model.finding import Finding
from assessor.model.framework import Frameworks
from assessor.model.language import Language
from assessor.model.measure import Measure
from assessor.model.memory import Memory
from assessor.model.plan import Plan
from assessor.model.statement import ClaimVerdict, MeasureVerdict, StatementText
from assessor.model.texts import CheckTexts


@dataclass(frozen=True, slots=True)
class RunResult:
    """A whole run: what a report is made of.

    Attributes:
        finished_at: when collecting ended, in UTC.
        evidence: by target name; a target that was never reached is absent or has a gap.
        findings: one per target, check and measure, judged with the profile's parameters.
        statement: the statement as read, or ``None`` where there is none.
        claims: in the statement's order; findings in them may be judged with a claim's own
            parameters.
        measures: every measure that the statement promises or, without one, the profile names.
        remembered: what is known of secrets after this run.
        stamped: somebody else has stamped the time of this run.
        words: all that people had said when the run began, also of what it did not look at.
    """

    facts: RunFacts
    finished_at: datetime
    plan: Plan
    evidence: Mapping[str, TargetEvidence]
    findings: tuple[Finding, ...]
    statement: StatementText | None
    claims: tuple[ClaimVerdict, ...]
    measures: tuple[MeasureVerdict, ...]
    remembered: Memory = field(default_factory=Memory)
    stamped: bool = False
    words: Words = field(default_factory=Words)


@dataclass(frozen=True, slots=True)
class Reference:
    """What a report needs besides the run: the catalogue, the texts of the checks, the frameworks.

    Attributes:
        measures: the catalogue of measures, by id.
        checks: by id.
        texts: by check id, then by language; every check has both languages.
        frameworks: laws and standards, with the requirements that measures touch.
    """

    measures: Mapping[str, Measure]
    checks: Mapping[str, CheckInfo]
    texts: Mapping[str, Mapping[Language, CheckTexts]]
    frameworks: Frameworks = field(default_factory=dict)

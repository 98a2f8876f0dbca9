"""A run: what was asked, what came back, and what was concluded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from assessor.model.attestation import Words
from assessor.model.capture import Capture, NotCaptured
from assessor.model.check import CheckInfo
from assessor.model.finding import Finding
from assessor.model.framework import Frameworks
from assessor.model.memory import Memory
from assessor.model.plan import Plan
from assessor.model.statement import (
    ClaimVerdict,
    Language,
    Measure,
    MeasureVerdict,
    StatementText,
)
from assessor.model.texts import CheckTexts


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is known of a run before anything is asked.

    Attributes:
        id: names the run's folder, such as ``20261101T090000Z-4f2a``.
        assess_version: the version of this programme.
        profile: the profile's id.
        organisation: the company whose promises are assessed; may be empty.
        assessor: who assesses; may be empty.
        language: of the report.
        started_at: by the collector's clock, in UTC.
        vantage: the machine from which everything was seen.
        previous: SHA-256 digest (hex) of the manifest of the run before, or the empty string.
        left_out: checks of the profile that are broken and do not judge.
        measures: what is assessed where there is no statement.
        packages: installed packages whose checks the profile names.
    """

    id: str
    assess_version: str
    profile: str
    organisation: str
    assessor: str
    language: Language
    started_at: datetime
    vantage: str
    previous: str = ""
    left_out: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stored:
    """A capture as the store keeps it, with the SHA-256 digest (hex) that findings refer to."""

    capture: Capture
    digest: str


@dataclass(frozen=True, slots=True)
class TargetEvidence:
    """Everything that came back from one target.

    Attributes:
        target: its name.
        at: when its collection began, in UTC; "now" for every age that a check computes.
        captures: by the probe's key in the plan.
        complete: it was collected to the end; ``False`` where the run was broken off.
        clock_skew_s: the target's clock minus the collector's, in seconds; ``None`` if unknown.
        gap: why the target as a whole gave nothing more, such as a refused host key.
    """

    target: str
    at: datetime
    captures: Mapping[str, Stored]
    complete: bool
    clock_skew_s: float | None = None
    gap: NotCaptured | None = None


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

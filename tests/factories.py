"""Builders with sensible defaults for the model's types: a test names only what it is about."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from assessor.model.attestation import Answer, Attestation, EvidenceFile, Waiver
from assessor.model.capture import Capture, Captured, NotCaptured, Reason
from assessor.model.check import (
    CheckInfo,
    Criterion,
    ParameterInfo,
    Probe,
    ProbeKind,
    Severity,
    Source,
)
from assessor.model.evidence import RunFacts, Stored, TargetEvidence
from assessor.model.facts import NO_FACTS, Facts
from assessor.model.finding import Finding, Judgement, Message, Outcome
from assessor.model.framework import Frameworks
from assessor.model.language import Language
from assessor.model.measure import Measure, MeasureKind
from assessor.model.plan import Plan, PlannedCheck, PlannedProbe, TargetPlan
from assessor.model.run import Reference, RunResult
from assessor.model.statement import (
    Claim,
    ClaimVerdict,
    MeasureVerdict,
    Parameter,
    StatementText,
    Verdict,
)
from assessor.model.target import Platform, Privilege, Role, Target, TransportKind
from assessor.model.texts import CheckTexts

AT = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)


def make_target(
    name: str = "srv1",
    *,
    role: Role = Role.SERVER,
    transport: TransportKind = TransportKind.SSH,
    platform: Platform = Platform.LINUX,
    address: str = "192.0.2.10",
    port: int | None = None,
    privilege: Privilege = Privilege.SUDO,
) -> Target:
    """A Linux server that is reached over SSH."""
    return Target(name, role, transport, platform, address, port, privilege=privilege)


def make_probe(
    name: str = "nft_ruleset",
    *,
    kind: ProbeKind = ProbeKind.COMMAND,
    text: str = "/usr/sbin/nft -j list ruleset",
    privilege: Privilege = Privilege.SUDO,
) -> Probe:
    """A privileged command."""
    return Probe(name, kind, text, privilege)


def make_check_info(
    check: str = "host_firewall",
    *,
    measures: tuple[str, ...] = ("firewall",),
    severity: Severity = Severity.HIGH,
    probes: Iterable[Probe] | None = None,
    parameters: Mapping[str, ParameterInfo] | None = None,
    sources: tuple[Source, ...] = (
        Source("Example guideline", "section 4.2", "https://www.example.org/guide", "2025-06-01"),
    ),
) -> CheckInfo:
    """What the ``check.yaml`` of a host check says."""
    asked = tuple(probes) if probes is not None else (make_probe(),)
    return CheckInfo(
        id=check,
        version=1,
        folder=Path("checks") / check,
        origin="bundled",
        measures=measures,
        severity=severity,
        roles=frozenset(Role),
        probes={Platform.LINUX: asked},
        parameters=parameters or {},
        criterion=Criterion(
            {"nl": f"Zo hoort {check} te zijn.", "en": f"This is how {check} should be."}, sources
        ),
    )


def make_check_texts(
    title: str = "Firewall",
    messages: Mapping[str, str] | None = None,
    remedies: Mapping[str, str] | None = None,
    *,
    why: str = "Why it matters.",
) -> CheckTexts:
    """Texts with one message, ``good``, and one that has a remedy, ``bad``."""
    return CheckTexts(
        title,
        why,
        messages if messages is not None else {"good": "It is good.", "bad": "It is bad: {name}."},
        remedies if remedies is not None else {"bad": "Mend {name}."},
    )


def make_measure(
    measure: str = "firewall",
    kind: MeasureKind = MeasureKind.TECHNICAL,
    *,
    nl: str = "",
    en: str = "",
) -> Measure:
    """A measure of the catalogue; its titles are its id unless given."""
    return Measure(measure, kind, {"nl": nl or measure, "en": en or measure}, "")


def make_finding(
    outcome: Outcome = Outcome.PASS,
    *,
    target: str = "srv1",
    check: str = "host_firewall",
    measure: str = "firewall",
    message: str = "",
    facts: Facts = NO_FACTS,
    expected: Facts = NO_FACTS,
    observed: Facts = NO_FACTS,
    advice: tuple[Message, ...] = (),
    parameters: Facts = NO_FACTS,
    evidence: tuple[str, ...] = (),
    error: str = "",
) -> Finding:
    """A finding; its message is ``good`` for a pass and ``bad`` for all else unless given."""
    said = message or ("good" if outcome is Outcome.PASS else "bad")
    judgement = Judgement(measure, outcome, Message(said, facts), expected, observed, advice)
    return Finding(check, 1, target, judgement, parameters, evidence, error)


def make_not_observed(
    reason: Reason = Reason.NO_PRIVILEGE,
    *,
    target: str = "srv1",
    check: str = "host_firewall",
    measure: str = "firewall",
    detail: str = "sudo: a password is required",
    mend: str = "",
    evidence: tuple[str, ...] = (),
) -> Finding:
    """A finding that a probe gave nothing, as ``assessor.api.not_observed`` makes it."""
    return make_finding(
        Outcome.UNKNOWN,
        target=target,
        check=check,
        measure=measure,
        message="not_observed",
        facts={"probe": "p", "reason": reason.value, "detail": detail, "mend": mend},
        evidence=evidence,
    )


def make_captured(
    probe: str = "p",
    stdout: str = "output\n",
    *,
    stderr: str = "",
    exit_status: int = 0,
    truncated: bool = False,
    undecodable: bool = False,
) -> Captured:
    """A whole answer with exit status 0."""
    return Captured(probe, stdout, stderr, exit_status, AT, 0.12, truncated, undecodable)


def make_not_captured(
    probe: str = "p",
    reason: Reason = Reason.NO_PRIVILEGE,
    detail: str = "sudo: a password is required",
    mend: str = "",
) -> NotCaptured:
    """Why there is no answer."""
    return NotCaptured(probe, reason, detail, AT, mend)


def make_digest(*words: object) -> str:
    """A digest that is the same for the same words."""
    return hashlib.sha256(repr(words).encode()).hexdigest()


def make_stored(capture: Capture, target: str = "srv1") -> Stored:
    """A capture as the store keeps it."""
    return Stored(capture, make_digest(target, capture))


def make_evidence(
    target: str = "srv1",
    captures: Iterable[Capture] = (),
    *,
    complete: bool = True,
    clock_skew_s: float | None = 0.0,
    gap: NotCaptured | None = None,
) -> TargetEvidence:
    """All that came back from a target."""
    stored = {capture.probe: make_stored(capture, target) for capture in captures}
    return TargetEvidence(target, AT, stored, complete, clock_skew_s, gap)


def make_target_plan(
    target: Target | None = None,
    probes: Mapping[str, Probe] | None = None,
    checks: Iterable[PlannedCheck] = (),
) -> TargetPlan:
    """A plan for one target; ``probes`` by their key."""
    planned = tuple(PlannedProbe(key, probe) for key, probe in (probes or {}).items())
    return TargetPlan(target or make_target(), planned, tuple(checks))


def make_measure_verdict(
    measure: str = "firewall",
    verdict: Verdict = Verdict.KEPT,
    rule: str = "all-pass",
    findings: Iterable[Finding] = (),
    facts: Facts = NO_FACTS,
    attestations: Iterable[Attestation] = (),
    waivers: Iterable[Waiver] = (),
) -> MeasureVerdict:
    """A measure that is kept everywhere."""
    return MeasureVerdict(
        measure, verdict, rule, tuple(findings), facts, tuple(attestations), tuple(waivers)
    )


def make_attestation(
    measure: str = "fire-safety",
    answer: Answer = Answer.YES,
    *,
    text: str = "So it is.",
    by: str = "Jo",
    role: str = "owner",
    given: date = date(2026, 3, 1),
    expires: date = date(2027, 2, 28),
    files: tuple[EvidenceFile, ...] = (),
) -> Attestation:
    """An attestation that counts on the day of a run."""
    return Attestation(f"{measure}-1", measure, answer, by, role, text, given, expires, AT, files)


def make_waiver(
    check: str = "host_firewall",
    target: str = "srv1",
    *,
    reason: str = "It is replaced next month.",
    by: str = "Jo",
    until: date = date(2027, 2, 28),
) -> Waiver:
    """A waiver that counts on the day of a run."""
    return Waiver(check, target, reason, by, until, AT)


def make_claim(
    quote: str = "Wij hebben een firewall.",
    *,
    start: int = 0,
    heading: str = "",
    measures: tuple[str, ...] = ("firewall",),
    parameters: Mapping[str, Mapping[str, Parameter]] | None = None,
) -> Claim:
    """A claim of one sentence, at ``start`` in its statement."""
    return Claim(
        id=make_digest(quote, start)[:12],
        quote=quote,
        start=start,
        end=start + len(quote),
        heading=heading,
        measures=measures,
        parameters=parameters or {},
    )


def make_claim_verdict(
    claim: Claim | None = None,
    verdict: Verdict = Verdict.KEPT,
    rule: str = "all-pass",
    measures: Iterable[MeasureVerdict] = (),
) -> ClaimVerdict:
    """A claim that is kept."""
    return ClaimVerdict(claim or make_claim(), verdict, rule, tuple(measures))


def make_statement(
    text: str = "Wij hebben een firewall.\n",
    *,
    source: str = "privacy.md",
    language: Language = Language.NL,
) -> StatementText:
    """A Markdown statement."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return StatementText(source, "markdown", text, digest, language)


def make_run_facts(
    *,
    organisation: str = "Bakkerij Zoet",
    assessor: str = "Koek ICT",
    language: Language = Language.NL,
    vantage: str = "beheer-laptop",
    previous: str = "",
    left_out: tuple[str, ...] = (),
) -> RunFacts:
    """A run with the profile ``mkb``."""
    return RunFacts(
        id="20261124T090500Z-4f2a",
        assess_version="0.1.0",
        profile="mkb",
        organisation=organisation,
        assessor=assessor,
        language=language,
        started_at=AT,
        vantage=vantage,
        previous=previous,
        left_out=left_out,
    )


def make_result(
    *,
    facts: RunFacts | None = None,
    plan: Iterable[TargetPlan] | None = None,
    evidence: Iterable[TargetEvidence] | None = None,
    findings: Iterable[Finding] = (),
    statement: StatementText | None = None,
    claims: Iterable[ClaimVerdict] = (),
    measures: Iterable[MeasureVerdict] = (),
) -> RunResult:
    """A run of one target that answered, without statement and without findings."""
    planned = tuple(plan) if plan is not None else (make_target_plan(),)
    collected = (
        tuple(evidence)
        if evidence is not None
        else tuple(make_evidence(each.target.name) for each in planned)
    )
    return RunResult(
        facts=facts or make_run_facts(),
        finished_at=AT,
        plan=Plan(planned),
        evidence={each.target: each for each in collected},
        findings=tuple(findings),
        statement=statement,
        claims=tuple(claims),
        measures=tuple(measures),
    )


def make_reference(
    measures: Iterable[Measure] | None = None,
    checks: Iterable[CheckInfo] | None = None,
    texts: Mapping[str, Mapping[Language, CheckTexts]] | None = None,
    frameworks: Frameworks | None = None,
) -> Reference:
    """A catalogue with one measure and one check."""
    entries = tuple(measures) if measures is not None else (make_measure(),)
    infos = tuple(checks) if checks is not None else (make_check_info(),)
    return Reference(
        measures={each.id: each for each in entries},
        checks={each.id: each for each in infos},
        texts=texts
        if texts is not None
        else {each.id: dict.fromkeys(Language, make_check_texts()) for each in infos},
        frameworks=frameworks or {},
    )

"""Runs of many systems, made by a seed: one of real answers, and one in which nothing is alike."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from assessor import bundled
from assessor.catalogue.samples import Sample, observed, read_samples
from assessor.inputs.profiles import load_profile
from assessor.model.attestation import Words
from assessor.model.capture import Captured
from assessor.model.evidence import Stored, TargetEvidence
from assessor.model.facts import Fact, Facts
from assessor.model.finding import Finding, Judgement, Message, Outcome
from assessor.model.language import Language
from assessor.model.plan import Plan, PlannedCheck, PlannedProbe, TargetPlan
from assessor.model.run import Reference, RunResult
from assessor.model.statement import Verdict
from assessor.model.target import Platform, Role, Target
from assessor.pipeline import Checks
from assessor.plan.planner import make_plan
from assessor.statement.claims import find_claims
from assessor.statement.lexicon import load_lexicon
from assessor.statement.verdicts import Court
from tests import factories as make

_PROFILES = bundled.folder("profiles")
_SHARES = {
    Outcome.PASS: 80,
    Outcome.FAIL: 10,
    Outcome.UNKNOWN: 6,
    Outcome.NOT_APPLICABLE: 4,
}
_KINDS = (
    *[(Platform.WINDOWS, Role.WORKSTATION, "werkplek")] * 11,
    *[(Platform.LINUX, Role.SERVER, "server")] * 4,
    *[(Platform.WINDOWS, Role.SERVER, "dc")] * 2,
    *[(Platform.MACOS, Role.WORKSTATION, "macbook")] * 2,
    (Platform.NETWORK, Role.SITE, "site"),
)


@dataclass(frozen=True, slots=True)
class _Case:
    """A sample of a check as one target would give it."""

    plan: TargetPlan
    sample: Sample
    judgements: tuple[Judgement, ...]

    @property
    def outcome(self) -> Outcome:
        """The first measure's."""
        return self.judgements[0].outcome


def sampled_fleet(hosts: int, *, seed: int = 1) -> tuple[RunResult, Reference]:
    """A company's systems that answer as the samples of the bundled checks do.

    Every check of the profile ``mkb`` that fits a system judges one of its own samples there; most
    systems are in order, and the same faults come back. Half of the answers are a system's own, as
    are half of the numbers in what was found.

    Args:
        hosts: how many: workstations for the greater part, and servers, laptops and sites.
        seed: the same one gives the same run.
    """
    chance = random.Random(seed)
    checks, cases = _cases()
    infos = checks.catalogue.infos
    plans, evidence = [], []
    findings: list[Finding] = []
    for number in range(1, hosts + 1):
        platform, role, kind = _KINDS[number * 7 % len(_KINDS)]
        name = f"{kind}-{number:03}"
        target = make.make_target(
            name, role=role, platform=platform, address=f"192.0.2.{number % 250}"
        )
        chosen = [
            _chosen(chance, of_check)
            for check, info in infos.items()
            if role in info.roles and (of_check := cases.get((check, platform)))
        ]
        plan = _merged(target, chosen)
        collected = _answers(chance, name, chosen)
        plans.append(plan)
        evidence.append(collected)
        findings += [
            Finding(
                planned.check,
                infos[planned.check].version,
                name,
                _varied(chance, judgement),
                planned.parameters,
                tuple(
                    collected.captures[key].digest
                    for key in planned.keys.values()
                    if key in collected.captures
                ),
            )
            for case, planned in zip(chosen, plan.checks, strict=True)
            for judgement in case.judgements
        ]
    return _concluded(checks, plans, evidence, findings), checks.reference()


@cache
def _cases() -> tuple[Checks, Mapping[tuple[str, Platform], Sequence[_Case]]]:
    checks = Checks()
    infos = checks.catalogue.infos
    profile = load_profile("mkb", [_PROFILES], None, tuple(checks.measures))
    found: dict[tuple[str, Platform], list[_Case]] = {}
    for check, info in infos.items():
        alone = replace(profile, checks={check: profile.checks[check]})
        for sample in read_samples(info):
            target = sample.captures.target
            (plan,) = make_plan([target], alone, infos).targets
            if plan.checks:
                seen = observed(checks.catalogue.check(check), sample.captures, sample.beside)
                judged = checks.catalogue.check(check).evaluate(seen, sample.parameters)
                case = _Case(plan, sample, tuple(judged))
                found.setdefault((check, target.platform), []).append(case)
    return checks, found


def _chosen(chance: random.Random, cases: Sequence[_Case]) -> _Case:
    """One of the cases: an outcome by its share, then the first ones the most often."""
    (outcome,) = chance.choices(tuple(_SHARES), tuple(_SHARES.values()))
    alike = [case for case in cases if case.outcome is outcome] or cases
    (case,) = chance.choices(alike, [1 / rank for rank in range(1, len(alike) + 1)])
    return case


def _merged(target: Target, cases: Sequence[_Case]) -> TargetPlan:
    probes: dict[str, PlannedProbe] = {}
    for case in cases:
        for planned in case.plan.probes:
            probes.setdefault(planned.key, planned)
    planned_checks = (replace(case.plan.checks[0]) for case in cases)
    return TargetPlan(target, tuple(probes.values()), tuple(planned_checks))


def _answers(chance: random.Random, name: str, cases: Sequence[_Case]) -> TargetEvidence:
    captures: dict[str, Stored] = {}
    for case in cases:
        planned: PlannedCheck = case.plan.checks[0]
        for probe, key in planned.keys.items():
            capture = case.sample.captures.by_probe.get(probe)
            if capture is None or key in captures:
                continue
            capture = replace(capture, probe=key, at=make.AT)
            if isinstance(capture, Captured) and chance.random() < 0.5:
                capture = replace(capture, stdout=f"{capture.stdout}{name}\n", duration_s=0.12)
            captures[key] = make.make_stored(capture, name)
    return TargetEvidence(name, make.AT, captures, complete=True, clock_skew_s=0.0)


def _varied(chance: random.Random, judgement: Judgement) -> Judgement:
    if chance.random() < 0.5:
        return judgement
    more = chance.randrange(10)
    message = judgement.message
    return replace(
        judgement,
        message=Message(message.id, _moved(message.facts, more)),
        observed=_moved(judgement.observed, more),
    )


def _moved(facts: Facts, more: int) -> Facts:
    def moved(value: Fact) -> Fact:
        number = isinstance(value, int) and not isinstance(value, bool) and value > 1
        return value + more if number and isinstance(value, int) else value

    return {name: moved(value) for name, value in facts.items()}


def _concluded(
    checks: Checks,
    plans: Sequence[TargetPlan],
    evidence: Sequence[TargetEvidence],
    findings: Sequence[Finding],
) -> RunResult:
    text = (_PROFILES / "example-statement.nl.md").read_text("utf-8")
    statement = make.make_statement(text)
    lexicon = load_lexicon(_PROFILES / "lexicon", Language.NL)
    by_measure: dict[str, list[Finding]] = {}
    for finding in findings:
        by_measure.setdefault(finding.measure, []).append(finding)
    court = Court(
        checks.measures,
        lambda measure, promised, roles: by_measure.get(measure, ()),
        Words(()),
        make.AT.date(),
    )
    claims = court.claims(claim for claim in find_claims(statement, lexicon) if claim.measures)
    promised = {measure for claim in claims for measure in claim.claim.measures}
    return replace(
        make.make_result(plan=plans, evidence=evidence, findings=findings, statement=statement),
        plan=Plan(tuple(plans)),
        claims=claims,
        measures=tuple(
            court.measure(each)
            for each in checks.measures
            if each in promised or each in by_measure
        ),
    )


def even_fleet(hosts: int, kinds: int) -> tuple[RunResult, Reference]:
    """Every check on every system; each answer differs, is long, and full of what is escaped."""
    checks = [f"check_{number}" for number in range(kinds)]
    measures = [f"measure-{number}" for number in range(kinds)]
    probes = {check: make.make_probe(check, text=f"/usr/bin/{check} --all") for check in checks}
    plan, evidence = [], []
    findings: list[Finding] = []
    for host in range(hosts):
        name = f"server-{host:03}.example"
        plan.append(make.make_target_plan(make.make_target(name), probes))
        collected = make.make_evidence(
            name,
            [
                make.make_captured(check, f'{{"host": "{name}", "check": "{check}"}}\n' * 400)
                for check in checks
            ],
        )
        evidence.append(collected)
        findings += _even_findings(host, name, checks, measures, collected)
    result = make.make_result(
        plan=plan,
        evidence=evidence,
        findings=findings,
        measures=[
            make.make_measure_verdict(
                measure, Verdict.PARTLY, "some-fail", [f for f in findings if f.measure == measure]
            )
            for measure in measures
        ],
    )
    reference = make.make_reference(
        [make.make_measure(each) for each in measures],
        [make.make_check_info(check) for check in checks],
    )
    return result, reference


def _even_findings(
    host: int, name: str, checks: Sequence[str], measures: Sequence[str], seen: TargetEvidence
) -> Iterator[Finding]:
    for number, (check, measure) in enumerate(zip(checks, measures, strict=True)):
        yield make.make_finding(
            (Outcome.PASS, Outcome.PASS, Outcome.FAIL)[(host + number) % 3],
            target=name,
            check=check,
            measure=measure,
            facts={"name": f"{check} on {name}"},
            expected={"value": 90},
            observed={"value": host},
            evidence=(seen.captures[check].digest,),
        )

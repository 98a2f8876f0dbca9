"""What is concluded of a measure and of a claim. The table stands in ``docs/verdicts.md``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from assessor.model.finding import Facts, Finding, Outcome
from assessor.model.statement import (
    Claim,
    ClaimVerdict,
    Measure,
    MeasureKind,
    MeasureVerdict,
    Verdict,
)

FindingsFor = Callable[[str, Facts], Iterable[Finding]]
"""Gives the findings of a measure, judged with what the claim promises."""

BY_PEOPLE = frozenset({MeasureKind.ORGANISATIONAL, MeasureKind.PHYSICAL})


def judge_claims(
    claims: Iterable[Claim], catalogue: Mapping[str, Measure], findings_for: FindingsFor
) -> tuple[ClaimVerdict, ...]:
    """The verdict of every claim, in the statement's order."""
    return tuple(
        judge_claim(
            claim,
            tuple(
                judge_measure(
                    catalogue[measure],
                    tuple(findings_for(measure, claim.parameters.get(measure, {}))),
                )
                for measure in claim.measures
            ),
        )
        for claim in claims
    )


def judge_measure(measure: Measure, findings: tuple[Finding, ...]) -> MeasureVerdict:
    """The verdict of a measure, from the findings of all checks on all targets.

    A target keeps the measure when every check of it that applies passes there; it breaks it when
    one fails; what could not be observed is neither.
    """
    by_target: dict[str, list[Outcome]] = {}
    for finding in findings:
        if finding.outcome is not Outcome.NOT_APPLICABLE:
            by_target.setdefault(finding.target, []).append(finding.outcome)
    kept = [name for name, seen in by_target.items() if set(seen) == {Outcome.PASS}]
    broken = [name for name, seen in by_target.items() if Outcome.FAIL in seen]
    unknown = [name for name in by_target if name not in kept and name not in broken]
    verdict, rule = _of_targets(measure, findings, len(kept), len(broken), len(unknown))
    facts: Facts = {
        "kept": len(kept),
        "broken": len(broken),
        "unknown": len(unknown),
        "total": len(by_target),
        "broken_targets": tuple(broken),
        "unknown_targets": tuple(unknown),
    }
    return MeasureVerdict(measure.id, verdict, rule, findings, facts)


def _of_targets(
    measure: Measure, findings: tuple[Finding, ...], kept: int, broken: int, unknown: int
) -> tuple[Verdict, str]:
    if broken:
        return (Verdict.PARTLY, "some-fail") if kept else (Verdict.BROKEN, "all-fail")
    if kept and unknown:
        return Verdict.PARTLY, "some-unknown"
    if kept:
        if measure.kind is MeasureKind.MIXED:
            return Verdict.PARTLY, "machine-part-only"
        return Verdict.KEPT, "all-pass"
    if unknown:
        return Verdict.UNPROVEN, "all-unknown"
    if findings:
        return Verdict.UNPROVEN, "not-applicable"
    if measure.kind in BY_PEOPLE:
        return Verdict.UNPROVEN, "needs-attestation"
    return Verdict.UNPROVEN, "no-check"


def judge_claim(claim: Claim, measures: tuple[MeasureVerdict, ...]) -> ClaimVerdict:
    """The verdict of a claim, from those of its measures."""
    verdict, rule = _of_measures(measures)
    return ClaimVerdict(claim, verdict, rule, measures)


def _of_measures(measures: tuple[MeasureVerdict, ...]) -> tuple[Verdict, str]:
    seen = {measure.verdict for measure in measures}
    if not seen:
        return Verdict.UNPROVEN, "no-measure"
    if len(measures) == 1:
        return measures[0].verdict, measures[0].rule
    if seen == {Verdict.KEPT}:
        return Verdict.KEPT, "all-kept"
    if seen == {Verdict.BROKEN}:
        return Verdict.BROKEN, "all-broken"
    if any(is_broken(measure) for measure in measures):
        return Verdict.PARTLY, "some-broken"
    if seen <= {Verdict.KEPT, Verdict.ATTESTED}:
        return Verdict.ATTESTED, "kept-or-attested"
    if seen <= {Verdict.KEPT, Verdict.ATTESTED, Verdict.EXPIRED}:
        return Verdict.EXPIRED, "some-expired"
    if seen == {Verdict.UNPROVEN}:
        return Verdict.UNPROVEN, "none-proven"
    return Verdict.PARTLY, "some-unproven"


def is_broken(measure: MeasureVerdict) -> bool:
    """Whether the measure was seen not to hold on at least one target."""
    return measure.rule in {"some-fail", "all-fail"}

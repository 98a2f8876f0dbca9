"""What is concluded of a measure and of a claim. The table stands in ``docs/verdicts.md``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from assessor.model.attestation import Answer, Attestation, Waiver, Words
from assessor.model.facts import NO_FACTS, Facts
from assessor.model.finding import Finding, Outcome
from assessor.model.measure import Measure, MeasureKind
from assessor.model.plan import TargetPlan
from assessor.model.statement import Claim, ClaimVerdict, MeasureVerdict, Verdict
from assessor.model.target import Role

FindingsFor = Callable[[str, Facts, Collection[Role] | None], Iterable[Finding]]
"""Gives the findings of a measure, judged with what the claim promises, on what it is about."""

BY_PEOPLE = frozenset({MeasureKind.ORGANISATIONAL, MeasureKind.PHYSICAL})
BROKEN_RULES = frozenset({"some-fail", "all-fail", "attested-no"})

Conclusion = tuple[Verdict, str]
"""A verdict and the rule, a row of the table, that led to it."""


@dataclass(frozen=True, slots=True)
class Court:
    """Judges measures and claims.

    Attributes:
        catalogue: the measures, by id.
        findings_for: the findings of a measure.
        words: what people attested and accepted.
        day: the day on which their words must count.
        not_asked: the targets that the run was limited not to ask.
    """

    catalogue: Mapping[str, Measure]
    findings_for: FindingsFor
    words: Words
    day: date
    not_asked: tuple[TargetPlan, ...] = ()

    def claims(self, claims: Iterable[Claim]) -> tuple[ClaimVerdict, ...]:
        """The verdict of every claim, in the statement's order."""
        return tuple(
            judge_claim(
                claim,
                tuple(
                    self.measure(measure, claim.parameters.get(measure, {}), claim.roles)
                    for measure in claim.measures
                ),
            )
            for claim in claims
        )

    def measure(
        self, measure: str, promised: Facts = NO_FACTS, roles: Collection[Role] | None = None
    ) -> MeasureVerdict:
        """The verdict of a measure, judged with what a claim promises of it and is about."""
        findings = tuple(self.findings_for(measure, promised, roles))
        entry = self.catalogue[measure]
        others = unseen(self.not_asked, measure, roles)
        return judge_measure(entry, findings, self.words, self.day, about=roles, others=others)


def unseen(
    not_asked: Iterable[TargetPlan], measure: str, about: Collection[Role] | None = None
) -> tuple[str, ...]:
    """The names of those targets that a check of ``measure`` would have looked at.

    Args:
        not_asked: the targets that the run was limited not to ask.
        measure: an id of the catalogue.
        about: the kinds of machine that count; ``None`` for all.
    """
    return tuple(
        planned.target.name
        for planned in not_asked
        if about is None or planned.target.role in about
        if any(measure in check.measures for check in planned.checks)
    )


def judge_measure(
    measure: Measure,
    findings: tuple[Finding, ...],
    words: Words,
    day: date,
    *,
    about: Collection[Role] | None = None,
    others: tuple[str, ...] = (),
) -> MeasureVerdict:
    """The verdict of a measure, from the findings of all checks on all targets and from words.

    A target keeps the measure when every check of it that applies passes there; it breaks it when
    one fails that was not waived; what could not be observed is neither. ``about`` are the kinds
    of machine that the claim is about, to which ``findings`` are limited; ``None`` for all.
    ``others`` are targets that were not asked: nothing is known of them.
    """
    targets = _Targets.of(findings, words.waivers, day)
    targets = replace(targets, unknown=targets.unknown + others)
    attestations = tuple(item for item in words.attestations if item.measure == measure.id)
    # The newest word counts alone: one that has expired does not bring an older one back.
    newest = max(
        (item for item in attestations if item.given <= day),
        key=lambda item: (item.given, item.recorded_at),
        default=None,
    )
    conclusion = _with_words(_of_targets(measure, findings, targets, about), newest, day)
    facts: Facts = {
        "kept": len(targets.kept),
        "broken": len(targets.broken),
        "unknown": len(targets.unknown),
        "waived": len(targets.waived),
        "total": targets.total,
        "broken_targets": targets.broken,
        "unknown_targets": targets.unknown,
        "waived_targets": targets.waived,
    }
    return MeasureVerdict(
        measure.id,
        *conclusion,
        findings=findings,
        facts=facts,
        attestations=attestations,
        waivers=tuple(
            waiver
            for waiver in words.waivers
            if any(_waives(waiver, finding) for finding in findings)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Targets:
    """The targets' names, by what was seen of the measure there."""

    kept: tuple[str, ...]
    broken: tuple[str, ...]
    waived: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def total(self) -> int:
        return len(self.kept) + len(self.broken) + len(self.waived) + len(self.unknown)

    @classmethod
    def of(cls, findings: Iterable[Finding], waivers: Iterable[Waiver], day: date) -> _Targets:
        accepted = [waiver for waiver in waivers if waiver.counts_on(day)]
        groups: dict[str, list[str]] = {"kept": [], "broken": [], "waived": [], "unknown": []}
        by_target: dict[str, list[Finding]] = {}
        for finding in findings:
            if finding.outcome is not Outcome.NOT_APPLICABLE:
                by_target.setdefault(finding.target, []).append(finding)
        for name, seen in by_target.items():
            failed = [finding for finding in seen if finding.outcome is Outcome.FAIL]
            if any(not any(_waives(w, finding) for w in accepted) for finding in failed):
                groups["broken"].append(name)
            elif any(finding.outcome is Outcome.UNKNOWN for finding in seen):
                groups["unknown"].append(name)
            elif failed:
                groups["waived"].append(name)
            else:
                groups["kept"].append(name)
        return cls(**{group: tuple(names) for group, names in groups.items()})


def _waives(waiver: Waiver, finding: Finding) -> bool:
    return (waiver.check, waiver.target) == (finding.check, finding.target)


def _of_targets(
    measure: Measure,
    findings: tuple[Finding, ...],
    targets: _Targets,
    about: Collection[Role] | None,
) -> Conclusion:
    if targets.broken:
        return (Verdict.PARTLY, "some-fail") if targets.kept else (Verdict.BROKEN, "all-fail")
    if targets.waived:
        if targets.kept:
            return Verdict.PARTLY, "some-waived"
        return Verdict.BROKEN, "all-waived"
    if targets.kept and targets.unknown:
        return Verdict.PARTLY, "some-unknown"
    if targets.kept:
        if measure.kind is MeasureKind.TECHNICAL:
            return Verdict.KEPT, "all-pass"
        return Verdict.PARTLY, "machine-part-only"
    if targets.unknown:
        return Verdict.UNPROVEN, "all-unknown"
    if measure.kind in BY_PEOPLE:
        return Verdict.UNPROVEN, "needs-attestation"
    if findings:
        return Verdict.UNPROVEN, "not-applicable"
    return Verdict.UNPROVEN, "no-check" if about is None else "no-target"


def _with_words(seen: Conclusion, newest: Attestation | None, day: date) -> Conclusion:
    """What was seen, with a person's word for what was not; a word never undoes what was seen."""
    verdict, rule = seen
    word_is_due = rule in {"some-unknown", "machine-part-only"} or verdict is Verdict.UNPROVEN
    if not word_is_due or newest is None:
        return seen
    partly_seen = verdict is Verdict.PARTLY
    if not newest.counts_on(day):
        return Verdict.EXPIRED, "attestation-expired"
    if newest.answer is Answer.YES:
        return Verdict.ATTESTED, "kept-and-attested" if partly_seen else "attested"
    if newest.answer is Answer.PARTLY:
        return Verdict.PARTLY, "attested-partly"
    return (Verdict.PARTLY if partly_seen else Verdict.BROKEN), "attested-no"


def judge_claim(claim: Claim, measures: tuple[MeasureVerdict, ...]) -> ClaimVerdict:
    """The verdict of a claim, from those of its measures."""
    verdict, rule = _of_measures(measures)
    return ClaimVerdict(claim, verdict, rule, measures)


def _of_measures(measures: tuple[MeasureVerdict, ...]) -> Conclusion:
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
    """Whether the measure was seen, or said, not to hold, without that being accepted."""
    return measure.rule in BROKEN_RULES

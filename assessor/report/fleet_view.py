"""Many systems: grouped where they are alike, the exceptions first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assessor.model.finding import Finding, Outcome
from assessor.report.context import OUTCOMES, Context, worst_by_target
from assessor.report.parts.common import Named
from assessor.report.parts.fleet import FleetView, MeasureTally, Member, SystemGroup, Tally
from assessor.report.parts.targets import TargetView

TITLE_NAMES = 3
_WRONG = (Outcome.FAIL, Outcome.UNKNOWN)


def _by_measure(context: Context) -> list[MeasureTally]:
    by_measure: dict[str, list[Finding]] = {}
    for finding in context.result.findings:
        by_measure.setdefault(finding.measure, []).append(finding)
    listed = (line.measure for line in context.result.measures)
    return [
        _tallies(context, measure, by_measure[measure])
        for measure in listed
        if measure in by_measure
    ]


def _tallies(context: Context, measure: str, findings: Sequence[Finding]) -> MeasureTally:
    by_outcome: dict[Outcome, list[str]] = {outcome: [] for outcome in OUTCOMES}
    for name, worst in worst_by_target(findings).items():
        by_outcome[worst].append(name)
    asked = sum(map(len, by_outcome.values()))
    applies = asked - len(by_outcome[Outcome.NOT_APPLICABLE])
    return MeasureTally(
        context.measure_link(measure),
        tuple(
            Tally(
                badge=context.outcome_badge(outcome),
                number=len(names),
                total=asked if outcome is Outcome.NOT_APPLICABLE else applies,
                named=context.named(names) if outcome in _WRONG else Named(),
            )
            for outcome, names in by_outcome.items()
        ),
    )


def build_fleet(context: Context, targets: Sequence[TargetView]) -> FleetView | None:
    """The systems of a run of many; ``None`` for a run of few.

    Args:
        context: of the report.
        targets: every target, in the inventory's order.
    """
    if not context.many:
        return None
    measures = tuple(sorted(_by_measure(context), key=_weight))
    groups, in_order = _grouped(context, targets)
    return FleetView(
        caption=context.phrases.text("matrix.only"),
        measures=measures,
        by_place={each.measure.anchor: each for each in measures},
        groups=tuple(_group(context, group) for group in groups),
        in_order=_in_order(context, in_order) if in_order else None,
    )


def _grouped(
    context: Context, targets: Sequence[TargetView]
) -> tuple[list[list[TargetView]], list[TargetView]]:
    """Targets that are alike, those with the most exceptions first; and those without any."""
    by_target: dict[str, list[Finding]] = {name: [] for name in context.targets}
    for finding in context.result.findings:
        by_target.setdefault(finding.target, []).append(finding)
    alike: dict[tuple[object, ...], list[TargetView]] = {}
    weights: dict[tuple[object, ...], tuple[int, int]] = {}
    in_order: list[TargetView] = []
    for name, target in zip(context.targets, targets, strict=True):
        found = by_target[name]
        wrong = [each for each in found if each.outcome in _WRONG]
        if not wrong and not target.problem and any(e.outcome is Outcome.PASS for e in found):
            in_order.append(target)
            continue
        key = (target.role, target.problem, target.counts, *_said(context, wrong))
        alike.setdefault(key, []).append(target)
        failed = sum(each.outcome is Outcome.FAIL for each in wrong)
        weights[key] = (-failed, failed - len(wrong))
    return [alike[key] for key in sorted(alike, key=weights.__getitem__)], in_order


def _weight(measure: MeasureTally) -> tuple[int, ...]:
    """Sorts what is wrong on the most systems first."""
    return tuple(-tally.number for tally in measure.tallies if tally.badge.code in map(str, _WRONG))


def _said(context: Context, findings: Iterable[Finding]) -> Iterable[tuple[str, ...]]:
    return sorted(
        (each.measure, each.check, each.outcome, context.message(each), context.detail(each))
        for each in findings
    )


def _group(context: Context, targets: Sequence[TargetView]) -> SystemGroup:
    first = targets[0]
    phrases = context.phrases
    return SystemGroup(
        title=phrases.join((each.link.text for each in targets), limit=TITLE_NAMES),
        size=phrases.count("fleet.alike", len(targets)) if len(targets) > 1 else "",
        role=first.role,
        counts=first.counts,
        problem=first.problem,
        exceptions=first.exceptions,
        rest=first.rest,
        members=_members(targets),
    )


def _in_order(context: Context, targets: Sequence[TargetView]) -> SystemGroup:
    facts = {"total": len(context.targets)}
    title = context.phrases.count("fleet.in_order", len(targets), facts)
    return SystemGroup(title, "", "", "", "", (), "", _members(targets))


def _members(targets: Iterable[TargetView]) -> tuple[Member, ...]:
    return tuple(Member(each.link, each.role, each.facts) for each in targets)

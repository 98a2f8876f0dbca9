"""Target by target, as a matrix of measures and as a list."""

from __future__ import annotations

from collections.abc import Mapping

from assessor.model.evidence import TargetEvidence
from assessor.model.finding import Finding, Outcome
from assessor.model.target import Target
from assessor.report.clean import one_line
from assessor.report.context import OUTCOMES, Context, worst_by_target
from assessor.report.evidence_view import Evidence
from assessor.report.notes import MAX_NOTES, more, notes, of_outcome
from assessor.report.parts.common import Item
from assessor.report.parts.targets import Cell, MatrixRow, MatrixTable, TargetView

TABLE_WIDTH = 6
"""Targets beside each other: what fits the width of a printed page."""
SKEW_WORTH_SAYING_S = 60.0


def build_matrix(context: Context, evidence: Evidence) -> tuple[MatrixTable, ...]:
    """Measures against targets, in tables of at most ``TABLE_WIDTH`` targets; none for many."""
    if context.many:
        return ()
    findings = _by_place(context)
    names = list(context.targets)
    measures = [line.measure for line in context.result.measures]
    asked = [each for each in measures if any((each, name) in findings for name in names)]
    pieces = [names[at : at + TABLE_WIDTH] for at in range(0, len(names), TABLE_WIDTH)]
    return tuple(
        MatrixTable(
            caption=_caption(context, number, len(pieces)),
            targets=tuple(context.target_link(name) for name in piece),
            rows=tuple(
                MatrixRow(
                    context.measure_link(measure),
                    tuple(
                        _cell(context, evidence, findings.get((measure, name), []))
                        for name in piece
                    ),
                )
                for measure in asked
            ),
        )
        for number, piece in enumerate(pieces, 1)
        if asked
    )


def _caption(context: Context, number: int, total: int) -> str:
    if total == 1:
        return context.phrases.text("matrix.only")
    return context.phrases.text("matrix.caption", {"n": number, "total": total})


def _by_place(context: Context) -> Mapping[tuple[str, str], list[Finding]]:
    places: dict[tuple[str, str], list[Finding]] = {}
    for finding in context.result.findings:
        places.setdefault((finding.measure, finding.target), []).append(finding)
    return places


def _cell(context: Context, evidence: Evidence, findings: list[Finding]) -> Cell:
    if not findings:
        return Cell(None, "")
    (worst,) = worst_by_target(findings).values()
    deciding = next(finding for finding in findings if finding.outcome is worst)
    proof = evidence.proof(deciding, "")
    return Cell(context.outcome_badge(worst), proof.anchor if proof else "")


def build_targets(context: Context, evidence: Evidence) -> tuple[TargetView, ...]:
    """Every target of the inventory, with the exceptions found there."""
    by_target: dict[str, list[Finding]] = {}
    for finding in context.result.findings:
        by_target.setdefault(finding.target, []).append(finding)
    return tuple(
        _target(context, evidence, target, by_target.get(name, []))
        for name, target in context.targets.items()
    )


def _target(
    context: Context, evidence: Evidence, target: Target, findings: list[Finding]
) -> TargetView:
    phrases = context.phrases
    collected = context.result.evidence.get(target.name)
    by_outcome = {outcome: of_outcome(findings, outcome) for outcome in OUTCOMES}
    counts = [
        phrases.count(f"outcome_count.{outcome}", len(found))
        for outcome, found in by_outcome.items()
        if found
    ]
    exceptions = notes(
        context,
        evidence,
        [*by_outcome[Outcome.FAIL], *by_outcome[Outcome.UNKNOWN]],
        subjects=True,
    )
    return TargetView(
        link=context.target_link(target.name),
        role=phrases.text(f"role.{target.role}"),
        facts=_facts(context, target, collected),
        counts=phrases.join(counts) if counts else phrases.text("target.nothing_asked"),
        problem=_problem(context, collected),
        exceptions=exceptions[:MAX_NOTES],
        rest=more(context, len(exceptions) - MAX_NOTES),
        badges=tuple(context.outcome_badge(each) for each, found in by_outcome.items() if found),
    )


def _facts(context: Context, target: Target, collected: TargetEvidence | None) -> tuple[Item, ...]:
    phrases = context.phrases
    port = f":{target.port}" if target.port else ""
    facts = [Item(phrases.texts["label.platform"], phrases.text(f"platform.{target.platform}"))]
    if target.address:
        address = one_line(target.address, 120) + port
        facts.append(Item(phrases.texts["label.address"], address, literal=True))
    if collected:
        facts.append(Item(phrases.texts["label.seen"], phrases.moment(collected.at)))
        skew = collected.clock_skew_s
        if skew is not None and abs(skew) >= SKEW_WORTH_SAYING_S:
            label = phrases.texts["label.ahead" if skew > 0 else "label.behind"]
            facts.append(Item(label, phrases.count("unit.seconds", round(abs(skew)))))
    return tuple(facts)


def _problem(context: Context, collected: TargetEvidence | None) -> str:
    if collected is None:
        return context.phrases.text("target.never_asked")
    if collected.gap:
        return context.phrases.text(f"reason.{collected.gap.reason}.what")
    return "" if collected.complete else context.phrases.text("target.incomplete")

"""What could not be observed, why, and what would make it observable."""

from __future__ import annotations

from dataclasses import replace

from assessor.model.finding import Finding, Outcome
from assessor.model.statement import MeasureVerdict
from assessor.report.clean import one_line, visible
from assessor.report.context import CHECK_FAILED, Context
from assessor.report.evidence_view import Evidence
from assessor.report.notes import more, notes, of_outcome
from assessor.report.parts.common import Note
from assessor.report.parts.targets import GapView

MAX_HINTS = 100
MAX_NOTES = 20
MAX_MEASURES = 60

_BY_RULE = ("needs-attestation", "machine-part-only", "no-check", "no-target")


def build_gaps(context: Context, evidence: Evidence) -> tuple[GapView, ...]:
    """One entry per reason: first what machines did not tell, then what they cannot tell."""
    unknown = of_outcome(context.result.findings, Outcome.UNKNOWN)
    by_reason: dict[str, list[Finding]] = {}
    for finding in unknown:
        by_reason.setdefault(_kind(context, finding), []).append(finding)
    observed = (_gap(context, evidence, kind, found) for kind, found in by_reason.items())
    silent = _silent_targets(context)
    ruled = (
        _ruled(context, rule, lines)
        for rule in _BY_RULE
        if (lines := [line for line in context.result.measures if context.rule_of(line) == rule])
    )
    return (*observed, *silent, *ruled)


def _kind(context: Context, finding: Finding) -> str:
    reason = context.reason(finding)
    if reason:
        return f"reason.{reason}"
    failed = finding.judgement.message.id == CHECK_FAILED
    return "gap.check_failed" if failed else "gap.unclear"


def _gap(context: Context, evidence: Evidence, kind: str, findings: list[Finding]) -> GapView:
    texts = context.phrases.texts
    hints = dict.fromkeys(filter(None, map(context.hint, findings)))
    told = notes(context, evidence, findings, subjects=True)
    if kind != "gap.unclear":  # the title says it all
        told = tuple(replace(note, text="") for note in told)
    mend = texts[f"{kind}.mend"]
    if kind == "gap.unclear":
        remedies = dict.fromkeys(filter(None, map(context.remedy, findings)))
        mend = " ".join([*list(remedies)[:3]]) or mend
    return GapView(
        title=texts[f"{kind}.what"],
        mend=mend,
        hints=tuple(hints)[:MAX_HINTS],
        notes=told[:MAX_NOTES],
        rest=more(context, len(told) - MAX_NOTES),
        hints_rest=_hints_rest(context, len(hints) - MAX_HINTS),
    )


def _hints_rest(context: Context, number: int) -> str:
    return context.phrases.count("hints_left_out", number) if number > 0 else ""


def _silent_targets(context: Context) -> tuple[GapView, ...]:
    """Targets that gave nothing and of which no finding tells so."""
    told = {finding.target for finding in context.result.findings}
    gaps: list[GapView] = []
    for name in context.targets:
        collected = context.result.evidence.get(name)
        if name in told or (collected and not collected.gap):
            continue
        gap = collected.gap if collected else None
        kind = f"reason.{gap.reason}" if gap else "reason.not-run"
        texts = context.phrases.texts
        note = Note(
            targets=(context.target_link(name),),
            more="",
            text=texts["target.nothing_asked"],
            detail=one_line(gap.detail, 400) if gap else "",
        )
        hint = visible(gap.mend[:600], lines=True) if gap else ""
        gaps.append(
            GapView(
                texts[f"{kind}.what"], texts[f"{kind}.mend"], (hint,) if hint else (), (note,), ""
            )
        )
    return tuple(gaps)


def _ruled(context: Context, rule: str, lines: list[MeasureVerdict]) -> GapView:
    texts = context.phrases.texts
    measures = tuple(context.measure_link(line.measure) for line in lines)
    note = Note((), "", "", subjects=measures[:MAX_MEASURES])
    return GapView(
        title=texts[f"gap.{rule}.what"],
        mend=texts[f"gap.{rule}.mend"],
        hints=(),
        notes=(note,),
        rest=more(context, len(measures) - MAX_MEASURES),
    )

"""Measure by measure: the verdict, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping

from assessor.model.facts import Fact
from assessor.model.finding import Finding, Outcome
from assessor.model.statement import MeasureVerdict, Parameter
from assessor.report.clean import one_line
from assessor.report.context import Context, line_facts, slug
from assessor.report.evidence_view import Evidence
from assessor.report.notes import MAX_NOTES, more, notes, of_outcome, target_links
from assessor.report.parts.claims import MeasureLine, MeasureView, Setting
from assessor.report.parts.common import Link
from assessor.report.past_view import build_course
from assessor.report.words_view import build_words, is_waived

MAX_PROOFS = 6
_UNITS = {
    **{unit: unit for unit in ("minutes", "hours", "days", "weeks", "months", "years")},
    "length": "characters",
}


def build_measures(context: Context, evidence: Evidence) -> tuple[MeasureView, ...]:
    """Every measure of the run, with the claims that promise it."""
    return tuple(_measure(context, evidence, verdict) for verdict in context.result.measures)


def _measure(context: Context, evidence: Evidence, verdict: MeasureVerdict) -> MeasureView:
    claims = tuple(
        Link(f"claim-{number}", context.phrases.text("claim.name", {"n": number}))
        for number, claim in enumerate(context.result.claims, 1)
        if verdict.measure in claim.claim.measures
    )
    checks = dict.fromkeys(finding.check for finding in verdict.findings if finding.check)
    links = tuple(Link(f"check-{slug(each)}", context.check_title(each)) for each in checks)
    return MeasureView(
        measure_line(context, evidence, verdict, {}),
        claims,
        links,
        build_course(context, verdict.measure, of_claim=False),
    )


def measure_line(
    context: Context,
    evidence: Evidence,
    verdict: MeasureVerdict,
    promised: Mapping[str, Parameter],
) -> MeasureLine:
    """One measure with its verdict; ``promised`` are the parameters of the claim it stands in."""
    entry = context.reference.measures.get(verdict.measure)
    failed = [
        finding
        for finding in of_outcome(verdict.findings, Outcome.FAIL)
        if not is_waived(finding, verdict, context.day)
    ]
    unknown = of_outcome(verdict.findings, Outcome.UNKNOWN)
    if verdict.rule == "not-applicable":
        unknown = of_outcome(verdict.findings, Outcome.NOT_APPLICABLE)
    failures = notes(context, evidence, failed)
    gaps = notes(context, evidence, unknown)
    hidden = max(0, len(failures) - MAX_NOTES) + max(0, len(gaps) - MAX_NOTES)
    return MeasureLine(
        link=context.measure_link(verdict.measure),
        kind=context.phrases.text(f"kind.{entry.kind}") if entry else "",
        badge=context.measure_badge(verdict.verdict),
        why=context.rule(verdict),
        rests_on=_rests_on(context, verdict),
        failures=failures[:MAX_NOTES],
        gaps=gaps[:MAX_NOTES],
        words=build_words(context, verdict),
        rest=more(context, hidden),
        settings=_settings(context, verdict, promised),
        advice=context.advice(verdict.findings),
        remedies=_remedies(context, verdict),
        proofs=_proofs(context, evidence, verdict),
    )


def _rests_on(context: Context, verdict: MeasureVerdict) -> str:
    facts = line_facts(verdict)
    total = facts["total"]
    if not isinstance(total, int) or total == 0:
        return ""
    return context.phrases.count("rests_on", total, facts)


def _remedies(context: Context, verdict: MeasureVerdict) -> tuple[str, ...]:
    wrong = (Outcome.FAIL, Outcome.UNKNOWN)
    found = [
        context.remedy(each)
        for each in verdict.findings
        if each.outcome in wrong and not is_waived(each, verdict, context.day)
    ]
    if own := context.phrases.texts.get(f"rule_remedy.{context.rule_of(verdict)}"):
        found.append(own)
    return tuple(dict.fromkeys(filter(None, found)))[:MAX_NOTES]


def _proofs(context: Context, evidence: Evidence, verdict: MeasureVerdict) -> tuple[Link, ...]:
    """The evidence of what was in order, by the targets where it was."""
    grouped: dict[str, list[Finding]] = {}
    for finding in of_outcome(verdict.findings, Outcome.PASS):
        if proof := evidence.proof(finding, ""):
            grouped.setdefault(proof.anchor, []).append(finding)
    return tuple(
        Link(anchor, context.phrases.join((link.text for link in target_links(context, each)), 5))
        for anchor, each in list(grouped.items())[:MAX_PROOFS]
    )


def _settings(
    context: Context, verdict: MeasureVerdict, promised: Mapping[str, Parameter]
) -> tuple[Setting, ...]:
    """What the claim asks beside what was tested; only parameters that a claim can set."""
    used: dict[str, list[str]] = {}
    labels: dict[str, str] = {}
    units: dict[str, str] = {}
    for finding in verdict.findings:
        info = context.check_info(finding.check)
        for name, parameter in (info.parameters if info else {}).items():
            claimed = parameter.claimed_as(verdict.measure, promised)
            if not claimed or finding.parameters.get(name) is None:
                continue
            value = _with_unit(context, finding.parameters[name], parameter.unit)
            if value not in used.setdefault(claimed, []):
                used[claimed].append(value)
            labels.setdefault(claimed, parameter.help.get(context.language, "").rstrip("."))
            units.setdefault(claimed, parameter.unit)
    return tuple(
        Setting(
            label=_label(context, name, labels.get(name, "")),
            promised=_with_unit(context, promised[name], units.get(name) or _unit(name))
            if name in promised
            else "",
            used=context.phrases.join(used[name], limit=3) if name in used else "",
        )
        for name in dict.fromkeys((*promised, *used))
    )


def _label(context: Context, name: str, help_text: str) -> str:
    known = context.phrases.texts.get(f"parameter.{slug(name)}")
    return known or help_text or one_line(name.replace("_", " "), 80)


def _unit(name: str) -> str:
    """The unit that a claim's parameter carries in its name, such as ``days``."""
    return _UNITS.get(name.rsplit("_", 1)[-1], "")


def _with_unit(context: Context, value: Fact, unit: str) -> str:
    shown = context.phrases.value(value)
    if not unit:
        return shown
    if isinstance(value, int) and context.phrases.texts.get(f"unit.{unit}.other"):
        return context.phrases.count(f"unit.{unit}", value)
    return f"{shown} {one_line(unit, 40)}"

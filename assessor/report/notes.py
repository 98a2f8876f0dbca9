"""Findings as notes: those that say the same of several targets are said once."""

from __future__ import annotations

from collections.abc import Iterable

from assessor.model.finding import Finding, Outcome
from assessor.report.context import Context
from assessor.report.evidence_view import Evidence
from assessor.report.parts.common import Link, Note

MAX_TARGETS = 6
MAX_NOTES = 8


def notes(
    context: Context, evidence: Evidence, findings: Iterable[Finding], *, subjects: bool = False
) -> tuple[Note, ...]:
    """The findings as notes, in their order.

    Args:
        context: of the report.
        evidence: where the proof stands.
        findings: those to note.
        subjects: name the measures as well; measures of which the same is said are said at once.
    """
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        said = (finding.outcome.value, context.message(finding), context.detail(finding))
        alike.setdefault((finding.measure if subjects else "", *said), []).append(finding)
    merged: dict[tuple[str, ...], list[Finding]] = {}
    for key, group in alike.items():
        names = dict.fromkeys(each.target for each in group)
        merged.setdefault((*key[1:], *names), []).extend(group)
    return tuple(_note(context, evidence, group, subjects=subjects) for group in merged.values())


def _note(context: Context, evidence: Evidence, group: list[Finding], *, subjects: bool) -> Note:
    links = target_links(context, group)
    texts = context.phrases.texts
    proofs = dict.fromkeys(evidence.proof(each, texts["label.proof"]) for each in group)
    measures = dict.fromkeys(each.measure for each in group) if subjects else {}
    return Note(
        targets=links[:MAX_TARGETS],
        more=more(context, len(links) - MAX_TARGETS),
        text=context.message(group[0]),
        code=group[0].outcome.value,
        detail=context.detail(group[0]),
        # one word cannot lead to several places: then the measures' own places lead on
        proof=next(iter(proofs)) if len(proofs) == 1 or not subjects else None,
        subjects=tuple(context.measure_link(each) for each in measures),
    )


def target_links(context: Context, findings: Iterable[Finding]) -> tuple[Link, ...]:
    """The targets of ``findings``, each once."""
    return tuple(
        context.target_link(name) for name in dict.fromkeys(each.target for each in findings)
    )


def more(context: Context, number: int) -> str:
    """That ``number`` more are not named; empty where all are."""
    return context.phrases.count("value.more", number) if number > 0 else ""


def of_outcome(findings: Iterable[Finding], outcome: Outcome) -> list[Finding]:
    """The findings with ``outcome``."""
    return [finding for finding in findings if finding.outcome is outcome]

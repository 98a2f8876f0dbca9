"""Claim by claim, and the statement itself with each promise marked in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assessor.model.facts import Fact
from assessor.model.statement import ClaimVerdict, Verdict
from assessor.report.clean import cut, one_line, visible
from assessor.report.context import Context
from assessor.report.evidence_view import Evidence
from assessor.report.measures_view import measure_line
from assessor.report.parts.claims import ClaimView, Paragraph, Segment, StatementView
from assessor.report.parts.common import Item, Link
from assessor.report.past_view import build_course

STATEMENT_MOST = 300_000
"""Characters of the statement that are shown; a statement of 50 pages has some 150,000."""
QUOTE_MOST = 4_000
_HASHES = re.compile(r"#{1,6}[ \t]+(?=[^\n]+\Z)")
_GAP = re.compile(r"\n[ \t\r\f\v\u00a0]*\n\s*")


def build_claims(context: Context, evidence: Evidence) -> tuple[ClaimView, ...]:
    """Every claim in the statement's order."""
    return tuple(
        ClaimView(
            anchor=f"claim-{number}",
            place=f"place-{number}",
            number=number,
            name=context.phrases.text("claim.name", {"n": number}),
            heading=one_line(_bare(each.claim.heading), 200),
            quote=visible(cut(each.claim.quote, QUOTE_MOST), lines=True, soft_hyphens=True),
            badge=context.claim_badge(each.verdict),
            why=_why(context, each),
            measures=tuple(
                measure_line(context, evidence, line, each.claim.parameters.get(line.measure, {}))
                for line in each.measures
            ),
            course=build_course(context, each.claim.id, of_claim=True),
        )
        for number, each in enumerate(context.result.claims, 1)
    )


def _why(context: Context, claim: ClaimVerdict) -> str:
    if len(claim.measures) == 1 and claim.rule == claim.measures[0].rule:
        return context.rule(claim.measures[0])
    facts: dict[str, Fact] = {"total": len(claim.measures)}
    for verdict in Verdict:
        named = [
            context.measure_title(line.measure)
            for line in claim.measures
            if line.verdict is verdict
        ]
        facts[verdict.value] = len(named)
        facts[f"{verdict.value}_measures"] = tuple(named)
    return context.rule_text("claim", claim.rule, facts)


def build_statement(context: Context) -> StatementView | None:
    """The full text of the statement with each claim marked where it stands."""
    statement = context.result.statement
    if statement is None:
        return None
    text = statement.text[:STATEMENT_MOST]
    phrases = context.phrases
    left_out = len(statement.text) - len(text)
    return StatementView(
        language=statement.language.value,
        facts=(
            Item(phrases.texts["label.source"], one_line(statement.source), literal=True),
            Item(phrases.texts["label.digest"], visible(statement.sha256[:64]), literal=True),
        ),
        paragraphs=tuple(_paragraphs(context, text, markdown=statement.format == "markdown")),
        cut=phrases.text("statement.cut", {"n": phrases.whole(left_out)}) if left_out else "",
    )


def _paragraphs(context: Context, text: str, *, markdown: bool) -> Iterator[Paragraph]:
    claims = context.result.claims
    headings = {_bare(claim.claim.heading) for claim in claims} - {""}
    spans = _spans(claims, len(text))
    begun: set[int] = set()
    for start, end in _bounds(text):
        body = text[start:end]
        if not body.strip():
            continue
        hashes = _HASHES.match(body) if markdown else None
        heading = hashes is not None or _bare(body) in headings
        start += hashes.end() if hashes else 0
        yield Paragraph(tuple(_segments(context, text, (start, end), spans, begun)), heading)


def _bounds(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for gap in _GAP.finditer(text):
        yield start, gap.start()
        start = gap.end()
    yield start, len(text)


def _spans(claims: Sequence[ClaimVerdict], length: int) -> list[tuple[int, int, int]]:
    """Start, end and number of each claim, without overlaps: the first one keeps its words."""
    spans: list[tuple[int, int, int]] = []
    reached = 0
    numbered = sorted(enumerate(claims, 1), key=lambda each: (each[1].claim.start, each[0]))
    for number, claim in numbered:
        start, end = max(claim.claim.start, reached), min(claim.claim.end, length)
        if start < end:
            spans.append((start, end, number))
            reached = end
    return spans


def _segments(
    context: Context,
    text: str,
    bounds: tuple[int, int],
    spans: Sequence[tuple[int, int, int]],
    begun: set[int],
) -> Iterator[Segment]:
    position, last = bounds
    for start, end, number in spans:
        if end <= position or start >= last:
            continue
        if start > position:
            yield Segment(_shown(text[position:start]))
        position = min(end, last)
        claim = context.result.claims[number - 1]
        yield Segment(
            _shown(text[max(start, bounds[0]) : position]),
            Link(f"claim-{number}", context.phrases.text("claim.name", {"n": number})),
            context.claim_badge(claim.verdict),
            "" if number in begun else f"place-{number}",
        )
        begun.add(number)
    if position < last:
        yield Segment(_shown(text[position:last]))


def _shown(text: str) -> str:
    return visible(text, lines=True, soft_hyphens=True)


def _bare(heading: str) -> str:
    """A heading without the signs that mark it as one."""
    return heading.strip().strip("#*_= \t:").strip()

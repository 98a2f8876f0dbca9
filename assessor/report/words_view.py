"""What people said of a measure: attestations, and deviations that were accepted."""

from __future__ import annotations

from datetime import date

from assessor.model.attestation import WARN_BEFORE, Attestation, Waiver
from assessor.model.finding import Finding
from assessor.model.statement import MeasureVerdict
from assessor.report.clean import cut, one_line, visible
from assessor.report.context import Context
from assessor.report.parts.claims import Word
from assessor.report.parts.common import Badge, Item

MAX_WORDS = 10
TEXT_MOST = 2_000


def build_words(context: Context, verdict: MeasureVerdict) -> tuple[Word, ...]:
    """The words about a measure: those that count first, then the newest."""
    attestations = sorted(
        verdict.attestations,
        key=lambda each: (each.counts_on(context.day), each.given, each.recorded_at),
        reverse=True,
    )
    waivers = sorted(
        verdict.waivers,
        key=lambda each: (each.counts_on(context.day), each.until, each.recorded_at),
        reverse=True,
    )
    return (
        *(_attestation(context, each) for each in attestations[:MAX_WORDS]),
        *(_waiver(context, each) for each in waivers[:MAX_WORDS]),
    )


def is_waived(finding: Finding, verdict: MeasureVerdict, day: date) -> bool:
    """Whether a failing finding was accepted, and still is on ``day``."""
    return any(
        (each.check, each.target) == (finding.check, finding.target) and each.counts_on(day)
        for each in verdict.waivers
    )


def _attestation(context: Context, each: Attestation) -> Word:
    phrases = context.phrases
    holds = until(context, each.expires)
    if each.given > context.day:
        holds = phrases.text("word.from", {"day": phrases.day(each.given)})
    return Word(
        badge=_badge(context, f"word.{each.answer}", counts=each.counts_on(context.day)),
        said=visible(cut(each.text, TEXT_MOST), lines=True),
        by=phrases.text(
            "word.by", {"name": each.by, "role": each.role, "day": phrases.day(each.given)}
        ),
        until=holds,
        subject="",
        files=tuple(
            Item(one_line(file.name, 120), visible(file.sha256[:64]), literal=True)
            for file in each.files[:20]
        ),
    )


def _waiver(context: Context, each: Waiver) -> Word:
    phrases = context.phrases
    return Word(
        badge=_badge(context, "word.waived", counts=each.counts_on(context.day)),
        said=visible(cut(each.reason, TEXT_MOST), lines=True),
        by=phrases.text("word.accepted_by", {"name": each.by}),
        until=until(context, each.until),
        subject=f"{context.target_link(each.target).text}, {context.check_title(each.check)}",
        files=(),
    )


def _badge(context: Context, key: str, *, counts: bool) -> Badge:
    if counts:
        return Badge("attested", context.phrases.texts[key])
    return Badge("expired", context.phrases.texts["word.not_counting"])


def until(context: Context, last: date) -> str:
    """Until when a word counts, or counted, in a sentence."""
    phrases = context.phrases
    if last < context.day:
        key = "word.expired"
    else:
        key = "word.soon" if last - context.day <= WARN_BEFORE else "word.until"
    return phrases.text(key, {"day": phrases.day(last)})

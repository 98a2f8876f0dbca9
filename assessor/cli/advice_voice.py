"""Tells advice about a statement: as lines for people, as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from assessor.model.attestation import Question
from assessor.model.facts import NO_FACTS, Facts
from assessor.model.guidance import Guidance, Wording
from assessor.model.language import Language
from assessor.model.measure import Measure
from assessor.model.run import RunResult
from assessor.model.statement import Claim, MeasureVerdict, Verdict
from assessor.report.phrases import Phrases
from assessor.statement.advice import Advice, Discouraged, Unpromised, Unproven

Json = Mapping[str, "Json"] | list["Json"] | str | int | float | bool | None

# A person's word would help: where nobody gave one, or one that is no more or not wholly yes.
_WORD_HELPS = frozenset(
    {
        "machine-part-only",
        "not-applicable",
        "no-check",
        "no-target",
        "needs-attestation",
        "attested-partly",
        "attestation-expired",
    }
)


@dataclass(frozen=True, slots=True)
class Voice:
    """Tells advice in one language.

    Attributes:
        wording: its words.
        language: the one it tells in.
        phrases: fills in facts as the reports do, visibly and bounded.
        measures: the catalogue.
        questions: what counts as evidence, by measure.
    """

    wording: Wording
    language: Language
    phrases: Phrases
    measures: Mapping[str, Measure]
    questions: Mapping[str, Question]

    def lines(self, advice: Advice, *, stated: bool) -> Iterator[str]:
        """The advice for people; ``stated`` tells whether there is a statement at all."""
        yield self._text("unpromised" if advice.unpromised else "unpromised.none")
        for shown in advice.unpromised:
            yield from self._unpromised(shown)
        if not stated:
            yield ""
            yield self._text("no_statement")
            return
        yield ""
        yield self._text("unproven" if advice.unproven else "unproven.none")
        for claim, several in _by_claim(advice.unproven):
            yield f'  "{_one_line(claim.quote)}"'
            for item in several:
                yield from self._unproven(item)
        yield ""
        yield self._text("discouraged" if advice.discouraged else "discouraged.none")
        for found in advice.discouraged:
            yield from self._discouraged(found)

    def as_json(self, advice: Advice, result: RunResult) -> Json:
        """The advice for programs."""
        return {
            "run": result.facts.id,
            "language": self.language.value,
            "unpromised": [
                {
                    "measure": item.measure.measure,
                    "verdict": item.measure.verdict.value,
                    "rule": item.measure.rule,
                    "wording": item.wording,
                }
                for item in advice.unpromised
            ],
            "unproven": [
                {
                    **_place(item.claim),
                    "measure": item.measure.measure,
                    "verdict": item.measure.verdict.value,
                    "rule": item.measure.rule,
                    "needed": self._needed(item.measure),
                    "evidence": self._evidence(item.measure),
                    "wording": item.wording,
                    "true_today": item.true_today,
                }
                for item in advice.unproven
            ],
            "discouraged": [
                {
                    **_place(item.claim.claim),
                    "verdict": item.claim.verdict.value,
                    "guidance": item.guidance.id,
                    "why": item.guidance.why[self.language],
                    "wording": item.guidance.instead[self.language],
                    "sources": [
                        {
                            "title": source.title,
                            "section": source.section,
                            "url": source.url,
                            "date": source.date,
                        }
                        for source in item.guidance.sources
                    ],
                }
                for item in advice.discouraged
            ],
        }

    def _unpromised(self, item: Unpromised) -> Iterator[str]:
        yield f"  {self._title(item.measure)} ({self._shown_by(item.measure)})"
        yield f"    {item.wording}"

    def _shown_by(self, measure: MeasureVerdict) -> str:
        if measure.verdict is Verdict.KEPT:
            return self._text("by_machine", measure.facts)
        last = max(measure.attestations, key=lambda item: (item.given, item.recorded_at))
        return self._text("by_word", {"by": last.by, "day": self.phrases.day(last.expires)})

    def _unproven(self, item: Unproven) -> Iterator[str]:
        yield f"    {self._title(item.measure)}"
        yield f"      {self._text('needed')}: {self._needed(item.measure)}"
        if evidence := self._evidence(item.measure):
            yield f"      {self._text('evidence')}: {evidence}"
        label = self._text("true_today" if item.true_today else "once_proven")
        yield f"      {label}: {item.wording}"

    def _discouraged(self, found: Discouraged) -> Iterator[str]:
        guidance: Guidance = found.guidance
        yield f'  "{_one_line(found.claim.claim.quote)}"'
        yield f"    {self._text('why')}: {guidance.why[self.language]}"
        yield f"    {self._text('instead')}: {guidance.instead[self.language]}"
        for source in guidance.sources:
            told = ", ".join(part for part in (source.title, source.section, source.date) if part)
            yield f"    {self._text('source')}: {told} <{source.url}>"

    def _title(self, measure: MeasureVerdict) -> str:
        return self.measures[measure.measure].title[self.language]

    def _needed(self, measure: MeasureVerdict) -> str:
        return self._text(f"need.{measure.rule}", {**measure.facts, "measure": measure.measure})

    def _evidence(self, measure: MeasureVerdict) -> str:
        question = self.questions.get(measure.measure)
        return question.evidence[self.language] if question and measure.rule in _WORD_HELPS else ""

    def _text(self, key: str, facts: Facts = NO_FACTS) -> str:
        return self.phrases.fill(self.wording.texts[self.language][key], facts)


def _by_claim(items: Iterable[Unproven]) -> list[tuple[Claim, list[Unproven]]]:
    groups: dict[str, tuple[Claim, list[Unproven]]] = {}
    for item in items:
        groups.setdefault(item.claim.id, (item.claim, []))[1].append(item)
    return list(groups.values())


def _place(claim: Claim) -> dict[str, Json]:
    return {"claim": claim.id, "quote": claim.quote, "start": claim.start, "end": claim.end}


def _one_line(text: str) -> str:
    return " ".join(text.split())

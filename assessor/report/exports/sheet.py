"""What the exports tell of a run, in one language: each format only writes it down its own way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from assessor.model.attestation import Attestation, Waiver
from assessor.model.check import Severity, Source
from assessor.model.finding import Finding, Outcome
from assessor.model.language import Language
from assessor.model.run import Reference, RunResult
from assessor.model.statement import Claim, MeasureVerdict, Verdict
from assessor.model.target import Target
from assessor.report.clean import cut, one_line, visible
from assessor.report.context import Context, finding_key
from assessor.report.exports.words import short, uuid
from assessor.report.texts import ReportTexts

MAX_ERROR = 4_000
MAX_SAID = 2_000

_SAID_NOT_TO_BE = frozenset({"attested-no", "attested-partly"})
"""Rules by which somebody attested that a measure is not there, or not wholly."""


class Standing(StrEnum):
    """How a finding, a measure or a promise stands, for tools that know few words.

    ``unknown`` is whatever could not be shown; no format writes it as anything that is in order.
    """

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    WAIVED = "waived"
    """Not in order, and accepted by somebody until a day."""
    ATTESTED = "attested"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as it is told.

    Attributes:
        uuid: of this finding in this run.
        lasting: the same UUID in every run, for the same check, measure and target.
        title: what was checked.
        says: what was found; begins with the outcome's word where nothing was observed.
        remedy: what to do; empty where there is nothing to do.
        waivers: those of this check and target, the ones that count first.
        at: when the target was asked.
        promises: numbers of the promises that rest on it.
        error: the traceback of a check that failed itself.
    """

    finding: Finding
    uuid: str
    lasting: str
    standing: Standing
    word: str
    title: str
    measure: str
    says: str
    remedy: str
    criterion: str
    sources: tuple[Source, ...]
    severity: Severity | None
    waivers: tuple[Waiver, ...]
    at: datetime
    promises: tuple[int, ...]
    error: str

    @property
    def rule(self) -> str:
        """The check's id; where none exists, what stands for it."""
        return one_line(self.finding.check, 80) or "no-check"

    @property
    def place(self) -> str:
        """The target's name."""
        return one_line(self.finding.target, 120)


@dataclass(frozen=True, slots=True)
class Line:
    """A measure with its verdict and what that rests on."""

    verdict: MeasureVerdict
    standing: Standing
    title: str
    word: str
    why: str
    told: tuple[Told, ...]

    @property
    def measure(self) -> str:
        """The measure's id."""
        return one_line(self.verdict.measure, 80)


@dataclass(frozen=True, slots=True)
class Promise:
    """A claim of the statement; a measure of the profile where there is no statement.

    Attributes:
        number: from 1, in the statement's order.
        id: the claim's id, or the measure's.
        claim: ``None`` where there is no statement.
        quote: the statement's words; empty where there are none.
        why: which rules decided, in sentences.
    """

    number: int
    id: str
    claim: Claim | None
    name: str
    quote: str
    verdict: Verdict
    standing: Standing
    word: str
    why: str
    lines: tuple[Line, ...]


class Sheet:
    """A run as every export tells it.

    Args:
        result: the run; with pseudonyms in it where the names may not be told.
        reference: the catalogue of measures and the checks with their texts.
        language: of the sentences.
        texts: the report's own texts, in that language.
        manifest: the SHA-256 of the run's manifest; empty where the run was not finished.
    """

    def __init__(
        self,
        result: RunResult,
        reference: Reference,
        language: Language,
        texts: ReportTexts,
        manifest: str = "",
    ) -> None:
        self.context = Context(result, reference, language, texts)
        self.result = result
        self.facts = result.facts
        self.texts = texts
        self.language = language
        self.manifest = manifest

    @property
    def organisation(self) -> str:
        """The company whose promises are assessed; may be empty."""
        return one_line(self.facts.organisation, 120)

    @property
    def title(self) -> str:
        """What this is, and of whom."""
        kind = self.texts["title.claims" if self.result.statement else "title.measures"]
        return f"{self.organisation} – {kind}" if self.organisation else kind

    @property
    def targets(self) -> Iterable[Target]:
        """Every target, in the inventory's order."""
        return self.context.targets.values()

    def id(self, *words: str) -> str:
        """A UUID of something in this run."""
        return uuid("run", self.facts.id, *words)

    @cached_property
    def told(self) -> tuple[Told, ...]:
        """Every different finding."""
        seen: dict[tuple[str, ...], int] = {}
        told = []
        for finding in self.context.findings:
            key = _key(finding)
            seen[key] = seen.get(key, 0) + 1
            told.append(self._tell(finding, (*key, str(seen[key]))))
        return tuple(told)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every measure, with the profile's parameters."""
        return tuple(self._line(each) for each in self.result.measures)

    @cached_property
    def promises(self) -> tuple[Promise, ...]:
        """The statement's claims; where there is no statement, the profile's measures."""
        if self.result.statement is None:
            return tuple(
                Promise(
                    number, line.measure, None, line.title, "", line.verdict.verdict,
                    line.standing, line.word, line.why, (line,),
                )
                for number, line in enumerate(self.lines, 1)
            )  # fmt: skip
        promises = []
        for number, each in enumerate(self.result.claims, 1):
            lines = tuple(self._line(line) for line in each.measures)
            whys = [line.why if len(lines) == 1 else f"{line.title}: {line.why}" for line in lines]
            promises.append(
                Promise(
                    number,
                    one_line(each.claim.id, 80),
                    each.claim,
                    self.context.phrases.text("claim.name", {"n": number}),
                    visible(cut(each.claim.quote, 4_000), lines=True),
                    each.verdict,
                    _stand(each.verdict, [line.standing for line in lines]),
                    self.context.claim_badge(each.verdict).word,
                    " ".join(whys),
                    lines,
                )
            )
        return tuple(promises)

    def attestation(self, each: Attestation) -> str:
        """What somebody attested: by whom, until when, in that person's own words."""
        word = self.texts[f"word.{each.answer}"]
        if not each.counts_on(self.context.day):
            word = f"{word} ({self.texts['word.not_counting']})"
        phrases = self.context.phrases
        by = phrases.text(
            "word.by", {"name": each.by, "role": each.role, "day": phrases.day(each.given)}
        )
        return f"{word}. {by}. {self._until(each.expires)} {one_line(each.text, MAX_SAID)}".strip()

    def waiver(self, each: Waiver) -> str:
        """Which deviation somebody accepted, until when and why."""
        phrases = self.context.phrases
        by = phrases.text("word.accepted_by", {"name": each.by})
        reason = one_line(each.reason, MAX_SAID)
        return f"{self.texts['word.waived']}. {by}. {self._until(each.until)} {reason}".strip()

    def _until(self, last: date) -> str:
        phrases = self.context.phrases
        key = "word.expired" if last < self.context.day else "word.until"
        return phrases.text(key, {"day": phrases.day(last)})

    @cached_property
    def _numbers(self) -> dict[str, dict[int, None]]:
        """The promises that rest on a finding, by the finding's key."""
        found: dict[str, dict[int, None]] = {}
        sources: Iterable[Sequence[MeasureVerdict]] = (
            [each.measures for each in self.result.claims]
            if self.result.statement
            else [[each] for each in self.result.measures]
        )
        for number, lines in enumerate(sources, 1):
            for line in lines:
                for finding in line.findings:
                    found.setdefault(finding_key(finding), {})[number] = None
        return found

    @cached_property
    def _waivers(self) -> dict[tuple[str, str], tuple[Waiver, ...]]:
        claimed = [line for claim in self.result.claims for line in claim.measures]
        every = dict.fromkeys(
            waiver for line in (*claimed, *self.result.measures) for waiver in line.waivers
        )
        found: dict[tuple[str, str], tuple[Waiver, ...]] = {}
        for each in sorted(every, key=lambda it: (it.until, it.recorded_at), reverse=True):
            place = (each.check, each.target)
            found[place] = (*found.get(place, ()), each)
        return found

    @cached_property
    def _by_key(self) -> dict[str, Told]:
        return {finding_key(each.finding): each for each in self.told}

    def _tell(self, finding: Finding, key: tuple[str, ...]) -> Told:
        context = self.context
        info = context.check_info(finding.check)
        waivers = self._waivers.get((finding.check, finding.target), ())
        accepted = any(each.counts_on(context.day) for each in waivers)
        standing = Standing(finding.outcome.value)
        if standing is Standing.FAIL and accepted:
            standing = Standing.WAIVED
        collected = self.result.evidence.get(finding.target)
        measure = context.measure_title(finding.measure)
        todo = finding.outcome in {Outcome.FAIL, Outcome.UNKNOWN}
        remedy = " ".join(filter(None, (context.remedy(finding), context.hint(finding))))
        return Told(
            finding=finding,
            uuid=self.id("finding", *key),
            lasting=uuid("lasting", self.facts.organisation, *key),
            standing=standing,
            word=context.outcome_badge(finding.outcome).word,
            title=context.check_title(finding.check) or measure,
            measure=measure,
            says=" ".join(filter(None, (context.message(finding), context.detail(finding)))),
            remedy=remedy if todo else "",
            criterion=info.criterion.text.get(context.language, "") if info else "",
            sources=info.criterion.sources if info else (),
            severity=info.severity if info else None,
            waivers=waivers,
            at=collected.at if collected else self.facts.started_at,
            promises=tuple(self._numbers.get(finding_key(finding), ())),
            error=visible(finding.error[-MAX_ERROR:], lines=True),
        )

    def _line(self, verdict: MeasureVerdict) -> Line:
        told = tuple(self._by_key[finding_key(each)] for each in verdict.findings)
        attested = [Standing.FAIL] if verdict.rule in _SAID_NOT_TO_BE else []
        return Line(
            verdict,
            _stand(verdict.verdict, [*attested, *(each.standing for each in told)]),
            self.context.measure_title(verdict.measure),
            self.context.measure_badge(verdict.verdict).word,
            self.context.rule(verdict),
            told,
        )


def _key(finding: Finding) -> tuple[str, ...]:
    """What makes a finding the same one in another run."""
    return (finding.check, finding.measure, finding.target, short(finding.parameters))


def _stand(verdict: Verdict, parts: Sequence[Standing]) -> Standing:
    """How a measure or claim stands, from its parts; ``partly`` is whatever its worst part is."""
    match verdict:
        case Verdict.KEPT:
            return Standing.PASS
        case Verdict.ATTESTED:
            return Standing.ATTESTED
        case Verdict.EXPIRED | Verdict.UNPROVEN:
            return Standing.UNKNOWN
        case Verdict.BROKEN | Verdict.PARTLY:
            worst = (Standing.FAIL, Standing.UNKNOWN, Standing.WAIVED)
            least = Standing.FAIL if verdict is Verdict.BROKEN else Standing.UNKNOWN
            return next((each for each in worst if each in parts), least)

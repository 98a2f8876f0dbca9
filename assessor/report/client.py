"""The client's version of a run: what the promises are worth, and nothing that helps an attacker.

A client is given verdicts, numbers and days, and the digests that tie the report to the evidence.
What a machine said, where it is and who works on it stays with whoever assesses. Nothing of it is
hidden by the page alone: it is taken out of the run before a view is made of it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

from assessor.model.attestation import Attestation, EvidenceFile, Waiver, Words
from assessor.model.capture import Captured, NotCaptured, Reason
from assessor.model.check import CheckInfo, Criterion
from assessor.model.evidence import RunFacts, Stored, TargetEvidence
from assessor.model.facts import Facts
from assessor.model.finding import Finding, Judgement, Message
from assessor.model.plan import Plan, PlannedCheck, TargetPlan
from assessor.model.run import Reference, RunResult
from assessor.model.statement import ClaimVerdict, MeasureVerdict, StatementText
from assessor.model.target import Target
from assessor.model.texts import CheckTexts
from assessor.report.aliases import aliases
from assessor.report.discretion import Discretion, PrivateWords
from assessor.report.plain_facts import PlainFacts
from assessor.report.private_words import private_numbers, private_words
from assessor.report.texts import ReportTexts

OURS = "bundled"
"""Where a check comes from that is part of this programme: its texts are the same for everybody."""
_REASONS = frozenset(Reason)


@dataclass(frozen=True, slots=True)
class ClientRun:
    """A run as a client may see it.

    Attributes:
        result: the run, with aliases in the place of targets' names.
        reference: the catalogue, without what checks of others than us may tell of the run.
        discretion: says what of a check's text may be told.
    """

    result: RunResult
    reference: Reference
    discretion: Discretion


def for_client(result: RunResult, reference: Reference, texts: ReportTexts) -> ClientRun:
    """What of a run a client may see.

    The statement stays as it was published, and so do the names of who assesses, who is assessed
    and who signed for something.

    Args:
        result: the run, without pseudonyms: names must be known to be taken out.
        reference: the catalogue of measures and the checks with their texts.
        texts: of the report's language: the aliases are words of it.
    """
    words = PrivateWords(private_words(result, reference.checks), _public(result, reference, texts))
    discretion = Discretion(words, texts["client.unnamed"], texts["client.left_out"])
    veil = _Veil(result, reference, texts, discretion)
    return ClientRun(veil.result(), veil.reference(), discretion)


def _public(result: RunResult, reference: Reference, texts: ReportTexts) -> Iterator[str]:
    """What everybody may read: the statement, who signs, and the words of this programme."""
    yield from (result.facts.organisation, result.facts.assessor, result.facts.profile)
    yield from (target.target.label for target in result.plan.inventory)
    if result.statement:
        yield result.statement.text
    said = [Words(line.attestations, line.waivers) for line in _lines(result)]
    for words in (*said, result.words):
        for attestation in words.attestations:
            yield from (attestation.by, attestation.role)
        yield from (waiver.by for waiver in words.waivers)
    yield from texts.entries.values()
    for measure in reference.measures.values():
        yield from measure.title.values()
    for check, by_language in reference.texts.items():
        if (info := reference.checks.get(check)) and info.origin == OURS:
            for each in by_language.values():
                yield from (each.title, each.why)


def _lines(result: RunResult) -> Iterator[MeasureVerdict]:
    yield from result.measures
    for claim in result.claims:
        yield from claim.measures


class _Veil:
    """Takes out of each part of a run what a client may not see."""

    def __init__(
        self, result: RunResult, reference: Reference, texts: ReportTexts, discretion: Discretion
    ) -> None:
        self._result = result
        self._reference = reference
        self._texts = texts
        self._discretion = discretion
        targets = [planned.target for planned in result.plan.inventory]
        self._aliases = aliases(targets, texts)
        self._plain = PlainFacts(
            targets, self._aliases, private_numbers(result), lambda name: self._word(name) == name
        )
        self._promised = {
            value
            for claim in result.claims
            for values in claim.claim.parameters.values()
            for value in values.values()
        }
        self._findings: dict[int, Finding] = {}
        self._words: dict[str, str] = {}

    def result(self) -> RunResult:
        """The run: made anew, so that what is not named here stays behind."""
        result = self._result
        return RunResult(
            facts=self._facts_of(result.facts),
            finished_at=result.finished_at,
            plan=Plan(
                tuple(map(self._planned, result.plan.targets)),
                tuple(map(self._planned, result.plan.not_asked)),
            ),
            evidence={
                self._alias(name): self._evidence(each) for name, each in result.evidence.items()
            },
            findings=tuple(map(self._finding, result.findings)),
            statement=result.statement and self._statement(result.statement),
            claims=tuple(map(self._claim, result.claims)),
            measures=tuple(map(self._line, result.measures)),
            stamped=result.stamped,
            words=Words(
                tuple(map(self._attestation, result.words.attestations)),
                tuple(map(self._waiver, result.words.waivers)),
            ),
        )

    def reference(self) -> Reference:
        """The catalogue: what others than us wrote in their checks is looked through."""
        reference = self._reference
        ours = {check for check, info in reference.checks.items() if info.origin == OURS}
        return replace(
            reference,
            checks={
                self._id(check): info if check in ours else self._info(info)
                for check, info in reference.checks.items()
            },
            texts={
                self._id(check): by_language
                if check in ours
                else {language: self._check_texts(each) for language, each in by_language.items()}
                for check, by_language in reference.texts.items()
            },
        )

    def _alias(self, target: str) -> str:
        return self._aliases.get(target) or self._texts["client.alias.other"]

    def _id(self, name: str) -> str:
        """An id of the programme's or of a check's own, unless it names something of the run."""
        return name if name in self._reference.checks and self._is_ours(name) else self._word(name)

    def _is_ours(self, check: str) -> bool:
        info = self._reference.checks.get(check)
        return info is not None and info.origin == OURS

    def _told(self, text: str) -> str:
        return self._discretion.masked(text)

    def _word(self, word: str) -> str:
        """An id that stands in many places."""
        known = self._words.get(word)
        if known is None:
            known = self._words[word] = self._told(word)
        return known

    def _facts_of(self, facts: RunFacts) -> RunFacts:
        left_out = tuple(dict.fromkeys(map(self._id, facts.left_out)))
        return replace(facts, vantage="", left_out=left_out, packages=())

    def _planned(self, planned: TargetPlan) -> TargetPlan:
        target = planned.target
        bare = Target(
            self._alias(target.name), target.role, target.transport, target.platform, address=""
        )
        checks = tuple(
            PlannedCheck(
                self._id(each.check),
                each.measures,
                {},
                self._parameters(each.parameters, self._reference.checks.get(each.check)),
            )
            for each in planned.checks
        )
        return TargetPlan(bare, (), checks)

    def _evidence(self, evidence: TargetEvidence) -> TargetEvidence:
        return TargetEvidence(
            self._alias(evidence.target),
            evidence.at,
            {
                str(number): Stored(_silent(stored.capture, str(number)), stored.digest)
                for number, stored in enumerate(evidence.captures.values(), 1)
            },
            evidence.complete,
            evidence.clock_skew_s,
            evidence.gap and _silent_gap(evidence.gap, ""),
        )

    def _statement(self, statement: StatementText) -> StatementText:
        source = published(statement.source) or self._texts["client.file"]
        return replace(statement, source=source)

    def _claim(self, verdict: ClaimVerdict) -> ClaimVerdict:
        return replace(verdict, measures=tuple(map(self._line, verdict.measures)))

    def _line(self, line: MeasureVerdict) -> MeasureVerdict:
        return MeasureVerdict(
            line.measure,
            line.verdict,
            line.rule,
            tuple(map(self._finding, line.findings)),
            self._plain.of(line.facts),
            tuple(map(self._attestation, line.attestations)),
            tuple(map(self._waiver, line.waivers)),
        )

    def _attestation(self, said: Attestation) -> Attestation:
        files = tuple(
            EvidenceFile(
                self._texts["client.evidence"].replace("{n}", str(number)), file.sha256, file.size
            )
            for number, file in enumerate(said.files, 1)
        )
        return replace(said, id=self._told(said.id), text=self._told(said.text), files=files)

    def _waiver(self, waiver: Waiver) -> Waiver:
        return replace(
            waiver,
            check=self._id(waiver.check),
            target=self._alias(waiver.target),
            reason=self._told(waiver.reason),
        )

    def _finding(self, finding: Finding) -> Finding:
        known = self._findings.get(id(finding))
        if known is None:
            known = self._findings[id(finding)] = self._bare(finding)
        return known

    def _bare(self, finding: Finding) -> Finding:
        judgement, target = finding.judgement, finding.target
        return Finding(
            self._id(finding.check),
            finding.check_version,
            self._alias(target),
            Judgement(
                judgement.measure,
                judgement.outcome,
                self._message(judgement.message, target),
                self._plain.of(judgement.expected, target),
                self._plain.of(judgement.observed, target),
                tuple(self._message(each, target) for each in judgement.advice),
            ),
            self._parameters(finding.parameters, self._reference.checks.get(finding.check)),
            finding.evidence,
        )

    def _message(self, message: Message, target: str) -> Message:
        facts = self._plain.of(message.facts, target)
        if message.facts.get("reason") in _REASONS:
            facts["reason"] = message.facts["reason"]
        return Message(self._word(message.id), facts)

    def _parameters(self, parameters: Facts, info: CheckInfo | None) -> Facts:
        """Settings: what is the check's own, promised or no more than a number is shown."""
        known = info.parameters if info else {}
        ours = {name: each.default for name, each in known.items() if info and info.origin == OURS}
        return {
            name: value
            if self._plain.is_number(name, value)
            or value in self._promised
            or (name in ours and value == ours[name])
            else self._texts["client.unnamed"]
            for name, value in parameters.items()
            if self._plain.is_name(name)
        }

    def _info(self, info: CheckInfo) -> CheckInfo:
        sources = tuple(
            replace(
                each,
                title=self._told(each.title),
                section=self._told(each.section),
                url=each.url if self._discretion.clean(each.url) else "",
                date=self._told(each.date),
            )
            for each in info.criterion.sources
        )
        words = {language: self._told(text) for language, text in info.criterion.text.items()}
        parameters = {
            name: replace(each, help={key: self._told(text) for key, text in each.help.items()})
            for name, each in info.parameters.items()
        }
        return replace(info, criterion=Criterion(words, sources), parameters=parameters)

    def _check_texts(self, texts: CheckTexts) -> CheckTexts:
        return replace(texts, title=self._told(texts.title), why=self._told(texts.why))


def published(source: str) -> str:
    """The https address of a page, without what only the one who fetched it needs; else empty."""
    try:
        parts = urlsplit(source)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if parts.scheme != "https" or not host:
        return ""
    return urlunsplit(("https", f"{host}:{port}" if port else host, parts.path, "", ""))


def _silent(capture: Captured | NotCaptured, key: str) -> Captured | NotCaptured:
    """That there is an answer, or why not; never what it says."""
    if isinstance(capture, NotCaptured):
        return _silent_gap(capture, key)
    return Captured(key, "", "", 0, capture.at)


def _silent_gap(gap: NotCaptured, key: str) -> NotCaptured:
    return NotCaptured(key, gap.reason, "", gap.at)

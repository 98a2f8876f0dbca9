"""What every part of the view needs: the run, the catalogue, the texts, and where things stand."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property

from assessor.model.capture import Reason
from assessor.model.check import CheckInfo
from assessor.model.facts import Fact, Facts
from assessor.model.finding import Finding, Message, Outcome
from assessor.model.language import Language
from assessor.model.presentation import Presentation
from assessor.model.report_settings import Audience
from assessor.model.run import Reference, RunResult
from assessor.model.statement import MeasureVerdict, Verdict
from assessor.model.target import Target
from assessor.model.texts import CheckTexts
from assessor.report.clean import one_line, visible
from assessor.report.client import OURS, for_client
from assessor.report.discretion import Said, without_asides
from assessor.report.parts.common import Badge, Link, Named
from assessor.report.phrases import Phrases
from assessor.report.texts import ReportTexts

OUTCOMES = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.NOT_APPLICABLE)
"""The exceptions first."""

MANY = 30
"""Above so many systems a report groups them and tells the exceptions first."""

NAMES_MOST = 100
"""Systems that are named together in a run of many, where nothing more is said of each."""

VERDICTS = (
    Verdict.KEPT,
    Verdict.ATTESTED,
    Verdict.PARTLY,
    Verdict.EXPIRED,
    Verdict.UNPROVEN,
    Verdict.BROKEN,
)
"""The best first: in the counts, the pictures and the summaries alike."""

NOT_OBSERVED = "not_observed"
CHECK_FAILED = "check_failed"


class Context:
    """Answers the questions that all parts of a report ask."""

    def __init__(
        self,
        result: RunResult,
        reference: Reference,
        language: Language,
        texts: ReportTexts,
        presentation: Presentation | None = None,
    ) -> None:
        self.presentation = presentation or Presentation()
        if self.for_client:
            # Here, so that no part of a report can be made for a client from the run itself.
            told = for_client(result, reference, texts)
            result, reference, texts = told.result, told.reference, texts.instead("client.instead")
            self._discretion = told.discretion
        self.result = result
        self.reference = reference
        self.language = language
        self.phrases = Phrases(texts)
        self._keys: dict[int, tuple[Finding, str]] = {}
        self._messages: dict[int, tuple[Finding, str]] = {}

    @property
    def for_client(self) -> bool:
        """Whether the report may show only what helps no attacker."""
        return self.presentation.audience is Audience.CLIENT

    @property
    def day(self) -> date:
        """The day on which people's words must count: that of the run."""
        return self.result.facts.started_at.date()

    @cached_property
    def many(self) -> bool:
        """Whether there are too many systems to tell each of them apart."""
        return len(self.targets) > MANY

    @cached_property
    def targets(self) -> Mapping[str, Target]:
        """Every target of the plan, in the inventory's order."""
        return {planned.target.name: planned.target for planned in self.result.plan.targets}

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every different finding: the run's own, then those judged with a claim's parameters."""
        known: dict[str, Finding] = {}
        claimed = (line.findings for claim in self.result.claims for line in claim.measures)
        measured = (line.findings for line in self.result.measures)
        for findings in (self.result.findings, *measured, *claimed):
            for finding in findings:
                known.setdefault(self.key(finding), finding)
        return tuple(known.values())

    def key(self, finding: Finding) -> str:
        """``finding_key``, worked out once for each finding that is met again and again."""
        known = self._keys.get(id(finding))
        if known is None:
            # with the finding itself, so that no other one can come to have its id
            known = self._keys[id(finding)] = (finding, finding_key(finding))
        return known[1]

    @cached_property
    def _target_anchors(self) -> Mapping[str, str]:
        return {name: f"target-{number}" for number, name in enumerate(self.targets, 1)}

    def target_link(self, name: str) -> Link:
        """A target by its name."""
        return Link(self._target_anchors.get(name, "targets"), one_line(name, 80))

    def named(self, names: Iterable[str]) -> Named:
        """Targets by their names, each once; of very many, the last ones are counted."""
        known = list(dict.fromkeys(names))
        hidden = len(known) - NAMES_MOST
        return Named(
            tuple(map(self.target_link, known[:NAMES_MOST])),
            self.phrases.count("more_kept", hidden) if hidden > 0 else "",
        )

    def measure_title(self, measure: str) -> str:
        """The measure's title; its id where the catalogue does not know it."""
        entry = self.reference.measures.get(measure)
        return entry.title.get(self.language, measure) if entry else one_line(measure, 80)

    def measure_link(self, measure: str) -> Link:
        """A measure by its id; leads to its own place, or to all where it has none."""
        anchor = f"measure-{slug(measure)}" if measure in self._listed else "measures"
        return Link(anchor, self.measure_title(measure))

    @cached_property
    def _listed(self) -> frozenset[str]:
        return frozenset(line.measure for line in self.result.measures)

    def check_texts(self, check: str) -> CheckTexts | None:
        """The check's texts in the report's language, where they are known."""
        by_language = self.reference.texts.get(check)
        return by_language.get(self.language) if by_language else None

    def check_title(self, check: str) -> str:
        """The check's title; its id where it has no texts."""
        texts = self.check_texts(check)
        return texts.title if texts else one_line(check, 80)

    def check_info(self, check: str) -> CheckInfo | None:
        """What is known of the check, where it is known."""
        return self.reference.checks.get(check)

    def claim_badge(self, verdict: Verdict) -> Badge:
        """A verdict as said of a promise."""
        texts = self.phrases.texts
        return Badge(
            verdict.value, texts[f"verdict.{verdict}.claim"], texts[f"verdict.{verdict}.meaning"]
        )

    def measure_badge(self, verdict: Verdict) -> Badge:
        """A verdict as said of a measure."""
        texts = self.phrases.texts
        return Badge(
            verdict.value, texts[f"verdict.{verdict}.measure"], texts[f"verdict.{verdict}.meaning"]
        )

    def outcome_badge(self, outcome: Outcome) -> Badge:
        """An outcome as said of a measure on one target."""
        return Badge(outcome.value, self.phrases.texts[f"outcome.{outcome}.word"])

    def message(self, finding: Finding, message: Message | None = None) -> str:
        """What the finding says, or one of its other messages, in a sentence."""
        if message is not None:
            return self._told(finding, message)
        known = self._messages.get(id(finding))
        if known is None:
            told = self._told(finding, finding.judgement.message)
            known = self._messages[id(finding)] = (finding, told)
        return known[1]

    def _told(self, finding: Finding, said: Message) -> str:
        if said.id in (NOT_OBSERVED, CHECK_FAILED):
            reason = self.reason(finding)
            why = self.phrases.text(f"reason.{reason}.what") if reason else ""
            return self.phrases.text(f"engine.{said.id}", {**said.facts, "why": why})
        texts = self.check_texts(finding.check)
        template = texts.messages.get(said.id) if texts else None
        if self.for_client:
            told = self._discreet(finding, template or "", said.facts)
            return self.phrases.fill(told.text, said.facts) or self._outcome(finding)
        if template is None:
            facts = "; ".join(
                f"{visible(name)}: {self.phrases.value(value)}"
                for name, value in said.facts.items()
            )
            return self.phrases.text("engine.without_text", {"id": said.id, "facts": facts})
        return self.phrases.fill(template, said.facts)

    def advice(self, findings: Iterable[Finding]) -> tuple[str, ...]:
        """Good practice beside the promise; each once."""
        said = (
            self.message(finding, message)
            for finding in findings
            for message in finding.judgement.advice
            if not self.for_client or self._can_say(finding, message)
        )
        return tuple(dict.fromkeys(said))

    def remedy(self, finding: Finding) -> str:
        """What to do about a finding, in plain words; empty where nothing is known to do."""
        reason = self.reason(finding)
        if reason:
            return self.phrases.text(f"reason.{reason}.mend")
        message = finding.judgement.message
        if message.id == CHECK_FAILED:
            return self.phrases.text("engine.check_failed_remedy")
        texts = self.check_texts(finding.check)
        template = texts.remedies.get(message.id) if texts else None
        if template is None:
            return ""
        if not self.for_client:
            return self.phrases.fill(template, message.facts)
        told = self._discreet(finding, without_asides(template), message.facts)
        rest = "" if told.whole else self.phrases.text("client.remedy")
        return f"{self.phrases.fill(told.text, message.facts)} {rest}".strip()

    def _discreet(self, finding: Finding, template: str, facts: Facts) -> Said:
        """What of a check's text a client may read."""
        info = self.check_info(finding.check)
        ours = info is not None and info.origin == OURS
        return self._discretion.said(template, facts.keys(), ours=ours)

    def _can_say(self, finding: Finding, message: Message) -> bool:
        """Whether there is anything to a message that a client may read."""
        texts = self.check_texts(finding.check)
        template = texts.messages.get(message.id, "") if texts else ""
        return bool(self._discreet(finding, template, message.facts).text)

    def _outcome(self, finding: Finding) -> str:
        """What a client is told where the finding's own words cannot be said."""
        facts = {"check": self.check_title(finding.check)}
        return self.phrases.text(f"client.said.{finding.outcome}", facts)

    def reason(self, finding: Finding) -> Reason | None:
        """Why nothing was observed, where that is what the finding says."""
        message = finding.judgement.message
        if message.id != NOT_OBSERVED:
            return None
        try:
            return Reason(str(message.facts.get("reason", "")))
        except ValueError:
            return Reason.INTERNAL

    def detail(self, finding: Finding) -> str:
        """The technical side of a finding that observed nothing; else empty."""
        if self.reason(finding) is None:
            return ""
        return one_line(str(finding.judgement.message.facts.get("detail") or ""), 400)

    def hint(self, finding: Finding) -> str:
        """The exact line or command that would make it observable, where one was given."""
        if self.reason(finding) is None:
            return ""
        return visible(str(finding.judgement.message.facts.get("mend") or "")[:600], lines=True)

    def rule(self, line: MeasureVerdict) -> str:
        """The rule that decided a measure's verdict, in a sentence."""
        return self.rule_text("measure", self.rule_of(line), line_facts(line))

    def rule_of(self, line: MeasureVerdict) -> str:
        """The rule's id; where only the target is lacking, that is said instead of ``no-check``."""
        if line.rule != "no-check":
            return line.rule
        known = any(line.measure in info.measures for info in self.reference.checks.values())
        return "no-target" if known else line.rule

    def rule_text(self, family: str, rule: str, facts: Facts) -> str:
        """A rule in a sentence; a rule without a text gives a neutral one."""
        key = f"rule.{family}.{rule}"
        if self.phrases.texts.get(key) is not None:
            return self.phrases.text(key, facts)
        total = facts.get("total")
        if isinstance(total, int) and self.phrases.texts.get(f"{key}.other") is not None:
            return self.phrases.count(key, total, facts)
        return self.phrases.text("rule.other", {"rule": rule})


def line_facts(line: MeasureVerdict) -> dict[str, Fact]:
    """How the targets did, by the names that rules use; the verdict's own facts come first."""
    return {**tally(line.findings), **line.facts}


def tally(findings: Iterable[Finding]) -> dict[str, Fact]:
    """How the targets did over all findings of a measure, by the names that rules use.

    A target counts once: as broken where one finding fails, as unknown where one could not be
    told, else as kept.
    """
    seen = worst_by_target(findings)
    counted = {name: worst for name, worst in seen.items() if worst is not Outcome.NOT_APPLICABLE}
    broken = tuple(name for name, worst in counted.items() if worst is Outcome.FAIL)
    unknown = tuple(name for name, worst in counted.items() if worst is Outcome.UNKNOWN)
    return {
        "kept": len(counted) - len(broken) - len(unknown),
        "broken": len(broken),
        "unknown": len(unknown),
        "waived": 0,
        "total": len(counted),
        "broken_targets": broken,
        "unknown_targets": unknown,
    }


def worst_by_target(findings: Iterable[Finding]) -> dict[str, Outcome]:
    """The outcome of each target that weighs most, in the order in which targets first appear."""
    rank = {
        outcome: number
        for number, outcome in enumerate(
            (Outcome.NOT_APPLICABLE, Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL)
        )
    }
    worst: dict[str, Outcome] = {}
    for finding in findings:
        known = worst.get(finding.target)
        if known is None or rank[finding.outcome] > rank[known]:
            worst[finding.target] = finding.outcome
    return worst


def finding_key(finding: Finding) -> str:
    """The same text for equal findings: mappings have no hash of their own.

    It is a digest, because a report over many hosts holds one for each of thousands of findings.
    """
    judgement = finding.judgement
    said = repr(
        (
            finding.check,
            finding.check_version,
            finding.target,
            judgement.measure,
            judgement.outcome.value,
            _message_key(judgement.message),
            _sorted(judgement.expected),
            _sorted(judgement.observed),
            tuple(map(_message_key, judgement.advice)),
            _sorted(finding.parameters),
            finding.evidence,
            finding.error,
        )
    )
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def _message_key(message: Message) -> tuple[object, ...]:
    return (message.id, _sorted(message.facts))


def _sorted(facts: Facts) -> tuple[tuple[str, Fact], ...]:
    return tuple(sorted(facts.items(), key=lambda item: item[0]))


def slug(text: str) -> str:
    """``text`` as a part of an anchor."""
    return re.sub(r"[^a-z0-9-]+", "-", text.lower())[:80] or "x"

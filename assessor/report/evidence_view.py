"""The annex: criterion, findings and raw answers, each shown once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import escape

from assessor.model.capture import Captured, NotCaptured
from assessor.model.check import CheckInfo, Probe, ProbeKind
from assessor.model.finding import Facts, Finding, Outcome
from assessor.model.plan import PlannedProbe
from assessor.model.run import Stored, TargetEvidence
from assessor.model.target import Privilege
from assessor.report.clean import cut, one_line, visible
from assessor.report.context import OUTCOMES, Context, finding_key, slug
from assessor.report.parts import (
    AnswerView,
    CheckView,
    EvidenceView,
    FindingRow,
    FindingView,
    Item,
    Link,
    ProbeView,
    Proof,
    SourceView,
    TargetAnswers,
)

OUTPUT_BUDGET = 700_000
"""Bytes that all raw outputs together may take in the page."""
OUTPUT_MOST = 16_000
OUTPUT_LEAST = 400
"""Bytes below which a piece of an output says nothing."""
PROBE_MOST = 6_000
SHARED_FROM = 120
"""Characters from which an output that was shown before is referred to instead of repeated."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The annex with the places in it that the rest of the report leads to.

    Attributes:
        view: the annex.
        proofs: the anchor of each finding, by its key.
    """

    view: EvidenceView
    proofs: Mapping[str, str]

    def proof(self, finding: Finding, text: str) -> Link | None:
        """Where the evidence behind ``finding`` stands."""
        anchor = self.proofs.get(finding_key(finding))
        return Link(anchor, text) if anchor else None


@dataclass(slots=True)
class _Group:
    anchor: str
    first: Finding
    rows: dict[tuple[str, ...], list[Finding]] = field(default_factory=dict)

    @property
    def findings(self) -> list[Finding]:
        return [finding for row in self.rows.values() for finding in row]


def build_evidence(context: Context) -> Evidence:
    """The annex of a run."""
    answers = _Answers(context)
    groups = _group(context)
    checks = tuple(
        _check(context, check, grouped, answers)
        for check, grouped in sorted(groups.items(), key=lambda item: context.check_title(item[0]))
    )
    proofs = {
        finding_key(finding): group.anchor
        for grouped in groups.values()
        for group in grouped
        for finding in group.findings
    }
    facts: Facts = {"run": context.result.facts.id, "previous": context.result.facts.previous}
    verify = [context.phrases.text("verify.files", facts)]
    if context.result.facts.previous:
        verify.append(context.phrases.text("verify.chain", facts))
    return Evidence(EvidenceView(checks, answers.probes, answers.targets, tuple(verify)), proofs)


def _group(context: Context) -> dict[str, list[_Group]]:
    """Like findings of several targets together, by check, the exceptions first."""
    groups: dict[tuple[str, ...], _Group] = {}
    for finding in context.findings:
        if not finding.check:
            continue
        judgement = finding.judgement
        key = (
            finding.check,
            judgement.measure,
            judgement.outcome.value,
            judgement.message.id,
            str(context.reason(finding)),
            _key(judgement.expected),
            _key(finding.parameters),
        )
        if key not in groups:
            groups[key] = _Group(f"f-{len(groups) + 1}", finding)
        row = (
            context.message(finding),
            context.detail(finding),
            _key(judgement.observed),
            finding.error,
        )
        groups[key].rows.setdefault(row, []).append(finding)
    by_check: dict[str, list[_Group]] = {}
    for group in sorted(groups.values(), key=lambda each: OUTCOMES.index(each.first.outcome)):
        by_check.setdefault(group.first.check, []).append(group)
    return by_check


def _key(facts: Facts) -> str:
    return repr(sorted(facts.items(), key=lambda item: item[0]))


def _check(context: Context, check: str, groups: Iterable[_Group], answers: _Answers) -> CheckView:
    info = context.check_info(check)
    texts = context.check_texts(check)
    version = info.version if info else next(iter(groups)).first.check_version
    return CheckView(
        link=Link(f"check-{slug(check)}", context.check_title(check)),
        id=one_line(check, 80),
        version=str(version),
        why=texts.why if texts else "",
        severity=context.phrases.text(f"severity.{info.severity}") if info else "",
        criterion=info.criterion.text.get(context.language, "") if info else "",
        sources=_sources(context, info) if info else (),
        findings=tuple(_finding(context, group, info, answers) for group in groups),
    )


def _sources(context: Context, info: CheckInfo) -> tuple[SourceView, ...]:
    return tuple(
        SourceView(
            title=one_line(source.title),
            section=one_line(source.section),
            date=context.phrases.value(source.date) if source.date else "",
            # a check may be anybody's: no address but the web's becomes a link
            url=source.url if source.url.startswith(("https://", "http://")) else "",
        )
        for source in info.criterion.sources
    )


def _finding(
    context: Context, group: _Group, info: CheckInfo | None, answers: _Answers
) -> FindingView:
    finding = group.first
    names = dict.fromkeys(each.target for each in group.findings)
    rows = tuple(_row(context, findings, answers) for findings in group.rows.values())
    return FindingView(
        anchor=group.anchor,
        badge=context.outcome_badge(finding.outcome),
        measure=context.measure_link(finding.measure),
        message=rows[0].message if len(rows) == 1 else context.phrases.count("rows", len(rows)),
        where=context.phrases.join(names, limit=5),
        expected=_items(context, finding.judgement.expected),
        parameters=_parameters(context, finding.parameters, info),
        rows=rows,
    )


def _row(context: Context, findings: list[Finding], answers: _Answers) -> FindingRow:
    finding = findings[0]
    return FindingRow(
        message=context.message(finding),
        detail=context.detail(finding),
        observed=_items(context, finding.judgement.observed),
        advice=context.advice(findings),
        error=visible(finding.error[-6_000:], lines=True),
        proofs=tuple(
            Proof(context.target_link(each.target), answers.links(each)) for each in findings
        ),
    )


def _items(context: Context, facts: Facts) -> tuple[Item, ...]:
    return tuple(
        Item(one_line(name, 80), context.phrases.value(value), literal=True)
        for name, value in list(facts.items())[:20]
    )


def _parameters(context: Context, facts: Facts, info: CheckInfo | None) -> tuple[Item, ...]:
    known = info.parameters if info else {}
    return tuple(
        Item(
            known[name].help.get(context.language, name) if name in known else one_line(name, 80),
            context.phrases.value(value),
        )
        for name, value in facts.items()
    )


class _Answers:
    """The raw answers and the questions, each output and each question shown once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._probes: dict[str, PlannedProbe] = {}
        self._links: dict[tuple[str, str], Link] = {}
        self._shown: dict[str, Link] = {}
        for planned in context.result.plan.targets:
            for probe in planned.probes:
                self._probes.setdefault(probe.key, probe)
        self._probe_anchors = {key: f"p-{number}" for number, key in enumerate(self._probes, 1)}
        self._limits = _limits(context)
        self.probes = tuple(self._probe(key, each.probe) for key, each in self._probes.items())
        self.targets = tuple(
            self._target(context.result.evidence[name])
            for name in context.targets
            if name in context.result.evidence
        )

    def links(self, finding: Finding) -> tuple[Link, ...]:
        """The answers that a finding rests on; each once."""
        found = (self._links.get((finding.target, digest)) for digest in finding.evidence)
        return tuple(dict.fromkeys(link for link in found if link))

    def _name(self, key: str) -> str:
        planned = self._probes.get(key)
        return one_line(planned.probe.name if planned else key, 80)

    def _probe(self, key: str, probe: Probe) -> ProbeView:
        text, note = self._cut(probe.shown, PROBE_MOST)
        return ProbeView(
            link=Link(self._probe_anchors[key], self._name(key)),
            kind=self._context.phrases.text(f"probe_kind.{probe.kind}"),
            privileged=probe.privilege is not Privilege.NONE,
            text=text,
            cut=note,
        )

    def _target(self, evidence: TargetEvidence) -> TargetAnswers:
        link = self._context.target_link(evidence.target)
        answers = tuple(
            self._answer(evidence, key, stored, f"{link.anchor}-a{number}")
            for number, (key, stored) in enumerate(evidence.captures.items(), 1)
        )
        summary = self._context.phrases.count("answers", len(answers))
        return TargetAnswers(f"{link.anchor}-answers", link, summary, answers)

    def _answer(
        self, evidence: TargetEvidence, key: str, stored: Stored, anchor: str
    ) -> AnswerView:
        name = self._name(key)
        self._links.setdefault((evidence.target, stored.digest), Link(anchor, name))
        planned = self._probes.get(key)
        probe = Link(self._probe_anchors[key], name) if planned else None
        command = _command(planned.probe) if planned else ""
        phrases = self._context.phrases
        digest = Item(phrases.texts["label.digest"], visible(stored.digest[:64]), literal=True)
        match stored.capture:
            case NotCaptured() as missing:
                why = phrases.text(f"reason.{missing.reason}.what")
                detail = one_line(missing.detail, 400)
                facts = (self._time(missing.at), digest)
                return AnswerView(
                    anchor, name, probe, command, facts, (), "", "", None, detail, why
                )
            case Captured() as captured:
                output, note, same = self._output(stored, captured, (evidence.target, name), anchor)
                return AnswerView(
                    anchor=anchor,
                    name=name,
                    probe=probe,
                    command=command,
                    facts=(
                        Item(phrases.texts["label.exit_status"], str(captured.exit_status)),
                        self._time(captured.at),
                        Item(phrases.texts["label.duration"], phrases.seconds(captured.duration_s)),
                        digest,
                    ),
                    warnings=self._warnings(captured),
                    output=output,
                    cut=note,
                    same=same,
                    errors=visible(cut(captured.stderr, 800), lines=True),
                    missing="",
                )

    def _time(self, moment: datetime) -> Item:
        phrases = self._context.phrases
        return Item(phrases.texts["label.time"], phrases.moment(moment))

    def _warnings(self, captured: Captured) -> tuple[str, ...]:
        texts = self._context.phrases.texts
        return tuple(
            texts[key]
            for key, wrong in (
                ("answer.truncated", captured.truncated),
                ("answer.undecodable", captured.undecodable),
            )
            if wrong
        )

    def _output(
        self, stored: Stored, captured: Captured, place: tuple[str, str], anchor: str
    ) -> tuple[str, str, Link | None]:
        text = captured.stdout
        if len(text) >= SHARED_FROM:
            shown = self._shown.get(text)
            if shown is not None:
                return "", "", shown
            self._shown[text] = Link(anchor, ", ".join(one_line(part, 80) for part in place))
        part, note = self._cut(text, self._limits.of(stored.digest))
        return part, note, None

    def _cut(self, text: str, limit: int) -> tuple[str, str]:
        """As much of ``text`` as takes ``limit`` bytes in the page, and a note about the rest."""
        part = visible(text[:limit], lines=True)
        while part and (weight := _weight(part)) > limit:
            part = part[: len(part) * limit // weight]
        if len(text) <= limit and len(part) == len(visible(text, lines=True)):
            return part, ""
        phrases = self._context.phrases
        facts: Facts = {"shown": phrases.whole(len(part)), "total": phrases.whole(len(text))}
        return part, phrases.text("answer.cut" if part else "answer.left_out", facts)


def _weight(text: str) -> int:
    return len(str(escape(text)).encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class _Limits:
    """How many bytes each output may take in the page: what is wrong goes first.

    Attributes:
        telling: the digests of the answers behind what was not in order or could not be told.
        first: bytes for each of those.
        others: bytes for each other answer; 0 where there is no room left.
    """

    telling: frozenset[str]
    first: int
    others: int

    def of(self, digest: str) -> int:
        """Bytes for the answer with ``digest``."""
        return self.first if digest in self.telling else self.others


def _limits(context: Context) -> _Limits:
    telling = frozenset(
        digest
        for finding in context.findings
        if finding.outcome in (Outcome.FAIL, Outcome.UNKNOWN)
        for digest in finding.evidence
    )
    outputs: dict[bool, set[str]] = {True: set(), False: set()}
    for target in context.result.evidence.values():
        for stored in target.captures.values():
            if isinstance(stored.capture, Captured):
                outputs[stored.digest in telling].add(stored.capture.stdout)
    first, left = _share(outputs[True], OUTPUT_BUDGET)
    others, _ = _share(outputs[False] - outputs[True], left)
    return _Limits(telling, max(first, OUTPUT_LEAST), others if others >= OUTPUT_LEAST else 0)


def _share(outputs: Iterable[str], budget: int) -> tuple[int, int]:
    """A limit for each output, and what is left; short ones leave their share to long ones."""
    sizes = sorted(_weight(output[:OUTPUT_MOST]) for output in outputs)
    left = budget
    for position, size in enumerate(sizes):
        share = min(left // (len(sizes) - position), OUTPUT_MOST)
        if size > share:
            return share, max(0, left - share * (len(sizes) - position))
        left -= size
    return OUTPUT_MOST, left


def _command(probe: Probe) -> str:
    """The one line that says what was asked; scripts and requests are shown whole elsewhere."""
    if probe.kind is not ProbeKind.COMMAND:
        return ""
    line = one_line(probe.text, 600)
    return f"sudo {line}" if probe.privilege is not Privilege.NONE else line

"""The annex: criterion, findings and raw answers, each shown once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from assessor.model.capture import Captured, NotCaptured
from assessor.model.check import CheckInfo, Probe, ProbeKind
from assessor.model.evidence import Stored, TargetEvidence
from assessor.model.facts import Facts
from assessor.model.finding import Finding
from assessor.model.plan import PlannedProbe
from assessor.model.target import Privilege
from assessor.report.clean import cut, one_line, visible
from assessor.report.context import OUTCOMES, Context, slug
from assessor.report.parts.common import Item, Link
from assessor.report.parts.evidence import (
    AnswerView,
    CheckView,
    EvidenceView,
    FindingRow,
    FindingView,
    ProbeView,
    Proof,
    SourceView,
    TargetAnswers,
)
from assessor.report.room import Place, answers_that_fit, limits, places, rows_that_fit, weight

PROBE_MOST = 6_000
SHARED_FROM = 120
"""Characters from which an output that was shown before is referred to instead of repeated."""
PROOFS_MOST = 6
"""Systems of a row that lead to their answers, in a run of many systems."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The annex with the places in it that the rest of the report leads to.

    Attributes:
        view: the annex.
        proofs: the anchor of each finding, by its key.
        key: gives a finding's key.
    """

    view: EvidenceView
    proofs: Mapping[str, str]
    key: Callable[[Finding], str]

    def proof(self, finding: Finding, text: str) -> Link | None:
        """Where the evidence behind ``finding`` stands."""
        anchor = self.proofs.get(self.key(finding))
        return Link(anchor, text) if anchor else None


@dataclass(slots=True)
class _Group:
    anchor: str
    first: Finding
    rows: dict[tuple[str, ...], list[Finding]] = field(default_factory=dict)
    room: int = 0
    """How many rows are shown."""

    @property
    def findings(self) -> list[Finding]:
        return [finding for row in self.rows.values() for finding in row]

    @property
    def shown(self) -> list[list[Finding]]:
        """The rows that are shown; where that is not all, those of the most systems."""
        rows = list(self.rows.values())
        return rows if self.room >= len(rows) else self._widest[: self.room]

    @property
    def rest(self) -> list[list[Finding]]:
        """The others."""
        return self._widest[self.room :]

    @property
    def _widest(self) -> list[list[Finding]]:
        return sorted(self.rows.values(), key=len, reverse=True)


def build_evidence(context: Context) -> Evidence:
    """The annex of a run."""
    groups = _group(context)
    answers = _Answers(context, _make_room(context, groups))
    checks = tuple(
        _check(context, check, grouped, answers)
        for check, grouped in sorted(groups.items(), key=lambda item: context.check_title(item[0]))
    )
    proofs = {
        context.key(finding): group.anchor
        for grouped in groups.values()
        for group in grouped
        for finding in group.findings
    }
    facts: Facts = {"run": context.result.facts.id, "previous": context.result.facts.previous}
    verify = [context.phrases.text("verify.files", facts)]
    if context.result.facts.previous:
        verify.append(context.phrases.text("verify.chain", facts))
    view = EvidenceView(
        checks, answers.probes, answers.targets, tuple(verify), answers.cut, answers.received
    )
    return Evidence(view, proofs, context.key)


def _make_room(
    context: Context, by_check: Mapping[str, Sequence[_Group]]
) -> Collection[Place] | None:
    """Decides how many rows each group shows; gives the answers that go with them, or ``None``."""
    groups = [group for grouped in by_check.values() for group in grouped]
    fitting = rows_that_fit(context, [(group.first, len(group.rows)) for group in groups])
    for group, room in zip(groups, fitting, strict=True):
        group.room = room
    return answers_that_fit(context, [row for group in groups for row in group.shown])


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
    rows = tuple(_row(context, findings, answers) for findings in group.shown)
    left_out = [each for row in group.rest for each in row]
    rest = context.phrases.count("rows_left_out", len(group.rest)) if left_out else ""
    total = len(group.rows)
    return FindingView(
        anchor=group.anchor,
        badge=context.outcome_badge(finding.outcome),
        measure=context.measure_link(finding.measure),
        message=rows[0].message if total == 1 else context.phrases.count("rows", total),
        where=context.phrases.join(names, limit=5),
        expected=_items(context, finding.judgement.expected),
        parameters=_parameters(context, finding.parameters, info),
        rows=rows,
        rest=rest,
        others=context.named(each.target for each in left_out),
        said=total,
    )


def _row(context: Context, findings: list[Finding], answers: _Answers) -> FindingRow:
    finding = findings[0]
    proven: list[Finding] = []
    others: list[Finding] = []
    for each in findings:
        room = not context.many or (len(proven) < PROOFS_MOST and answers.shows(each))
        (proven if room else others).append(each)
    return FindingRow(
        message=context.message(finding),
        detail=context.detail(finding),
        observed=_items(context, finding.judgement.observed),
        advice=context.advice(findings),
        error=visible(finding.error[-6_000:], lines=True),
        proofs=tuple(
            Proof(context.target_link(each.target), answers.links(each)) for each in proven
        ),
        others=context.named(each.target for each in others),
    )


def _items(context: Context, facts: Facts) -> tuple[Item, ...]:
    return tuple(
        Item(one_line(name, 80), context.phrases.value(value), literal=True)
        for name, value in list(facts.items())[:20]
    )


def _parameters(context: Context, facts: Facts, info: CheckInfo | None) -> tuple[Item, ...]:
    known = info.parameters if info else {}

    def label(name: str) -> str:
        if name not in known:
            return one_line(name, 80)
        return known[name].help.get(context.language, name).rstrip(".")

    return tuple(Item(label(name), context.phrases.value(value)) for name, value in facts.items())


class _Answers:
    """The raw answers and the questions, each output and each question shown once."""

    def __init__(self, context: Context, chosen: Collection[Place] | None) -> None:
        self._context = context
        self._chosen = chosen
        self._probes: dict[str, PlannedProbe] = {}
        self._links: dict[tuple[str, str], Link] = {}
        self._shown: dict[str, Link] = {}
        for planned in context.result.plan.targets:
            for probe in planned.probes:
                self._probes.setdefault(probe.key, probe)
        self._probe_anchors = {key: f"p-{number}" for number, key in enumerate(self._probes, 1)}
        self._limits = limits(context, chosen)
        self.probes = tuple(self._probe(key, each.probe) for key, each in self._probes.items())
        self.targets = tuple(
            target
            for name in context.targets
            if name in context.result.evidence
            and (target := self._target(context.result.evidence[name]))
        )
        self._places = frozenset(places(context))
        self.received = sum(len(each.captures) for each in context.result.evidence.values())
        self.cut = self._left_out() if chosen is not None else ""

    def links(self, finding: Finding) -> tuple[Link, ...]:
        """The answers that a finding rests on; each once."""
        found = (self._links.get((finding.target, digest)) for digest in finding.evidence)
        return tuple(dict.fromkeys(link for link in found if link))

    def shows(self, finding: Finding) -> bool:
        """Whether the page has every answer that the finding rests on."""
        if self._chosen is None:
            return True
        asked = {(finding.target, digest) for digest in finding.evidence}
        return all(place in self._chosen for place in asked & self._places)

    def _left_out(self) -> str:
        phrases = self._context.phrases
        facts: Facts = {
            "shown": phrases.whole(sum(len(target.answers) for target in self.targets)),
            "total": phrases.whole(self.received),
            "run": self._context.result.facts.id,
        }
        return phrases.text("answers_left_out", facts)

    def _name(self, key: str) -> str:
        if self._context.for_client:
            return self._context.phrases.text("client.answer", {"n": key})
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

    def _target(self, evidence: TargetEvidence) -> TargetAnswers | None:
        """The answers of a target; ``None`` where the page has no room for any."""
        link, phrases = self._context.target_link(evidence.target), self._context.phrases
        chosen, name = self._chosen, evidence.target
        answers = tuple(
            self._answer(evidence, key, stored, f"{link.anchor}-a{number}")
            for number, (key, stored) in enumerate(evidence.captures.items(), 1)
            if chosen is None or (name, stored.digest) in chosen
        )
        total = len(evidence.captures)
        if total and not answers:
            return None
        summary = (
            phrases.count("answers", total)
            if len(answers) == total
            else phrases.count("answers_of", total, {"n": len(answers), "total": total})
        )
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
            case Captured() if self._context.for_client:
                facts = (self._time(stored.capture.at), digest)
                return AnswerView(
                    anchor, name, None, "", facts, (), "", "", None, "", "", withheld=True
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
        while part and (bytes_ := weight(part)) > limit:
            part = part[: len(part) * limit // bytes_]
        if len(text) <= limit and len(part) == len(visible(text, lines=True)):
            return part, ""
        phrases = self._context.phrases
        facts: Facts = {"shown": phrases.whole(len(part)), "total": phrases.whole(len(text))}
        return part, phrases.text("answer.cut" if part else "answer.left_out", facts)


def _command(probe: Probe) -> str:
    """The one line that says what was asked; scripts and requests are shown whole elsewhere."""
    if probe.kind is not ProbeKind.COMMAND:
        return ""
    line = one_line(probe.text, 600)
    return f"sudo {line}" if probe.privilege is not Privilege.NONE else line

"""What needs doing, in order of weight, and who can do it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from assessor.model.capture import Reason
from assessor.model.check import Severity
from assessor.model.finding import Finding, Outcome
from assessor.model.measure import MeasureKind
from assessor.model.statement import MeasureVerdict, Verdict
from assessor.model.target import Role
from assessor.report.context import Context
from assessor.report.parts.common import Link
from assessor.report.parts.first_screen import Action
from assessor.report.words_view import is_waived

_WEIGHTS = {severity: number for number, severity in enumerate(Severity)}
_ASSESSOR_MENDS = frozenset(
    {
        Reason.NAME_NOT_FOUND,
        Reason.SECRET_MISSING,
        Reason.WRONG_PLATFORM,
        Reason.TIMED_OUT,
        Reason.DEADLINE,
        Reason.NOT_RUN,
        Reason.WORKER_SILENT,
        Reason.INTERRUPTED,
        Reason.INTERNAL,
    }
)
_ATTESTABLE = frozenset({"needs-attestation", "machine-part-only", "attested-partly"})


@dataclass(slots=True)
class _Matter:
    """Findings or measures that one deed would settle."""

    rank: int
    severity: int = 0
    findings: list[Finding] = field(default_factory=list)
    measures: dict[str, None] = field(default_factory=dict)
    claims: dict[int, None] = field(default_factory=dict)

    @property
    def targets(self) -> list[str]:
        return list(dict.fromkeys(finding.target for finding in self.findings))

    def weight(self) -> tuple[int, int, int, int]:
        """Sorts the heaviest first."""
        return (self.rank, -self.severity, -len(self.claims), -len(self.targets))


def build_actions(context: Context) -> tuple[Action, ...]:
    """All that needs doing, the heaviest first.

    What was seen to be wrong comes before what has expired, that before what could not be seen,
    and last comes what nobody has shown yet.
    """
    matters: dict[tuple[str, ...], _Matter] = {}
    for number, line in _lines(context):
        for finding in line.findings:
            if is_waived(finding, line, context.day):
                continue
            _add_finding(context, matters, finding, number)
        _add_verdict(context, matters, line, number)
    ordered = sorted(matters.items(), key=lambda item: item[1].weight())
    return tuple(_action(context, key, matter) for key, matter in ordered)


def _lines(context: Context) -> Iterable[tuple[int, MeasureVerdict]]:
    """Each measure with the number of the claim that promises it, or 0."""
    if not context.result.claims:
        return ((0, line) for line in context.result.measures)
    return (
        (number, line)
        for number, claim in enumerate(context.result.claims, 1)
        for line in claim.measures
    )


def _add_finding(
    context: Context, matters: dict[tuple[str, ...], _Matter], finding: Finding, claim: int
) -> None:
    if finding.outcome is Outcome.FAIL:
        key, rank = ("fail", finding.check, finding.judgement.message.id), 0
    elif finding.outcome is Outcome.UNKNOWN:
        reason = context.reason(finding)
        rank = 2
        key = (
            ("gap", reason.value, "")
            if reason
            else ("gap", finding.check, finding.judgement.message.id)
        )
    else:
        return
    matter = matters.setdefault(key, _Matter(rank))
    info = context.check_info(finding.check)
    matter.severity = max(matter.severity, _WEIGHTS[info.severity] if info else 0)
    matter.findings.append(finding)
    _touch(matter, finding.measure, claim)


def _add_verdict(
    context: Context, matters: dict[tuple[str, ...], _Matter], line: MeasureVerdict, claim: int
) -> None:
    rule = context.rule_of(line)
    if line.verdict is Verdict.EXPIRED:
        matter = matters.setdefault(("expired",), _Matter(1))
    elif rule == "attested-no":
        matter = matters.setdefault(("attested-no",), _Matter(1))
    elif rule in _ATTESTABLE:
        matter = matters.setdefault(("attest",), _Matter(3))
    elif rule in {"no-check", "no-target"}:
        matter = matters.setdefault((rule,), _Matter(4))
    else:
        return
    _touch(matter, line.measure, claim)


def _touch(matter: _Matter, measure: str, claim: int) -> None:
    matter.measures[measure] = None
    if claim:
        matter.claims[claim] = None


def _action(context: Context, key: tuple[str, ...], matter: _Matter) -> Action:
    phrases = context.phrases
    family = key[0]
    titles = phrases.join((context.measure_title(each) for each in matter.measures), limit=4)
    links = tuple(
        Link(f"claim-{number}", phrases.text("claim.name", {"n": number}))
        for number in matter.claims
    ) or tuple(context.measure_link(each) for each in matter.measures)
    problem, todo, weight = _words(context, family, matter)
    hints = dict.fromkeys(filter(None, map(context.hint, matter.findings)))
    return Action(
        title=titles,
        problem=problem,
        todo=todo,
        # one line can be shown here; where there are more, the list of gaps has them all
        hint=next(iter(hints)) if len(hints) == 1 else "",
        where=phrases.join(matter.targets, limit=5) if matter.findings else "",
        who=phrases.text(f"who.{_who(context, family, matter)}"),
        weight=weight,
        links=links[:6],
    )


def _words(context: Context, family: str, matter: _Matter) -> tuple[str, str, str]:
    """The problem, what to do about it, and how much it weighs."""
    texts = context.phrases.texts
    if not matter.findings:
        problem, todo, weight = (
            texts[f"action.{family}.{part}"] for part in ("problem", "todo", "weight")
        )
        return problem, todo, weight
    first = matter.findings[0]
    reason = context.reason(first)
    problems = (
        [texts[f"reason.{reason}.what"]]
        if reason
        else list(dict.fromkeys(map(context.message, matter.findings)))
    )
    todos = dict.fromkeys(filter(None, map(context.remedy, matter.findings)))
    severity = tuple(Severity)[matter.severity]
    weight = (
        texts["action.gap.weight"]
        if family == "gap"
        else context.phrases.text("action.weight", {"word": texts[f"severity.{severity}"]})
    )
    return (
        " ".join(problems[:2]),
        " ".join(list(todos)[:2]) or texts["action.no_remedy"],
        weight,
    )


def _who(context: Context, family: str, matter: _Matter) -> str:
    if matter.findings:
        reason = context.reason(matter.findings[0])
        if reason in _ASSESSOR_MENDS:
            return "assessor"
        roles = {context.targets[name].role for name in matter.targets if name in context.targets}
        return "webmaster" if roles and roles <= {Role.SITE, Role.MAIL_DOMAIN} else "administrator"
    if family in {"no-check", "no-target"}:
        return "assessor"
    kinds = {
        context.reference.measures[each].kind
        for each in matter.measures
        if each in context.reference.measures
    }
    return "premises" if kinds == {MeasureKind.PHYSICAL} else "management"

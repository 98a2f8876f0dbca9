"""Cuts a view to what paper is for: what is wrong in full, the rest counted. Pure.

A page can fold and search; paper cannot, and who wants the raw answers needs them as they were,
not as they print. What is left out is said in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from babel import Locale
from babel.numbers import format_decimal

from assessor.report.parts.evidence import CheckView, EvidenceView, FindingRow, FindingView
from assessor.report.parts.fleet import FleetView, SystemGroup
from assessor.report.parts.report import ReportView

MAX_GROUPS = 30
"""Groups of systems with exceptions that are told, in a run of many systems; the worst first."""
MAX_MEMBERS = 60
"""Systems that are named where all is in order, or the same is wrong."""
MAX_ACCOUNTS = 200
MAX_FINDINGS = 5
"""What a check says that is told; what is not in order comes first."""
MAX_ROWS = 2
MAX_ROWS_WRONG = 3
"""Different things that are told of one outcome of a check, and of what is not in order."""
MAX_PROOFS = 12
"""Systems that are named with each."""

_Some = TypeVar("_Some")


@dataclass(frozen=True, slots=True)
class Paper:
    """A view as it is printed.

    Attributes:
        view: what to print; without raw answers and questions.
        left_out: what is not printed, in a sentence, by the anchor of its place: ``groups``,
            ``register``, ``evidence``, that of a group's first system, a check or a finding, or
            that of a finding with ``/`` and a row's number.
    """

    view: ReportView
    left_out: Mapping[str, str]


def on_paper(view: ReportView) -> Paper:
    """``view`` as it is printed."""
    scissors = _Scissors(view.labels, Locale.parse(view.language, sep="-"))
    return Paper(
        replace(
            view,
            fleet=scissors.fleet(view.fleet) if view.fleet else None,
            register=scissors.first("register", view.register, MAX_ACCOUNTS),
            evidence=scissors.evidence(view.evidence),
        ),
        scissors.left_out,
    )


@dataclass(slots=True)
class _Scissors:
    """Cuts, and remembers what it says of what it cut."""

    labels: Mapping[str, str]
    locale: Locale
    left_out: dict[str, str] = field(default_factory=dict)

    def fleet(self, fleet: FleetView) -> FleetView:
        groups = self.first("groups", fleet.groups, MAX_GROUPS)
        return replace(
            fleet,
            groups=tuple(map(self._group, groups)),
            in_order=fleet.in_order and self._group(fleet.in_order),
        )

    def _group(self, group: SystemGroup) -> SystemGroup:
        place = group.members[0].link.anchor if group.members else ""
        return replace(group, members=self.first(place, group.members, MAX_MEMBERS))

    def evidence(self, evidence: EvidenceView) -> EvidenceView:
        numbers = {"answers": evidence.received, "questions": len(evidence.probes)}
        if any(answer.withheld for target in evidence.targets for answer in target.answers):
            self._say("evidence", self.labels["paper_withheld"], **numbers)
        elif evidence.received:
            self._say("evidence", self.labels["paper_evidence"], **numbers)
        checks = tuple(map(self._check, evidence.checks))
        return replace(evidence, checks=checks, probes=(), targets=())

    def _check(self, check: CheckView) -> CheckView:
        findings = self.first(check.link.anchor, check.findings, MAX_FINDINGS)
        return replace(check, findings=tuple(map(self._finding, findings)))

    def _finding(self, finding: FindingView) -> FindingView:
        most = MAX_ROWS_WRONG if finding.badge.code == "fail" else MAX_ROWS
        rows = self.first(finding.anchor, finding.rows, most, finding.said)
        return replace(
            finding,
            rows=tuple(
                self._row(f"{finding.anchor}/{number}", row) for number, row in enumerate(rows, 1)
            ),
        )

    def _row(self, place: str, row: FindingRow) -> FindingRow:
        rest = len(row.proofs) - MAX_PROOFS
        if rest > 0:
            self._say(place, self.labels["paper_more"], n=rest)
        return replace(row, proofs=row.proofs[:MAX_PROOFS])

    def first(
        self, place: str, items: Sequence[_Some], most: int, total: int | None = None
    ) -> tuple[_Some, ...]:
        """The first ``most`` items; says so where there are more."""
        if len(items) > most:
            self._say(place, self.labels["paper_first"], shown=most, total=total or len(items))
        return tuple(items[:most])

    def _say(self, place: str, said: str, **numbers: int) -> None:
        for name, number in numbers.items():
            said = said.replace(f"{{{name}}}", str(format_decimal(number, locale=self.locale)))
        self.left_out[place] = said

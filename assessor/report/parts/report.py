"""The whole report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessor.report.parts.claims import ClaimView, MeasureView, StatementView
from assessor.report.parts.evidence import EvidenceView
from assessor.report.parts.first_screen import Summary
from assessor.report.parts.fleet import FleetView
from assessor.report.parts.frameworks import FrameworkView
from assessor.report.parts.house import HouseView
from assessor.report.parts.past import EndsView, MonthsView, TimelineView, WaiversView
from assessor.report.parts.shown import Imprint, ShownView
from assessor.report.parts.targets import GapView, MatrixTable, RegisterRow, TargetView


@dataclass(frozen=True, slots=True)
class ReportView:
    """A whole report in one language.

    Attributes:
        language: for the page's ``lang``, such as ``nl`` or ``nl-BE``.
        labels: the fixed words of the page, by name.
        summary: the first screen.
        claims: the promises, in the statement's order.
        statement: ``None`` where there is no statement: then ``claims`` is empty and the report
            is about the measures.
        measures: every measure, over all systems.
        matrix: measures against systems, cut into tables that fit beside each other.
        targets: every system.
        register: who may administer which machine; empty where no check tells it.
        gaps: what could not be observed, by its reason.
        frameworks: laws and standards of which the run touches a requirement.
        evidence: the annex for those who want the proof.
        house: the style of the company that hands the report over.
        months: the months before, on the first screen; ``None`` where nothing is known of them.
        timeline: the runs up to this one; ``None`` where no other is known.
        ends: what ends within ninety days.
        waivers: the deviations that were accepted; ``None`` where there is none.
        shown: exactly what was and what was not shown.
        imprint: what a file of it says of itself.
        fleet: in a run of many systems, ``matrix`` is empty and this tells them in groups;
            ``targets`` still has them all. ``None`` in a run of few.
        register_rest: that there are more administrators than are told, in words; may be empty.
    """

    language: str
    labels: Mapping[str, str]
    summary: Summary
    claims: tuple[ClaimView, ...]
    statement: StatementView | None
    measures: tuple[MeasureView, ...]
    matrix: tuple[MatrixTable, ...]
    targets: tuple[TargetView, ...]
    register: tuple[RegisterRow, ...]
    gaps: tuple[GapView, ...]
    frameworks: tuple[FrameworkView, ...]
    evidence: EvidenceView
    house: HouseView
    months: MonthsView | None
    timeline: TimelineView | None
    ends: EndsView
    waivers: WaiversView | None
    shown: ShownView
    imprint: Imprint
    fleet: FleetView | None
    register_rest: str

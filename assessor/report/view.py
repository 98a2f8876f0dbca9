"""The view of a run: everything that a template shows, in one language. Pure."""

from __future__ import annotations

from assessor.model.language import Language
from assessor.model.presentation import Presentation
from assessor.model.run import Reference, RunResult
from assessor.report.claims_view import build_claims, build_statement
from assessor.report.context import Context
from assessor.report.ends_view import build_ends
from assessor.report.evidence_view import build_evidence
from assessor.report.fleet_view import build_fleet
from assessor.report.frameworks_view import build_frameworks
from assessor.report.gaps_view import build_gaps
from assessor.report.house_view import build_house
from assessor.report.measures_view import build_measures
from assessor.report.parts.report import ReportView
from assessor.report.past_view import build_months, build_timeline
from assessor.report.register_view import build_register
from assessor.report.shown_view import build_imprint, build_shown
from assessor.report.summary_view import build_summary
from assessor.report.targets_view import build_matrix, build_targets
from assessor.report.texts import ReportTexts
from assessor.report.waivers_view import build_waivers

__all__ = ["ReportView", "build_view"]


def build_view(
    result: RunResult,
    reference: Reference,
    language: Language,
    texts: ReportTexts,
    presentation: Presentation | None = None,
) -> ReportView:
    """The view of ``result`` in ``language``.

    Args:
        result: the run.
        reference: the catalogue of measures and the checks with their texts.
        language: of the report; need not be the statement's.
        texts: the report's own texts, in that language.
        presentation: for whom it is, in whose style, and what is known of the months before.
    """
    context = Context(result, reference, language, texts, presentation)
    evidence = build_evidence(context)
    targets = build_targets(context, evidence)
    register, register_rest = build_register(context)
    return ReportView(
        language=texts.tag,
        labels=context.phrases.texts.section("label"),
        summary=build_summary(context),
        claims=build_claims(context, evidence),
        statement=build_statement(context),
        measures=build_measures(context, evidence),
        matrix=build_matrix(context, evidence),
        targets=targets,
        register=register,
        gaps=build_gaps(context, evidence),
        frameworks=build_frameworks(context),
        evidence=evidence.view,
        house=build_house(context),
        months=build_months(context),
        timeline=build_timeline(context),
        ends=build_ends(context),
        waivers=build_waivers(context),
        shown=build_shown(context),
        imprint=build_imprint(context),
        fleet=build_fleet(context, targets),
        register_rest=register_rest,
    )

"""Tells a run: joins its conclusions with its past and the house style, and writes every form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from assessor import bundled
from assessor.evidence.store import RunFolder
from assessor.model.presentation import Audience, Format, Presentation, ReportSettings
from assessor.model.run import RunResult
from assessor.model.statement import Language
from assessor.pipeline import Checks
from assessor.report.html import render_html
from assessor.report.json import render_json
from assessor.report.parts import ReportView
from assessor.report.pseudonyms import pseudonymised
from assessor.report.texts import load_texts
from assessor.report.view import build_view


@dataclass(frozen=True, slots=True)
class Report:
    """A run as it is told in one language to one audience.

    Attributes:
        view: what the page and the terminal show.
        json: the whole of it for programs.
        pseudonyms: people's account names have pseudonyms in it.
    """

    language: Language
    audience: Audience
    view: ReportView
    json: str
    pseudonyms: bool = False


def make_report(
    result: RunResult,
    checks: Checks,
    language: Language,
    pseudonyms: bytes | None = None,
    presentation: Presentation | None = None,
) -> Report:
    """Tells ``result`` in ``language``.

    Args:
        result: the run.
        checks: with which it was judged.
        language: of the report.
        pseudonyms: the key by which people's account names get one; ``None`` shows the names.
        presentation: for whom it is, in whose style, and what is known of the months before.
    """
    presentation = presentation or Presentation()
    if pseudonyms is not None:
        result = pseudonymised(result, checks.catalogue.infos, pseudonyms)
    texts = load_texts(bundled.folder("reports"), language)
    reference = checks.reference()
    return Report(
        language,
        presentation.audience,
        build_view(result, reference, language, texts, presentation),
        render_json(result, reference, language, texts, presentation),
        pseudonyms is not None,
    )


def write_reports(
    run: RunFolder, reports: Iterable[Report], settings: ReportSettings | None = None
) -> tuple[Path, ...]:
    """Writes each report in every format of the settings; gives the paths.

    ``report.<language>.<suffix>`` is for who assesses, ``report.<language>.client.<suffix>`` for
    the client. Those with pseudonyms replace no others either.
    """
    settings = settings or ReportSettings()
    paths = []
    for report in reports:
        for form in settings.formats:
            name = f"report.{report.language}{_kind(report)}.{form}"
            run.write_bytes(name, _written(report, form))
            paths.append(run.path / name)
    return tuple(paths)


def _kind(report: Report) -> str:
    kind = ".client" if report.audience is Audience.CLIENT else ""
    return f"{kind}.pseudonyms" if report.pseudonyms else kind


def _written(report: Report, form: Format) -> bytes:
    match form:
        case Format.HTML:
            return render_html(report.view, bundled.folder("reports")).encode()
        case Format.JSON:
            return report.json.encode()
        case Format.PDF | Format.MARKDOWN | Format.DOCX | Format.SUMMARY:
            raise NotImplementedError(form)

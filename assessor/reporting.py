"""Tells a run: joins its conclusions with its past and the house style, and writes every form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from assessor import bundled
from assessor.errors import UsageError
from assessor.evidence.store import RunFolder, write_pieces
from assessor.model.language import Language, LanguageTag
from assessor.model.past import Past
from assessor.model.presentation import Presentation
from assessor.model.report_settings import Audience, Format, ReportSettings
from assessor.model.run import RunResult
from assessor.pipeline import Checks
from assessor.report.html import render_html
from assessor.report.json import json_pieces
from assessor.report.markdown import render_markdown
from assessor.report.one_page import render_one_page
from assessor.report.parts.report import ReportView
from assessor.report.pseudonyms import pseudonymised
from assessor.report.texts import load_texts
from assessor.report.view import build_view


@dataclass(frozen=True, slots=True)
class Report:
    """A run as it is told in one language to one audience.

    Attributes:
        view: what the page and the terminal show.
        json_pieces: gives the whole of it for programs, piece by piece; made when it is called,
            because it takes more memory than all else, and most reports are shown without it.
        pseudonyms: people's account names have pseudonyms in it.
    """

    language: Language
    audience: Audience
    view: ReportView
    json_pieces: Callable[[], Iterator[str]]
    pseudonyms: bool = False

    @property
    def json(self) -> str:
        """The whole of it for programs, ending in a newline."""
        return "".join(self.json_pieces())


@dataclass(frozen=True, slots=True)
class Telling:
    """How a run is told.

    Attributes:
        languages: a report in each of them; a region that is not said is that of the settings.
        settings: in which forms, for whom, in whose style.
        past: what is known of the months before.
    """

    languages: tuple[LanguageTag, ...]
    settings: ReportSettings = field(default_factory=ReportSettings)
    past: Past = field(default_factory=Past)


def tell(
    result: RunResult, checks: Checks, telling: Telling, pseudonyms: bytes | None = None
) -> tuple[Report, ...]:
    """A report for each language and audience; see ``make_report``."""
    settings = telling.settings
    return tuple(
        make_report(
            result,
            checks,
            tag.language,
            pseudonyms,
            Presentation(audience, settings.style, telling.past),
            region_of(tag, settings),
        )
        for tag in telling.languages
        for audience in settings.audiences
    )


def fullest(
    result: RunResult, checks: Checks, telling: Telling, reports: Sequence[Report]
) -> Report:
    """The report for who assesses, which a terminal shows: the first such, or one that is made."""
    found = next((each for each in reports if each.audience is Audience.INTERNAL), None)
    if found is not None:
        return found
    alone = replace(telling.settings, audiences=(Audience.INTERNAL,))
    return tell(result, checks, replace(telling, settings=alone))[0]


def region_of(tag: LanguageTag, settings: ReportSettings) -> str:
    """The region whose words a report has."""
    return settings.region if tag.region is None else tag.region


def make_report(
    result: RunResult,
    checks: Checks,
    language: Language,
    pseudonyms: bytes | None = None,
    presentation: Presentation | None = None,
    region: str = "",
) -> Report:
    """Tells ``result`` in ``language``.

    Args:
        result: the run.
        checks: with which it was judged.
        language: of the report.
        pseudonyms: the key by which people's account names get one; ``None`` shows the names.
        presentation: for whom it is, in whose style, and what is known of the months before.
        region: whose words it has, such as ``BE``; empty for those of the language.
    """
    presentation = presentation or Presentation()
    # The client's version has no names at all; it is made from the run itself, because a name has
    # to be known to be taken out of what people wrote.
    if pseudonyms is not None and presentation.audience is not Audience.CLIENT:
        result = pseudonymised(result, checks.catalogue.infos, pseudonyms)
    texts = load_texts(bundled.folder("reports"), language, region)
    reference = checks.reference()
    return Report(
        language,
        presentation.audience,
        build_view(result, reference, language, texts, presentation),
        partial(json_pieces, result, reference, language, texts, presentation),
        pseudonyms is not None,
    )


def write_reports(
    run: RunFolder, reports: Iterable[Report], settings: ReportSettings | None = None
) -> tuple[Path, ...]:
    """Writes each report in every format of the settings; gives the paths.

    Those with pseudonyms replace no others. What can be written is, before an error is raised.

    Raises:
        UsageError: a template of the organisation is broken, or a form cannot be written here.
    """
    settings = settings or ReportSettings()
    paths = []
    failure: UsageError | None = None
    for report in reports:
        for name, write in _files(report, settings):
            try:
                pieces = write()
            except UsageError as error:
                failure = failure or error
                continue
            write_pieces(run.path / name, pieces)
            paths.append(run.path / name)
    if failure is not None:
        raise failure
    return tuple(paths)


def _files(
    report: Report, settings: ReportSettings
) -> Iterator[tuple[str, Callable[[], Iterable[bytes]]]]:
    """The name of each file of a report, and what writes it."""
    for form in settings.formats:
        name = file_name(report.language, report.audience, form, pseudonyms=report.pseudonyms)
        yield name, partial(_written_pieces, report, form, settings.templates)
        if form is Format.SUMMARY and Format.PDF in settings.formats:
            yield (
                f"{name.removesuffix('html')}pdf",
                lambda: [_paper(report, Format.SUMMARY, settings.templates)],
            )


def _written_pieces(report: Report, form: Format, own: Path | None) -> Iterable[bytes]:
    """A report in one form, as :func:`written` gives it, in pieces where it is long."""
    if form is Format.JSON:
        return (piece.encode() for piece in report.json_pieces())
    return [written(report, form, own)]


def file_name(
    language: Language, audience: Audience, form: Format, *, pseudonyms: bool = False
) -> str:
    """The name of a report in its run's folder.

    ``report.<language>.<suffix>`` is for who assesses, ``report.<language>.client.<suffix>`` for
    the client; the summary on one page is ``summary.<language>.html``, and the same in PDF beside
    it where PDF is a form as well. A region has no file of its
    own: a folder has one Dutch.
    """
    kind = ".client" if audience is Audience.CLIENT else ""
    kind += ".pseudonyms" if pseudonyms else ""
    if form is Format.SUMMARY:
        return f"summary.{language}{kind}.html"
    return f"report.{language}{kind}.{form}"


def page_of(run: Path, language: Language | None = None) -> Path | None:
    """The HTML report in a run's folder that is for who reads it here; ``None`` without one.

    The one for who assesses goes before the client's, and ``language`` before the others.
    """
    languages = sorted(Language, key=lambda each: each is not language)
    names = [
        file_name(each, audience, Format.HTML)
        for audience in (Audience.INTERNAL, Audience.CLIENT)
        for each in languages
    ]
    return next((run / name for name in names if (run / name).is_file()), None)


def written(report: Report, form: Format, own: Path | None = None) -> bytes:
    """A report in one form.

    Args:
        report: the run as it is told.
        form: in which.
        own: the organisation's templates, which go before ours; ``None`` for none.

    Raises:
        UsageError: a template of the organisation is broken, or the form cannot be written here.
    """
    match form:
        case Format.HTML:
            return render_html(report.view, bundled.folder("reports"), own).encode()
        case Format.JSON:
            return report.json.encode()
        case Format.MARKDOWN:
            return render_markdown(report.view).encode()
        case Format.DOCX:
            # here, because it takes as long to load as all else together
            from assessor.report.docx import render_docx

            return render_docx(report.view)
        case Format.SUMMARY:
            return render_one_page(report.view, bundled.folder("reports"), own).encode()
        case Format.PDF:
            return _paper(report, form, own)


def _paper(report: Report, form: Format, own: Path | None) -> bytes:
    """The report, or the summary on one page, as a PDF."""
    from assessor.report.pdf import render_one_page_pdf, render_pdf

    render = render_one_page_pdf if form is Format.SUMMARY else render_pdf
    return render(report.view, bundled.folder("reports"), own)

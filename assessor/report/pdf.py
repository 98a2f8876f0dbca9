"""Writes a view, or any page of ours, as a tagged PDF with bookmarks and page numbers."""

from __future__ import annotations

import hashlib
import re
import sys
from datetime import UTC
from pathlib import Path
from typing import Any

from assessor.errors import FormatError
from assessor.report.house_view import house_css
from assessor.report.one_page import render_one_page
from assessor.report.page import render_page
from assessor.report.paper import on_paper
from assessor.report.parts.report import ReportView
from assessor.report.pdf_page import prepare
from assessor.report.templates import Templates

TEMPLATE = "report.pdf.html.j2"
STYLES = ("print.css",)
ONE_PAGE_STYLES = ("print.css", "one-page.print.css")
FIGURES = "figures.css"
VARIANT = "pdf/ua-1"
"""PDF for universal access, ISO 14289-1: tagged, with a language, a title and words for figures."""
DEBIAN = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
"""What WeasyPrint loads at run time, by the names of Debian's packages."""

_CONTROL_SIGNS = re.compile("[\u2400-\u2421]")


def render_pdf(view: ReportView, templates: Path, own: Path | None = None) -> bytes:
    """The report as a PDF; the same view gives the same bytes on the same machine.

    Args:
        view: what to show; what paper is not made for is counted instead.
        templates: the folder with ``report.pdf.html.j2``, ``parts``, ``print.css`` and
            ``figures.css``.
        own: a folder of an organisation whose files go before those; ``None`` for none.

    Raises:
        FormatError: WeasyPrint, or a library that it needs, is not installed.
        InputError: a template of the organisation is broken; says where.
    """
    _weasyprint()  # before the work of a page that nothing could print
    paper = on_paper(view)
    html = render_page(
        TEMPLATE,
        templates,
        {"view": paper.view, "label": view.labels, "paper": paper},
        STYLES,
        own=own,
        house=house_css(view.house),
        pictures=view.house.logo is not None,
    )
    return html_to_pdf(html, view, templates, own)


def render_one_page_pdf(view: ReportView, templates: Path, own: Path | None = None) -> bytes:
    """The summary on one page of A4 as a PDF.

    Args:
        view: what to show.
        templates: the folder with ``one-page.html.j2``, ``print.css``, ``one-page.print.css`` and
            ``figures.css``.
        own: a folder of an organisation whose files go before those; ``None`` for none.

    Raises:
        FormatError: WeasyPrint, or a library that it needs, is not installed.
        InputError: a template of the organisation is broken; says where.
    """
    _weasyprint()
    html = render_one_page(view, templates, own, ONE_PAGE_STYLES)
    return html_to_pdf(html, view, templates, own)


def html_to_pdf(html: str, view: ReportView, templates: Path, own: Path | None = None) -> bytes:
    """A page of ours as a PDF. Nothing is fetched: pictures stand in the page as ``data:``.

    Args:
        html: the page, with its style sheet in it.
        view: what the page shows; its imprint gives the file's properties, where the page has no
            title of its own.
        templates: the folder with ``figures.css``, the colours of pictures.
        own: a folder of an organisation whose files go before those; ``None`` for none.

    Raises:
        FormatError: WeasyPrint, or a library that it needs, is not installed.
        InputError: the organisation's own style sheet cannot be read.
    """
    weasyprint = _weasyprint()
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    page = weasyprint.HTML(string=_CONTROL_SIGNS.sub(_numbered, html), url_fetcher=fetcher)
    style = prepare(page.etree_element, Templates(templates, own).style(FIGURES))
    document = page.render(
        stylesheets=[weasyprint.CSS(string=style, url_fetcher=fetcher)], pdf_variant=VARIANT
    )
    imprint = view.imprint
    document.metadata = weasyprint.document.DocumentMetadata(
        title=document.metadata.title or imprint.title,
        authors=[imprint.author] if imprint.author else [],
        generator="assess",
        created=imprint.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        lang=view.language,
    )

    def finish(rendered: Any, _: object) -> None:
        for printed in rendered.pages:
            for _, _, _, box in printed.links:
                _say_where_it_leads(box)

    # one that follows from the page: the same report is the same file
    identifier = hashlib.sha256(html.encode()).hexdigest()[:32].encode()
    return bytes(
        document.write_pdf(pdf_variant=VARIANT, pdf_identifier=identifier, finisher=finish)
    )


def _say_where_it_leads(box: Any) -> None:
    """Gives a link the words that it shows; else it is read out by the name of its place."""
    import pydyf

    words = "".join(getattr(each, "text", "") for each in box.descendants())
    annotation = getattr(box, "link_annotation", None)
    if words and annotation is not None:
        annotation["Contents"] = pydyf.String(words)


def _numbered(sign: re.Match[str]) -> str:
    """A control character by its number: few fonts have its sign, and all have these letters."""
    number = ord(sign[0]) - 0x2400
    return f"[U+{0x7F if number == 0x21 else number:04X}]"


def _weasyprint() -> Any:
    try:
        import weasyprint  # an extra, and slow to load: only who wants a PDF waits for it
    except (ImportError, OSError) as error:
        told = str(error).strip().partition("\n")[0]
        raise FormatError(
            f"a PDF needs WeasyPrint, which does not load here: {told}",
            mend=f"{sys.executable} -m pip install 'weasyprint>=69.0', and on Debian: apt install "
            f"{DEBIAN}",
        ) from None
    return weasyprint

"""Writes a view as one self-contained HTML file that loads nothing and runs our own script only."""

from __future__ import annotations

from pathlib import Path

from assessor.report.house_view import house_css
from assessor.report.page import render_page
from assessor.report.parts.report import ReportView

TEMPLATE = "report.html.j2"
SCRIPT = "search.js"
"""Searches and filters; without it, all can still be read."""


def render_html(view: ReportView, templates: Path, own: Path | None = None) -> str:
    """The report as a page.

    Args:
        view: what to show; every text in it is escaped here.
        templates: the folder with ``report.html.j2``, ``parts`` and ``style.css``.
        own: a folder of an organisation whose files go before those; ``None`` for none.

    Raises:
        InputError: a template of the organisation is broken; says where.
    """
    return render_page(
        TEMPLATE,
        templates,
        {"view": view, "label": view.labels},
        own=own,
        house=house_css(view.house),
        pictures=view.house.logo is not None,
        script=SCRIPT,
    )

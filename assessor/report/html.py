"""Writes a view as one self-contained HTML file that runs nothing and loads nothing."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assessor.report.parts import ReportView

TEMPLATE = "report.html.j2"
STYLE = "style.css"


def render_html(view: ReportView, templates: Path) -> str:
    """The report as a page.

    The content-security policy allows the page's own style sheet by its hash and nothing else: no
    script, no image, no request, no style attribute.

    Args:
        view: what to show; every text in it is escaped here.
        templates: the folder with ``report.html.j2``, ``parts`` and ``style.css``.
    """
    style = (templates / STYLE).read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(TEMPLATE).render(
        view=view,
        label=view.labels,
        style=Markup(style),  # noqa: S704 - our own file, not data
        policy=(
            f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        ),
    )

"""What all our pages share: templates that escape, and a policy that allows what is ours alone."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

STYLE = "style.css"


def render_page(
    template: str, templates: Path, values: dict[str, object], styles: tuple[str, ...] = (STYLE,)
) -> str:
    """The page of ``template``; every text in it is escaped, and it runs and loads nothing.

    The template gets ``style``, to stand in its one ``style`` element, and ``policy``: a
    content-security policy (CSP Level 3) that allows that style sheet by its hash and nothing
    else: no script, no image, no request, no style attribute.

    Args:
        template: its name in ``templates``.
        templates: the folder with our templates and style sheets.
        values: what the template shows.
        styles: the style sheets, which become one; a later one goes before an earlier one.
    """
    style = "".join((templates / each).read_text(encoding="utf-8") for each in styles)
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(
        **values,
        style=Markup(style),  # noqa: S704 - our own file, not data
        policy=(
            f"default-src 'none'; style-src '{_hash(style)}'; base-uri 'none'; form-action 'none'"
        ),
    )


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"sha256-{digest}"

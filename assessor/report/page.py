"""What all our pages share: templates that escape, and a policy that allows what is ours alone."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from markupsafe import Markup, escape

from assessor.errors import InputError
from assessor.report.templates import Templates

STYLE = "style.css"
_REMARK = re.compile(r"<!--.*?-->", re.DOTALL)


def render_page(
    template: str,
    templates: Path,
    values: dict[str, object],
    styles: tuple[str, ...] = (STYLE,),
    *,
    own: Path | None = None,
    house: str = "",
    pictures: bool = False,
    script: str = "",
) -> str:
    """The page of ``template``; every text in it is escaped, and it loads nothing.

    The template gets ``style``, to stand in its one ``style`` element, ``script``, to stand in its
    one ``script`` element, and ``policy``: a content-security policy (CSP Level 3) that allows
    these by their hashes and nothing else: no other script, no request, no style attribute; an
    image only where it stands in the page.

    Args:
        template: its name in ``templates``.
        templates: the folder with our templates and style sheets.
        values: what the template shows.
        styles: the style sheets, which become one; a later one goes before an earlier one.
        own: a folder of an organisation, whose files go before ours; ``None`` for none.
        house: rules of the house style (``house_css``), which go before the style sheets.
        pictures: allow images that stand in the page itself.
        script: the name of our script; empty for none. An organisation's own never goes before it.

    Raises:
        InputError: a template or style sheet of the organisation is broken; says where.
    """
    found = Templates(templates, own)
    style = "".join(map(found.style, styles)) + house
    code = (templates / script).read_text(encoding="utf-8") if script else ""
    policy = "; ".join(
        [
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            *([f"script-src '{_hash(code)}'"] if code else []),
            *(["img-src data:"] if pictures else []),
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    page = found.render(
        template,
        {
            **values,
            "style": Markup(style),  # noqa: S704 - a style sheet, not data; no HTML is in it
            "script": Markup(code),  # noqa: S704 - our own file, not data
            "policy": policy,
        },
    )
    if own is not None and not _keeps(page, policy):
        raise InputError(
            "the page has lost its content-security policy",
            path=own / template if found.is_own(template) else own,
            mend="begin the head with "
            '<meta http-equiv="Content-Security-Policy" content="{{ policy }}">',
        )
    return page


def _keeps(page: str, policy: str) -> bool:
    """Whether the policy stands in the page, before anything that it is about."""
    page = _REMARK.sub("", page)
    meta = f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
    before, found, _ = page.partition(meta)
    return bool(found) and not re.search(r"<(style|link|script|img|body|svg)\b", before, re.I)


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"sha256-{digest}"

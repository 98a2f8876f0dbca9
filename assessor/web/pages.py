"""Writes the pages: templates and texts of ``reports/questionnaire``, the style of the report."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.wrappers import Response

from assessor.errors import InputError
from assessor.model.language import Language
from assessor.yamlfile import read_yaml

FOLDER = "questionnaire"
_REPORT_STYLE = "style.css"
_STYLE, _SCRIPT = "page.css", "page.js"


def load_texts(reports: Path, language: Language) -> Mapping[str, str]:
    """The texts of the page, ``questionnaire/texts.<language>.yaml``, by key.

    Raises:
        InputError: the file is broken.
    """
    path = reports / FOLDER / f"texts.{language}.yaml"
    value = read_yaml(path).value
    if not isinstance(value, dict) or not all(
        isinstance(text, str) and text for text in value.values()
    ):
        raise InputError("must map keys to texts", path=path)
    return MappingProxyType({str(key): str(text) for key, text in value.items()})


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders pages in one language.

    Attributes:
        environment: with the templates; escapes whatever is filled in.
        texts: by key.
        language: of the texts and of what the desk hands over.
        organisation: named at the top of each page; may be empty.
        style: the style sheet, ours.
        script: ours; the page works without it.
    """

    environment: Environment
    texts: Mapping[str, str]
    language: Language
    organisation: str
    style: Markup
    script: Markup

    @classmethod
    def load(cls, reports: Path, language: Language, organisation: str) -> Pages:
        """Reads templates, style and texts from the folder ``reports``."""
        folder = reports / FOLDER
        environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        style = "\n".join(
            path.read_text("utf-8") for path in (reports / _REPORT_STYLE, folder / _STYLE)
        )
        script = (folder / _SCRIPT).read_text("utf-8")
        return cls(
            environment,
            load_texts(reports, language),
            language,
            organisation,
            Markup(style),  # noqa: S704 - our own file, not data
            Markup(script),  # noqa: S704 - our own file, not data
        )

    def text(self, key: str, **facts: object) -> str:
        """The text ``key``, filled in; raises ``KeyError`` where there is none."""
        return self.texts[key].format(**facts)

    def response(self, template: str, status: int = 200, /, **shown: object) -> Response:
        """A page, with headers that let it run and load nothing but its own style and script."""
        nonce = secrets.token_urlsafe(16)
        body = self.environment.get_template(f"{template}.html.j2").render(
            **shown,
            t=self.text,
            language=self.language,
            organisation=self.organisation,
            style=self.style,
            script=self.script,
            nonce=nonce,
        )
        response = Response(body, status=status, content_type="text/html; charset=utf-8")
        return guarded(response, nonce)


def guarded(response: Response, nonce: str = "") -> Response:
    """Puts the headers on ``response`` that every answer of this server carries."""
    inline = f"'nonce-{nonce}'" if nonce else "'none'"
    response.headers.update(
        {
            "Content-Security-Policy": (
                f"default-src 'none'; style-src {inline}; script-src {inline}; img-src data:; "
                "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            ),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            # With no-referrer a browser says "Origin: null" in our own forms too (Fetch standard,
            # "append a request Origin header"), and where they came from could not be checked.
            "Referrer-Policy": "same-origin",
        }
    )
    return response

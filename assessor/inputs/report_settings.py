"""What may stand under ``report`` in ``assessment.yaml``, as pydantic models."""

from __future__ import annotations

import re
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from assessor.inputs.notify_settings import MailAddress
from assessor.inputs.settings import Settings, Text, one_or_more, refuse

FormatWord = Literal["html", "json", "pdf", "md", "docx", "summary"]
AudienceWord = Literal["internal", "client"]
RegionWord = Literal["NL", "BE"]

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_PHONE = re.compile(r"\+?[0-9(][0-9 ()./-]{3,38}")


def _colour(value: object) -> object:
    if value is None or (isinstance(value, str) and not _COLOUR.fullmatch(value)):
        refuse(
            "a colour is written as # and six hexadecimal digits, between quotes",
            'write for example "#16303f"; without quotes # begins a remark',
        )
    return value


def _phone(value: str) -> str:
    if not _PHONE.fullmatch(value) or sum(sign.isdigit() for sign in value) < 3:
        refuse("this is no telephone number", 'write digits and spaces, as in "+32 2 555 01 23"')
    return value


def _website(value: str) -> str:
    try:
        parts = urlsplit(value)
        wrong = parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc
        wrong = wrong or re.search(r"[\s<>\"\\\x00-\x1f\x7f]", value) is not None
        _ = parts.port
    except ValueError:
        wrong = True
    if wrong:
        refuse("this is no address of a website", "write for example https://www.example.be")
    return value


def _words_of(alias: object) -> WithJsonSchema:
    word = {"enum": list(get_args(alias))}
    return WithJsonSchema({"anyOf": [word, {"type": "array", "items": word, "minItems": 1}]})


Formats = Annotated[
    tuple[FormatWord, ...],
    BeforeValidator(one_or_more),
    Field(min_length=1),
    _words_of(FormatWord),
]
Audiences = Annotated[
    tuple[AudienceWord, ...],
    BeforeValidator(one_or_more),
    Field(min_length=1),
    _words_of(AudienceWord),
]
Colour = Annotated[
    str | None,  # None is refused too: a colour without quotes is a remark
    BeforeValidator(_colour),
    WithJsonSchema({"type": "string", "pattern": f"^{_COLOUR.pattern}$"}),
]


class ContactSettings(Settings):
    """Whom a reader of the report asks."""

    name: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    """A person or a desk."""
    email: MailAddress | None = None
    """An e-mail address."""
    phone: Annotated[str, AfterValidator(_phone)] | None = None
    """A telephone number, between quotes."""
    website: Annotated[str, AfterValidator(_website), Field(max_length=300)] | None = None
    """The address of your website, beginning with https://."""
    address: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    """Where you are, on one or more lines."""


class ReportingSettings(Settings):
    """The forms, the readers and the look of reports."""

    formats: Formats | None = None
    """One or more of html, json, pdf, md, docx and summary; html and json unless said."""
    audiences: Audiences | None = None
    """internal (everything), client (nothing that helps an attacker), or both; both unless said."""
    region: RegionWord | None = None
    """BE for the Dutch of Flanders; NL, that of the Netherlands, unless said."""
    logo: Text | None = None
    """Your logo, relative to this file: PNG, JPEG or SVG, at most 200 kB."""
    colour: Colour = None
    """Of the head of the page, as "#16303f" between quotes."""
    accent: Colour = None
    """Of links and lines, as "#1a5276" between quotes."""
    contact: ContactSettings | None = None
    """Whom a reader asks; it stands at the foot of the report."""
    templates: Text | None = None
    """A folder, relative to this file, with templates of your own (docs/reports.md)."""

"""The published schemas in ``tests/data/schemas``, and what each says of a document."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from lxml import etree

FOLDER = Path(__file__).resolve().parents[3] / "data" / "schemas"

# ECMA's names for the classes of characters, which Python's regular expressions lack.
_ECMA = (
    (r"(\\p{L}|_)", r"([^\\W\\d]|_)"),
    (r"(\\p{L}|\\p{N}|[.\\-_])", r"[\\w.\\-]"),
)


@cache
def validator(name: str) -> Validator:
    """Of a JSON schema, with its formats (UUID, URI, date-time) where Python can check them."""
    text = (FOLDER / name).read_text("utf-8")
    for ecma, python in _ECMA:
        text = text.replace(ecma, python)
    schema: dict[str, Any] = json.loads(text)
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def faults(name: str, document: Any) -> list[str]:
    """What is wrong with ``document``, by a JSON schema."""
    return [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in validator(name).iter_errors(document)
    ]


@cache
def _xsd(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(FOLDER / name))


def xml_faults(name: str, text: str) -> list[str]:
    """What is wrong with a text, by an XML schema."""
    schema = _xsd(name)
    parsed = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False))
    schema.validate(parsed)
    log: Any = schema.error_log  # its stubs do not say that it can be gone through
    return [str(error) for error in log]

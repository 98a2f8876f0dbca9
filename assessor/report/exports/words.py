"""How texts, values and ids are written down in every export."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from uuid import UUID, uuid5

from assessor.model.facts import Fact
from assessor.report.clean import cut, visible

Json = dict[str, object]

PRODUCT = "assess"
MAX_TEXT = 4_000
MAX_VALUE = 300
MAX_ITEMS = 50
TOO_LARGE = 10**15
"""Whole numbers from here on come out otherwise in readers that count in floating point."""

_NAMESPACE = UUID("6f5c1c1e-6d0e-5a53-9a0b-0d7a3f6c2b11")


def uuid(*words: str) -> str:
    """The same UUID (version 5) for the same words; it tells nothing that the words do not."""
    return str(uuid5(_NAMESPACE, ascii(words)))


def moment(at: datetime) -> str:
    """A time in UTC, as RFC 3339 writes it, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970 in UTC."""
    return round(at.timestamp() * 1000)


def prose(*texts: str) -> str:
    """Texts as paragraphs; the empty ones are left out."""
    return "\n\n".join(cut(text, MAX_TEXT) for text in texts if text.strip())


def plain(value: Fact) -> object:
    """A fact as JSON has it, bounded; what JSON has no word for is ``None``."""
    match value:
        case tuple():
            shown = [plain(item) for item in value[:MAX_ITEMS]]
            rest = len(value) - MAX_ITEMS
            return [*shown, f"… (+{rest})"] if rest > 0 else shown
        case str():
            return cut(value, MAX_VALUE)
        case bool() | None:
            return value
        case int():
            return value if abs(value) < TOO_LARGE else None
        case float():
            return value if math.isfinite(value) else None


def facts(values: Mapping[str, Fact]) -> Json:
    """Facts as JSON has them, by name, in the order of their names."""
    names = sorted(values)[:MAX_ITEMS]
    return {cut(name, 80): plain(values[name]) for name in names}


def short(values: Mapping[str, Fact]) -> str:
    """Facts on one line, as JSON; empty where there are none."""
    return dump(facts(values)) if values else ""


def dump(document: object, indent: int | None = None) -> str:
    """``document`` as JSON in which nothing is hidden, in names and values alike.

    Control characters, characters without width, and those that turn the direction of reading are
    made visible here, so that no format can forget one.
    """
    return json.dumps(_visible(document), ensure_ascii=False, allow_nan=False, indent=indent)


def _visible(value: object) -> object:
    if isinstance(value, str):
        return visible(value, lines=True)
    if isinstance(value, Mapping):
        return {visible(str(name)): _visible(item) for name, item in value.items()}
    if isinstance(value, Iterable):
        return [_visible(item) for item in value]
    return value


def filled(**entries: object) -> Json:
    """The entries that hold something: an absent one is left out, not null."""
    return {name: entry for name, entry in entries.items() if entry not in (None, "", [], {}, ())}

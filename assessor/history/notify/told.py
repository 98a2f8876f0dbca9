"""What was told, so that nobody is told the same twice: as text and back. Pure.

``.assess/notified.json`` holds one line a delivery, by a digest: neither addresses nor secrets.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assessor.errors import EvidenceError
from assessor.model.language import Language
from assessor.model.notice import MailNotice, Place
from assessor.model.target import SecretSource

FORMAT = 1
KEPT = 2000
"""Deliveries that are remembered: ten places, monthly, for sixteen years."""


@dataclass(frozen=True, slots=True)
class Told:
    """One delivery.

    Attributes:
        id: of the delivery; see :func:`delivery_id`.
        event: what was told, such as ``run.finished``.
        run: its id; may be empty.
        kind: how, such as ``mail``.
        at: when it was accepted, in UTC.
    """

    id: str
    event: str
    run: str
    kind: str
    at: datetime


def delivery_id(occasion: str, place: Place, recipient: str, language: Language) -> str:
    """Names a delivery: the same news by the same way to the same recipient in one language."""
    words = (occasion, place.kind, _address(place), recipient.lower(), language.value)
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:32]


def _address(place: Place) -> str:
    """Where a place is, by its settings; never by a secret."""
    if isinstance(place, MailNotice):
        return f"{place.server}:{place.port}"
    url = place.url
    if isinstance(url, SecretSource):
        return "\0".join((url.kind, *url.value))
    return url


def told_text(told: Iterable[Told]) -> str:
    """What :func:`read_told` reads: the last ones."""
    kept = [
        {"id": one.id, "event": one.event, "run": one.run, "kind": one.kind,
         "at": one.at.isoformat()}
        for one in list(told)[-KEPT:]
    ]  # fmt: skip
    return json.dumps({"format": FORMAT, "told": kept}, indent=1) + "\n"


def read_told(text: str) -> tuple[Told, ...]:
    """Raises ``EvidenceError`` where it is not what :func:`told_text` gave."""
    try:
        kept: dict[str, Any] = json.loads(text)
        if kept["format"] != FORMAT:
            raise ValueError
        return tuple(
            Told(
                _text(one["id"]),
                _text(one["event"]),
                _text(one["run"]),
                _text(one["kind"]),
                datetime.fromisoformat(one["at"]),
            )
            for one in kept["told"]
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise EvidenceError(f"damaged ({type(error).__name__})") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value

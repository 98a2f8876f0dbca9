"""The JSON answers of questions to services, read strictly: nothing is guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from assessor.model.capture import NotCaptured
from assessor.model.check import Captures

Answer = TypeVar("Answer")


class UnparsedError(Exception):
    """An answer is not what its question documents; names the part that is not."""


class Fields:
    """Typed access to one JSON object; names the field that is missing or of another type."""

    def __init__(self, value: object) -> None:
        if not isinstance(value, dict):
            raise UnparsedError("not an object")
        self._value = value

    def has(self, name: str) -> bool:
        """Whether there is such a field, of whatever type."""
        return name in self._value

    def _get(self, name: str) -> object:
        if name not in self._value:
            raise UnparsedError(name)
        found: object = self._value[name]
        return found

    def value(self, name: str) -> object:
        """The field ``name``, of whatever type."""
        return self._get(name)

    def text(self, name: str) -> str:
        """The text ``name``."""
        value = self._get(name)
        if not isinstance(value, str):
            raise UnparsedError(name)
        return value

    def integer(self, name: str) -> int:
        """The whole number ``name``."""
        value = self._get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise UnparsedError(name)
        return value

    def boolean(self, name: str) -> bool:
        """The truth value ``name``."""
        value = self._get(name)
        if not isinstance(value, bool):
            raise UnparsedError(name)
        return value

    def moment(self, name: str) -> datetime:
        """The moment ``name``, in UTC."""
        try:
            return datetime.strptime(self.text(name), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError as error:
            raise UnparsedError(name) from error

    def list(self, name: str) -> list[object]:
        """The list ``name``, of whatever."""
        value = self._get(name)
        if not isinstance(value, list):
            raise UnparsedError(name)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """The list ``name``, of texts only."""
        values = self.list(name)
        texts = tuple(one for one in values if isinstance(one, str))
        if len(texts) != len(values):
            raise UnparsedError(name)
        return texts

    def part(self, name: str) -> Fields:
        """The object ``name``."""
        return Fields(self._get(name))

    def parts(self, name: str) -> tuple[Fields, ...]:
        """The list ``name``, of objects only."""
        return tuple(Fields(one) for one in self.list(name))

    def rows(self, name: str) -> tuple[Fields, ...]:
        """The list ``name`` of objects, in any form in which PowerShell 5.1 writes one.

        That is a list, a lone object for a list of one, or a list in a shell of ``value`` and
        ``Count`` (Windows PowerShell's ``ConvertTo-Json`` of an array that passed a pipeline).
        """
        value = self._get(name)
        if isinstance(value, dict) and value.keys() == {"value", "Count"}:
            value = value["value"]
            if not isinstance(value, list) or len(value) != self.part(name).integer("Count"):
                raise UnparsedError(name)
        return tuple(Fields(one) for one in (value if isinstance(value, list) else [value]))

    def optional_text(self, name: str) -> str | None:
        """The text ``name``, or null."""
        return None if self._get(name) is None else self.text(name)

    def optional_integer(self, name: str) -> int | None:
        """The whole number ``name``, or null."""
        return None if self._get(name) is None else self.integer(name)

    def optional_boolean(self, name: str) -> bool | None:
        """The truth value ``name``, or null."""
        return None if self._get(name) is None else self.boolean(name)

    def optional_part(self, name: str) -> Fields | None:
        """The object ``name``, or null."""
        return None if self._get(name) is None else self.part(name)


def read_answer(text: str, kind: str) -> Fields:
    """The answer to a question of ``kind``.

    Raises:
        UnparsedError: it is none.
    """
    try:
        answer = Fields(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise UnparsedError("not JSON") from error
    if answer.text("kind") != kind:
        raise UnparsedError("kind")
    return answer


@dataclass(frozen=True, slots=True)
class Told(Generic[Answer]):
    """What a question's answer says, and when; or why there is nothing to read.

    Attributes:
        at: when the target was asked.
        gap: why there is no answer.
        unparsed: the part of the answer that is not as documented.
    """

    at: datetime
    answer: Answer | None = None
    gap: NotCaptured | None = None
    unparsed: str = ""


def told(captures: Captures, probe: str, read: Callable[[str], Answer]) -> Told[Answer]:
    """The answer to ``probe`` as ``read`` takes it apart; it raises ``UnparsedError``."""
    capture = captures.answered(probe)
    if capture is None:
        return Told(captures.at, gap=captures.gap(probe))
    try:
        return Told(captures.at, answer=read(capture.stdout))
    except UnparsedError as error:
        return Told(captures.at, unparsed=str(error))


@dataclass(frozen=True, slots=True)
class LookedUp:
    """One look-up in the DNS, as a question answers it.

    Attributes:
        name: what was looked up, without a dot at the end.
        outcome: ``found``, ``no-data``, ``no-name`` or ``failed``.
        security: ``secure``, ``insecure``, ``bogus`` or ``indeterminate`` (RFC 4033, 5).
        why: why it is not secure; ``None`` where it is.
        records: in text.
        cut: not all of the records are here.
        aliases: where aliases led, in their order.
    """

    name: str
    outcome: str
    security: str
    why: str | None
    records: tuple[str, ...]
    cut: bool
    aliases: tuple[str, ...]

    @property
    def found(self) -> bool:
        """Whether there are such records."""
        return self.outcome == "found"

    @property
    def void(self) -> bool:
        """Whether it is sure that there are none."""
        return self.outcome in ("no-data", "no-name")

    @property
    def secure(self) -> bool:
        """Whether what was found, or that there is none, was validated."""
        return self.security == "secure"

    @property
    def usable(self) -> bool:
        """Whether a resolver that validates would give it, and all of it is here."""
        return not self.cut and self.outcome != "failed" and self.security in ("secure", "insecure")


_OUTCOMES = frozenset({"found", "no-data", "no-name", "failed"})
_SECURITY = frozenset({"secure", "insecure", "bogus", "indeterminate"})


def read_lookup(part: Fields) -> LookedUp:
    """Reads one look-up of an answer.

    Raises:
        UnparsedError: it is none, or it contradicts itself.
    """
    found = LookedUp(
        name=part.text("name"),
        outcome=part.text("outcome"),
        security=part.text("security"),
        why=part.optional_text("why"),
        records=part.texts("records"),
        cut=part.boolean("cut"),
        aliases=part.texts("aliases"),
    )
    if (
        found.outcome not in _OUTCOMES
        or found.security not in _SECURITY
        or (found.security == "secure") is not (found.why is None)
        or found.found is not bool(found.records)
        or (len(found.records) < part.integer("records_count")) > found.cut
    ):
        raise UnparsedError(f"the look-up of {found.name[:60]}")
    return found

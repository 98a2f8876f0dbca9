"""What Windows answers in JSON, read strictly (``ConvertTo-Json`` of Windows PowerShell 5.1).

Three kinds: values of the registry, instances of a CIM class, and what a script of a check prints.
Each answer is one JSON object with ``"end": true``, so that a part of it is no answer, and repeats
what was asked, so that "not there" is said and never guessed from silence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from assessor.model.answers import Fields, UnparsedError

_TEXTS = frozenset({1, 2})
_NUMBERS = frozenset({4, 11})
_LIST, _BYTES = 7, 3


def read_object(text: str) -> Fields:
    """The object that a script printed.

    Raises:
        UnparsedError: it is not one whole object whose ``end`` is true.
    """
    try:
        # PowerShell's NaN and Infinity are no JSON; Python would take them.
        found = Fields(json.loads(text, parse_constant=_refuse))
    except (ValueError, RecursionError) as error:
        raise UnparsedError("not JSON") from error
    if not found.boolean("end"):
        raise UnparsedError("end")
    return found


def _refuse(name: str) -> object:
    raise ValueError(name)


@dataclass(frozen=True, slots=True)
class CimAnswer:
    """The instances of a CIM class.

    Attributes:
        there: whether this Windows has the class at all.
        rows: one for each instance; a property that this Windows does not have is left out.
    """

    there: bool
    rows: tuple[Fields, ...]


def read_cim(text: str) -> CimAnswer:
    """The answer to a ``cim`` probe.

    Raises:
        UnparsedError: it is none, or it contradicts itself.
    """
    found = read_object(text)
    found.text("class")
    answer = CimAnswer(found.boolean("there"), found.parts("rows"))
    if answer.rows and not answer.there:
        raise UnparsedError("there")
    return answer


@dataclass(frozen=True, slots=True)
class RegistryKey:
    r"""A key of the registry, with the values that were asked for.

    Each method gives ``None`` where the value does not exist, and raises ``UnparsedError`` where it
    was not asked for or has another type than the method's.

    Attributes:
        path: as Windows writes it, such as ``HKLM\SOFTWARE\Policies``.
    """

    path: str
    _values: Mapping[str, tuple[int, object]]

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("\\")[2]

    @property
    def names(self) -> tuple[str, ...]:
        """The values that there are, in small letters; of interest where all were asked for."""
        return tuple(name for name, (kind, _) in self._values.items() if kind)

    def _get(self, name: str, kinds: frozenset[int]) -> object:
        if name.lower() not in self._values:
            raise UnparsedError(f"{self.path}: {name}")
        kind, data = self._values[name.lower()]
        if kind and kind not in kinds:
            raise UnparsedError(f"{self.path}: {name}: kind {kind}")
        return data

    def number(self, name: str) -> int | None:
        """A DWORD or QWORD."""
        value = self._get(name, _NUMBERS)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise UnparsedError(f"{self.path}: {name}")
        return value

    def text(self, name: str) -> str | None:
        """A text; variables of the environment stand in it as they were written."""
        value = self._get(name, _TEXTS)
        if value is not None and not isinstance(value, str):
            raise UnparsedError(f"{self.path}: {name}")
        return value

    def whole(self, name: str) -> int | None:
        """A number that is kept as one or as decimal text, as group policy does with some."""
        kind, value = self._values.get(name.lower(), (0, None))
        if kind not in _TEXTS:
            return self.number(name)
        if not isinstance(value, str) or not value.isascii() or not value.isdecimal():
            raise UnparsedError(f"{self.path}: {name}")
        return int(value)

    def texts(self, name: str) -> tuple[str, ...] | None:
        """A list of texts."""
        value = self._get(name, frozenset({_LIST}))
        if value is None:
            return None
        if not isinstance(value, list):
            raise UnparsedError(f"{self.path}: {name}")
        texts = tuple(each for each in value if isinstance(each, str))
        if len(texts) != len(value):
            raise UnparsedError(f"{self.path}: {name}")
        return texts

    def data(self, name: str) -> bytes | None:
        """Bytes."""
        value = self._get(name, frozenset({_BYTES}))
        if value is None:
            return None
        try:
            return bytes.fromhex(value if isinstance(value, str) else "-")
        except ValueError as error:
            raise UnparsedError(f"{self.path}: {name}") from error


_NO_KEYS: Mapping[str, tuple[RegistryKey, ...]] = {}


@dataclass(frozen=True, slots=True)
class Registry:
    """Keys of the registry, by the paths that were asked for."""

    _by_asked: Mapping[str, tuple[RegistryKey, ...]] = field(default_factory=lambda: _NO_KEYS)

    def keys(self, path: str) -> tuple[RegistryKey, ...]:
        """The keys found for ``path``, in which ``*`` may stand for any subkey.

        Raises:
            UnparsedError: ``path`` was not answered.
        """
        try:
            return self._by_asked[path.lower()]
        except KeyError:
            raise UnparsedError(path) from None

    def key(self, path: str) -> RegistryKey | None:
        """The one key ``path``; ``None`` where it does not exist."""
        found = self.keys(path)
        if len(found) > 1:
            raise UnparsedError(path)
        return found[0] if found else None

    def number(self, path: str, name: str) -> int | None:
        """The DWORD or QWORD ``name`` of ``path``; ``None`` where key or value is not there."""
        key = self.key(path)
        return None if key is None else key.number(name)

    def text(self, path: str, name: str) -> str | None:
        """The text ``name`` of ``path``; ``None`` where key or value is not there."""
        key = self.key(path)
        return None if key is None else key.text(name)


def read_registry(text: str) -> Registry:
    """The answer to a ``registry`` probe.

    Raises:
        UnparsedError: it is none, or it contradicts itself.
    """
    asked: dict[str, tuple[RegistryKey, ...]] = {}
    for part in read_object(text).parts("registry"):
        path, _, names = part.text("asked").partition("|")
        wanted = frozenset(name.lower() for name in names.split("|"))
        keys = tuple(_key(each, wanted) for each in part.parts("keys"))
        if not path or path.lower() in asked or len({key.path.lower() for key in keys}) < len(keys):
            raise UnparsedError(path)
        if any(not _matches(key.path, path) for key in keys):
            raise UnparsedError(path)
        asked[path.lower()] = keys
    return Registry(asked)


def _key(part: Fields, wanted: frozenset[str]) -> RegistryKey:
    values: dict[str, tuple[int, object]] = {}
    path = part.text("key")
    for each in part.parts("values"):
        name, kind = each.text("name").lower(), each.integer("kind")
        data = each.value("data")
        if name in values or (kind == 0) is not (data is None):
            raise UnparsedError(f"{path}: {name}")
        values[name] = (kind, data)
    if "*" not in wanted and values.keys() != wanted:
        raise UnparsedError(path)
    return RegistryKey(path, values)


def _matches(path: str, pattern: str) -> bool:
    parts, wanted = path.lower().split("\\"), pattern.lower().split("\\")
    return len(parts) == len(wanted) and all(
        one in ("*", part) for part, one in zip(parts, wanted, strict=True)
    )

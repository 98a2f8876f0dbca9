"""The model's values as plain JSON and back."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from assessor.errors import EvidenceError

Decoded = TypeVar("Decoded")


def encode(value: object) -> Any:
    """``value`` as JSON knows it; raises ``TypeError`` for what has no place in evidence."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: encode(getattr(value, name)) for name in _fields(type(value))}
    if isinstance(value, Mapping):
        return {str(encode(key)): encode(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(encode(item) for item in value)
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no place in evidence")


def decode(kind: type[Decoded], data: object) -> Decoded:
    """The value of type ``kind`` that :func:`encode` made ``data`` of.

    Raises:
        EvidenceError: ``data`` is not of that shape.
    """
    try:
        result: Decoded = _decode(kind, data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EvidenceError(f"damaged: this is no {kind.__name__} ({error})") from None
    return result


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


@cache
def _hints(kind: type) -> dict[str, Any]:
    # Fact refers to itself; what stands in it is decoded as plain values.
    return get_type_hints(kind, localns={"Fact": object})


def _decode(kind: Any, data: Any) -> Any:
    if kind in (Any, object):
        return _plain(data)
    if get_origin(kind) in (Union, types.UnionType):
        return _decode_union(get_args(kind), data)
    if get_origin(kind) is tuple:
        return tuple(_decode(get_args(kind)[0], item) for item in _expect(list, data))
    if get_origin(kind) is frozenset:
        return frozenset(_decode(get_args(kind)[0], item) for item in _expect(list, data))
    if isinstance(get_origin(kind), type) and issubclass(get_origin(kind), Mapping):
        key_kind, item_kind = get_args(kind)
        return {
            _decode(key_kind, key): _decode(item_kind, item)
            for key, item in _expect(dict, data).items()
        }
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(kind, data)
    if issubclass(kind, Enum):
        return kind(data)
    if kind is datetime:
        return datetime.fromisoformat(_expect(str, data).replace("Z", "+00:00"))
    if kind is date:
        return date.fromisoformat(_expect(str, data))
    if kind is Path:
        return Path(_expect(str, data))
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    return _expect(kind, data)


def _decode_union(kinds: tuple[Any, ...], data: Any) -> Any:
    if data is None and type(None) in kinds:
        return None
    if any(arg is object for kind in kinds for arg in get_args(kind)):
        return _plain(data)  # a Fact
    if isinstance(data, dict):
        for kind in kinds:
            if dataclasses.is_dataclass(kind):
                names = {field.name for field in dataclasses.fields(kind)}
                if set(data) == names:
                    return _decode_dataclass(kind, data)
    for kind in kinds:
        if kind is not type(None):
            try:
                return _decode(kind, data)
            except (TypeError, ValueError):
                continue
    raise ValueError(f"{type(data).__name__} fits none of {kinds}")


def _decode_dataclass(kind: Any, data: Any) -> Any:
    known = {field.name for field in dataclasses.fields(kind)}
    given = _expect(dict, data)
    hints = _hints(kind)
    return kind(**{name: _decode(hints[name], given[name]) for name in given if name in known})


def _plain(data: Any) -> Any:
    if isinstance(data, list):
        return tuple(_plain(item) for item in data)
    if isinstance(data, dict):
        return {key: _plain(item) for key, item in data.items()}
    return data


def _expect(kind: type, data: Any) -> Any:
    if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
        raise TypeError(f"{kind.__name__} expected, {type(data).__name__} found")
    return data

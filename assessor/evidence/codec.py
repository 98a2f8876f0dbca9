"""The model's values as plain JSON and back.

A run over many hosts has hundreds of thousands of values: how a type is written and read is worked
out once for each type.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from assessor.errors import EvidenceError

Decoded = TypeVar("Decoded")
_Writer = Callable[[Any], Any]
_Reader = Callable[[Any], Any]


def encode(value: Any) -> Any:
    """``value`` as JSON knows it; raises ``TypeError`` for what has no place in evidence."""
    plain = _as_plain(value)
    if isinstance(plain, dict):
        return {str(encode(key)): encode(item) for key, item in plain.items()}
    if isinstance(plain, list | tuple):
        return [encode(item) for item in plain]
    return plain


def json_pieces(value: Any) -> Iterator[str]:
    """The text of a JSON file of ``value``, piece by piece.

    The text of a run over many hosts as a whole would take more memory than all of its values.
    """
    if not dataclasses.is_dataclass(value):
        yield _JSON.encode(value) + "\n"
        return
    lead = "{"
    for name in _names(type(value)):
        yield f"{lead}{_JSON.encode(name)}: "
        item = getattr(value, name)
        if isinstance(item, list | tuple):
            yield "["
            for number, each in enumerate(item):
                yield (", " if number else "") + _JSON.encode(each)
            yield "]"
        else:
            yield _JSON.encode(item)
        lead = ", "
    yield "}\n"


def json_line(value: Any) -> str:
    """``value`` on one line of JSON, as short as can be and without a line feed."""
    return _LINE.encode(value)


def decode(kind: type[Decoded], data: object) -> Decoded:
    """The value of type ``kind`` that :func:`encode` made ``data`` of.

    Raises:
        EvidenceError: ``data`` is not of that shape.
    """
    anything: Any = kind
    try:
        result: Decoded = _reader(anything)(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EvidenceError(f"damaged: this is no {kind.__name__} ({error})") from None
    return result


# -- writing ---------------------------------------------------------------------------------


def _as_plain(value: Any) -> Any:
    """``value`` in what JSON knows; what stands in it is still as it was."""
    kind: Any = type(value)
    return _writer(kind)(value)


# Without indents: only then is it written by the library in C, ten times as fast. It asks us for
# what it does not know, and looks into the answer by itself.
_JSON = json.JSONEncoder(ensure_ascii=False, default=_as_plain)
_LINE = json.JSONEncoder(ensure_ascii=False, default=_as_plain, separators=(",", ":"))


@cache
def _writer(kind: Any) -> _Writer:
    if issubclass(kind, Enum):
        return _value_of
    if kind is type(None) or issubclass(kind, bool | int | float | str | list | tuple):
        return _as_it_is
    if issubclass(kind, datetime):
        return _moment
    if issubclass(kind, date):
        return date.isoformat
    if issubclass(kind, Path):
        return str
    if dataclasses.is_dataclass(kind):
        names = _names(kind)
        return lambda value: {name: getattr(value, name) for name in names}
    if issubclass(kind, Mapping):
        return dict
    if issubclass(kind, frozenset | set):
        return lambda value: sorted(encode(item) for item in value)
    raise TypeError(f"{kind.__name__} has no place in evidence")


def _as_it_is(value: Any) -> Any:
    return value


def _value_of(value: Enum) -> Any:
    return value.value


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


# -- reading ---------------------------------------------------------------------------------


@cache
def _reader(kind: Any) -> _Reader:
    if kind in (Any, object):
        return _plain
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _union(args)
    if origin is tuple or origin is frozenset:
        item = _reader(args[0])
        return lambda data: origin([item(each) for each in _expect(list, data)])
    if isinstance(origin, type) and issubclass(origin, Mapping):
        key, value = map(_reader, args)
        return lambda data: {key(k): value(v) for k, v in _expect(dict, data).items()}
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind)
    if issubclass(kind, Enum):
        return kind  # type: ignore[no-any-return]
    if kind is datetime:
        return lambda data: datetime.fromisoformat(_expect(str, data).replace("Z", "+00:00"))
    if kind is date:
        return lambda data: date.fromisoformat(_expect(str, data))
    if kind is Path:
        return lambda data: Path(_expect(str, data))
    if kind is float:
        return _number
    return partial(_expect, kind)


def _union(kinds: tuple[Any, ...]) -> _Reader:
    if any(arg is object for kind in kinds for arg in get_args(kind)):
        return _plain  # a Fact
    some = tuple(kind for kind in kinds if kind is not type(None))
    whole: dict[frozenset[str], Any] = {
        frozenset(_names(kind)): kind for kind in some if dataclasses.is_dataclass(kind)
    }

    def read(data: Any) -> Any:
        if data is None and len(some) < len(kinds):
            return None
        if isinstance(data, dict) and (kind := whole.get(frozenset(data))):
            return _reader(kind)(data)
        for kind in some:
            try:
                return _reader(kind)(data)
            except (TypeError, ValueError):
                continue
        raise ValueError(f"{type(data).__name__} fits none of {kinds}")

    return read


def _dataclass(kind: Any) -> _Reader:
    names = frozenset(_names(kind))
    readers: dict[str, _Reader] = {}

    def read(data: Any) -> Any:
        if not readers:  # not before: a type may hold itself
            readers.update({name: _reader(hint) for name, hint in _hints(kind).items()})
        given = _expect(dict, data)
        return kind(**{name: readers[name](given[name]) for name in given if name in names})

    return read


def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def _hints(kind: Any) -> dict[str, Any]:
    # Fact refers to itself; what stands in it is decoded as plain values.
    return get_type_hints(kind, localns={"Fact": object})


def _number(data: Any) -> Any:
    if isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    return _expect(float, data)


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

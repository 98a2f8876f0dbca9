"""Fills a probe in with what the inventory names on a target: folders, databases, columns."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace

from assessor.errors import UsageError
from assessor.model.check import FIELD, Probe, ProbeKind, entry_name
from assessor.model.target import Target

MOST_ENTRIES = 50
_ARGUMENT = re.compile(r"[^\x00-\x1f\x7f-][^\x00-\x1f\x7f]{0,254}\Z")
# These stand in commands that root runs, some of them within a query to a database.
_WORD = re.compile(r"[A-Za-z0-9_/](?:[A-Za-z0-9_./@-]{0,126}[A-Za-z0-9_./@])?\Z")
# A path that is a word of its own may hold spaces, but not before a hyphen: sudo compares the words
# joined by spaces, and "/srv/a -delete" could then be given as two.
_PATH = re.compile(r"/(?:[\w./@+,=&()-]| (?![ -])){0,200}(?<! )\Z")


def filled(probe: Probe, target: Target) -> tuple[Probe, ...]:
    """``probe`` as ``target`` is asked it.

    A probe without an option stays as it is. A script is given the option's entries as its
    arguments; without the option it is given none. A command and a request are asked once for each
    entry, with the entry's values in their ``{fields}`` (``{value}`` where the entry is a plain
    text); without the option they are not asked.

    Raises:
        UsageError: the option's values cannot stand there.
    """
    if not probe.option:
        return (probe,)
    entries = _entries(probe.option, target)
    if probe.kind is ProbeKind.SCRIPT:
        arguments = tuple(_argument(probe.option, target, entry) for entry in entries)
        return (replace(probe, arguments=arguments),)
    return tuple(
        replace(
            probe,
            name=entry_name(probe.name, position),
            text=(
                _request(probe, target, entry)
                if probe.kind is ProbeKind.REQUEST
                else shlex.join(_words(probe, target, entry))
            ),
        )
        for position, entry in enumerate(entries)
    )


def _entries(option: str, target: Target) -> Iterable[object]:
    value = target.options.get(option, ())
    if isinstance(value, str) or not isinstance(value, Iterable) or isinstance(value, Mapping):
        raise _wrong(option, target, f"it is a list, not {value!r}")
    entries = tuple(value)
    if len(entries) > MOST_ENTRIES:
        raise _wrong(option, target, f"at most {MOST_ENTRIES} entries, not {len(entries)}")
    return entries


def _argument(option: str, target: Target, entry: object) -> str:
    if not isinstance(entry, str) or not _ARGUMENT.match(entry):
        raise _wrong(option, target, f"{entry!r} is no plain text that begins without a hyphen")
    return entry


def _request(probe: Probe, target: Target, entry: object) -> str:
    """The request with its fields filled; the values are data to whoever asks, never a command."""
    values = _values(entry)

    def fill(text: object) -> object:
        if not isinstance(text, str):
            return text
        return FIELD.sub(lambda field: _argument(probe.option, target, values.get(field[1])), text)

    request = {key: fill(value) for key, value in json.loads(probe.text).items()}
    return json.dumps(request, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _words(probe: Probe, target: Target, entry: object) -> list[str]:
    values = _values(entry)

    def fill(word: str) -> str:
        return FIELD.sub(lambda field: value(field[1], alone=field[0] == word), word)

    def value(name: str, *, alone: bool) -> str:
        text = values.get(name)
        form = _PATH if alone and isinstance(text, str) and text.startswith("/") else _WORD
        if not isinstance(text, str) or ".." in text or not form.match(text):
            raise _wrong(
                probe.option,
                target,
                f"{name} is a path, or letters, digits and . _ / @ -, not {text!r}",
            )
        return text

    return [fill(word) for word in shlex.split(probe.text)]


def _values(entry: object) -> Mapping[object, object]:
    return entry if isinstance(entry, Mapping) else {"value": entry}


def _wrong(option: str, target: Target, why: str) -> UsageError:
    return UsageError(f"target {target.name}: options.{option}: {why}")

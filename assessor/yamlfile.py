"""Reads a YAML file and remembers on which line every value stands.

The reader is strict where YAML is lax: no duplicate keys, no aliases (a few lines of them can
stand for gigabytes), no tags, bounded size and depth.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml

from assessor.errors import InputError
from assessor.textfile import decoded, read_bounded

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 40

Step = str | int


@dataclass(frozen=True, slots=True)
class Located:
    """A value read from a file, with the lines of all that is in it.

    Attributes:
        path: the file.
        value: plain dicts, lists, texts, numbers, truth values, dates and ``None``.
        lines: the line (from 1) of each value, by the steps that lead to it.
        base: the steps that led here from the file's top.
    """

    path: Path
    value: object
    lines: Mapping[tuple[Step, ...], int]
    base: tuple[Step, ...] = ()

    def at(self, *steps: Step) -> Located:
        """The value at ``steps``; raises ``KeyError`` or ``IndexError`` where there is none."""
        value = self.value
        for step in steps:
            value = value[step]  # type: ignore[index] # a wrong step raises, as promised
        return Located(self.path, value, self.lines, (*self.base, *steps))

    def line(self, *steps: Step) -> int:
        """The line of the value at ``steps``, or of the nearest value around it."""
        wanted = (*self.base, *steps)
        while wanted and wanted not in self.lines:
            wanted = wanted[:-1]
        return self.lines.get(wanted, 1)

    def place(self, *steps: Step) -> str:
        """``file:line`` of the value at ``steps``."""
        return f"{self.path}:{self.line(*steps)}"


@dataclass(frozen=True, slots=True)
class Words:
    """That every word of an enumeration has texts: ``section.word`` or ``section.word.part``."""

    section: str
    words: type[StrEnum]
    parts: tuple[str, ...] = ("",)


def flat_texts(located: Located, complete: Iterable[Words]) -> dict[str, str]:
    """The texts of a file, by dotted key such as ``verdict.kept.claim``.

    Raises:
        InputError: something is no text, or empty, or a word has none.
    """
    if not isinstance(located.value, dict):
        raise InputError("must hold sections with texts", path=located.path, line=1)
    entries = dict(_flatten(located, located.value, ()))
    for each in complete:
        for word in each.words:
            for part in each.parts:
                key = ".".join(filter(None, (each.section, word.value, part)))
                if key not in entries:
                    raise InputError(
                        "this text is missing", path=located.path, field=key, mend="write it"
                    )
    return entries


def _flatten(located: Located, value: object, steps: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from _flatten(located, child, (*steps, str(key)))
    elif isinstance(value, str) and value.strip():
        yield ".".join(steps), value.strip()
    else:
        raise InputError(
            "must be a text", path=located.path, line=located.line(*steps), field=".".join(steps)
        )


def read_yaml(path: Path) -> Located:
    """Reads ``path``.

    Raises:
        InputError: it is missing, too large, not UTF-8, or no YAML that this reader accepts.
    """
    too_large = f"larger than {MAX_BYTES // 1024 // 1024} MiB: that is no settings file"
    text = decoded(read_bounded(path, MAX_BYTES, too_large), path)
    return parse_yaml(text, path)


def parse_yaml(text: str, path: Path) -> Located:
    """Reads YAML from ``text``; ``path`` is named in complaints. Raises ``InputError``."""
    try:
        _refuse(yaml.parse(text, Loader=_Loader), path)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or ""
        if "nesting depth" in problem:
            raise InputError("nested too deeply", path=path) from None
        raise InputError(
            f"not valid YAML: {problem}",
            path=path,
            line=mark.line + 1 if mark else None,
            mend=_mend(text.splitlines()[mark.line : mark.line + 1] if mark else []),
        ) from None
    except yaml.YAMLError as error:
        raise InputError(f"not valid YAML: {_first_line(error)}", path=path) from None
    lines: dict[tuple[Step, ...], int] = {}
    value = None if node is None else _build(node, (), lines, path)
    return Located(path, value, lines)


# libyaml reads ten times as fast; where PyYAML was built without it, its own reader serves.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _refuse(events: Iterable[yaml.Event], path: Path) -> None:
    """Raises where the text holds an alias or is nested too deeply, before anything is built."""
    depth = 0
    for event in events:
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent):
            raise InputError(
                "aliases (*name) are not allowed here",
                path=path,
                line=line,
                mend="write the value out in full",
            )
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise InputError("nested too deeply", path=path, line=line)


_CONSTRUCT = yaml.constructor.SafeConstructor()


def _build(
    node: yaml.Node, steps: tuple[Step, ...], lines: dict[tuple[Step, ...], int], path: Path
) -> object:
    lines[steps] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return [
            _build(child, (*steps, position), lines, path)
            for position, child in enumerate(node.value)
        ]
    if isinstance(node, yaml.MappingNode):
        result: dict[object, object] = {}
        for key_node, child in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise InputError("a key must be a plain text", path=path, line=line)
            key = key_node.value
            if key in result:
                raise InputError(
                    f"the key {key!r} stands here twice",
                    path=path,
                    line=line,
                    mend="keep one of them",
                )
            result[key] = _build(child, (*steps, key), lines, path)
            lines[(*steps, key)] = line
        return result
    return _scalar(node, path)


def _scalar(node: yaml.Node, path: Path) -> object:
    if not node.tag.startswith("tag:yaml.org,2002:"):
        # the tag is not repeated: an unquoted password that begins with ! ends up here
        raise InputError(
            "a word that begins with ! is a tag, which is not allowed here",
            path=path,
            line=node.start_mark.line + 1,
            mend="put the value between quotes",
        )
    try:
        return _CONSTRUCT.construct_object(node)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise InputError(
            f"cannot be understood: {_first_line(error)}",
            path=path,
            line=node.start_mark.line + 1,
            mend="put the value between quotes",
        ) from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _mend(faulty: list[str]) -> str:
    """What to do about the line at which the reader stopped."""
    if any("\t" in line[: len(line) - len(line.lstrip())] for line in faulty):
        return "indent with spaces, never with tabs"
    return "mind the colon, the indentation and unclosed quotes"


def canonical_json(value: object) -> str:
    """One text for one value: sorted keys, no spaces, UTF-8 as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

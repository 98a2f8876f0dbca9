"""Prints the view model of reports, for who writes templates.

    .venv/bin/python scripts/view_model.py --write     # into the end of docs/reports.md

A test keeps that page equal to what this prints. It reads the docstrings of the model, so that
there is one place for each meaning.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from assessor.report.parts.report import ReportView

BEGIN = "<!-- from the docstrings: python scripts/view_model.py --write -->"
_PLAIN = {str: "text", int: "number", float: "number", bool: "yes or no", datetime: "time in UTC"}
_FIELD = re.compile(r"(\w+): (.*)")


def view_model() -> str:
    """The whole model as Markdown, the report first and then whatever it holds."""
    return "\n".join([BEGIN, *(line for kind in model() for line in _section(kind))]) + "\n"


def model() -> tuple[type, ...]:
    """Every dataclass that a template meets, in the order in which it meets them."""
    found: dict[type, None] = {}
    _gather(ReportView, found)
    return tuple(found)


def meanings(kind: type) -> Mapping[str, str]:
    """What the docstring of a dataclass says of each of its fields."""
    _, _, attributes = (inspect.getdoc(kind) or "").partition("Attributes:\n")
    told: dict[str, str] = {}
    name = ""
    for line in inspect.cleandoc(attributes).splitlines():
        if (match := _FIELD.fullmatch(line)) and not line.startswith(" "):
            name, told[match[1]] = match[1], match[2]
        elif name and line.strip():
            told[name] += f" {line.strip()}"
    return told


def _gather(kind: type, found: dict[type, None]) -> None:
    if kind in found:
        return
    found[kind] = None
    for annotation in _types(kind).values():
        for each in _inside(annotation):
            if dataclasses.is_dataclass(each):
                _gather(each, found)


def _types(kind: type) -> Mapping[str, object]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _inside(annotation: object) -> Iterator[type]:
    arguments = typing.get_args(annotation)
    if isinstance(annotation, type) and not arguments:
        yield annotation
    for argument in arguments:
        yield from _inside(argument)


def _section(kind: type) -> Iterator[str]:
    what = (inspect.getdoc(kind) or "").partition("Attributes:\n")[0]
    yield f"\n### {kind.__name__}\n"
    yield from (_markdown(" ".join(each.split())) for each in what.strip().split("\n\n"))
    yield "\n| field | is | meaning |\n|---|---|---|"
    told = meanings(kind)
    for name, annotation in _types(kind).items():
        yield f"| `{name}` | {_spoken(annotation)} | {_markdown(told.get(name, ''))} |"


def _markdown(text: str) -> str:
    return text.replace("``", "`").replace("|", r"\|").replace("<", r"\<")


def _spoken(annotation: object) -> str:
    """A type as somebody who writes templates thinks of it."""
    arguments = typing.get_args(annotation)
    origin = typing.get_origin(annotation)
    if origin is tuple:
        return f"list of {_spoken(arguments[0])}"
    if origin in (types.UnionType, typing.Union):
        parts = [_spoken(each) for each in arguments if each is not types.NoneType]
        return f"{' or '.join(parts)}, or none"
    if arguments:
        return f"{_spoken(arguments[-1])} by name"
    name = getattr(annotation, "__name__", str(annotation))
    if dataclasses.is_dataclass(annotation):
        return f"[{name}](#{name.lower()})"
    return _PLAIN[annotation] if isinstance(annotation, type) else name


def write(page: Path) -> None:
    """Puts the model at the end of ``page``, in the place of the one that stands there."""
    head, found, _ = page.read_text(encoding="utf-8").partition(BEGIN)
    if not found:
        raise ValueError(f"{page}: the line {BEGIN} is gone")
    page.write_text(head + view_model(), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write(Path(__file__).resolve().parents[1] / "docs" / "reports.md")
    else:
        sys.stdout.write(view_model())

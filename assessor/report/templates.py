"""Finds our templates and style sheets, and those of an organisation before them.

A template of an organisation is data of somebody else's making: it runs in a sandbox, cannot leave
its folder, and cannot turn the escaping off.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    nodes,
)
from jinja2.loaders import split_template_path
from jinja2.sandbox import ImmutableSandboxedEnvironment

from assessor.errors import InputError
from assessor.textfile import decoded, read_bounded

MAX_BYTES = 1_000_000
_MEND = "mend the template, or take it away: then assess takes its own (docs/reports.md)"
_STYLE_END = re.compile(r"</style", re.IGNORECASE)


class Templates:
    """A folder of ours, and one of an organisation whose files go before it.

    Args:
        ours: the folder ``reports`` of the programme.
        own: the organisation's; ``None`` where it has none.
    """

    def __init__(self, ours: Path, own: Path | None = None) -> None:
        self.ours = ours
        self.own = own

    def style(self, name: str) -> str:
        """A style sheet.

        Raises:
            InputError: the organisation's own is not to be read, or ends the element around it.
        """
        path = self._own(name)
        if path is None:
            return (self.ours / name).read_text(encoding="utf-8")
        text = _read(path)
        if ending := _STYLE_END.search(text):
            line = text.count("\n", 0, ending.start()) + 1
            raise InputError(
                "a style sheet holds no HTML", path=path, line=line, mend="take </style away"
            )
        return text

    def render(self, template: str, values: dict[str, object], *, escape: bool = True) -> str:
        """What ``template`` makes of ``values``.

        Args:
            template: its name in the folder.
            values: what it may show.
            escape: for HTML; off for what is no markup.

        Raises:
            InputError: a template of the organisation is broken; names file and line.
        """
        environment = self._environment(escape=escape)
        try:
            return environment.get_template(template).render(values)
        except InputError:
            raise
        except TemplateSyntaxError as error:
            self._translate(error, error.filename, error.lineno)
        except Exception as error:  # whatever a template does wrong, it is told where
            frames = traceback.extract_tb(error.__traceback__)
            places = [each for each in frames if self._is_own(each.filename)]
            last = places[-1] if places else None
            self._translate(error, last and last.filename, last.lineno if last else None)

    def is_own(self, name: str) -> bool:
        """Whether the organisation has a file of this name."""
        return self._own(name) is not None

    def _environment(self, *, escape: bool) -> Environment:
        ours = FileSystemLoader(self.ours)
        kind, loader = (
            (_Escaping, ours)
            if self.own is None
            else (_Sandbox, ChoiceLoader([_OwnLoader(self._own), ours]))
        )
        environment: Environment = kind(
            loader=loader,
            autoescape=escape,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        del environment.filters["safe"]  # nothing that came from a target is ever markup
        return environment

    def _own(self, name: str) -> Path | None:
        """The organisation's file of this name, where there is one."""
        if self.own is None:
            return None
        try:
            path = self.own.joinpath(*split_template_path(name))
        except TemplateNotFound:
            return None
        if not path.is_file():
            return None
        if not path.resolve().is_relative_to(self.own.resolve()):
            raise InputError(
                "leads out of the folder of templates", path=path, mend="put the file itself there"
            )
        return path

    def _is_own(self, filename: str) -> bool:
        return self.own is not None and Path(filename).is_relative_to(self.own)

    def _translate(self, error: Exception, filename: str | None, line: int | None) -> NoReturn:
        """Raises an ``InputError`` for a fault of theirs; a fault of ours stays what it is."""
        if filename is None or not self._is_own(filename):
            raise error
        kind = "" if isinstance(error, TemplateSyntaxError) else f"{type(error).__name__}: "
        told = str(error.message if isinstance(error, TemplateSyntaxError) else error)
        message = f"this template is broken: {kind}{told.splitlines()[0] if told else ''}"
        raise InputError(message, path=Path(filename), line=line, mend=_MEND) from None


class _OwnLoader(BaseLoader):
    """Loads an organisation's templates."""

    def __init__(self, find: Callable[[str], Path | None]) -> None:
        self._find = find

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        path = self._find(template)
        if path is None:
            raise TemplateNotFound(template)
        return _read(path), str(path), None


class _Escaping(Environment):
    """An environment in which no template turns the escaping off for a part of itself."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        if found := tree.find(nodes.EvalContextModifier):
            raise TemplateSyntaxError("escaping stays on", found.lineno, name, filename)
        return tree


class _Sandbox(_Escaping, ImmutableSandboxedEnvironment):
    """The same for templates that others wrote: no way from a value to the programme."""


def _read(path: Path) -> str:
    too_large = f"larger than {MAX_BYTES // 1_000_000} MB"
    return decoded(read_bounded(path, MAX_BYTES, too_large), path)

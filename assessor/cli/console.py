"""Where the commands print: answers on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from typing import TextIO

import typer

CONTROL = dict.fromkeys((*range(9), *range(11, 32), 127, *range(128, 160)))
"""Control characters, line feed and tab excepted: a terminal must not obey a target."""


def plain(text: str) -> str:
    """``text`` without control characters, so that a terminal shows it and does nothing else."""
    return text.translate(CONTROL)


def say(text: str = "") -> None:
    """Prints an answer."""
    typer.echo(plain(text))


def note(text: str) -> None:
    """Prints what is not the answer: warnings, progress, what to do next."""
    typer.echo(plain(text), err=True)


def warn(text: str) -> None:
    """Prints a warning, in yellow on a terminal."""
    typer.secho(plain(text), err=True, fg=typer.colors.YELLOW)


def on_terminal(stream: TextIO = sys.stderr) -> bool:
    """Whether ``stream`` is a terminal."""
    return stream.isatty()

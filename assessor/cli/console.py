"""Where the commands print: answers on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from collections.abc import Mapping
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


def warn_of_left_out(left_out: Mapping[str, str]) -> None:
    """Names the checks that are broken and do not take part, with the reason."""
    for check, why in left_out.items():
        warn(f"warning: the check {check} is broken and was left out: {why}")


def on_terminal(stream: TextIO = sys.stderr) -> bool:
    """Whether ``stream`` is a terminal."""
    return stream.isatty()

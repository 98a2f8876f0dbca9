"""Gathers the faults of a file, so that all of them are told at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

from assessor.errors import InputError, InputErrors
from assessor.yamlfile import Located, Step


class Problems:
    """The faults found so far."""

    def __init__(self) -> None:
        self._found: list[InputError] = []

    def add(
        self, message: str, located: Located, *steps: Step, field: str = "", mend: str = ""
    ) -> None:
        """Notes a fault at ``steps`` of ``located``; ``field`` replaces their dotted name."""
        self.note(
            InputError(
                message,
                path=located.path,
                line=located.line(*steps),
                field=field or dotted((*located.base, *steps)),
                mend=mend,
            )
        )

    def note(self, error: InputError) -> None:
        """Notes a fault that was raised; of ``InputErrors`` each of them."""
        self._found.extend(error.problems if isinstance(error, InputErrors) else (error,))

    def __len__(self) -> int:
        return len(self._found)

    def raise_any(self) -> None:
        """Raises ``InputError`` for one fault, ``InputErrors`` for more, nothing for none."""
        order: dict[Path, int] = {}
        for error in self._found:
            order.setdefault(error.path, len(order))
        ordered = sorted(self._found, key=lambda error: (order[error.path], error.line or 0))
        if len(ordered) == 1:
            raise ordered[0]
        if ordered:
            raise InputErrors(ordered)


def dotted(steps: Iterable[Step]) -> str:
    """``targets[0].port`` for the steps ``("targets", 0, "port")``."""
    name = ""
    for step in steps:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return name


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """A mend: the nearest of ``choices``, or all of them where none is near and they are few."""
    known = sorted(choices)
    few = f"choose from: {', '.join(known)}" if 0 < len(known) <= 25 else ""
    return nearest(word, known) or few


def nearest(word: str, choices: Iterable[str]) -> str:
    """A mend with the one of ``choices`` that ``word`` resembles, or the empty string."""
    near = difflib.get_close_matches(word.lower(), list(choices), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else ""


def shown(value: object) -> str:
    """A value of the user's as a message may show it: one line, at most 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."

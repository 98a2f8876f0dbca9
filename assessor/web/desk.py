"""What the page shows and hands on: the seam between the browser and the assessment folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Earlier:
    """The answer that stands.

    Attributes:
        told: who gave it, when, and what it was; one line.
        text: what was said.
        files: the names of the evidence that goes with it.
    """

    told: str
    text: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A question as the page shows it, in the reader's language.

    Attributes:
        measure: the measure's id; a path segment of the page's address.
        title: the measure's name.
        state: ``missing``, ``expired``, ``soon`` or ``valid``; chooses a colour.
        state_text: the same in words.
        open: whether an answer is needed today.
        question: what is asked.
        help: what is meant.
        evidence: what counts as evidence.
        quotes: the sentences of the statement that promise it, verbatim.
        earlier: the answer that stands, if there is one.
        day: the day that is offered as the day on which it was seen, in ISO form.
        valid_days: how long an answer holds unless said otherwise.
    """

    measure: str
    title: str
    state: str
    state_text: str
    open: bool
    question: str
    help: str
    evidence: str
    quotes: tuple[str, ...]
    earlier: Earlier | None
    day: str
    valid_days: int


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that was handed in.

    Attributes:
        name: as the browser calls it; not yet cleaned.
        path: where its bytes can be read for as long as the answer is being recorded.
    """

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it was typed; nothing of it was looked at. Empty where nothing was typed."""

    measure: str
    answer: str = ""
    text: str = ""
    given: str = ""
    expires: str = ""
    by: str = ""
    role: str = ""
    files: tuple[Attached, ...] = ()


class Refused(Exception):  # noqa: N818 - an answer to show, not a fault
    """An answer cannot be recorded as it was typed.

    Attributes:
        faults: what is wrong, in the reader's words, by the field of :class:`Answered`; under the
            empty name what is no single field's fault.
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


class Desk(Protocol):
    """Knows the questions and records answers. Is never called by two threads at once."""

    def cards(self) -> Sequence[Card]:
        """Every question of this session, answered or not; always the same ones in one order."""

    def fault_of(self, file: Attached) -> str:
        """Why ``file`` is not taken as evidence, in the reader's words; empty where it is."""

    def record(self, answered: Answered) -> str:
        """Writes an answer to disk; returns the line that says so, once it is really there.

        Raises:
            Refused: it cannot be recorded as typed.
        """

    def summary(self) -> str:
        """How many were answered in this session and how many are open; one line."""

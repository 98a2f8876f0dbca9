"""The view of what was and what was not shown, and of what a file says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How many promises, or measures, have a verdict; none is a number too.

    Attributes:
        code: the verdict: chooses the sign and the colour.
        word: the verdict in the report's language.
        number: how many have it; may be 0.
    """

    code: str
    word: str
    number: int


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A measure in a group.

    Attributes:
        title: the measure, or the promise of which no measure is clear.
        numbers: of the promises that it is part of; empty without a statement.
        promises: the same in words.
        extent: on how many of how many systems, or why not; may be empty.
    """

    title: str
    numbers: tuple[int, ...]
    promises: str
    extent: str


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """Measures that were shown in one way, or were not.

    A measure of which a part is in order and another part is not stands in both groups.

    Attributes:
        code: the verdict that chooses the sign and the colour.
        title: what they have in common.
        meaning: one sentence that explains the title.
        number: of how many different measures it tells.
        lines: the measures.
    """

    code: str
    title: str
    meaning: str
    number: int
    lines: tuple[ShownLine, ...]


@dataclass(frozen=True, slots=True)
class ShownView:
    """Exactly what was and what was not shown.

    Attributes:
        counts: of every verdict, also of those that do not occur, in a fixed order.
        total: of how many different measures all groups tell.
        whole: the same in words, such as ``14 maatregelen``.
        groups: seen by a machine, signed for by people, not in order, not shown; in that order.
        whereabouts: where the whole report and the proof are.
        disclaimer: what a summary is not.
    """

    counts: tuple[VerdictCount, ...]
    total: int
    whole: str
    groups: tuple[ShownGroup, ...]
    whereabouts: str
    disclaimer: str


@dataclass(frozen=True, slots=True)
class Imprint:
    """What a file says of itself.

    Attributes:
        title: of the document, on one line.
        author: who assessed; may be empty.
        at: when the run began, in UTC: the file's date, so that the same run gives the same bytes.
        day: the same, in words.
    """

    title: str
    author: str
    at: datetime
    day: str

"""The systems: side by side, one by one, what was not seen of them, and who administers them."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.report.parts.common import Badge, Item, Link, Named, Note


@dataclass(frozen=True, slots=True)
class Cell:
    """What was found of a measure on a target; without a badge where nothing was asked.

    Attributes:
        badge: the outcome; ``None`` where nothing was asked.
        proof: the anchor of the finding; may be empty.
    """

    badge: Badge | None
    proof: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A measure with its cells, in the order of the table's targets.

    Attributes:
        measure: the head of the row.
        cells: one for each column.
    """

    measure: Link
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class MatrixTable:
    """A piece of the matrix: as many targets as fit beside each other.

    Attributes:
        caption: which piece it is, in words.
        targets: the heads of its columns.
        rows: one for each measure.
    """

    caption: str
    targets: tuple[Link, ...]
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True)
class TargetView:
    """A target and what was found there.

    Attributes:
        link: its name and place.
        role: what it is for its owner, in words.
        facts: address, system, when it was seen, and the like.
        counts: how many findings have each outcome, in words.
        problem: what went wrong with the target as a whole; else empty.
        exceptions: what was not in order or could not be told.
        rest: that there are more of these, in words; may be empty.
        badges: the outcomes that occur, the exceptions first.
    """

    link: Link
    role: str
    facts: tuple[Item, ...]
    counts: str
    problem: str
    exceptions: tuple[Note, ...]
    rest: str
    badges: tuple[Badge, ...]


@dataclass(frozen=True, slots=True)
class GapView:
    """One reason why something could not be observed, with all that it touches.

    Attributes:
        title: the reason.
        mend: how to make it observable, in words.
        hints: the exact lines or commands for that, as the transports gave them.
        notes: what it touches.
        rest: that there are more of these, in words; may be empty.
        hints_rest: that there are more of these, and where, in words; may be empty.
    """

    title: str
    mend: str
    hints: tuple[str, ...]
    notes: tuple[Note, ...]
    rest: str
    hints_rest: str = ""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One administrator of one machine, and by what: a group, a rule of sudo.

    Attributes:
        account: the account's name.
        rights: what makes it an administrator.
        target: the machine.
        others: the other machines of which the same holds, in a run of many; else empty.
    """

    account: str
    rights: str
    target: Link
    others: Named

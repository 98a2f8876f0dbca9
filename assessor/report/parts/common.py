"""What every part of the view is made of: links, verdicts, named values, remarks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the page, by the text that leads to it.

    Attributes:
        anchor: the place's name, without ``#``.
        text: what to show.
    """

    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Badge:
    """A verdict or outcome.

    Attributes:
        code: ``kept``, ``fail``, ...: chooses the sign and the colour.
        word: the verdict in the report's language; always shown beside the sign.
        meaning: one sentence that explains the word; may be empty.
    """

    code: str
    word: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A name with its value.

    Attributes:
        label: the name.
        value: the value.
        literal: the value is a machine's or a file's own text, not a sentence.
    """

    label: str
    value: str
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """Targets by their names, without more.

    Attributes:
        targets: the systems, as many as are named.
        more: that there are more than are named, in words; may be empty.
    """

    targets: tuple[Link, ...] = ()
    more: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """One or more targets with what was found, or could not be found, there.

    Attributes:
        targets: the systems, as many as are named.
        more: that there are more targets than are named, in words; may be empty.
        text: what was found; empty where the place says it.
        code: the outcome, which chooses the sign.
        detail: the technical side of it, in its own words; may be empty.
        proof: the evidence behind it, or ``None``.
        subjects: the measures it is about, where they do not follow from the place.
    """

    targets: tuple[Link, ...]
    more: str
    text: str
    code: str = "unknown"
    detail: str = ""
    proof: Link | None = None
    subjects: tuple[Link, ...] = ()

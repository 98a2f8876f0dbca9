"""Cuts a statement into passages: sentences and list items, with what stands above them.

It keeps offsets, so that every passage is ``text[start:end]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

from assessor.errors import StatementError
from assessor.statement.blocks import LONGEST_HEADING, Block, Sort, blocks

# A passage that is longer than this is no sentence, and is cut.
_LONGEST_PASSAGE = 2_000
# Real statements have some hundred.
_MOST_PASSAGES = 20_000
# What stands above a passage: no more lines, and no more of each, than a reader would look at.
_MOST_ABOVE = 4
_LONGEST_ABOVE = 300

_STOP = re.compile(r"[.!?…]{1,5}[\"'”’»)\]*_]{0,5}(?=\s)|;(?=[ \t]{0,9}\n)")
_INLINE_BULLET = re.compile(r"(?<=[\w.)])-[ ](?=[A-Z])|[ ]•[ ]")
_ABBREVIATIONS = frozenset(
    [
        "bijv",
        "bv",
        "b.v",
        "n.v",
        "v.o.f",
        "inc",
        "ltd",
        "dhr",
        "mevr",
        "mw",
        "dr",
        "drs",
        "mr",
        "mrs",
        "ms",
        "ing",
        "ir",
        "prof",
        "nr",
        "nrs",
        "tel",
        "art",
        "blz",
        "pag",
        "p",
        "d.w.z",
        "dwz",
        "m.b.t",
        "mbt",
        "i.v.m",
        "ivm",
        "o.a",
        "oa",
        "i.c.m",
        "d.m.v",
        "dmv",
        "e.d",
        "e.g",
        "i.e",
        "o.g",
        "t.a.v",
        "tav",
        "t.b.v",
        "tbv",
        "i.f.v",
        "vb",
        "incl",
        "excl",
        "ca",
        "resp",
        "m.n",
        "t.o.v",
        "a.u.b",
        "aub",
        "vs",
        "approx",
        "cf",
        "jl",
        "z.o.z",
        "o.b.v",
        "z.s.m",
        "m.a.w",
        "e.a",
        "i.p.v",
        "etc",
        "st",
        "co",
        "corp",
        "dept",
        "gov",
        "u.s",
        "u.k",
        "vgl",
        "evt",
    ]
)
# "B.V." may well end a sentence; the words that go on begin small, those are handled before.
_MAY_END = frozenset(
    ["b.v", "n.v", "etc", "e.d", "e.a", "inc", "ltd", "co", "corp", "u.s", "u.k", "a.u.b", "aub"]
)
# Abbreviations that are words as well: only before a number they are no end.
_BEFORE_NUMBERS = frozenset(["no", "min", "max", "fig", "sec", "est", "ed"])
_CLOSERS = "\"'”’»)]*_"


class Kind(Enum):
    """What a passage is in the text."""

    SENTENCE = "sentence"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence of a paragraph, or of a list item.

    Attributes:
        start: offset of the first character.
        end: offset behind the last character.
        headings: the headings above it, the nearest first.
        intros: what introduces the list that it is an item of, the nearest first.
        paragraph: counts the blocks; passages of one block belong together.
    """

    start: int
    end: int
    kind: Kind
    headings: tuple[str, ...]
    intros: tuple[str, ...]
    paragraph: int


@dataclass(slots=True)
class _Above:
    """What stands above the passage that is being cut."""

    headings: list[tuple[int, str]] = field(default_factory=list)
    items: list[tuple[int, str]] = field(default_factory=list)
    intro: str = ""

    def heading(self, level: int, title: str) -> None:
        self.headings = [(lv, t) for lv, t in self.headings if lv < level]
        self.headings.append((level, title[:_LONGEST_ABOVE]))
        self.items.clear()
        self.intro = title if title.endswith(":") else ""

    def titles(self) -> tuple[str, ...]:
        return tuple(t for _, t in reversed(self.headings))[:_MOST_ABOVE]

    def intros(self, block: Block) -> tuple[str, ...]:
        if block.sort is not Sort.ITEM:
            self.items.clear()
            return (self.intro,) if self.intro.endswith(":") else ()
        while self.items and self.items[-1][0] >= block.indent:
            self.items.pop()
        lines = [block.header, *(t for _, t in reversed(self.items[-_MOST_ABOVE:])), self.intro]
        return tuple(line[:_LONGEST_ABOVE] for line in lines if line)

    def leave(self, block: Block, last: str) -> None:
        """Remembers what the last sentence of a block says of what follows."""
        if block.sort is Sort.ITEM:
            self.items.append((block.indent, _label(last)))
        else:
            self.intro = last if last.rstrip(_CLOSERS).endswith((":", "?")) else ""


def _label(item: str) -> str:
    """What a list item says of the items below it: what stands before its colon."""
    label, colon, _ = item.partition(":")
    return label + colon if colon and len(label) <= LONGEST_HEADING else ""


def passages(text: str) -> Iterator[Passage]:
    """The passages of ``text`` in order.

    Raises:
        StatementError: there are more than a statement can have.
    """
    above = _Above()
    count = 0
    for number, block in enumerate(blocks(text)):
        if block.sort is Sort.HEADING:
            above.heading(block.level, text[block.start : block.end].strip("#*_ \t"))
            continue
        kind = Kind.ITEM if block.sort is Sort.ITEM else Kind.SENTENCE
        titles, intros = above.titles(), above.intros(block)
        last = ""
        for start, end in _sentences(text, block.start, block.end):
            count += 1
            if count > _MOST_PASSAGES:
                raise StatementError(
                    f"has more than {_MOST_PASSAGES:,} sentences", mend="give the statement itself"
                )
            yield Passage(start, end, kind, titles, intros, number)
            last = text[start:end]
        if last:
            above.leave(block, last)


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    cuts = [start]
    cuts.extend(
        match.end()
        for match in _STOP.finditer(text, start, end)
        if _ends_here(text, match, start, end)
    )
    cuts.extend(m.end() for m in _INLINE_BULLET.finditer(text, start, end))
    cuts.sort()
    cuts.append(end)
    for a, b in pairwise(cuts):
        yield from _trimmed(text, a, b)


def _ends_here(text: str, match: re.Match[str], start: int, end: int) -> bool:
    after = match.end()
    while after < end and text[after].isspace():
        after += 1
    if after >= end:
        return False
    if text[match.start()] == ";":
        return True
    begins = text[after]
    if begins in "*_\"'“‘«([-•" and after + 1 < end:
        inner = after
        while inner < end and text[inner] in "*_\"'“‘«([-• ":
            inner += 1
        begins = text[inner] if inner < end else begins
    if begins.islower():
        return False
    if text[match.start()] != ".":
        return True
    word_start = match.start()
    while (
        word_start > start
        and not text[word_start - 1].isspace()
        and match.start() - word_start < 12
    ):
        word_start -= 1
    word = text[word_start : match.start()].lower().strip("(\"'“‘*_")
    if word in _ABBREVIATIONS:
        return word in _MAY_END and begins.isupper()
    if word in _BEFORE_NUMBERS:
        return not begins.isdigit()
    return not (len(word) == 1 and word.isalpha()) and not (word.isdigit() and word_start == start)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        stop = min(end, start + _LONGEST_PASSAGE)
        if stop < end:
            space = text.rfind(" ", start + 1, stop)
            stop = space if space > start else stop
        a, b = start, stop
        while a < b and (text[a].isspace() or text[a] in "|•"):
            a += 1
        while b > a and (text[b - 1].isspace() or text[b - 1] in "|•-"):
            b -= 1
        if any(c.isalnum() for c in text[a:b]):
            yield a, b
        start = stop

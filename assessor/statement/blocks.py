"""Cuts a text into blocks: headings, paragraphs, list items. Line by line, one pass, linear.

It takes Markdown, and plain text as people write it: underlined, numbered or all-caps headings,
headings that are just a short line, bullets of every kind, paragraphs with broken lines, and lists
without any bullet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from assessor.errors import StatementError

LONGEST_HEADING = 90
"""Characters; a longer line is a sentence, whatever it looks like."""

# More lines than this are no statement; real ones have some hundred.
_MOST_BLOCKS = 20_000
_MOST_HEADING_WORDS = 12
_MOST_LABEL_WORDS = 4
# Only the head of a line is looked at to tell what it is: no pattern ever sees more than this.
_HEAD = 240
_LONGEST_ROW = 400
# A line that stops this far before the margin was not broken: it ends there.
_NARROW = 60
_WRAPPED = 0.6
_FULL = 0.85
_USUAL_WIDTH = 66
_BLANKS = " \t\u00a0"

# All of these are matched at the first character of a line that is no blank.
_HASHES = re.compile(r"(#{1,6})[ \t]+(?=\S)")
_RULE = re.compile(r"([=~_*-])\1{2,}[ \t]*")
_BULLET = re.compile(
    r"(?:[-+*•·▪◦‣–—»✓✔●○■□➢►→\uf0b7]|o(?=[ \t]))(?:[ \t\u00a0]+|(?=[^\W\d_]))(?=\S)"
)
_NUMBER = re.compile(r"(?:\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]|[ivx]{1,4}(?=[ ]))[ \t]+(?=\S)")
_CHAPTER = re.compile(
    r"(?:(?:artikel|article|art\.?)[ ]+)?\d{1,2}(?:\\?\.\d{1,2})*\\?[.)]?[ \t]+(?=\S)", re.I
)
_BOLD_LINE = re.compile(r"(\*\*|__)(?=\S)([^*_]{1,90})\1:?")
_TABLE_RULE = re.compile(r"\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?")
_UNDERLINES = "=-~"
_RULERS = "=~_*-"


class Sort(Enum):
    """What a block is."""

    HEADING = "heading"
    SHORT_LINE = "short line"  # a heading if something stands under it; decided at the end
    PARAGRAPH = "paragraph"
    ITEM = "item"


@dataclass(slots=True)
class Block:
    """A stretch of whole lines, ``text[start:end]``.

    Attributes:
        level: of a heading, 1 is the highest.
        indent: of an item, in columns.
        glued: it follows the block before without a blank line.
        header: of a table row: the row with the names of the columns.
    """

    sort: Sort
    start: int
    end: int
    level: int = 1
    indent: int = 0
    glued: bool = False
    header: str = ""


def blocks(text: str) -> list[Block]:
    """The blocks of ``text`` in order.

    Raises:
        StatementError: there are more than a statement can have.
    """
    reader = _Reader(text)
    for start, end in _lines(text):
        reader.line(start, end)
    found = _joined(text, reader.done())
    _settle(text, found)
    return found


def _lines(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for line in text.splitlines(keepends=True):
        yield at, at + len(line.rstrip())
        at += len(line)


class _Reader:
    """Takes line after line; holds one back, since a heading has a blank line behind it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._blocks: list[Block] = []
        self._open: Block | None = None
        self._blank = True
        self._header = ""
        self._held: tuple[int, int, int] | None = None
        self._last_width = 0
        self._margin = _USUAL_WIDTH

    def line(self, start: int, end: int) -> None:
        """Takes the line ``text[start:end]``, without its end-of-line."""
        first = start
        while first < end and self._text[first] in _BLANKS:
            first += 1
        self._flush(blank_behind=first >= end)
        self._held = (start, first, end) if first < end else None
        if first >= end:
            self._open, self._blank, self._header = None, True, ""

    def done(self) -> list[Block]:
        """All blocks."""
        self._flush(blank_behind=True)
        return self._blocks

    def _flush(self, *, blank_behind: bool) -> None:
        if self._held is None:
            return
        start, first, end = self._held
        self._held = None
        head = self._text[first : min(end, first + _HEAD)]
        whole = end - first <= _HEAD
        if whole and self._marks(head):
            return
        block = self._opening(head if whole else "", head, start, first, end, blank_behind)
        if block is None and self._open is not None:
            self._go_on(self._open, first, end)
        else:
            block = block or Block(Sort.PARAGRAPH, first, end)
            self._add(block)
            closed = block.sort is Sort.HEADING or head.startswith("|")
            self._open = None if closed else block
            self._margin = _USUAL_WIDTH
        self._last_width = end - first
        self._margin = max(self._margin, self._last_width)
        self._blank = bool(self._blocks) and self._blocks[-1].sort is Sort.HEADING

    def _add(self, block: Block) -> None:
        block.glued = not self._blank
        block.header = self._header
        self._blocks.append(block)
        if len(self._blocks) > _MOST_BLOCKS:
            raise StatementError(
                f"has more than {_MOST_BLOCKS:,} lines and paragraphs",
                mend="give the statement itself",
            )

    def _marks(self, line: str) -> bool:
        """Takes a line that is no text: a rule, an underlining, the rule of a table."""
        rule = _RULE.fullmatch(line) if line[0] in _RULERS else None
        if rule:
            above = self._open
            if above is not None and above.sort is not Sort.ITEM and rule.group(1) in _UNDERLINES:
                above.sort = Sort.HEADING
                above.level = _UNDERLINES.index(rule.group(1)) + 1
            self._open, self._blank = None, True
            return True
        if "|" in line and _TABLE_RULE.fullmatch(line):
            if self._blocks and self._blocks[-1].sort is Sort.ITEM:
                row = self._blocks.pop()
                self._header = self._text[row.start : row.end]
            return True
        return False

    def _opening(
        self, line: str, head: str, start: int, first: int, end: int, blank_behind: bool
    ) -> Block | None:
        """The block that a line opens whatever stands before it, or ``None``.

        ``line`` is the whole line, or empty where it is too long for a heading.
        """
        hashes = _HASHES.match(head) if head[0] == "#" else None
        if hashes and line:
            return Block(Sort.HEADING, first + hashes.end(), end, level=len(hashes.group(1)))
        if head.startswith("|") or (end - first < _LONGEST_ROW and "\t" in head):
            return Block(Sort.ITEM, first, end)
        if line and self._blank:
            heading = self._heading(line, first, end, blank_behind)
            if heading is not None:
                return heading
        # A bullet and a word behind it: no line of one character has both.
        bullet = len(head) > 1 and (_BULLET.match(head) or _NUMBER.match(head))
        if bullet and not head.startswith("**"):
            indent = len(self._text[start:first].expandtabs(4))
            return Block(Sort.ITEM, first + bullet.end(), end, indent=indent)
        if line.isupper() and line.endswith(":") and _like_a_heading(line):
            return Block(Sort.SHORT_LINE, first, end, level=1)
        return None

    def _heading(self, line: str, first: int, end: int, blank_behind: bool) -> Block | None:
        if _BOLD_LINE.fullmatch(line):
            return Block(Sort.SHORT_LINE, first, end, level=6)
        chapter = _CHAPTER.match(line)
        if chapter and blank_behind and _like_a_heading(line[chapter.end() :]):
            depth = chapter.group().count(".") or 1
            return Block(Sort.SHORT_LINE, first + chapter.end(), end, level=min(depth, 5))
        if _BULLET.match(line) or _NUMBER.match(line):
            return None
        if _like_a_heading(line) and (blank_behind or line.isupper()):
            return Block(Sort.SHORT_LINE, first, end, level=1 if line.isupper() else 2)
        return None

    def _go_on(self, block: Block, first: int, end: int) -> None:
        """Adds the line to the open block, or begins a block of its own that follows on it."""
        if block.sort is Sort.SHORT_LINE:
            block.sort = Sort.PARAGRAPH
        if self._continues(block, first):
            block.end = end
            return
        last = self._text[block.end - 1]
        listed = last == ":" or (block.sort is Sort.ITEM and last not in ".!?")
        sort = Sort.ITEM if listed else Sort.PARAGRAPH
        following = Block(sort, first, end, indent=block.indent)
        self._add(following)
        self._open = following

    def _continues(self, block: Block, first: int) -> bool:
        """Whether the line goes on where the block stopped, or begins something of its own."""
        text = self._text
        last, begins = text[block.end - 1], text[first]
        if begins.islower() or begins in "(&":
            return True
        indented = first > 0 and text[first - 1] in _BLANKS
        if block.sort is Sort.ITEM and not indented:
            # An item goes on below its own words; a line at the margin must have been broken.
            return last not in ".;:!?" and self._last_width >= _FULL * self._margin
        if last in ".!?;":
            return True  # the sentences are cut later
        # A line that stops far from the margin, before a capital: the next is a line of its own.
        return self._last_width >= min(_NARROW, _WRAPPED * self._margin)


def _like_a_heading(line: str) -> bool:
    bare = line.strip("*_ \t")
    return (
        0 < len(bare) <= LONGEST_HEADING
        and len(bare.split()) <= _MOST_HEADING_WORDS
        and bare[-1] not in ".;,"
        and (bare[-1] != ":" or bare.isupper() or len(bare.split()) <= _MOST_LABEL_WORDS)
        and (bare[0].isupper() or not bare[0].isalpha())
    )


def _joined(text: str, found: list[Block]) -> list[Block]:
    """Joins a sentence that a blank line has broken: it stops without a mark, and goes on small."""
    joined: list[Block] = []
    for block in found:
        before = joined[-1] if joined else None
        if (
            before is not None
            and before.sort in (Sort.PARAGRAPH, Sort.SHORT_LINE)
            and block.sort is Sort.PARAGRAPH
            and not block.glued
            and text[before.end - 1] not in ".!?:;"
            and text[block.start].islower()
        ):
            before.sort, before.end = Sort.PARAGRAPH, block.end
        else:
            joined.append(block)
    return joined


def _settle(text: str, found: list[Block]) -> None:
    """Decides which short lines are headings: those that something stands under.

    Of a run of short lines the first may be the heading of the others, which are a list.
    """
    run = 0
    for index, block in enumerate(found):
        if block.sort is not Sort.SHORT_LINE:
            run = 0
            continue
        following = found[index + 1] if index + 1 < len(found) else None
        line = text[block.start : block.end]
        if following is None:
            block.sort = Sort.ITEM
        elif following.sort is Sort.SHORT_LINE and not line.isupper():
            heads = run == 0 or line.endswith((":", "?"))
            block.sort = Sort.HEADING if heads else Sort.ITEM
        elif following.sort is Sort.ITEM and line.endswith(":") and not line.isupper():
            block.sort = Sort.PARAGRAPH  # it introduces the list
        else:
            block.sort = Sort.HEADING
        run += 1

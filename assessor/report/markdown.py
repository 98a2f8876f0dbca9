r"""Writes a view as a summary in Markdown (CommonMark 0.31), to be mailed.

Nothing from outside becomes markup: a backslash stands before every sign that CommonMark, or a
common extension of it, gives a meaning (CommonMark 0.31, section 2.4: any ASCII punctuation may be
escaped so). ``:`` before a word is one of them: without it no reader turns ``https://`` or
``javascript:`` from a target into a link by itself. (GitHub makes an e-mail address a link
whatever stands before its ``@``, and some readers do so with a bare ``example.com``.) A machine's
own text stands in code, in which nothing has a meaning, between more backticks than it holds
itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import assert_never

from assessor.report.outline import (
    Block,
    Entry,
    Heading,
    Line,
    Listing,
    Paragraph,
    Quotation,
    Span,
    Table,
    outline,
)
from assessor.report.parts.report import ReportView

_MEANING = re.compile(r"[\\`*_\[\]<{}~|$^#@]|&(?=[#A-Za-z])|:(?=[A-Za-z/+-])|(?<=[Ww]{3})\.")
_AT_START = re.compile(r"(?:[-+=>]|\d{1,9}[.)](?=\s|$))")
"""What else has a meaning, but only where a line begins."""
_LINE_ENDS = re.compile(r"\r\n|\n|\r")
_BREAK = "\\\n"


def render_markdown(view: ReportView) -> str:
    """The summary as Markdown; every line ends in a line feed."""
    return "\n".join("\n".join(write(block)) + "\n" for block in outline(view))


def escaped(text: str) -> str:
    """``text`` so that CommonMark shows it as it is, but for what only means something in front."""
    return _MEANING.sub(r"\\\g<0>", text)


def code(text: str) -> str:
    """``text`` as code, on one line."""
    flat = " ".join(_LINE_ENDS.split(text))
    if not flat.strip():
        return ""
    fence = "`" * (_longest_run(flat) + 1)
    # one space on both sides is taken off again (CommonMark 0.31, section 6.1)
    edges = flat[0] + flat[-1]
    space = " " if "`" in edges or edges == "  " else ""
    return f"{fence}{space}{flat}{space}{fence}"


def write(block: Block) -> Iterable[str]:
    """The lines of one block."""
    match block:
        case Heading():
            return [f"{'#' * block.level} {_flat(block.line)}"]
        case Paragraph():
            return [f"**{_flat(block.line)}**" if block.lead else _BREAK.join(_lines(block.line))]
        case Quotation():
            return _quotation(block.text)
        case Listing():
            return _listing(block)
        case Table():  # CommonMark has none
            return [f"- {' · '.join(map(_flat, row))}" for row in block.rows]
        case _:
            assert_never(block)


def _quotation(text: str) -> Iterator[str]:
    """The text's own lines; an empty one ends a paragraph."""
    lines = [_safe_start(escaped(line.strip())) for line in _LINE_ENDS.split(text.strip())]
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        yield f"> {line}\\" if line and after else f"> {line}".rstrip()


def _listing(listing: Listing) -> Iterator[str]:
    for number, entry in enumerate(listing.entries, 1):
        mark = f"{number}. " if listing.numbered else "- "
        first, *more = _entry(entry)
        yield f"{mark}{first}"
        yield from (f"{' ' * len(mark)}{line}" if line else "" for line in more)


def _entry(entry: Entry) -> list[str]:
    shown = [line for spans in entry.lines for line in _lines(spans)]
    lines = _BREAK.join(shown).split("\n")
    if entry.command:
        fence = "`" * max(3, _longest_run(entry.command) + 1)
        lines += ["", fence, *_LINE_ENDS.split(entry.command), fence, ""]
    return lines


def _lines(line: Line) -> list[str]:
    """The spans as lines of Markdown, without empty ones: those would end the paragraph."""
    joined = "".join(map(_span, line))
    return [_safe_start(each.strip()) for each in _LINE_ENDS.split(joined) if each.strip()]


def _flat(line: Line) -> str:
    return " ".join(_lines(line))


def _span(span: Span) -> str:
    if span.literal:
        return code(span.text)
    return f"**{escaped(span.text.strip())}**" if span.strong else escaped(span.text)


def _safe_start(line: str) -> str:
    """A line that begins no list, no quotation and no heading of its own."""
    start = _AT_START.match(line)
    return f"{line[: start.end() - 1]}\\{line[start.end() - 1 :]}" if start else line


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)

"""The grammar that Cisco's command lines share: one command a line, sections by indentation.

What stands in a banner, a certificate or a menu is text of its owner's and no command. A ``no``
before a command takes it back. The switches for small businesses write some sections without
indentation, up to a line ``exit``; see ``fold``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from assessor.model.answers import UnparsedError

_WORD = re.compile(r'"[^"\n]*"|\S+')
_BANNER = re.compile(
    r"\s*(?:banner\s+\S+|aaa\s+authentication\s+(?:banner|fail-message)|vacant-message"
    r"|refuse-message|menu\s+\S+\s+(?:title|prompt|status-line))\s+(?P<rest>\S.*)",
    re.IGNORECASE,
)
_CERTIFICATE = re.compile(r"\s*certificate\s+(?:self-signed|ca|rollback|ra-\S+|[0-9A-F]+)\b", re.I)
_REFUSALS = re.compile(
    r"\s*(?:% ?(?:invalid|incomplete|ambiguous|unrecognized|unknown|access|authorization|permission"
    r"|bad|error|missing|wrong)\b"
    r"|command (?:authorization failed|not (?:allowed|found|authorized))|line has invalid"
    r"|\[exit \d+\]|not enough permissions|you don'?t have)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Node:
    """A command with what stands below it.

    Attributes:
        no: it is taken back.
        words: its words without that ``no``, quotes taken off; names keep their letters' case.
        text: all of it, as written.
        read: some part of the reading knows what it means.
    """

    no: bool
    words: tuple[str, ...]
    text: str
    children: list[Node] = field(default_factory=list)
    read: bool = False

    def begins(self, *words: str) -> bool:
        """Whether these are its first words."""
        return len(self.words) >= len(words) and all(
            mine.lower() == other for mine, other in zip(self.words, words, strict=False)
        )

    def after(self, count: int) -> tuple[str, ...]:
        """Its words behind the first ``count``."""
        return self.words[count:]

    def word(self, position: int) -> str:
        """One word in small letters; empty where there are not so many."""
        return self.words[position].lower() if position < len(self.words) else ""


class Tree:
    """All commands of a configuration, found by their first word."""

    def __init__(self, nodes: list[Node], comments: Sequence[str] = ()) -> None:
        self.nodes = nodes
        self.comments = tuple(comments)
        self._first: dict[str, list[Node]] = {}
        for node in nodes:
            self._first.setdefault(node.word(0), []).append(node)

    def take(self, *words: str) -> list[Node]:
        """The commands that begin so; they count as read."""
        return take(self._first.get(words[0], ()), *words)

    def given(self, *words: str) -> bool | None:
        """Whether such a command stands there (the last counts); ``None`` where none does."""
        found = self.take(*words)
        return not found[-1].no if found else None

    def left(self) -> Iterator[Node]:
        """What no part of the reading has taken."""
        return (node for node in self.nodes if not node.read)


def take(nodes: Iterable[Node], *words: str) -> list[Node]:
    """Those of ``nodes`` that begin so; they count as read."""
    found = [node for node in nodes if node.begins(*words)]
    for node in found:
        node.read = True
    return found


def node_of(text: str) -> Node:
    """One command."""
    words = tuple(word.strip('"') if word[0] == '"' else word for word in _WORD.findall(text))
    no = len(words) > 1 and words[0].lower() == "no"
    return Node(no, words[1:] if no else words, text)


def refused(text: str) -> bool:
    """Whether a device said that it does not answer, or said nothing at all."""
    lines = [line for line in text.split("\n") if line.strip(" \t^")]
    return not lines or any(_REFUSALS.match(line) for line in lines[:4])


def shown(text: str) -> str:
    """``text`` as a report may quote it: one line, short, without control characters."""
    printable = "".join(one if one.isprintable() else " " for one in text[:4000])
    line = " ".join(printable.split())
    return line if len(line) <= 120 else f"{line[:117]}..."


def commands(text: str) -> tuple[list[Node], list[str]]:
    """The commands of ``text`` as a tree, and the comments before the first command.

    Raises:
        UnparsedError: a banner or a certificate has no end.
    """
    lines = text.split("\n")
    top: list[Node] = []
    comments: list[str] = []
    # Each open section by its depth of indentation.
    above: list[tuple[int, Node]] = []
    position = 0
    while position < len(lines):
        line = lines[position].expandtabs().rstrip()
        position += 1
        body = line.lstrip()
        if not body:
            continue
        if body.startswith("!"):
            if not top:
                comments.append(body)
            if line[0] == "!":
                above.clear()
            continue
        if banner := _BANNER.match(line):
            position = _behind_banner(lines, position, banner["rest"])
            body = body[: len(body) - len(banner["rest"].rstrip())].rstrip()
        depth = len(line) - len(line.lstrip())
        while above and above[-1][0] >= depth:
            above.pop()
        node = node_of(body)
        (above[-1][1].children if above else top).append(node)
        if _CERTIFICATE.match(line) and above and above[-1][1].begins("crypto"):
            position = _behind_certificate(lines, position)
            continue
        above.append((depth, node))
    return top, comments


def _behind_banner(lines: list[str], position: int, rest: str) -> int:
    """Where the text of a banner ends; ``rest`` is what stands behind its kind."""
    mark = "^C" if rest.startswith("^C") else rest[0]
    if mark in rest[len(mark) :]:
        return position
    for number in range(position, len(lines)):
        if mark in lines[number]:
            return number + 1
    raise UnparsedError("a banner without end")


def _behind_certificate(lines: list[str], position: int) -> int:
    """Where the digits of a certificate end; one kept in a file has none."""
    if position < len(lines) and not re.fullmatch(
        r"\s+[0-9A-Fa-f ]+|\s*quit\s*|\s+\[secret:.*", lines[position].expandtabs()
    ):
        return position
    for number in range(position, len(lines)):
        if lines[number].strip() == "quit":
            return number + 1
    raise UnparsedError("a certificate without end")


def fold(nodes: list[Node], openers: Iterable[tuple[str, ...]]) -> list[Node]:
    """Puts what follows an opener on its own level below it, up to the line ``exit``."""
    folded: list[Node] = []
    heads = tuple(openers)
    stack: list[Node] = []
    for node in nodes:
        if node.begins("exit") and len(node.words) == 1:
            if stack:
                stack.pop()
            continue
        opens = any(node.begins(*head) for head in heads)
        if opens and node.begins("interface"):
            stack.clear()  # the next interface ends the one before it
        (stack[-1].children if stack else folded).append(node)
        if opens and not node.children and not node.no:
            stack.append(node)
        elif opens:
            stack.clear()
    return folded

"""The grammar of command lines that are written by indentation, as a tree.

One command a line; what belongs to a command stands below it, deeper; a line ``exit`` says no more
than the indentation does. ArubaOS-Switch, AOS-CX and Zyxel's ZLD write their configurations so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assessor.devices.device import Topic
from assessor.model.answers import UnparsedError

MOST, LONGEST = 5, 120
_WORD = re.compile(r'"(?P<quoted>(?:[^"\\\n]|\\.)*)(?P<end>"?)|\S+')
_ESCAPED = re.compile(r"\\(.)")
_PREFACE = re.compile(
    r"(?:(?:running|current|startup|building)[ -]config(?:uration)?(?:\s*[:.].*)?|-+ ?more ?-+.*)$",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"\s*(?:%+ ?(?:\(|invalid|incomplete|ambiguous|unknown|unrecognized|access|permission|command"
    r"|error|failed|cannot)|invalid (?:input|command)|ambiguous input|incomplete (?:input|command)"
    r"|unknown command|cannot execute|command (?:not found|authorization|rejected|fail)"
    r"|access denied|not enough permissions|permission denied|insufficient|you (?:are not|don't)"
    r"|\[exit \d+\]|error[: ])",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Node:
    """A command with what stands below it.

    Attributes:
        no: it is taken back by a ``no`` before it.
        words: its words without that ``no``, quotes taken off.
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
        return self.words[: len(words)] == words

    def word(self, position: int) -> str:
        """One word; empty where there are not so many."""
        return self.words[position] if position < len(self.words) else ""


class Tree:
    """All commands of a configuration, by their first word, and its comments."""

    def __init__(self, nodes: list[Node], comments: Sequence[str]) -> None:
        self.nodes = nodes
        self.comments = tuple(comments)
        self._first: dict[str, list[Node]] = {}
        for node in nodes:
            self._first.setdefault(node.word(0), []).append(node)

    def take(self, *words: str) -> list[Node]:
        """The commands that begin so; they count as read."""
        found = [node for node in self._first.get(words[0], ()) if node.begins(*words)]
        for node in found:
            node.read = True
        return found

    def state(self, *words: str) -> bool | None:
        """Whether this very command stands there (the last one counts), or its opposite does."""
        found = [node for node in self.take(*words) if len(node.words) == len(words)]
        return not found[-1].no if found else None

    def left(self) -> Iterator[Node]:
        """What no part of the reading has taken."""
        return (node for node in self.nodes if not node.read)


class Notes:
    """Collects the lines for ``Device.unread``: a few for each topic, fit to show."""

    def __init__(self) -> None:
        self._lines: dict[Topic, list[str]] = {}

    def add(self, text: str, *topics: Topic) -> None:
        """``text`` may be about ``topics``, and was not understood."""
        line = shown(text)
        for topic in topics:
            lines = self._lines.setdefault(topic, [])
            if len(lines) < MOST and line not in lines:
                lines.append(line)

    def guess(self, nodes: Iterable[Node], hints: Iterable[tuple[re.Pattern[str], Topic]]) -> None:
        """Commands that nothing knows: what their first words suggest."""
        pairs = tuple(hints)
        for node in nodes:
            head = " ".join(node.words[:2]).lower()
            for pattern, topic in pairs:
                if pattern.search(head):
                    self.add(node.text, topic)

    def unread(self) -> Mapping[Topic, tuple[str, ...]]:
        """All of it."""
        return {topic: tuple(lines) for topic, lines in self._lines.items()}


def known(words: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(words.split())


def shown(text: str) -> str:
    """``text`` as a report may quote it: one line, short, without control characters."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text[:1000])
    line = " ".join(printable.split())
    return line[:LONGEST] or "(empty)"


def refused(text: str) -> bool:
    """Whether a device said that it does not answer, or said nothing at all."""
    lines = [line for line in text.split("\n") if line.strip(" \t^\r")]
    return not lines or any(_REFUSED.match(line) for line in lines[:3])


def node_of(text: str) -> Node:
    """One command."""
    words: list[str] = []
    for match in _WORD.finditer(text):
        quoted = match["quoted"]
        words.append(match[0] if quoted is None else _ESCAPED.sub(r"\1", quoted))
    no = len(words) > 1 and words[0] == "no"
    return Node(no, tuple(words[1:] if no else words), text)


def tree_of(text: str, comment: str) -> Tree:
    """The commands of ``text``; a line that begins with one of ``comment`` is a comment.

    Raises:
        UnparsedError: it is cut off within a quoted text, or its indentation is gone.
    """
    top: list[Node] = []
    comments: list[str] = []
    above: list[tuple[int, Node]] = []
    last = ""
    for raw in text.split("\n"):
        line = raw.expandtabs().rstrip()
        body = line.lstrip()
        if not body or _PREFACE.match(body):
            continue
        if body[0] in comment:
            if line[0] in comment:
                comments.append(body)
                above.clear()
            continue
        depth = len(line) - len(body)
        if body == "exit":
            if depth == 0 and not (top and top[-1].children):
                raise UnparsedError("the indentation of the configuration is gone")
            while above and above[-1][0] >= depth:
                above.pop()
            continue
        last = body
        while above and above[-1][0] >= depth:
            above.pop()
        node = node_of(body)
        (above[-1][1].children if above else top).append(node)
        above.append((depth, node))
    if any(match["quoted"] is not None and not match["end"] for match in _WORD.finditer(last)):
        raise UnparsedError("the configuration is cut off")
    return Tree(top, comments)

"""The three ways in which Vyatta's descendants write one configuration, read to one tree.

- ``config.boot``: words, values in double quotes, sections in braces, comments ``/* */`` and ``//``
  (VyOS documentation, "Command Line Interface", "show configuration");
- ``show configuration commands``: one ``set`` line for each leaf, values in single quotes;
- JSON: what a UniFi security gateway (USG) says to ``mca-ctrl -t dump-cfg``.

Each word, be it a section, a name or a value, is a node below the word before it, so that all
three give the same tree: ``address dhcp`` is a node ``dhcp`` below a node ``address``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from assessor.model.answers import UnparsedError

DEEPEST = 40
_TOKEN = re.compile(
    r"""
      [ \t\r]+
    | (?P<comment> /\* .*? \*/ )
    | (?P<cut> /\* )
    | (?P<line> \n )
    | " (?P<quoted> (?: [^"\\] | \\. )*+ ) "
    | (?P<open> " )
    | (?P<brace> [{}] (?= \s | \Z ) )
    | (?P<word> [^\s"]++ )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SET_WORD = re.compile(
    r"""[ \t]*+ (?: ' (?P<single> [^'\n]*+ (?: '\\'' [^'\n]*+ )*+ ) ' (?= \s | \Z )
        | " (?P<double> (?: [^"\\\n] | \\. )*+ ) " (?= \s | \Z )
        | (?P<bare> [^\s'"]\S*+ ) )""",
    re.VERBOSE,
)
_SET = re.compile(r"^[ \t]*set[ \t]+(?:interfaces|system|service|firewall)\b", re.MULTILINE)


class Node:
    """A word of a configuration, with what stands below it."""

    __slots__ = ("children",)

    def __init__(self) -> None:
        self.children: dict[str, Node] = {}

    def add(self, word: str) -> Node:
        """The node of ``word`` below this one; made where there is none."""
        found = self.children.get(word)
        if found is None:
            found = self.children[word] = Node()
        return found

    def at(self, *path: str) -> Node:
        """The node at ``path``; an empty one where there is none."""
        node: Node | None = self
        for word in path:
            node = node.children.get(word) if node is not None else None
        return node if node is not None else Node()

    def has(self, *path: str) -> bool:
        """Whether something stands at ``path``, were it only its last word."""
        node = self
        for word in path:
            if word not in node.children:
                return False
            node = node.children[word]
        return True

    def values(self, *path: str) -> tuple[str, ...]:
        """The words directly below ``path``, in their order."""
        return tuple(self.at(*path).children)

    def value(self, *path: str) -> str | None:
        """The one word below ``path``; ``None`` where there is none."""
        return next(iter(self.at(*path).children), None)

    def items(self, *path: str) -> Iterator[tuple[str, Node]]:
        """The words directly below ``path``, with what stands below each."""
        yield from self.at(*path).children.items()


def parse(text: str) -> Node:
    """The tree of a configuration in whichever of the three ways it is written.

    Raises:
        UnparsedError: it is none, or it is cut off.
    """
    start = text.lstrip()
    if start.startswith("{"):
        return _from_json(text)
    if _SET.search(text):
        return _from_commands(text)
    return _from_sections(text)


def _from_json(text: str) -> Node:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnparsedError("not JSON, or cut off") from error
    root = Node()
    _grow(root, document, 0)
    return root


def _grow(node: Node, value: object, depth: int) -> None:
    if depth > DEEPEST:
        raise UnparsedError("nested too deeply")
    if isinstance(value, dict):
        for word, below in value.items():
            _grow(node.add(str(word)), below, depth + 1)
    elif isinstance(value, list):
        for one in value:
            _grow(node, one, depth + 1)
    elif value is not None and value != "''":  # what a USG writes for a word without a value
        node.add(str(value))


def _from_sections(text: str) -> Node:
    root = Node()
    stack = [root]
    words: list[str] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None or found["open"] is not None or found["cut"] is not None:
            raise UnparsedError("a quote or a comment has no end")
        position = found.end()
        if found["quoted"] is not None:
            words.append(_ESCAPE.sub(r"\1", found["quoted"]))
        elif found["line"] is not None:
            _leaf(stack[-1], words)
        elif found["brace"] == "{":
            if not words or len(stack) > DEEPEST:
                raise UnparsedError("a section without a name, or nested too deeply")
            stack.append(_path(stack[-1], words))
            words.clear()
        elif found["brace"] == "}":
            _leaf(stack[-1], words)
            stack.pop()
            if not stack:
                raise UnparsedError("a section ends that did not begin")
        elif found["word"] is not None:
            if found["word"].startswith("//") and not words:
                position = _line_end(text, position)
            else:
                words.append(found["word"])
    _leaf(stack[-1], words)
    if len(stack) != 1:
        raise UnparsedError("the configuration is cut off within a section")
    return root


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _leaf(node: Node, words: list[str]) -> None:
    if words:
        _path(node, words)
        words.clear()


def _path(node: Node, words: list[str]) -> Node:
    for word in words[:DEEPEST]:
        node = node.add(word)
    return node


def _from_commands(text: str) -> Node:
    root = Node()
    lines = iter(text.split("\n"))
    for line in lines:
        stripped = line.strip()
        if not stripped.startswith("set ") and not stripped.startswith("set\t"):
            # Only what is said around the commands: an echo, a comment, an empty line.
            continue
        # A value over several lines has its closing quote on a later one.
        while _open_quote(stripped):
            following = next(lines, None)
            if following is None or following.lstrip().startswith("set "):
                raise UnparsedError("a quote has no end")
            stripped = f"{stripped} {following.strip()}"
        _path(root, _words(stripped[4:]))
    return root


def _open_quote(line: str) -> bool:
    return " '" in line and not line.endswith("'") and line.count("'") % 2 == 1


def _words(line: str) -> list[str]:
    """The words of a ``set`` line; a last value with quotes of its own is taken as a whole."""
    words: list[str] = []
    position = 0
    while position < len(line):
        found = _SET_WORD.match(line, position)
        if found is None:
            rest = line[position:].strip()
            if rest:
                words.append(rest.removeprefix("'").removesuffix("'"))
            break
        position = found.end()
        single, double, bare = found["single"], found["double"], found["bare"]
        if single is not None:
            words.append(single.replace("'\\''", "'"))
        elif double is not None:
            words.append(_ESCAPE.sub(r"\1", double))
        else:
            words.append(bare)
    return words

r"""FortiOS' configuration as a tree: sections, their entries, and settings.

::

    config firewall address
        edit "mail server"
            set subnet 192.0.2.5 255.255.255.255
            set comment "Postfix\non Debian"
        next
    end

A value in quotes may hold spaces, escaped quotes and line breaks. ``end`` within an entry ends the
entry and its section. A table that is written twice is one table: later lines add to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from assessor.model.answers import UnparsedError

_WORD = re.compile(r'"((?:[^"\\]|\\[\s\S])*)"|\'([^\']*)\'|([^\s"]\S*)')
_ESCAPED = re.compile(r"\\([\s\S])")
# "FGT-60F # show", "FGT-60F (root) # ", "FW $ #config-version=..."; what follows the prompt counts.
_PROMPT = re.compile(
    r"\S{1,64}(?: \([^)\n]{1,64}\))? [#$] ?(?=$|#|config |show\b|get\b|sudo\b|end$)"
)
_ECHO = re.compile(r"(?:sudo \S{1,40} )?(?:show|get)\b[\w .|-]{0,80}$")
_MORE = re.compile(r"-{2,} ?[Mm]ore ?-{2,}\s*")
_DEEPEST = 24


@dataclass(slots=True)
class Block:
    """A section, or one entry of it.

    Attributes:
        name: the section's words or the entry's name.
        settings: what is set, each with its values; without values where it was unset.
        parts: the sections within, by their words.
        entries: by name, in their order.
        strange: lines that are none of these.
    """

    name: str = ""
    settings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    parts: dict[str, Block] = field(default_factory=dict)
    entries: dict[str, Block] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)

    def one(self, name: str, otherwise: str = "") -> str:
        """The setting's first value; ``otherwise`` where it is not set."""
        values = self.settings.get(name)
        return values[0] if values else otherwise

    def all(self, name: str) -> tuple[str, ...]:
        """The setting's values."""
        return self.settings.get(name, ())

    def on(self, name: str, *, otherwise: bool = False) -> bool:
        """Whether the setting is ``enable``."""
        values = self.settings.get(name)
        return values[0] == "enable" if values else otherwise

    def part(self, name: str) -> Block:
        """The section within of that name; an empty one where there is none."""
        return self.parts.get(name) or Block(name)


def read_tree(text: str) -> tuple[Block, list[str]]:
    """The tree of a configuration, and the comments at its head.

    Raises:
        UnparsedError: it has no section, or was cut off.
    """
    reader = _Reader()
    for line in text.split("\n"):
        reader.take(line)
    return reader.finished(), reader.comments


class _Reader:
    def __init__(self) -> None:
        self.root = Block()
        self.comments: list[str] = []
        # Each level: the block, and whether it is an entry.
        self._levels: list[tuple[Block, bool]] = []
        self._open: list[str] = []

    def take(self, line: str) -> None:
        if self._open:
            self._open.append(line)
            if _quotes(line) % 2:
                whole, self._open = "\n".join(self._open), []
                self._command(whole.strip())
            return
        if "ore" in line and "--" in line:
            line = _MORE.sub("", line)
        line = line.strip()
        if not self._levels:
            line = _PROMPT.sub("", line, count=1)
        if not line:
            return
        if line.startswith("#"):
            if not self._levels:
                self.comments.append(line)
        elif '"' in line and _quotes(line) % 2:
            self._open = [line]
        else:
            self._command(line)

    def _command(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        if word in {"set", "append", "select"} and self._levels:
            self._set(line, rest, add=word != "set")
        elif word == "edit" and self._levels and not self._levels[-1][1]:
            name = " ".join(words_of(rest))
            table = self._levels[-1][0]
            self._enter(table.entries.setdefault(name, Block(name)), entry=True)
        elif line == "next" and self._levels and self._levels[-1][1]:
            self._levels.pop()
        elif line == "end" and self._levels:
            if self._levels.pop()[1]:
                self._levels.pop()
        elif word == "config" and rest:
            parent = self._levels[-1][0] if self._levels else self.root
            name = " ".join(words_of(rest))
            self._enter(parent.parts.setdefault(name, Block(name)), entry=False)
        elif word == "unset" and rest and self._levels:
            self._levels[-1][0].settings[rest.strip()] = ()
        elif self._levels or not _ECHO.fullmatch(line):
            (self._levels[-1][0] if self._levels else self.root).strange.append(line)

    def _set(self, line: str, rest: str, *, add: bool) -> None:
        block = self._levels[-1][0]
        name, _, text = rest.strip().partition(" ")
        if not name:
            block.strange.append(line)
            return
        values = words_of(text) if '"' in text or "'" in text else tuple(text.split())
        block.settings[name] = (*block.all(name), *values) if add else values

    def _enter(self, block: Block, *, entry: bool) -> None:
        if len(self._levels) >= _DEEPEST:
            raise UnparsedError("sections within sections without end")
        self._levels.append((block, entry))

    def finished(self) -> Block:
        if self._open:
            raise UnparsedError("cut off within a value")
        if self._levels:
            raise UnparsedError(f"cut off within {self._levels[0][0].name[:60]}")
        if not self.root.parts:
            raise UnparsedError("no section of FortiOS")
        return self.root


def _quotes(line: str) -> int:
    """How many quotes begin or end a value."""
    return (_ESCAPED.sub("", line) if "\\" in line else line).count('"')


def words_of(text: str) -> tuple[str, ...]:
    """The words of a line, without their quotes."""
    words = []
    for quoted, single, bare in _WORD.findall(text):
        words.append(_ESCAPED.sub(r"\1", quoted) if quoted else single or bare)
    return tuple(words)

r"""The grammar of RouterOS' exports and scripts: from text to statements.

::

    # 2026-06-27 17:02:43 by RouterOS 7.23.1
    /interface wifi
    set [ find default-name=wifi1 ] configuration.mode=ap .ssid="My net" \
        disabled=no
    /ip address add address=192.0.2.1/24 interface=bridge

Sources: manual.mikrotik.com, "Configuration Management" (export) and "Scripting" (line joining,
constant escape sequences); published exports of 6.43 to 7.24. A name that begins with a point
takes the part before the point of the name before it (``configuration.mode=ap .ssid=x``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assessor.model.answers import UnparsedError

MOST_WORDS = 400
"""Words in one statement; the longest real ones, verbose wireless interfaces, have about 120."""
_LONGEST_STATEMENT = 200_000

VERBS = frozenset({"add", "set", "remove", "enable", "disable", "unset", "move", "reset"})

_LOG_LINE = re.compile(
    r"\s*(?:(?:[a-z]{3}/\d\d(?:/\d{4})?|\d{4}-\d\d-\d\d)[ ])?\d\d:\d\d:\d\d[ ]echo:[ ]"
    r"|\s*\(\d+ messages not shown\)\s*$"
)
"""What the log says in between, on a console: it belongs to no answer."""
_BEGINS = re.compile(r"/[a-z]|(?:add|set|remove) ")
"""How a statement begins; what goes on is indented."""
_PROMPT = re.compile(r"\s*\[[^\]\s]{1,100}@[^\]]{1,100}\] (?:/[^>]*)?>")

_WORD = re.compile(
    r"""\s*+(?:
      (?P<key>!?[A-Za-z0-9_.*-]++)=(?P<value>"(?:[^"\\]|\\.)*+"|(?:\[secret:[^\]\s]*\]|[^\s"\[$])*+)
        (?=\s|$)
    | (?P<find>\[\s*+(?!secret:)(?:"(?:[^"\\]|\\.)*+"|[^"\]])*+\])
    | (?P<word>"(?:[^"\\]|\\.)*+"|[^\s="\[{}]++)(?=\s|$)
    )""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\.")
_ESCAPE = re.compile(r"((?:\\[0-9A-F]{2})+)|\\(.)", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "_": " ", "a": "\a", "b": "\b", "f": "\f"}
_PATH_WORD = re.compile(r"[a-z0-9][a-z0-9-]*\Z")


@dataclass(frozen=True, slots=True)
class Statement:
    """One command of an export.

    Attributes:
        path: the menu, its words parted by single spaces: ``ip firewall filter``.
        verb: ``add``, ``set``, ...; empty where the words are not understood.
        target: what ``set`` is about: a name, a number, or empty.
        find: ... or the properties that it is found by.
        values: properties, without quotes and escapes; in their order.
        text: the whole line, for people.
    """

    path: str
    verb: str
    target: str
    find: Mapping[str, str]
    values: Mapping[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class Script:
    """All of a text.

    Attributes:
        comments: lines that begin with ``#``, without it.
        odd: lines that are no statement of an export.
    """

    statements: tuple[Statement, ...]
    comments: tuple[str, ...]
    odd: tuple[str, ...]


def parse(text: str) -> Script:
    """The statements of ``text``.

    Raises:
        UnparsedError: it ends within a statement.
    """
    statements: list[Statement] = []
    comments: list[str] = []
    odd: list[str] = []
    path = ""
    for line in _logical_lines(text):
        if line.startswith("#"):
            comments.append(line[1:].strip())
            continue
        if line.startswith("/"):
            path, verb, rest = _command(line)
            if not verb:
                if rest:
                    odd.append(line)
                continue
        else:
            verb, _, rest = line.partition(" ")
        if not path:
            odd.append(line)
            continue
        statements.append(_statement(path, verb, rest, line))
    return Script(tuple(statements), tuple(comments), tuple(odd))


def _logical_lines(text: str) -> Iterator[str]:
    """Lines, joined where one goes on, without what the console put between them."""
    parts: list[str] = []
    quoted, size = False, 0
    # The line that goes on is the last one where a text was cut off.
    for raw in text.rstrip("\n").split("\n"):
        if _LOG_LINE.match(raw) or (not parts and _PROMPT.match(raw)):
            continue
        if parts and not quoted and _BEGINS.match(raw):
            raise UnparsedError(f"a line is missing before {raw[:60]}")
        # What is indented after a line that goes on is layout, within quotes as well.
        line = raw.rstrip("\r").lstrip(" \t") if parts else raw.strip()
        comment = not parts and line.startswith("#")
        if '"' in line and not comment and _ESCAPED.sub("", line).count('"') % 2:
            quoted = not quoted
        if line.endswith("\\") and not comment and (len(line) - len(line.rstrip("\\"))) % 2:
            parts.append(line[:-1])
        elif quoted and not comment:
            parts += [line, "\n"]
        else:
            whole = "".join([*parts, line]).strip()
            parts, size = [], 0
            if whole:
                yield whole
            continue
        size += len(line)
        if size > _LONGEST_STATEMENT:
            raise UnparsedError(f"a line never ends: {parts[0][:60]}")
    if parts:
        raise UnparsedError("it is cut off in the middle of a line")


def _command(line: str) -> tuple[str, str, str]:
    """Menu, verb and the rest of a line that begins with a slash."""
    words: list[str] = []
    at = 1
    for match in re.finditer(r"[^\s/]++", line):
        word = match[0]
        if word in VERBS:
            return " ".join(words), word, line[match.end() :].strip()
        if not _PATH_WORD.match(word) or len(words) > 8:
            # No verb: a menu does not look so.
            return " ".join(words), "", line[at:].strip() or line
        words.append(word)
        at = match.end()
    return " ".join(words), "", ""


def _statement(path: str, verb: str, rest: str, line: str) -> Statement:
    if verb not in VERBS:
        return Statement(path, "", "", {}, {}, line)
    values: dict[str, str] = {}
    find: Mapping[str, str] = {}
    target = prefix = ""
    done = count = 0
    while done < len(rest):
        word = _WORD.match(rest, done)
        count += 1
        if word is None or count > MOST_WORDS:
            if not rest[done:].strip():
                break
            return Statement(path, "", "", {}, values, line)
        done = word.end()
        if (key := word["key"]) is not None:
            if key.startswith("."):
                key = prefix + key
            elif "." in key:
                prefix = key.rpartition(".")[0]
            values[key] = unquoted(word["value"])
        elif word["find"] is not None:
            found = _find(word["find"])
            if found is None:
                return Statement(path, "", "", {}, values, line)
            find = found
        elif word["word"].startswith("!"):
            continue  # a property that is not set
        elif target or values or verb == "add":
            return Statement(path, "", "", {}, values, line)
        else:
            target = unquoted(word["word"])
    return Statement(path, verb, target, find, values, line)


def _find(text: str) -> Mapping[str, str] | None:
    """The properties of ``[ find name=x ]``; ``None`` where it is another expression."""
    inner = text[1:-1].strip()
    if not inner.startswith("find"):
        return None
    found: dict[str, str] = {}
    done = len("find")
    while inner[done:].strip():
        word = _WORD.match(inner, done)
        if word is None or word["key"] is None:
            return None
        found[word["key"]] = unquoted(word["value"])
        done = word.end()
    # "set [ find ]" is about whatever there is.
    return found or {"": ""}


def unquoted(text: str) -> str:
    """A value without its quotes and escapes."""
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        text = text[1:-1]
    return _ESCAPE.sub(_unescaped, text) if "\\" in text else text


def _unescaped(match: re.Match[str]) -> str:
    if match[1]:
        return bytes.fromhex(match[1].replace("\\", "")).decode("utf-8", errors="replace")
    return _PLAIN_ESCAPES.get(match[2], match[2])

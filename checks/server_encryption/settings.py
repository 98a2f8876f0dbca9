"""Reads ``linux_web.sh``: which web servers run, and the directives of their settings."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from assessor.api import Record, records

LOOPBACK = re.compile(r"(127(\.[0-9]{1,3}){3}|\[?::1\]?|localhost|unix:.*|/.*)\Z")
MOST_FILES = 300
"""The script prints no more files of one server than this."""


KNOWN = ("nginx", "apache", "caddy", "haproxy")
PLACES = ("host", "container")
DEEPEST = 10
"""Settings that include each other deeper than this are not followed."""


class UnseenError(Exception):
    """A file of settings was not printed, or is not understood; says which."""


@dataclass(slots=True)
class Node:
    """A directive; a block where ``children`` is not ``None``."""

    words: tuple[str, ...]
    children: list[Node] | None = None

    @property
    def name(self) -> str:
        """Its name in small letters."""
        return self.words[0].lower()


@dataclass(slots=True)
class Settings:
    """The settings of one server.

    Attributes:
        files: the printed lines by path; a file without a line of interest has none.
        main: files that its command line names.
        defined: what its command line defines (Apache's ``-D``).
        unreadable: files and folders that are closed to this user.
    """

    files: dict[str, list[str]] = field(default_factory=dict)
    main: list[str] = field(default_factory=list)
    defined: set[str] = field(default_factory=set)
    unreadable: list[str] = field(default_factory=list)

    def matching(self, pattern: str, base: str) -> list[str]:
        """The files that an include of ``pattern`` takes in, in their order.

        A pattern may fit nothing, but only where all the files that it could fit were looked at.

        Raises:
            UnseenError: the file, or a file that would fit, was not seen.
        """
        whole = posixpath.normpath(posixpath.join(base, pattern))
        if whole in self.files:
            return [whole]
        parts = whole.count("/")
        if not re.search(r"[*?\[]", whole) or not whole.startswith(f"{base}/"):
            raise UnseenError(whole)
        closed = [p for p in self.unreadable if fnmatchcase(p, whole) or whole.startswith(f"{p}/")]
        # What is not switched on is left out by the script, and folders below the third level.
        if closed or "-available/" in whole or parts - base.count("/") > 3:
            raise UnseenError((closed or [whole])[0])
        return sorted(p for p in self.files if p.count("/") == parts and fnmatchcase(p, whole))


@dataclass(frozen=True, slots=True)
class Web:
    """What the script saw.

    Attributes:
        running: servers that run on this machine itself, with their settings.
        contained: servers that run in a container.
        others: servers of which this check knows no more than the name.
        hidden: other users' processes cannot be seen.
    """

    running: Mapping[str, Settings]
    contained: tuple[str, ...]
    others: tuple[str, ...]
    installed: tuple[str, ...]
    hidden: bool


def read_web(output: str) -> Web | None:
    """What the script saw; ``None`` when its output is not whole or has a line of another form."""
    found = records(output)
    if found is None or not {kind for kind, _ in found} <= _KINDS:
        return None
    files = _files(found)
    if files is None:
        return None

    def texts(kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(text for each, text in found if each == kind))

    def of(kind: str, name: str) -> list[str]:
        return [text[len(name) + 1 :] for text in texts(kind) if text.startswith(f"{name} ")]

    servers = [text.partition(" ") for text in texts("process")]
    if any(name not in KNOWN or place not in PLACES for name, _, place in servers):
        return None
    return Web(
        running={
            name: Settings(
                files=files.get(name, {}),
                main=of("settings", name),
                defined=set(of("defined", name)),
                unreadable=list(texts("unreadable")),
            )
            for name, _, place in servers
            if place == "host"
        },
        contained=tuple(name for name, _, place in servers if place != "host"),
        others=texts("other"),
        installed=texts("installed"),
        hidden=("processes", "hidden") in found,
    )


_KINDS = frozenset(
    {"process", "processes", "settings", "defined", "other", "installed", "unreadable"}
    | {"seen", "file", "|"}
)


def _files(found: Iterable[Record]) -> dict[str, dict[str, list[str]]] | None:
    """The printed lines of each file, by server; ``None`` where a line belongs to no file."""
    files: dict[str, dict[str, list[str]]] = {}
    kinds: dict[str, str] = {}
    current: list[str] | None = None
    for kind, text in found:
        if kind == "seen":
            name, _, path = text.partition(" ")
            kinds[path] = name
            files.setdefault(name, {})[path] = []
        elif kind == "file" and text in kinds:
            current = files[kinds[text]][text]
            current.clear()
        elif kind == "|" and current is not None:
            current.append(text)
        elif kind in ("file", "|"):
            return None
    return files


def tree(lines: list[str], separator: str) -> list[Node] | None:
    """The directives of one file; ``None`` where its blocks do not close."""
    root: list[Node] = []
    stack = [root]
    for line in lines:
        mark, _, text = line.partition(" ")
        words = tuple(word for word in text.split(separator) if word) or ("",)
        if mark == "d":
            stack[-1].append(Node(words))
        elif mark == "b":
            inside: list[Node] = []
            stack[-1].append(Node(words, inside))
            stack.append(inside)
        elif mark == "e" and len(stack) > 1:
            stack.pop()
        else:
            return None
    return root if len(stack) == 1 else None

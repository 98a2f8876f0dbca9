"""After how long an idle shell ends by itself: ``TMOUT``, as the start-up files of shells set it.

bash(1), ksh(1) and zsh(1) end a shell that waits longer than ``TMOUT`` seconds for a line, and so
does busybox where it was built to. dash and fish do not. A user can take the limit away unless it
is read-only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from assessor.api import Record

_PROFILE = re.compile(r"/etc/profile(\.d/.*)?")
_BASHRC = ("/etc/bash.bashrc", "/etc/bash/bashrc", "/etc/bashrc")
_ZSH = re.compile(r"/etc/(zsh/)?z(shenv|profile|shrc|login)")
_OBEY = frozenset({"ksh", "ksh93", "mksh", "lksh"})
_BUSYBOX = frozenset({"ash", "busybox", "busybox-static"})
_IGNORE = frozenset({"dash", "fish"})
_DECLARE = re.compile(r"(readonly|export|declare|typeset|local)\b((?: +-[A-Za-z]+)*)(.*)")
_VALUE = re.compile(r"""TMOUT=(?:(\d{1,9})|"(\d{1,9})"|'(\d{1,9})')?\Z""")


@dataclass(frozen=True, slots=True)
class Limit:
    """What a shell's start-up files make of ``TMOUT``.

    Attributes:
        seconds: ``None`` where it is not set; 0 means no limit.
        fixed: it is read-only.
        file: the file that sets it.
        unclear: a file that sets it under a condition, or in a way that was not understood.
    """

    seconds: int | None = None
    fixed: bool = False
    file: str = ""
    unclear: str = ""


class Kind(StrEnum):
    """Which start-up files an account's shell reads."""

    PROFILE = "profile"
    BASH = "bash"
    ZSH = "zsh"
    NEVER = "never"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Account:
    """An account that can have a shell."""

    name: str
    shell: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Shells:
    """The shells of this machine.

    Attributes:
        limits: by the kind of shell.
        unreadable: start-up files that could not be read.
        directory: there are accounts of a directory service, which are not seen.
    """

    accounts: tuple[Account, ...]
    limits: dict[Kind, Limit]
    unreadable: tuple[str, ...]
    directory: bool

    def limit(self, account: Account) -> Limit:
        """What ends the shell of ``account``."""
        return self.limits.get(account.kind, Limit())


def read_shells(found: Sequence[Record]) -> Shells:
    """The shells as ``linux_shells.sh`` prints them."""
    files: dict[str, list[tuple[str, str]]] = {}
    reads: dict[str, set[str]] = {}
    path = ""
    link = busybox = ""
    for kind, text in found:
        if kind == "file":
            path = text
            files[path] = []
        elif kind == "tmout":
            condition, _, line = text.partition(" ")
            files.setdefault(path, []).append((condition, line))
        elif kind == "reads":
            reads.setdefault(path, set()).add(text)
        elif kind == "sh":
            link = text
        elif kind == "busybox":
            busybox = text
    at_log_in = reads.get("/etc/profile", set())
    profile = [
        name
        for name in files
        if _PROFILE.fullmatch(name) and (name == "/etc/profile" or "profile.d" in at_log_in)
    ]
    bash = [*profile, *(name for name in _BASHRC if name in files and "bashrc" in at_log_in)]
    zsh = [name for name in files if _ZSH.fullmatch(name)]
    return Shells(
        accounts=tuple(
            _account(text, link, busybox)
            for kind, text in found
            if kind == "account" and " " in text
        ),
        limits={
            Kind.PROFILE: _limit(profile, files),
            Kind.BASH: _limit(bash, files),
            Kind.ZSH: _limit(zsh, files),
        },
        unreadable=tuple(text for kind, text in found if kind == "unreadable"),
        directory=any(kind == "directory" for kind, _ in found),
    )


def _account(text: str, link: str, busybox: str) -> Account:
    name, _, shell = text.partition(" ")
    program = shell.rpartition("/")[2]
    if program == "sh":
        program = link.rpartition("/")[2]
    if program in ("bash", "rbash"):
        kind = Kind.BASH
    elif program in _OBEY:
        kind = Kind.PROFILE
    elif program == "zsh":
        kind = Kind.ZSH
    elif program in _BUSYBOX:
        kind = {"obeys": Kind.PROFILE, "ignores": Kind.NEVER}.get(busybox, Kind.UNKNOWN)
    else:
        kind = Kind.NEVER if program in _IGNORE else Kind.UNKNOWN
    return Account(name, shell, kind)


def _limit(order: Iterable[str], files: dict[str, list[tuple[str, str]]]) -> Limit:
    """The lines of ``order`` one after another; what is read-only stays."""
    limit = Limit()
    for path in order:
        for condition, line in files[path]:
            if limit.fixed:
                return limit
            if condition != "plain":
                return Limit(unclear=path)
            for statement in line.split(";"):
                after = _after(limit, statement.strip(), path)
                if after is None:
                    return Limit(unclear=path)
                limit = after
                if limit.fixed:
                    break
    return limit


def _after(limit: Limit, statement: str, path: str) -> Limit | None:
    """The limit after one statement; ``None`` when it is not understood."""
    if "TMOUT" not in statement:
        return limit
    if re.fullmatch(r"unset +(-v +)?TMOUT", statement):
        return Limit()
    flags, words = "", statement
    declared = _DECLARE.fullmatch(statement)
    if declared is not None:
        flags = "r" if declared[1] == "readonly" else declared[2]
        words = declared[3]
    value = limit.seconds
    file = limit.file
    for word in words.split():
        if word == "TMOUT" and declared is not None:
            continue
        if word.startswith("TMOUT="):
            found = _VALUE.match(word)
            if found is None:
                return None
            value = int(found[1] or found[2] or found[3] or 0)
            file = path
        elif "TMOUT" in word:
            return None
    return Limit(value, "r" in flags, file)

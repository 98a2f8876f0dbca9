"""The settings of sshd: what ``sshd -T`` says, and what the configuration files say.

``sshd -T`` gives the settings outside every Match block. What Match blocks change stands only in
the files. Where rights are lacking for ``sshd -T``, the files over sshd's own defaults give the
same picture, but nothing to build a ``pass`` on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assessor.api import Record

Values = Mapping[str, str]
"""Values by keyword in small letters; a repeated keyword's values are joined by a space."""

YES_NO = ("yes", "no")
METHODS = frozenset(
    {"publickey", "password", "keyboard-interactive", "hostbased", "gssapi-with-mic", "none"}
)

_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "usepam": YES_NO,
    "pubkeyauthentication": YES_NO,
    "passwordauthentication": YES_NO,
    "kbdinteractiveauthentication": YES_NO,
    "permitemptypasswords": YES_NO,
    "hostbasedauthentication": YES_NO,
    "gssapiauthentication": YES_NO,
    "permitrootlogin": ("yes", "no", "prohibit-password", "forced-commands-only"),
    "pubkeyauthoptions": (
        "none",
        "touch-required",
        "verify-required",
        "touch-required verify-required",
    ),
}

_ALIASES: Mapping[str, str] = {
    "challengeresponseauthentication": "kbdinteractiveauthentication",
    "skeyauthentication": "kbdinteractiveauthentication",
    "pubkeyacceptedkeytypes": "pubkeyacceptedalgorithms",
}

_ALWAYS_SHOWN = frozenset(
    {
        "port",
        "usepam",
        "pubkeyauthentication",
        "passwordauthentication",
        "kbdinteractiveauthentication",
        "permitemptypasswords",
        "hostbasedauthentication",
        "permitrootlogin",
        "authenticationmethods",
        "rekeylimit",
        "permitopen",
    }
)
# From OpenSSH 8.5 on, these two are among the last lines: without them the output was cut off.
_SHOWN_SINCE_8_5 = frozenset({"permitlisten", "pubkeyauthoptions"})

_REPEATABLE = frozenset(
    {
        "port",
        "listenaddress",
        "hostkey",
        "acceptenv",
        "subsystem",
        "setenv",
        "allowusers",
        "denyusers",
        "allowgroups",
        "denygroups",
        "hostcertificate",
        "logverbose",
        "persourcepenalties",
    }
)

# sshd_config(5), for what the files leave out. PermitRootLogin since OpenSSH 7.0 (2015).
DEFAULTS: Values = {
    "port": "22",
    "usepam": "no",
    "pubkeyauthentication": "yes",
    "passwordauthentication": "yes",
    "kbdinteractiveauthentication": "yes",
    "permitemptypasswords": "no",
    "hostbasedauthentication": "no",
    "gssapiauthentication": "no",
    "permitrootlogin": "prohibit-password",
    "authenticationmethods": "any",
    "pubkeyauthoptions": "none",
}

CONDITIONAL = frozenset(
    {
        "pubkeyauthentication",
        "passwordauthentication",
        "kbdinteractiveauthentication",
        "permitemptypasswords",
        "hostbasedauthentication",
        "gssapiauthentication",
        "permitrootlogin",
        "authenticationmethods",
        "pubkeyauthoptions",
        "pubkeyacceptedalgorithms",
        "authorizedkeysfile",
        "authorizedkeyscommand",
        "trustedusercakeys",
        "allowusers",
        "denyusers",
        "allowgroups",
        "denygroups",
        "forcecommand",
        "allowtcpforwarding",
        "permittunnel",
    }
)
"""What a Match block may set that bears on how someone logs in."""


@dataclass(frozen=True, slots=True)
class Block:
    """A Match block.

    Attributes:
        label: its conditions as the file says them.
        criteria: each condition's name in small letters, with its patterns.
        values: what it sets, of ``CONDITIONAL``.
    """

    label: str
    criteria: tuple[tuple[str, tuple[str, ...]], ...]
    values: Values


@dataclass(frozen=True, slots=True)
class Files:
    """What the configuration files say.

    Attributes:
        values: the settings outside Match blocks; the first one of a keyword counts.
        blocks: the Match blocks, in order, that bear on logging in.
        unread: files or lines that could not be read or understood.
    """

    values: Values
    blocks: tuple[Block, ...]
    unread: tuple[str, ...]


_KEYWORD = re.compile(r"[a-z][a-z0-9]+")


def effective(output: str) -> Values | None:
    """The settings that ``sshd -T`` prints; ``None`` when they are incomplete or damaged."""
    found: dict[str, str] = {}
    for line in output.removesuffix("\n").split("\n"):
        keyword, _, value = line.partition(" ")
        if not _KEYWORD.fullmatch(keyword):
            return None
        if keyword not in found:
            found[keyword] = value
        elif keyword in _REPEATABLE:
            found[keyword] = f"{found[keyword]} {value}"
        else:
            return None
    if "pubkeyacceptedalgorithms" in found and not found.keys() >= _SHOWN_SINCE_8_5:
        return None
    # Before OpenSSH 8.7 these were two settings, and either one turned the method on (sshd.c).
    old = found.pop("challengeresponseauthentication", "no")
    if old == "yes":
        found["kbdinteractiveauthentication"] = "yes"
    if "pubkeyacceptedkeytypes" in found:
        found["pubkeyacceptedalgorithms"] = found.pop("pubkeyacceptedkeytypes")
    return _normal(found) if found.keys() >= _ALWAYS_SHOWN else None


def _normal(values: dict[str, str]) -> Values | None:
    """The values in one spelling; ``None`` when one is not of its kind."""
    normal = dict(values)
    for keyword, allowed in _ALLOWED.items():
        if keyword not in normal:
            continue
        value = normal[keyword].strip().lower()
        if keyword == "permitrootlogin" and value == "without-password":
            value = "prohibit-password"
        if keyword == "pubkeyauthoptions":
            value = " ".join(sorted(value.replace(",", " ").split()))
        if value not in allowed:
            return None
        normal[keyword] = value
    methods = normal.get("authenticationmethods", "any")
    if methods != "any":
        for item in methods.replace(",", " ").split():
            if item.partition(":")[0] not in METHODS:
                return None
        if not methods.split():
            return None
    return normal


def from_script(found: tuple[Record, ...]) -> Files | None:
    """The configuration as ``sshd_config.sh`` prints it; ``None`` when there is none."""
    reader = _Reader()
    for kind, text in found:
        match kind:
            case "file":
                reader.enter()
            case "|":
                reader.line(text)
            case "leave":
                reader.leave()
            case "unreadable":
                reader.unread.append(text)
            case "absent":
                pass
            case _:
                reader.unread.append(f"{kind} {text}")
    if not any(kind == "file" for kind, _ in found):
        reader.unread.append("/etc/ssh/sshd_config")
    return reader.files()


_GREP_LINE = re.compile(r"(/[^:\n]+):[0-9]+:(.*)")
_MAIN = "/etc/ssh/sshd_config"
_FOLDER = "/etc/ssh/sshd_config.d/"
_LAST = "/proc/sys/kernel/ostype"
_HARMLESS_INCLUDES = frozenset(
    {
        "/etc/ssh/sshd_config.d/*.conf",
        "sshd_config.d/*.conf",
        # Red Hat's list of ciphers: says nothing on who may log in.
        "/etc/crypto-policies/back-ends/opensshserver.config",
    }
)


def from_grep(output: str) -> Files | None:
    """The configuration as ``grep -Rn`` prints it, for hosts that close it to users.

    The order among files is not sshd's, so the settings outside Match blocks are left out.
    ``None`` when the main file is not among the lines, a line is not understood, or the last file
    that grep was given is missing, so that more may be.
    """
    by_path: dict[str, list[str]] = {}
    for line in output.removesuffix("\n").split("\n"):
        found = _GREP_LINE.fullmatch(line)
        if found is None:
            return None
        by_path.setdefault(found[1], []).append(found[2])
    if _MAIN not in by_path or by_path.pop(_LAST, None) != ["Linux"]:
        return None
    reader = _Reader()
    for path, lines in by_path.items():
        if path.startswith(_FOLDER) and not path.endswith(".conf"):
            continue
        reader.enter()
        for text in lines:
            keyword, words = _words(text)
            if keyword == "include":
                reader.unread += [word for word in words if word not in _HARMLESS_INCLUDES]
            reader.line(text)
        reader.leave()
    files = reader.files()
    return Files({}, files.blocks, files.unread)


class _Reader:
    """Sorts lines into settings and Match blocks. A block ends with its file."""

    def __init__(self) -> None:
        self.unread: list[str] = []
        self._global: dict[str, str] = {}
        self._blocks: list[tuple[str, tuple[tuple[str, tuple[str, ...]], ...], dict[str, str]]] = []
        self._open: list[dict[str, str] | None] = []

    def enter(self) -> None:
        # A file that is included within a block is part of that block.
        self._open.append(self._open[-1] if self._open else None)

    def leave(self) -> None:
        if self._open:
            self._open.pop()

    def line(self, text: str) -> None:
        keyword, words = _words(text)
        if not keyword or not self._open:
            return
        if keyword == "match":
            self._match(words)
            return
        keyword = _ALIASES.get(keyword, keyword)
        inside = self._open[-1]
        target = self._global if inside is None else inside
        value = " ".join(words)
        if keyword in ("allowusers", "denyusers", "allowgroups", "denygroups", "port"):
            target[keyword] = f"{target.get(keyword, '')} {value}".strip()
        else:
            target.setdefault(keyword, value)

    def _match(self, words: tuple[str, ...]) -> None:
        criteria: list[tuple[str, tuple[str, ...]]] = []
        rest = list(words)
        while rest:
            name = rest.pop(0).lower()
            if "=" in name:
                name, _, pattern = name.partition("=")
                rest.insert(0, pattern)
            if name in ("all", "invalid-user"):
                criteria.append((name, ()))
            elif rest:
                criteria.append((name, tuple(rest.pop(0).split(","))))
            else:
                self.unread.append("Match " + " ".join(words))
        values: dict[str, str] = {}
        self._blocks.append((" ".join(words), tuple(criteria), values))
        self._open[-1] = values

    def files(self) -> Files:
        blocks = []
        unread = list(self.unread)
        for label, criteria, values in self._blocks:
            relevant = _normal({k: v for k, v in values.items() if k in CONDITIONAL})
            if relevant is None:
                unread.append(f"Match {label}")
            elif relevant:
                blocks.append(Block(label, criteria, relevant))
        outside = _normal(self._global)
        if outside is None:
            unread.append("sshd_config")
        return Files(outside or {}, tuple(blocks), tuple(dict.fromkeys(unread)))


_LINE = re.compile(r'("?)([A-Za-z0-9]+)\1\s*=?\s*(.*)')
_WORD = re.compile(r'"([^"]*)"|(\S+)')


def _words(text: str) -> tuple[str, tuple[str, ...]]:
    """The keyword of a line in small letters, and its arguments without quotes and comment."""
    stripped = text.strip()
    if not stripped or stripped.startswith("#"):
        return "", ()
    found = _LINE.match(stripped)
    if found is None:
        return "", ()
    words: list[str] = []
    for quoted, plain in _WORD.findall(found[3]):
        if plain.startswith("#"):
            break
        words.append(quoted or plain)
    return found[2].lower(), tuple(words)

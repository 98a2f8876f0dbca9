r"""The grammar of UCI: configuration files, ``uci export`` and ``uci show``.

::

    package firewall

    config zone 'wan'
            option input 'REJECT'
            list network 'wan'

A word may hold parts in single quotes (in which nothing is special), in double quotes and outside
(in both of which a backslash takes the next character as it is); ``#`` begins a comment. So
``'it'\''s'`` is one word. Source: libuci, ``file.c`` (``uci_parse_line``, ``parse_str``), and
``cli.c`` (``uci_show_value``) for the form ``firewall.wan.input='REJECT'``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from assessor.model.answers import UnparsedError

_PLAIN = re.compile(r"[ \t]*+(option|list)[ \t]+([\w.-]+)[ \t]+'([^'\n]*)'[ \t]*")
_NAME = re.compile(r"[\w-]{1,200}")
_OPTION = re.compile(r"[\w.-]{1,200}")
_SHOWN = re.compile(
    r"(?P<package>[\w-]+)\.(?P<section>@?[\w-]+(?:\[-?\d+\])?)(?:\.(?P<option>[\w.-]+))?="
)
_HEADING = re.compile(r"==> (?:\S*/)?([\w-]+) <==")
_KEYWORDS = {"p": "package", "c": "config", "o": "option", "l": "list"}
_TRUE = frozenset({"1", "on", "true", "yes", "enabled"})
_FALSE = frozenset({"0", "off", "false", "no", "disabled"})
_GENERATED = re.compile(r"cfg[0-9a-f]{6,8}")

# Which package a section of a bare file belongs to; a file of /etc/config does not name itself.
_PACKAGE_OF = {
    **dict.fromkeys(("defaults", "zone", "forwarding", "redirect", "nat", "ipset"), "firewall"),
    **dict.fromkeys(("interface", "globals", "device", "switch", "switch_vlan"), "network"),
    **dict.fromkeys(("bridge-vlan", "route", "route6", "alias"), "network"),
    **dict.fromkeys(("wifi-device", "wifi-iface", "wifi-station", "wifi-vlan"), "wireless"),
    **dict.fromkeys(("system", "timeserver", "led"), "system"),
    **dict.fromkeys(("dnsmasq", "dhcp", "odhcpd"), "dhcp"),
    **dict.fromkeys(("rpcd", "login"), "rpcd"),
    **dict.fromkeys(("com2sec", "com2sec6", "agent", "access"), "snmpd"),
    **dict.fromkeys(("upnpd", "perm_rule"), "upnpd"),
    **{name: name for name in ("dropbear", "uhttpd", "openvpn")},
}


@dataclass(slots=True)
class Section:
    """A section with its options; a value of several words is a list.

    Attributes:
        name: empty for one without a name of its own.
        index: its place among the sections of its type, from 0.
    """

    package: str
    type: str
    name: str
    index: int
    options: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """How people find it."""
        return self.options.get("name", ("",))[0] or self.key

    @property
    def key(self) -> str:
        """How ``uci`` names it; the same in every run as long as none before it goes away."""
        return self.name or f"@{self.type}[{self.index}]"

    def get(self, option: str, otherwise: str = "") -> str:
        """The value of an option; of a list the first."""
        values = self.options.get(option, ())
        return values[0] if values else otherwise

    def words(self, option: str) -> tuple[str, ...]:
        """The words of an option or list: both stand for the same in UCI."""
        return tuple(word for value in self.options.get(option, ()) for word in value.split())

    def flag(self, option: str, otherwise: bool = False) -> bool | None:
        """A boolean; ``None`` where it is set to something that is none."""
        value = self.get(option).lower()
        if not value:
            return otherwise
        return True if value in _TRUE else False if value in _FALSE else None


Packages = Mapping[str, list[Section]]


class _Builder:
    """Collects sections; a named one that comes again adds to the first, as in UCI."""

    def __init__(self, package: str) -> None:
        self.packages: dict[str, list[Section]] = {}
        self.package = package
        self.fixed = bool(package)
        self.section: Section | None = None
        self._counts: dict[tuple[str, str], int] = {}
        self._named: dict[tuple[str, str], Section] = {}

    def enter(self, package: str) -> None:
        self.package, self.section, self.fixed = package, None, True
        self.packages.setdefault(package, [])

    def config(self, kind: str, name: str) -> None:
        package = self.package
        if not self.fixed:
            package = self.package = _guessed(kind, self.package)
        known = self._named.get((package, name)) if name else None
        if known is not None:
            if known.type != kind:
                raise UnparsedError(f"{name[:60]} is of two types")
            self.section = known
            return
        index = self._counts.get((package, kind), 0)
        self._counts[package, kind] = index + 1
        self.section = Section(package, kind, name, index)
        if name:
            self._named[package, name] = self.section
        self.packages.setdefault(package, []).append(self.section)

    def option(self, name: str, value: str, adds: bool) -> None:
        if self.section is None:
            raise UnparsedError("an option outside of a section")
        before = self.section.options.get(name, ()) if adds else ()
        self.section.options[name] = (*before, value)


def _guessed(kind: str, current: str) -> str:
    if kind.startswith("wireguard_"):
        return "network"
    if kind in {"rule", "include"}:
        # Both packages have rules; those of the firewall are the ones that files are about.
        return current if current in {"firewall", "network"} else "firewall"
    return _PACKAGE_OF.get(kind, current)


def read_uci(text: str, package: str = "") -> Packages:
    """The sections of a text, by package.

    Args:
        text: one package, or several with their names.
        package: the one that the text is of, where it does not say so itself.

    Raises:
        UnparsedError: it is not UCI, or is cut off.
    """
    builder = _Builder(package)
    if package:
        builder.packages[package] = []
    first = next((line for line in text.split("\n") if line.strip()), "")
    if _SHOWN.match(first):
        _read_shown(text, builder)
    else:
        _read_lines(text, builder)
    return builder.packages


def _read_lines(text: str, builder: _Builder) -> None:
    end, at = len(text), 0
    while at < end:
        if match := _PLAIN.match(text, at):
            after = match.end()
            if after == end or text[after] == "\n":
                builder.option(match[2], match[3], match[1] == "list")
                at = after + 1
                continue
        if match := _HEADING.match(text, at):
            builder.enter(match[1])
            at = text.find("\n", at) + 1 or end
            continue
        words, at = _command(text, at)
        if words:
            _obey(words, builder)


def _obey(words: list[str], builder: _Builder) -> None:
    keyword = _KEYWORDS.get(words[0], words[0])
    match keyword, words[1:]:
        case "package", [name] if _NAME.fullmatch(name):
            builder.enter(name)
        case "config", [kind] if _NAME.fullmatch(kind):
            builder.config(kind, "")
        case "config", [kind, name] if _NAME.fullmatch(kind) and _NAME.fullmatch(name or "x"):
            builder.config(kind, name)
        case (("option" | "list"), [name, value]) if _OPTION.fullmatch(name):
            builder.option(name, value, keyword == "list")
        case "option", [name] if _OPTION.fullmatch(name):
            builder.option(name, "", False)
        case _:
            raise UnparsedError(f"no line of UCI: {' '.join(words)[:60]}")


def _command(text: str, at: int) -> tuple[list[str], int]:
    """The words of the command that begins at ``at``, and where the next one begins."""
    words: list[str] = []
    end = len(text)
    while at < end:
        letter = text[at]
        if letter in "\n;":
            return words, at + 1
        if letter == "#":
            at = text.find("\n", at)
            return words, end if at < 0 else at + 1
        if letter.isspace():
            at += 1
            continue
        word, at = _word(text, at)
        words.append(word)
    return words, end


_BARE = re.compile(r"[^\s'\"\\;#]+")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\[\s\S])*)"')
_ESCAPED = re.compile(r"\\([\s\S])")


def _word(text: str, at: int) -> tuple[str, int]:
    parts: list[str] = []
    end = len(text)
    while at < end:
        letter = text[at]
        if letter == "'":
            close = text.find("'", at + 1)
            if close < 0:
                raise UnparsedError("cut off inside a quotation")
            parts.append(text[at + 1 : close])
            at = close + 1
        elif letter == '"':
            match = _DOUBLE.match(text, at)
            if match is None:
                raise UnparsedError("cut off inside a quotation")
            parts.append(_ESCAPED.sub(lambda one: one[1].strip("\n"), match[1]))
            at = match.end()
        elif letter == "\\":
            parts.append(text[at + 1 : at + 2].strip("\n"))
            at += 2
        elif match := _BARE.match(text, at):
            parts.append(match[0])
            at = match.end()
        else:
            break  # white space, ";" or "#"
    return "".join(parts), min(at, end)


def _read_shown(text: str, builder: _Builder) -> None:
    sections: dict[tuple[str, str], None] = {}
    for line in _whole(text):
        match = _SHOWN.match(line)
        if match is None:
            raise UnparsedError(f"no line of uci show: {line[:60]}")
        place = (match["package"], match["section"])
        builder.package, builder.fixed = match["package"], True
        values = _values(line[match.end() :])
        if match["option"] is None:
            name = place[1]
            own = "" if name.startswith("@") or _GENERATED.fullmatch(name) else name
            if place in sections or len(values) != 1 or not _NAME.fullmatch(values[0]):
                raise UnparsedError(f"no line of uci show: {line[:60]}")
            sections[place] = None
            builder.config(values[0], own)
        elif place not in sections:
            raise UnparsedError("an option outside of a section")
        else:
            for number, value in enumerate(values):
                builder.option(match["option"], value, number > 0)


def _whole(text: str) -> Iterator[str]:
    """Lines, those joined again that a quotation spans."""
    held: list[str] = []
    odd = False
    for line in text.split("\n"):
        held.append(line)
        odd ^= line.replace("'\\''", "").count("'") % 2 == 1
        if not odd:
            whole = "\n".join(held)
            held.clear()
            if whole.strip():
                yield whole
    if odd:
        raise UnparsedError("cut off inside a quotation")


def _values(text: str) -> list[str]:
    if not text.startswith(("'", '"')):
        return [text.rstrip("\r")]  # before 2014 nothing was quoted
    words, _ = _command(text, 0)
    return words

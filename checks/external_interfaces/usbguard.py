"""Reads the settings and rules of USBGuard: usbguard-daemon.conf(5), usbguard-rules.conf(5)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_LINE = re.compile(r"(/[^:\n]+):([0-9]{1,6}):(.*)")
_COUNT = re.compile(r"(/[^:\n]+):([0-9]{1,6})")
_CONFIG = "/etc/usbguard/usbguard-daemon.conf"
_RULES = "/etc/usbguard/rules.conf"
_FOLDER = "/etc/usbguard/rules.d/"
_LAST = "/proc/sys/kernel/ostype"
_STORAGE_CLASS = "08"
_INTERFACE = re.compile(
    r"(?<![\w*])([0-9a-fA-F]{2}|\*):(?:[0-9a-fA-F]{2}|\*):(?:[0-9a-fA-F]{2}|\*)"
)
_ALL_TARGETS = frozenset({"allow", "block", "reject"})


class Width(StrEnum):
    """How many devices an ``allow`` rule lets in."""

    NAMED = "named"
    """Devices that the rule names, by id, serial number or hash."""
    OTHER = "other"
    """Any device of kinds that are no storage."""
    WIDE = "wide"
    """Any storage device."""
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Policy:
    """What USBGuard does with a device that is plugged in.

    Attributes:
        implicit: what becomes of a device that no rule names.
        inserted: what becomes of a device that is plugged in; ``apply-policy`` looks at the rules.
        wide: rules that let any storage device in.
        unclear: rules, lines or files that were not understood.
        groups: groups, other than root, whose members may let devices in.
    """

    implicit: str
    inserted: str
    wide: tuple[str, ...]
    unclear: tuple[str, ...]
    groups: tuple[str, ...]

    @property
    def refuses(self) -> bool:
        """Whether a device that nobody named is kept out."""
        if self.inserted in ("block", "reject"):
            return True
        return (
            self.inserted == "apply-policy"
            and self.implicit in ("block", "reject")
            and not self.wide
            and not self.unclear
        )


def read_policy(output: str, counts: str) -> Policy | None:
    """The policy as ``grep -Rnv`` prints the lines of its files, and ``grep -Rcv`` their number.

    ``None`` when the two differ: a rule that is missing could be the one that lets everything in.
    """
    by_path = _numbered(output)
    expected = _counted(counts)
    if by_path is None or expected is None:
        return None
    if {path: len(lines) for path, lines in by_path.items()} != expected:
        return None
    if _CONFIG not in by_path or by_path.pop(_LAST, None) != ["Linux"]:
        return None
    settings = dict(_settings(by_path.pop(_CONFIG)))
    unclear = []
    if settings.get("RuleFile", _RULES) != _RULES:
        unclear.append(settings["RuleFile"])
    if settings.get("RuleFolder", _FOLDER).rstrip("/") != _FOLDER.rstrip("/"):
        unclear.append(settings["RuleFolder"])
    wide = []
    for path, lines in sorted(by_path.items(), key=lambda item: (item[0] != _RULES, item[0])):
        if path == _RULES or path.startswith(_FOLDER):
            found_wide, not_clear = _judge(lines)
            wide += found_wide
            unclear += not_clear
    groups = settings.get("IPCAllowedGroups", "").split()
    return Policy(
        implicit=settings.get("ImplicitPolicyTarget", "block"),
        inserted=settings.get("InsertedDevicePolicy", "apply-policy"),
        wide=tuple(wide),
        unclear=tuple(unclear),
        groups=tuple(group for group in groups if group != "root"),
    )


def _numbered(output: str) -> dict[str, list[str]] | None:
    """Each file's lines; ``None`` when a number is missing."""
    by_path: dict[str, list[str]] = {}
    for line in output.removesuffix("\n").split("\n"):
        found = _LINE.fullmatch(line)
        if found is None:
            return None
        lines = by_path.setdefault(found[1], [])
        lines.append(found[3])
        if len(lines) != int(found[2]):
            return None
    return by_path


def _counted(counts: str) -> dict[str, int] | None:
    """The number of lines of each file that has any; ``None`` when the end is missing."""
    expected: dict[str, int] = {}
    lines = counts.removesuffix("\n").split("\n")
    for line in lines:
        found = _COUNT.fullmatch(line)
        if found is None:
            return None
        if found[2] != "0":
            expected[found[1]] = int(found[2])
    return expected if lines[-1] == f"{_LAST}:1" else None


def _settings(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for line in lines:
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            yield name.strip(), value.strip()


def _judge(lines: Iterable[str]) -> tuple[list[str], list[str]]:
    """The rules that let any storage in, and those that were not understood."""
    wide: list[str] = []
    unclear: list[str] = []
    refused_before = False
    for line in lines:
        rule = line.strip()
        if not rule or rule.startswith("#"):
            continue
        target = rule.split(" ")[0]
        if target not in _ALL_TARGETS:
            unclear.append(rule)
        elif target != "allow":
            # An earlier rule may keep out what a later one lets in: that is not worked out.
            refused_before = True
        else:
            width = _width(rule)
            if width is Width.UNCLEAR or (width is Width.WIDE and refused_before):
                unclear.append(rule)
            elif width is Width.WIDE:
                wide.append(rule)
    return wide, unclear


def _width(rule: str) -> Width:
    """How many devices an ``allow`` rule lets in."""
    plain = re.sub(r'"(?:[^"\\]|\\.)*"', lambda text: '""' if text[0] == '""' else '"x"', rule)
    if plain.count('"') % 2:
        return Width.UNCLEAR
    if re.search(r" if\b", plain):
        return Width.UNCLEAR
    if re.search(r' hash "x"| serial "x"', plain):
        return Width.NAMED
    ids = re.search(r" id (\S+)", plain)
    if ids is not None:
        if re.fullmatch(r"[0-9a-fA-F]{4}:[0-9a-fA-F]{4}", ids[1]):
            return Width.NAMED
        if re.fullmatch(r"[0-9a-fA-F*]{1,4}:\*", ids[1]) is None:
            return Width.UNCLEAR
    elif re.search(r"\bid\b", plain):
        return Width.UNCLEAR
    interfaces = _INTERFACE.findall(plain)
    if interfaces and not {_STORAGE_CLASS, "*"}.intersection(interfaces):
        return Width.OTHER
    return Width.WIDE

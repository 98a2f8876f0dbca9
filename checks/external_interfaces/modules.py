"""Whether the driver for USB storage can be loaded.

By modprobe.d(5), the kernel's own list, and what is loaded or built in already.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from assessor.api import Record

STORAGE = "usb_storage"
_UAS = "uas"
_FIREWIRE = "firewire_ohci"
_NOTHING = re.compile(r"(?:/\S*/)?(?:false|true|nologin|:)(?:\s[^;&|`$]*)?")
"""A command in place of a module that loads nothing."""


class Tool(StrEnum):
    """Which modprobe loads modules: busybox's does not run ``install`` commands."""

    KMOD = "kmod"
    BUSYBOX = "busybox"
    NONE = "none"


_TOOLS = {tool.value: tool for tool in Tool}


@dataclass(frozen=True, slots=True)
class Modules:
    """The kernel's modules, as far as they bear on storage.

    Attributes:
        listed: the module lists of the running kernel: ``seen``, ``unseen`` or ``absent``.
        available: modules on disk: ``usb_storage`` and those that pull it in, ``firewire_ohci``.
        refused: modules that the kernel itself refuses (``module_blacklist=``).
        installs: commands in place of modules, by pattern; the first that fits counts.
        blacklisted: modules that are not loaded for a device by itself.
        unreadable: settings that could not be read.
    """

    loaded: frozenset[str]
    built_in: frozenset[str]
    listed: str
    available: frozenset[str]
    refused: frozenset[str]
    installs: tuple[tuple[str, str], ...]
    blacklisted: frozenset[str]
    unreadable: tuple[str, ...]
    tool: Tool

    def replaced(self, module: str) -> bool:
        """Whether ``install`` puts a command that does nothing in place of ``module``."""
        for pattern, command in self.installs:
            if fnmatchcase(module, pattern):
                return _NOTHING.fullmatch(command) is not None
        return False

    @property
    def pulling_in(self) -> frozenset[str]:
        """Modules that load the storage driver along: uas, and drivers for certain readers."""
        return self.available - {STORAGE, _FIREWIRE}

    @property
    def firewire(self) -> bool:
        """Whether FireWire works, or starts working as soon as something is plugged in."""
        if _FIREWIRE in self.loaded:
            return True
        blocked = self.replaced(_FIREWIRE) or _FIREWIRE in self.blacklisted | self.refused
        return _FIREWIRE in self.available and not blocked


class Driver(StrEnum):
    """What becomes of a USB stick that is plugged in, as far as the driver goes."""

    NONE = "none"
    """The kernel has no driver for it."""
    BLOCKED = "blocked"
    """The driver is never loaded."""
    UNLISTED = "unlisted"
    """The driver is not loaded for a device by itself (``blacklist``)."""
    PULLED_IN = "pulled_in"
    """As UNLISTED, but other drivers pull it in."""
    STILL_LOADED = "still_loaded"
    """Blocked, but loaded before that."""
    BUILT_IN = "built_in"
    OPEN = "open"
    UNSEEN = "unseen"


def driver(modules: Modules) -> Driver:
    """What becomes of the storage driver on this machine."""
    if STORAGE in modules.built_in:
        return Driver.BUILT_IN
    stopped = _stopped(modules)
    if stopped in (Driver.BLOCKED, Driver.UNLISTED) and STORAGE in modules.loaded:
        return Driver.STILL_LOADED
    if stopped is Driver.OPEN and STORAGE not in modules.loaded:
        if modules.unreadable:
            return Driver.UNSEEN
        if modules.listed == "seen" and STORAGE not in modules.available:
            return Driver.NONE
        if modules.listed != "seen":
            return Driver.UNSEEN
    return stopped


def _stopped(modules: Modules) -> Driver:
    if STORAGE in modules.refused:
        return Driver.BLOCKED
    if modules.unreadable:
        return Driver.OPEN
    if modules.replaced(STORAGE):
        return Driver.BLOCKED if modules.tool is Tool.KMOD else Driver.UNSEEN
    if STORAGE not in modules.blacklisted:
        return Driver.OPEN
    if modules.listed != "seen":
        return Driver.UNSEEN
    return Driver.PULLED_IN if still_pulled_in(modules) else Driver.UNLISTED


def still_pulled_in(modules: Modules) -> tuple[str, ...]:
    """The modules that load the storage driver along and are not blocked themselves."""
    free = [
        module
        for module in modules.pulling_in
        if module not in modules.blacklisted | modules.refused and not modules.replaced(module)
    ]
    return tuple(sorted(free))


def read_modules(found: Iterable[Record]) -> Modules:
    """The modules as ``linux_interfaces.sh`` prints them."""
    named: dict[str, list[str]] = {}
    files: dict[str, list[str]] = {}
    path = ""
    for kind, text in found:
        if kind == "in":
            path = text
        elif kind == "line":
            files.setdefault(path, []).append(text)
        else:
            named.setdefault(kind, []).append(text)
    installs, blacklisted = _settings(files, named.get("modprobe_file", []))
    refused: set[str] = set()
    for word in named.get("kernel", []):
        name, _, value = word.partition("=")
        names = {_name(module) for module in value.split(",")}
        if name == "module_blacklist":
            refused |= names
        elif name == "modprobe.blacklist":
            blacklisted |= names
    listed = named.get("modules", ["unseen"])[0]
    tool = named.get("modprobe", ["none"])[0]
    return Modules(
        loaded=_names(named, "loaded"),
        built_in=_names(named, "builtin"),
        listed=listed,
        available=_names(named, "driver"),
        refused=frozenset(refused),
        installs=installs,
        blacklisted=frozenset(blacklisted),
        unreadable=tuple(named.get("unreadable", [])),
        tool=_TOOLS.get(tool, Tool.NONE),
    )


def _settings(
    files: Mapping[str, list[str]], order: list[str]
) -> tuple[tuple[tuple[str, str], ...], set[str]]:
    """What the files of modprobe.d say: sorted by name, each name from its first folder."""
    by_name: dict[str, str] = {}
    for path in order:
        by_name.setdefault(path.rpartition("/")[2], path)
    installs: list[tuple[str, str]] = []
    blacklisted: set[str] = set()
    for _, path in sorted(by_name.items()):
        for line in files.get(path, []):
            keyword, _, rest = line.strip().partition(" ")
            module, _, command = rest.strip().partition(" ")
            if keyword == "install":
                installs.append((_name(module), command.strip()))
            elif keyword == "blacklist":
                blacklisted.add(_name(module))
    return tuple(installs), blacklisted


def _names(named: Mapping[str, list[str]], kind: str) -> frozenset[str]:
    return frozenset(_name(text) for text in named.get(kind, []))


def _name(module: str) -> str:
    """Modules' names with one kind of dash; modprobe.d(5) takes both."""
    return module.strip().replace("-", "_")

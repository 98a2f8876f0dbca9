"""KDE Plasma's lock: ``kscreenlockerrc``, as KConfig reads it.

Files of the system come first, a user's own file after that; what is marked ``[$i]`` (for an entry,
a group or the whole file) cannot be overridden by what comes after.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assessor.api import Outcome, Record

from .lock import Timing, judge_settings
from .people import People
from .verdict import Verdict

_DEFAULTS = {
    "Autolock": "true",
    "Timeout": "5",
    "LockGrace": "5",
    "Lock": "true",
    "RequirePassword": "true",
}
"""``kscreenlockersettings.kcfg``: minutes for Timeout, seconds for LockGrace."""
_MATTER = ("Autolock", "Timeout", "LockGrace", "RequirePassword")
_GROUP = "Daemon"
_TRUE = frozenset({"true", "on", "yes", "1"})
_FALSE = frozenset({"false", "off", "no", "0"})


@dataclass(frozen=True, slots=True)
class Kde:
    """The settings of this machine.

    Attributes:
        standard: for somebody who chose nothing.
        fixed: those that no user can change.
        own: of each person whose file, or the lack of one, was seen.
        unreadable: files of the system that could not be read.
    """

    standard: Mapping[str, str]
    fixed: frozenset[str]
    own: Mapping[str, Mapping[str, str]]
    unreadable: tuple[str, ...]


def judge_kde(seen: Kde, people: People, limit: int) -> Verdict:
    """What the settings come to."""
    desktop = "KDE Plasma"
    if seen.unreadable:
        return Verdict(Outcome.UNKNOWN, "settings_unread", {"files": seen.unreadable})
    standard = _timing(seen.standard)
    own = {name: _timing(values) for name, values in seen.own.items()}
    if standard is None or None in own.values():
        return Verdict(Outcome.UNKNOWN, "settings_unknown", {"desktop": desktop})
    known = {name: timing for name, timing in own.items() if timing is not None}
    free = tuple(name for name in _MATTER if name not in seen.fixed)
    return judge_settings(desktop, standard, free, known, people, limit)


def _timing(values: Mapping[str, str]) -> Timing | None:
    """When the screen locks; ``None`` where a value is not understood."""
    truths = [_truth(values[name]) for name in ("Autolock", "Lock", "RequirePassword")]
    timeout, grace = values["Timeout"], values["LockGrace"]
    if None in truths or not re.fullmatch(r"\d{1,6}", timeout):
        return None
    if not re.fullmatch(r"-?\d{1,6}", grace):
        return None
    if not all(truths) or int(timeout) == 0:
        return Timing(None)
    return Timing(int(timeout) * 60 + max(0, int(grace)))


def _truth(text: str) -> bool | None:
    word = text.strip().lower()
    if word in _TRUE:
        return True
    return False if word in _FALSE else None


def read_kde(found: Sequence[Record]) -> Kde:
    """The settings as ``linux_desktop.sh`` prints them."""
    system: list[list[str]] = []
    users: dict[str, list[str]] = {}
    current: list[str] = []
    for kind, text in found:
        if kind == "kde_file":
            whose = text.partition(" ")[0]
            current = []
            if whose == "system":
                system.append(current)
            else:
                users[whose.removeprefix("user:")] = current
        elif kind == "kde_default":
            users[text] = []
        elif kind == "kde":
            current.append(text)
    standard: dict[str, str] = dict(_DEFAULTS)
    fixed: set[str] = set()
    for lines in system:
        _merge(standard, fixed, lines)
    own = {}
    for name, lines in users.items():
        values = dict(standard)
        _merge(values, set(fixed), lines)
        own[name] = values
    unreadable = tuple(
        text for kind, text in found if kind == "unreadable" and "kscreenlocker" in text
    )
    return Kde(standard, frozenset(fixed), own, unreadable)


def _merge(values: dict[str, str], fixed: set[str], lines: Iterable[str]) -> None:
    """Puts one file over what came before."""
    group, whole, rest = "", False, False
    before = frozenset(fixed)
    for line in lines:
        if line.startswith("["):
            names = re.findall(r"\[([^\]]*)\]", line)
            flags = "".join(name[1:] for name in names if name.startswith("$"))
            plain = [name for name in names if not name.startswith("$")]
            if not plain:
                rest = rest or "i" in flags
                continue
            group, whole = plain[0], "i" in flags
            if group == _GROUP and (whole or rest):
                fixed.update(_DEFAULTS)
            continue
        entry = re.fullmatch(r"([A-Za-z]+)(?:\[\$([a-z]+)\])? *= *(.*)", line)
        if entry is None or group != _GROUP or entry[1] in before:
            continue
        values[entry[1]] = entry[3].strip()
        if "i" in (entry[2] or ""):
            fixed.add(entry[1])
    if rest:
        fixed.update(_DEFAULTS)

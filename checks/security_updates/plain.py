"""Reads what apk and pacman say. Neither tells security updates from others: all of them count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from assessor.api import values, whole_lines

from .facts import Pending, Updates
from .times import day, moment

APK = re.compile(r"(\S+) \S+ \{[^}]*\} \([^)]*\) \[upgradable from: (\S+)\]\Z")
PACMAN = re.compile(r"(\S+) \S+ -> \S+( \[ignored\])?\Z")


def read_apk(text: str) -> Updates:
    """What ``apk list --upgradable`` says."""
    lines = whole_lines(text)
    if lines is None:
        return Updates("apk", problem="unparsed")
    checked = _oldest(lines, "apk-list")
    shown = [line for line in values(lines, "apk") if not line.startswith("WARNING: ")]
    if "status apk 0" not in lines or len(shown) != len(values(lines, "apk")):
        # A warning says that an index could not be read: what it would have shown is missing.
        return Updates("apk", problem="no_lists" if checked is None else "manager_error")
    if checked is None:
        return Updates("apk", problem="no_lists")
    matches = [APK.match(line) for line in shown]
    if not all(matches):
        return Updates("apk", problem="unparsed")
    return Updates(
        "apk",
        pending=tuple(Pending(match[1], checked) for match in matches if match),
        checked=checked,
    )


def read_pacman(text: str) -> Updates:
    """What ``pacman -Qu`` says."""
    lines = whole_lines(text)
    if lines is None:
        return Updates("pacman", problem="unparsed")
    checked = _oldest(lines, "pacman-list")
    if checked is None:
        return Updates("pacman", problem="no_lists")
    shown = values(lines, "pacman")
    # pacman gives 1 where nothing waits, and as well at an error, which it then names.
    if "status pacman 0" not in lines and (shown or "status pacman 1" not in lines):
        return Updates("pacman", problem="manager_error")
    matches = [PACMAN.match(line) for line in shown]
    if not all(matches):
        return Updates("pacman", problem="unparsed")
    runs = [found for value in values(lines, "pacman-run") if (found := day(value))]
    return Updates(
        "pacman",
        pending=tuple(
            Pending(match[1], checked, held=bool(match[2])) for match in matches if match
        ),
        checked=checked,
        last_run=max(runs, default=None),
        last_install=max(runs, default=None),
    )


def _oldest(lines: Sequence[str], name: str) -> datetime | None:
    moments = [moment(value.partition(" ")[0]) for value in values(lines, name)]
    return min((found for found in moments if found), default=None)

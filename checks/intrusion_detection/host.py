"""Reads ``linux_watchers.sh``: what is installed, what runs, and what it is set to watch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from assessor.api import values, whole_lines

from .products import Product

ON = frozenset({"true", "1", "yes", "on"})
"""What fail2ban's settings take for yes (configparser)."""
_FOUND_CHANGES = 7
"""AIDE's exit status is the sum of 1 (new), 2 (gone) and 4 (changed files); more is an error."""


@dataclass(frozen=True, slots=True)
class Host:
    """What the script saw.

    Attributes:
        units: the loaded services with their state (``active``, ``inactive``, ``failed``).
        services_seen: systemd answered.
        processes_seen: other users' processes are visible.
        jails: the jails of fail2ban's settings, and whether they are switched on.
        jails_seen: all of fail2ban's settings could be read.
        logs: the usual logs of log-ins that exist.
        counts: how many files of settings there are of a kind; a kind that could not be read is
            not in it.
        newest: when the newest file of a kind was written.
        osquery: the plug-ins that osquery is set to use.
        compared: when a service that compares files last ended well.
    """

    units: Mapping[str, str]
    services_seen: bool
    processes: frozenset[str]
    processes_seen: bool
    tools: frozenset[str]
    folders: frozenset[str]
    jails: Mapping[str, bool]
    jails_seen: bool
    logs: frozenset[str]
    counts: Mapping[str, int]
    newest: Mapping[str, datetime]
    osquery: Mapping[str, str]
    compared: datetime | None

    def has(self, product: Product) -> bool:
        """Whether the product is installed, or runs without being installed (in a container)."""
        return bool(
            self.tools.intersection(product.tools)
            or self.folders.intersection(product.folders)
            or self.processes.intersection(product.processes)
            or any(unit in self.units for unit in product.units)
        )

    def runs(self, product: Product) -> bool | None:
        """Whether it runs: by its service or its processes; ``None`` when neither can be seen."""
        if any(self.units.get(unit) == "active" for unit in product.units):
            return True
        if self.processes.intersection(product.processes):
            return True
        if self.processes_seen or (
            self.services_seen and any(unit in self.units for unit in product.units)
        ):
            return False
        return None


def read_host(text: str) -> Host | None:
    """What the script saw; ``None`` when its output is not whole."""
    lines = whole_lines(text)
    if lines is None:
        return None
    counts: dict[str, int] = {}
    for line in values(lines, "count"):
        kind, _, number = line.partition(" ")
        if number.isdecimal():
            counts[kind] = counts.get(kind, 0) + int(number)
    ended = [moment for line in values(lines, "run") if (moment := _compared(line))]
    return Host(
        units=dict(unit for line in values(lines, "unit") if (unit := _unit(line))),
        services_seen=values(lines, "services") == ["seen"],
        processes=frozenset(values(lines, "process")),
        processes_seen=values(lines, "processes") == ["seen"],
        tools=frozenset(values(lines, "tool")),
        folders=frozenset(values(lines, "folder")),
        jails=_jails(values(lines, "jail")),
        jails_seen=bool(values(lines, "jail")) and "unseen" not in values(lines, "jails"),
        logs=frozenset(values(lines, "log")),
        counts=counts,
        newest={
            kind: datetime.fromtimestamp(int(time), UTC)
            for kind, _, time in (line.partition(" ") for line in values(lines, "newest"))
            if re.fullmatch(r"[0-9]{1,11}", time)
        },
        osquery={
            name: value
            for name, _, value in (line.partition(" ") for line in values(lines, "osquery"))
        },
        compared=max(ended, default=None),
    )


def _unit(line: str) -> tuple[str, str] | None:
    """``name load active``; a masked service cannot run, whatever stands behind it."""
    words = line.split(" ")
    return (words[0], words[2]) if len(words) == 3 and words[1] in ("loaded", "masked") else None


def _jails(lines: list[str]) -> dict[str, bool]:
    """The last value of a setting counts, as fail2ban reads them."""
    jails: dict[str, bool] = {}
    for line in lines:
        name, _, value = line.rpartition(" ")
        jails[name] = value in ON
    jails.pop("DEFAULT", None)
    return jails


def _compared(line: str) -> datetime | None:
    """``dailyaidecheck.service 0 Wed 2026-11-25 01:00:00 UTC``: when it ended, if it ended well."""
    match = re.fullmatch(
        r"\S*aide\S*\.service ([0-9]{1,3}) [A-Z][a-z]{2} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC", line
    )
    if match is None or int(match[1]) > _FOUND_CHANGES:
        return None
    try:
        return datetime.strptime(match[2], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None

"""Reads ``linux_system.sh``: the release, the kernels, a pending restart."""

from __future__ import annotations

import re
from datetime import datetime

from assessor.api import values, whole_lines

from .facts import Machine, PackageList
from .releases import support_of
from .times import day, moment


def read_machine(text: str) -> Machine | None:
    """The machine's facts; ``None`` when the output is not whole or names no release."""
    lines = whole_lines(text)
    if lines is None:
        return None
    release = _os_release(values(lines, "os"))
    if not release.get("ID"):
        return None
    running = " ".join(values(lines, "kernel"))
    container = bool(values(lines, "container"))
    newer, placed = ("", None)
    if not container:
        keeps_one = "arch" in (release["ID"], *release.get("ID_LIKE", "").split())
        newer, placed = _newer_kernel(running, values(lines, "installed-kernel"), keeps_one)
    flagged = values(lines, "restart-needed")
    signs = [stamp for stamp in (placed, *map(moment, flagged)) if stamp is not None]
    timers = [line.rsplit(" ", 1) for line in values(lines, "timer")]
    return Machine(
        name=release.get("PRETTY_NAME") or release["ID"],
        release=release,
        support=support_of(release),
        running=running,
        newer_kernel=newer,
        restart_since=min(signs, default=None),
        restart_needed=bool(newer or flagged),
        container=container,
        tools=frozenset(values(lines, "tool")),
        lists=tuple(_package_list(value) for value in values(lines, "list")),
        timers=frozenset(unit for unit, state in timers if state == "enabled"),
        last_installs={
            manager: found
            for value in values(lines, "last-install")
            for manager, _, date in [value.partition(" ")]
            if (found := day(date))
        },
        applies_updates="yes" in (v.strip().lower() for v in values(lines, "apply-updates")),
    )


def _os_release(lines: list[str]) -> dict[str, str]:
    """The assignments of os-release(5); shell quoting as far as that format allows it."""
    fields = {}
    for line in lines:
        match = re.match(r"([A-Z0-9_]+)=(.*)\Z", line.strip())
        if match:
            value = match[2].strip()
            if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
                value = value[1:-1]
            fields[match[1]] = value.replace("\\", "")
    return fields


def _package_list(value: str) -> PackageList:
    renewed, _, rest = value.partition(" ")
    advisories, _, path = rest.partition(" ")
    return PackageList(path, moment(renewed), advisories == "yes")


def _newer_kernel(
    running: str, installed: list[str], keeps_one: bool
) -> tuple[str, datetime | None]:
    """The newest installed kernel of the running one's kind and when it was placed.

    Kinds are kept apart (``-amd64``, ``-cloud-amd64``, ``.el9.x86_64``): another kind is a choice,
    not an update. A running kernel that is not among the installed ones came from elsewhere (the
    provider of a virtual machine), and says nothing; unless the distribution keeps no older
    kernel beside the new one (``keeps_one``): then it has been replaced.
    """
    kernels = {}
    for value in installed:
        placed, _, version = value.partition(" ")
        kernels[version] = moment(placed)
    if running not in kernels:
        if not keeps_one or not kernels:
            return "", None
        newest = max(kernels, key=_order)
        return newest, kernels[newest]
    same = [version for version in kernels if _kind(version) == _kind(running)]
    newest = max(same, key=_order)
    if _order(newest) <= _order(running):
        return "", None
    return newest, kernels[newest]


def _kind(version: str) -> str:
    """The words of a kernel's version that are no part of its number."""
    words = re.findall(r"[A-Za-z][A-Za-z0-9_]*", version)
    return "-".join(re.sub(r"^(el|fc|deb|bpo|arch)\d+(_\d+)?$", r"\1", word) for word in words)


def _order(version: str) -> tuple[int, ...]:
    number = re.match(r"[0-9.+~-]*", version)
    return tuple(int(part) for part in re.findall(r"\d{1,9}", number[0] if number else "")[:8])

"""Reads which sets of disks there are, and whether each is whole: md, ZFS and btrfs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_MD_REDUNDANT = frozenset({"raid1", "raid4", "raid5", "raid6", "raid10"})
_BTRFS_REDUNDANT = frozenset({"raid1", "raid1c3", "raid1c4", "raid5", "raid6", "raid10"})
_MD_HEAD = re.compile(r"(md\S*) : (active|inactive)(?: \([a-z-]+\))*(?: (raid[0-9]+|linear))?")
_CONTAINER = "container"
"""Disks under a mainboard's own metadata; its arrays are listed apart, and it is never active."""
_ZFS_REDUNDANT = re.compile(r"(mirror|raidz[0-9]?|draid[0-9]?[^ ]*)-[0-9]+")
_ZFS_BROKEN = frozenset({"DEGRADED", "FAULTED", "UNAVAIL", "SUSPENDED", "REMOVED", "OFFLINE"})


class Health(StrEnum):
    """How a set of disks stands."""

    WHOLE = "whole"
    REBUILDING = "rebuilding"
    DEGRADED = "degraded"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Array:
    """A set of disks.

    Attributes:
        name: ``md0``, the name of a pool of ZFS, or the id of a btrfs.
        level: what the maker calls its kind.
        redundant: it survives the loss of a disk while it is whole.
    """

    name: str
    level: str
    redundant: bool
    health: Health


def read_md(lines: Iterable[str]) -> list[Array]:
    """The arrays of ``/proc/mdstat``."""
    found: list[Array] = []
    for line in lines:
        head = _MD_HEAD.match(line)
        if head is not None:
            found.append(_md_array(head[1], head[2], head[3]))
        elif found and line.startswith(" "):
            found[-1] = _md_detail(found[-1], line)
    return [array for array in found if array.level != _CONTAINER]


def _md_array(name: str, state: str, level: str | None) -> Array:
    if state == "inactive":
        # Nothing can be read from it or written to it.
        return Array(name, state, False, Health.DEGRADED)
    redundant = level in _MD_REDUNDANT
    return Array(name, level or state, redundant, Health.UNCLEAR if redundant else Health.WHOLE)


def _md_detail(array: Array, line: str) -> Array:
    if array.level == "inactive" and re.search(r"super external:[a-z]", line):
        return Array(array.name, _CONTAINER, False, Health.WHOLE)
    state = re.search(r"\[([0-9]{1,3})/([0-9]{1,3})\] \[([U_]+)\]", line)
    if state is not None and array.redundant:
        whole = state[1] == state[2] and "_" not in state[3]
        health = Health.WHOLE if whole else Health.DEGRADED
        # A mirror may be made of one disk.
        return Array(array.name, array.level, int(state[1]) > 1, health)
    if array.health is Health.DEGRADED and re.search(r"recovery *=", line):
        return Array(array.name, array.level, array.redundant, Health.REBUILDING)
    return array


def read_zpools(lines: Iterable[str]) -> list[Array]:
    """The pools of ``zpool status``."""
    pools: list[list[str]] = []
    for line in lines:
        if re.match(r" *pool: ", line):
            pools.append([])
        if pools:
            pools[-1].append(line)
    return [_zpool(pool) for pool in pools]


def _zpool(lines: list[str]) -> Array:
    """One pool: each of its top-level parts must be redundant by itself."""
    fields = {
        field[1]: field[2].strip()
        for line in lines
        if (field := re.match(r" *(pool|state|errors): (.*)", line)) is not None
    }
    tops = []
    holds_data = False
    for line in lines:
        section = re.match(r"\t(\S+)", line)
        part = re.match(r"\t {2}(\S+)", line)
        if section is not None:
            # A log, cache or spare may be lost without loss of data.
            holds_data = section[1] not in ("NAME", "logs", "cache", "spares")
        elif part is not None and holds_data:
            tops.append(part[1])
    state = fields.get("state", "")
    health = Health.UNCLEAR
    if state in _ZFS_BROKEN:
        health = Health.DEGRADED
    elif state == "ONLINE" and fields.get("errors") == "No known data errors":
        health = Health.WHOLE
    redundant = bool(tops) and all(_ZFS_REDUNDANT.fullmatch(top) for top in tops)
    return Array(fields.get("pool", ""), "zfs", redundant, health)


def read_btrfs(profiles: Iterable[str], missing: Iterable[str]) -> list[Array]:
    """The btrfs file systems by id, with the profile of their data."""
    by_id: dict[str, list[str]] = {}
    for line in profiles:
        uuid, _, profile = line.partition(" ")
        by_id.setdefault(uuid, []).append(profile)
    gone = set(missing)
    return [
        Array(
            uuid,
            found[0],
            # Two profiles stand side by side while a conversion runs.
            all(profile in _BTRFS_REDUNDANT for profile in found),
            Health.DEGRADED if uuid in gone else Health.WHOLE,
        )
        for uuid, found in by_id.items()
    ]

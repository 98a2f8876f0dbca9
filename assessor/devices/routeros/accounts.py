"""Who may log in: only the device itself says so, no export does.

RouterOS shows of no account what its password is, nor whether it has one: the account ``admin`` is
the maker's, with an empty password on older devices and the one on the label on newer ones
(manual.mikrotik.com, "Securing your router"). How a password is kept follows from the version.
Local accounts have no second factor: that takes RADIUS, and local accounts stay
(manual.mikrotik.com, "User").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assessor.devices.device import Account, Secret, Storage, Topic
from assessor.devices.releases import older
from assessor.devices.routeros.export import Export
from assessor.devices.routeros.notes import Notes
from assessor.devices.routeros.prints import Entry

_HASHES_SINCE = "6.45.1"
""""removed insecure password storage" (changelog of 6.45.1); before, anyone could undo it."""
_FULL, _READ = frozenset({"full", "write"}), frozenset({"read"})
_LIST = re.compile(r"[,;]")


def accounts(
    users: Sequence[Entry],
    keys: Sequence[Entry],
    version: str,
    export: Export | None,
    notes: Notes,
) -> tuple[Account, ...]:
    """The accounts that the device told of."""
    old = older(version, _HASHES_SINCE) if version else None
    storage = Storage.UNKNOWN if old is None else Storage.REVERSIBLE if old else Storage.HASH
    number: dict[str, int] = {}
    for entry in keys:
        name = entry.values.get("user", "")
        number[name] = number.get(name, 0) + 1
    groups = _groups(export) if export else None
    found = []
    for entry in users:
        name = entry.values.get("name", "")
        if not name:
            notes.add((Topic.ACCOUNTS,), f"/user print: {dict(entry.values)}")
            continue
        sources = [one for one in _LIST.split(entry.values.get("address", "")) if one]
        found.append(
            Account(
                name,
                "X" not in entry.flags.upper(),
                _administrator(entry.values.get("group", ""), groups),
                Secret("", storage),
                keys=number.get(name, 0),
                second_factor=False,
                sources=tuple(one for one in sources if one not in ("0.0.0.0/0", "::/0")),
            )
        )
    return tuple(found)


def _groups(export: Export) -> Mapping[str, str]:
    """The policies of groups that the export names; those of the maker's are left out."""
    return {item.name: item.get("policy") for item in export.items("user group")}


def _administrator(group: str, groups: Mapping[str, str] | None) -> bool | None:
    """Whether a group may change the configuration; ``None`` where that is not told."""
    if groups is not None and groups.get(group):
        policies = groups[group].split(",")
        return "write" in policies or "policy" in policies
    if group in _FULL:
        return True
    return False if group in _READ else None


def min_length(printed: Mapping[str, str], export: Export | None) -> int | None:
    """How many characters a new password must have."""
    text = printed.get("minimum-password-length", "")
    if not text and export is not None:
        text = export.settings("user settings").get("minimum-password-length")
    return int(text) if text.isdecimal() and len(text) < 6 else None

"""The groups and rights of Windows that let an account see what a probe asks for.

Groups go by their SID, since their names are in the language of the Windows. A script says what
it needs in a comment line ``# Needs: S-1-5-32-573``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

ADMINISTRATORS = "S-1-5-32-544"

GROUPS: Mapping[str, str] = {
    ADMINISTRATORS: "Administrators",
    "S-1-5-32-558": "Performance Monitor Users",
    "S-1-5-32-559": "Performance Log Users",
    "S-1-5-32-573": "Event Log Readers",
    "S-1-5-32-580": "Remote Management Users",
}
"""Well-known groups and their English names (Microsoft Learn, "Security identifiers")."""

RIGHTS: Mapping[str, str] = {
    "SeSecurityPrivilege": "Manage auditing and security log",
}
"""User rights by their constants, with their English names."""

_NEEDS = re.compile(r"^# Needs: *(\S+) *\r?$", re.MULTILINE)


def needed(script: str) -> str:
    """The SID or the right that ``script`` names; that of Administrators where it names none."""
    found = _NEEDS.search(script)
    return found[1] if found else ADMINISTRATORS


def is_known(need: str) -> bool:
    """Whether ``need`` is a group or a right of which the name is known here."""
    return need in GROUPS or need in RIGHTS


def how_to_allow(user: str, script: str) -> str:
    """What to do on the Windows side so that ``user`` may see what ``script`` asks for."""
    need = needed(script)
    if need in RIGHTS:
        return f"give {user} the user right {need} ({RIGHTS[need]}) on that machine"
    group = f"{GROUPS.get(need, 'the group')} ({need})"
    return f"make {user} a member of the local group {group} on that machine"

"""What a FRITZ!Box is asked over TR-064: actions that read, and nothing else.

A question is ``SERVICE:INSTANCE ACTION``. Its answer is a line for each argument that the box gives
back, ``NewName: value``; or one of the marks below. ``log-in`` is answered by the way of the log-in
itself. What a list holds is asked entry by entry (``LISTS``), and stands in blocks.

AVM's documents of the services (``TR-064_*.pdf`` at fritz.support/resources) say what each needs:
the Wi-Fi's keys need the right to "FRITZ!Box settings", most others any right. Not asked, although
they only read: ``DeviceInfo:GetDeviceLog`` and what else tells of calls and of people
(``X_AVM-DE_OnTel``, ``Hosts``), and anything that hands out a file (``X_AVM-DE_GetConfigFile``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

LOGIN = "log-in"
"""Answered ``Demanded: yes`` where the box refused an action until somebody logged in."""
MISSING = "[not there]"
"""The box has no such service or action."""
FAULT = "[fault "
"""The box refused, such as ``[fault 606] action not authorized``."""
MORE = "[more]"
"""A list is longer than was asked for."""

PROOFS = ("LANConfigSecurity:1 X_AVM-DE_GetCurrentUser", "DeviceInfo:1 GetInfo")
"""Actions that need a log-in on every box, as far as AVM documents it: some others are answered
whatever the password (kbr/fritzconnection, issue 102), so that an answer to those proves nothing.
"""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list, of which each entry is a question of its own.

    Attributes:
        counted: the question whose answer tells how many there are, asked before.
        argument: ... the name of that number.
        index: the argument that picks an entry, from 0.
    """

    counted: str
    argument: str
    index: str


MOST_ENTRIES = 300
"""A box takes no more than some hundred port sharings."""

WLANS = (1, 2, 3, 4)
"""One for each band, and one for the guests after them (AVM, WLANConfiguration, 1)."""

WANS = ("WANPPPConnection:1", "WANIPConnection:1")

LISTS: Mapping[str, Listing] = {
    **{
        f"{wan} GetGenericPortMappingEntry": Listing(
            f"{wan} GetPortMappingNumberOfEntries",
            "NewPortMappingNumberOfEntries",
            "NewPortMappingIndex",
        )
        for wan in WANS
    },
    "X_AVM-DE_MyFritz:1 GetServiceByIndex": Listing(
        "X_AVM-DE_MyFritz:1 GetNumberOfServices", "NewNumberOfServices", "NewIndex"
    ),
}

LEFT_OUT = re.compile(
    r"NewDeviceLog|NewProvisioningCode|NewSerialNumber|NewX_AVM-DE_DownloadURL"
    r"|New(?:Min|Max|Allowed)Chars.*"
)
"""Arguments that are not kept: the log tells of calls and people, and nothing here reads them."""

QUESTIONS = (
    LOGIN,
    "LANConfigSecurity:1 X_AVM-DE_GetCurrentUser",
    "DeviceInfo:1 GetInfo",
    "LANConfigSecurity:1 GetInfo",
    "LANConfigSecurity:1 X_AVM-DE_GetAnonymousLogin",
    "LANConfigSecurity:1 X_AVM-DE_GetUserList",
    "X_AVM-DE_Auth:1 GetInfo",
    "UserInterface:1 GetInfo",
    "UserInterface:1 X_AVM-DE_GetInfo",
    *(
        f"WLANConfiguration:{number} {action}"
        for number in WLANS
        for action in (
            "GetInfo",
            "GetSecurityKeys",
            "X_AVM-DE_GetWLANExtInfo",
            "X_AVM-DE_GetWPSInfo",
        )
    ),
    "Layer3Forwarding:1 GetDefaultConnectionService",
    *(
        f"{wan} {action}"
        for wan in WANS
        for action in ("GetInfo", "GetPortMappingNumberOfEntries", "GetGenericPortMappingEntry")
    ),
    "X_AVM-DE_AppSetup:1 GetAppRemoteInfo",
    "X_AVM-DE_RemoteAccess:1 GetInfo",
    "X_AVM-DE_MyFritz:1 GetInfo",
    "X_AVM-DE_MyFritz:1 GetNumberOfServices",
    "X_AVM-DE_MyFritz:1 GetServiceByIndex",
    "X_AVM-DE_Storage:1 GetInfo",
    "ManagementServer:1 GetInfo",
    "Time:1 GetInfo",
)

"""From where a Vigor can be managed.

``mngt rmtcfg enable`` "allows the system administrators to login from the Internet"; an access list
names those who may; ``mngt lanaccess`` says which services the own networks may use. LAN1 always
may (Telnet Commands, "mngt rmtcfg", "mngt accesslist", "mngt lanaccess").
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from assessor.devices.aruba.tree import Notes
from assessor.devices.device import Reach, Service, Topic
from assessor.devices.drayos.refusal import refused

_STATE = re.compile(r"Remote configure function has been (enabled|disabled)")
_SERVER = re.compile(
    r"\b(HTTPS?|FTP|TELNET|SSH|TR-?069|SNMP) server has been (enabled|disabled)", re.I
)
_INSIDE = re.compile(
    r"^[ \t]*-[ \t]*(FTP|HTTP|HTTPS|TELNET|SSH|TR069)[ \t]*:[ \t]*(Yes|No)[ \t]*$", re.M | re.I
)
_ENCRYPTED = frozenset({"https", "ssh", "remote-management"})
_ENTRY = re.compile(r"^\s*(?P<index>\d{1,2})\s+(?P<object>\d{1,3})\s+(?P<text>\S.*?)\s*$")
_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]*:[0-9a-f:]+", re.IGNORECASE)


def read_services(said: Mapping[str, str], notes: Notes) -> tuple[Service, ...] | None:
    """The services that the router offers for its management."""
    outside = _outside(said, notes)
    inside = _inside(said.get("mngt lanaccess -v", ""), notes)
    if outside is None or inside is None:
        notes.add("mngt rmtcfg status, mngt lanaccess -v: not both were told", Topic.MANAGEMENT)
    names = {**(inside or {}), **dict.fromkeys(outside or (), True)}
    if not names:
        return None
    return tuple(
        Service(
            name,
            on,
            encrypted=name in _ENCRYPTED,
            reach=(outside or {}).get(name, Reach.INSIDE if outside is not None else Reach.UNKNOWN),
        )
        for name, on in names.items()
    )


def _outside(said: Mapping[str, str], notes: Notes) -> dict[str, Reach] | None:
    """What can be reached from the internet; ``None`` where that was not told."""
    text = said.get("mngt rmtcfg status", "")
    state = _STATE.search(text)
    if refused(text) or state is None:
        notes.add(f"mngt rmtcfg status: {text}", Topic.MANAGEMENT)
        return None
    if state[1] == "disabled":
        return {}
    reach = _named(said.get("mngt accesslist list", ""))
    told = {name.lower().replace("-", ""): how.lower() for name, how in _SERVER.findall(text)}
    on = [name for name, how in told.items() if how == "enabled"]
    # Which servers answer is not always told; that somebody may log in, is.
    return dict.fromkeys([_name(each) for each in on] if told else ["remote-management"], reach)


def _name(word: str) -> str:
    return "tr-069" if word == "tr069" else word


def _named(text: str) -> Reach:
    """From where, by the access list."""
    if refused(text) or "Access list" not in text:
        return Reach.UNKNOWN
    entries = [match for line in text.split("\n") if (match := _ENTRY.match(line))]
    if not entries:
        return Reach.ANYWHERE
    named = [bool(_ADDRESS.search(each["text"])) for each in entries]
    wide = any(re.search(r"\b0\.0\.0\.0(?:/0)?\b", each["text"]) for each in entries)
    return Reach.NAMED if all(named) and not wide else Reach.UNKNOWN


def _inside(text: str, notes: Notes) -> dict[str, bool] | None:
    """What the own networks may use; ``None`` where that was not told."""
    on = re.search(
        r"^[ \t]*\* Enable[ \t]*:[ \t]*(Yes|No)[ \t]*$", text, re.MULTILINE | re.IGNORECASE
    )
    found = {_name(name.lower()): how.lower() == "yes" for name, how in _INSIDE.findall(text)}
    if refused(text) or on is None or not found:
        return None
    if on[1].lower() == "no":
        # Whether then all may or none, the guide does not say.
        notes.add("mngt lanaccess: Enable: No", Topic.MANAGEMENT)
        return {}
    return found

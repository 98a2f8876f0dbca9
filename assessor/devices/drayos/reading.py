"""The answers of DrayOS to the neutral form.

The answers are as Part X, "Telnet Commands", of DrayTek's Vigor2927 User's Guide 2.2 shows them
(docs/command-reference/draytek-vigor2927-telnet.yaml of github.com/kpeacocke/ansible-collection-
draytek, made from that guide), and as a Vigor2927Lac with 4.5.2.2 gave them (same repository).

What is left to be told elsewhere is named in ``_unseen``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from assessor.devices.answers import FILE
from assessor.devices.aruba.tree import Notes
from assessor.devices.device import Device, Firmware, Segment, Topic
from assessor.devices.drayos.access import read_services
from assessor.devices.drayos.nat import read_firewall
from assessor.devices.drayos.refusal import refused
from assessor.model.answers import UnparsedError

QUESTIONS = (
    "sys version",
    "mngt rmtcfg status",
    "mngt accesslist list",
    "mngt lanaccess -v",
    "mngt bfp -v",
    "srv nat portmap table",
    "srv nat dmz -v",
    "vlan status",
    "sys time show",
)
_PROMPT = re.compile(
    r"^(?P<prompt>[^\n>]{0,40})>[ \t]*(?P<question>(?:sys|mngt|srv|vlan)[ \t][^\n]{0,60}?)[ \t]*$",
    re.MULTILINE,
)
_ANY_PROMPT = re.compile(r"^[\w .-]{0,40}>[^\n]*$", re.MULTILINE)
_PAGER = re.compile(r"^-+ ?MORE ?-+[^\n]*$", re.MULTILINE)
_VERSION = re.compile(
    r"^[ \t]*Router Model:[ \t]*(?P<model>\S{1,40})[ \t]+Version:[ \t]*(?P<version>\d[\w.]*)",
    re.MULTILINE,
)
_BUILT = re.compile(
    r"^[ \t]*Firmware Build Date/Time:[ \t]*(?P<day>[A-Z][a-z]{2} +\d{1,2} \d{4})\b", re.MULTILINE
)
_NAME = re.compile(r"^[ \t]*Router Name:[ \t]*(?P<name>\S[^\n]*?)[ \t]*$", re.MULTILINE)
_SERVER = re.compile(r"^[ \t]*Time Server:[ \t]*\[(?P<server>[^\]\n]*)\]", re.MULTILINE)
_ROW = re.compile(
    r"^\s*(?P<index>\d{1,2})\s+(?P<on>ON|OFF)\s+(?P<vid>\d{1,4})\s+\d{1,2}\s.{0,160}?(?P<lan>\b\d{1,2}:(?:LAN\d{1,2}|DMZ))\s*$"
)


def read(answers: Mapping[str, str]) -> Device:
    """The router that gave these answers; see ``DeviceSystem.read``."""
    said = _parted(answers[FILE]) if FILE in answers else dict(answers)
    said = {question: _PAGER.sub("", text) for question, text in said.items()}
    version = _VERSION.search(said.get("sys version", ""))
    if version is None:
        raise UnparsedError("no answer of DrayOS to «sys version»")
    notes = Notes()
    _unseen(notes)
    name = _NAME.search(said["sys version"])
    services = read_services(said, notes)
    return Device(
        name=name["name"] if name else "",
        firmware=Firmware(version["model"], version["version"], _built(said["sys version"])),
        services=services,
        firewall=read_firewall(said, notes),
        ntp=_clock(said.get("sys time show", ""), notes),
        segments=_segments(said.get("vlan status", ""), notes),
        lockout=_lockout(said.get("mngt bfp -v", "")),
        unread=notes.unread(),
    )


def _parted(text: str) -> dict[str, str]:
    """What was said, by question, of a text in which a session was kept."""
    found: dict[str, str] = {}
    prompts = list(_PROMPT.finditer(text))
    for index, match in enumerate(prompts):
        end = prompts[index + 1].start() if index + 1 < len(prompts) else len(text)
        question = " ".join(match["question"].split())
        answer = _ANY_PROMPT.split(text[match.end() : end], maxsplit=1)[0]
        found[question] = answer
    return found


def _unseen(notes: Notes) -> None:
    """What a verdict would have to rest on, and no command shows in a form that is documented."""
    notes.add("VPN profiles and their services are not shown by a documented command", Topic.VPN)


def _built(text: str) -> date | None:
    found = _BUILT.search(text)
    if found is None:
        return None
    try:
        return datetime.strptime(  # noqa: DTZ007 - a day alone has no zone
            " ".join(found["day"].split()), "%b %d %Y"
        ).date()
    except ValueError:
        return None


def _clock(text: str, notes: Notes) -> tuple[str, ...] | None:
    if refused(text):
        return None
    found = _SERVER.search(text)
    if found is None:
        notes.add(f"sys time show: {text}", Topic.TIME)
        return None
    return (found["server"].strip(),) if found["server"].strip() else ()


def _lockout(text: str) -> bool | None:
    found = re.search(r"^[ \t]*\* Enable:[ \t]*(yes|no)[ \t]*$", text, re.MULTILINE | re.IGNORECASE)
    return found[1].lower() == "yes" if found else None


def _segments(text: str, notes: Notes) -> tuple[Segment, ...] | None:
    """The LANs that VLANs lead to; whether they are routed to each other is not shown."""
    if refused(text):
        return None
    state = re.search(r"^[ \t]*VLAN is (Enable|Disable)\b", text, re.MULTILINE)
    rows = [match for line in text.split("\n") if (match := _ROW.match(line))]
    if state is None or not rows:
        notes.add(f"vlan status: {text}", Topic.SEGMENTS)
        return None
    if state[1] == "Disable":
        return (Segment("LAN1"),)
    return tuple(
        Segment(f"{row['lan'].partition(':')[2]} (VLAN {row['index']})", int(row["vid"]) or None)
        for row in rows
        if row["on"] == "ON"
    )

"""What a Vigor lets in: port redirections and the host in the DMZ.

The filter rules and the open ports of a Vigor can be shown one by one only. So nothing is known of
what is not named here, and of a passing firewall there can be no word; a host that is given all
traffic shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from assessor.devices.aruba.tree import Notes
from assessor.devices.device import Firewall, Hole, Policy, Topic
from assessor.devices.drayos.refusal import refused

_ADDRESS = r"(?:\d{1,3}\.){3}\d{1,3}"
_MAPPED = re.compile(
    rf"^\s*(?P<index>\d{{1,3}})\s+(?:(?P<name>\S.{{0,40}}?)\s+)?(?P<protocol>TCP/UDP|TCP|UDP|ALL|Disabled)"
    rf"\s+(?P<port>\d+(?:\s?[-~]\s?\d+)?)(?:\s+(?P<to>{_ADDRESS}))?(?:\s+-?\d+){{0,3}}\s*$",
    re.IGNORECASE,
)
_WRAPPED = re.compile(r"^\s*\d+\s+-?\d+\s*$|^\s*Private Port\s+ifno\s*$")
_HOST = re.compile(
    rf"^\s*(?P<index>\d{{1,2}})\s+(?P<on>Enable|Disable)\s+{_ADDRESS}(?:\s+(?P<to>{_ADDRESS}))?\s*$"
)
_WAN = re.compile(r"^\s*%+\s*(?P<wan>WAN\s?\d+) DMZ mapping status")


def read_firewall(said: Mapping[str, str], notes: Notes) -> Firewall | None:
    """What is let in; ``None`` where nothing of it was told."""
    mapped, hosts = said.get("srv nat portmap table", ""), said.get("srv nat dmz -v", "")
    if refused(mapped) and refused(hosts):
        return None
    holes: list[Hole] = []
    wans: list[str] = []
    if not refused(mapped):
        holes += _mapped(mapped, notes)
    if not refused(hosts):
        holes += _hosts(hosts, wans, notes)
    unknown = {"ipv4": Policy.UNKNOWN, "ipv6": Policy.UNKNOWN}
    return Firewall(unknown, dict(unknown), tuple(holes), tuple(wans))


def _mapped(text: str, notes: Notes) -> Iterator[Hole]:
    for line in text.split("\n"):
        if not line.strip() or "Configuration Table" in line or line.lstrip().startswith("Index"):
            continue
        if _WRAPPED.match(line):
            continue
        row = _MAPPED.match(line)
        if row is None:
            notes.add(f"srv nat portmap: {line}", Topic.FIREWALL)
        elif row["protocol"].lower() != "disabled" and row["to"]:
            service = f"{row['protocol'].lower()}/{row['port']}"
            yield Hole("ipv4", row["to"], service, rule=f"portmap {row['index']}")


def _hosts(text: str, wans: list[str], notes: Notes) -> Iterator[Hole]:
    wan = ""
    for line in text.split("\n"):
        if head := _WAN.match(line):
            wan = head["wan"]
            wans.append(wan)
        elif row := _HOST.match(line):
            if row["on"] == "Enable":
                yield Hole("ipv4", row["to"] or "any", "any", rule=f"DMZ host {wan} {row['index']}")
        elif line.strip(" -\t\r") and not line.lstrip().startswith("Index"):
            notes.add(f"srv nat dmz: {line}", Topic.FIREWALL)

"""The router's own networks, and whether they are kept apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assessor.devices.device import Policy, Protection, Segment, Storage, WifiNetwork
from assessor.devices.secrets import secret
from assessor.devices.vyatta.firewall import Walls
from assessor.devices.vyatta.grammar import Node
from assessor.devices.vyatta.network import Interface
from assessor.devices.vyatta.rules import Traffic

GUESTS = re.compile(r"(?i)guest|gast|bezoek|visitor|hotspot|public[ _-]?wi")
MOST_COMPARED = 16
"""Networks of which each is compared with each."""


def read_segments(root: Node, walls: Walls) -> tuple[Segment, ...]:
    """The networks behind the router."""
    inner = [one for one in walls.network.inside() if any(a.version == 4 for a in one.addresses)]
    offered = _offered_names(root)
    return tuple(_segment(one, inner, walls, offered) for one in inner)


def _offered_names(root: Node) -> dict[str, str]:
    """What the DHCP server calls each subnet."""
    return {
        subnet: name
        for name, node in root.items("service", "dhcp-server", "shared-network-name")
        for subnet in node.values("subnet")
    }


def _segment(
    one: Interface, inner: list[Interface], walls: Walls, offered: dict[str, str]
) -> Segment:
    subnets = {str(each.network) for each in one.addresses}
    names = [one.description, *(offered[each] for each in subnets if each in offered)]
    guest = any(GUESTS.search(name) for name in names)
    guest = guest or bool(GUESTS.search(walls.zones.of(one.name) or ""))
    label = f"{one.name} ({names[0] or names[-1]})" if any(names) else one.name
    return Segment(label, one.vlan, guest, _isolated(one, inner, walls))


def _isolated(one: Interface, inner: list[Interface], walls: Walls) -> bool | None:
    """Whether nothing but what rules name gets from it to the other networks."""
    others = [other for other in inner if other.name != one.name]
    if not others or len(inner) > MOST_COMPARED:
        return None
    policies = {
        walls.through(traffic).policy for other in others for traffic in _between(one, other)
    }
    if Policy.ALLOWED in policies:
        return False
    return None if Policy.UNKNOWN in policies else True


def _between(one: Interface, other: Interface) -> Iterator[Traffic]:
    for source in one.addresses:
        for target in other.addresses:
            if source.version == target.version == 4:
                yield Traffic("ipv4", one.name, other.name, source.network, target.network)


_MODES = {
    "wpa": Protection.WPA,
    "wpa2": Protection.WPA2,
    "wpa3": Protection.WPA3,
    "both": Protection.WPA_WPA2,
    "wpa+wpa2": Protection.WPA_WPA2,
}


def read_wifi(root: Node) -> tuple[WifiNetwork, ...]:
    """The wireless networks that the router itself offers; most have none."""
    found = []
    for name, node in root.items("interfaces", "wireless"):
        if node.value("type") not in (None, "access-point"):
            continue
        wpa = node.at("security", "wpa")
        protection = Protection.UNKNOWN if node.at("security").children else Protection.OPEN
        if node.has("security", "wep"):
            protection = Protection.WEP
        elif node.has("security", "wpa"):
            # "Both" is what VyOS takes where nothing is said (interfaces_wireless.xml.in, mode).
            protection = _MODES.get(wpa.value("mode") or "both", Protection.UNKNOWN)
        keys = wpa.values("passphrase")
        ciphers = wpa.values("cipher")
        found.append(
            WifiNetwork(
                node.value("ssid") or "",
                name,
                enabled=not node.has("disable"),
                protection=protection,
                enterprise=wpa.has("radius"),
                tkip="TKIP" in ciphers if ciphers else None,
                guest=bool(
                    GUESTS.search(f"{node.value('ssid') or ''} {node.value('description') or ''}")
                ),
                secrets=tuple(secret(key, Storage.CLEAR) for key in keys),
            )
        )
    return tuple(found)

"""The networks behind the device, and whether the firewall keeps them apart.

A network is kept from the others if no rule, forwarding or default lets its traffic pass to a zone
with another network of the owner's. A rule that names the service and the machine is no way into
that network.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from assessor.devices.device import Segment, Topic, WifiNetwork
from assessor.devices.openwrt.firewall import let_through
from assessor.devices.openwrt.interfaces import Interface
from assessor.devices.openwrt.said import Said
from assessor.devices.openwrt.wall import Wall

_VLAN = re.compile(r".*\.(\d{1,4})")
MOST_ZONES = 40
"""Each is held against each other; no office has as many."""
_OWN = frozenset({"static", "batadv", "batadv_vlan"})


def read_segments(said: Said, wall: Wall | None) -> tuple[Segment, ...] | None:
    """The networks; ``None`` where the firewall or the network's settings are not told."""
    if wall is None:
        return None
    inner = [(one, zone) for one, zone in wall.placed if zone not in wall.outside]
    inner = [(one, zone) for one, zone in inner if one.proto in _OWN or one.outside is None]
    ports = _ports(said)
    zones = {zone: sum(1 for _, each in inner if each == zone) for _, zone in inner}
    if len(zones) > MOST_ZONES:
        said.note([Topic.SEGMENTS], f"firewall: more than {MOST_ZONES} zones")
        return tuple(Segment(one.name, guest=one.guests) for one, _ in inner)
    isolated = {zone: _isolated(wall, zone, zones) for zone in zones}
    return tuple(
        Segment(one.name, _vlan(one, ports), one.guests, isolated[zone]) for one, zone in inner
    )


def _ports(said: Said) -> dict[str, tuple[str, ...]]:
    """The ports of bridges, by the name of their device."""
    return {section.get("name"): section.words("ports") for section in said.of("network", "device")}


def _vlan(one: Interface, ports: Mapping[str, tuple[str, ...]]) -> int | None:
    for device in one.devices:
        for name in (device, *ports.get(device, ())):
            match = _VLAN.fullmatch(name)
            if match:
                return int(match[1])
    return None


def _isolated(wall: Wall, zone: str, zones: Mapping[str, int]) -> bool | None:
    """Whether a zone's traffic reaches no other network; ``None`` where there is none."""
    if wall.working is False:
        return False
    others = [each for each in zones if each != zone]
    if (
        zones[zone] > 1
        and wall.zones[zone].forward != "drop"
        and (wall.zones[zone].forward != "reject")
    ):
        return False  # two networks share the zone
    if not others:
        return None if zones[zone] < 2 else True
    return not any(let_through(wall, zone, each) for each in others)


def with_isolation(
    said: Said, wifi: tuple[WifiNetwork, ...] | None, segments: tuple[Segment, ...] | None
) -> dict[str, bool | None]:
    """By the label of a wireless network, whether the network that it leads to is kept apart."""
    if wifi is None or segments is None:
        return {}
    apart = {each.name: each.isolated for each in segments}
    found: dict[str, bool | None] = {}
    for section in said.of("wireless", "wifi-iface"):
        networks = section.words("network")
        if not networks:
            continue
        states = [apart.get(each) for each in networks]
        found[section.key] = False if False in states else None if None in states else True
    return found

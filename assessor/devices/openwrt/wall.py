"""The firewall's parts put together: zones with their interfaces, rules, what is outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from assessor.devices.openwrt.interfaces import Interface, named_outside, read_interfaces
from assessor.devices.openwrt.rules import (
    FAMILIES,
    WALL,
    Redirect,
    Rule,
    Zone,
    read_policy,
    read_redirects,
    read_rules,
    read_zones,
)
from assessor.devices.openwrt.said import INCLUDED, RELEASE, Said

_UPNP = re.compile(r"(?:jump|meta|ct|iif|oif)\b.{0,100}\bupnp_?\w*\b.{0,200}")
_FW4 = (22, 3)
"""OpenWrt 22.03 brought firewall4 (its release notes)."""


@dataclass(frozen=True, slots=True)
class Wall:
    """The firewall with all that judging a service takes.

    Attributes:
        zones: by name; with a nameless one for the interfaces that are in none.
        placed: the interfaces, each with the name of its zone.
        outside: names of the zones that lead outside.
        unclear: names of those of which that cannot be told.
        rules: by the zone of their source, in order; so the redirects.
        forward: what becomes of traffic between zones that no rule names.
        working: the firewall is started at boot; ``None`` where that is not told.
        families: those in use on the outer side.
        unfiltered: the family that the firewall leaves alone.
        own_addresses: the device's own.
    """

    zones: Mapping[str, Zone]
    rules: Mapping[str, list[Rule]]
    redirects: Mapping[str, list[Redirect]]
    placed: list[tuple[Interface, str]]
    outside: tuple[str, ...]
    unclear: tuple[str, ...]
    forward: str
    working: bool | None
    families: tuple[str, ...]
    unfiltered: str
    own_addresses: frozenset[str]


def read_wall(said: Said) -> Wall | None:
    """The firewall; ``None`` where the configuration does not tell of one."""
    _note_includes(said)
    if not said.has("firewall") or not said.has("network"):
        return None
    defaults = _defaults(said)
    zones = read_zones(said, defaults)
    everywhere = Zone("", (), (), defaults["input"], defaults["forward"], False, FAMILIES)
    interfaces = read_interfaces(said)
    placed = _placed(said, interfaces, zones)
    outside, unclear = _outside(placed, zones)
    families = {"ipv4"} | {"ipv6" for one, zone in placed if one.ipv6 and zone in outside}
    addresses = [each for one in interfaces for each in one.addresses]
    return Wall(
        {**zones, "": everywhere},
        _by_source(read_rules(said, zones), lambda rule: rule.src),
        _by_source(read_redirects(said, zones), lambda redirect: redirect.rule.src),
        placed,
        outside,
        unclear,
        defaults["forward"],
        said.started("firewall"),
        tuple(each for each in FAMILIES if each in families),
        _unfiltered(said),
        frozenset(each.split("/")[0] for each in addresses),
    )


_Item = TypeVar("_Item")


def _by_source(items: list[_Item], source: Callable[[_Item], str]) -> dict[str, list[_Item]]:
    found: dict[str, list[_Item]] = {}
    for item in items:
        found.setdefault(source(item), []).append(item)
    return found


def _defaults(said: Said) -> dict[str, str]:
    found = said.of("firewall", "defaults")
    if len(found) != 1:
        said.note(WALL, f"firewall: {len(found)} sections of defaults")
    if not found:
        return {"input": "drop", "forward": "drop"}
    # Both firewalls drop where nothing is said (parse_defaults; fw3's check_policy).
    return {each: read_policy(said, found[0], each, "drop") for each in ("input", "forward")}


def _release(said: Said) -> tuple[int, int] | None:
    match = re.search(r"^DISTRIB_RELEASE=.?(\d{1,4})\.(\d{1,4})", said.other.get(RELEASE, ""), re.M)
    return (int(match[1]), int(match[2])) if match else None


def _unfiltered(said: Said) -> str:
    """IPv6, where firewall3 is told to leave it alone; firewall4 passes that option over."""
    section = next(iter(said.of("firewall", "defaults")), None)
    if section is None or not said.flag(section, "disable_ipv6", WALL):
        return ""
    release = _release(said)
    if release is None:
        said.note(WALL, f"firewall.{section.key}.disable_ipv6: 1")
    return "ipv6" if release is not None and release < _FW4 else ""


def _placed(
    said: Said, interfaces: list[Interface], zones: Mapping[str, Zone]
) -> list[tuple[Interface, str]]:
    """The interfaces, each with its zone: the first that has it, as the firewall looks in order."""
    found = []
    by_network, by_device = _members(zones, "networks"), _members(zones, "devices")
    for one in interfaces:
        devices = (*one.devices, f"{one.proto}-{one.name}", one.name)
        names = [
            *by_network.get(one.name, ()),
            *(name for each in devices for name in by_device.get(each, ())),
        ]
        if len(set(names)) > 1:
            said.note(WALL, f"network {one.name} is in the zones {', '.join(names)}")
        found.append((one, names[0] if names else ""))
    return found


def _members(zones: Mapping[str, Zone], of: str) -> dict[str, list[str]]:
    """The zones of each network, or of each device."""
    found: dict[str, list[str]] = {}
    for zone in zones.values():
        for member in zone.networks if of == "networks" else zone.devices:
            found.setdefault(member, []).append(zone.name)
    return found


def _outside(
    placed: list[tuple[Interface, str]], zones: Mapping[str, Zone]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    outside: dict[str, None] = {}
    unclear: dict[str, None] = {}
    for one, name in placed:
        masquerades = name in zones and zones[name].masquerades
        if one.outside or (one.upstream and masquerades) or named_outside(name):
            outside[name] = None
        elif one.outside is None:
            unclear[name] = None
    return tuple(outside), tuple(name for name in unclear if name not in outside)


def _note_includes(said: Said) -> None:
    """Rules that stand in files of their own are not followed."""
    for line in said.other.get(INCLUDED, "").splitlines():
        path, _, rule = line.partition(":")
        own = "miniupnpd" in path and _UPNP.fullmatch(rule.strip()) is not None
        if line.strip() and not own and not path.endswith("README"):
            said.note(WALL, line)
    if INCLUDED not in said.other and not said.from_file:
        said.note(WALL, "whether there are rules in files of their own: not answered")
    for section in said.of("firewall", "include"):
        path = section.get("path")
        seen = path == "/etc/firewall.user" and _user_rules_seen(said)
        if said.on(section, "enabled", WALL) and "miniupnpd" not in path and not seen:
            said.note(WALL, f"firewall.{section.key}.path: {path}")


def _user_rules_seen(said: Said) -> bool:
    """Whether what is in ``/etc/firewall.user`` was shown, or firewall4 passes it over."""
    release = _release(said)
    return INCLUDED in said.other or (release is not None and release >= _FW4)

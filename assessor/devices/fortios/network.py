"""The interfaces of a virtual domain, and which of them are on the outer side.

Outside is what the configuration says is: the role "wan", an address from a provider (DHCP, PPPoE),
a member of SD-WAN, the way of the default route, and the ports that Fortinet labels "wan" on the
case. Tunnels and links between domains lead through such an interface and are not one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assessor.devices.fortios.configuration import ZERO, ZERO6, Configuration
from assessor.devices.fortios.grammar import Block

SDWAN = "virtual-wan-link"
"""The name of SD-WAN in policies before 6.4, and of its first zone since."""
_FROM_PROVIDER = frozenset({"dhcp", "pppoe", "pppoa", "ipoa", "eoa"})
_INNER_ROLES = frozenset({"lan", "dmz"})
_LABELLED_WAN = re.compile(r"wan\d{0,2}")
_UNADDRESSED = frozenset({"", ZERO, f"{ZERO}/0"})
_NO_NETWORK = frozenset({"tunnel", "vdom-link", "loopback"})


@dataclass(frozen=True, slots=True)
class Network:
    """The interfaces of one domain.

    Attributes:
        interfaces: by name, only those that are up.
        outside: the names of those on the outer side.
        zones: the interfaces behind the names of zones.
        every: what "any" stands for.
    """

    interfaces: Mapping[str, Block]
    outside: frozenset[str]
    zones: Mapping[str, frozenset[str]]
    every: frozenset[str]

    def behind(self, names: Iterable[str]) -> frozenset[str]:
        """The interfaces that the names in a policy stand for."""
        found: set[str] = set()
        for name in names:
            if name == "any":
                return self.every
            found |= self.zones.get(name, {name})
        return frozenset(found)

    def leads_out(self, names: Iterable[str]) -> bool:
        """Whether one of the interfaces is on the outer side."""
        return any(name in self.outside or name == SDWAN for name in names)

    def inside(self) -> dict[str, Block]:
        """The interfaces with a network of the device's own behind them."""
        return {
            name: block
            for name, block in self.interfaces.items()
            if name not in self.outside and addressed(block) and not _leads_on(name, block)
        }


def networks(config: Configuration) -> dict[str, Network]:
    """The network of each domain."""
    table = config.table("system interface")
    every = table.entries if table is not None else {}
    return {
        name: _network(domain, _of_domain(every, name, config)) for name, domain in _domains(config)
    }


def _domains(config: Configuration) -> Iterable[tuple[str, Block]]:
    return config.domains.items()


def _of_domain(every: Mapping[str, Block], domain: str, config: Configuration) -> dict[str, Block]:
    alone = len(config.domains) <= 1
    return {
        name: block
        for name, block in every.items()
        if block.one("status", "up") != "down" and (alone or block.one("vdom", "root") == domain)
    }


def _network(domain: Block, interfaces: Mapping[str, Block]) -> Network:
    zones = {
        name: frozenset(block.all("interface"))
        for name, block in domain.part("system zone").entries.items()
    }
    members = _sdwan(domain)
    for zone, names in members.items():
        zones[zone] = zones.get(zone, frozenset()) | names
    tunnels = {*domain.part("vpn ipsec phase1-interface").entries}
    dialled = {*domain.part("system pppoe-interface").entries}
    routed = {*_default_routes(domain)}
    wanted = {
        *(name for name, block in interfaces.items() if _outer(name, block)),
        *dialled,
        *routed,
        *(name for names in members.values() for name in names),
    }
    wanted = {name for each in wanted for name in zones.get(each, {each})}
    outside = {
        name
        for name in wanted
        if name not in tunnels and not _leads_on(name, interfaces.get(name, Block()))
    }
    if not any(_connected(interfaces.get(name)) for name in outside) and not _bridges(domain):
        outside = set()  # ports that are labelled so, but lead nowhere
    every = frozenset((*interfaces, *outside, "any"))
    return Network(interfaces, frozenset(outside), zones, every)


def _outer(name: str, block: Block) -> bool:
    role = block.one("role")
    if role == "wan":
        return True
    if role in _INNER_ROLES:
        return False
    return block.one("mode") in _FROM_PROVIDER or _LABELLED_WAN.fullmatch(name) is not None


def _leads_on(name: str, block: Block) -> bool:
    return block.one("type") in _NO_NETWORK or name.startswith("ssl.") or "_vlink" in name


def _connected(block: Block | None) -> bool:
    return block is None or addressed(block) or addressed6(block)


def _bridges(domain: Block) -> bool:
    """Whether interfaces without addresses pass frames on."""
    transparent = domain.part("system settings").one("opmode") == "transparent"
    return transparent or bool(domain.part("system virtual-wire-pair").entries)


def _sdwan(domain: Block) -> dict[str, frozenset[str]]:
    """The members of each zone of SD-WAN."""
    found: dict[str, set[str]] = {}
    for table in ("system sdwan", "system virtual-wan-link"):
        block = domain.part(table)
        if block.one("status") == "disable":
            continue
        for member in block.part("members").entries.values():
            if member.one("status") != "disable" and member.one("interface"):
                found.setdefault(member.one("zone", SDWAN), set()).add(member.one("interface"))
    return {zone: frozenset(names) for zone, names in found.items()}


def _default_routes(domain: Block) -> Iterable[str]:
    """The interfaces and zones of default routes."""
    for table, whole in (("router static", ZERO), ("router static6", ZERO6)):
        for route in domain.part(table).entries.values():
            if route.one("status") == "disable" or route.on("blackhole"):
                continue
            if route.all("dstaddr") or route.all("internet-service"):
                continue
            if not route.one("dst", whole).startswith(whole):
                continue
            if route.all("dst")[1:] not in {(), (ZERO,)}:
                continue
            if route.on("virtual-wan-link") or route.on("sdwan"):
                yield SDWAN
            yield from route.all("sdwan-zone")
            yield from route.all("device")


def addressed(block: Block) -> bool:
    """Whether the interface has an IPv4 address, or gets one."""
    return block.one("ip") not in _UNADDRESSED or block.one("mode") in _FROM_PROVIDER


def addressed6(block: Block) -> bool:
    """Whether the interface has an IPv6 address, or gets one."""
    inner = block.part("ipv6")
    return (
        inner.one("ip6-address", ZERO6) != ZERO6
        or inner.one("ip6-mode", "static") != "static"
        or inner.on("autoconf")
    )

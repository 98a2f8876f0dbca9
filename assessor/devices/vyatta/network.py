"""The interfaces of a router, and which of them are its outer side."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface, ip_address, ip_interface

from assessor.devices.vyatta.grammar import Node

Address = IPv4Interface | IPv6Interface
TUNNELS = frozenset({"openvpn", "wireguard", "tunnel", "vti", "l2tpv3", "ipv6-tunnel", "vxlan"})
"""They join networks of one's own, or lead to a provider of VPNs by a route of their own."""
_NEVER_OUTSIDE = frozenset({"loopback", "dummy", "input"})
_DIALLED = frozenset({"pppoe", "wirelessmodem", "wwan", "sstpc", "pptp-client"})
_OUTER_ZONE = re.compile(r"(?i)(?:^|[-_])(?:wan|outside|internet|external|untrust)(?:$|[-_\d])")


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface, or a VLAN or a dialled line on one.

    Attributes:
        name: as rules name it: ``eth0``, ``eth0.10``, ``pppoe0``.
        kind: ``ethernet``, ``pppoe``, ``switch``, ...
        node: its part of the configuration.
        addresses: those that are set by hand.
        parent: the interface below it; empty for none.
        vlan: its number, where it is a VLAN.
    """

    name: str
    kind: str
    node: Node
    addresses: tuple[Address, ...] = ()
    parent: str = ""
    vlan: int | None = None

    @property
    def description(self) -> str:
        """What its owner calls it."""
        return self.node.value("description") or ""

    @property
    def dynamic(self) -> bool:
        """Its address is given from outside."""
        return bool({"dhcp", "dhcpv6"} & set(self.node.values("address")))

    @property
    def ipv6(self) -> bool:
        """IPv6 beyond the link is in use on it.

        Both systems take no address by themselves: routers ignore advertisements until
        ``ipv6 address autoconf`` is set (Linux, ip-sysctl, ``accept_ra``).
        """
        asked = self.node.at("ipv6", "address")
        return (
            any(address.version == 6 and not address.ip.is_link_local for address in self.addresses)
            or "dhcpv6" in self.node.values("address")
            or asked.has("autoconf")
            or asked.has("eui64")
            or self.node.has("dhcpv6-pd")
            or self.node.has("dhcpv6-options", "pd")
            or self.node.has("dhcpv6", "pd")
            or self.node.has("ipv6", "enable")
        )


@dataclass(frozen=True, slots=True)
class Network:
    """All interfaces that are on, and the outer ones.

    Attributes:
        outside: the outer interfaces; empty where the configuration does not tell.
        ipv6_disabled: the system does not speak IPv6 at all.
    """

    interfaces: dict[str, Interface]
    outside: tuple[str, ...]
    ipv6_disabled: bool = False

    def outer(self, family: str) -> tuple[str, ...]:
        """The outer interfaces over which ``ipv4`` or ``ipv6`` comes in."""
        tunnels = tuple(one.name for one in self.interfaces.values() if _carries_ipv6(one))
        if family == "ipv4":
            return tuple(name for name in self.outside if name not in tunnels)
        if self.ipv6_disabled:
            return ()
        return (*(name for name in self.outside if self.interfaces[name].ipv6), *tunnels)

    def inside(self) -> Iterator[Interface]:
        """The interfaces with a network of one's own behind them."""
        for one in self.interfaces.values():
            inner = one.name not in self.outside and one.kind not in (_NEVER_OUTSIDE | TUNNELS)
            if inner and any(address.version == 4 for address in one.addresses):
                yield one

    def own(self, address: str) -> bool:
        """Whether ``address`` is one of the router's own."""
        try:
            wanted = ip_address(address)
        except ValueError:
            return False
        return any(wanted == each.ip for one in self.interfaces.values() for each in one.addresses)


def _carries_ipv6(one: Interface) -> bool:
    """Whether it is a tunnel to a broker of IPv6, such as Hurricane Electric."""
    return one.kind == "tunnel" and one.node.value("encapsulation") in ("sit", "6rd")


def read_network(root: Node) -> Network:
    """The interfaces of a configuration."""
    interfaces = {one.name: one for one in _interfaces(root)}
    told = set(_outside(root, interfaces))
    outside = tuple(name for name in interfaces if name in told)
    return Network(interfaces, outside, root.has("system", "ipv6", "disable"))


def _interfaces(root: Node) -> Iterator[Interface]:
    for kind, names in root.items("interfaces"):
        for name, node in names.items():
            if not node.has("disable"):
                yield Interface(name, kind, node, _addresses(node))
                yield from _upon(name, kind, node)


def _upon(name: str, kind: str, node: Node) -> Iterator[Interface]:
    """The VLANs and dialled lines on an interface."""
    for word in ("vif", "vif-s", "vif-c"):
        for number, below in node.items(word):
            if below.has("disable") or not number.isdecimal():
                continue
            own = f"{name}.{number}"
            vlan = int(number[:6])
            yield Interface(own, kind, below, _addresses(below), name, vlan)
            yield from _upon(own, kind, below)
    for number, below in node.items("pppoe"):
        if not below.has("disable"):
            yield Interface(f"pppoe{number}", "pppoe", below, _addresses(below), name)
    for _, below in node.items("pvc"):
        yield from _upon(name, kind, below)


def _addresses(node: Node) -> tuple[Address, ...]:
    found = []
    for text in node.values("address"):
        try:
            found.append(ip_interface(text))
        except ValueError:
            continue  # "dhcp", or a word that is no address: it names none
    return tuple(found)


def _outside(root: Node, interfaces: dict[str, Interface]) -> Iterator[str]:
    told = {
        *(one.name for one in interfaces.values() if one.kind in _DIALLED or one.dynamic),
        *root.values("port-forward", "wan-interface"),
        *_routed(root, interfaces),
        *_in_outer_zones(root),
    }
    told = {name for name in told if name in interfaces}
    yield from told or set(_translated(root))


def _routed(root: Node, interfaces: dict[str, Interface]) -> Iterator[str]:
    """Where the default routes lead."""
    static = root.at("protocols", "static")
    gateways = [*root.values("system", "gateway-address")]
    for word in ("route", "route6", "interface-route", "interface-route6"):
        for target, node in static.items(word):
            if target in ("0.0.0.0/0", "::/0", "2000::/3"):
                gateways += node.values("next-hop")
                yield from node.values("interface")
                yield from node.values("next-hop-interface")
                yield from node.values("dhcp-interface")
                for _, hop in node.items("next-hop"):
                    yield from hop.values("interface")
    for gateway in gateways:
        try:
            wanted = ip_address(gateway)
        except ValueError:
            continue
        for one in interfaces.values():
            if any(
                wanted.version == each.version and wanted in each.network for each in one.addresses
            ):
                yield one.name


def _in_outer_zones(root: Node) -> Iterator[str]:
    for zones in (root.at("zone-policy", "zone"), root.at("firewall", "zone")):
        for name, node in zones.items():
            if _OUTER_ZONE.search(name) and not node.has("local-zone"):
                yield from node.values("interface")
                yield from node.values("member", "interface")


def _translated(root: Node) -> Iterator[str]:
    """Where addresses are hidden on the way out, but for what turns back into its own network."""
    rules: Iterable[tuple[str, Node]] = (
        *root.items("service", "nat", "rule"),
        *root.items("nat", "source", "rule"),
    )
    for _, rule in rules:
        masked = rule.value("type") == "masquerade" or rule.has(
            "translation", "address", "masquerade"
        )
        if masked and not rule.has("destination") and not rule.has("disable"):
            names = rule.values("outbound-interface", "name") or rule.values("outbound-interface")
            yield from (name for name in names if name not in ("name", "group"))

"""Which interfaces lead outside, and whether IPv6 is in use there.

Outside is what gets its address from a provider (DHCP, PPPoE, a modem), has a gateway of its own,
or is named so. An interface named ``lan`` with a gateway is that of an access point behind another
router; whether anything outside lies behind it cannot be told.

Sources: OpenWrt's user guide, "Network basics /etc/config/network" and "IPv6"; netifd's
``proto/*.sh``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assessor.devices.device import Topic
from assessor.devices.openwrt.said import Said
from assessor.devices.openwrt.uci import Section

UPSTREAM = frozenset(
    {"dhcp", "dhcpv6", "pppoe", "pppoa", "ppp", "3g", "qmi", "mbim", "ncm", "modemmanager"}
    | {"wwan", "hnet", "directip", "hilink"}
)
TUNNELS = frozenset({"6in4", "6to4", "6rd", "dslite", "map", "464xlat", "ipip6h"})
"""They carry one family of addresses over the other, to the provider."""
VPNS = frozenset(
    {"wireguard", "pptp", "l2tp", "openconnect", "vpnc", "sstp", "openfortivpn", "xfrm", "vti"}
    | {"vti6", "gre", "gretap", "grev6", "grev6tap", "vxlan", "vxlan6", "ipip", "tailscale"}
)
OTHER = frozenset(
    {"static", "none", "batadv", "batadv_hardif", "batadv_vlan", "relay", "autoip", "bonding"}
)
KNOWN = UPSTREAM | TUNNELS | VPNS | OTHER
_IPV6 = frozenset({"dhcpv6", "6in4", "6to4", "6rd"})
_PPP = frozenset(
    {"pppoe", "pppoa", "ppp", "3g", "qmi", "mbim", "ncm", "modemmanager", "l2tp", "pptp"}
)
_NAMED_OUTSIDE = re.compile(r"(?:w?wan|internet|uplink|wwan|modem|lte|dsl|glas|fiber|isp)\w*", re.I)
_NAMED_INSIDE = re.compile(r"(?:br-?)?lan\w*", re.I)
_GUESTS = re.compile(r"guest|gast|visitor|bezoek|hotspot", re.I)


@dataclass(frozen=True, slots=True)
class Interface:
    """A logical interface.

    Attributes:
        upstream: it gets its address from outside, or has a gateway.
        outside: ... and is meant to; ``None`` where that cannot be told.
        ipv6: addresses of version 6 are in use on it.
        devices: what it lies on.
    """

    name: str
    proto: str
    upstream: bool
    outside: bool | None
    ipv6: bool
    devices: tuple[str, ...]
    addresses: tuple[str, ...]

    @property
    def guests(self) -> bool:
        """Whether its name says that it is for guests."""
        return for_guests(self.name)


def for_guests(name: str) -> bool:
    """Whether a network of this name is meant for guests."""
    return _GUESTS.search(name) is not None


def named_outside(name: str) -> bool:
    """Whether a zone or interface of this name is meant for the outer side."""
    return _NAMED_OUTSIDE.fullmatch(name) is not None


def read_interfaces(said: Said) -> list[Interface]:
    """The interfaces that are on, without the loopback."""
    found = []
    for section in said.of("network", "interface"):
        proto = section.get("proto")
        if section.name == "loopback" or section.words("device") == ("lo",):
            continue
        if said.flag(section, "disabled", [Topic.FIREWALL]):
            continue
        if proto not in KNOWN:
            said.note([Topic.FIREWALL], f"network.{section.key}.proto: {proto or 'is missing'}")
        found.append(_interface(said, section, proto))
    return found


def _interface(said: Said, section: Section, proto: str) -> Interface:
    gateway = bool(section.words("gateway") or section.words("ip6gw"))
    everything = proto == "wireguard" and _takes_everything(said, section.name)
    upstream = proto in UPSTREAM | TUNNELS or gateway or everything
    outside: bool | None = upstream or (named_outside(section.name) and proto != "none")
    if upstream and _NAMED_INSIDE.fullmatch(section.name):
        outside = None
    if proto not in KNOWN:
        outside = None
    return Interface(
        section.name or section.key,
        proto,
        upstream,
        outside,
        _has_ipv6(section, proto),
        section.words("device") or section.words("ifname"),
        (*section.words("ipaddr"), *section.words("ip6addr")),
    )


def _takes_everything(said: Said, name: str) -> bool:
    """Whether a peer of a WireGuard interface is where all traffic goes."""
    peers = said.of("network", f"wireguard_{name}")
    return any(
        peer.flag("route_allowed_ips")
        and any(each.endswith("/0") for each in peer.words("allowed_ips"))
        for peer in peers
    )


def _has_ipv6(section: Section, proto: str) -> bool:
    if proto in _IPV6 or section.words("ip6addr") or section.words("ip6gw"):
        return True
    # "auto", the default, asks for IPv6 as soon as the line offers it.
    return proto in _PPP and section.get("ipv6", "auto") not in {"0", "off", "no", "false"}

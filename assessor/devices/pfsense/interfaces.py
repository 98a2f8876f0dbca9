"""The interfaces of a configuration, and which of them are its outer side.

Outer is what gets its address from a provider (DHCP, PPPoE and the like), what has an upstream
gateway ("Interfaces with a gateway selected are treated as WANs": docs.netgate.com, Interface
Configuration; the same in OPNsense's Interfaces), and what the maker itself calls ``wan``.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

from assessor.devices.device import Topic
from assessor.devices.pfsense.grammar import Element, Unread, check, children, flag, text
from assessor.devices.pfsense.names import INTERFACE, INTERFACE_PATTERN

Range = tuple[int, int, int]
"""Version of the protocol, first and last address."""

_PROVIDED4 = frozenset({"dhcp", "pppoe", "ppp", "pptp", "l2tp"})
_PROVIDED6 = frozenset({"dhcp6", "slaac", "6rd", "6to4", "pppoev6"})
_TRACKED6 = frozenset({"track6", "idassoc6"})
_LOCAL6 = frozenset({"link-local", "linklocal"})
_NONE = frozenset({"", "none"})
_TUNNEL = re.compile(
    r"(?:wg|tun_wg|ovpn[sc]|openvpn|ipsec|enc|tailscale|zt|tinc|l2tps|pptpd|poes|wireguard|nebula)"
    r"[\w]*|openvpn|wireguard",
    re.IGNORECASE,
)
_HALF = re.compile(r"(?:gif|gre|stf|vxlan)\d+")
_VLAN = re.compile(r"(?P<parent>[\w]+)\.(?P<tag>\d{1,4})")


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface that rules can name.

    Attributes:
        key: how the configuration names it: ``wan``, ``lan``, ``opt1``.
        name: how its owner does.
        outside: the internet lies behind it.
        tunnel: it is the inner end of a VPN.
        half: it is a tunnel of which cannot be told whether the internet lies behind it.
        group: it stands for several.
        ranges: the networks on it.
        own: the device's addresses on it.
        four: it speaks IPv4; ``six``: IPv6.
        given: which versions have networks that a provider hands out.
    """

    key: str
    name: str
    device: str
    enabled: bool = True
    outside: bool = False
    tunnel: bool = False
    half: bool = False
    group: bool = False
    vlan: int | None = None
    ranges: tuple[Range, ...] = ()
    own: tuple[Range, ...] = ()
    four: bool = False
    six: bool = False
    given: frozenset[int] = frozenset()

    @property
    def inner(self) -> bool:
        """Whether one of the own networks is behind it."""
        return self.enabled and not (self.outside or self.tunnel or self.half or self.group)

    def dynamic(self, version: int) -> bool:
        """Whether its network is not told by the configuration."""
        return version in self.given

    def speaks(self, version: int) -> bool:
        """Whether it has addresses of that version."""
        return self.four if version == 4 else self.six


def spans(net: ipaddress.IPv4Network | ipaddress.IPv6Network) -> tuple[Range, ...]:
    """A network as a range."""
    first = int(net.network_address)
    return ((net.version, first, first + net.num_addresses - 1),)


def read_interfaces(root: Element, unread: Unread) -> Mapping[str, Interface]:
    """All interfaces, by key."""
    tags = {text(each, "vlanif") or f"{text(each, 'if')}.{text(each, 'tag')}": text(each, "tag")
            for each in children(root, "vlans", "vlan")}  # fmt: skip
    found: dict[str, Interface] = {}
    for holder in children(root, "interfaces"):
        for each in holder:
            key = str(each.tag)
            if key in found:
                unread.add(f"<interfaces> <{key}> more than once", Topic.FIREWALL, Topic.SEGMENTS)
            found[key] = _read(key, each, tags, unread)
    return found


def _read(key: str, each: Element, tags: Mapping[str, str], unread: Unread) -> Interface:
    check(each, (INTERFACE, INTERFACE_PATTERN), unread, Topic.FIREWALL, Topic.SEGMENTS)
    device = text(each, "if")
    kind = text(each, "type")
    four, six = _address(each, unread, 4), _address(each, unread, 6)
    group = kind == "group"
    if kind not in {"", "none", "group", "dhcp", "static", "pppoe", "ppp", "pptp", "l2tp"}:
        unread.add(f"<{key}> <type> {kind}", Topic.FIREWALL, Topic.SEGMENTS)
    tunnel = not group and (bool(_TUNNEL.fullmatch(device)) or key in {"enc0", "openvpn"})
    half = not (tunnel or group) and bool(_HALF.fullmatch(device))
    loop = device == "lo0" or key in {"lo0", "loopback"}
    gateway = any(text(each, name) not in {"", "none"} for name in ("gateway", "gatewayv6"))
    provided = four[0] == "provided" or six[0] == "provided"
    return Interface(
        key=key,
        name=text(each, "descr") or key.upper(),
        device=device,
        enabled=flag(each, "enable") and not loop,
        outside=not (tunnel or half or group or loop) and (key == "wan" or provided or gateway),
        tunnel=tunnel,
        half=half,
        group=group or loop,
        vlan=_tag(device, tags),
        ranges=(*four[1], *six[1]),
        own=(*four[2], *six[2]),
        four=four[0] != "none",
        six=six[0] != "none",
        given=frozenset(
            version
            for version, told in ((4, four[0]), (6, six[0]))
            if told in {"provided", "tracked", "unclear"}
        ),
    )


def _tag(device: str, tags: Mapping[str, str]) -> int | None:
    matched = _VLAN.fullmatch(device)
    said = tags.get(device) or (matched["tag"] if matched else "")
    return int(said) if said.isascii() and said.isdigit() and len(said) <= 4 else None


def _address(
    each: Element, unread: Unread, version: int
) -> tuple[str, tuple[Range, ...], tuple[Range, ...]]:
    """Where its address is from, its network, and the address itself."""
    suffix = "" if version == 4 else "v6"
    said, bits = text(each, f"ipaddr{suffix}"), text(each, f"subnet{suffix}")
    kind = said.lower()
    if kind in _NONE:
        return "none", (), ()
    if kind in (_PROVIDED4 if version == 4 else _PROVIDED6):
        return "provided", (), ()
    if version == 6 and kind in _TRACKED6 | _LOCAL6:
        return ("tracked" if kind in _TRACKED6 else "local"), (), ()
    try:
        address = ipaddress.ip_address(said)
        net = ipaddress.ip_network(f"{said}/{bits or address.max_prefixlen}", strict=False)
    except ValueError:
        unread.add(f"<{each.tag}> <ipaddr{suffix}> {said}", Topic.FIREWALL, Topic.SEGMENTS)
        return "unclear", (), ()
    own = ipaddress.ip_network(address)
    return "static", spans(net), spans(own)

"""Interfaces, and which of them look outwards."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv6Interface,
    ip_address,
    ip_interface,
    ip_network,
)

from assessor.devices.device import Topic
from assessor.devices.ios.addresses import Network, is_address, private
from assessor.devices.ios.grammar import Node, Tree
from assessor.devices.ios.notes import Notes
from assessor.devices.ios.vocabulary import VOCABULARY

_DIALED = re.compile(r"(?:dialer|cellular|async|virtual-ppp)\d", re.IGNORECASE)
_POINT_TO_POINT = re.compile(r"(?:serial|atm|pos|bri|hssi)\d", re.IGNORECASE)
_MANAGEMENT_VRF = re.compile(r"mgmt|management|mgt|oob", re.IGNORECASE)
_MOST_CARRIED, _ALL_NUMBERS = 200, 4094
OF_RADIOS = ("ssid", "encryption", "mbssid")
_HARMLESS = VOCABULARY.beginnings("interfaces")
_NUMBER = re.compile(r"\d+")


@dataclass(slots=True)
class Interface:
    """An interface with what matters of it.

    Attributes:
        four: its addresses of IPv4; empty where it gets them from elsewhere.
        learned: it gets its address of IPv4 from outside (DHCP, PPP).
        borrows: it has none of its own, and uses that of another interface.
        six: its addresses of IPv6 as far as they are told.
        has_six: it has addresses of IPv6.
        lists: names of the access lists by family and direction: ``ipv4 in``.
        nat: ``inside``, ``outside`` or empty.
        vlan: its number in the wires.
        carries: the numbers of VLANs that a port of a switch is set to.
        maps: the crypto maps and profiles on it.
    """

    name: str
    node: Node
    description: str = ""
    up: bool = True
    four: list[IPv4Interface] = field(default_factory=list)
    learned: bool = False
    borrows: bool = False
    six: list[IPv6Interface] = field(default_factory=list)
    has_six: bool = False
    lists: dict[str, str] = field(default_factory=dict)
    nat: str = ""
    zone: str = ""
    vrf: str = ""
    vlan: int | None = None
    carries: set[int] = field(default_factory=set)
    maps: list[str] = field(default_factory=list)
    tunnel: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The letters that its name begins with, small."""
        return re.match(r"[a-z-]*", self.name.lower().replace(" ", ""))[0]  # type: ignore[index]

    @property
    def addresses(self) -> list[IPv4Interface | IPv6Interface]:
        """All that are told."""
        return [*self.four, *self.six]

    @property
    def has_four(self) -> bool:
        """It has addresses of IPv4."""
        return bool(self.four) or self.learned or self.borrows

    def routed(self) -> bool:
        """It has addresses at all."""
        return self.has_four or self.has_six


def read_interfaces(tree: Tree, notes: Notes) -> list[Interface]:
    """Every interface, one that is written twice as one; in the order written."""
    found: dict[str, Interface] = {}
    for node in tree.take("interface"):
        name = "".join(node.after(1))
        if node.no or not name:
            continue
        if node.word(1) == "range":
            notes.add(node.text, Topic.FIREWALL, Topic.SEGMENTS)
            continue
        key = name.lower()
        interface = found.setdefault(key, Interface(name, node))
        _read(interface, node.children, notes)
        if node is not interface.node:
            interface.node.children += node.children
    return list(found.values())


def _read(interface: Interface, children: Sequence[Node], notes: Notes) -> None:
    for child in children:
        child.read = _taken(interface, child) or _HARMLESS.holds(child)
        if not child.read and child.word(0) not in OF_RADIOS:
            # What stands on an interface may be about anything that passes it.
            topics = (Topic.VPN,) if child.word(0) == "crypto" else ()
            text = f"{interface.name}: {child.text}"
            notes.add(text, Topic.FIREWALL, Topic.SEGMENTS, *topics)
    if vlan := re.fullmatch(r"vlan(\d+)", interface.name, re.IGNORECASE):
        interface.vlan = int(vlan[1])


def _taken(interface: Interface, child: Node) -> bool:
    """Whether ``child`` is one of the commands that are followed."""
    first, second = child.word(0), child.word(1)
    if first == "shutdown" and len(child.words) == 1:
        interface.up = child.no
    elif first == "description":
        interface.description = " ".join(child.after(1))
    elif first in ("ip", "ipv6"):
        return _of_ip(interface, child, first, second)
    elif first == "switchport":
        _port(interface, child)
    elif child.begins("zone-member", "security") and len(child.words) == 3:
        interface.zone = "" if child.no else child.words[2]
    elif first == "vrf" and second in ("forwarding", "member"):
        interface.vrf = "" if child.no else "".join(child.after(2))
    elif first == "encapsulation" and second in ("dot1q", "isl") and len(child.words) > 2:
        number = _NUMBER.fullmatch(child.words[2])
        interface.vlan = int(number[0]) if number else None
    elif child.begins("crypto", "map") and len(child.words) > 2:
        if not child.no:
            interface.maps.append(child.words[2])
    elif first == "tunnel" and second in ("source", "mode", "protection"):
        interface.tunnel[second] = " ".join(child.after(2))
    else:
        return False
    return True


def _port(interface: Interface, child: Node) -> None:
    """The VLANs of a port of a switch."""
    for kind in (("access", "vlan"), ("voice", "vlan"), ("trunk", "allowed", "vlan")):
        if child.begins("switchport", *kind) and not child.no:
            listed = "".join(child.after(len(kind) + 1)).lower().removeprefix("add")
            found = numbers(listed) or ()
            if len(found) <= _MOST_CARRIED:  # more is open to any, and names none
                interface.carries |= set(found)


@lru_cache(maxsize=1024)
def numbers(text: str) -> tuple[int, ...] | None:
    """``10,20,30-32``."""
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", part)
        if match is None:
            return None
        low, high = int(match[1]), int(match[2] or match[1])
        found += range(low, min(high, 4094) + 1)
        if len(found) > _ALL_NUMBERS:
            return None
    return tuple(found)


def _of_ip(interface: Interface, child: Node, first: str, second: str) -> bool:
    if second == "address":
        return _address(interface, child, first)
    if first == "ip" and second == "unnumbered":
        interface.borrows = not child.no
    elif first == "ip" and second == "vrf" and child.word(2) == "forwarding":
        interface.vrf = "" if child.no else "".join(child.after(3))
    elif first == "ip" and second == "nat" and child.word(2) in ("inside", "outside"):
        interface.nat = "" if child.no else child.word(2)
    elif first == "ip" and second == "nat" and child.word(2) in ("enable", "allow-static-host"):
        interface.nat = interface.nat or ("both" if child.word(2) == "enable" else "")
    elif second in ("access-group", "traffic-filter"):
        return _access_list(interface, child, first, second)
    elif second == "inspect":
        # What is inspected opens the way for its answers only; the access list decides.
        return child.word(3) in ("in", "out")
    elif (first == "ipv6" and second in ("enable", "unnumbered")) or child.begins(
        "ipv6", "dhcp", "client"
    ):
        interface.has_six = interface.has_six or not child.no
    else:
        return False
    return True


def _access_list(interface: Interface, child: Node, first: str, second: str) -> bool:
    if second != {"ip": "access-group", "ipv6": "traffic-filter"}[first]:
        return False
    if len(child.words) != 4 or child.word(3) not in ("in", "out"):
        return False
    key = f"{'ipv4' if first == 'ip' else 'ipv6'} {child.word(3)}"
    if child.no:
        interface.lists.pop(key, None)
    else:
        interface.lists[key] = child.words[2]
    return True


def _address(interface: Interface, child: Node, first: str) -> bool:
    words = [word.lower() for word in child.after(2)]
    if child.no:
        return True
    if not words:
        return False
    if first == "ipv6":
        interface.has_six = True
        if "/" not in words[0]:
            return words[0] in ("autoconfig", "dhcp") or len(words) > 1
        try:
            one = ip_interface(words[0])
        except ValueError:
            return len(words) > 1  # a prefix by name with the rest of the address
        if isinstance(one, IPv6Interface):
            interface.six.append(one)
        return True
    if words[0] in ("dhcp", "negotiated", "pool", "slarp", "auto"):
        interface.learned = True
        return True
    try:
        four = IPv4Interface(f"{words[0]}/{words[1]}")
    except (ValueError, IndexError):
        return False
    interface.four.append(four)
    return words[2:] in ([], ["secondary"])


_EVERY_FOUR = (str(IPv4Address(0)),) * 2


@dataclass(frozen=True, slots=True)
class Outside:
    """What looks outwards.

    Attributes:
        interfaces: ``None`` where it cannot be told which do.
        border: the device stands between the own networks and others; if not, it is behind
            something that does.
        upstream: what the default routes lead to.
        private: nobody on the internet has any of its addresses, as far as they are told.
    """

    interfaces: Sequence[Interface] | None
    border: bool
    upstream: Sequence[Interface] = ()
    private: bool = False


def find_outside(tree: Tree, interfaces: Sequence[Interface], notes: Notes) -> Outside:
    """By address translation, by how an address is got, and by the default routes."""
    up = [one for one in interfaces if one.up and not _for_management(one)]
    defaults = _default_ways(tree, up, notes)
    translated = [one for one in up if one.nat == "outside"]
    dialed = [
        one
        for one in up
        if one.nat != "inside"
        and (
            (_DIALED.match(one.name) and one.routed())
            or (_POINT_TO_POINT.match(one.name) and one.has_four and not _is_private(one))
            or (one.learned and one.kind not in ("vlan", "tunnel", "loopback", "bvi", "bdi"))
        )
    ]
    ways = [one for one in defaults if one.nat != "inside"]
    if any(one.nat == "both" for one in up):
        notes.add("ip nat enable", Topic.FIREWALL)
    if translated or dialed:
        return Outside(_ordered(up, [*translated, *dialed, *ways]), True, ways)
    public = [one for one in ways if not _is_private(one) or one.kind == "tunnel"]
    if public:
        return Outside(_ordered(up, ways), True, ways)
    routed = [one for one in up if one.routed()]
    if all(_is_private(one) for one in routed):
        return Outside(None, False, ways, private=True)
    # A switch or access point has one address, which may be lent to it.
    alone = len(routed) == 1 and routed[0].learned
    return Outside(None, not alone, ways)


def _for_management(interface: Interface) -> bool:
    return bool(_MANAGEMENT_VRF.search(interface.vrf))


def _is_private(interface: Interface) -> bool:
    """Whether all its addresses are told, and none is of the internet."""
    networks: list[Network] = [one.network for one in interface.four]
    networks += [one.network for one in interface.six]
    return bool(networks) and not interface.learned and not interface.borrows and private(networks)


def _ordered(interfaces: Sequence[Interface], chosen: Sequence[Interface]) -> list[Interface]:
    return [one for one in interfaces if any(one is other for other in chosen)]


def _default_ways(tree: Tree, interfaces: Sequence[Interface], notes: Notes) -> list[Interface]:
    """The interfaces that default routes lead to; a tunnel stands for what it goes through."""
    named = {one.name.lower(): one for one in interfaces}
    found: list[Interface] = []
    for first, every in (("ip", _EVERY_FOUR), ("ipv6", ("::/0",))):
        for node in tree.take(first, "route"):
            words = [word.lower() for word in node.after(2)]
            vrf = ""
            if words[:1] == ["vrf"] and len(words) > 1:
                vrf, words = words[1], words[2:]
            if node.no or tuple(words[: len(every)]) != every or _MANAGEMENT_VRF.search(vrf):
                continue
            target = words[len(every) :]
            if not target:
                notes.add(node.text, Topic.FIREWALL)
                continue
            found += _way(target, named)
    return [_below(one, named) if _is_detour(one) else one for one in found]


def _is_detour(interface: Interface) -> bool:
    """Whether it is a tunnel whose way is another interface's affair; 6in4 brings IPv6 itself."""
    return interface.kind == "tunnel" and "ipv6ip" not in interface.tunnel.get("mode", "")


def _way(target: Sequence[str], named: Mapping[str, Interface]) -> list[Interface]:
    joined = "".join(target[:2])
    for name in (target[0], joined):
        if name in named:
            return [named[name]]
    if not is_address(target[0]):
        return []
    hop = ip_address(target[0])
    return [one for one in named.values() if any(hop in each.network for each in one.addresses)][:1]


def _below(interface: Interface, named: Mapping[str, Interface]) -> Interface:
    source = interface.tunnel.get("source", "").lower().replace(" ", "")
    if source in named:
        return named[source]
    for one in named.values():
        if any(str(each.ip) == source for each in one.addresses):
            return one
    return interface


def own_networks(interfaces: Sequence[Interface]) -> list[Network]:
    """The device's own addresses, each as a network of one."""
    return [ip_network(each.ip) for one in interfaces for each in one.addresses]

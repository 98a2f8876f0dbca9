"""Interfaces, zones and named objects of a ZLD configuration."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import TypeVar

from assessor.devices.aruba.tree import Node, Notes, Tree, known
from assessor.devices.device import Segment, Topic
from assessor.devices.zyxel.rules import Ports, Rule
from assessor.model.answers import UnparsedError

_GUEST = re.compile(r"guest|gast|visitor|bezoek", re.IGNORECASE)
_DEEPEST = 8
_MOST, _MOST_ZONES = 1000, 64
Item = TypeVar("Item", str, tuple[str, int, int])
# Services that ZLD brings along by these names.
_BUILT_IN: Mapping[str, Ports] = {
    "HTTP": (("tcp", 80, 80),),
    "HTTPS": (("tcp", 443, 443),),
    "SSH": (("tcp", 22, 22),),
    "TELNET": (("tcp", 23, 23),),
    "FTP": (("tcp", 20, 21),),
    "SNMP": (("tcp", 161, 161), ("udp", 161, 161)),
    "IKE": (("udp", 500, 500),),
    "NATT": (("udp", 4500, 4500),),
    "ESP": (("protocol 50", 0, 0),),
    "AH": (("protocol 51", 0, 0),),
    "GRE": (("protocol 47", 0, 0),),
}
_INTERFACE = known(
    "type ip ipv6 upstream downstream mtu description shutdown port bind account connectivity"
    " ping-check igmp mac vlan-id join ddns ip-mac-binding traffic-prioritize metric dhcp6-client"
    " dhcp6-server ipv6-address network-extension local-address remote-address idle mss band"
    " budget pin apn dial-string tunnel use-defined-mac ospf rip activate priority authentication"
    " stp virtual-host compression nail-up isp"
)


@dataclass(frozen=True, slots=True)
class Own:
    """An interface of the inner side: its VLAN, and what its owner wrote of it."""

    vlan: int | None
    text: str


@dataclass(slots=True)
class Network:
    """What is named in a configuration.

    Attributes:
        outer: zones that interfaces of the outer side are in; empty if none could be told.
        outside: those interfaces.
        zones: the interfaces of each zone.
        own: interfaces of the inner side.
        six: the family IPv6 is in use; ``None`` where that is not told.
    """

    outer: frozenset[str] = frozenset()
    outside: tuple[str, ...] = ()
    zones: dict[str, list[str]] = field(default_factory=dict)
    own: dict[str, Own] = field(default_factory=dict)
    six: bool | None = None
    addresses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    address_groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ports: dict[str, Ports] = field(default_factory=lambda: dict(_BUILT_IN))
    port_groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    seen_addresses: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    seen_ports: dict[str, Ports | None] = field(default_factory=dict)
    zone_by_interface: dict[str, str] = field(default_factory=dict)

    def sources(self, name: str) -> tuple[str, ...] | None:
        """The addresses of an object; empty for any, ``None`` if nothing is known of it."""
        if name in {"any", "ALL"}:
            return ()
        return _joined(name, self.addresses, self.address_groups, self.seen_addresses, _DEEPEST)

    def service(self, name: str) -> Ports | None:
        """The ports of a service; empty for any, ``None`` if nothing is known of it."""
        if name == "any":
            return ()
        return _joined(name, self.ports, self.port_groups, self.seen_ports, _DEEPEST)

    def zone_of(self, interface: str) -> str:
        """The zone of an interface; empty for none."""
        return self.zone_by_interface.get(interface, "")

    def segments(self, rules: Sequence[Rule] | None) -> tuple[Segment, ...] | None:
        """The own networks; a zone that no rule lets into another is apart from it."""
        shared = Counter(self.zone_of(name) for name in self.own)
        apart = {
            zone: None if number > 1 or not zone else _apart(zone, shared, rules)
            for zone, number in shared.items()
        }
        return (
            tuple(
                Segment(
                    name,
                    own.vlan,
                    bool(_GUEST.search(f"{name} {self.zone_of(name)} {own.text}")),
                    apart[self.zone_of(name)],
                )
                for name, own in self.own.items()
            )
            or None
        )


def _joined(
    name: str,
    single: Mapping[str, tuple[Item, ...]],
    groups: Mapping[str, tuple[str, ...]],
    seen: dict[str, tuple[Item, ...] | None],
    deep: int,
) -> tuple[Item, ...] | None:
    """What a name stands for; empty if any of it stands for all, ``None`` if some is not known."""
    if name in single:
        return single[name]
    if name in seen or name not in groups or deep == 0:
        return seen.get(name)
    seen[name] = None  # a group that has itself as a member
    found: dict[Item, None] = {}
    for member in groups[name]:
        some = _joined(member, single, groups, seen, deep - 1)
        if not some or len(found) > _MOST:
            seen[name] = some
            return some
        found.update(dict.fromkeys(some))
    seen[name] = tuple(found) or None
    return seen[name]


def _apart(zone: str, inner: Iterable[str], rules: Sequence[Rule] | None) -> bool | None:
    """Whether nothing lets traffic of ``zone`` into the other own zones."""
    if rules is None:
        return None
    others = {other for other in inner if other not in {zone, ""}}
    if not others:
        return None
    closed: set[str] = set()
    for rule in rules:
        if not rule.active or rule.origin not in {"any", zone} or rule.family != "ipv4":
            continue
        to = others if rule.to == "any" else others & {rule.to}
        if rule.action == "allow" and to - closed:
            return False
        if rule.action != "allow" and rule.plain and rule.service == "any":
            closed |= to
    return True


def read_network(tree: Tree, notes: Notes) -> Network:
    """Everything that has a name."""
    found = Network()
    for node in tree.take("zone"):
        members = [each.word(1) for each in node.children if each.begins("interface")]
        found.zones.setdefault(node.word(1), []).extend(members)
        for each in node.children:
            if each.word(0) not in {"interface", "block", "crypto", "sslvpn", "description"}:
                notes.add(f"zone {node.word(1)}: {each.text}", Topic.FIREWALL)
    if len(found.zones) > _MOST_ZONES:
        raise UnparsedError("more zones than any device has")
    for zone, members in found.zones.items():
        for member in members:
            if found.zone_by_interface.setdefault(member, zone) != zone:
                notes.add(
                    f"zone {zone}: interface {member} is in another zone, too", Topic.FIREWALL
                )
    six_seen = _interfaces(tree, found, notes)
    state = tree.state("ipv6", "activate")
    # IPv6 is off as delivered (online help, System > IPv6).
    found.six = state if state is not None else (None if six_seen else False)
    outer = {found.zone_of(name) for name in found.outside} - {""}
    outer |= {zone for zone in found.zones if zone.upper().startswith("WAN")}
    found.outer = frozenset(outer)
    _addresses(tree, found, notes)
    _services(tree, found, notes)
    return found


def _interfaces(tree: Tree, found: Network, notes: Notes) -> bool:
    """Reads the interfaces; says whether one of them has an address of IPv6."""
    outside: list[str] = []
    six = False
    for node in tree.take("interface"):
        name = node.word(1)
        parts = node.children
        kind = next((each.word(1) for each in parts if each.begins("type")), "")
        vlan = next((each.word(1) for each in parts if each.begins("vlan-id")), "")
        dialled = any(each.begins("account") for each in parts)
        six = six or any(each.word(0).startswith("ipv6") and not each.no for each in parts)
        for each in parts:
            if each.word(0) not in _INTERFACE:
                notes.add(f"interface {name}: {each.text}", Topic.SEGMENTS, Topic.FIREWALL)
        if any(each.begins("shutdown") and not each.no for each in parts):
            continue
        # One of the type "general" is what its owner makes of it: with a way out, an outer one.
        led = kind == "general" and any(
            each.begins("ip", "gateway") or each.begins("ip", "address", "dhcp") for each in parts
        )
        if kind == "external" or led or dialled or name.startswith("cellular"):
            outside.append(name)
        elif kind in {"internal", "general"} or vlan:
            text = " ".join(each.text for each in parts if each.begins("description"))
            found.own[name] = Own(int(vlan) if re.fullmatch(r"\d{1,4}", vlan) else None, text)
    found.outside = tuple(outside)
    return six


def _addresses(tree: Tree, found: Network, notes: Notes) -> None:
    for head in ("address-object", "address6-object"):
        for node in tree.take(head):
            name, rest = node.word(1), node.words[2:]
            if not rest:
                notes.add(node.text, Topic.FIREWALL)
            elif rest[0] == "geography" or _as_good_as_any(rest[0]):
                found.addresses[name] = ()  # a whole country is nobody by name
            else:
                found.addresses[name] = (" ".join(rest),)
    for head in ("address", "address6"):
        for node in tree.take("object-group", head):
            members = tuple(
                each.word(1) for each in node.children if not each.begins("description")
            )
            found.address_groups[node.word(2)] = members


def _as_good_as_any(text: str) -> bool:
    """A network or range of 1/64 or more of all addresses of its family."""
    first, _, last = text.partition("-")
    try:
        if last:
            low, high = ip_address(first), ip_address(last)
            return int(high) - int(low) >= 1 << (low.max_prefixlen - 6)
        return ip_network(text, strict=False).prefixlen <= 6
    except ValueError:
        return False


def _services(tree: Tree, found: Network, notes: Notes) -> None:
    for node in tree.take("service-object"):
        ports = _service(node)
        if ports is None:
            notes.add(node.text, Topic.FIREWALL)
        else:
            found.ports[node.word(1)] = ports
    for node in tree.take("object-group", "service"):
        members = tuple(each.word(1) for each in node.children if not each.begins("description"))
        found.port_groups[node.word(2)] = members


def _service(node: Node) -> Ports | None:
    """``service-object X {tcp|udp} {eq N|range N M}``, ``protocol N``, ``icmp X``."""
    rest = node.words[2:]
    if not rest:
        return None
    if rest[0] in {"icmp", "icmpv6", "protocol"}:
        return ((" ".join(rest[:2]), 0, 0),)
    if rest[0] not in {"tcp", "udp"} or not all(
        re.fullmatch(r"\d{1,5}", each) for each in rest[2:]
    ):
        return None
    numbers = [int(each) for each in rest[2:]]
    if rest[1:2] == ("eq",) and len(numbers) == 1:
        return ((rest[0], numbers[0], numbers[0]),)
    if rest[1:2] == ("range",) and len(numbers) == 2:
        return ((rest[0], numbers[0], numbers[1]),)
    return None

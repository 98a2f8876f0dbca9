"""The device's own networks, and whether its rules keep them apart.

Between the networks of a router all passes unless an access list or zones say otherwise. On a
switch that does not route, another device decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessor.devices.device import Segment, Topic
from assessor.devices.ios.acl import Lists
from assessor.devices.ios.addresses import Network, everywhere, holding, overlapping
from assessor.devices.ios.grammar import Tree
from assessor.devices.ios.interfaces import Interface, Outside, numbers
from assessor.devices.ios.notes import Notes
from assessor.devices.ios.rules import Rule
from assessor.devices.ios.wifi import for_guests
from assessor.devices.ios.zones import Zones

MOST = 60
"""So many networks are compared with each other; no small business has more on one device."""

MOST_STEPS = 1_000_000
FEW = 8

_NOT_NETWORKS = frozenset(
    {"loopback", "tunnel", "null", "nve", "virtual-template", "vif", "voip-null"}
)
_ALL_OF_THEM = 200
"""A trunk that carries more is open to any, and names none."""

_DEFAULT_VLANS = range(1002, 1006)


@dataclass(frozen=True, slots=True)
class _Inside:
    interface: Interface
    networks: tuple[Network, ...]


def read_segments(
    tree: Tree,
    interfaces: Sequence[Interface],
    outside: Outside,
    lists: Lists,
    zones: Zones,
    notes: Notes,
) -> tuple[Segment, ...]:
    """Networks with addresses here, or else the VLANs by their names."""
    names = _vlan_names(tree, interfaces, notes)
    tree.take("vrf")
    outer = [*(outside.interfaces or ()), *outside.upstream]
    inside = [
        _Inside(one, tuple(each.network for each in one.addresses))
        for one in interfaces
        if one.up
        and (one.four or one.six)
        and one.kind not in _NOT_NETWORKS
        and not any(one is other for other in outer)
        and not all(each.network.num_addresses <= 2 for each in one.four or [])
    ]
    routes = len(inside) > 1 and tree.given("ip", "routing") is not False
    if not routes:
        return tuple(
            Segment(name, number, for_guests(name), None) for number, name in sorted(names.items())
        ) or tuple(_segment(one, names, None) for one in inside)
    few = len(inside) <= MOST and len(inside) ** 2 * _longest(inside, lists) <= MOST_STEPS
    return tuple(
        _segment(one, names, _apart(one, inside, lists, zones) if few else None) for one in inside
    )


def _longest(inside: Sequence[_Inside], lists: Lists) -> int:
    """How many rules the longest list on one of the networks has."""
    return max(
        len(_rules(lists, one.interface, direction) or ())
        for one in inside
        for direction in ("in", "out")
    )


def _segment(one: _Inside, names: Mapping[int, str], isolated: bool | None) -> Segment:
    interface = one.interface
    called = names.get(interface.vlan, "") if interface.vlan is not None else ""
    guest = for_guests(interface.description, called)
    name = f"{interface.name} ({called})" if called else interface.name
    return Segment(name, interface.vlan, guest, isolated)


def _vlan_names(tree: Tree, interfaces: Sequence[Interface], notes: Notes) -> dict[int, str]:
    """By number; a switch may keep their names elsewhere (``vlan.dat``), and name none here."""
    found: dict[int, str] = {1: "VLAN 1"}
    seen: set[str] = set()
    carried = {number for one in interfaces for number in one.carries}
    if len(carried) <= _ALL_OF_THEM:
        found |= {number: f"VLAN {number}" for number in sorted(carried)}
    for node in tree.take("vlan"):
        if node.word(1) in (
            "internal",
            "access-log",
            "database",
            "configuration",
            "accounting",
            "dot1q",
            "group",
        ):
            continue
        if node.word(1) in ("access-map", "filter"):
            notes.add(node.text, Topic.SEGMENTS)
            continue
        written = "".join(node.after(1))
        if written in seen and not node.children:
            continue
        seen.add(written)
        listed = numbers(written)
        if listed is None:
            notes.add(node.text, Topic.SEGMENTS)
            continue
        for number in listed:
            found.setdefault(number, f"VLAN {number}")
        for child in node.children:
            if child.word(0) == "name" and len(listed) == 1:
                found[listed[0]] = " ".join(child.after(1))
            elif child.word(0) in ("private-vlan", "xname"):
                notes.add(child.text, Topic.SEGMENTS)
    return {number: name for number, name in found.items() if number not in _DEFAULT_VLANS}


def _apart(one: _Inside, inside: Sequence[_Inside], lists: Lists, zones: Zones) -> bool | None:
    """Whether rules keep a network from all the others."""
    answers = {_kept_from(one, other, lists, zones) for other in inside if other is not one}
    if False in answers:
        return False
    return None if None in answers else True


def _kept_from(one: _Inside, other: _Inside, lists: Lists, zones: Zones) -> bool | None:
    """Whether traffic from the one network does not reach the other."""
    if one.interface.vrf != other.interface.vrf:
        return None  # apart unless routes leak, which is not followed
    here, there = one.interface.zone, other.interface.zone
    if here != there:
        rules = zones.pairs.get((here, there), ()) if here and there else ()
        if not any(_opens(rule) and everywhere(rule.destination) for rule in rules):
            return True
    shut = [
        _shuts(rules, one.networks, other.networks)
        for rules in (
            _rules(lists, one.interface, "in"),
            _rules(lists, other.interface, "out"),
        )
        if rules is not None
    ]
    if True in shut:
        return True
    return None if None in shut else False


def _rules(lists: Lists, interface: Interface, direction: str) -> Sequence[Rule] | None:
    name = interface.lists.get(f"ipv4 {direction}")
    return lists.of("ipv4", name) if name else None


def _opens(rule: Rule) -> bool:
    """Whether it lets any service through, not some by name."""
    return rule.permit and not rule.returning and not rule.partial and rule.service() == "any"


def _shuts(
    rules: Sequence[Rule], sources: Sequence[Network], targets: Sequence[Network]
) -> bool | None:
    """Whether rules refuse all from the one to the other, save services and machines by name."""
    from_here = tuple(one for one in sources if one.version == 4)
    to_there = tuple(one for one in targets if one.version == 4)
    partly = False
    for rule in rules:
        if rule.returning or not overlapping(rule.source, from_here):
            continue
        if not overlapping(rule.destination, to_there):
            continue
        whole = all(holding(rule.source, one) for one in from_here) and all(
            holding(rule.destination, one) for one in to_there
        )
        if _opens(rule):
            if whole:
                return False
            partly = partly or not _few(rule)
        elif not rule.permit and whole and rule.protocol == "ip" and not rule.partial:
            return None if partly else True
    return None if partly else True


def _few(rule: Rule) -> bool:
    """Whether it names some machines rather than a network."""
    return all(one.num_addresses <= FEW for one in rule.destination or ()) and (
        rule.destination is not None
    )

"""What passes from outside: access lists, zones and forwarded ports taken together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assessor.devices.device import Firewall, Hole, Policy, Reach, Topic
from assessor.devices.ios.acl import Lists
from assessor.devices.ios.addresses import Network, Networks, texts
from assessor.devices.ios.grammar import Tree
from assessor.devices.ios.interfaces import Interface, Outside, own_networks
from assessor.devices.ios.nat import Forward
from assessor.devices.ios.notes import Notes
from assessor.devices.ios.rules import (
    ANYWHERE,
    NOWHERE,
    Filter,
    Reached,
    holes,
    named,
    narrower,
    of_family,
    policy,
    reached,
    widest,
)
from assessor.devices.ios.zones import DROP_ALL, Zones

FAMILIES = ("ipv4", "ipv6")
MOST_STEPS = 1_000_000
"""So many rules are tried for all forwarded ports together."""

_WORST = (Policy.ALLOWED, Policy.UNKNOWN, Policy.DENIED, Policy.OFF)


@dataclass(frozen=True, slots=True)
class Barrier:
    """What stands before one outer interface, for one family of addresses.

    Attributes:
        device: each filter that traffic for the device has to pass.
        behind: ... that traffic for the networks behind has to pass; each is a choice of filters,
            one for each way on.
    """

    family: str
    device: Sequence[Filter]
    behind: Sequence[Sequence[Filter]]


class Wall:
    """All outer interfaces of a device together."""

    def __init__(
        self,
        outside: Outside,
        interfaces: Sequence[Interface],
        barriers: Sequence[Barrier],
        restricted: frozenset[str] | None,
    ) -> None:
        self._outside = outside
        self._own: Networks = tuple(own_networks(interfaces))
        self._known_own = not any(one.learned or one.borrows for one in outside.interfaces or ())
        self._barriers = barriers
        self._inside_only = restricted is not None and not any(
            one.name.lower() in restricted for one in outside.interfaces or ()
        )

    @property
    def families(self) -> tuple[str, ...]:
        """Those that are in use on the outer side."""
        return tuple(dict.fromkeys(one.family for one in self._barriers))

    def target(self) -> Networks:
        """The device's own addresses; none where those of its outer side are not told."""
        return self._own if self._known_own else ()

    def reach(self, protocol: str, port: int | None, allowed: dict[str, Reached]) -> Reach:
        """From where a service of the device can be reached.

        Args:
            protocol: ``tcp`` or ``udp``.
            port: that it listens on.
            allowed: from where the service itself takes connections, by family of addresses.
        """
        if self._outside.private:
            return Reach.INSIDE
        if self._inside_only and port in _MANAGED:
            return Reach.INSIDE
        if not self._barriers:
            own = widest(allowed.values()) if allowed else ANYWHERE
            return Reach.UNKNOWN if own.reach is Reach.ANYWHERE else own.reach
        ways = []
        for barrier in self._barriers:
            passed = ANYWHERE
            for rules in barrier.device:
                passed = narrower(passed, reached(rules, protocol, port, self.target()))
            ways.append(narrower(passed, allowed.get(barrier.family, ANYWHERE)))
        return widest(ways).reach

    def through(self, forward: Forward) -> Reached:
        """From where a forwarded port can be reached."""
        ways = []
        for barrier in self._barriers:
            if barrier.family != "ipv4":
                continue
            outer = forward.outer or self.target()
            passed = reached(barrier.behind[0][0], forward.protocol, forward.port, outer)
            for choice in barrier.behind[1:]:
                inner = (forward.inner,)
                passed = narrower(
                    passed,
                    widest(
                        reached(rules, forward.protocol, forward.inner_port, inner)
                        for rules in choice
                    ),
                )
            ways.append(passed)
        return widest(ways)

    def firewall(self, forwards: Sequence[Forward]) -> Firewall | None:
        """In the neutral form; ``None`` where the device stands behind another one."""
        if not self._outside.border:
            return None
        if not self._barriers:
            # Nothing looks outwards, or nothing that has an address.
            unknown = dict.fromkeys(FAMILIES, Policy.UNKNOWN)
            return Firewall(unknown, unknown)
        to_device = dict.fromkeys(FAMILIES, Policy.OFF)
        forwarded = dict(to_device)
        found: dict[Hole, None] = {}
        rules = sum(len(one or ()) for barrier in self._barriers for one in _all_filters(barrier))
        followed = MOST_STEPS // (rules + 1)
        for number, forward in enumerate(forwards):
            # What is not followed counts as open.
            way = self.through(forward) if number < followed else ANYWHERE
            if way.reach is not Reach.INSIDE:
                found[forward.hole(texts(way.sources))] = None
        for barrier in self._barriers:
            family = barrier.family
            mine, open_mine = self._together(barrier, [[one] for one in barrier.device], True)
            others, open_others = self._together(barrier, barrier.behind, False)
            to_device[family] = _worse(to_device[family], mine)
            forwarded[family] = _worse(forwarded[family], others)
            found |= dict.fromkeys([*open_mine, *open_others])
        names = tuple(one.name for one in self._outside.interfaces or ())
        return Firewall(to_device, forwarded, tuple(found), names)

    def _together(
        self, barrier: Barrier, choices: Sequence[Sequence[Filter]], device: bool
    ) -> tuple[Policy, list[Hole]]:
        """Filters behind each other: the narrowest counts."""
        shut: list[list[Hole]] = []
        for choice in choices:
            if any(policy(rules) is Policy.ALLOWED for rules in choice):
                continue
            found = [
                hole
                for rules in choice
                for hole in holes(rules, barrier.family, self.target(), device=device)
            ]
            shut.append(found)
        if not shut:
            return Policy.ALLOWED, []
        return Policy.DENIED, min(shut, key=lambda each: (any(h.wide for h in each), len(each)))


# What "management-interface ... allow" may restrict (Cisco, "Management Plane Protection").
_MANAGED = frozenset({21, 22, 23, 69, 80, 161, 443, 830})


def _all_filters(barrier: Barrier) -> list[Filter]:
    return [*barrier.device, *(rules for choice in barrier.behind for rules in choice)]


def _worse(one: Policy, other: Policy) -> Policy:
    return min(one, other, key=_WORST.index)


def build(
    tree: Tree,
    outside: Outside,
    interfaces: Sequence[Interface],
    lists: Lists,
    zones: Zones,
    notes: Notes,
) -> Wall:
    """What stands before every outer interface."""
    routes_six = tree.given("ipv6", "unicast-routing") is True
    barriers: list[Barrier] = []
    for one in outside.interfaces or ():
        if one.zone and one.zone not in zones.names:
            notes.add(f"{one.name}: zone-member security {one.zone}", Topic.FIREWALL)
        for family, used in (("ipv4", one.has_four), ("ipv6", one.has_six)):
            if not used:
                continue
            name = one.lists.get(f"{family} in")
            # A list that does not exist lets everything pass (Cisco, "IP Access List Overview").
            listed: Filter = lists.of(family, name) if name else None
            if name and listed is None:
                notes.add(f"{one.name}: access list {name} is empty", Topic.FIREWALL)
            device: list[Filter] = [listed]
            behind: list[list[Filter]] = [[listed]]
            if one.zone:
                device.append(of_family(zones.pairs.get((one.zone, "self")), family))
                ways = _zone_ways(one, interfaces, zones)
                behind.append([of_family(rules, family) for rules in ways])
            if family == "ipv6" and not routes_six:
                behind.append([DROP_ALL])
            barriers.append(Barrier(family, device, behind))
    return Wall(outside, interfaces, barriers, _management_interfaces(tree, notes))


def _zone_ways(outer: Interface, interfaces: Iterable[Interface], zones: Zones) -> list[Filter]:
    """One filter for each zone that may be reached from that of ``outer``."""
    ways: list[Filter] = [
        rules
        for (source, target), rules in zones.pairs.items()
        if source == outer.zone and target != "self"
    ]
    neighbours = [
        one
        for one in interfaces
        if one.zone == outer.zone and one is not outer and one.nat != "outside" and one.up
    ]
    if neighbours and (outer.zone, outer.zone) not in zones.pairs:
        ways.append(None)  # within a zone all passes
    return ways or [DROP_ALL]


def _management_interfaces(tree: Tree, notes: Notes) -> frozenset[str] | None:
    """The interfaces that alone take connections to the management, where that is restricted."""
    found: set[str] = set()
    for node in tree.take("control-plane"):
        for child in node.children:
            if child.begins("management-interface") and len(child.words) > 2 and not child.no:
                found.add(child.word(1))
            elif child.word(0) not in ("service-policy", "exit", "cef-exception"):
                notes.add(child.text, Topic.MANAGEMENT)
    return frozenset(found) or None


def allowed_by(lists: Lists, family: str, name: str | None) -> Reached:
    """From where an access list on a service lets connections in."""
    rules = lists.of(family, name) if name else None
    if rules is None:
        return ANYWHERE
    sources: list[Network] = []
    for rule in rules:
        if rule.returning or rule.protocol not in ("ip", "tcp", "udp"):
            continue
        if rule.source is None or any(one.prefixlen == 0 for one in rule.source):
            if rule.permit:
                return ANYWHERE
            if not rule.partial:
                break
        elif rule.permit:
            sources += rule.source
    return named(sources) if sources else NOWHERE

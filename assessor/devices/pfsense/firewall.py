"""What the rules let in from outside, to whom, and what they let through between networks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from assessor.devices.device import Firewall, Hole, Policy, Reach
from assessor.devices.pfsense.addresses import Meant, Space, Where
from assessor.devices.pfsense.interfaces import Interface
from assessor.devices.pfsense.nat import Forward
from assessor.devices.pfsense.ports import Ports
from assessor.devices.pfsense.rules import Rule

_ALL_PROTOCOLS = frozenset({"any", "tcp", "udp", "tcp/udp"})
_MOST_LOOKS = 1_500_000
"""Rules times pairs of networks: beyond it, nobody wrote the rules by hand, and nobody waits."""
_MOST_BLOCKS = 64
_WORST = (Reach.ANYWHERE, Reach.UNKNOWN, Reach.NAMED)
_ANY = ("any",)
_FAMILY = {frozenset({4}): "ipv4", frozenset({6}): "ipv6", frozenset({4, 6}): "both"}


@dataclass(frozen=True)
class Filtering:
    """All that decides over a packet.

    Attributes:
        on: the packet filter is on at all.
        six: IPv6 is let through where rules say so; else all of it is blocked.
        antilockout: the interface from which the device's own management is always open.
        rules: in the order in which pf looks at them.
    """

    space: Space
    on: bool
    six: bool
    antilockout: str
    rules: Sequence[Rule]
    forwards: Sequence[Forward]
    _looking: dict[str, list[Rule]] = field(default_factory=dict)

    def _at(self, key: str) -> list[Rule]:
        """The rules that look at what comes in at the interface ``key``."""
        if key not in self._looking:
            self._looking[key] = [rule for rule in self.rules if rule.looks_at(key)]
        return self._looking[key]

    @property
    def outside(self) -> list[Interface]:
        """The interfaces of the outer side."""
        return [each for each in self.space.interfaces.values() if each.enabled and each.outside]

    def versions(self, interface: Interface) -> frozenset[int]:
        """The versions of IP that are in use there."""
        return frozenset(
            version
            for version in (4, 6)
            if interface.speaks(version) and (version == 4 or self.six)
        )

    def firewall(self) -> Firewall:
        """How traffic from outside is treated."""
        policies: dict[str, Policy] = {}
        for version, family in ((4, "ipv4"), (6, "ipv6")):
            if not self.outside:
                policies[family] = Policy.UNKNOWN
            elif not any(version in self.versions(each) for each in self.outside):
                policies[family] = Policy.OFF
            else:
                policies[family] = Policy.DENIED if self.on else Policy.ALLOWED
        return Firewall(
            policies,
            dict(policies),
            tuple(self._holes()) if self.on else (),
            tuple(each.name for each in self.outside),
        )

    def _holes(self) -> Iterator[Hole]:
        seen: set[Hole] = set()
        for interface in self.outside:
            for hole in (*self._let_in(interface), *self._forwarded(interface)):
                if hole not in seen:
                    seen.add(hole)
                    yield hole

    def _let_in(self, interface: Interface) -> Iterator[Hole]:
        in_use = self.versions(interface)
        unknown = [rule.place for rule in self._at(interface.key) if rule.unknown]
        for rule in self._effective(interface.key):
            if rule.versions & in_use:
                hole = Hole(
                    _FAMILY[rule.versions & in_use],
                    self._to(rule.destination),
                    service(rule.protocol, rule.ports, tagged=rule.tagged),
                    rule.source.sources(),
                    rule.name,
                )
                # What is not understood may close it: then it is not said that it is wide open.
                clouded = rule.unsure or any(place < rule.place for place in unknown)
                if not (hole.wide and clouded):
                    yield hole

    def _forwarded(self, interface: Interface) -> Iterator[Hole]:
        in_use = self.versions(interface)
        for forward in self.forwards:
            if forward.passes and forward.looks_at(interface.key) and forward.versions & in_use:
                yield Hole(
                    _FAMILY[forward.versions & in_use],
                    forward.to,
                    service(forward.protocol, forward.ports),
                    forward.source.sources(),
                    forward.name,
                )

    def _to(self, where: Where) -> str:
        if where.any or where.negated:
            return "any" if where.any else ", ".join(where.said[:3])
        itself = self.space.device(where).covers or where.own
        return "device" if itself else ", ".join(where.said[:3])

    def _effective(self, key: str) -> list[Rule]:
        """The rules that let in at ``key``, but for those that others take everything from."""
        rules = self._at(key)
        blocks: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Rule]] = {}
        for rule in rules:
            if not rule.passes and not rule.narrow:
                same = blocks.setdefault((rule.source.said, rule.destination.said), [])
                if len(same) < _MOST_BLOCKS:
                    same.append(rule)
        return [
            rule
            for rule in rules
            if rule.passes
            and not any(
                _decides(block, rule) and _shadows(block, rule)
                for source in {rule.source.said, _ANY}
                for destination in {rule.destination.said, _ANY}
                for block in blocks.get((source, destination), ())
            )
        ]

    def reach(self, protocol: str, port: int) -> Reach:
        """From where a service of the device itself can be reached."""
        if not self.outside:
            return Reach.UNKNOWN
        if not self.on or self.antilockout in {each.key for each in self.outside}:
            return Reach.ANYWHERE
        found = {
            self._reached(interface, version, protocol, port)
            for interface in self.outside
            for version in self.versions(interface)
        }
        return next((each for each in _WORST if each in found), Reach.INSIDE)

    def _reached(self, interface: Interface, version: int, protocol: str, port: int) -> Reach:
        passing: list[tuple[Rule | None, Where, bool]] = []
        clouded = False
        for rule in self._at(interface.key):
            clouded = clouded or rule.unknown
            if version not in rule.versions:
                continue
            meant = self.space.device(rule.destination)
            if rule.passes:
                if meant.touches and rule.ports.touches(port) and rule.speaks(protocol):
                    sure = meant.certain and not (rule.unsure or clouded)
                    passing.append((rule, rule.source, sure))
            elif (
                meant.covers
                and not rule.narrow
                and rule.source.any
                and rule.ports.covers(port)
                and rule.speaks(protocol)
            ):
                if rule.quick:
                    break
                passing = [each for each in passing if each[0] is not None and each[0].quick]
        for forward in self.forwards:
            if (
                forward.passes
                and forward.looks_at(interface.key)
                and version in forward.versions
                and forward.ports.touches(port)
                and (forward.protocol == "any" or protocol in forward.protocol.split("/"))
                and self._itself(forward.target)
            ):
                passing.append((None, forward.source, not forward.ports.unsure))
        if any(sure and not source.sources() for _, source, sure in passing):
            return Reach.ANYWHERE
        if any(not source.sources() for _, source, _ in passing):
            return Reach.UNKNOWN
        return Reach.NAMED if passing else Reach.INSIDE

    def _itself(self, target: Where) -> bool:
        loop = any(span[:2] in {(4, 0x7F000001), (6, 1)} for span in target.ranges)
        return loop or bool(target.own) or self.space.device(target).certain

    def isolated(self, interface: Interface, others: Sequence[Interface]) -> bool | None:
        """Whether who is behind ``interface`` cannot reach the ``others``."""
        if not self.on:
            return False
        if len(self._at(interface.key)) * len(others) ** 2 > _MOST_LOOKS:
            return None
        answers = [
            self._leaks(coming, other, version)
            for version in (4, 6)
            if (version == 4 or self.six) and interface.speaks(version)
            for coming in [self._coming(interface, version)]
            for other in others
            if other.speaks(version)
        ]
        if True in answers:
            return False
        return None if None in answers else True

    def _coming(self, interface: Interface, version: int) -> list[tuple[Rule, Meant]]:
        """The rules that may match what comes from a network."""
        return [
            (rule, comes)
            for rule in self._at(interface.key)
            if rule.unknown or version in rule.versions
            for comes in [self.space.reaches(rule.source, interface, version)]
            if comes.touches
        ]

    def _leaks(
        self, coming: Sequence[tuple[Rule, Meant]], other: Interface, version: int
    ) -> bool | None:
        """Whether something of ``coming`` gets to another network; ``None`` if perhaps."""
        found: list[tuple[bool, bool | None]] = []
        clouded = False
        for rule, comes in coming:
            clouded = clouded or rule.unknown
            goes = self.space.reaches(rule.destination, other, version)
            if rule.passes:
                if goes.touches and not _exception(rule):
                    sure = goes.certain and comes.certain
                    sure = sure and not (rule.routed or rule.unsure or clouded)
                    found.append((rule.quick, True if sure else None))
            elif (
                comes.covers
                and goes.covers
                and not rule.narrow
                and rule.protocol == "any"
                and rule.ports.all
            ):
                if rule.quick:
                    break
                found = [each for each in found if each[0]]
        answers = [answer for _, answer in found]
        return True if True in answers else None if answers else False


def _exception(rule: Rule) -> bool:
    """Whether a rule lets through to single services of single hosts only, such as a printer."""
    if rule.protocol in {"icmp", "icmp6", "ipv6-icmp", "igmp"}:
        return True
    spans = rule.destination.ranges
    single = bool(spans) and all(first == last for _, first, last in spans)
    where = rule.destination
    plain = single and not (where.nets or where.opaque or where.negated)
    return plain and not rule.ports.all and rule.protocol in _ALL_PROTOCOLS - {"any"}


def service(protocol: str, ports: Ports, *, tagged: bool = False) -> str:
    """Protocol and ports as people write them; ``any`` where nothing much limits them."""
    if ports.all and protocol in _ALL_PROTOCOLS and not tagged:
        return "any"
    said = "any" if ports.all else ports.said.replace(":", "-")
    return protocol if protocol not in _ALL_PROTOCOLS else f"{protocol}/{said}"


def _decides(block: Rule, over: Rule) -> bool:
    """Whether pf's order lets ``block`` decide where both match."""
    if block.place < over.place:
        return block.quick
    return not over.quick


def _shadows(block: Rule, over: Rule) -> bool:
    """Whether ``block`` matches all that ``over`` does, as far as is sure."""
    return (
        over.versions <= block.versions
        and (
            block.protocol == "any"
            or set(over.protocol.split("/")) <= set(block.protocol.split("/"))
        )
        and (block.source.any or block.source == over.source)
        and (block.destination.any or block.destination == over.destination)
        and block.ports.covers_all(over.ports)
    )

"""What the router does with traffic from outside, and between its own networks.

Up to VyOS 1.3 and in EdgeOS, sets of rules are bound to interfaces, for what comes in and goes
through (``in``), goes out (``out``) or is meant for the router itself (``local``); where none is
bound, everything passes. From VyOS 1.4 on there is one chain for each way (``input``,
``forward``), which accepts unless it says otherwise, and names interfaces in its rules. In both,
interfaces may belong to zones: then what may pass is said for each pair of zones, and the rest is
dropped (docs.vyos.io, "Firewall", "Zone Policy"; Ubiquiti, "EdgeRouter - Zone-Policy CLI Example").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_network

from assessor.devices.device import Firewall, Hole, Policy, Reach
from assessor.devices.vyatta.chains import (
    Chains,
    RuleSet,
    Verdict,
    judge,
    loosest,
    read_set,
    strictest,
)
from assessor.devices.vyatta.grammar import Node
from assessor.devices.vyatta.nat import Forward, read_forwards
from assessor.devices.vyatta.network import Interface, Network
from assessor.devices.vyatta.rules import Groups, Traffic
from assessor.devices.vyatta.zones import Zones, read_zones

FAMILIES = {"ipv4": "name", "ipv6": "ipv6-name"}
_LOOPED = ("127.", "::1")


@dataclass
class Walls:
    """All that decides on traffic.

    Attributes:
        missing: sets that are bound and are not there.
    """

    root: Node
    network: Network
    missing: set[str] = field(default_factory=set)

    @cached_property
    def groups(self) -> Groups:
        """The groups that rules name."""
        return Groups(self.root.at("firewall", "group"))

    @cached_property
    def zones(self) -> Zones:
        """The zones."""
        return read_zones(self.root)

    @cached_property
    def forwards(self) -> tuple[Forward, ...]:
        """The port forwards that are on."""
        return read_forwards(self.root, self.groups)

    @cached_property
    def _chains(self) -> dict[str, Chains]:
        found = {}
        for family, word in FAMILIES.items():
            nodes = dict(self.root.items("firewall", word))
            nodes |= dict(self.root.items("firewall", family, "name"))
            found[family] = Chains(nodes, self.groups)
        return found

    @cached_property
    def _hooks(self) -> dict[tuple[str, str], RuleSet]:
        """The chains that all traffic meets, since VyOS 1.4."""
        return {
            (family, hook): read_set(
                f"{family} {hook}",
                self.root.at("firewall", family, hook, "filter"),
                self.groups,
                "accept",
            )
            for family in FAMILIES
            for hook in ("input", "forward")
            if self.root.has("firewall", family, hook, "filter")
        }

    def to_device(self, traffic: Traffic) -> Verdict:
        """What happens to ``traffic`` that is meant for the router itself."""
        layers = [
            *self._bound(traffic.family, traffic.into, "local", traffic),
            *self._hooked("input", traffic),
        ]
        # A router that is in no zone is not kept from any.
        if self.zones.local is not None:
            layers += self._zoned(traffic, self.zones.local)
        return self._all(layers)

    def through(self, traffic: Traffic) -> Verdict:
        """What happens to ``traffic`` that goes on to ``traffic.out``, or to any network."""
        layers = [
            *self._bound(traffic.family, traffic.into, "in", traffic),
            *self._hooked("forward", traffic),
        ]
        if traffic.out is not None:
            layers += self._bound(traffic.family, traffic.out, "out", traffic)
            layers += self._zoned(traffic, self.zones.of(traffic.out))
        elif self.zones.of(traffic.into) is not None:
            layers.append(Verdict(Policy.UNKNOWN))
        return self._all(layers)

    def _all(self, layers: list[Verdict]) -> Verdict:
        verdict = strictest(layers)
        self.missing |= set(verdict.missing)
        return verdict

    def _bound(self, family: str, interface: str, way: str, traffic: Traffic) -> Iterator[Verdict]:
        known = self.network.interfaces.get(interface)
        # VyOS 1.4 had them below "firewall interface" for a while.
        places = [self.root.at("firewall", "interface", interface, way)]
        if known is not None:
            places.append(known.node.at("firewall", way))
        for place in places:
            name = place.value(FAMILIES[family])
            if name is not None:
                yield self._named(family, name, traffic, Policy.DENIED)

    def _hooked(self, hook: str, traffic: Traffic) -> Iterator[Verdict]:
        rules = self._hooks.get((traffic.family, hook))
        if rules is not None:
            yield judge(self._chains[traffic.family], rules, traffic, Policy.ALLOWED)

    def _zoned(self, traffic: Traffic, to: str | None) -> Iterator[Verdict]:
        rules = self.zones.between(self.zones.of(traffic.into), to, FAMILIES[traffic.family])
        if isinstance(rules, Policy):
            yield Verdict(rules)
        elif rules is not None:
            # What comes back from a set has been let in (VyOS, "return" in zones).
            yield self._named(traffic.family, rules, traffic, Policy.ALLOWED)

    def _named(self, family: str, name: str, traffic: Traffic, end: Policy) -> Verdict:
        rules = self._chains[family].get(name)
        if rules is None:
            return Verdict(Policy.UNKNOWN, missing=(name,))
        return judge(self._chains[family], rules, traffic, end)

    def reach(self, protocol: str, port: int, listening: tuple[str, ...]) -> Reach:
        """From where one can get to a port of the router itself."""
        if not self.network.outside:
            return Reach.UNKNOWN
        found = [*self._forwarded_here(protocol, port)]
        if not listening or not all(self._inner(address) for address in listening):
            for family in FAMILIES:
                for name in self.network.outer(family):
                    traffic = Traffic(family, name, protocol=protocol, port=port)
                    found.append(_reached(self.to_device(traffic)))
        for reach in (Reach.ANYWHERE, Reach.UNKNOWN, Reach.NAMED):
            if reach in found:
                return reach
        return Reach.INSIDE

    def _inner(self, address: str) -> bool:
        """Whether ``address`` is the router's own on one of its inner networks."""
        if address.startswith(_LOOPED):
            return True
        return any(
            str(each.ip) == address
            for one in self.network.interfaces.values()
            if one.name not in self.network.outside
            for each in one.addresses
        )

    def _forwarded_here(self, protocol: str, port: int) -> Iterator[Reach]:
        for forward in self.live_forwards():
            if not self._here(forward.to) or forward.port not in (None, port):
                continue
            if forward.rule.protocols is None or protocol in forward.rule.protocols:
                yield Reach.NAMED if forward.sources else Reach.ANYWHERE

    def _here(self, address: str) -> bool:
        return address.startswith(_LOOPED) or self.network.own(address)

    def live_forwards(self) -> Iterator[Forward]:
        """The forwards from outside that the firewall lets pass."""
        for forward in self.forwards:
            outer = self.network.outer(forward.family)
            wanted = forward.rule.into
            if wanted is not None:
                outer = tuple(name for name in outer if name in wanted)
            if any(self._passes(forward, name) for name in outer):
                yield forward

    def _passes(self, forward: Forward, outer: str) -> bool:
        if forward.opened:
            return True
        try:
            inner = ip_network(forward.to)
        except ValueError:
            inner = None
        traffic = Traffic(
            forward.family,
            outer,
            self._towards(forward.to),
            None,
            inner,
            forward.protocol,
            forward.port,
        )
        here = self._here(forward.to)
        verdict = self.to_device(traffic) if here else self.through(traffic)
        return verdict.policy is not Policy.DENIED or bool(verdict.openings) or verdict.translated

    def _towards(self, address: str) -> str | None:
        try:
            wanted = ip_network(address, strict=False)
        except ValueError:
            return None
        for one in self.network.inside():
            for each in one.addresses:
                if each.version == wanted.version and wanted.network_address in each.network:
                    return one.name
        return None


def _reached(verdict: Verdict) -> Reach:
    if verdict.policy is Policy.ALLOWED or any(not one.sources for one in verdict.openings):
        return Reach.ANYWHERE
    if verdict.policy is Policy.UNKNOWN:
        return Reach.UNKNOWN
    return Reach.NAMED if verdict.openings else Reach.INSIDE


def read_firewall(walls: Walls) -> Firewall:
    """How the router treats traffic from outside."""
    network = walls.network
    to_device: dict[str, Policy] = {}
    forwarded: dict[str, Policy] = {}
    holes: dict[Hole, None] = {}
    for family in FAMILIES:
        outer = network.outer(family)
        if not outer:
            off = family == "ipv6" and (bool(network.outside) or network.ipv6_disabled)
            to_device[family] = forwarded[family] = Policy.OFF if off else Policy.UNKNOWN
            continue
        verdicts = [walls.to_device(Traffic(family, name)) for name in outer]
        to_device[family] = loosest(one.policy for one in verdicts)
        holes |= dict.fromkeys(_holes(verdicts, family, network, here=True))
        verdicts = [walls.through(traffic) for traffic in _inward(family, outer, network)]
        forwarded[family] = loosest(one.policy for one in verdicts)
        holes |= dict.fromkeys(_holes(verdicts, family, network, here=False))
    for forward in walls.live_forwards():
        holes[_forward_hole(forward, network)] = None
    return Firewall(to_device, forwarded, tuple(holes), network.outside)


def _inward(family: str, outer: tuple[str, ...], network: Network) -> Iterator[Traffic]:
    """What comes by each outer interface for each inner network."""
    inner: list[Interface] = list(network.inside())
    for name in outer:
        for one in inner:
            subnets = [each.network for each in one.addresses if f"ipv{each.version}" == family]
            if not subnets:
                yield Traffic(family, name, one.name)
            for subnet in subnets:
                yield Traffic(family, name, one.name, None, subnet)
        if not inner:
            yield Traffic(family, name)


def _holes(verdicts: list[Verdict], family: str, network: Network, *, here: bool) -> Iterator[Hole]:
    for verdict in verdicts:
        for opening in verdict.openings:
            names = opening.rule.destination.names
            to = names[0] if names else ("device" if here else "any")
            if here or network.own(to):
                to = "device"
            yield Hole(family, to, opening.rule.service, opening.sources, opening.label.strip())


def _forward_hole(forward: Forward, network: Network) -> Hole:
    here = network.own(forward.to) or forward.to.startswith(_LOOPED)
    to = "device" if here else forward.to
    return Hole(forward.family, to, forward.rule.service, forward.sources, forward.label)

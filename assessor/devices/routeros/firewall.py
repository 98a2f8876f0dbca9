"""From the tables of rules to what reaches the device, and what is behind it.

Every chain of RouterOS accepts what no rule names (manual.mikrotik.com, "Filter"). Traffic comes
through ``raw`` first, then ``dstnat``, then ``input`` or ``forward``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from assessor.devices.device import Firewall, Hole, Policy, Reach, Topic
from assessor.devices.routeros.export import Export, Item
from assessor.devices.routeros.matching import Matcher
from assessor.devices.routeros.nets import Network, networks
from assessor.devices.routeros.topology import Topology
from assessor.devices.routeros.traffic import Part, Traffic
from assessor.devices.routeros.walking import ACTIONS, Budget, Fate, Gap, Rule, Walked, Walker

FAMILIES = {4: ("ip", "ipv4"), 6: ("ipv6", "ipv6")}
_MOST_HOLES = 200
_MOST_SIDES = 12
_TOPICS = (Topic.FIREWALL, Topic.MANAGEMENT)
_Any = TypeVar("_Any")
_ANSWERED = frozenset({"icmp", "icmpv6", "igmp"})
"""Echoes and errors: what every router should answer is no hole (RFC 4890, 4.3)."""
_WORST = (Reach.ANYWHERE, Reach.UNKNOWN, Reach.NAMED, Reach.INSIDE)


def worst(found: Iterable[Reach]) -> Reach:
    """The widest of several reaches; what is not known counts as wider than what is named."""
    return min(found, key=_WORST.index, default=Reach.INSIDE)


class Filters:
    """The firewall of one device."""

    def __init__(self, export: Export, topology: Topology) -> None:
        """Reads the rules."""
        self._export = export
        self.topology = topology
        self.budget = Budget()
        self._walkers: dict[tuple[int, str], Walker] = {}
        for family, (menu, _) in FAMILIES.items():
            matcher = Matcher(topology, *self._lists(menu))
            for table in ("raw", "nat", "filter"):
                rules = self._rules(menu, table, matcher)
                self._walkers[family, table] = Walker(rules, matcher, self.budget)
        self.on = {4: True, 6: self._speaks_ipv6()}
        self._forwards = {
            4: export.flag(export.settings("ip settings"), "ip-forward", default=True) is not False,
            6: self._ipv6("forward", default=True) is not False,
        }
        tracking = export.settings("ip firewall connection tracking")
        self._state = "untracked" if tracking.get("enabled") == "no" else "new"

    def _lists(self, menu: str) -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
        lists: dict[str, list[str]] = {}
        for item in self._export.items(f"{menu} firewall address-list"):
            if not self._export.enabled(item):
                continue
            if not item.get("list") or not item.get("address"):
                self._export.notes.add((Topic.FIREWALL, Topic.MANAGEMENT), item.text)
                continue
            lists.setdefault(item.get("list"), []).append(item.get("address"))
        filled = {
            item.get("address-list")
            for table in ("raw", "nat", "filter", "mangle")
            for item in self._export.items(f"{menu} firewall {table}")
            if item.get("action").endswith("to-address-list")
        }
        return {name: tuple(found) for name, found in lists.items()}, frozenset(filled)

    def _rules(self, menu: str, table: str, matcher: Matcher) -> Sequence[Rule]:
        path = f"{menu} firewall {table}"
        rules = []
        for number, item in enumerate(self._export.items(path)):
            if item.get("dynamic") == "yes" or not self._export.enabled(item):
                continue
            if not item.get("chain") or not item.added:
                self._export.notes.add((*_TOPICS, Topic.SEGMENTS), f"/{path} {item.text}")
                continue
            label = item.get("comment") or f"/{path} {number}"
            action = item.get("action", "accept")
            odd = matcher.strange(item.values) or ("" if action in ACTIONS[table] else "action")
            if odd:
                self._export.notes.add((*_TOPICS, Topic.SEGMENTS), f"{odd}=: {item.text}")
            rules.append(Rule(item.get("chain"), action, item.values, label[:80], item.text))
        return rules

    # --- which families, which sides -----------------------------------------------------------

    def _ipv6(self, key: str, *, default: bool) -> bool | None:
        return self._export.flag(self._export.settings("ipv6 settings"), key, default=default)

    def _speaks_ipv6(self) -> bool:
        """Whether the device has, or may be given, IPv6 addresses that others can reach.

        Out of the box it has link-local ones only, and takes none from a router's announcement as
        long as it forwards (accept-router-advertisements=yes-if-forwarding-disabled).
        """
        if self._ipv6("disable-ipv6", default=False) is True:
            return False
        settings = self._export.settings("ipv6 settings")
        if settings.get("accept-router-advertisements") == "yes":
            return True
        if self._ipv6("forward", default=True) is False:
            return True
        menus = ("ipv6 address", "ipv6 dhcp-client", "interface 6to4")
        return any(
            self._export.enabled(item)
            and not item.get("address").lower().startswith(("fe80:", "::1/"))
            for menu in menus
            for item in self._export.items(menu)
        )

    def _sides(self, family: int, *, through: bool) -> Sequence[Traffic]:
        """The traffic from outside, by the interface where it comes in."""
        out = self.topology.inside if through else ()
        if len(self.topology.outside) > _MOST_SIDES:
            self._export.notes.add(_TOPICS, f"more than {_MOST_SIDES} ways outside")
        return [
            Traffic(family, through, name, state=self._state, out=out)
            for name in self.topology.outside[:_MOST_SIDES]
        ]

    # --- what becomes of it --------------------------------------------------------------------

    def _walk(self, chain: str, traffic: Traffic) -> tuple[Fate, Walked]:
        """The fate of ``traffic`` behind ``raw`` and the filter."""
        walked = Walked()
        raw = Walked()
        fate = self._walkers[traffic.family, "raw"].walk("prerouting", traffic, raw)
        walked.unclear += (
            rule for rule in raw.unclear if fate is Fate.DROPPED or rule.action == "notrack"
        )
        if fate is Fate.DROPPED and not raw.gaps:
            return Fate.DROPPED, walked
        dropped = fate is Fate.DROPPED
        walker = self._walkers[traffic.family, "filter"]
        if dropped:
            # Only what raw lets in by name goes on; the filter has its say on that alone.
            for gap in self._few(raw.gaps, "rules of raw"):
                self._go_on(walker, chain, traffic, gap, walked)
            return Fate.DROPPED, walked
        fate = walker.walk(chain, traffic, walked)
        for part in self._few(raw.untracked, "rules of raw"):
            loose = replace(traffic, state="untracked")
            if walker.walk(chain, loose, walked) is not Fate.DROPPED and fate is Fate.DROPPED:
                if part.whole:
                    return Fate.ACCEPTED, walked
                rule = Rule("prerouting", "notrack", {}, "raw: notrack", "")
                walked.gaps.append(Gap(part, rule))
        return fate, walked

    def _go_on(
        self, walker: Walker, chain: str, traffic: Traffic, gap: Gap, walked: Walked
    ) -> None:
        part = gap.part
        port = int(part.ports) if part.ports.isdecimal() and traffic.port is None else traffic.port
        some = replace(
            traffic,
            protocol=traffic.protocol or part.protocol,
            port=port,
            sources=traffic.sources or part.sources,
        )
        if walker.walk(chain, some, walked) is not Fate.DROPPED:
            walked.gaps.append(gap)

    def policies(self) -> Firewall:
        """All that comes in from outside."""
        to_device, forwarded, holes = {}, {}, []
        for family, (_, name) in FAMILIES.items():
            to_device[name], found = self._policy(family, through=False)
            holes += found
            forwarded[name], found = self._policy(family, through=True)
            holes += found
            holes += self._translated(family)
        # Those that anyone may send anything through stay, however many there are.
        unique = sorted(dict.fromkeys(holes), key=lambda hole: not hole.wide)
        shown = tuple(self._few(unique, "holes"))
        return Firewall(to_device, forwarded, shown, self.topology.outside)

    def _few(self, found: Sequence[_Any], what: str) -> Sequence[_Any]:
        """No more of them than anybody can look at; that there were more is noted."""
        if len(found) > _MOST_HOLES:
            self._export.notes.add(_TOPICS, f"more than {_MOST_HOLES} {what}")
        return found[:_MOST_HOLES]

    def _policy(self, family: int, *, through: bool) -> tuple[Policy, list[Hole]]:
        if not self.on[family]:
            return Policy.OFF, []
        if through and not self._forwards[family]:
            return Policy.DENIED, []
        sides = self._sides(family, through=through)
        if not sides:
            return Policy.UNKNOWN, []
        policies, holes = [], []
        for traffic in sides:
            fate, walked = self._walk("forward" if through else "input", traffic)
            self._note(walked)
            policies.append(Policy.DENIED if fate is Fate.DROPPED else Policy.ALLOWED)
            if fate is Fate.DROPPED:
                holes += [
                    _hole(family, gap, gap.part.to or ("any" if through else "device"))
                    for gap in walked.gaps
                    if gap.part.protocol not in _ANSWERED
                ]
        return Policy.ALLOWED if Policy.ALLOWED in policies else Policy.DENIED, holes

    def _note(self, walked: Walked) -> None:
        for rule in walked.unclear:
            topics = (Topic.FIREWALL, Topic.SEGMENTS)
            self._export.notes.add(topics, f"{rule.chain}: {rule.text}")

    # --- port forwards -------------------------------------------------------------------------

    def _translated(self, family: int) -> list[Hole]:
        if not self.on[family]:
            return []
        holes = []
        for traffic in self._sides(family, through=False):
            walked = Walked()
            self._walkers[family, "nat"].walk("dstnat", traffic, walked)
            self._note(walked)
            for gap in self._few(walked.gaps, "translations"):
                if gap.rule.action != "accept":
                    holes += self._forward(family, traffic, gap)
        return holes

    def _forward(self, family: int, traffic: Traffic, gap: Gap) -> list[Hole]:
        """The hole that a translation makes, if the filter lets through what it translates."""
        part, values = gap.part, gap.rule.values
        inside = gap.rule.action != "redirect"
        to = values.get("to-addresses") or values.get("to-address") or ""
        ports = values.get("to-ports") or part.ports
        nets: tuple[Network, ...] = (networks(to) or ()) if inside else ()
        onward = replace(
            traffic,
            through=inside,
            protocol=part.protocol,
            port=int(ports) if ports.isdecimal() and len(ports) < 6 else None,
            sources=part.sources,
            translated=True,
            to_nets=nets,
            out=self._towards(nets) if inside else (),
        )
        fate, walked = self._walk("forward" if inside else "input", onward)
        self._note(walked)
        if inside and not self._forwards[family]:
            return []
        where = to or "any" if inside else "device"
        if fate is not Fate.DROPPED:
            return [_hole(family, gap, where)]
        # Of what is translated, the filter lets in some.
        return [
            _hole(
                family,
                Gap(replace(part, sources=part.sources or each.part.sources), gap.rule),
                where,
            )
            for each in walked.gaps
        ]

    def _towards(self, nets: Sequence[Network]) -> tuple[str, ...]:
        """The interfaces that lead to networks inside."""
        leading = tuple(
            name
            for name in self.topology.inside
            if any(net.overlaps(own) for own in self.topology.networks(name) for net in nets)
        )
        return leading or self.topology.inside

    # --- services ------------------------------------------------------------------------------

    def reach(self, protocol: str, port: int) -> dict[int, Reach]:
        """From where a port of the device can be reached, by family."""
        return {
            family: worst(
                self._reach(replace(traffic, protocol=protocol, port=port))
                for traffic in self._sides(family, through=False)
            )
            for family, on in self.on.items()
            if on
        }

    def _reach(self, traffic: Traffic) -> Reach:
        fate, walked = self._walk("input", traffic)
        if fate is not Fate.DROPPED:
            return Reach.ANYWHERE
        if any(not gap.part.sources for gap in walked.gaps):
            return Reach.ANYWHERE
        if walked.unclear:
            return Reach.UNKNOWN
        return Reach.NAMED if walked.gaps else Reach.INSIDE

    # --- between own networks ------------------------------------------------------------------

    def apart(self, one: str, other: str) -> bool | None:
        """Whether nothing new comes from one inner interface to another.

        ``None`` where that cannot be told. What rules let through by name does not count.
        """
        answers = [self._apart(family, one, other) for family in (4, 6)]
        if False in answers:
            return False
        told = [answer for answer in answers if answer is not None]
        return True if told and self.budget.left > 0 else None

    def _apart(self, family: int, one: str, other: str) -> bool | None:
        """... in one family; ``None`` where the two do not both speak it."""
        from_nets = tuple(n for n in self.topology.networks(one) if n.version == family)
        to_nets = tuple(n for n in self.topology.networks(other) if n.version == family)
        if not self.on[family] or not from_nets or not to_nets:
            return None
        if not self._forwards[family]:
            return True
        traffic = Traffic(
            family, True, one, state=self._state, from_nets=from_nets, to_nets=to_nets, out=(other,)
        )
        fate, walked = self._walk("forward", traffic)
        self._note(walked)
        wide = any(
            service_text(gap.part) == "any" and not gap.part.to and not gap.part.sources
            for gap in walked.gaps
        )
        return fate is Fate.DROPPED and not wide


def _hole(family: int, gap: Gap, to: str) -> Hole:
    return Hole(FAMILIES[family][1], to, service_text(gap.part), gap.part.sources, gap.rule.label)


def service_text(part: Part) -> str:
    """``tcp/443``; all of TCP or of UDP is as good as anything."""
    if part.ports:
        return f"{part.protocol or 'any'}/{part.ports}"
    return "any" if part.protocol in ("", "tcp", "udp") else part.protocol


def offloaded(export: Export, outside: Sequence[str]) -> Item | None:
    """A switch that routes by itself, past the firewall, what comes in from outside."""
    for switch in export.items("interface ethernet switch"):
        if switch.get("l3-hw-offloading") == "yes":
            exempt = {
                port.name
                for port in export.items("interface ethernet switch port")
                if port.get("l3-hw-offloading") == "no"
            }
            if not set(outside) <= exempt:
                return switch
    return None

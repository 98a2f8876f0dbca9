"""Rules of a packet filter, whatever command wrote them, and what they let through.

Rules are tried in order and the first that fits decides; what fits none is dropped (Cisco: "IP
Access List Overview", the implicit deny). Where only a part of a rule is understood, a permission
counts as given and a refusal as not given: a doubt may open a filter, never close it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assessor.devices.device import Hole, Policy, Reach
from assessor.devices.ios.addresses import (
    MANY_PORTS,
    Network,
    Networks,
    Ports,
    everywhere,
    holding,
    merged,
    overlapping,
    private,
    texts,
)

MOST_HOLES = 200
"""So many are named; those that let any service in are named all the same."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        protocol: ``ip`` for all of them; the name of an application where the filter knows more
            of it than ports.
        source: ``None`` for any, as are ``destination`` and the ports.
        returning: it only fits answers to what went out.
        partial: it has a further condition (a time, a flag, fragments).
        family: of the addresses that it is for; empty for both.
    """

    permit: bool
    protocol: str
    source: Networks | None = None
    destination: Networks | None = None
    source_ports: Ports | None = None
    ports: Ports | None = None
    returning: bool = False
    partial: bool = False
    text: str = ""
    family: str = ""

    @property
    def final(self) -> bool:
        """It fits everything."""
        return (
            self.protocol == "ip"
            and everywhere(self.source)
            and everywhere(self.destination)
            and not self.returning
            and not self.partial
        )

    def fits(self, protocol: str, port: int | None) -> bool:
        """Whether it may fit such traffic, from wherever it comes."""
        if self.protocol not in ("ip", protocol):
            return False
        if self.ports is None or port is None:
            return True
        return any(low <= port <= high for low, high in self.ports)

    def service(self) -> str:
        """Protocol and ports as ``Hole`` writes them."""
        if self.protocol == "ip":
            return "any"
        if self.protocol not in ("tcp", "udp"):
            return self.protocol
        if self.ports is None:
            if self.source_ports is None:
                return "any"
            return f"{self.protocol} (from {_ports(self.source_ports)})"
        if sum(high - low + 1 for low, high in self.ports) >= MANY_PORTS:
            return "any"
        return f"{self.protocol}/{_ports(self.ports)}"


def _ports(ports: Ports) -> str:
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in ports)


Filter = Sequence[Rule] | None
"""Rules; ``None`` where there is no filter, so that everything passes."""


@dataclass(frozen=True, slots=True)
class Reached:
    """From where something can be reached."""

    reach: Reach
    sources: Networks = ()


ANYWHERE, NOWHERE = Reached(Reach.ANYWHERE), Reached(Reach.INSIDE)
_ORDER = {Reach.INSIDE: 0, Reach.NAMED: 1, Reach.UNKNOWN: 2, Reach.ANYWHERE: 3}


def narrower(one: Reached, other: Reached) -> Reached:
    """What is left of two barriers behind each other."""
    return min(one, other, key=lambda each: _ORDER[each.reach])


def widest(found: Iterable[Reached]) -> Reached:
    """The widest of several ways in."""
    return max(found, key=lambda each: _ORDER[each.reach], default=NOWHERE)


def named(sources: Iterable[Network]) -> Reached:
    """What these sources may reach; those that no one on the internet has, count as inside."""
    listed = merged(sources)
    if private(listed):
        return NOWHERE
    return Reached(Reach.NAMED, listed)


def reached(rules: Filter, protocol: str, port: int | None, target: Networks) -> Reached:
    """From where ``port`` of ``target`` can be reached; no target stands for an unknown one."""
    if rules is None:
        return ANYWHERE
    sources: list[Network] = []
    for rule in rules:
        if rule.returning or not rule.fits(protocol, port):
            continue
        if target and not overlapping(rule.destination, target):
            continue
        if not rule.permit and not _shuts(rule, target):
            continue
        if everywhere(rule.source):
            return ANYWHERE if rule.permit else named(sources)
        if rule.permit:
            sources += rule.source or ()
    return named(sources)


def _shuts(rule: Rule, target: Networks) -> bool:
    """Whether a refusal holds for all of ``target``."""
    if rule.partial or rule.source_ports is not None:
        return False
    if not target:
        return everywhere(rule.destination)
    return all(holding(rule.destination, one) for one in target)


def policy(rules: Filter) -> Policy:
    """What happens to what no rule names."""
    if rules is None:
        return Policy.ALLOWED
    for rule in rules:
        if rule.final:
            return Policy.ALLOWED if rule.permit else Policy.DENIED
    return Policy.DENIED


def holes(rules: Filter, family: str, own: Networks, *, device: bool) -> list[Hole]:
    """What rules let in before the one that decides on all the rest.

    Args:
        rules: of the filter.
        family: of addresses.
        own: the addresses of the device; none where they are not known.
        device: what is meant for the device is asked for; otherwise what is meant for others.
    """
    found: dict[Hole, None] = {}
    for rule in rules or ():
        if rule.final:
            break
        if not rule.permit or rule.returning:
            continue
        if len(found) >= MOST_HOLES and rule.service() != "any":
            continue
        mine = rule.destination is not None and all(holding(own, one) for one in rule.destination)
        if device and own and not overlapping(rule.destination, own):
            continue
        if not device and own and mine:
            continue
        to = "device" if mine and own else _target(rule.destination)
        sources = () if everywhere(rule.source) else texts(rule.source or ())
        found[Hole(family, to, rule.service(), sources, rule.text)] = None
    return list(found)


def _target(destination: Networks | None) -> str:
    if everywhere(destination):
        return "any"
    return ", ".join(texts(destination or ())[:4])


def of_family(rules: Filter, family: str) -> Filter:
    """Those rules that are for ``family``."""
    return None if rules is None else [rule for rule in rules if rule.family in ("", family)]


def permissions(rules: Iterable[Rule]) -> list[Rule]:
    """Only what is permitted, for a list that chooses traffic."""
    return [rule for rule in rules if rule.permit]


def turned(rules: Iterable[Rule]) -> list[Rule]:
    """The same traffic, refused."""
    return [replace(rule, permit=False) for rule in rules]

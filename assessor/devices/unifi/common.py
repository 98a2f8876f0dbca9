"""What both generations of a UniFi gateway's rules have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assessor.devices.device import Hole, Policy
from assessor.devices.unifi.bundle import Bundle, Record, text_of


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that is on and means connections that begin.

    Attributes:
        label: how its owner finds it.
        accepts: it lets in; otherwise it drops.
        whole: it means everything that comes this way.
    """

    label: str
    accepts: bool
    whole: bool
    service: str = "any"
    to: str = "any"
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What happens to traffic from outside.

    Attributes:
        here: it is meant for the gateway itself.
        policy: what no rule names; ``None`` where the rules come to no end.
        holes: what rules let in.
    """

    here: bool
    policy: Policy | None
    holes: tuple[Hole, ...] = ()


def walk(rules: Iterable[Rule], family: str, *, here: bool) -> Judged:
    """Goes through rules in their order."""
    holes: list[Hole] = []
    for rule in rules:
        if rule.whole:
            policy = Policy.ALLOWED if rule.accepts else Policy.DENIED
            return Judged(here, policy, tuple(holes))
        if rule.accepts:
            to = "device" if here else rule.to
            holes.append(Hole(family, to, rule.service, rule.sources, rule.label))
    return Judged(here, None, tuple(holes))


def group(bundle: Bundle, identifier: str) -> Record:
    """The group of addresses or ports; an empty record where there is none."""
    groups = bundle.records("firewallgroup")
    return next((one for one in groups if one.get("_id") == identifier), {})


def network_name(bundle: Bundle, identifier: str) -> str:
    """What its owner calls a network."""
    networks = bundle.records("networkconf")
    found: Record = next((one for one in networks if one.get("_id") == identifier), {})
    return text_of(found, "name") or identifier


def service(protocol: str, ports: Iterable[str]) -> str:
    """Protocol and ports, as people write them; all ports of TCP or UDP are as good as all."""
    told = ",".join(one for one in ports if one not in ("", "1-65535"))
    protocol = {"tcp_udp": "tcp+udp", "6": "tcp", "17": "udp"}.get(protocol, protocol)
    if protocol in ("", "all") or (not told and protocol in ("tcp", "udp", "tcp+udp")):
        return "any"
    return f"{protocol}/{told}" if told else protocol


def number(record: Record, name: str) -> int:
    """A rule's place in the order; the last where it has none."""
    value = record.get(name)
    if isinstance(value, str) and value.isdecimal():
        value = int(value[:12])
    return value if isinstance(value, int) else 10**12

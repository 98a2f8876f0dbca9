"""Port forwards and other translations of destinations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from assessor.devices.vyatta.grammar import Node
from assessor.devices.vyatta.rules import Groups, Rule, read_ports, read_rule


@dataclass(frozen=True, slots=True)
class Forward:
    """A rule that sends what comes from outside to an address inside.

    Attributes:
        rule: what it means, before the translation.
        to: the address inside.
        port: there; ``None`` where the port stays as it is, or several do.
        opened: the system lets it through its firewall by itself.
        label: how its owner finds it.
    """

    rule: Rule
    to: str
    port: int | None
    opened: bool
    label: str
    family: str = "ipv4"

    @property
    def protocol(self) -> str | None:
        """One protocol that it means; ``None`` for any."""
        return self.rule.protocols[0] if self.rule.protocols else None

    @property
    def sources(self) -> tuple[str, ...]:
        """From where alone; empty for anyone."""
        return self.rule.source.whom


def read_forwards(root: Node, groups: Groups) -> tuple[Forward, ...]:
    """Every forward that is on."""
    return (
        *_port_forwards(root.at("port-forward"), groups),
        *_translations(root.at("service", "nat"), "service nat", groups),
        *_translations(root.at("nat", "destination"), "nat destination", groups),
        *_translations(root.at("nat66", "destination"), "nat66 destination", groups),
    )


def _port_forwards(node: Node, groups: Groups) -> Iterator[Forward]:
    """EdgeOS' own: "auto-firewall" opens the firewall for each of them."""
    opened = not node.has("auto-firewall", "disable")
    outer = node.value("wan-interface")
    for number, below in node.items("rule"):
        to = below.value("forward-to", "address")
        if to is None or below.has("disable"):
            continue
        asked = Node()
        asked.children["source"] = below.at("source")
        asked.add("protocol").add(below.value("protocol") or "all")
        port = below.value("original-port")
        if port:
            asked.add("destination").add("port").add(port)
        if outer:
            asked.add("inbound-interface").add(outer)
        rule = read_rule(number, asked, groups)
        inner = below.value("forward-to", "port") or port
        yield Forward(rule, to, _one_port(inner), opened, f"port-forward {number}")


def _translations(node: Node, name: str, groups: Groups) -> Iterator[Forward]:
    for number, below in node.items("rule"):
        if below.has("disable") or below.has("exclude"):
            continue
        if name == "service nat" and below.value("type") != "destination":
            continue
        inner = below.at("inside-address") if name == "service nat" else below.at("translation")
        to = inner.value("address")
        if to is None and inner.has("redirect"):
            to = "127.0.0.1"
        if to is None:
            continue
        rule = read_rule(number, below, groups)
        outside = rule.destination.ports
        port = inner.value("port") or inner.value("redirect", "port")
        if port is None and outside is not None and len(outside) == 1:
            port = str(outside[0][0]) if outside[0][0] == outside[0][1] else None
        family = "ipv6" if name.startswith("nat66") else "ipv4"
        yield Forward(rule, to, _one_port(port), False, f"{name} {number}", family)


def _one_port(text: str | None) -> int | None:
    ports = read_ports(text) if text else None
    if ports is None or len(ports) != 1 or ports[0][0] != ports[0][1]:
        return None
    return ports[0][0]

"""Zones: groups of interfaces between which only what is named may pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assessor.devices.device import Policy
from assessor.devices.vyatta.grammar import Node


@dataclass(frozen=True, slots=True)
class Zones:
    """The zones of a router.

    Attributes:
        nodes: each zone's part of the configuration.
        members: each interface's zone.
        local: the zone of the router itself; ``None`` where it is in none.
    """

    nodes: Mapping[str, Node] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=dict)
    local: str | None = None

    def of(self, interface: str) -> str | None:
        """The zone of an interface; ``None`` where it is in none."""
        return self.members.get(interface)

    def between(self, source: str | None, to: str | None, family: str) -> Policy | str | None:
        """What decides on traffic from one zone to another.

        Returns:
            the name of a set of rules, or a policy; ``None`` where zones do not decide.
        """
        if not self.nodes or (source is None and to is None):
            return None
        if to is None:
            # What leaves a zone for an interface that is in none is dropped.
            return Policy.DENIED
        if source is None:
            return Policy.UNKNOWN if to == self.local else Policy.DENIED
        if source == to:
            return self._within(source, family)
        rules = self.nodes[to].value("from", source, "firewall", family)
        if rules is None:
            rules = self.nodes[to].value("default-firewall", family)
        return rules if rules is not None else Policy.DENIED

    def _within(self, zone: str, family: str) -> Policy | str:
        """Between interfaces of one zone everything passes, unless it is filtered."""
        inner = self.nodes[zone].at("intra-zone-filtering")
        rules = inner.value("firewall", family)
        if rules is not None:
            return rules
        return Policy.DENIED if inner.value("action") == "drop" else Policy.ALLOWED


def read_zones(root: Node) -> Zones:
    """The zones of a configuration, of any generation."""
    nodes = dict(root.items("zone-policy", "zone")) | dict(root.items("firewall", "zone"))
    members: dict[str, str] = {}
    local = None
    for name, node in nodes.items():
        if node.has("local-zone"):
            local = name
        for interface in (*node.values("interface"), *node.values("member", "interface")):
            members[interface] = name
    return Zones(nodes, members, local)

"""One rule of the firewall, as a ZLD configuration writes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from assessor.devices.aruba.tree import Node, Notes, Tree, known
from assessor.devices.device import Topic

DEVICE = "ZyWALL"
Ports = tuple[tuple[str, int, int], ...]
"""Protocol, first port, last port."""

_KNOWN = known(
    "name description from to sourceip destinationip sourceip6 destinationip6 service user"
    " schedule action activate log ctmatch sourceport app-profile cf-profile"
    " ssl-inspection-profile idp-profile av-profile as-profile anti-virus limit"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy.

    Attributes:
        family: ``ipv4`` or ``ipv6``.
        origin: the zone that traffic comes from, or ``any``.
        to: the zone that it goes to, ``ZyWALL`` for the device itself, or ``any``.
        outer_only: ``to`` is any zone but the device itself.
        source: an object, or ``any``.
        narrow: it holds for some users or some hours only.
    """

    family: str
    name: str
    active: bool
    origin: str
    to: str
    beyond: bool
    source: str
    destination: str
    service: str
    action: str
    narrow: bool

    @property
    def plain(self) -> bool:
        """It holds for everyone, always and to all addresses."""
        return not self.narrow and self.source == "any" and self.destination == "any"

    def holds(self, zone: str, *, device: bool) -> bool:
        """Whether it is about traffic from ``zone`` to the device itself, or through it."""
        if not self.active or self.origin not in {"any", zone}:
            return False
        if self.to == "any":
            return not (device and self.beyond)
        return (self.to == DEVICE) == device


def read_rules(tree: Tree, notes: Notes) -> Iterator[Rule]:
    """All policies in their order; ``firewall`` is what older versions call them."""
    for head, family in (
        ("secure-policy", "ipv4"),
        ("firewall", "ipv4"),
        ("secure-policy6", "ipv6"),
        ("firewall6", "ipv6"),
    ):
        for node in tree.take(head):
            second = node.word(1)
            if second in {"activate", "default-rule"}:
                continue
            if second in {"asymmetrical-route", "alg"}:
                continue
            between = _between(node)
            if between is None:
                # What such a rule closes or opens cannot be told, so it does neither.
                notes.add(node.text, Topic.FIREWALL)
                continue
            yield _rule(node, family, between, notes)


def _between(node: Node) -> tuple[str, str] | None:
    """The zones that a rule's first line tells; ``None`` where the line is not understood.

    A rule of its own number tells them below (``secure-policy 3``); until ZLD 3 rules could be
    numbered for each pair of zones (``firewall WAN ZyWALL 1``, ``firewall WAN ZyWALL append``).
    """
    numbers = node.words[1:]
    zones = ("any", "any")
    if len(numbers) > 2:
        zones, numbers = (numbers[0], numbers[1]), numbers[2:]
    if numbers[:1] == ("append",) or (len(numbers) == 1 and numbers[0].isdecimal()):
        return zones
    return None


def _rule(node: Node, family: str, between: tuple[str, str], notes: Notes) -> Rule:
    values: dict[str, str] = {}
    active, title = True, " ".join(node.words)
    for each in node.children:
        word = each.word(0)
        if word not in _KNOWN:
            notes.add(f"{title}: {each.text}", Topic.FIREWALL)
        elif word == "activate":
            active = not each.no
        elif not each.no:
            values[word.removesuffix("6")] = each.word(1)
    action = values.get("action", "")
    if action not in {"allow", "deny", "reject"}:
        notes.add(f"{title}: action {action or 'is not told'}", Topic.FIREWALL)
        action = "allow"
    origin, to = values.get("from", between[0]), values.get("to", between[1])
    if to == "Device":
        to = DEVICE
    beyond = to.lower().startswith("any") and "exclud" in to.lower()
    return Rule(
        family=family,
        name=f"{title} {values['name']}" if "name" in values else title,
        active=active,
        origin=origin,
        to="any" if beyond else to,
        beyond=beyond,
        source=values.get("sourceip", "any"),
        destination=values.get("destinationip", "any"),
        service=values.get("service", "any"),
        action=action,
        narrow=any(values.get(key, "any") not in {"any", "none"} for key in ("user", "schedule"))
        or "sourceport" in values
        or "ctmatch" in values,
    )

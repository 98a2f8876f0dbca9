"""How a ZLD device treats traffic from its outer zones.

Policies are tried in their order, from zone to zone; the device itself is the zone ``ZyWALL``. What
none names meets the default rule, which drops it unless told otherwise, also for interfaces that
are in no zone (online help of ZLD 4.70, "Security Policy": "From any to any"). A port forward
(``ip virtual-server``) lets nothing in without a policy, so it is the policies that count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assessor.devices.aruba.tree import Notes, Tree, known
from assessor.devices.device import Firewall, Hole, Policy, Topic
from assessor.devices.zyxel.objects import Network
from assessor.devices.zyxel.rules import DEVICE, Rule, read_rules

_SERVER = known(
    "interface original-ip map-to map-type source-ip nat-loopback nat-1-1-map deactivate activate"
)


def read_firewall(
    tree: Tree, network: Network, notes: Notes
) -> tuple[Firewall | None, Sequence[Rule] | None]:
    """The firewall, and its rules in their order; neither where the export has none."""
    _virtual_servers(tree, notes)
    rules = tuple(read_rules(tree, notes))
    on = [tree.state(head, "activate") for head in ("secure-policy", "firewall")]
    default = _default(tree, notes)
    state = next((each for each in on if each is not None), None)
    if not rules and state is None and default is None:
        return None, None
    _check(rules, network, notes)
    if state is False:
        policy = Policy.ALLOWED
    elif state is None or not network.outer:
        policy = Policy.UNKNOWN
    else:
        policy = Policy.ALLOWED if default == "allow" else Policy.DENIED
    six = {True: policy, False: Policy.OFF, None: Policy.UNKNOWN}[network.six]
    if policy is Policy.ALLOWED and network.six is None:
        six = Policy.UNKNOWN
    families = {"ipv4": policy, "ipv6": six}
    holes = tuple(dict.fromkeys(_holes(rules, network))) if state is not False else ()
    return (
        Firewall(families, dict(families), holes, network.outside or tuple(sorted(network.outer))),
        # Whether policies are looked at at all must be told before they say from where.
        rules if state else None,
    )


def _default(tree: Tree, notes: Notes) -> str | None:
    """``secure-policy default-rule action deny log``."""
    found: str | None = None
    for head in ("secure-policy", "firewall"):
        for node in tree.take(head, "default-rule"):
            if node.word(2) == "action" and node.word(3) in {"allow", "deny", "reject"}:
                found = node.word(3)
            elif node.word(2) not in {"log", "no"}:
                notes.add(node.text, Topic.FIREWALL)
    return found


def _check(rules: Sequence[Rule], network: Network, notes: Notes) -> None:
    """Names that nothing explains."""
    zones = {*network.zones, "any", DEVICE}
    for rule in rules:
        if not rule.active:
            continue
        if rule.origin not in zones or rule.to not in zones:
            notes.add(f"{rule.name}: from {rule.origin} to {rule.to}", Topic.FIREWALL)
        if network.service(rule.service) is None:
            notes.add(f"{rule.name}: service {rule.service}", Topic.FIREWALL)
        if network.sources(rule.source) is None:
            notes.add(f"{rule.name}: sourceip {rule.source}", Topic.FIREWALL)


def _holes(rules: Sequence[Rule], network: Network) -> Iterator[Hole]:
    for family in ("ipv4", "ipv6"):
        if family == "ipv6" and network.six is False:
            continue
        for zone in sorted(network.outer) or ["any"]:
            for device in (True, False):
                yield from _through(rules, network, family, zone, device=device)


def _through(
    rules: Sequence[Rule], network: Network, family: str, zone: str, *, device: bool
) -> Iterator[Hole]:
    inner = {name for name in network.zones if name not in network.outer}
    closed: set[str] = set()
    for rule in rules:
        if rule.family != family or not rule.holds(zone, device=device):
            continue
        goals = {DEVICE} if device else ({rule.to} if rule.to != "any" else {*inner, "any"})
        if not device and rule.to in network.outer:
            continue  # from one outer zone to another
        if goals <= closed:
            continue
        if rule.action == "allow":
            to = "device" if device else rule.destination
            if to == "any" and rule.to != "any":
                to = f"any of {rule.to}"
            # A source that nothing is known of goes by its name.
            sources = network.sources(rule.source)
            yield Hole(
                family,
                to,
                _shown(network, rule.service),
                (rule.source,) if sources is None else sources,
                rule.name,
            )
        elif rule.plain and rule.service == "any":
            closed |= goals


def _shown(network: Network, name: str) -> str:
    ports = network.service(name)
    if not ports:
        return name
    return ", ".join(
        protocol if not low else f"{protocol}/{low}" if low == high else f"{protocol}/{low}-{high}"
        for protocol, low, high in ports
    )


def _virtual_servers(tree: Tree, notes: Notes) -> None:
    """Port forwards: only whether they are understood; see above."""
    for node in tree.take("ip", "virtual-server"):
        if len(node.words) > 3 and node.word(3) not in _SERVER and not node.no:
            notes.add(node.text, Topic.FIREWALL)

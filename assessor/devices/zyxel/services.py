"""The ways into a ZLD device itself, and from where they can be reached.

Two things stand before a service: the policies from an outer zone to the device, and the table of
the service itself ("service control"), whose last, unwritten entry accepts all (online help,
"Service Control": a service is barred when either says so).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assessor.devices.aruba.tree import Node, Notes, Tree, known
from assessor.devices.device import Community, Firewall, Policy, Reach, Service, Topic
from assessor.devices.zyxel.objects import Network
from assessor.devices.zyxel.rules import Rule

# Name, first words, port, settings that may follow.
_WAYS = (
    ("http", ("ip", "http", "server"), 80),
    ("https", ("ip", "http", "secure-server"), 443),
    ("ssh", ("ip", "ssh", "server"), 22),
    ("telnet", ("ip", "telnet", "server"), 23),
    ("ftp", ("ip", "ftp", "server"), 21),
)
_SETTINGS = known(
    "cert port force-redirect cipher-suite auth-client table rule v1 tls-required authentication"
    " tlsv10 tlsv11 tlsv12 strong-cipher"
)
_HTTP = known("port secure-port authentication x-frame-options redirect activate")
_WORST = {Reach.ANYWHERE: 3, Reach.UNKNOWN: 2, Reach.NAMED: 1, Reach.INSIDE: 0}


def read_services(
    tree: Tree,
    network: Network,
    rules: Sequence[Rule] | None,
    firewall: Firewall | None,
    snmp: tuple[Community, ...] | None,
    notes: Notes,
) -> tuple[Service, ...] | None:
    """The services that the configuration names; ``None`` where it names none."""
    found: list[Service] = []
    open_end = firewall is not None and firewall.to_device["ipv4"] is Policy.ALLOWED
    for name, words, port in _WAYS:
        nodes = tree.take(*words)
        on: bool | None = None
        for node in nodes:
            if len(node.words) == 3:
                on = not node.no
            elif node.word(3) == "port" and re.fullmatch(r"\d{1,5}", node.word(4)):
                port = int(node.word(4))
            elif node.word(3) not in _SETTINGS:
                notes.add(node.text, Topic.MANAGEMENT)
        port = _http_port(tree, name, port)
        if on is None:
            continue
        proto = ("tcp", port)
        reach = Reach.INSIDE
        if on:
            reach = _reach(proto, network, rules, open_end=open_end)
            reach = _barred(reach, nodes, network, notes)
        weak = ("SSH 1",) if any(n.word(3) == "v1" and not n.no for n in nodes) else ()
        found.append(
            Service(name, on, encrypted=name in {"https", "ssh"}, reach=reach, port=port, weak=weak)
        )
    for node in tree.take("ip", "http"):
        if node.word(2) not in _HTTP and node.word(2) not in {"server", "secure-server"}:
            notes.add(node.text, Topic.MANAGEMENT)
    if snmp:
        plain = any(each.version != "3" for each in snmp)
        reach = _reach(("udp", 161), network, rules, open_end=open_end)
        found.append(Service("snmp", encrypted=not plain, reach=reach, port=161))
    return tuple(found) or None


def _http_port(tree: Tree, name: str, port: int) -> int:
    """``ip http port 8080`` and ``ip http secure-port 8443``."""
    word = {"http": "port", "https": "secure-port"}.get(name)
    for node in tree.take("ip", "http", word) if word else ():
        if re.fullmatch(r"\d{1,5}", node.word(3)):
            port = int(node.word(3))
    return port


def _reach(
    goal: tuple[str, int], network: Network, rules: Sequence[Rule] | None, *, open_end: bool
) -> Reach:
    """From where policies let traffic to a port of the device; ``open_end``: the default allows."""
    if rules is None or not network.outer:
        return Reach.UNKNOWN
    end = Reach.ANYWHERE if open_end else Reach.INSIDE
    families = ["ipv4", *([] if network.six is False else ["ipv6"])]
    reaches = [
        _from(zone, goal, network, [rule for rule in rules if rule.family == family], end)
        for zone in network.outer
        for family in families
    ]
    return max(reaches, key=_WORST.__getitem__)


def _from(
    zone: str, goal: tuple[str, int], network: Network, rules: Sequence[Rule], end: Reach
) -> Reach:
    named = unclear = False
    for rule in rules:
        if not rule.holds(zone, device=True):
            continue
        hit = _hits(goal, network, rule)
        if hit is False:
            continue
        if rule.action != "allow":
            if hit and rule.plain:
                end = Reach.INSIDE
                break
            continue
        if hit is None:
            unclear = True
        elif rule.source == "any" or network.sources(rule.source) == ():
            return Reach.ANYWHERE
        else:
            named = True
    if unclear:
        return Reach.UNKNOWN
    return Reach.NAMED if named and end is Reach.INSIDE else end


def _hits(goal: tuple[str, int], network: Network, rule: Rule) -> bool | None:
    ports = network.service(rule.service)
    if ports is None:
        return None
    protocol, port = goal
    return not ports or any(kind == protocol and low <= port <= high for kind, low, high in ports)


def _barred(reach: Reach, nodes: Sequence[Node], network: Network, notes: Notes) -> Reach:
    """``reach`` after the table of the service."""
    named = False
    for zone, group, action in _entries(nodes, notes):
        if zone != "ALL" and zone not in network.outer:
            continue
        if group == "ALL" and action == "accept":
            break
        if group == "ALL":
            limit = Reach.NAMED if named else Reach.INSIDE
            return min(reach, limit, key=_WORST.__getitem__)
        named = named or action == "accept"
    return reach


def _entries(nodes: Sequence[Node], notes: Notes) -> Iterator[tuple[str, str, str]]:
    """``... [table admin] rule append access-group X zone Y action accept``."""
    for node in nodes:
        words = list(node.words[3:])
        if words[:1] == ["table"]:
            if words[1:2] != ["admin"]:
                continue  # where others than administrators log in
            words = words[2:]
        if words[:1] != ["rule"]:
            continue
        try:
            group = words[words.index("access-group") + 1]
            zone = words[words.index("zone") + 1]
            action = words[words.index("action") + 1]
        except (ValueError, IndexError):
            notes.add(node.text, Topic.MANAGEMENT)
            continue
        if action not in {"accept", "deny"} or node.no:
            notes.add(node.text, Topic.MANAGEMENT)
            continue
        yield zone, group, action

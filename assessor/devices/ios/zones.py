"""The zone-based firewall, written out as rules.

Cisco, "Zone-Based Policy Firewall Design and Application Guide" (document 98628): between two
zones nothing passes without a policy; within one zone, and from a zone to the device itself
(``self``), all passes until a pair of zones says otherwise; a pair without policy drops; what no
class takes, ``class-default`` drops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assessor.devices.device import Topic
from assessor.devices.ios.acl import Lists
from assessor.devices.ios.addresses import Ports
from assessor.devices.ios.grammar import Node, Tree
from assessor.devices.ios.notes import Notes
from assessor.devices.ios.rules import Rule, permissions, turned

DROP_ALL: Sequence[Rule] = ()
_DEPTH = 6
_MOST_PAIRS = 10_000
_MOST_RULES = 100_000
_PASSING, _DROPPING = ("inspect", "pass"), ("drop", "reset")
_DETAILS = ("police", "service-policy", "log", "description", "exit", "urlfilter", "shape")
_HARMLESS_MATCHES = ("description", "exit")

# What the names of applications mean in ports ("show ip port-map"); others keep their names.
_APPLICATIONS: Mapping[str, tuple[tuple[str, Ports | None], ...]] = {
    "tcp": (("tcp", None),),
    "udp": (("udp", None),),
    "icmp": (("icmp", None),),
    "ftp": (("tcp", ((21, 21),)),),
    "ssh": (("tcp", ((22, 22),)),),
    "telnet": (("tcp", ((23, 23),)),),
    "smtp": (("tcp", ((25, 25),)),),
    "dns": (("udp", ((53, 53),)), ("tcp", ((53, 53),))),
    "bootpc": (("udp", ((68, 68),)),),
    "bootps": (("udp", ((67, 67),)),),
    "tftp": (("udp", ((69, 69),)),),
    "http": (("tcp", ((80, 80),)),),
    "pop3": (("tcp", ((110, 110),)),),
    "ntp": (("udp", ((123, 123),)),),
    "imap": (("tcp", ((143, 143),)),),
    "snmp": (("udp", ((161, 161),)),),
    "https": (("tcp", ((443, 443),)),),
    "isakmp": (("udp", ((500, 500),)),),
    "syslog": (("udp", ((514, 514),)),),
    "imaps": (("tcp", ((993, 993),)),),
    "l2tp": (("udp", ((1701, 1701),)),),
    "pptp": (("tcp", ((1723, 1723),)),),
    "ipsec-msft": (("udp", ((4500, 4500),)),),
    "sip": (("udp", ((5060, 5060),)), ("tcp", ((5060, 5060),))),
}


@dataclass(frozen=True, slots=True)
class Zones:
    """The pairs of zones with their rules.

    Attributes:
        pairs: by source and destination.
        names: all zones that are declared.
    """

    pairs: Mapping[tuple[str, str], Sequence[Rule]]
    names: frozenset[str]


def read_zones(tree: Tree, lists: Lists, notes: Notes) -> Zones:
    """Every pair of zones; what is not understood counts for the firewall."""
    classes = _by_name(tree, "class-map", notes)
    policies = _by_name(tree, "policy-map", notes)
    names = frozenset(
        node.words[2] for node in tree.take("zone", "security") if len(node.words) > 2
    )
    # What is traced or limited of what is let in changes nothing of that.
    tree.take("parameter-map", "type")
    written = _Policy(classes, lists, notes)
    pairs: dict[tuple[str, str], Sequence[Rule]] = {}
    for node in tree.take("zone-pair", "security"):
        words = node.words
        if node.no or len(words) != 7 or (node.word(3), node.word(5)) != ("source", "destination"):
            notes.add(node.text, Topic.FIREWALL)
            continue
        rules: Sequence[Rule] = DROP_ALL
        for child in node.children:
            if child.begins("service-policy", "type", "inspect") and len(child.words) == 4:
                name = child.words[3]
                if name not in policies:
                    notes.add(child.text, Topic.FIREWALL)
                    continue
                rules = written.rules(policies[name])
            elif child.word(0) not in ("description", "exit"):
                notes.add(child.text, Topic.FIREWALL)
        pairs[words[4], words[6]] = rules
    return Zones(pairs, names)


def _by_name(tree: Tree, first: str, notes: Notes) -> dict[str, Node]:
    """The maps that inspect; those for the quality of service are no affair of ours."""
    found: dict[str, Node] = {}
    for node in tree.take(first):
        if not node.begins(first, "type"):
            continue
        if node.word(2) == "inspect" and node.word(3) not in ("http", "im", "smtp", "sip", "dns"):
            found[node.words[-1]] = node
    return found


class _Policy:
    """Writes policies out, each once, up to a number of rules."""

    def __init__(self, classes: Mapping[str, Node], lists: Lists, notes: Notes) -> None:
        self._classes = classes
        self._lists = lists
        self._notes = notes
        self._known: dict[str, list[Rule]] = {}
        self._left = _MOST_RULES

    def rules(self, policy: Node) -> list[Rule]:
        """The rules of a policy, in the order of its classes."""
        name = policy.words[-1]
        if name not in self._known:
            self._known[name] = self._written(policy)
        return self._known[name]

    def _written(self, policy: Node) -> list[Rule]:
        rules: list[Rule] = []
        for child in policy.children:
            if child.word(0) in ("description", "exit"):
                continue
            if child.word(0) != "class" or child.no:
                self._notes.add(child.text, Topic.FIREWALL)
                continue
            passing = self._action(child)
            name = child.words[-1]
            if len(child.words) > 2 and not child.begins("class", "type", "inspect"):
                self._notes.add(child.text, Topic.FIREWALL)
            if name == "class-default":
                if passing is not False:
                    rules.append(Rule(True, "ip", text=f"class-default: {policy.words[-1]}"))
                continue
            rules += self._of_class(name, passing)
        return rules

    def _action(self, node: Node) -> bool | None:
        """Whether a class lets traffic pass; ``None`` where that is not known."""
        action: bool | None = False
        for child in node.children:
            first = child.word(0)
            if first in _PASSING and not child.no:
                action = True
            elif first in _DROPPING and not child.no:
                action = False
            elif first not in _DETAILS:
                self._notes.add(child.text, Topic.FIREWALL)
                action = None
        return action

    def _of_class(self, name: str, passing: bool | None) -> list[Rule]:
        node = self._classes.get(name)
        if node is None:
            self._notes.add(f"class {name}", Topic.FIREWALL)
            return []
        rules, exact = self._matched(node, 0)
        text = f"class {name}"
        rules = [
            replace(rule, text=f"{text}: {rule.text}" if rule.text else text) for rule in rules
        ]
        if passing is not False:
            return rules
        return turned(rules) if exact else []

    def _matched(self, node: Node, depth: int) -> tuple[list[Rule], bool]:
        """What a class takes, and whether that is exact; it may be more otherwise."""
        every = "match-any" not in node.words  # which is the default
        if len(node.words) == 5 and node.word(3) not in ("match-any", "match-all"):
            self._notes.add(node.text, Topic.FIREWALL)
        parts: list[list[Rule]] = []
        exact = depth < _DEPTH
        for child in node.children if exact else ():
            if child.word(0) in _HARMLESS_MATCHES:
                continue
            found = self._match(child, depth)
            if found is None:
                self._notes.add(child.text, Topic.FIREWALL)
                exact = False
                continue
            parts.append(found[0])
            exact = exact and found[1]
        if not every:
            return [rule for part in parts for rule in part], exact
        if not parts:
            return [], exact
        whole = parts[0]
        for part in parts[1:]:
            # What is not worked out stays as wide as it is.
            whole = _both(whole, part) if len(whole) * len(part) <= _MOST_PAIRS else whole
        return whole, exact and len(parts) == 1

    def _match(self, child: Node, depth: int) -> tuple[list[Rule], bool] | None:
        self._left -= 1
        if child.word(0) != "match" or child.no or child.word(1) == "not" or self._left < 0:
            return None
        kind = child.word(1)
        if kind == "protocol" and len(child.words) >= 3:
            name = child.word(2)
            known = _APPLICATIONS.get(name, ((name, None),))
            return [Rule(True, protocol, ports=ports, text=name) for protocol, ports in known], True
        if kind == "access-group" and (len(child.words) == 3 or child.word(2) == "name"):
            name = child.words[-1]
            both = [*(self._lists.of("ipv4", name) or ()), *(self._lists.of("ipv6", name) or ())]
            self._left -= len(both)
            if not both:
                return None
            kept = permissions(both)
            return kept, len(kept) == len(both) or both[len(kept) :] == both[-1:]
        if kind == "class-map" and (inner := self._classes.get(child.words[-1])) is not None:
            return self._matched(inner, depth + 1)
        return None


def _both(left: Sequence[Rule], right: Sequence[Rule]) -> list[Rule]:
    """What is in ``left`` and in ``right``; rather more than less where that is not clear."""
    found: list[Rule] = []
    for one in left:
        for other in right:
            if other.protocol == "ip" or _is_application(one):
                found.append(_joined(one, other))
            elif one.protocol == "ip" or _is_application(other):
                found.append(_joined(other, one))
            elif one.protocol == other.protocol:
                found.append(_joined(one, other))
    return found


def _is_application(rule: Rule) -> bool:
    """Whether it names an application of which the ports are not known here."""
    return rule.protocol not in ("ip", "tcp", "udp", "icmp", "esp", "ahp", "gre")


def _joined(service: Rule, other: Rule) -> Rule:
    """The service of the one with the addresses of both."""
    return replace(
        service,
        source=service.source if service.source is not None else other.source,
        destination=service.destination if service.destination is not None else other.destination,
        ports=service.ports if service.ports is not None else other.ports,
        returning=service.returning or other.returning,
        family=service.family or other.family,
        text=" & ".join(text for text in (service.text, other.text) if text)[:100],
    )

"""Access lists: standard and extended, numbered and named, of both families of addresses.

Cisco, "IP Access List Overview" and "Security Command Reference: access-list (IP extended),
ip access-list, ipv6 access-list, object-group". A list that is named somewhere but holds nothing
lets everything through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assessor.devices.device import Topic
from assessor.devices.ios import groups
from assessor.devices.ios.addresses import (
    Networks,
    Ports,
    is_address,
    network,
    port,
    wildcard,
)
from assessor.devices.ios.grammar import Node, Tree
from assessor.devices.ios.groups import Groups
from assessor.devices.ios.notes import Notes
from assessor.devices.ios.rules import Rule
from assessor.devices.ios.vocabulary import VOCABULARY

_PROTOCOLS = VOCABULARY.words("protocols")
_PROTOCOL_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "47": "gre", "50": "esp", "51": "ahp"}
_PORT_WORDS = frozenset({"eq", "neq", "gt", "lt", "range"})
# Conditions that narrow a rule down, with how many words follow each.
_CONDITIONS: Mapping[str, int] = {
    "dscp": 1,
    "tos": 1,
    "precedence": 1,
    "time-range": 1,
    "option": 1,
    "flow-label": 1,
    "ttl": 2,
    "fragments": 0,
    "routing": 0,
    "routing-type": 1,
    "mobility": 0,
    "mobility-type": 1,
    "hbh": 0,
    "dest-option": 0,
    "dest-option-type": 1,
    "auth": 0,
    "undetermined-transport": 0,
    "syn": 0,
    "fin": 0,
    "psh": 0,
    "urg": 0,
}
_HARMLESS: Mapping[str, int] = {"log": 0, "log-input": 0, "sequence": 1, "timeout": 1, "reflect": 1}
_ANSWERS = frozenset({"established", "ack", "rst"})
_EXTENDED = (range(100, 200), range(2000, 2700))
_STANDARD = (range(1, 100), range(1300, 2000))


class _StrangeError(Exception):
    """A rule is not of the form that is known."""


@dataclass(frozen=True, slots=True)
class Lists:
    """All access lists, by name; those of IPv6 apart."""

    four: Mapping[str, Sequence[Rule]]
    six: Mapping[str, Sequence[Rule]]

    def of(self, family: str, name: str) -> Sequence[Rule] | None:
        """The rules; ``None`` where there is no such list, or it is empty."""
        return (self.four if family == "ipv4" else self.six).get(name) or None


def read_lists(tree: Tree, notes: Notes) -> Lists:
    """Every access list of ``tree``; what is not understood counts for the firewall."""
    known = groups.read_groups(tree, notes)
    four: dict[str, list[Rule]] = {}
    six: dict[str, list[Rule]] = {}
    for node in tree.take("access-list"):
        _numbered(node, four, known, notes)
    for node in tree.take("ip", "access-list"):
        kind, name = node.word(2), node.words[3] if len(node.words) > 3 else ""
        if kind in ("resequence", "logging", "log-update", "persistent", "helper") or node.no:
            continue
        if kind not in ("standard", "extended") or len(node.words) != 4:
            notes.add(node.text, Topic.FIREWALL)
            continue
        _body(node.children, four.setdefault(name, []), known, notes, kind, 4)
    for node in tree.take("ipv6", "access-list"):
        if len(node.words) == 3 and not node.no:
            rules = six.setdefault(node.words[2], [])
            _body(node.children, rules, known, notes, "extended", 6)
        elif node.word(2) not in ("log-update", "role-based"):
            notes.add(node.text, Topic.FIREWALL)
    return Lists(four, six)


def _numbered(node: Node, lists: dict[str, list[Rule]], known: Groups, notes: Notes) -> None:
    name, number = node.word(1), node.word(1)
    if node.no or name == "compiled":
        return
    if not number.isdecimal() or len(number) > 4:
        notes.add(node.text, Topic.FIREWALL)
        return
    if any(int(number) in numbers for numbers in _STANDARD):
        kind = "standard"
    elif any(int(number) in numbers for numbers in _EXTENDED):
        kind = "extended"
    else:
        return  # of other layers: 200 to 299, 700 to 799, 1100 to 1199
    _entry(node, node.after(2), lists.setdefault(name, []), known, notes, kind, 4)


def _body(
    nodes: Sequence[Node], rules: list[Rule], known: Groups, notes: Notes, kind: str, version: int
) -> None:
    for node in nodes:
        words = node.words
        if words and words[0].isdecimal():
            words = words[1:]
        if len(words) > 1 and words[0] == "sequence" and words[1].isdecimal():
            words = words[2:]
        _entry(node, words, rules, known, notes, kind, version)


def _entry(
    node: Node,
    words: tuple[str, ...],
    rules: list[Rule],
    known: Groups,
    notes: Notes,
    kind: str,
    version: int,
) -> None:
    node.read = True
    first = words[0].lower() if words else ""
    text = " ".join(node.text.split())[:100]
    if first in ("remark", "exit", "description"):
        return
    if first == "evaluate" and len(words) >= 2:
        rules.append(Rule(True, "ip", returning=True, text=text))
        return
    try:
        if node.no or first not in ("permit", "deny"):
            raise _StrangeError
        reader = _Reader(list(words[1:]), known, version)
        made = reader.standard() if kind == "standard" else reader.extended()
    except (_StrangeError, IndexError):
        notes.add(node.text, Topic.FIREWALL)
        # A rule that is not understood may let anything in; it is named, and passes nothing.
        return
    family = "ipv4" if version == 4 else "ipv6"
    rules += [replace(rule, permit=first == "permit", text=text, family=family) for rule in made]


class _Reader:
    """The words of one rule, taken from left to right."""

    def __init__(self, words: list[str], known: Groups, version: int) -> None:
        self._words = words
        self._known = known
        self._version = version
        self._at = 0

    def _next(self) -> str:
        self._at += 1
        return self._words[self._at - 1].lower()

    def _peek(self) -> str:
        return self._words[self._at].lower() if self._at < len(self._words) else ""

    def standard(self) -> list[Rule]:
        """``any``, ``host A``, ``A`` or ``A wildcard``."""
        source = self._address(alone=True)
        while word := self._peek():
            if word not in ("log", "log-input"):
                raise _StrangeError
            self._at += 1
        return [Rule(True, "ip", source)]

    def extended(self) -> list[Rule]:
        """Protocol, source with ports, destination with ports, conditions."""
        kinds = self._protocols()
        source = self._address()
        source_ports = self._port_range()
        destination = self._address()
        ports = self._port_range()
        returning, partial = self._conditions({protocol for protocol, _ in kinds})
        return [
            Rule(
                True,
                protocol,
                source,
                destination,
                source_ports,
                own_ports if own_ports is not None else ports,
                returning,
                partial,
            )
            for protocol, own_ports in kinds
        ]

    def _protocols(self) -> list[tuple[str, Ports | None]]:
        word = self._next()
        if word == "object-group":
            services = self._known.services.get(self._words[self._at])
            self._at += 1
            if services is None:
                raise _StrangeError
            return list(services)
        if word in _PROTOCOL_NUMBERS:
            return [(_PROTOCOL_NUMBERS[word], None)]
        if word.isdecimal() and int(word) < 256:
            return [(f"protocol {word}", None)]
        if self._version == 6 and word not in _PROTOCOLS:
            # "permit any any" is written for ipv6 by some versions.
            self._at -= 1
            return [("ip", None)]
        if word not in _PROTOCOLS:
            raise _StrangeError
        return [("ip" if word in ("ip", "ipv6", "ipv4") else word, None)]

    def _address(self, *, alone: bool = False) -> Networks | None:
        word = self._next()
        if word in ("any", "any4", "any6"):
            return None
        if word == "host":
            found = network(self._next())
        elif word == "object-group":
            networks = self._known.networks.get(self._words[self._at])
            self._at += 1
            if networks is None:
                raise _StrangeError
            return networks
        elif self._version == 6 or "/" in word:
            found = network(word)
        elif is_address(self._peek()):
            found = wildcard(word, self._next())
        elif alone:
            found = network(word)
        else:
            found = None
        if found is None:
            raise _StrangeError
        return (found,)

    def _port_range(self) -> Ports | None:
        word = self._peek()
        if word == "object-group":
            # Ports of a service group behind the addresses.
            services = self._known.services.get(self._words[self._at + 1])
            if services is None:
                raise _StrangeError
            self._at += 2
            return tuple(pair for _, ports in services for pair in (ports or ((0, 65535),)))
        if word not in _PORT_WORDS:
            return None
        self._at += 1
        numbers: list[int] = []
        while (number := port(self._peek())) is not None and self._peek():
            numbers.append(number)
            self._at += 1
        if not numbers or (word == "range" and len(numbers) != 2):
            raise _StrangeError
        return groups.port_ranges(word, numbers)

    def _conditions(self, protocols: set[str]) -> tuple[bool, bool]:
        returning = partial = False
        while word := self._peek():
            self._at += 1
            if word in _ANSWERS:
                returning = "tcp" in protocols
            elif word in ("match-any", "match-all"):
                flags = set()
                while self._peek()[:1] in ("+", "-"):
                    flags.add(self._next())
                if not flags:
                    raise _StrangeError
                returning = word == "match-any" and flags <= {"+ack", "+rst"}
                partial = not returning
            elif word in _CONDITIONS:
                partial = True
                self._at += _CONDITIONS[word]
            elif word in _HARMLESS:
                # "log" may be followed by a cookie.
                self._at += _HARMLESS[word]
                if word in ("log", "log-input") and self._at == len(self._words) - 1:
                    self._at += 1
            elif protocols <= {"icmp", "igmp"}:
                partial = True  # a kind of message
            else:
                raise _StrangeError
            if self._at > len(self._words):
                raise _StrangeError
        return returning, partial

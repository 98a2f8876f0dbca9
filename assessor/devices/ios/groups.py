"""Object groups, which access lists name in place of addresses and services.

Cisco, "Object Groups for ACLs".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, ip_address, summarize_address_range
from typing import Generic, TypeVar

from assessor.devices.device import Topic
from assessor.devices.ios.addresses import Network, Networks, Ports, masked, network, port
from assessor.devices.ios.grammar import Node, Tree
from assessor.devices.ios.notes import Notes

Service = tuple[str, Ports | None]
_DEPTH = 8
_ALL = IPv4Network(0).supernet(new_prefix=0)
MOST = 1000
"""A group of more members is not followed."""

_PLAIN = frozenset({"ip", "icmp", "esp", "ahp", "gre", "ospf", "pim", "igmp", "eigrp", "ipinip"})


@dataclass(frozen=True, slots=True)
class Groups:
    """What is known by name; a group that was not understood in full is not there."""

    networks: Mapping[str, Networks]
    services: Mapping[str, Sequence[Service]]


class _StrangeError(Exception):
    """A member is not of the form that is known."""


def port_ranges(word: str, numbers: Sequence[int]) -> Ports:
    """The ports that ``eq``, ``neq``, ``gt``, ``lt`` or ``range`` mean."""
    first = numbers[0]
    if word == "gt":
        return ((first + 1, 65535),)
    if word == "lt":
        return ((0, max(first - 1, 0)),)
    if word == "neq":
        return ((0, 65535),)  # one port less than all
    if word == "range":
        return ((min(numbers), max(numbers)),)
    return tuple((number, number) for number in numbers)


def read_groups(tree: Tree, notes: Notes) -> Groups:
    """Every object group; what is not understood counts for the firewall."""
    nodes: dict[str, dict[str, Node]] = {"network": {}, "service": {}}
    for node in tree.take("object-group"):
        kind = node.word(1)
        if node.no:
            continue
        if kind in nodes and len(node.words) == 3:
            nodes[kind][node.words[2]] = node
        elif kind not in ("security", "reputation", "geo"):
            notes.add(node.text, Topic.FIREWALL)
    networks = _Members(nodes["network"], _networks)
    services = _Members(nodes["service"], _services)
    return Groups(networks.all(notes, "network"), services.all(notes, "service"))


_Member = TypeVar("_Member")


class _Members(Generic[_Member]):
    """Groups of one kind, each read once; a group may name others."""

    def __init__(
        self, nodes: Mapping[str, Node], read: Callable[[Node], Iterable[_Member]]
    ) -> None:
        self._nodes = nodes
        self._read = read
        self._known: dict[str, tuple[_Member, ...]] = {}
        self._strange: set[str] = set()

    def all(self, notes: Notes, kind: str) -> Mapping[str, tuple[_Member, ...]]:
        """Those that are understood, by name."""
        for name in self._nodes:
            try:
                self._of(name, 0)
            except _StrangeError:
                notes.add(f"object-group {kind} {name}", Topic.FIREWALL)
        return self._known

    def _of(self, name: str, depth: int) -> tuple[_Member, ...]:
        if name in self._known:
            return self._known[name]
        if name in self._strange or name not in self._nodes or depth > _DEPTH:
            raise _StrangeError
        self._strange.add(name)  # until it is understood: groups may hold each other
        found: list[_Member] = []
        for member in self._nodes[name].children:
            if member.begins("description"):
                continue
            if member.no or len(found) > MOST:
                raise _StrangeError
            if member.begins("group-object") and len(member.words) == 2:
                found += self._of(member.words[1], depth + 1)
                continue
            try:
                found += self._read(member)
            except (IndexError, ValueError):
                raise _StrangeError from None
        self._strange.discard(name)
        self._known[name] = tuple(found)
        return self._known[name]


def _networks(member: Node) -> list[Network]:
    words = [word.lower() for word in member.words]
    if words[0] == "range" and len(words) == 3:
        low, high = ip_address(words[1]), ip_address(words[2])
        if not isinstance(low, IPv4Address) or not isinstance(high, IPv4Address):
            raise _StrangeError
        return list(summarize_address_range(low, high))
    one: Network | None = None
    if words == ["any"]:
        one = _ALL
    elif len(words) == 2:
        one = network(words[1]) if words[0] == "host" else masked(words[0], words[1])
    elif len(words) == 1:
        one = network(words[0])
    if one is None:
        raise _StrangeError
    return [one]


def _services(member: Node) -> list[Service]:
    words = [word.lower() for word in member.words]
    if words[0] in _PLAIN and len(words) == 1:
        return [(words[0], None)]
    protocols = ("tcp", "udp") if words[0] == "tcp-udp" else (words[0],)
    if words[0] not in ("tcp", "udp", "tcp-udp") or words[1:2] == ["source"]:
        raise _StrangeError
    return [(protocol, _ports(words[1:])) for protocol in protocols]


def _ports(words: Sequence[str]) -> Ports | None:
    if not words:
        return None
    word = words[0] if words[0] in ("eq", "neq", "gt", "lt", "range") else "eq"
    numbers = [port(each) for each in (words[1:] if word == words[0] else words)]
    known = [number for number in numbers if number is not None]
    if len(known) != len(numbers) or not known:
        raise _StrangeError
    return port_ranges(word, known)

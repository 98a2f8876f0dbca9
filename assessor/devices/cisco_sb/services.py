"""What a small-business switch offers to the networks, and from where that can be reached.

Cisco, "CBS 250 and 350 Administration Guide: TCP/UDP Services": HTTP and HTTPS are on unless they
are switched off; Telnet, SSH and SNMP are off unless they are switched on. An active list of
``management access-class`` drops what it does not permit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessor.devices.device import Community, Reach, Secret, Service, Storage, Topic
from assessor.devices.ios.addresses import Network, Networks, masked, network, private
from assessor.devices.ios.grammar import Node, Tree
from assessor.devices.ios.notes import Notes
from assessor.devices.ios.rules import NOWHERE, Reached, named
from assessor.devices.secrets import secret

_SERVICES = ("telnet", "ssh", "http", "https", "snmp")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list for the management; no sources stand for any, no service for all."""

    permit: bool
    sources: Networks
    service: str


def read_services(
    tree: Tree, own: Networks | None, snmp: Sequence[Community], notes: Notes
) -> tuple[Service, ...]:
    """Every service; ``own`` are the switch's addresses, ``None`` where they are not told."""
    entries = _management(tree, notes)
    on = {
        "telnet": tree.given("ip", "telnet", "server") is True,
        "ssh": tree.given("ip", "ssh", "server") is True,
        "http": tree.given("ip", "http", "server") is not False,
        "https": tree.given("ip", "http", "secure-server") is not False,
        "snmp": bool(snmp),
    }
    ports = {"telnet": 23, "ssh": 22, "http": 80, "https": 443, "snmp": 161}
    _known_settings(tree, notes)
    clear = any(one.version != "3" or not one.encrypted for one in snmp)
    encrypted = {"ssh": True, "https": True, "snmp": not clear}
    return tuple(
        Service(
            name,
            on[name],
            encrypted.get(name, False),
            _reach(name, own, entries) if on[name] else Reach.INSIDE,
            ports[name],
        )
        for name in _SERVICES
        if on[name] or name != "snmp"
    )


def _known_settings(tree: Tree, notes: Notes) -> None:
    for node in (*tree.take("ip", "ssh"), *tree.take("ip", "telnet"), *tree.take("ip", "http")):
        if node.word(2) not in (
            "server",
            "secure-server",
            "port",
            "timeout-policy",
            "authentication",
            "password-auth",
            "pubkey-auth",
        ):
            notes.add(node.text, Topic.MANAGEMENT)


def _reach(name: str, own: Networks | None, entries: Sequence[Entry] | None) -> Reach:
    """The switch stands behind a router: who has an address of its own network only is inside."""
    if own and private(own):
        return Reach.INSIDE
    allowed = _allowed(name, entries)
    if allowed is None:
        return Reach.UNKNOWN
    return allowed.reach


def _allowed(name: str, entries: Sequence[Entry] | None) -> Reached | None:
    """From where the list lets a service be reached; ``None`` for everywhere."""
    if entries is None:
        return None
    sources: list[Network] = []
    for entry in entries:
        if entry.service not in ("", name):
            continue
        if not entry.sources:
            if entry.permit:
                return None
            break
        if entry.permit:
            sources += entry.sources
    return named(sources) if sources else NOWHERE


def _management(tree: Tree, notes: Notes) -> Sequence[Entry] | None:
    """The list that is in force; ``None`` where none is."""
    lists: dict[str, list[Entry]] = {}
    for node in tree.take("management", "access-list"):
        if len(node.words) != 3 or node.no:
            notes.add(node.text, Topic.MANAGEMENT)
            continue
        entries = lists.setdefault(node.words[2], [])
        for child in node.children:
            entry = _entry(child)
            if entry is None:
                notes.add(child.text, Topic.MANAGEMENT)
            else:
                entries.append(entry)
    chosen: Sequence[Entry] | None = None
    for node in tree.take("management", "access-class"):
        if node.no:
            chosen = None
        elif node.word(2) == "console-only":
            chosen = ()
        elif len(node.words) == 3 and node.words[2] in lists:
            chosen = lists[node.words[2]]
        else:
            notes.add(node.text, Topic.MANAGEMENT)
    return chosen


def _entry(node: Node) -> Entry | None:
    words = list(node.words)
    if node.no or not words or words[0].lower() not in ("permit", "deny"):
        return None
    permit = words[0].lower() == "permit"
    words = words[1:]
    sources: Networks = ()
    service = ""
    while words:
        word = words[0].lower()
        if word == "ip-source" and len(words) > 1:
            address: Network | None = network(words[1])
            words = words[2:]
            if words[:1] == ["mask"] and len(words) > 1 and address is not None:
                mask = words[1].lstrip("/")
                address = masked(str(address.network_address), mask)
                words = words[2:]
            if address is None:
                return None
            sources = (address,)
        elif word == "service" and len(words) > 1:
            service = words[1].lower()
            words = words[2:]
            if service not in _SERVICES:
                return None
        elif word.startswith(("gi", "te", "fa", "vlan", "po", "oob", "xg", "interface")):
            # Bound to a port: what it permits is less, what it refuses is not all.
            if not permit:
                return None
            words = words[1:]
            if words and words[0].isdecimal():
                words = words[1:]
        else:
            return None
    return Entry(permit, sources, service)


def read_snmp(tree: Tree, notes: Notes) -> tuple[Community, ...]:
    """Communities and users; the agent is off unless ``snmp-server server`` is given."""
    on = tree.given("snmp-server", "server") is True
    found: list[Community] = []
    plain = tree.take("snmp-server")
    hidden = [node for node in tree.take("encrypted") if node.word(1) == "snmp-server"]
    shifted = [Node(node.no, node.words[1:], node.text) for node in hidden]
    for node in (*plain, *shifted):
        second = node.word(1)
        if second == "community" and len(node.words) > 2 and not node.no:
            community = _community(node)
            if community is None:
                notes.add(node.text, Topic.SNMP)
            else:
                found.append(community)
        elif second == "user" and not node.no:
            words = [word.lower() for word in node.words]
            if words[4:5] not in (["v1"], ["v2c"], ["v3"], ["remote"]) or "auth" not in words:
                notes.add(node.text, Topic.SNMP)
            found.append(
                Community("3", False, "priv" in words, _passphrase(node.words, node in shifted))
            )
        elif second not in _HARMLESS and not node.no:
            notes.add(node.text, Topic.SNMP)
    return tuple(found) if on else ()


_HARMLESS = frozenset(
    {"server", "location", "contact", "view", "group", "enable", "host", "engineid", "trap"}
    | {"filter", "source-interface", "source-interface-ipv6", "community-group", "set"}
)


def _passphrase(words: Sequence[str], encrypted: bool) -> Secret | None:
    lowered = [word.lower() for word in words]
    if "auth" not in lowered or lowered.index("auth") + 2 >= len(words):
        return None
    storage = Storage.ENCRYPTED if encrypted else Storage.CLEAR
    return secret(words[lowered.index("auth") + 2], storage)


def _community(node: Node) -> Community | None:
    words = [word.lower() for word in node.after(3)]
    writable = False
    sources: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        if word in ("ro", "rw", "su"):
            writable = word != "ro"
        elif word in ("view", "type", "mask") and position + 1 < len(words):
            position += 1
        elif (one := network(word)) is not None:
            sources.append(str(one.network_address))
        else:
            return None
        position += 1
    return Community("2c", writable, False, secret(node.words[2], Storage.CLEAR), tuple(sources))


def own_addresses(interfaces: Mapping[str, Node], said: str) -> Networks | None:
    """The switch's addresses, by what it says now, or by its configuration."""
    shown = [
        one
        for line in said.split("\n")
        for word in line.split()[:1]
        if "/" in word and (one := network(word)) is not None
    ]
    if shown:
        return tuple(shown)
    found: list[Network] = []
    for name, node in interfaces.items():
        learns = name == "vlan1"  # the first network asks for an address unless told otherwise
        for child in node.children:
            if child.begins("ip", "address", "dhcp"):
                learns = not child.no
            elif child.begins("ip", "address") and len(child.words) > 3 and not child.no:
                one = masked(child.words[2], child.words[3].lstrip("/"))
                if one is None:
                    return None
                found.append(one)
                learns = False
        if learns:
            return None
    return tuple(found) or None

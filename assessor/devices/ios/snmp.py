"""Communities and users of SNMP.

Cisco, "SNMP Support Commands: snmp-server community, snmp-server group, snmp-server user". The
users of version 3 do not stand in the configuration; their groups do, and some releases show users
after all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessor.devices.device import Community, Storage, Topic
from assessor.devices.ios.acl import Lists
from assessor.devices.ios.addresses import Network, merged, texts
from assessor.devices.ios.grammar import Node, Tree
from assessor.devices.ios.notes import Notes
from assessor.devices.ios.vocabulary import VOCABULARY
from assessor.devices.secrets import secret

_HARMLESS = VOCABULARY.words("snmp")
_VIEWS = ("read", "write", "notify", "context", "match")


@dataclass(frozen=True, slots=True)
class Snmp:
    """What is configured.

    Attributes:
        communities: in the neutral form; their sources are addresses.
        lists: the same with the names of access lists in place of sources (``ipv4 NAME``).
    """

    communities: tuple[Community, ...]
    lists: tuple[Community, ...]


def read_snmp(tree: Tree, lists: Lists, notes: Notes) -> Snmp:
    """Everything that may be asked; what is not understood counts for SNMP."""
    for node in tree.take("snmp"):
        if node.word(1) not in ("mib", "ifmib", "trap"):
            notes.add(node.text, Topic.SNMP)
    commands = tree.take("snmp-server")
    if any(node.no and len(node.words) == 1 for node in commands):
        return Snmp((), ())
    found: list[Community] = []
    groups: dict[str, Community] = {}
    users: list[Node] = []
    for node in commands:
        second = node.word(1)
        if node.no:
            continue
        if second == "community":
            community = _community(node)
            if community is None:
                notes.add(node.text, Topic.SNMP)
            else:
                found.append(community)
        elif second == "group":
            group = _group(node, notes)
            if group is not None:
                groups[node.words[2]] = group
        elif second == "user":
            users.append(node)
        elif second not in _HARMLESS:
            notes.add(node.text, Topic.SNMP)
    found += _of_users(users, groups, notes) if users else groups.values()
    return Snmp(tuple(_with_sources(one, lists) for one in found), tuple(found))


def _community(node: Node) -> Community | None:
    words = [word.lower() for word in node.after(3)]
    if len(node.words) < 3:
        return None
    writable = False
    sources: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        if word == "view" and position + 1 < len(words):
            position += 1
        elif word in ("ro", "rw"):
            writable = word == "rw"
        elif word == "ipv6" and position + 1 < len(words):
            sources.append(f"ipv6 {node.words[3 + position + 1]}")
            position += 1
        elif position == len(words) - 1:
            sources.append(f"ipv4 {node.words[3 + position]}")
        else:
            return None
        position += 1
    name = secret(node.words[2], Storage.CLEAR)
    return Community("2c", writable, False, name, tuple(sources))


def _group(node: Node, notes: Notes) -> Community | None:
    words = [word.lower() for word in node.after(3)]
    if len(words) < 1 or words[0] not in ("v1", "v2c", "v3"):
        notes.add(node.text, Topic.SNMP)
        return None
    if words[0] != "v3":
        return None  # made by the device for each community
    level = words[1] if len(words) > 1 else ""
    if level not in ("auth", "noauth", "priv"):
        notes.add(node.text, Topic.SNMP)
        return None
    sources: list[str] = []
    position = 2
    while position < len(words):
        word = words[position]
        if word == "access" and position + 1 < len(words):
            family = "ipv6" if words[position + 1] == "ipv6" else "ipv4"
            position += family == "ipv6"
            sources.append(f"{family} {' '.join(node.words[position + 4 : position + 5])}")
        elif word not in _VIEWS:
            notes.add(node.text, Topic.SNMP)
        position += 2
    return Community("3", "write" in words, level == "priv", None, tuple(sources))


def _of_users(users: list[Node], groups: Mapping[str, Community], notes: Notes) -> list[Community]:
    found = []
    for node in users:
        words = [word.lower() for word in node.words]
        group = groups.get(node.words[3]) if len(words) > 3 else None
        if len(words) < 5 or words[4] not in ("v1", "v2c", "v3", "remote"):
            notes.add(node.text, Topic.SNMP)
            continue
        if words[4] != "v3":
            continue
        passphrase = None
        if "auth" in words and words.index("auth") + 2 < len(words):
            storage = Storage.HASH if "encrypted" in words[5:6] else Storage.CLEAR
            passphrase = secret(node.words[words.index("auth") + 2], storage)
        found.append(
            Community(
                "3",
                group.writable if group else False,
                "priv" in words,
                passphrase,
                group.sources if group else (),
            )
        )
    return found


def _with_sources(community: Community, lists: Lists) -> Community:
    """The addresses that its access lists permit."""
    networks: list[Network] = []
    for source in community.sources:
        family, _, name = source.partition(" ")
        for rule in lists.of(family, name) or ():
            if rule.permit and rule.source is not None:
                networks += rule.source
    return Community(
        community.version,
        community.writable,
        community.encrypted,
        community.secret,
        texts(merged(networks)),
    )

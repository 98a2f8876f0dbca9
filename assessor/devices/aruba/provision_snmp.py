"""SNMP of ArubaOS-Switch: communities, and users of version 3."""

from __future__ import annotations

from assessor.devices.aruba.tree import Node, Notes, Tree, known
from assessor.devices.device import Community, Storage, Topic
from assessor.devices.secrets import secret

_SETTINGS = known("contact location host enable mib response-source trap-source listen engineid")
_V3_SETTINGS = known(
    "enable only restricted-access group engineid notify targetaddress params community"
    " remote-engine-id"
)


def read_snmp(tree: Tree, notes: Notes) -> tuple[tuple[Community, ...] | None, bool]:
    """Communities and users, and whether the switch answers at all."""
    if tree.state("snmp-server", "enable") is False:
        tree.take("snmp-server")
        tree.take("snmpv3")
        return (), False
    found: list[Community] = []
    only_third = False
    for node in tree.take("snmpv3"):
        if node.begins("snmpv3", "only"):
            only_third = not node.no
        elif node.word(1) != "user" and node.word(1) not in _V3_SETTINGS:
            notes.add(node.text, Topic.SNMP)
    for node in (*tree.take("snmp-server"), *tree.take("snmpv3", "user")):
        kind = node.word(1)
        if kind not in {"community", "user"} or node.begins("snmp-server", "user"):
            if kind not in _SETTINGS:
                notes.add(node.text, Topic.SNMP)
            continue
        if node.no:
            continue
        each = _community(node) if kind == "community" else _user(node)
        if each is None:
            notes.add(node.text, Topic.SNMP)
        elif each.version == "3" or not only_third:
            found.append(each)
    return tuple(found), bool(found)


def _community(node: Node) -> Community | None:
    """``snmp-server community "x" [operator|manager] [restricted|unrestricted]``.

    Restricted is read-only (ArubaOS-Switch Management and Configuration Guide, SNMP).
    """
    rights = node.words[3:]
    if not node.word(2) or set(rights) - {"operator", "manager", "restricted", "unrestricted"}:
        return None
    return Community(
        "2c", writable="unrestricted" in rights, secret=secret(node.word(2), Storage.CLEAR)
    )


def _user(node: Node) -> Community | None:
    """``snmpv3 user "x" [auth md5|sha "..." [priv des|aes "..."]]``."""
    rest = list(node.words[3:])
    if not node.word(2):
        return None
    kept = None
    if rest[:1] == ["auth"] and len(rest) >= 3 and rest[1] in {"md5", "sha"}:
        kept, rest = secret(rest[2], Storage.ENCRYPTED), rest[3:]
    private = False
    if rest[:1] == ["priv"]:
        if len(rest) >= 3 and rest[1] in {"des", "aes"}:
            private, rest = True, rest[3:]
        elif len(rest) == 2:
            private, rest = True, []
    return None if rest else Community("3", encrypted=private, secret=kept)

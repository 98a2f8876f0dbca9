"""Groups that rules name and that the configuration does not have.

Whom such a rule lets in cannot be told. EdgeOS and VyOS refuse to commit one: a configuration that
has it is not whole, or was edited.
"""

from __future__ import annotations

from collections.abc import Iterator

from assessor.devices.vyatta.grammar import Node

# EdgeOS itself keeps groups of an interface's addresses and networks: "ADDRv4_eth0".
_OF_INTERFACES = ("ADDRv4_", "NETv4_", "ADDRv6_", "NETv6_")
_LETS_NOTHING_IN = frozenset({"drop", "reject"})
_SIDES = ("source", "destination")
_DEEPEST = 8


def undefined_groups(root: Node) -> list[str]:
    """The names of the groups, each once."""
    defined = set(_defined(root.at("firewall", "group")))
    found: dict[str, None] = {}
    for part in (
        root.at("firewall"),
        root.at("nat"),
        root.at("nat66"),
        root.at("service", "nat"),
        root.at("port-forward"),
    ):
        for name in _named(part, _DEEPEST):
            if name not in defined and not name.startswith(_OF_INTERFACES):
                found[name] = None
    return list(found)


def _defined(groups: Node) -> Iterator[str]:
    for kind, members in groups.items():
        if kind == "dynamic-group":
            for names in members.children.values():
                yield from names.children
        else:
            yield from members.children


def _named(node: Node, deep: int) -> Iterator[str]:
    """The groups of addresses that the rules below ``node`` name."""
    if node.has("disable") or (node.value("action") or "") in _LETS_NOTHING_IN:
        return
    for side in _SIDES:
        for kind, names in node.at(side, "group").items():
            if kind != "port-group":
                yield from (name.removeprefix("!") for name in names.children)
    for word, below in node.items():
        if deep and word not in {"group", *_SIDES}:
            yield from _named(below, deep - 1)

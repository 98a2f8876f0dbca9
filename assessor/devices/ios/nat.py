"""Ports that address translation forwards from outside to the inside.

Cisco, "IP Addressing Services Command Reference: ip nat inside source".
"""

from __future__ import annotations

from dataclasses import dataclass

from assessor.devices.device import Hole, Topic
from assessor.devices.ios.addresses import Network, Networks, network, port
from assessor.devices.ios.grammar import Node, Tree
from assessor.devices.ios.notes import Notes
from assessor.devices.ios.vocabulary import VOCABULARY

MOST = 2000
"""So many forwarded ports are followed; more are named as not read."""

# Translation of what goes out, and settings of the translation.
_HARMLESS = VOCABULARY.words("nat")
_OPTIONS = VOCABULARY.words("nat options")


@dataclass(frozen=True, slots=True)
class Forward:
    """One port, or all of them, that reach a machine inside.

    Attributes:
        outer: the address outside; none where it is the interface's own.
    """

    protocol: str
    port: int | None
    outer: Networks
    inner: Network
    inner_port: int | None
    text: str

    def hole(self, sources: tuple[str, ...]) -> Hole:
        """In the neutral form, with who may use it."""
        service = "any" if self.port is None else f"{self.protocol}/{self.port}"
        to = str(self.inner.network_address)
        if self.inner.num_addresses > 1:
            to = str(self.inner)
        return Hole("ipv4", to, service, sources, self.text)


def read_forwards(tree: Tree, notes: Notes) -> list[Forward]:
    """All ports that are forwarded; what is not understood counts for the firewall."""
    found: list[Forward] = []
    for node in tree.take("ip", "nat"):
        words = [word.lower() for word in node.after(2)]
        if words[:1] == ["inside"]:
            words = words[1:]
        if node.no or (words[:1] and words[0] in _HARMLESS):
            continue
        if words[:2] in (["source", "list"], ["source", "route-map"]):
            continue
        if node.word(2) == "outside" and words[:2] == ["outside", "source"]:
            continue  # changes where something comes from, and lets nothing in
        forward = _static(node, words[2:]) if words[:2] == ["source", "static"] else None
        if forward is None:
            notes.add(node.text, Topic.FIREWALL)
        else:
            found.append(forward)
    if len(found) > MOST:
        notes.add(f"{len(found)} ports are forwarded", Topic.FIREWALL)
    return found[:MOST]


def _static(node: Node, words: list[str]) -> Forward | None:
    text = " ".join(node.text.split())[:100]
    protocol = "ip"
    if words[:1] == ["network"] and len(words) >= 4:
        inner = network(f"{words[1]}/{words[3].lstrip('/')}")
        return Forward("ip", None, (), inner, None, text) if inner is not None else None
    if words and words[0] in ("tcp", "udp", "esp", "gre"):
        protocol, words = words[0], words[1:]
    inner = network(words[0]) if words else None
    if inner is None:
        return None
    words = words[1:]
    inner_port: int | None = None
    if protocol in ("tcp", "udp"):
        inner_port = port(words[0]) if words else None
        if inner_port is None:
            return None
        words = words[1:]
    outer: Networks = ()
    if words[:1] == ["interface"]:
        words = words[2:] if len(words) > 1 and any(c.isdigit() for c in words[1]) else words[3:]
    else:
        address = network(words[0]) if words else None
        if address is None:
            return None
        outer, words = (address,), words[1:]
    outer_port: int | None = None
    if protocol in ("tcp", "udp"):
        outer_port = port(words[0]) if words else None
        if outer_port is None:
            return None
        words = words[1:]
    if words and words[0] not in _OPTIONS:
        return None
    return Forward(protocol, outer_port, outer, inner, inner_port, text)

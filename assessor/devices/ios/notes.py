"""What was met and not understood, by what it may be about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from assessor.devices.device import Topic
from assessor.devices.ios.grammar import Node, shown

MOST = 5

# What the words of a command that nothing knows suggest. The first three words are looked at.
_FIREWALL = (
    r"access|acl\b|nat\b|nat64|inspect|zone|policy|policer|class-map|object-group|firewall"
    r"|filter|control-plane|parameter-map|\bips\b|rout(?:e|ing)|threat|utd"
)
_MANAGEMENT = (
    r"ssh|shell|server|telnet|http|ftp|vty|rcmd|rsh|finger|small-servers|netconf|restconf|gnmi|grpc|vstack"
    r"|management|scp|webui|rest-?api|pnp|bonjour"
)
_ACCOUNTS = (
    r"user|^\S*enable\b|passw|secret|aaa|tacacs|radius|login|privilege|security|parser|lockout"
    r"|admin|common-criteria|credential"
)
_HINTS: Sequence[tuple[str, tuple[Topic, ...]]] = (
    (_FIREWALL, (Topic.FIREWALL,)),
    (_MANAGEMENT, (Topic.MANAGEMENT,)),
    (r"line\b|vty|console", (Topic.MANAGEMENT, Topic.ACCOUNTS)),
    (_ACCOUNTS, (Topic.ACCOUNTS,)),
    (r"wlan|wireless|dot11|ssid|wifi|\bap\b|\brf\b", (Topic.WIFI,)),
    (r"snmp", (Topic.SNMP,)),
    (r"crypto|isakmp|ipsec|ike|vpdn|vpn|l2tp|pptp|tunnel|wireguard", (Topic.VPN,)),
    (r"logging|syslog|archive", (Topic.LOGGING,)),
    (r"ntp|clock", (Topic.TIME,)),
    (r"vlan|vrf|bridge|isolat", (Topic.SEGMENTS,)),
    (r"interface", (Topic.FIREWALL, Topic.SEGMENTS, Topic.WIFI, Topic.VPN)),
)
_COMPILED = [(re.compile(pattern), topics) for pattern, topics in _HINTS]


class Notes:
    """Collects the lines for ``Device.unread``: a few for each topic, shortened."""

    def __init__(self) -> None:
        self._lines: dict[Topic, list[str]] = {}

    def add(self, text: str, *topics: Topic) -> None:
        """``text`` may be about ``topics``, and was not understood."""
        for topic in topics:
            lines = self._lines.setdefault(topic, [])
            if len(lines) < MOST and (line := shown(text)) not in lines:
                lines.append(line)

    def leftovers(self, nodes: Iterable[Node], *topics: Topic) -> None:
        """What is left of a section that is about ``topics``."""
        for node in nodes:
            if not node.read:
                self.add(node.text, *topics)

    def guess(self, nodes: Iterable[Node]) -> None:
        """Commands that nothing knows: by what their first words suggest."""
        for node in nodes:
            head = " ".join(node.words[:3]).lower()
            for pattern, topics in _COMPILED:
                if pattern.search(head):
                    self.add(node.text, *topics)

    def unread(self) -> Mapping[Topic, tuple[str, ...]]:
        """All of it."""
        return {topic: tuple(lines) for topic, lines in self._lines.items()}

"""What FortiOS knows, and what of a configuration it does not: nothing unknown may pass unseen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assessor.devices.device import Topic
from assessor.devices.fortios.grammar import Block

Values = frozenset[str]
_ANY: Values = frozenset()
_MOST, _LONGEST = 5, 120

# What a judged section is about, by how its name begins; the longest that fits counts.
_TOPICS: Mapping[str, tuple[Topic, ...]] = {
    "firewall ": (Topic.FIREWALL,),
    "firewall local-in-policy": (Topic.FIREWALL, Topic.MANAGEMENT),
    "system interface": (Topic.MANAGEMENT, Topic.FIREWALL),
    "system zone": (Topic.FIREWALL,),
    "system sdwan": (Topic.FIREWALL,),
    "system virtual-wan-link": (Topic.FIREWALL,),
    "system settings": (Topic.FIREWALL,),
    "system pppoe-interface": (Topic.FIREWALL,),
    "system switch-interface": (Topic.SEGMENTS,),
    "system vdom": (Topic.FIREWALL,),
    "router ": (Topic.FIREWALL,),
    "system global": (Topic.MANAGEMENT,),
    "system dns-server": (Topic.MANAGEMENT,),
    "system admin": (Topic.ACCOUNTS,),
    "system accprofile": (Topic.ACCOUNTS,),
    "system api-user": (Topic.ACCOUNTS,),
    "system sso-": (Topic.ACCOUNTS,),
    "system saml": (Topic.ACCOUNTS,),
    "system password-policy": (Topic.ACCOUNTS,),
    "system snmp ": (Topic.SNMP,),
    "wireless-controller ": (Topic.WIFI,),
    "vpn ": (Topic.VPN,),
    "user ": (Topic.VPN,),
    "log ": (Topic.LOGGING,),
    "system ntp": (Topic.TIME,),
    "system fortiguard": (Topic.FIRMWARE,),
}
# ... and what an unknown section may be about, by a part of its name.
_HINTS: Mapping[str, tuple[Topic, ...]] = {
    "firewall": (Topic.FIREWALL,),
    "policy": (Topic.FIREWALL,),
    "filter": (Topic.FIREWALL,),
    "nat": (Topic.FIREWALL,),
    "acl": (Topic.FIREWALL,),
    "vip": (Topic.FIREWALL,),
    "zone": (Topic.FIREWALL,),
    "wan": (Topic.FIREWALL,),
    "route": (Topic.FIREWALL,),
    "interface": (Topic.FIREWALL, Topic.MANAGEMENT),
    "global": (Topic.MANAGEMENT,),
    "manage": (Topic.MANAGEMENT,),
    "ssh": (Topic.MANAGEMENT,),
    "telnet": (Topic.MANAGEMENT,),
    "http": (Topic.MANAGEMENT,),
    "admin": (Topic.ACCOUNTS,),
    "user": (Topic.ACCOUNTS, Topic.VPN),
    "password": (Topic.ACCOUNTS,),
    "accprofile": (Topic.ACCOUNTS,),
    "wireless": (Topic.WIFI,),
    "wifi": (Topic.WIFI,),
    "wlan": (Topic.WIFI,),
    "vap": (Topic.WIFI,),
    "ssid": (Topic.WIFI,),
    "snmp": (Topic.SNMP,),
    "vpn": (Topic.VPN,),
    "ipsec": (Topic.VPN,),
    "l2tp": (Topic.VPN,),
    "pptp": (Topic.VPN,),
    "log": (Topic.LOGGING,),
    "ntp": (Topic.TIME,),
    "time": (Topic.TIME,),
    "vlan": (Topic.SEGMENTS,),
    "switch": (Topic.SEGMENTS,),
}
# What stands outside every section may have been anything.
_ALL = (
    Topic.FIREWALL,
    Topic.MANAGEMENT,
    Topic.ACCOUNTS,
    Topic.WIFI,
    Topic.SNMP,
    Topic.VPN,
    Topic.LOGGING,
    Topic.TIME,
    Topic.SEGMENTS,
)


@dataclass(frozen=True, slots=True)
class _Schema:
    """The judged sections with their settings and values, and the names of all others."""

    judged: Mapping[str, Mapping[str, Values]]
    others: frozenset[str]


@cache
def _schema() -> _Schema:
    judged: dict[str, dict[str, Values]] = {}
    others: set[str] = set()
    settings: dict[str, Values] = {}
    text = (Path(__file__).parent / "schema.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("= "):
            settings = judged.setdefault(line[2:], {})
        elif line.startswith("- "):
            others.add(line[2:])
        elif not line.startswith("#"):
            for word in line.split():
                name, _, values = word.partition("=")
                settings[name] = frozenset(values.split("|")) if values else _ANY
    return _Schema(judged, frozenset(others))


class Unread:
    """Collects what was met and not understood."""

    def __init__(self) -> None:
        self._lines: dict[Topic, list[str]] = {}

    def add(self, topics: tuple[Topic, ...], line: str) -> None:
        """Notes ``line`` for each of ``topics``."""
        shown = "".join(one if one.isprintable() else " " for one in line)
        shown = shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 3]}..."
        for topic in topics:
            lines = self._lines.setdefault(topic, [])
            if len(lines) < _MOST and shown not in lines:
                lines.append(shown)

    def by_topic(self) -> Mapping[Topic, tuple[str, ...]]:
        """The lines, by topic."""
        return {topic: tuple(lines) for topic, lines in self._lines.items()}


def note_unknown(scope: Block, unread: Unread) -> None:
    """Notes whatever of ``scope`` FortiOS 6.0 to 7.6 do not know."""
    for line in scope.strange:
        unread.add(_ALL, line)
    for name, section in scope.parts.items():
        if name in _schema().judged:
            topics = _topics(name)
            for strange in _strange(name, section):
                unread.add(topics, strange)
        elif not _passed_over(name) and (topics := _hinted(name)):
            unread.add(topics, f"config {name}")


def _topics(name: str) -> tuple[Topic, ...]:
    fitting = [begin for begin in _TOPICS if f"{name} ".startswith(begin)]
    return _TOPICS[max(fitting, key=len)] if fitting else ()


def _passed_over(name: str) -> bool:
    """Whether the section is known and not judged; names of what it is for may follow its own."""
    words = name.split(" ")
    others = _schema().others
    return any(" ".join(words[:length]) in others for length in range(len(words), 0, -1))


def _hinted(name: str) -> tuple[Topic, ...]:
    lowered = name.lower()
    found = [topic for hint, topics in _HINTS.items() if hint in lowered for topic in topics]
    return tuple(dict.fromkeys(found))


def _strange(name: str, block: Block) -> Iterator[str]:
    """What is unknown within a judged section or part of one."""
    judged = _schema().judged
    known = judged.get(name, {})
    if "*" in known:
        return
    yield from (f"{name}: {line}" for line in block.strange)
    for setting, values in block.settings.items():
        allowed = known.get(setting)
        if allowed is None:
            yield f"{name}: set {setting}"
        elif allowed and not allowed.issuperset(values):
            yield f"{name}: set {setting} {' '.join(values)}"
    for entry in block.entries.values():
        yield from _strange(name, entry)
    for part, inner in block.parts.items():
        if part not in known:
            yield f"{name}: config {part}"
        elif f"{name}/{part}" in judged:
            yield from _strange(f"{name}/{part}", inner)

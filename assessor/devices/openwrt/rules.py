"""Zones, rules, forwardings and redirects of the firewall, as firewall4 and firewall3 take them.

What the firewall itself would skip as invalid (a zone that is not there, a word that it does not
know) goes on record: whether it holds cannot be told here for every version.

Sources: firewall4, ``fw4.uc`` (``parse_zone``, ``parse_rule``, ``parse_forwarding``,
``parse_redirect``, ``infer_family``); OpenWrt's user guide, "Firewall configuration".
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assessor.devices.device import Topic
from assessor.devices.openwrt.said import Said
from assessor.devices.openwrt.uci import Section

FAMILIES = ("ipv4", "ipv6")
WALL = (Topic.FIREWALL,)
ANY = "*"
_POLICIES = ("accept", "reject", "drop")
_TARGETS = (*_POLICIES, "notrack", "helper", "mark", "dscp", "dnat", "snat", "masquerade")
_EVERY = frozenset({"0.0.0.0/0", "::/0", "0/0", ""})
_FEWEST_BITS = 6
_ALL_PROTOCOLS = frozenset({"all", "any", "*", "0"})
_NUMBERS = {
    "1": "icmp",
    "58": "icmpv6",
    "ipv6-icmp": "icmpv6",
    "6": "tcp",
    "17": "udp",
    "2": "igmp",
}
_NARROWING = re.compile(
    r"ipset|src_mac|src_port|limit|mark|dscp|helper|extra|icmp_type|device"
    r"|(?:start|stop)_(?:date|time)|(?:week|month)days"
)
"""Conditions that are not followed: what they let in is let in, what they stop is not stopped."""


@dataclass(frozen=True, slots=True)
class Zone:
    """Interfaces that are treated alike.

    Attributes:
        forward: from one of its interfaces to another.
        families: those for which it is a zone at all.
    """

    name: str
    networks: tuple[str, ...]
    devices: tuple[str, ...]
    input: str
    forward: str
    masquerades: bool
    families: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """Which traffic, and what becomes of it.

    Attributes:
        dest: a zone, ``*`` for every one, or empty for the device itself.
        protocols: empty for all.
        ports: of the destination; empty for all.
        to: addresses of the destination; empty for all.
        sources: from which alone; empty for all.
        narrowed: further conditions hold.
    """

    name: str
    src: str
    dest: str
    target: str
    families: tuple[str, ...]
    protocols: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    narrowed: bool = False
    whole: bool = False
    """It is a forwarding: everything, after the rules."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """A port forward: what it lets in as a rule, and where to."""

    rule: Rule
    address: str
    port: str


def read_policy(said: Said, section: Section, option: str, otherwise: str) -> str:
    """``accept``, ``reject`` or ``drop``; empty where it is none, which goes on record.

    The beginning of a word is enough for the firewall (``parse_enum``).
    """
    value = section.get(option, otherwise).lower()
    found = next((each for each in _POLICIES if value and each.startswith(value)), "")
    if not found:
        said.note(WALL, f"firewall.{section.key}.{option}: {value}")
    return found


def read_zones(said: Said, defaults: Mapping[str, str]) -> dict[str, Zone]:
    """The zones, by name."""
    found: dict[str, Zone] = {}
    for section in said.of("firewall", "zone"):
        if not said.on(section, "enabled", WALL):
            continue
        name = section.get("name")
        if not name or name in found:
            said.note(WALL, f"firewall.{section.key}.name: {name or 'is missing'}")
            continue
        if section.words("subnet"):
            said.note(WALL, f"firewall.{section.key}.subnet: {section.get('subnet')}")
        found[name] = Zone(
            name,
            # Until firewall3 a zone without networks had the one of its own name.
            section.words("network") or (() if section.words("device") else (name,)),
            section.words("device"),
            read_policy(said, section, "input", defaults["input"]),
            read_policy(said, section, "forward", defaults["forward"]),
            bool(said.flag(section, "masq", WALL)),
            _families(said, section),
        )
    return found


def _families(
    said: Said, section: Section, otherwise: tuple[str, ...] = FAMILIES
) -> tuple[str, ...]:
    value = section.get("family").lower()
    if value in {"", "any", "all", "*"}:
        return FAMILIES if value else otherwise
    if value == "inet" or "4" in value:
        return ("ipv4",)
    if "6" in value:
        return ("ipv6",)
    said.note(WALL, f"firewall.{section.key}.family: {value}")
    return FAMILIES


def _zone(said: Said, section: Section, option: str, zones: Mapping[str, Zone]) -> str:
    value = section.get(option)
    if value and value != ANY and value not in zones:
        said.note(WALL, f"firewall.{section.key}.{option}: {value} is no zone")
    return value


def read_rules(said: Said, zones: Mapping[str, Zone]) -> list[Rule]:
    """The rules in their order, and the forwardings after them."""
    found = [
        _rule(said, section, zones)
        for section in said.of("firewall", "rule")
        if said.on(section, "enabled", WALL)
    ]
    for section in said.of("firewall", "forwarding"):
        if not said.on(section, "enabled", WALL):
            continue
        src, dest = _zone(said, section, "src", zones), _zone(said, section, "dest", zones)
        if not src or not dest:
            said.note(WALL, f"firewall.{section.key}: a forwarding without src or dest")
            continue
        families = _families(said, section)
        found.append(Rule(section.label, src, dest, "accept", families, whole=True))
    return found


def _rule(said: Said, section: Section, zones: Mapping[str, Zone]) -> Rule:
    target = section.get("target").lower()
    match = next((each for each in _TARGETS if target and each.startswith(target)), "")
    if not match:
        said.note(WALL, f"firewall.{section.key}.target: {target or 'is missing'}")
    protocols = _protocols(section)
    sources, narrowed = _sources(said, section)
    to = tuple(each for each in section.words("dest_ip") if each not in _EVERY)
    families = _inferred(_families(said, section), (*sources, *to), protocols)
    if not section.get("src") and section.get("device"):
        said.note(WALL, f"firewall.{section.key}.device: {section.get('device')} without src")
    return Rule(
        section.label,
        _zone(said, section, "src", zones),
        _zone(said, section, "dest", zones),
        match,
        families,
        protocols,
        section.words("dest_port"),
        to,
        sources,
        narrowed,
    )


def _protocols(section: Section) -> tuple[str, ...]:
    """The protocols, sorted out; ``tcp`` and ``udp`` where none is named."""
    words = [word.lower() for word in section.words("proto")] or ["tcpudp"]
    if _ALL_PROTOCOLS & set(words):
        return ()
    found: list[str] = []
    for word in words:
        found += ("tcp", "udp") if word == "tcpudp" else (_NUMBERS.get(word, word),)
    return tuple(dict.fromkeys(found))


def _sources(said: Said, section: Section) -> tuple[tuple[str, ...], bool]:
    """From where alone, and whether further conditions hold."""
    narrowed = any(_NARROWING.fullmatch(option) for option in section.options)
    named = section.words("src_ip")
    # "All but these" lets everybody else in.
    excepted = any(each.startswith("!") for each in named)
    sources = tuple(each for each in named if each not in _EVERY and not excepted)
    if len(sources) < len(named) and not excepted:
        sources = ()
    if any(_names_nobody(each) for each in sources):
        # Half of the internet lets nearly everybody in, and yet stops only half.
        return (), True
    if not sources and (listed := _set(said, section)):
        sources = listed
    return sources, narrowed or excepted


def _names_nobody(source: str) -> bool:
    """Whether a network is so wide that two or three of its kind are the whole internet."""
    try:
        return ipaddress.ip_network(source, strict=False).prefixlen <= _FEWEST_BITS
    except ValueError:
        return False


def _set(said: Said, section: Section) -> tuple[str, ...]:
    """The addresses of the set that a rule takes for sources."""
    words = section.get("ipset").split()
    if not words or words[0].startswith("!"):
        return ()
    for each in said.of("firewall", "ipset"):
        if each.get("name") == words[0]:
            kinds = [kind.replace("dst_", "dest_") for kind in each.words("match")]
            by_source = not any(kind.startswith("dest_") for kind in kinds)
            by_address = any(kind.endswith(("ip", "net")) for kind in kinds)
            if words[1:2] in (["dst"], ["dest"]) or not (by_source and by_address):
                return ()
            return each.words("entry") or (f"set {words[0]}",)
    said.note(WALL, f"firewall.{section.key}.ipset: {words[0]} is no set")
    return ()


def _inferred(
    families: tuple[str, ...], addresses: Iterable[str], protocols: tuple[str, ...]
) -> tuple[str, ...]:
    """The families that a rule can be about, by the addresses in it."""
    seen = {family for each in addresses if (family := _family_of(each))}
    if protocols == ("icmpv6",):
        seen = {"ipv6"}
    return tuple(each for each in families if not seen or each in seen)


def _family_of(address: str) -> str:
    try:
        network = ipaddress.ip_network(re.split(r"-", address.lstrip("!"))[0], strict=False)
    except ValueError:
        return "ipv6" if address.count(":") > 1 else ""
    return f"ipv{network.version}"


def read_redirects(said: Said, zones: Mapping[str, Zone]) -> list[Redirect]:
    """Port forwards; what only changes sources is no way in."""
    found = []
    for section in said.of("firewall", "redirect"):
        target = section.get("target", "DNAT").lower()
        if not said.on(section, "enabled", WALL) or "snat".startswith(target):
            continue
        if not "dnat".startswith(target):
            said.note(WALL, f"firewall.{section.key}.target: {target}")
        found.append(_redirect(said, section, zones))
    return found


def _redirect(said: Said, section: Section, zones: Mapping[str, Zone]) -> Redirect:
    address = section.get("dest_ip")
    src = _zone(said, section, "src", zones)
    _zone(said, section, "dest", zones)
    if not src or src == ANY:
        said.note(WALL, f"firewall.{section.key}.src: {src or 'is missing'}")
    sources, narrowed = _sources(said, section)
    protocols = _protocols(section)
    # Without a family, and without an address that tells, it is about IPv4 alone.
    families = _families(said, section, ("ipv4",) if not address else FAMILIES)
    families = _inferred(families, (*sources, address), protocols)
    ports = section.words("src_dport")
    rule = Rule(section.label, src, "", "accept", families, protocols, ports, (), sources, narrowed)
    return Redirect(rule, address, section.get("dest_port") or " ".join(ports))

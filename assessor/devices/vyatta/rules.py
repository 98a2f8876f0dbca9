"""Rules of a firewall, and whether they mean some traffic: all of it, a part of it, or none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from fnmatch import fnmatchcase
from ipaddress import (
    IPv4Network,
    IPv6Network,
    ip_network,
    summarize_address_range,
)
from ipaddress import ip_address as one_address
from typing import Any

from assessor.devices.vyatta.grammar import Node

AnyNetwork = IPv4Network | IPv6Network
Ports = tuple[tuple[int, int], ...]
# /etc/services' names that configurations are written with.
_NAMED = {"ssh": 22, "telnet": 23, "domain": 53, "http": 80, "ntp": 123, "snmp": 161, "https": 443}
_NAMED |= {"isakmp": 500, "openvpn": 1194, "l2tp": 1701, "pptp": 1723, "ipsec-nat-t": 4500}
_ALL_PORTS = (1, 65_535)
# A network of so few fixed bits names nobody: two or three of them are the whole internet.
_FEWEST_BITS = 6
# Matches that leave out little, or only at some time: a rule that accepts with one of these is as
# open as one without.
_ROUGH = frozenset({"limit", "recent", "time", "tcp", "ttl", "hop-limit", "icmp", "icmpv6"})
_ROUGH |= {"packet-length", "packet-length-exclude", "packet-type", "dscp", "dscp-exclude"}
_ROUGH |= {"mark", "connection-mark", "fragment", "statistic", "p2p", "set", "gre"}
_ROUGH |= {"application", "add-address-to-group"}


class Fit(IntEnum):
    """How much of some traffic a rule means."""

    NONE = 0
    PART = 1
    ALL = 2


@dataclass(frozen=True, slots=True)
class Traffic:
    """New traffic, as a question to a firewall.

    Attributes:
        family: ``ipv4`` or ``ipv6``.
        into: the interface by which it comes.
        out: the interface by which it leaves; ``None`` for the device itself, or any.
        source: where it comes from; ``None`` for the internet, that is anyone.
        destination: where it goes; ``None`` for anywhere.
        protocol: ``tcp``, ``udp``...; ``None`` for anything.
        port: where it goes; ``None`` for any.
    """

    family: str
    into: str
    out: str | None = None
    source: AnyNetwork | None = None
    destination: AnyNetwork | None = None
    protocol: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """What a rule demands of the source or the destination.

    Attributes:
        networks: of which one must fit; ``None`` for any.
        negated: of which none may fit.
        ports: of which one must fit; ``None`` for any.
        other: it demands something besides that cannot be compared (a name, a country, a MAC).
        names: how its owner writes all that, for people.
    """

    networks: tuple[AnyNetwork, ...] | None = None
    negated: tuple[AnyNetwork, ...] = ()
    ports: Ports | None = None
    other: bool = False
    names: tuple[str, ...] = ()

    @property
    def anyone(self) -> bool:
        """Whether it leaves nobody out."""
        if self.other or self.negated:
            return False
        return self.networks is None or any(each.prefixlen == 0 for each in self.networks)

    @property
    def whom(self) -> tuple[str, ...]:
        """Those that it names; empty where it names nobody, or nearly everybody."""
        if any(each.prefixlen <= _FEWEST_BITS for each in self.networks or ()):
            return ()
        return tuple(name for name in self.names if not name.startswith("!"))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that is on.

    Attributes:
        protocols: of which one must fit; ``None`` for any.
        new: it means connections that begin.
        narrow: it has matches that leave out a part of the traffic.
        tunnelled: it only means what came through IPsec.
    """

    number: str
    action: str
    target: str = ""
    protocols: tuple[str, ...] | None = None
    new: bool = True
    source: Side = field(default_factory=Side)
    destination: Side = field(default_factory=Side)
    into: tuple[str, ...] | None = None
    out: tuple[str, ...] | None = None
    narrow: bool = False
    tunnelled: bool = False
    translated: bool = False

    @property
    def service(self) -> str:
        """Protocol and ports, as people write them."""
        ports = self.destination.ports
        whole = ports is None or _ALL_PORTS in ports or (0, 65_535) in ports
        if self.protocols is None or (whole and {"tcp", "udp"} & set(self.protocols)):
            return "any"
        protocol = "+".join(self.protocols)
        if whole or ports is None:
            return protocol
        texts = (str(low) if low == high else f"{low}-{high}" for low, high in ports)
        return f"{protocol}/{','.join(texts)}"

    def fit(self, traffic: Traffic) -> Fit:
        """How much of ``traffic`` it means."""
        if not self.new or self.tunnelled:
            return Fit.NONE
        fits = Fit.PART if self.narrow or self.source.ports is not None else Fit.ALL
        for each in (
            _interface(self.into, traffic.into),
            _interface(self.out, traffic.out),
            _protocol(self.protocols, traffic.protocol),
            _ports(self.destination.ports, traffic.port),
            _network(self.source, traffic.source),
            _network(self.destination, traffic.destination),
        ):
            if each is Fit.NONE:
                return Fit.NONE
            fits = min(fits, each)
        return fits


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of addresses, ports and interfaces that rules name."""

    node: Node

    def networks(self, kind: str, name: str) -> tuple[AnyNetwork, ...] | None:
        """The networks of a group; ``None`` where it cannot be told."""
        found: list[AnyNetwork] = []
        kinds = (kind, f"ipv6-{kind}") if not kind.startswith("ipv6-") else (kind,)
        known = False
        for each in kinds:
            if not self.node.has(each, name):
                continue
            known = True
            group = self.node.at(each, name)
            for text in (*group.values("address"), *group.values("network")):
                networks = _read_networks(text)
                if networks is None:
                    return None
                found += networks
            for other in group.values("include"):
                more = self.networks(kind, other) if other != name else None
                if more is None:
                    return None
                found += more
        return tuple(found) if known else None

    def ports(self, name: str) -> Ports | None:
        """The ports of a group; ``None`` where it cannot be told."""
        if not self.node.has("port-group", name):
            return None
        return read_ports(",".join(self.node.values("port-group", name, "port")))

    def interfaces(self, name: str) -> tuple[str, ...]:
        """The interfaces of a group."""
        return self.node.values("interface-group", name, "interface")


def read_rules(node: Node, groups: Groups) -> tuple[Rule, ...]:
    """The rules of a set that are on, in their order."""
    numbered = sorted(node.items("rule"), key=lambda item: _number(item[0]))
    return tuple(
        read_rule(number, rule, groups) for number, rule in numbered if not rule.has("disable")
    )


def _number(text: str) -> tuple[int, str]:
    return (int(text[:9]) if text.isdecimal() else 10**9, text)


def read_rule(number: str, node: Node, groups: Groups) -> Rule:
    """One rule of a set, or of a translation."""
    ipsec = node.at("ipsec")
    return Rule(
        number,
        # Without a word a rule does nothing (VyOS) or drops (EdgeOS): it lets nothing in.
        node.value("action") or "",
        node.value("jump-target") or "",
        _read_protocols(node.value("protocol")),
        _means_new(node.at("state")),
        _read_side(node.at("source"), groups),
        _read_side(node.at("destination"), groups),
        _read_interfaces(node.at("inbound-interface"), groups),
        _read_interfaces(node.at("outbound-interface"), groups),
        not _ROUGH.isdisjoint(node.children),
        ipsec.has("match-ipsec") or ipsec.has("match-ipsec-in"),
        node.value("connection-status", "nat") == "destination",
    )


def _means_new(state: Node) -> bool:
    """``state established enable`` up to VyOS 1.3 and in EdgeOS, ``state established`` since."""
    on = {name for name, below in state.items() if not below.has("disable")}
    return not on or "new" in on


def _read_protocols(text: str | None) -> tuple[str, ...] | None:
    # "!udp" is all but udp: as good as all.
    if text is None or text in ("all", "0", "ip", "ipv6") or text.startswith("!"):
        return None
    names = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "ipv6-icmp": "icmpv6"}
    if text in ("tcp_udp", "tcp+udp"):
        return ("tcp", "udp")
    return (names.get(text, text),)


def _read_side(node: Node, groups: Groups) -> Side:
    networks: list[AnyNetwork] | None = None
    negated: list[AnyNetwork] = []
    other = any(node.has(word) for word in ("fqdn", "geoip", "mac-address", "address-mask"))
    names = [*node.values("fqdn"), *node.values("mac-address")]
    ports = _side_ports(node, groups)
    for text, found in _side_networks(node, groups):
        names.append(text)
        if found is None:
            other = True
        elif text.startswith("!"):
            negated += found
        else:
            networks = [*(networks or ()), *found]
    chosen = tuple(networks) if networks is not None else None
    return Side(chosen, tuple(negated), ports, other, tuple(names))


def _side_networks(node: Node, groups: Groups) -> Iterator[tuple[str, Sequence[AnyNetwork] | None]]:
    for text in node.values("address"):
        yield text, _read_networks(text.removeprefix("!"))
    for kind, names in node.items("group"):
        if kind == "port-group":
            continue
        for name in names.children:
            yield name, groups.networks(kind, name.removeprefix("!"))


def _side_ports(node: Node, groups: Groups) -> Ports | None:
    texts = node.values("port")
    if texts:
        # "!22" is all but 22: as good as all.
        return None if texts[0].startswith("!") else read_ports(",".join(texts))
    for name in node.values("group", "port-group"):
        return None if name.startswith("!") else groups.ports(name)
    return None


def read_ports(text: str) -> Ports | None:
    """Ports as rules write them; ``None`` where one of them is not understood."""
    found: list[tuple[int, int]] = []
    for part in text.replace(" ", "").split(","):
        low, _, high = part.partition("-")
        ends = [
            _NAMED.get(end, int(end) if end.isdecimal() and len(end) < 6 else -1)
            for end in (low, high or low)
        ]
        if -1 in ends:
            return None
        found.append((ends[0], ends[1]))
    return tuple(found) or None


def _read_networks(text: str) -> list[AnyNetwork] | None:
    """The networks of ``192.0.2.0/24`` or ``192.0.2.1-192.0.2.9``; ``None`` where it is neither."""
    try:
        low, dash, high = text.partition("-")
        if dash:
            first: Any = one_address(low.strip())
            last: Any = one_address(high.strip())
            return list(summarize_address_range(first, last))
        return [ip_network(text, strict=False)]
    except (ValueError, TypeError):
        return None


def _read_interfaces(node: Node, groups: Groups) -> tuple[str, ...] | None:
    """``inbound-interface eth0`` up to VyOS 1.3, ``inbound-interface name eth0`` since."""
    names = [*node.values("name"), *node.values("interface-name")]
    for word in ("group", "interface-group"):
        for group in node.values(word):
            members = groups.interfaces(group.removeprefix("!"))
            names += (f"!{one}" for one in members) if group.startswith("!") else members
    if not names:
        names = [word for word in node.children if word not in ("name", "group")]
    return tuple(names) or None


def _interface(wanted: tuple[str, ...] | None, given: str | None) -> Fit:
    if wanted is None:
        return Fit.ALL
    if given is None:
        return Fit.PART
    for name in wanted:
        if fnmatchcase(given, name.removeprefix("!").replace("+", "*")):
            return Fit.NONE if name.startswith("!") else Fit.ALL
    return Fit.ALL if all(name.startswith("!") for name in wanted) else Fit.NONE


def _protocol(wanted: tuple[str, ...] | None, given: str | None) -> Fit:
    if wanted is None:
        return Fit.ALL
    if given is None:
        return Fit.PART
    return Fit.ALL if given in wanted else Fit.NONE


def _ports(wanted: Ports | None, given: int | None) -> Fit:
    if wanted is None:
        return Fit.ALL
    if given is None:
        return Fit.PART
    return Fit.ALL if any(low <= given <= high for low, high in wanted) else Fit.NONE


def _network(side: Side, given: AnyNetwork | None) -> Fit:
    if side.other:
        return Fit.PART
    if given is None:
        return Fit.ALL if side.anyone else Fit.PART
    if any(_overlap(each, given) for each in side.negated):
        return Fit.PART if not any(_holds(each, given) for each in side.negated) else Fit.NONE
    if side.networks is None:
        return Fit.ALL
    if any(_holds(each, given) for each in side.networks):
        return Fit.ALL
    return Fit.PART if any(_overlap(each, given) for each in side.networks) else Fit.NONE


def _overlap(one: AnyNetwork, other: AnyNetwork) -> bool:
    return one.version == other.version and one.overlaps(other)


def _holds(one: Any, other: Any) -> bool:
    return bool(one.version == other.version and other.subnet_of(one))

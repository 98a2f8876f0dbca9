"""What a rule of RouterOS' firewall matches of a kind of traffic: none of it, all, or some.

Traffic from outside is of a new connection, from anybody on the internet, to any port; or to one
port, where the reach of a service is asked. What an attacker may choose (the port that he comes
from) does not keep him out, and what only slows him down does neither.

Source: manual.mikrotik.com, "Filter" (matchers and their meaning).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from assessor.devices.routeros.nets import Network, everything, meet, networks, no_host, own, within
from assessor.devices.routeros.topology import Topology
from assessor.devices.routeros.traffic import (
    ALL,
    SOME,
    UNCLEAR,
    Part,
    Traffic,
    both,
    exact,
    has_port,
    inside,
    of_several,
)

_MOST_SOURCES = 20
_PROTOCOLS = {"1": "icmp", "2": "igmp", "4": "ipip", "6": "tcp", "17": "udp", "47": "gre"}
_PROTOCOLS |= {"50": "ipsec-esp", "51": "ipsec-ah", "58": "icmpv6", "89": "ospf", "112": "vrrp"}
_PROTOCOLS |= {"103": "pim", "115": "l2tp", "132": "sctp", "41": "ipv6", "ipv6-encap": "ipv6"}
_NAMES = frozenset(_PROTOCOLS.values()) | frozenset(
    [
        "dccp",
        "ddp",
        "egp",
        "encap",
        "etherip",
        "ggp",
        "hmp",
        "idpr-cmtp",
        "iso-tp4",
        "rdp",
        "rspf",
        "st",
        "udp-lite",
        "vmtp",
        "xns-idp",
        "xtp",
        "ipv6-frag",
        "ipv6-nonxt",
        "ipv6-opts",
        "ipv6-route",
        "idpr-cmtp",
        "ip",
        "pup",
        "mobility",
        "mpls-in-ip",
        "rsvp",
        "skip",
        "eigrp",
        "nvp-ii",
        "chaos",
        "emcon",
        "pnni",
        "ttp",
        "vines",
        "hip",
        "shim6",
        "wesp",
        "rohc",
    ]
)
_STATES = frozenset({"established", "related", "new", "invalid", "untracked"})


class Matcher:
    """Matches rules of one family; knows the lists that they name."""

    def __init__(
        self, topology: Topology, lists: Mapping[str, tuple[str, ...]], filled: frozenset[str]
    ) -> None:
        """Takes what rules refer to.

        Args:
            topology: the interfaces.
            lists: addresses by list.
            filled: lists that rules add addresses to as they come.
        """
        self._topology = topology
        self._lists = lists
        self._filled = filled
        self._outside = tuple(
            network for name in topology.outside for network in topology.networks(name)
        )
        self._by_key: Mapping[str, Callable[[str, bool, Traffic], Part | None]] = {
            "in-interface": self._in_interface,
            "in-interface-list": self._in_list,
            "out-interface": self._out_interface,
            "out-interface-list": self._out_list,
            "in-bridge-port": self._bridge_port,
            "in-bridge-port-list": self._bridge_port,
            "out-bridge-port": self._unclear,
            "out-bridge-port-list": self._unclear,
            "src-address": self._source,
            "src-address-list": self._source_list,
            "src-address-type": self._source_type,
            "dst-address": self._destination,
            "dst-address-list": self._destination_list,
            "dst-address-type": self._destination_type,
            "protocol": self._protocol,
            "dst-port": self._port,
            "port": self._any_port,
            "src-port": self._chosen,
            "connection-state": self._state,
            "connection-nat-state": self._translation,
            "ipsec-policy": self._ipsec,
            "connection-mark": self._mark,
            "packet-mark": self._mark,
            "routing-mark": self._mark,
            "routing-table": self._table,
        } | dict.fromkeys(_SLOWING, self._some)

    def strange(self, values: Mapping[str, str]) -> str:
        """The property of which the value is none that it may have; empty where all are."""
        for key, value in values.items():
            check = _VALUES.get(key)
            plain = value.removeprefix("!").strip()
            if not plain:
                continue
            if check is not None and not check(plain):
                return key
            if key in _LISTS and not self._topology.is_list(plain):
                return key
        return ""

    def match(self, values: Mapping[str, str], traffic: Traffic) -> Part | None:
        """What a rule with these properties matches; ``None`` for nothing."""
        found = ALL
        for key, value in values.items():
            if key in _NO_MATCHERS or not value:
                continue
            negated = value.startswith("!")
            how = self._by_key.get(key, self._unclear)
            part = how(value[1:].strip() if negated else value, negated, traffic)
            if part is None:
                return None
            if part is not ALL:
                found = both(found, part)
        return found

    # --- interfaces ----------------------------------------------------------------------------

    def _in_interface(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        return exact(self._topology.is_interface(traffic.interface, value), negated)

    def _in_list(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        return exact(self._topology.listed(traffic.interface, value), negated)

    def _out_interface(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        return of_several(
            {name: self._topology.is_interface(name, value) for name in traffic.out}, negated
        )

    def _out_list(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        return of_several(
            {name: self._topology.listed(name, value) for name in traffic.out}, negated
        )

    def _bridge_port(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        if self._topology.kind(traffic.interface) != "bridge":
            return exact(False, negated)
        return UNCLEAR

    # --- addresses -----------------------------------------------------------------------------

    def _foreign(self, found: Network) -> bool:
        """Whether somebody outside can have an address in it."""
        return not own(found) or any(meet(found, one) for one in self._outside)

    def _source(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        found = networks(value)
        if found is None:
            return UNCLEAR
        return self._from(found, (value,), False, negated, traffic)

    def _source_list(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        texts = self._lists.get(value, ())
        known = tuple(net for text in texts for net in networks(text) or ())
        named = any(networks(text) is None for text in texts)
        filled = value in self._filled
        label = texts if texts and len(texts) <= _MOST_SOURCES else (f"list {value}",)
        return self._from(known, label, named or filled, negated, traffic)

    def _from(
        self,
        found: tuple[Network, ...],
        label: tuple[str, ...],
        more: bool,
        negated: bool,
        traffic: Traffic,
    ) -> Part | None:
        """Traffic from ``found``, and from ``more`` of which the addresses are not told."""
        if everything(found, traffic.family):
            return exact(True, negated)
        if traffic.from_nets:
            part = inside(traffic.from_nets, found, more, negated)
            return Part(whole=False, sources=label) if part is SOME and not negated else part
        real = more or any(self._foreign(net) for net in found if net.version == traffic.family)
        if not real:
            return exact(False, negated)
        if traffic.sources:
            if traffic.sources == label:
                return exact(True, negated)
            return SOME if negated else Part(whole=False, sources=label)
        if negated:
            return Part(except_from=label)
        return Part(whole=False, sources=label)

    def _source_type(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        return exact("unicast" in value.split(","), negated)

    def _destination(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        found = networks(value)
        if found is None:
            return UNCLEAR
        return self._to(found, value, False, negated, traffic)

    def _destination_list(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        texts = self._lists.get(value, ())
        known = tuple(net for text in texts for net in networks(text) or ())
        more = value in self._filled or any(networks(text) is None for text in texts)
        return self._to(known, f"list {value}", more, negated, traffic)

    def _to(
        self,
        found: tuple[Network, ...],
        label: str,
        more: bool,
        negated: bool,
        traffic: Traffic,
    ) -> Part | None:
        if everything(found, traffic.family):
            return exact(True, negated)
        if traffic.to_nets:
            part = inside(traffic.to_nets, found, more, negated)
            return Part(whole=False, to=label) if part is SOME and not negated else part
        found = tuple(net for net in found if net.version == traffic.family)
        if not traffic.through and self._device_is(traffic, found):
            return exact(True, negated)
        if not more and all(no_host(net) for net in found):
            return exact(False, negated)
        if not traffic.through and not more and all(not self._foreign(net) for net in found):
            # The device has such an address within; nobody outside can send anything to it.
            return exact(False, negated)
        return SOME if negated else Part(whole=False, to=label)

    def _device_is(self, traffic: Traffic, found: tuple[Network, ...]) -> bool:
        """Whether all addresses that the device has on that side are among ``found``."""
        having = [
            network
            for address in self._topology.addresses.get(traffic.interface, ())
            for network in networks(str(address.ip)) or ()
            if network.version == traffic.family
        ]
        return bool(having) and all(any(within(net, one) for one in found) for net in having)

    def _destination_type(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        return exact(("unicast" if traffic.through else "local") in value.split(","), negated)

    # --- what it is ----------------------------------------------------------------------------

    def _protocol(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        name = _PROTOCOLS.get(value, value)
        if name not in _NAMES and not name.isdigit():
            return UNCLEAR
        if traffic.protocol:
            return exact(traffic.protocol == name, negated)
        return SOME if negated else Part(whole=False, protocol=name)

    def _port(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        having = has_port(value, traffic.port)
        if having is None:
            return UNCLEAR
        if traffic.port is not None:
            return exact(having, negated)
        return Part(whole=False, ports=f"!{value}" if negated else value)

    def _any_port(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        """The port that it goes to or the one that it comes from, which is the sender's choice."""
        having = has_port(value, traffic.port)
        if having is None:
            return UNCLEAR
        if traffic.port is not None and having is not negated:
            return ALL
        return Part(whole=False)

    def _chosen(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        return UNCLEAR if has_port(value, 0) is None else Part(whole=False)

    def _some(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        return SOME

    def _unclear(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        return UNCLEAR

    def _state(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        states = [word.strip() for word in value.split(",")]
        if not set(states) <= _STATES:
            return UNCLEAR
        return exact(traffic.state in states, negated)

    def _translation(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        words = value.split(",")
        if not set(words) <= {"dstnat", "srcnat"}:
            return UNCLEAR
        return exact(traffic.translated and "dstnat" in words, negated)

    def _ipsec(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        if negated or value not in ("in,ipsec", "in,none", "out,ipsec", "out,none"):
            return UNCLEAR
        # What comes out of a tunnel was let in by its keys, not by this rule.
        return exact(value.endswith("none"), False)

    def _mark(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        return ALL if value == "no-mark" and not negated else UNCLEAR

    def _table(self, value: str, negated: bool, traffic: Traffic) -> Part | None:
        return ALL if value == "main" and not negated else UNCLEAR


_SLOWING = [
    "connection-bytes",
    "connection-limit",
    "connection-rate",
    "dscp",
    "dst-limit",
    "fragment",
    "headers",
    "hop-limit",
    "icmp-options",
    "ingress-priority",
    "ipv4-options",
    "limit",
    "nth",
    "packet-size",
    "per-connection-classifier",
    "priority",
    "psd",
    "random",
    "realm",
    "tcp-flags",
    "tcp-mss",
    "time",
    "ttl",
]
"""What narrows a rule without keeping anybody out for sure."""
_NO_MATCHERS = frozenset(
    [
        "action",
        "address-list",
        "address-list-timeout",
        "chain",
        "comment",
        "copy-from",
        "disabled",
        "hw-offload",
        "jump-target",
        "log",
        "log-prefix",
        "name",
        "passthrough",
        "place-before",
        "randomise-ports",
        "randomize-ports",
        "reject-with",
        "same-not-by-dst",
        "to-address",
        "to-addresses",
        "to-ports",
    ]
)
_LISTS = frozenset({"in-interface-list", "out-interface-list"})
_KINDS_OF_ADDRESS = frozenset(
    ("local", "unicast", "broadcast", "multicast", "blackhole", "prohibit", "unreachable")
)
_POLICIES = frozenset({"in,ipsec", "in,none", "out,ipsec", "out,none"})


def _is_protocol(value: str) -> bool:
    return _PROTOCOLS.get(value, value) in _NAMES or value.isdecimal()


def _is_ports(value: str) -> bool:
    return has_port(value, 0) is not None


def _is_address(value: str) -> bool:
    return networks(value) is not None


_VALUES: Mapping[str, Callable[[str], bool]] = {
    "connection-state": lambda value: set(value.split(",")) <= _STATES,
    "connection-nat-state": lambda value: set(value.split(",")) <= {"dstnat", "srcnat"},
    "protocol": _is_protocol,
    "dst-port": _is_ports,
    "src-port": _is_ports,
    "port": _is_ports,
    "src-address": _is_address,
    "dst-address": _is_address,
    "src-address-type": lambda value: set(value.split(",")) <= _KINDS_OF_ADDRESS,
    "dst-address-type": lambda value: set(value.split(",")) <= _KINDS_OF_ADDRESS,
    "ipsec-policy": lambda value: value in _POLICIES,
}
"""What single properties may hold."""

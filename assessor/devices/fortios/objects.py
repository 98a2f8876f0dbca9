"""The named objects of policies: addresses, services, and virtual addresses (port forwards)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from assessor.devices.fortios.configuration import ZERO, ZERO6
from assessor.devices.fortios.grammar import Block

ANY = "any"
_ALWAYS = frozenset({"all", "none"})
_ALL_SERVICES = frozenset({"ALL", "ANY", "ALL_TCP", "ALL_UDP"})
_EVERY_PORT = frozenset({"1-65535", "0-65535"})
_FIRST = frozenset({ZERO, "0.0.0.1", "1.0.0.0", "1.0.0.1", "::"})
_DEEPEST = 16
_FEWEST_BITS = 6
"""A network of so few fixed bits names nobody: two or three of them are the whole internet."""


@dataclass(frozen=True, slots=True)
class Vip:
    """A virtual address: what is sent to it goes to a machine inside.

    Attributes:
        to: the address inside.
        services: the outer ports; empty where the policy's services count.
        sources: addresses from which alone; empty for any.
    """

    name: str
    to: str
    services: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(slots=True)
class Objects:
    """The objects of one domain.

    Attributes:
        families: the tables of addresses and their groups, per family.
        vips: by name, those that are in use, and groups of them.
        off: the names of those that are not in use.
    """

    families: Mapping[str, tuple[Mapping[str, Block], Mapping[str, Block]]]
    services: Mapping[str, Block]
    service_groups: Mapping[str, Block]
    vips: Mapping[str, tuple[Vip, ...]]
    off: frozenset[str]
    _known: dict[tuple[str, tuple[str, ...], bool], tuple[str, ...]] = field(default_factory=dict)

    def addresses(
        self, names: Iterable[str], family: str, *, denied: bool = False
    ) -> tuple[str, ...]:
        """The addresses as texts; empty where they are any.

        A whole country is no named address: it counts as any, except where it is ``denied``.
        """
        key = (family, tuple(names), denied)
        if key not in self._known:
            self._known[key] = self._addresses(*key)
        return self._known[key]

    def _addresses(self, family: str, names: tuple[str, ...], denied: bool) -> tuple[str, ...]:
        single, groups = self.families[family]
        texts: list[str] = []
        for name in _flat(names, groups):
            block = single.get(name)
            if name == "all" or (block is not None and _is_any(block, family, denied)):
                return ()
            texts.append(_address_text(name, block))
        return tuple(dict.fromkeys(texts))

    def undefined(self, names: Iterable[str], family: str) -> list[str]:
        """The names of addresses, those within groups too, that the export does not explain."""
        single, groups = self.families[family]
        return [
            name
            for name in _flat(names, groups)
            if name not in single and name not in _ALWAYS and name not in self.vips
        ]

    def ports(self, names: Iterable[str]) -> tuple[str, ...]:
        """The services as texts such as ``tcp/443``; ``any`` alone where any is meant."""
        texts: list[str] = []
        for name in _flat(names, self.service_groups):
            block = self.services.get(name)
            if block is None:
                texts.append(ANY if name in _ALL_SERVICES else name)
            else:
                texts += _service_texts(block)
        return (ANY,) if ANY in texts else tuple(dict.fromkeys(texts))


def objects(domain: Block) -> Objects:
    """The objects of ``domain``."""
    services = domain.part("firewall service custom").entries
    groups = domain.part("firewall service group").entries
    found = Objects(
        families={
            "ipv4": (
                domain.part("firewall address").entries,
                domain.part("firewall addrgrp").entries,
            ),
            "ipv6": (
                domain.part("firewall address6").entries,
                domain.part("firewall addrgrp6").entries,
            ),
        },
        services=services,
        service_groups=groups,
        vips={},
        off=frozenset(),
    )
    vips: dict[str, tuple[Vip, ...]] = {}
    off: set[str] = set()
    for table in ("firewall vip", "firewall vip6", "firewall vip46", "firewall vip64"):
        for name, block in domain.part(table).entries.items():
            if block.one("status") == "disable":
                off.add(name)
            else:
                vips[name] = (_vip(name, block, found.ports),)
    for table in ("firewall vipgrp", "firewall vipgrp6", "firewall vipgrp46", "firewall vipgrp64"):
        for name, block in domain.part(table).entries.items():
            members = block.all("member")
            vips[name] = tuple(one for each in members for one in vips.get(each, ()))
    found.vips, found.off = vips, frozenset(off)
    return found


def _flat(names: Iterable[str], groups: Mapping[str, Block]) -> Iterable[str]:
    """The names, groups replaced by their members."""
    seen: set[str] = set()
    waiting = deque((name, 0) for name in names)
    while waiting:
        name, depth = waiting.popleft()
        group = groups.get(name)
        if group is None or depth >= _DEEPEST:
            yield name
        elif name not in seen:
            seen.add(name)
            waiting.extend((member, depth + 1) for member in group.all("member"))


def _is_any(block: Block, family: str, denied: bool) -> bool:
    kind = block.one("type", "ipmask" if family == "ipv4" else "ipprefix")
    if kind == "geography":
        return not denied
    least = 0 if denied else _FEWEST_BITS
    if kind in {"ipmask", "subnet"}:
        # An address without a subnet is the whole of the internet: that is the default.
        subnet = block.all("subnet") or (ZERO, ZERO)
        return _bits("/".join(subnet)) <= least
    if kind == "wildcard":
        return block.all("wildcard")[1:] in {(), (ZERO,)}
    if kind == "ipprefix":
        return _bits(block.one("ip6", ZERO6)) <= least
    if kind == "iprange":
        first, last = block.one("start-ip", ZERO), block.one("end-ip", ZERO)
        if first in _FIRST and last.startswith(("255.", "f")):
            return True
        return not denied and _most(first, last)
    return False


def _bits(network: str) -> int:
    """How many bits of a network are fixed; as of one address where it is not understood."""
    try:
        return ip_network(network, strict=False).prefixlen
    except ValueError:
        return 128


def _most(first: str, last: str) -> bool:
    """Whether a range is of as much as one in 64 of all addresses."""
    try:
        low, high = ip_address(first), ip_address(last)
    except ValueError:
        return False
    return int(high) - int(low) >= 1 << (low.max_prefixlen - _FEWEST_BITS)


def _address_text(name: str, block: Block | None) -> str:
    if block is None:
        return name
    if block.all("subnet"):
        return "/".join(block.all("subnet")).replace("/255.255.255.255", "")
    if block.one("ip6"):
        return block.one("ip6")
    if block.one("start-ip"):
        return f"{block.one('start-ip')}-{block.one('end-ip')}"
    return block.one("fqdn") or name


def _service_texts(block: Block) -> list[str]:
    protocol = block.one("protocol", "TCP/UDP/SCTP")
    if protocol == "IP":
        number = block.one("protocol-number", "0")
        return [ANY if number == "0" else f"ip/{number}"]
    if protocol in {"ICMP", "ICMP6"}:
        return [protocol.lower()]
    texts: list[str] = []
    for kind in ("tcp", "udp", "sctp"):
        for text in block.all(f"{kind}-portrange"):
            ports = text.partition(":")[0]
            texts.append(ANY if ports in _EVERY_PORT else f"{kind}/{ports}")
    return texts or [f"{protocol.lower()} {block.name}"]


def _vip(name: str, block: Block, ports: Callable[[Iterable[str]], tuple[str, ...]]) -> Vip:
    kind = block.one("type", "static-nat")
    targets = [*block.all("mappedip"), *block.all("mapped-addr"), *block.all("ipv4-mappedip")]
    for server in block.part("realservers").entries.values():
        targets += [server.one("ip") or server.one("address") or server.name]
    to = ", ".join(dict.fromkeys(targets)) or name
    services: tuple[str, ...] = ()
    if block.on("portforward") or kind in {"server-load-balance", "access-proxy"}:
        port = block.one("extport", "0")
        protocol = block.one("protocol", "tcp")
        if kind == "server-load-balance" and block.one("server-type") in {"udp", "ip"}:
            protocol = block.one("server-type")
        whole = port == "0" or port in _EVERY_PORT or protocol == "ip"
        services = (ANY if whole else f"{protocol}/{port}",)
    elif block.all("service"):
        services = ports(block.all("service"))
    return Vip(name, to, services, block.all("src-filter"))

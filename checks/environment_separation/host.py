"""Reads what ``linux_identity.sh`` and root's list of keys say of one machine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address

from assessor.api import Captured, records

Address = IPv4Address | IPv6Address

_INSIDE = re.compile(r"(docker|br-|virbr|lxcbr|lxdbr|incusbr|podman|cni|cbr|veth|flannel|cali)")
"""Interfaces of networks that exist within one machine: their addresses are the same everywhere."""
_PORTS = frozenset({5432, 3306, 1433, 27017, 6379})
_BEGINNING = 52
"""Characters that root's list of keys shows of a key at the most (``AAAA`` and 48 more)."""
_COMMON = ("AAAAE2VjZHNh", "AAAAInNrLWVjZHNh")
"""How ECDSA keys begin, also those of a security key: all are alike in the part that is shown."""
_VIRTUAL_ROUTER = ("00:00:5e", "fe:00:00", "42:01:")
"""Hardware addresses that many gateways have: VRRP (RFC 5798) and clouds."""


@dataclass(frozen=True, slots=True)
class Host:
    """A machine, as far as any of its users sees it.

    Attributes:
        account: the account that we log in with.
        is_root: whether that is root.
        machine: a hash of the machine's id; empty when it has none.
        boot: a hash of the kernel's boot id: the same for all containers on one machine.
        host_keys: its public host keys.
        authorised: keys that open accounts, by key; our own account is left out, because the key
            that we log in with is on all machines.
        identities: public halves of keys that its accounts hold, by key.
        root_seen: whether root's list of keys was seen.
        closed: accounts whose keys could not be looked at.
        addresses: its own addresses that others can reach.
        networks: networks that it stands in, with the hardware address of the way out of each.
        databases: database servers that it is connected to, ``(address, port)``.
        clients: who is connected to a database server on it, ``(address, port)``.
        unseen: kinds of things that could not be seen: ``addresses``, ``connections``.
    """

    account: str
    is_root: bool
    machine: str = ""
    boot: str = ""
    host_keys: frozenset[str] = frozenset()
    authorised: Mapping[str, str] = field(default_factory=dict)
    identities: Mapping[str, str] = field(default_factory=dict)
    root_seen: bool = False
    closed: tuple[str, ...] = ()
    addresses: frozenset[Address] = frozenset()
    networks: Mapping[IPv4Network, str] = field(default_factory=dict)
    databases: frozenset[tuple[Address, int]] = frozenset()
    clients: frozenset[tuple[Address, int]] = frozenset()
    unseen: tuple[str, ...] = ()

    @property
    def enough(self) -> bool:
        """Whether enough was seen to say that it shares nothing with another."""
        return bool(self.host_keys) and not self.unseen


def read_host(output: str, root_keys: Captured | None) -> Host | None:
    """The machine; ``None`` where the answer was not whole or not understood."""
    found = records(output)
    if not found or found[0][0] != "account":
        return None
    number, _, account = found[0][1].partition(" ")
    if not number.isdecimal():
        return None
    is_root = number == "0"
    listed = None if is_root else _listed(root_keys)
    try:
        return _host(_Said(found, "root" if is_root else account), account, is_root, listed)
    except ValueError:
        return None


def _host(said: _Said, account: str, is_root: bool, listed: tuple[str, ...] | None) -> Host:
    authorised = dict(said.authorised)
    for key in listed or ():
        authorised.setdefault(key, "root")
    return Host(
        account=account,
        is_root=is_root,
        machine=said.one("machine"),
        boot=said.one("boot"),
        host_keys=frozenset(said.host_keys),
        authorised=authorised,
        identities=said.identities,
        root_seen=listed is not None,
        closed=tuple(name for name in said.closed if name not in ("root", account)),
        addresses=frozenset(said.addresses),
        networks=said.networks(),
        databases=frozenset(said.peers("database")),
        clients=frozenset(said.peers("client")),
        unseen=tuple(said.texts.get("unseen", ())),
    )


def is_of_one_key(text: str) -> bool:
    """Whether ``text``, a key or the beginning of one, is of a single key."""
    return len(text) > _BEGINNING or not text.startswith(_COMMON)


def beginning(key: str) -> str:
    """What root's list would show of ``key``."""
    return key[:_BEGINNING]


def _listed(answer: Captured | None) -> tuple[str, ...] | None:
    """The beginnings of root's keys; ``None`` where they were not seen."""
    if answer is None or answer.exit_status == 127:
        return None
    if answer.exit_status > 1:
        return () if "No such file" in answer.stderr else None
    lines = [line.partition(":") for line in answer.stdout.splitlines()]
    off = {number for number, _, text in lines if text.lstrip().startswith("#")}
    return tuple(
        text for number, _, text in lines if number not in off and re.match(r"AAAA\S{28,48}$", text)
    )


class _Said:
    """The records by their kind, with the addresses read."""

    def __init__(self, found: Iterable[tuple[str, str]], own: str) -> None:
        self.texts: dict[str, list[str]] = {}
        for kind, text in found:
            self.texts.setdefault(kind, []).append(text)
        self.host_keys = [key for _, key in self._pairs("host_key")]
        self.authorised = {k: name for name, k in self._pairs("authorised") if name != own}
        self.identities = {key: name for name, key in self._pairs("identity") if name != own}
        self.closed = tuple(dict.fromkeys(self.texts.get("closed", ())))
        self._routes = [_route(text) for text in self.texts.get("route", ())]
        self.addresses = list(self._addresses())

    def one(self, kind: str) -> str:
        return next(iter(self.texts.get(kind, ())), "")

    def _pairs(self, kind: str) -> Iterable[tuple[str, str]]:
        for text in self.texts.get(kind, ()):
            name, _, key = text.rpartition(" ")
            yield name, key

    def _inside(self, address: Address) -> bool:
        return any(
            isinstance(address, IPv4Address) and address in network and _INSIDE.match(interface)
            for interface, network, gateway in self._routes
            if not int(gateway) and network.prefixlen
        )

    def _addresses(self) -> Iterable[Address]:
        for text in self.texts.get("address", ()):
            yield from self._reachable(ip_address(text))
        for text in self.texts.get("address6", ()):
            number, _, interface = text.partition(" ")
            if not _INSIDE.match(interface):
                yield from self._reachable(IPv6Address(int(number, 16)))

    def _reachable(self, address: Address) -> Iterable[Address]:
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        within = address.is_loopback or address.is_link_local or address.is_unspecified
        if not within and not self._inside(address):
            yield address

    def peers(self, kind: str) -> Iterable[tuple[Address, int]]:
        for text in self.texts.get(kind, ()):
            number, _, port = text.partition(" ")
            for address in self._reachable(_kernel_address(number)):
                if int(port, 16) in _PORTS:
                    yield address, int(port, 16)

    def networks(self) -> Mapping[IPv4Network, str]:
        """The networks through which it goes out, and the hardware address of their gateway."""
        gateways = {gateway for _, network, gateway in self._routes if not network.prefixlen}
        neighbours = dict(text.split(" ", 1) for text in self.texts.get("neighbour", ()))
        return {
            network: neighbours[str(gateway)].lower()
            for _, network, own in self._routes
            for gateway in gateways
            # A host route (/32) is how clouds give each machine a network of its own.
            if not int(own) and 0 < network.prefixlen < 31 and gateway in network
            if str(gateway) in neighbours
            and not neighbours[str(gateway)].lower().startswith(_VIRTUAL_ROUTER)
        }


def _route(text: str) -> tuple[str, IPv4Network, IPv4Address]:
    interface, network, gateway, mask = text.split(" ")
    return (
        interface,
        IPv4Network((str(_word(network)), str(_word(mask))), strict=False),
        _word(gateway),
    )


def _word(text: str) -> IPv4Address:
    """An IPv4 address as the kernel of a little-endian machine prints it."""
    return IPv4Address(bytes.fromhex(text)[::-1])


def _kernel_address(text: str) -> Address:
    """An address of /proc/net/tcp or tcp6: words of 32 bits, each in the machine's byte order."""
    if len(text) == 8:
        return _word(text)
    words = (text[start : start + 8] for start in range(0, 32, 8))
    return IPv6Address(b"".join(bytes.fromhex(word)[::-1] for word in words))

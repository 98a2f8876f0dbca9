"""Addresses, masks and ports as Cisco's command lines write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_address, ip_network

from assessor.devices.networks import OWN, SHARED

Network = IPv4Network | IPv6Network
Networks = tuple[Network, ...]
Ports = tuple[tuple[int, int], ...]

_NOT_OF_THE_INTERNET: Networks = (*OWN, SHARED)

MANY_PORTS = 32_768
"""A rule that lets so many ports in names no service."""

_EVERY_BIT = (1 << 32) - 1

# The names that IOS writes for ports (IOS Security Command Reference, access-list (extended)).
PORT_NAMES: Mapping[str, int] = {
    "bgp": 179,
    "biff": 512,
    "bootpc": 68,
    "bootps": 67,
    "chargen": 19,
    "cmd": 514,
    "connectedapps-plain": 15001,
    "connectedapps-tls": 15002,
    "daytime": 13,
    "discard": 9,
    "dnsix": 195,
    "domain": 53,
    "drip": 3949,
    "echo": 7,
    "exec": 512,
    "finger": 79,
    "ftp": 21,
    "ftp-data": 20,
    "gopher": 70,
    "hostname": 101,
    "ident": 113,
    "irc": 194,
    "isakmp": 500,
    "klogin": 543,
    "kshell": 544,
    "login": 513,
    "lpd": 515,
    "mobile-ip": 434,
    "msrpc": 135,
    "nameserver": 42,
    "netbios-dgm": 138,
    "netbios-ns": 137,
    "netbios-ss": 139,
    "nntp": 119,
    "non500-isakmp": 4500,
    "ntp": 123,
    "onep-plain": 15001,
    "onep-tls": 15002,
    "pim-auto-rp": 496,
    "pop2": 109,
    "pop3": 110,
    "rip": 520,
    "ripv6": 521,
    "smtp": 25,
    "snmp": 161,
    "snmptrap": 162,
    "sunrpc": 111,
    "syslog": 514,
    "tacacs": 49,
    "talk": 517,
    "telnet": 23,
    "tftp": 69,
    "time": 37,
    "uucp": 540,
    "who": 513,
    "whois": 43,
    "www": 80,
    "xdmcp": 177,
}


def masked(address: str, mask: str) -> Network | None:
    """A network by its mask of ones; ``None`` where that is none."""
    try:
        return ip_network(f"{address}/{mask}", strict=False)
    except ValueError:
        return None


def wildcard(address: str, mask: str) -> Network | None:
    """A network by its mask of zeros; ``None`` where its ones do not stand together."""
    try:
        bits = int(ip_address(mask))
        length = 32 - bits.bit_length()
        if bits & (bits + 1) or bits > _EVERY_BIT:
            return None
        return ip_network(f"{address}/{length}", strict=False)
    except ValueError:
        return None


def network(text: str) -> Network | None:
    """One address, or a network with the length of its prefix."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def is_address(text: str) -> bool:
    """Whether ``text`` is one address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def port(text: str) -> int | None:
    """A port by its number or name."""
    if text.isdecimal() and len(text) < 6:
        return int(text)
    return PORT_NAMES.get(text.lower())


def everywhere(networks: Networks | None) -> bool:
    """Whether ``networks`` are all addresses, or so many that they name nobody (more than a /8)."""
    return networks is None or any(
        one.prefixlen < (8 if one.version == 4 else 16) for one in networks
    )


def private(networks: Iterable[Network]) -> bool:
    """Whether nobody on the internet has an address of ``networks``."""
    return all(any(holding((own,), one) for own in _NOT_OF_THE_INTERNET) for one in networks)


def overlapping(one: Networks | None, other: Networks) -> bool:
    """Whether the two have an address in common; ``None`` is any."""
    if one is None:
        return True
    return any(a.version == b.version and a.overlaps(b) for a in one for b in other)


def holding(outer: Networks | None, inner: Network) -> bool:
    """Whether ``outer`` has all of ``inner``."""
    if outer is None:
        return True
    return any(
        (isinstance(a, IPv4Network) and isinstance(inner, IPv4Network) and inner.subnet_of(a))
        or (isinstance(a, IPv6Network) and isinstance(inner, IPv6Network) and inner.subnet_of(a))
        for a in outer
    )


def merged(networks: Iterable[Network]) -> Networks:
    """The same addresses in as few networks as can be."""
    listed = list(networks)
    four = collapse_addresses(one for one in listed if isinstance(one, IPv4Network))
    six = collapse_addresses(one for one in listed if isinstance(one, IPv6Network))
    return (*four, *six)


def texts(networks: Sequence[Network]) -> tuple[str, ...]:
    """As people write them: an address alone without the length of its prefix."""
    return tuple(
        str(one.network_address) if one.prefixlen == one.max_prefixlen else str(one)
        for one in networks
    )

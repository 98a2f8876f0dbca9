"""Addresses, networks and lists of them, of both families."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    collapse_addresses,
    ip_address,
    ip_network,
    summarize_address_range,
)

Network = IPv4Network | IPv6Network

_PRIVATE = ((0x0A00_0000, 8), (0xAC10_0000, 12), (0xC0A8_0000, 16))
"""RFC 1918, 3."""
_OWN: tuple[Network, ...] = (
    *map(IPv4Network, _PRIVATE),
    *map(
        ip_network,
        (
            "100.64.0.0/10",  # between a carrier and its customers (RFC 6598)
            "127.0.0.0/8",
            "169.254.0.0/16",
            "0.0.0.0/8",
            "::1/128",
            "::/128",
            "fe80::/10",
            "fc00::/7",
            "fec0::/10",
        ),
    ),
)
"""Nobody on the internet can have these as an address that is answered."""
_NO_HOST = tuple(
    ip_network(text)
    for text in ("224.0.0.0/4", "240.0.0.0/4", "ff00::/8", "127.0.0.0/8", "::1/128")
)
"""Nobody on the internet can send anything to these."""


@lru_cache(maxsize=4096)
def networks(text: str) -> tuple[Network, ...] | None:
    """The networks of ``192.0.2.0/24``, of an address, or of ``192.0.2.1-192.0.2.9``.

    ``None`` where the text is none of these, such as a name.
    """
    text = text.strip().partition("%")[0]
    try:
        if "-" in text:
            first, _, last = text.partition("-")
            low, high = ip_address(first.strip()), ip_address(last.strip())
            if isinstance(low, IPv4Address) and isinstance(high, IPv4Address):
                return tuple(summarize_address_range(low, high))
            if isinstance(low, IPv6Address) and isinstance(high, IPv6Address):
                return tuple(summarize_address_range(low, high))
            return None
        return (ip_network(text, strict=False),)
    except (ValueError, TypeError):
        return None


def within(inner: Network, outer: Network) -> bool:
    """Whether all of ``inner`` lies in ``outer``."""
    if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network):
        return inner.subnet_of(outer)
    return False


def meet(one: Network, other: Network) -> bool:
    """Whether two networks have an address in common."""
    return one.version == other.version and one.overlaps(other)


def everything(found: Iterable[Network], version: int) -> bool:
    """Whether the networks are all addresses of a family together."""
    of_family = [network for network in found if network.version == version]
    if any(network.prefixlen == 0 for network in of_family):
        return True
    if not any(network.prefixlen <= 2 for network in of_family):
        return False
    if version == 4:
        whole = collapse_addresses(one for one in of_family if isinstance(one, IPv4Network))
        return any(network.prefixlen == 0 for network in whole)
    return any(
        network.prefixlen == 0
        for network in collapse_addresses(one for one in of_family if isinstance(one, IPv6Network))
    )


def own(network: Network) -> bool:
    """Whether only the own networks can have such an address."""
    return any(within(network, one) for one in _OWN)


def no_host(network: Network) -> bool:
    """Whether nothing from the internet can be meant for it: a group, or the loopback."""
    return any(within(network, one) for one in _NO_HOST)

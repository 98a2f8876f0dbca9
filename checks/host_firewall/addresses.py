"""Source and destination addresses of rules: whom do they let in?"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from .rules import ALWAYS, NEVER, OPAQUE, Condition, Either, Fixed, SourceIs

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# A range wider than this holds strangers: 0.0.0.0/1 and 128.0.0.0/1 are "everyone" in two rules,
# and 2000::/3 is the whole public IPv6 internet. Private ranges (10.0.0.0/8, fc00::/7) are narrow.
_NARROW_V4_BITS = 8
_NARROW_V6_BITS = 16
_PRIVATE_V6 = ipaddress.ip_network("fc00::/7")
_MULTICAST_V6 = ipaddress.ip_network("ff00::/8")
_MULTICAST_V4 = ipaddress.ip_network("224.0.0.0/4")
_BROADCAST_V4 = ipaddress.ip_network("255.255.255.255/32")
_LINK_LOCAL_V6 = ipaddress.ip_network("fe80::/10")
_SHOWN = 60


def source(texts: Iterable[str]) -> Condition | None:
    """The condition "comes from one of ``texts``" (addresses, prefixes, ``a-b`` ranges).

    ``None`` when one of them is no address: the caller must treat the rule as not understood.
    """
    listed = list(texts)
    broad = whole = False
    for text in listed:
        networks = _networks(text)
        if networks is None:
            return None
        whole = whole or any(network.prefixlen == 0 for network in networks)
        broad = broad or any(_is_broad(network) for network in networks)
    return SourceIs(", ".join(listed)[:_SHOWN], broad, whole)


def destination(texts: Iterable[str]) -> Condition | None:
    """The condition "goes to one of ``texts``".

    A stranger's connection goes to an address of this host. Which addresses it has is not known
    here, so that a rule for one address neither surely opens the host nor surely closes it.
    """
    conditions: list[Condition] = []
    for text in texts:
        networks = _networks(text)
        if networks is None:
            return None
        if any(network.prefixlen == 0 for network in networks):
            conditions.append(Fixed(ALWAYS))
        elif all(_is_group(network) for network in networks):
            conditions.append(Fixed(NEVER))
        else:
            conditions.append(Fixed(OPAQUE))
    return Either(tuple(conditions))


def _networks(text: str) -> list[_Network] | None:
    try:
        first, dash, last = text.partition("-")
        if dash:
            low, high = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
            if isinstance(low, ipaddress.IPv4Address) and isinstance(high, ipaddress.IPv4Address):
                return list(ipaddress.summarize_address_range(low, high))
            if isinstance(low, ipaddress.IPv6Address) and isinstance(high, ipaddress.IPv6Address):
                return list(ipaddress.summarize_address_range(low, high))
            return None
        return [ipaddress.ip_network(text.strip(), strict=False)]
    except (ValueError, TypeError):
        return None


def _is_broad(network: _Network) -> bool:
    if isinstance(network, ipaddress.IPv4Network):
        return network.prefixlen < _NARROW_V4_BITS
    if any(_inside(network, known) for known in (_PRIVATE_V6, _LINK_LOCAL_V6)):
        return False
    return network.prefixlen < _NARROW_V6_BITS


def _is_group(network: _Network) -> bool:
    return any(_inside(network, known) for known in (_MULTICAST_V4, _BROADCAST_V4, _MULTICAST_V6))


def _inside(network: _Network, known: _Network) -> bool:
    if isinstance(network, ipaddress.IPv4Network) and isinstance(known, ipaddress.IPv4Network):
        return network.subnet_of(known)
    if isinstance(network, ipaddress.IPv6Network) and isinstance(known, ipaddress.IPv6Network):
        return network.subnet_of(known)
    return False

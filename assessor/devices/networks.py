"""The networks whose addresses nobody on the internet can send to.

``ipaddress``' own ``is_private`` also holds the networks of examples (RFC 5737), which stand for
public addresses in a test or in a document.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

Network = IPv4Network | IPv6Network

PRIVATE4: tuple[IPv4Network, ...] = (
    IPv4Network((0x0A00_0000, 8)),
    IPv4Network((0xAC10_0000, 12)),
    IPv4Network((0xC0A8_0000, 16)),
)
"""10/8, 172.16/12 and 192.168/16 (RFC 1918, 3)."""

OWN: tuple[Network, ...] = (
    *PRIVATE4,
    IPv4Network("169.254.0.0/16"),
    IPv4Network("127.0.0.0/8"),
    IPv6Network("fc00::/7"),
    IPv6Network("fe80::/10"),
    IPv6Network("::1/128"),
)
"""The private ones, links' own and the machine's own (RFC 1918, 3927, 1122, 4193, 4291)."""

SHARED: IPv4Network = IPv4Network("100.64.0.0/10")
"""Between a provider and its customers (RFC 6598)."""

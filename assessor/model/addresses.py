"""Addresses to which this programme posts something."""

from __future__ import annotations

from urllib.parse import urlsplit

LONGEST_ADDRESS = 2048


def address_fault(url: str) -> str:
    """What keeps ``url`` from being posted to; the empty string for nothing. Never repeats it."""
    if len(url) > LONGEST_ADDRESS or not url.isascii() or not url.isprintable() or " " in url:
        return "an address is one line of ASCII characters without spaces"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "this is no address"
    if parts.scheme != "https" or not parts.hostname or port == 0:
        return "an address begins with https://, so that nobody reads or changes it on the way"
    if parts.username is not None or parts.password is not None:
        return "an address holds no user name or password"
    return ""

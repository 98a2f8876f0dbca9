"""Makes names harmless in a message: one line, visible, bounded, and no address of a machine."""

from __future__ import annotations

import ipaddress
import re
import unicodedata

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_IPV4 = re.compile(r"(?<!\d)\d{1,3}([.-])\d{1,3}\1\d{1,3}\1\d{1,3}(?!\d)")
_MAC = re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![0-9a-f])")


def one_line(text: str, limit: int = 100) -> str:
    """``text`` on one line; what cannot be seen shows as a replacement character."""
    kept = "".join(
        "\ufffd" if unicodedata.category(character) in _UNSEEN else character
        for character in " ".join(text[: limit * 4].split())
    )
    return kept if len(kept) <= limit else f"{kept[: limit - 1].rstrip()}…"


def is_address(name: str) -> bool:
    """Whether a target's name is, or holds, the address of a machine."""
    if _IPV4.search(name) or _MAC.search(name):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True

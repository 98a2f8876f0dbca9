"""Reads what firewalld says of itself: a cross-check beside the kernel's rules."""

from __future__ import annotations


def firewalld_zones(text: str) -> tuple[str, ...]:
    """The zones of ``firewall-cmd --list-all-zones`` that hold interfaces or sources.

    Each as ``name (target)``, so that an open zone (``ACCEPT``) shows.
    """
    found: list[str] = []
    zone, target = "", "default"
    for line in text.splitlines():
        if line and not line[0].isspace():
            zone, target = line.split(" ", 1)[0], "default"
        key, _, value = line.strip().partition(":")
        if key == "target":
            target = value.strip()
        elif key in ("interfaces", "sources") and value.strip() and zone:
            found.append(f"{zone} ({target})")
    return tuple(dict.fromkeys(found))

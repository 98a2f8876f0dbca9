"""The device's own networks, and whether rules keep them apart."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assessor.devices.device import Segment, Topic
from assessor.devices.pfsense.firewall import Filtering
from assessor.devices.pfsense.grammar import (
    Element,
    Unread,
    child,
    children,
    flag,
    listed,
    on,
    text,
)

GUEST = re.compile(
    r"gu?ast(?!ro)|guest|bezoek|visitor|hotspot|invit[eé]|(?:^|[\W_])publi[ck](?:$|[\W_])",
    re.IGNORECASE,
)
"""How people name networks for guests."""


def read_segments(
    root: Element, filtering: Filtering, unread: Unread
) -> tuple[tuple[Segment, ...], Mapping[str, bool | None]]:
    """The networks, and by interface whether it cannot reach the others."""
    interfaces = filtering.space.interfaces
    inner = [each for each in interfaces.values() if each.inner]
    portals = _portals(root)
    joined = _joined(root)
    found: list[Segment] = []
    isolated: dict[str, bool | None] = {}
    for each in inner:
        others = [other for other in inner if other is not each]
        apart = filtering.isolated(each, others) if others else None
        if any(each.key in bridge and len(bridge) > 1 for bridge in joined):
            apart = False
        isolated[each.key] = apart
        guest = bool(GUEST.search(each.name)) or each.key in portals
        found.append(Segment(each.name, each.vlan, guest, apart))
    for each in interfaces.values():
        if (
            each.enabled
            and each.half
            and any(
                rule.passes and rule.looks_at(each.key) and not rule.source.sources()
                for rule in filtering.rules
            )
        ):
            unread.add(f"{each.name} ({each.device}): what lies behind it?", Topic.FIREWALL)
    return tuple(found), isolated


def _portals(root: Element) -> frozenset[str]:
    """The interfaces at which a captive portal receives guests."""
    found: set[str] = set()
    for holder in children(root, "captiveportal"):
        for each in holder:
            if flag(each, "enable"):
                found.update(listed(text(each, "interface")))
    for each in children(root, "OPNsense", "captiveportal", "zones", "zone"):
        if on(each, "enabled", default=True):
            found.update(listed(text(each, "interfaces")))
    return frozenset(found)


def _joined(root: Element) -> list[frozenset[str]]:
    """The interfaces that a bridge makes one network."""
    return [
        frozenset(listed(text(each, "members")))
        for each in children(root, "bridges", "bridged")
        if child(each, "members") is not None
    ]

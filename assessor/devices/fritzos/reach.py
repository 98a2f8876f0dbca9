"""What a box lets in from the internet.

The firewall is closed to all that comes from outside and was not asked for, over IPv4 and IPv6; it
is not at work where the box shares another router's connection ("IP client mode"): AVM, knowledge
base 57, "Security functions (firewall) of the FRITZ!Box". What is let in is told by the port
sharings and by the box's own services. Sharings for IPv6 alone are not told over TR-064.
"""

from __future__ import annotations

import re

from assessor.devices.device import Firewall, Hole, Policy, Reach, Service, Topic
from assessor.devices.fritzos.questions import WANS
from assessor.devices.fritzos.said import Box, Fields

DEFAULT = "Layer3Forwarding:1 GetDefaultConnectionService"
ADDRESSES = "X_AVM-DE_AppSetup:1 GetAppRemoteInfo"
REMOTE = "X_AVM-DE_RemoteAccess:1 GetInfo"
SHARINGS = "X_AVM-DE_MyFritz:1 GetServiceByIndex"
STORAGE = "X_AVM-DE_Storage:1 GetInfo"
PROVIDER = "ManagementServer:1 GetInfo"
_WALL = (Topic.FIREWALL,)
_WAYS = (Topic.MANAGEMENT,)
_PROTOCOLS = frozenset({"tcp", "udp", "esp", "gre"})
_EVERYWHERE = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - addresses of others, not ours
_HTTPS = 443


def read_firewall(box: Box) -> Firewall | None:
    """The firewall; ``None`` where not even the outer side is told."""
    outside = _outside(box)
    holes = [*_mappings(box, outside), *_sharings(box), *_own_ways(box)]
    if not outside:
        return None
    nat = _nat(box, outside)
    closed = Policy.DENIED if nat else Policy.UNKNOWN
    policies = {"ipv4": closed, "ipv6": _ipv6(box, closed)}
    return Firewall(policies, dict(policies), tuple(holes), (outside,))


def _outside(box: Box) -> str:
    fields = box.fields(DEFAULT, *_WALL)
    told = (fields or {}).get("NewDefaultConnectionService", "")
    match = re.fullmatch(r"(?:\d+\.)?(WAN(?:PPP|IP)Connection)\.(\d{1,2})", told)
    found = f"{match[1]}:{match[2]}" if match else ""
    if fields is not None and found not in WANS:
        box.note(_WALL, f"{DEFAULT}: {told}")
        return ""
    return found


def _nat(box: Box, outside: str) -> bool | None:
    question = f"{outside} GetInfo"
    fields = box.fields(question, *_WALL)
    if fields is None:
        return None
    return box.flag(question, fields, "NewNATEnabled", *_WALL)


def _ipv6(box: Box, closed: Policy) -> Policy:
    fields = box.fields(ADDRESSES, *_WALL)
    if fields is None or "NewExternalIPv6Address" not in fields:
        box.note(_WALL, f"{ADDRESSES}: whether IPv6 is in use is not told")
        return Policy.UNKNOWN
    return Policy.OFF if fields["NewExternalIPv6Address"] in _EVERYWHERE else closed


def _mappings(box: Box, outside: str) -> list[Hole]:
    found: dict[Hole, None] = {}
    for wan in WANS:
        question = f"{wan} GetGenericPortMappingEntry"
        # What the service that is not in use says does not matter where it says nothing.
        entries = box.entries(question, *(_WALL if wan == outside else ()))
        for entry in entries or ():
            if box.flag(question, entry, "NewEnabled", *_WALL) is False:
                continue
            if (hole := _mapping(box, question, entry)) is not None:
                found[hole] = None
    return list(found)


def _mapping(box: Box, question: str, entry: Fields) -> Hole | None:
    protocol = entry.get("NewProtocol", "").lower()
    port = entry.get("NewExternalPort", "")
    client = entry.get("NewInternalClient", "")
    if protocol not in _PROTOCOLS or not re.fullmatch(r"\d{1,5}", port) or not client:
        box.note(_WALL, f"{question}: {protocol} {port} {client}")
        return None
    remote = entry.get("NewRemoteHost", "")
    if protocol in {"esp", "gre"}:
        service = protocol
    else:
        # 0 stands for every port that no other mapping names (UPnP, WANIPConnection:1, 2.2.16).
        service = "any" if port == "0" else f"{protocol}/{port}"
    sources = () if remote in _EVERYWHERE else (remote,)
    return Hole("ipv4", client, service, sources, entry.get("NewPortMappingDescription", ""))


def _sharings(box: Box) -> list[Hole]:
    """MyFRITZ! sharings, which open IPv6 too."""
    if box.missing(SHARINGS):
        return []
    found = []
    for entry in box.entries(SHARINGS, *_WALL) or ():
        if box.flag(SHARINGS, entry, "NewEnabled", *_WALL) is False:
            continue
        port = entry.get("NewPort", "")
        if not re.fullmatch(r"[1-9]\d{0,4}", port):
            box.note(_WALL, f"{SHARINGS}: NewPort: {port}")
            continue
        to = entry.get("NewHostName") or entry.get("NewIPv4Addresses") or "any"
        found.append(Hole("both", to, f"tcp/{port}", rule=entry.get("NewName", "")))
    return found


def _own_ways(box: Box) -> list[Hole]:
    ways = [each for each in _services(box, ()) if each.enabled and each.reach is Reach.ANYWHERE]
    return [
        Hole("both", "device", f"tcp/{each.port}" if each.port else "tcp", rule=each.name)
        for each in ways
    ]


def read_services(box: Box) -> tuple[Service, ...]:
    """The ways into the box itself."""
    # It answered, so it is on; from outside it is reached through the pages' port only.
    return (Service("tr-064", reach=Reach.INSIDE), *_services(box, _WAYS))


def _services(box: Box, topics: tuple[Topic, ...]) -> list[Service]:
    return [*_pages(box, topics), *_storage(box, topics), *_provider(box, topics)]


def _port(fields: Fields, name: str) -> int | None:
    told = fields.get(name, "")
    return int(told) if re.fullmatch(r"[1-9]\d{0,4}", told) else None


def _pages(box: Box, topics: tuple[Topic, ...]) -> list[Service]:
    fields = box.fields(REMOTE, *topics)
    if fields is None:
        return []
    enabled = box.flag(REMOTE, fields, "NewEnabled", *topics)
    if enabled is None:
        return []
    if not enabled:
        return [Service("https", reach=Reach.INSIDE, port=_HTTPS)]
    return [Service("https", reach=Reach.ANYWHERE, port=_port(fields, "NewPort"))]


def _storage(box: Box, topics: tuple[Topic, ...]) -> list[Service]:
    if box.missing(STORAGE):
        return []
    fields = box.fields(STORAGE, *topics)
    if fields is None:
        return []
    inside = box.flag(STORAGE, fields, "NewFTPEnable", *topics)
    outside = box.flag(STORAGE, fields, "NewFTPWANEnable", *topics)
    if inside and outside:
        safe = box.flag(STORAGE, fields, "NewFTPWANSSLOnly", *topics)
        port = _port(fields, "NewFTPWANPort")
        return [Service("ftp", encrypted=bool(safe), reach=Reach.ANYWHERE, port=port)]
    return [Service("ftp", encrypted=False, reach=Reach.INSIDE, port=21)] if inside else []


def _provider(box: Box, topics: tuple[Topic, ...]) -> list[Service]:
    """The provider's management (TR-069): the box itself goes to one named server."""
    if box.missing(PROVIDER):
        return []
    fields = box.fields(PROVIDER, *topics)
    if fields is None:
        return []
    url = box.text(PROVIDER, fields, "NewURL", *topics)
    if not url:
        return []
    return [Service("tr-069", encrypted=url.startswith("https://"), reach=Reach.NAMED)]

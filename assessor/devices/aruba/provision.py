"""ArubaOS-Switch and ProCurve ("ProVision") to the neutral form.

An export shows what differs from the maker's defaults. Those that matter here, after HPE's
"ArubaOS-Switch Management and Configuration Guide" and "Access Security Guide" (16.x): Telnet and
the web interface without TLS are on until ``no telnet-server`` and ``no web-management``; nothing
is logged elsewhere; no time is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from assessor.devices.aruba.provision_accounts import read_accounts
from assessor.devices.aruba.provision_snmp import read_snmp
from assessor.devices.aruba.reach import Addresses, network_of, reach_of
from assessor.devices.aruba.tree import Node, Notes, Tree, known
from assessor.devices.device import Device, Logging, Segment, Service, Topic
from assessor.devices.networks import Network

_GUEST = re.compile(r"guest|gast|visitor|bezoek", re.IGNORECASE)
HINTS = tuple(
    (re.compile(pattern), topic)
    for pattern, topic in (
        (r"ssh|telnet|web|http|tftp|rest|ftp|manag|oobm", Topic.MANAGEMENT),
        (r"user|passw|aaa|secret|credential|login|admin|tacacs|radius|operator", Topic.ACCOUNTS),
        (r"snmp", Topic.SNMP),
        (r"log", Topic.LOGGING),
        (r"ntp|time|clock", Topic.TIME),
        (r"vlan", Topic.SEGMENTS),
    )
)
# What sounds like one of these, and says nothing of them.
_HARMLESS = known(
    "include-credentials encrypt-credentials tftp radius-server tacacs-server rest-interface"
    " time primary-vlan management-vlan max-vlans dhcp-snooping arp-protect loop-protect"
    " spanning-tree alias job banner mirror interface"
)
# The parts of a VLAN that say nothing of who can reach whom, or how the switch is reached.
_VLAN = known(
    "name untagged tagged forbid auto voice jumbo qos ipv6 dhcp-snooping dhcp-server monitor"
    " service-policy priority protocol connection-rate-filter igmp-proxy mdns arp-protect"
    " shutdown disable vrrp rip ospf pim spanning-tree private-vlan device-identity"
)


def read_provision(tree: Tree) -> Device:
    """The switch with this configuration."""
    notes = Notes()
    for word in _HARMLESS:
        tree.take(word)
    names = [node.word(1) for node in tree.take("hostname")]
    accounts, min_length, lockout = read_accounts(tree, notes)
    addresses = Addresses()
    segments = tuple(_segments(tree, addresses, notes))
    services = _services(tree, notes)
    snmp, answering = read_snmp(tree, notes)
    managers = _managers(tree, notes)
    if answering:
        plain = any(each.version != "3" for each in snmp or ())
        services = (*services, Service("snmp", encrypted=not plain, port=161))
    device = Device(
        name=names[-1] if names else "",
        accounts=accounts,
        services=tuple(
            Service(
                each.name,
                each.enabled,
                each.encrypted,
                reach_of(addresses, managers.get(each.name)),
                each.port,
            )
            for each in services
        ),
        wifi=(),
        snmp=snmp,
        logging=_logging(tree, notes),
        ntp=_clock(tree, notes),
        segments=segments,
        min_length=min_length,
        lockout=lockout,
    )
    notes.guess(tree.left(), HINTS)
    return replace(device, unread=notes.unread())


def _services(tree: Tree, notes: Notes) -> tuple[Service, ...]:
    on = {"telnet": True, "http": True}
    for node in tree.take("telnet-server"):
        if len(node.words) == 1:
            on["telnet"] = not node.no
        elif node.word(1) != "listen":
            notes.add(node.text, Topic.MANAGEMENT)
    for node in tree.take("ip", "ssh"):
        if len(node.words) == 2:
            on["ssh"] = not node.no
        elif node.word(2) not in _SSH:
            notes.add(node.text, Topic.MANAGEMENT)
    for node in tree.take("web-management"):
        kind = node.word(1)
        if kind in {"", "plaintext"}:
            on["http"] = not node.no
        elif kind == "ssl":
            on["https"] = not node.no
        elif kind not in {"management-url", "support-url", "idle-timeout", "listen", "help-url"}:
            notes.add(node.text, Topic.MANAGEMENT)
    return tuple(
        Service(name, on[name], encrypted=name in {"ssh", "https"}, port=port)
        for name, port in (("telnet", 23), ("ssh", 22), ("http", 80), ("https", 443))
        if name in on
    )


_SSH = known("filetransfer cipher mac kex listen port timeout public-key version")
_METHODS = {
    "all": ("telnet", "ssh", "http", "https", "snmp"),
    "ssh": ("ssh",),
    "telnet": ("telnet",),
    "web": ("http", "https"),
    "snmp": ("snmp",),
    "tftp": (),
}


def _managers(tree: Tree, notes: Notes) -> dict[str, list[Network]]:
    """From which networks alone each service may be used."""
    found: dict[str, list[Network]] = {}
    for family in ("ip", "ipv6"):
        for node in tree.take(family, "authorized-managers"):
            network = network_of(node.word(2), node.word(3)) if family == "ip" else None
            method = "all"
            rest = list(node.words[4:])
            while len(rest) >= 2 and rest[0] in {"access", "access-method"}:
                method = rest[1] if rest[0] == "access-method" else method
                rest = rest[2:]
            if network is None or rest or method not in _METHODS or node.no:
                notes.add(node.text, Topic.MANAGEMENT)
                continue
            for service in _METHODS[method]:
                found.setdefault(service, []).append(network)
    return found


def _segments(tree: Tree, addresses: Addresses, notes: Notes) -> Iterator[Segment]:
    routing = tree.state("ip", "routing") is True
    for node in tree.take("oobm"):
        _address(node.children, addresses, notes)
    routed: list[tuple[str, bool]] = []
    vlans: dict[str, str] = {}
    for node in tree.take("vlan"):
        number = node.word(1)
        parts = [*node.children]
        if len(node.words) > 2:
            parts.append(Node(False, node.words[2:], node.text))
        if not number.isdecimal():
            notes.add(node.text, Topic.SEGMENTS)
            continue
        vlans.setdefault(number, "")
        for part in parts:
            if part.word(0) == "name":
                vlans[number] = part.word(1)
            elif part.word(0) != "ip" and part.word(0) not in _VLAN:
                notes.add(f"vlan {number}: {part.text}", Topic.SEGMENTS)
        if _address(parts, addresses, notes):
            filtered = any(part.begins("ip", "access-group") for part in parts)
            routed.append((number, filtered))
    open_ = {number for number, filtered in routed if routing and len(routed) > 1 and not filtered}
    for number, name in vlans.items():
        title = name or f"VLAN {number}"
        isolated = False if number in open_ else None
        yield Segment(title, int(number[:4]), bool(_GUEST.search(name)), isolated)


def _address(parts: list[Node], addresses: Addresses, notes: Notes) -> bool:
    """Notes the addresses of one interface; says whether it has any."""
    having = False
    for part in parts:
        if not part.begins("ip", "address"):
            continue
        if part.no:
            continue
        having = True
        if part.word(2) == "dhcp-bootp":
            addresses.dynamic = True
        elif not addresses.add(part.word(2), part.word(3)):
            notes.add(part.text, Topic.MANAGEMENT)
    return having


def _logging(tree: Tree, notes: Notes) -> Logging:
    remote: list[str] = []
    secure: list[bool] = []
    for node in tree.take("logging"):
        target = node.word(1)
        if target in _LOG_SETTINGS:
            continue
        if node.no or not _ADDRESS.fullmatch(target):
            notes.add(node.text, Topic.LOGGING)
            continue
        if target not in remote:
            remote.append(target)
            secure.append("tls" in node.words[2:])
    return Logging(tuple(remote), encrypted=all(secure) if remote else None)


_ADDRESS = re.compile(r"[0-9a-fA-F:]*[.:][0-9a-fA-F.:]+|\w[\w-]*\.[\w.-]+")
_LOG_SETTINGS = known(
    "facility severity priority-descr system-module notify filter origin-id command"
    " persistent-storage"
)


def _clock(tree: Tree, notes: Notes) -> tuple[str, ...]:
    """The time servers that are really asked."""
    wanted = [node.word(1) for node in tree.take("timesync") if not node.no]
    sntp = list(_sntp(tree, notes))
    ntp = list(_ntp(tree, notes))
    timep = [node.word(3) for node in tree.take("ip", "timep", "manual") if node.word(3)]
    kind = wanted[-1] if wanted else ""
    if kind == "ntp":
        return tuple(ntp) if tree.state("ntp", "enable") else ()
    if kind in {"sntp", "timep-or-sntp"}:
        if sntp and not tree.state("sntp", "unicast"):
            notes.add('sntp servers without "sntp unicast"', Topic.TIME)
        return tuple(sntp)
    if kind == "timep":
        return tuple(timep)
    if kind:
        notes.add(f"timesync {kind}", Topic.TIME)
    return ()


def _sntp(tree: Tree, notes: Notes) -> Iterator[str]:
    for node in tree.take("sntp"):
        rest = node.words[1:]
        if rest[:1] == ("server",):
            rest = rest[3:] if rest[1:2] == ("priority",) else rest[1:]
            if rest:
                yield rest[0]
                continue
        elif rest and (rest[0].isdecimal() or rest[0] in _SNTP):
            continue  # how often it is asked
        elif rest and _ADDRESS.fullmatch(rest[0]):
            yield rest[0]
            continue
        notes.add(node.text, Topic.TIME)


_SNTP = known("unicast broadcast dhcp poll-interval authentication")


def _ntp(tree: Tree, notes: Notes) -> Iterator[str]:
    for node in tree.take("ntp"):
        kind = node.word(1)
        if kind in {"server", "server-name"} and node.word(2) and not node.no:
            yield node.word(2)
        elif kind not in _NTP:
            notes.add(node.text, Topic.TIME)


_NTP = known(
    "enable unicast broadcast authentication max-associations trap ipv6-multicast server"
    " server-name"
)

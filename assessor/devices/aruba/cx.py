"""AOS-CX to the neutral form.

After HPE's "AOS-CX Fundamentals Guide" and "Security Guide" (10.10 to 10.13). What is on is
written out (``ssh server vrf default``); what is not written is off. A service is offered in one
VRF: ``mgmt`` is the port for management, apart from all others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assessor.devices.aruba.cx_accounts import read_accounts
from assessor.devices.aruba.reach import Addresses, reach_of
from assessor.devices.aruba.tree import Node, Notes, Tree, known
from assessor.devices.device import (
    Community,
    Device,
    Firmware,
    Logging,
    Reach,
    Segment,
    Service,
    Storage,
    Topic,
)
from assessor.devices.secrets import secret

_GUEST = re.compile(r"guest|gast|visitor|bezoek", re.IGNORECASE)
_HINTS = tuple(
    (re.compile(pattern), topic)
    for pattern, topic in (
        (r"ssh|telnet|https?|rest\b|manag|tftp|sftp", Topic.MANAGEMENT),
        (r"user|passw|aaa|secret|login|tacacs|radius|admin", Topic.ACCOUNTS),
        (r"snmp", Topic.SNMP),
        (r"log", Topic.LOGGING),
        (r"ntp|clock", Topic.TIME),
        (r"vlan", Topic.SEGMENTS),
    )
)
_HARMLESS = known(
    "radius-server tacacs-server clock cli-session banner spanning-tree loop-protect user-group"
    " dhcpv4-snooping dhcpv6-snooping client aruba-central qos router route-map sflow mirror"
    " class policy access-list object-group port-access radius tacacs"
)
_VLAN = known(
    "name description voice client-insight arp dhcpv4-snooping dhcpv6-snooping ip ipv6 shutdown"
    " apply nd-snooping service-policy"
)


def read_cx(tree: Tree, version: str) -> Device:
    """The switch with this configuration."""
    notes = Notes()
    for word in _HARMLESS:
        tree.take(word)
    names = [node.word(1) for node in tree.take("hostname")]
    models = [
        each.word(1)
        for node in tree.take("vsf", "member")
        for each in node.children
        if each.begins("type")
    ]
    accounts, min_length, lockout = read_accounts(tree, notes)
    places = _places(tree, notes)
    snmp, in_vrfs = _snmp(tree, notes)
    services = tuple(_services(tree, notes, places, in_vrfs, snmp))
    logging = _logging(tree, notes)
    ntp = _clock(tree, notes)
    segments = tuple(_segments(tree, notes))
    notes.guess(tree.left(), _HINTS)
    return Device(
        name=names[-1] if names else "",
        firmware=Firmware(models[0].upper() if models else "", version),
        accounts=accounts,
        services=services,
        wifi=(),
        snmp=snmp,
        logging=logging,
        ntp=ntp,
        segments=segments,
        min_length=min_length,
        lockout=lockout,
        unread=notes.unread(),
    )


def _places(tree: Tree, notes: Notes) -> dict[str, Addresses]:
    """The addresses of the switch, by VRF."""
    found: dict[str, Addresses] = {}
    for node in tree.take("interface"):
        parts = node.children
        port = node.begins("interface", "mgmt")
        # Ports are off until told otherwise, but for that of management.
        if any(each.begins("shutdown") and not each.no for each in parts):
            continue
        vrf = "mgmt" if port else "default"
        for each in parts:
            if each.begins("vrf", "attach") and each.word(2):
                vrf = each.word(2)
        addresses = found.setdefault(vrf, Addresses())
        for each in parts:
            if each.begins("ip", "dhcp") and len(each.words) == 2 and not each.no:
                addresses.dynamic = True
            elif each.begins("ip", "static") or each.begins("ip", "address"):
                if each.word(2) == "dhcp":
                    addresses.dynamic = True
                elif not each.no and not addresses.add(each.word(2)):
                    notes.add(each.text, Topic.MANAGEMENT)
    return found


def _services(
    tree: Tree,
    notes: Notes,
    places: dict[str, Addresses],
    snmp_vrfs: list[str],
    snmp: tuple[Community, ...],
) -> Iterator[Service]:
    def offered(name: str, vrf: str, port: int, *, encrypted: bool = True) -> Service:
        where = places.get(vrf)
        reach = reach_of(where, None) if where is not None else Reach.UNKNOWN
        return Service(name, encrypted=encrypted, reach=reach, port=port)

    for words, name, port in (
        (("ssh", "server"), "ssh", 22),
        (("telnet", "server"), "telnet", 23),
        (("https-server",), "https", 443),
    ):
        at = len(words)
        for node in tree.take(*words):
            if node.word(at) == "vrf" and len(node.words) == at + 2:
                if not node.no:
                    yield offered(name, node.word(at + 1), port, encrypted=name != "telnet")
            elif node.word(at) not in {"rest", "session", "timeout", "idle-timeout", "listen"}:
                notes.add(node.text, Topic.MANAGEMENT)
    for node in tree.take("ssh"):
        if node.word(1) not in _SSH:
            notes.add(node.text, Topic.MANAGEMENT)
    plain = any(each.version != "3" for each in snmp)
    for vrf in snmp_vrfs if snmp else ():
        yield offered("snmp", vrf, 161, encrypted=not plain)


_SSH = known(
    "server ciphers macs host-key host-key-algorithms key-exchange-algorithms"
    " public-key-algorithms known-host maximum-auth-attempts certified-algorithms-only"
    " password-authentication public-key-authentication two-factor-authentication"
    " allow-list"
)


def _snmp(tree: Tree, notes: Notes) -> tuple[tuple[Community, ...], list[str]]:
    found: list[Community] = []
    vrfs: list[str] = []
    for node in tree.take("snmp-server"):
        kind = node.word(1)
        if kind == "vrf" and len(node.words) == 3:
            if not node.no:
                vrfs.append(node.word(2))
        elif kind == "community" and node.word(2) and not node.no:
            found.append(_community(node, notes))
        elif kind not in _SNMP:
            notes.add(node.text, Topic.SNMP)
    for node in tree.take("snmpv3"):
        if node.begins("snmpv3", "user") and node.word(2) and not node.no:
            found.append(_user(node, notes))
        elif node.word(1) not in {"context", "engine-id", "security-level", "group", "user"}:
            notes.add(node.text, Topic.SNMP)
    # Without a VRF that it answers in, there is no agent.
    return (tuple(found) if vrfs else ()), vrfs


_SNMP = known(
    "agent-port host system-contact system-location system-description historical-counters-monitor"
    " trap snmpv3-only response-source view community vrf"
)


def _community(node: Node, notes: Notes) -> Community:
    """``snmp-server community X``, with ``access-level rw`` below it; read-only else."""
    writable = False
    for each in node.children:
        if each.begins("access-level") and each.word(1) in {"ro", "rw"}:
            writable = each.word(1) == "rw"
        elif each.word(0) not in {"view", "access-list", "apply"}:
            notes.add(each.text, Topic.SNMP)
    if len(node.words) > 3:
        notes.add(node.text, Topic.SNMP)
    return Community("2c", writable, secret=secret(node.word(2), Storage.CLEAR))


def _user(node: Node, notes: Notes) -> Community:
    """``snmpv3 user X auth sha auth-pass ciphertext Y priv aes priv-pass ciphertext Z``."""
    words = list(node.words[3:])
    kept = None
    private = writable = False
    while words:
        word = words.pop(0)
        if word in {"auth", "priv", "auth-pass", "priv-pass", "access-level"} and words:
            value = words.pop(0)
            if value in {"plaintext", "ciphertext"} and words:
                value = words.pop(0)
            if word == "auth-pass":
                kept = secret(value, Storage.ENCRYPTED, stable=False)
            private = private or word == "priv"
            writable = writable or value == "rw"
        else:
            notes.add(node.text, Topic.SNMP)
            break
    return Community("3", writable, private, kept)


def _logging(tree: Tree, notes: Notes) -> Logging:
    remote: list[str] = []
    secure: list[bool] = []
    for node in tree.take("logging"):
        target = node.word(1)
        if target in _LOG_SETTINGS:
            continue
        if node.no or not _ADDRESS.fullmatch(target) or set(node.words[2:]) & {"disable"}:
            notes.add(node.text, Topic.LOGGING)
        elif target not in remote:
            remote.append(target)
            secure.append("tls" in node.words[2:])
    return Logging(tuple(remote), encrypted=all(secure) if remote else None)


_ADDRESS = re.compile(r"[0-9a-fA-F:]*[.:][0-9a-fA-F.:]+|\w[\w-]*\.[\w.-]+")
_LOG_SETTINGS = known("facility console filter threshold persistent-storage")


def _clock(tree: Tree, notes: Notes) -> tuple[str, ...]:
    servers: list[str] = []
    for node in tree.take("ntp"):
        kind = node.word(1)
        if kind == "server" and node.word(2) and not node.no:
            servers.append(node.word(2))
        elif kind not in {
            "enable",
            "vrf",
            "authentication",
            "authentication-key",
            "master",
            "trusted-key",
            "conductor",
            "server",
        }:
            notes.add(node.text, Topic.TIME)
    # The client is on unless "no ntp enable" says otherwise.
    return () if tree.state("ntp", "enable") is False else tuple(servers)


def _segments(tree: Tree, notes: Notes) -> Iterator[Segment]:
    names: dict[int, str] = {}
    for node in tree.take("vlan"):
        numbers = [each for each in node.word(1).split(",") if each]
        for number in numbers:
            if not re.fullmatch(r"\d{1,4}", number):
                notes.add(node.text, Topic.SEGMENTS)
                continue
            named = [each.word(1) for each in node.children if each.begins("name")]
            names[int(number)] = named[-1] if named else names.get(int(number), "")
        for each in node.children:
            if each.word(0) not in _VLAN:
                notes.add(f"vlan {node.word(1)}: {each.text}", Topic.SEGMENTS)
    routed = _routed(tree)
    for vlan, name in names.items():
        isolated = False if vlan in routed and len(routed) > 1 and not routed[vlan] else None
        yield Segment(name or f"VLAN {vlan}", vlan, bool(_GUEST.search(name)), isolated)


def _routed(tree: Tree) -> dict[int, bool]:
    """The VLANs of the default VRF that the switch routes, and whether a filter stands there."""
    found: dict[int, bool] = {}
    for node in tree.take("interface", "vlan"):
        number = node.word(2)
        addressed = any(each.begins("ip", "address") and not each.no for each in node.children)
        apart = any(each.begins("vrf", "attach") for each in node.children)
        if re.fullmatch(r"\d{1,4}", number) and addressed and not apart:
            found[int(number)] = any(each.begins("apply", "access-list") for each in node.children)
    return found

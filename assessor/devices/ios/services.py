"""What the device itself offers to the networks, and from where that can be reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assessor.devices.device import Community, Reach, Service, Topic
from assessor.devices.ios.acl import Lists
from assessor.devices.ios.firewall import FAMILIES, Wall, allowed_by
from assessor.devices.ios.grammar import Tree
from assessor.devices.ios.lines import SHELLS, Line
from assessor.devices.ios.notes import Notes
from assessor.devices.ios.rules import Reached, widest
from assessor.devices.ios.vocabulary import VOCABULARY

MOST = 50
"""So many different access lists are followed for one service."""

# Where the release decides: IOS before XE 16 takes all protocols on "vty" unless told otherwise.
_FIRST_XE = 16
_SSH_HARMLESS = VOCABULARY.words("ssh")
_HTTP_HARMLESS = VOCABULARY.words("http")
_ALGORITHMS = ("mac", "encryption", "kex", "hostkey", "publickey", "authentication")
_WEAK_SSH = (
    "cbc",
    "3des",
    "md5",
    "-sha1-96",
    "arcfour",
    "group1-",
    "hmac-sha1",
    "group14-sha1",
    "ssh-dss",
)
_WEAK_TLS = ("rc4", "des-", "3des", "tls1.0", "tlsv1.0", "tlsv1.1", "tls1.1")
# Services of one command each, which are off unless told (Cisco, "Guide to Harden IOS Devices").
_SINGLE: Sequence[tuple[tuple[str, ...], str, str, int]] = (
    (("ip", "finger"), "finger", "tcp", 79),
    (("service", "finger"), "finger", "tcp", 79),
    (("service", "tcp-small-servers"), "tcp-small-servers", "tcp", 7),
    (("service", "udp-small-servers"), "udp-small-servers", "udp", 7),
    (("ip", "rcmd", "rsh-enable"), "rsh", "tcp", 514),
    (("ip", "rcmd", "rcp-enable"), "rcp", "tcp", 514),
    (("ftp-server", "enable"), "ftp", "tcp", 21),
    (("ip", "bootp", "server"), "dhcp", "udp", 67),
    (("ip", "dns", "server"), "dns", "udp", 53),
    (("vstack", "basic"), "smart-install", "tcp", 4786),
    (("vstack", "director"), "smart-install", "tcp", 4786),
)
_QUIET = frozenset({"dhcp"})


@dataclass(frozen=True, slots=True)
class Setting:
    """What the services rest on besides the commands."""

    lines: Sequence[Line]
    lists: Lists
    wall: Wall
    major: int
    """The first number of the release."""


def read_services(
    tree: Tree, setting: Setting, snmp: Sequence[Community], notes: Notes
) -> tuple[Service, ...]:
    """Every service that is on."""
    found = [
        *_shells(tree, setting, notes),
        *_web(tree, setting, notes),
        *_managers(tree, setting),
        *_single(tree, setting),
    ]
    if snmp:
        clear = any(one.version != "3" or not one.encrypted for one in snmp)
        found.append(
            Service("snmp", encrypted=not clear, reach=_reach_of_snmp(snmp, setting), port=161)
        )
    return tuple(found)


def _by_lists(setting: Setting, names: Mapping[str, str]) -> dict[str, Reached]:
    """From where access lists let in, by family of addresses; one without list lets all in."""
    return {family: allowed_by(setting.lists, family, names.get(family)) for family in FAMILIES}


def _shells(tree: Tree, setting: Setting, notes: Notes) -> Iterable[Service]:
    weak = _ssh(tree, setting, notes)
    offered: dict[str, list[Line]] = {}
    for line in setting.lines:
        if not line.remote:
            continue
        transports = line.transports
        if transports is None:
            transports = SHELLS - {"rlogin"}
            if setting.major >= _FIRST_XE:
                # Newer releases take SSH alone, older ones all; the line does not say.
                notes.add(f"line {line.name}: no transport input", Topic.MANAGEMENT)
                transports = frozenset({"ssh"})
        for name in sorted(transports & {"ssh", "telnet"}):
            offered.setdefault(name, []).append(line)
    for name, port in (("ssh", 22), ("telnet", 23)):
        if name not in offered:
            yield Service(name, False, name == "ssh", Reach.INSIDE, port)
            continue
        lists = {tuple(sorted(line.lists.items())) for line in offered[name]}
        reaches = [
            setting.wall.reach("tcp", port, _by_lists(setting, dict(each)))
            for each in sorted(lists)[:MOST]
        ]
        reaches += [Reach.UNKNOWN] if len(lists) > MOST else []
        yield Service(
            name, True, name == "ssh", _widest(reaches), port, weak if name == "ssh" else ()
        )


def _widest(reaches: Iterable[Reach]) -> Reach:
    return widest(Reached(reach) for reach in reaches).reach


def _ssh(tree: Tree, setting: Setting, notes: Notes) -> tuple[str, ...]:
    """Old versions and algorithms that SSH still offers."""
    weak: list[str] = []
    version = ""
    for node in tree.take("ip", "ssh"):
        second = node.word(2)
        if second == "version":
            version = "" if node.no else node.word(3)
        elif second == "server" and node.word(3) == "algorithm" and node.word(4) in _ALGORITHMS:
            weak += [
                word for word in node.after(5) if any(part in word.lower() for part in _WEAK_SSH)
            ]
        elif (second == "port" and "rotary" in node.words) or (
            second not in _SSH_HARMLESS and node.word(3) not in ("certificate", "authenticate")
        ):
            notes.add(node.text, Topic.MANAGEMENT)
    if version not in ("", "1", "2"):
        notes.add(f"ip ssh version {version}", Topic.MANAGEMENT)
    if version == "1" or (not version and setting.major < _FIRST_XE):
        # Without "ip ssh version" both are offered (Cisco, "ip ssh version").
        weak.insert(0, "SSH 1")
    tree.take("ip", "scp", "server")
    return tuple(weak)


def _web(tree: Tree, setting: Setting, notes: Notes) -> Iterable[Service]:
    plain: bool | None = None
    secure: bool | None = None
    ports = {"http": 80, "https": 443}
    lists: dict[str, str] = {}
    weak: list[str] = []
    for node in tree.take("ip", "http"):
        second = node.word(2)
        if second == "server" and len(node.words) == 3:
            plain = not node.no
        elif second == "secure-server" and len(node.words) == 3:
            secure = not node.no
        elif second == "access-class" and not node.no and len(node.words) > 3:
            family = "ipv6" if node.word(3) == "ipv6" else "ipv4"
            lists[family] = node.words[-1]
        elif second in ("port", "secure-port") and node.word(3).isdecimal():
            ports["http" if second == "port" else "https"] = int(node.word(3)[:5])
        elif second == "authentication":
            if node.word(3) not in ("local", "aaa", "enable", "tacacs"):
                notes.add(node.text, Topic.MANAGEMENT)
        elif second not in _HTTP_HARMLESS and second != "access-class":
            notes.add(node.text, Topic.MANAGEMENT)
        if second in ("secure-ciphersuite", "tls-version"):
            weak += [
                word for word in node.after(3) if any(part in word.lower() for part in _WEAK_TLS)
            ]
    if plain is None and secure is None:
        # The device writes at least one of the two, on or off.
        notes.add("no ip http server, no ip http secure-server", Topic.MANAGEMENT)
        return
    for name, on in (("http", plain), ("https", secure)):
        # Its port may be moved; a filter then has to name that one.
        reach = setting.wall.reach("tcp", ports[name], _by_lists(setting, lists))
        yield Service(
            name,
            bool(on),
            name == "https",
            reach if on else Reach.INSIDE,
            ports[name],
            tuple(weak) if name == "https" else (),
        )


def _managers(tree: Tree, setting: Setting) -> Iterable[Service]:
    """Management by programs."""
    for words, name, port in (
        (("netconf-yang",), "netconf", 830),
        (("netconf", "ssh"), "netconf", 22),
        (("restconf",), "restconf", 443),
    ):
        nodes = [node for node in tree.take(*words) if len(node.words) == len(words)]
        if nodes and not nodes[-1].no:
            yield Service(name, True, True, setting.wall.reach("tcp", port, {}), port)


def _single(tree: Tree, setting: Setting) -> Iterable[Service]:
    for words, name, protocol, port in _SINGLE:
        if tree.given(*words) and name not in _QUIET:
            yield Service(name, True, False, setting.wall.reach(protocol, port, {}), port)
    if any(not node.no for node in tree.take("tftp-server")):
        yield Service("tftp", True, False, setting.wall.reach("udp", 69, {}), 69)
    for node in tree.take("vstack"):
        if node.no and len(node.words) == 1:
            yield Service("smart-install", False, False, Reach.INSIDE, 4786)


def _reach_of_snmp(snmp: Sequence[Community], setting: Setting) -> Reach:
    reaches = []
    different = sorted({one.sources for one in snmp})
    if len(different) > MOST:
        reaches.append(Reach.UNKNOWN)
    for sources in different[:MOST]:
        names = dict.fromkeys(FAMILIES, "")
        for source in sources:
            family, _, name = source.partition(" ")
            names[family] = name
        reaches.append(setting.wall.reach("udp", 161, _by_lists(setting, names)))
    return _widest(reaches)

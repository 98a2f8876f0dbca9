"""The answers of a small-business switch, or its exported configuration, to the neutral form.

A switch stands behind a router: it says nothing of a firewall.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from assessor.devices.answers import FILE
from assessor.devices.cisco_sb.accounts import min_length, read_accounts
from assessor.devices.cisco_sb.services import own_addresses, read_services, read_snmp
from assessor.devices.device import Device, Firmware, Logging, Segment, Topic
from assessor.devices.ios.addresses import is_address
from assessor.devices.ios.grammar import Node, Tree, commands, fold, refused
from assessor.devices.ios.interfaces import numbers
from assessor.devices.ios.notes import Notes
from assessor.devices.ios.vocabulary import Vocabulary
from assessor.devices.ios.wifi import for_guests
from assessor.model.answers import UnparsedError

RUNNING = "show running-config"
VERSION = "show version"
STATE = "show system"
ADDRESSES = "show ip interface"

_VOCABULARY = Vocabulary(Path(__file__).with_name("vocabulary.yaml"))
_HARMLESS = _VOCABULARY.beginnings("top")
_ON_INTERFACES = _VOCABULARY.beginnings("interfaces")
_OF_LOGGING = _VOCABULARY.beginnings("logging")

_HEAD = re.compile(
    r"^config-file-header[ \t]*\n(?P<name>[^\n]*)\n[vV](?P<version>\d[\d.]*)[ \t]*/[^\n]*\n"
    r"(?:(?!@)[^\n]*\n){0,8}?@[ \t]*$",
    re.MULTILINE,
)
_LAST_INTERFACE = re.compile(r"^interface [^\n]*$", re.MULTILINE)
_EXIT = re.compile(r"^exit[ \t]*$", re.MULTILINE)
_CONTROL = re.compile(r"(?P<kind>[a-z-]{2,20}-control)-(?P<what>start|end)\b")
# Sections that are written without indentation, up to "exit".
_OPENERS = (
    ("interface",),
    ("vlan", "database"),
    ("line",),
    ("management", "access-list"),
    ("ip", "access-list", "extended"),
    ("ip", "access-list", "standard"),
    ("ipv6", "access-list"),
    ("mac", "access-list"),
    ("crypto", "key", "pubkey-chain"),
    ("user-key",),
    ("ip", "dhcp", "pool"),
    ("spanning-tree", "mst", "configuration"),
    ("time-range",),
    ("key", "chain"),
    ("class-map",),
    ("policy-map",),
    ("router",),
    ("route-map",),
)
_SOFTWARE = re.compile(r"^ *(?:SW version|Version:?) +(?P<version>\d[\d.]+)", re.MULTILINE)
_BUILT = re.compile(r"\b[Dd]ate:? +(?P<day>\d{1,2})-(?P<month>\w{3})-(?P<year>\d{4})")
_MODEL = re.compile(r"^ *System Description: +(?P<model>\S+)", re.MULTILINE)
_NAME = re.compile(r"^ *System Name: +(?P<name>\S+)", re.MULTILINE)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def read(answers: Mapping[str, str]) -> Device:
    """Whatever of the switch the answers tell.

    Raises:
        UnparsedError: they tell nothing, or are cut off.
    """
    said = {question: text for question, text in answers.items() if not refused(text)}
    if FILE in said and not _HEAD.search(said[FILE]):
        said = {VERSION: said[FILE], STATE: said[FILE]}
    running = said.get(RUNNING, said.get(FILE))
    firmware = _firmware(said)
    if running is not None:
        return _configured(running, firmware, said.get(ADDRESSES, ""))
    if firmware is None:
        raise UnparsedError("no answer of a small-business switch")
    name = _NAME.search(said.get(STATE, ""))
    return Device(name=name["name"] if name else "", firmware=firmware)


def _firmware(said: Mapping[str, str]) -> Firmware | None:
    version = _SOFTWARE.search(said.get(VERSION, ""))
    if version is None:
        return None
    model = _MODEL.search(said.get(STATE, ""))
    return Firmware(
        model["model"] if model else "", version["version"], _built(said.get(VERSION, ""))
    )


def _built(said: str) -> date | None:
    match = _BUILT.search(said)
    if match is None or match["month"] not in _MONTHS:
        return None
    try:
        return date(int(match["year"]), _MONTHS.index(match["month"]) + 1, int(match["day"]))
    except ValueError:
        return None


def _configured(text: str, firmware: Firmware | None, addresses: str) -> Device:
    head = _HEAD.search(text)
    if head is None:
        raise UnparsedError("no head of a configuration file")
    body = _without_controls(text[head.end() :])
    last = [match.end() for match in _LAST_INTERFACE.finditer(body)]
    if not last or not _EXIT.search(body, last[-1]):
        # The interfaces come last, and are closed by "exit".
        raise UnparsedError("the configuration has no end")
    nodes, _ = commands(body)
    tree = Tree(fold(nodes, _OPENERS))
    notes = Notes()
    version = head["version"]
    interfaces = _interfaces(tree, notes)
    snmp = read_snmp(tree, notes)
    for node in tree.take("encrypted"):
        if node.word(1) not in _ENCRYPTED:
            notes.add(node.text, Topic.ACCOUNTS)
    hostname = tree.take("hostname")
    device = Device(
        name=hostname[-1].words[-1] if hostname else "",
        firmware=firmware or Firmware(version=version),
        accounts=read_accounts(tree, int(version.partition(".")[0]), notes),
        services=read_services(tree, own_addresses(interfaces, addresses), snmp, notes),
        wifi=(),
        snmp=snmp,
        logging=_logging(tree, notes),
        ntp=_time(tree, notes),
        dns=tuple(
            word
            for node in tree.take("ip", "name-server")
            for word in node.words
            if is_address(word)
        ),
        vpns=(),
        segments=_segments(tree, interfaces, notes),
        min_length=min_length(tree, version, notes),
    )
    notes.guess(node for node in tree.left() if not _HARMLESS.holds(node))
    return replace(device, unread=notes.unread())


_OF_SNTP = _VOCABULARY.words("sntp")
_ENCRYPTED = frozenset(
    {"radius-server", "tacacs-server", "sntp", "snmp-server", "ip", "key-string", "dot1x", "rip"}
    | {"passphrase", "file"}
)


def _without_controls(body: str) -> str:
    """Without what the switch needs to load the file: keys of its own, and how it is stacked.

    Raises:
        UnparsedError: such a part has no end.
    """
    kept: list[str] = []
    within = ""
    for line in body.split("\n"):
        mark = _CONTROL.match(line)
        if mark and mark["what"] == "start" and not within:
            within = mark["kind"]
        elif mark and mark["what"] == "end" and within == mark["kind"]:
            within = ""
        elif not within:
            kept.append(line)
    if within:
        raise UnparsedError(f"{within} without end")
    return "\n".join(kept)


def _interfaces(tree: Tree, notes: Notes) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for node in tree.take("interface"):
        name = "".join(node.after(1)).lower()
        if name.startswith("range"):
            continue
        kept = found.setdefault(name, node)
        if kept is not node:
            kept.children += node.children
        for child in node.children:
            if not _ON_INTERFACES.holds(child):
                notes.add(f"{name}: {child.text}", Topic.SEGMENTS)
    return found


def _logging(tree: Tree, notes: Notes) -> Logging:
    remote: list[str] = []
    on = True
    for node in tree.take("logging"):
        if node.word(1) == "host" and len(node.words) > 2:
            if not node.no:
                remote.append(node.words[2])
        elif node.word(1) == "on" and len(node.words) == 2:
            on = not node.no
        elif not _OF_LOGGING.holds(node):
            notes.add(node.text, Topic.LOGGING)
    return Logging(tuple(remote) if on else (), None, False if remote and on else None)


def _time(tree: Tree, notes: Notes) -> tuple[str, ...] | None:
    """The servers, if the clock follows them; what an export leaves out is not told."""
    follows = tree.given("clock", "source", "sntp")
    servers: list[str] = []
    asks: bool | None = None
    for node in tree.take("sntp"):
        second = node.word(1)
        if second == "server" and len(node.words) > 2 and not node.no:
            servers.append(node.words[2])
        elif second == "unicast" and node.word(3) == "enable":
            asks = not node.no
        elif second not in _OF_SNTP:
            notes.add(node.text, Topic.TIME)
    if servers and follows and asks:
        return tuple(servers)
    return () if follows is False and asks is False else None


def _segments(tree: Tree, interfaces: Mapping[str, Node], notes: Notes) -> tuple[Segment, ...]:
    """The VLANs by their names; what keeps them apart is the router's affair."""
    names: dict[int, str] = {1: "VLAN 1"}
    seen: set[str] = set()
    for database in tree.take("vlan"):
        if database.word(1) != "database":
            if database.word(1) not in ("prohibit-internal-usage",):
                notes.add(database.text, Topic.SEGMENTS)
            continue
        for child in database.children:
            listed = numbers("".join(child.after(1))) if child.word(0) == "vlan" else None
            if listed is None and child.word(0) not in ("default-vlan", "map", "protocol-vlan"):
                notes.add(child.text, Topic.SEGMENTS)
            if child.text not in seen:
                names |= {number: f"VLAN {number}" for number in listed or ()}
            seen.add(child.text)
    for name, node in interfaces.items():
        number = name.removeprefix("vlan")
        if not name.startswith("vlan") or not number.isdecimal():
            continue
        called = [child for child in node.children if child.word(0) == "name"]
        text = " ".join(called[-1].after(1)) if called else f"VLAN {int(number)}"
        names[int(number)] = text
    return tuple(
        Segment(name, number, for_guests(name), None) for number, name in sorted(names.items())
    )

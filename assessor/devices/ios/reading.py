"""The answers of a device with IOS or IOS XE, or an exported configuration, to the neutral form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from assessor.devices.answers import FILE
from assessor.devices.device import Device, Firmware, Logging, Topic
from assessor.devices.ios import aaa, accounts, firewall, interfaces, lines, nat, records
from assessor.devices.ios.acl import read_lists
from assessor.devices.ios.firmware import read_firmware
from assessor.devices.ios.grammar import Tree, commands, refused
from assessor.devices.ios.notes import Notes
from assessor.devices.ios.segments import read_segments
from assessor.devices.ios.services import Setting, read_services
from assessor.devices.ios.snmp import read_snmp
from assessor.devices.ios.vocabulary import VOCABULARY
from assessor.devices.ios.vpn import read_vpns
from assessor.devices.ios.wifi import read_wifi
from assessor.devices.ios.zones import read_zones
from assessor.model.answers import UnparsedError

RUNNING = "show running-config"
WHOLE = "show running-config view full"
VERSION = "show version"
NTP = "show ntp status"
LOG = "show logging"

_HARMLESS = VOCABULARY.beginnings("top")
_VERSION_LINE = re.compile(r"^version \d{1,2}\.\S+[ \t]*$", re.MULTILINE)
_END = re.compile(r"^end[ \t]*$", re.MULTILINE)
_SYNCHRONIZED = re.compile(r"^Clock is (?P<un>un)?synchronized", re.MULTILINE)
_REFERENCE = re.compile(r"\breference is (?P<server>\d[\d.]+|[0-9A-Fa-f:]*:[0-9A-Fa-f:]+)")
_LOGGING_TO = re.compile(r"^ +Logging to (?P<server>\S+)", re.MULTILINE)
_CONFIGURATION_HEAD = re.compile(r"^(?:Building configuration|Current configuration|Using \d+ out)")
_OTHER_SYSTEMS = re.compile(
    r"^(?:ASA Version|: Saved|!Command: show running|feature \w+|config-file-header)", re.M
)


def read(answers: Mapping[str, str]) -> Device:
    """Whatever of the device the answers tell.

    Raises:
        UnparsedError: they tell nothing, or are cut off.
    """
    said = {question: text for question, text in answers.items() if not refused(text)}
    running = next((said[one] for one in (RUNNING, WHOLE) if one in said), None)
    states = dict(said)
    if FILE in said:
        running, states = _of_file(said[FILE])
    known: Mapping[str, int] = records.zones(Tree([]))
    device = Device()
    if running is not None:
        device, known = _configured(running)
    firmware = read_firmware(states.get(VERSION, "")) or device.firmware
    device = _with_states(replace(device, firmware=firmware), states, known)
    if running is None and not (device.firmware or device.logging or device.ntp):
        raise UnparsedError("no answer of a device with IOS")
    return device


def _of_file(text: str) -> tuple[str | None, dict[str, str]]:
    """A file is a configuration, or what one of the questions was answered with."""
    if _VERSION_LINE.search(text):
        return text, {}
    if _SYNCHRONIZED.search(text):
        return None, {NTP: text}
    if "Syslog logging:" in text:
        return None, {LOG: text}
    if "Cisco IOS" in text:
        return None, {VERSION: text}
    raise UnparsedError("no configuration of IOS")


def _whole(text: str) -> str:
    """The configuration without what the prompt and the device say around it."""
    if _OTHER_SYSTEMS.search(text):
        raise UnparsedError("a configuration of another system")
    start = _VERSION_LINE.search(text)
    if start is None:
        # So an account is answered that may not see all: with the lines that it may change.
        raise UnparsedError("only a part of the configuration is shown")
    ends = [match.start() for match in _END.finditer(text, start.end())]
    if not ends:
        raise UnparsedError("the configuration has no end")
    return text[: ends[-1]]


def _configured(text: str) -> tuple[Device, Mapping[str, int]]:
    whole = _whole(text)
    nodes, comments = commands(
        "\n".join(
            line
            for line in whole.split("\n")
            if not _CONFIGURATION_HEAD.match(line) and not line.endswith(f"#{RUNNING}")
        )
    )
    tree = Tree(nodes, comments)
    notes = Notes()
    release = tree.take("version")[-1].words[1]
    hostname = tree.take("hostname")
    methods = aaa.read_methods(tree, notes)
    ways = lines.read_lines(tree, notes)
    people = accounts.read_people(tree, ways, methods, notes)
    lists = read_lists(tree, notes)
    zones = read_zones(tree, lists, notes)
    ports = interfaces.read_interfaces(tree, notes)
    if not ports:
        notes.add("no interface", Topic.FIREWALL, Topic.SEGMENTS)
    outside = interfaces.find_outside(tree, ports, notes)
    wall = firewall.build(tree, outside, ports, lists, zones, notes)
    forwards = nat.read_forwards(tree, notes)
    snmp = read_snmp(tree, lists, notes)
    setting = Setting(ways, lists, wall, _major(release))
    services = read_services(tree, setting, snmp.lists, notes)
    vpns = read_vpns(tree, ports, notes)
    wifi = read_wifi(tree, ports, notes)
    segments = read_segments(tree, ports, outside, lists, zones, notes)
    kept = records.read_records(tree, notes)
    known = records.zones(tree)
    for port in ports:
        of_radios = (child for child in port.node.children if child.word(0) in interfaces.OF_RADIOS)
        notes.leftovers(of_radios, Topic.WIFI)
    notes.guess(node for node in tree.left() if not _HARMLESS.holds(node))
    device = Device(
        name=hostname[-1].words[1] if hostname and len(hostname[-1].words) > 1 else "",
        firmware=read_firmware("\n".join(comments)) or _by_release(release),
        accounts=people.accounts,
        services=services,
        firewall=wall.firewall(forwards),
        wifi=wifi,
        snmp=snmp.communities,
        logging=kept.logging,
        ntp=kept.ntp,
        dns=kept.dns,
        vpns=vpns,
        segments=segments,
        min_length=people.min_length,
        lockout=people.lockout,
        changed_at=records.changed_at(comments, known),
        config_backup=kept.backup,
        unread=notes.unread(),
    )
    return device, known


def _major(release: str) -> int:
    digits = release.partition(".")[0]
    return int(digits) if digits.isdecimal() else 0


def _by_release(release: str) -> Firmware | None:
    """The configuration tells the branch alone, which is enough for one given up years ago."""
    return Firmware(version=release) if _major(release) < 15 else None


def _with_states(device: Device, states: Mapping[str, str], known: Mapping[str, int]) -> Device:
    """What the device says of its state, added to what its configuration says."""
    unread = {topic: list(found) for topic, found in device.unread.items()}
    if clock := _SYNCHRONIZED.search(states.get(NTP, "")):
        reference = _REFERENCE.search(states[NTP])
        if clock["un"] and device.ntp != ():
            # It asks for the time, and does not get it: its dates prove nothing.
            unread.setdefault(Topic.TIME, []).insert(0, "Clock is unsynchronized")
            device = replace(device, changed_at=None)
        elif not clock["un"] and device.ntp is None and reference:
            device = replace(device, ntp=(reference["server"],))
    said = states.get(LOG, "")
    if device.logging is None and "Syslog logging:" in said:
        servers = tuple(match["server"] for match in _LOGGING_TO.finditer(said))
        if "Syslog logging: disabled" in said:
            servers = ()
        device = replace(device, logging=Logging(servers))
    changes = records.secret_changes(said, known)
    labels = device.secrets()
    return replace(
        device,
        secret_changes={label: moment for label, moment in changes.items() if label in labels},
        unread={topic: tuple(found[:5]) for topic, found in unread.items()},
    )

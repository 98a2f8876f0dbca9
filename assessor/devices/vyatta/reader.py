"""The answers of EdgeOS and VyOS to the neutral form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from assessor.devices.answers import FILE
from assessor.devices.device import Device, Firmware, Topic
from assessor.devices.vyatta.accounts import read_accounts
from assessor.devices.vyatta.firewall import Walls, read_firewall
from assessor.devices.vyatta.grammar import Node, parse
from assessor.devices.vyatta.known import MOST_LINES, shortened, unread
from assessor.devices.vyatta.network import read_network
from assessor.devices.vyatta.segments import read_segments, read_wifi
from assessor.devices.vyatta.services import read_services, read_snmp
from assessor.devices.vyatta.undefined import undefined_groups
from assessor.devices.vyatta.upkeep import (
    read_changed_at,
    read_config_backup,
    read_firmware,
    read_logging,
    read_ntp,
)
from assessor.devices.vyatta.vpn import read_vpns
from assessor.model.answers import UnparsedError

CONFIGURATION = "show configuration commands | no-more"
VERSION = "show version | no-more"
COMMITS = "show system commit | no-more"
QUESTIONS = (CONFIGURATION, VERSION, COMMITS)
_SECTIONS = frozenset({"interfaces", "system", "firewall", "service"})


def read(answers: Mapping[str, str]) -> Device:
    """The device; see ``DeviceSystem.read``."""
    text = answers.get(FILE) or answers.get(CONFIGURATION) or ""
    root = parse(text)
    if not _SECTIONS & set(root.children):
        raise UnparsedError("there is no configuration of EdgeOS or VyOS in it")
    firmware = read_firmware(text, answers.get(VERSION))
    changed_at = read_changed_at(answers.get(COMMITS), root)
    return read_tree(root, firmware=firmware, changed_at=changed_at)


def read_tree(
    root: Node, *, firmware: Firmware | None = None, changed_at: datetime | None = None
) -> Device:
    """The device of which ``root`` is the configuration; the rest is told by other answers.

    Without an account it is a part of a configuration (or one that was cut off): then what is not
    there says nothing, and nothing but its name is told.
    """
    name = root.value("system", "host-name") or ""
    if not root.has("system", "login", "user") or not root.has("interfaces"):
        return Device(name=name, firmware=firmware, changed_at=changed_at)
    walls = Walls(root, read_network(root))
    firewall = read_firewall(walls)
    services = read_services(root, walls)
    segments = read_segments(root, walls)
    lines = dict(unread(root))
    missing = [f"there is no set of rules {name}" for name in sorted(walls.missing)]
    missing += [f"there is no group {name}" for name in undefined_groups(root)]
    if missing:
        told = [shortened(line) for line in missing]
        lines[Topic.FIREWALL] = (*lines.get(Topic.FIREWALL, ()), *told)[:MOST_LINES]
    accounts = read_accounts(root)
    if any(one.secret is not None and not one.secret.mark for one in accounts):
        # Whether it is the maker's own cannot be told of what was left out.
        told = [*lines.get(Topic.ACCOUNTS, ()), "system login: passwords are left out"]
        lines[Topic.ACCOUNTS] = tuple(told[:MOST_LINES])
    return Device(
        name=name,
        firmware=firmware,
        accounts=accounts,
        services=services,
        firewall=firewall,
        wifi=read_wifi(root),
        snmp=read_snmp(root),
        logging=read_logging(root),
        ntp=read_ntp(root),
        dns=root.values("system", "name-server"),
        vpns=read_vpns(root),
        segments=segments,
        lockout=True if root.has("service", "ssh", "dynamic-protection") else None,
        config_backup=read_config_backup(root),
        changed_at=changed_at,
        unread=lines,
    )

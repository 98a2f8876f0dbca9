"""pfSense's answers, or its exported ``config.xml``, to the neutral form."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assessor.devices.answers import FILE
from assessor.devices.device import Device, Firmware, Topic, Vpn
from assessor.devices.pfsense.accounts import read_accounts
from assessor.devices.pfsense.addresses import Space
from assessor.devices.pfsense.aliases import read_aliases, read_groups
from assessor.devices.pfsense.firewall import Filtering
from assessor.devices.pfsense.grammar import (
    Element,
    Unread,
    check,
    check_sections,
    child,
    children,
    flag,
    parse,
    text,
)
from assessor.devices.pfsense.history import QUESTION as HISTORY
from assessor.devices.pfsense.history import changes, written_at
from assessor.devices.pfsense.interfaces import read_interfaces
from assessor.devices.pfsense.names import FILTER, words
from assessor.devices.pfsense.nat import read_forwards
from assessor.devices.pfsense.rules import legacy_rules, ordered
from assessor.devices.pfsense.sections import PACKAGES, SYSTEM, TOP
from assessor.devices.pfsense.segments import read_segments
from assessor.devices.pfsense.services import Ways, clocks, communities, resolvers
from assessor.devices.pfsense.syslog import read_logging
from assessor.devices.pfsense.vpn import dial_in, ipsec, openvpn
from assessor.devices.pfsense.wifi import read_wifi
from assessor.model.answers import UnparsedError

CONFIGURATION = "cat /conf/config.xml"
VERSION = "cat /etc/version"
QUESTIONS = (CONFIGURATION, VERSION, HISTORY)
_VERSION = re.compile(r"\d{1,2}\.\d{1,2}(?:\.\d{1,2})?(?:[-_.][A-Za-z0-9.]{1,20}){0,3}")
_TUNNEL = words("name enabled descr listenport privatekey publickey mtu addresses mss interface")


def read(answers: Mapping[str, str]) -> Device:
    """The device that gave ``answers``.

    Raises:
        UnparsedError: they are not those of pfSense.
    """
    version = _version(answers.get(VERSION, ""))
    firmware = Firmware(model="pfSense", version=version) if version else None
    said = configuration(answers, CONFIGURATION)
    if said is None:
        if firmware is None:
            raise UnparsedError("no config.xml among the answers")
        return Device(firmware=firmware)
    return _device(parse(said, "pfsense"), answers.get(HISTORY, ""), firmware)


def configuration(answers: Mapping[str, str], question: str) -> str | None:
    """The configuration among ``answers``; ``None`` where the device did not give it."""
    said = answers.get(FILE, answers.get(question, ""))
    return said if said.lstrip("\ufeff \r\n\t").startswith("<") else None


def whole(root: Element) -> None:
    """Sees to it that the parts are there without which nothing can be told.

    Raises:
        UnparsedError: one is missing, or there twice.
    """
    for name in ("system", "interfaces", "filter", "nat", "OPNsense"):
        number = sum(1 for _ in children(root, name))
        if number > 1:
            raise UnparsedError(f"<{name}> stands there {number} times")
        if not number and name in {"system", "interfaces"}:
            raise UnparsedError(f"no <{name}>")


def _version(answer: str) -> str:
    matched = _VERSION.fullmatch(answer.strip())
    return matched[0] if matched else ""


def _device(root: Element, history: str, firmware: Firmware | None) -> Device:
    whole(root)
    unread = Unread()
    system = child(root, "system")
    check_sections(root, TOP, unread)
    check_sections(system, SYSTEM, unread, Topic.ACCOUNTS, Topic.MANAGEMENT)
    packages = child(root, "installedpackages")
    names = () if packages is None else [str(each.tag) for each in packages]
    check_sections(packages, frozenset(filter(PACKAGES.fullmatch, names)), unread)
    space = Space(read_interfaces(root, unread), read_aliases(root, unread), read_groups(root))
    check(child(root, "filter"), (FILTER,), unread, Topic.FIREWALL, many=frozenset({"rule"}))
    rules = legacy_rules(child(root, "filter"), space, unread, new=False)
    filtering = Filtering(
        space=space,
        on=not flag(system, "disablefilter"),
        six=flag(system, "ipv6allow"),
        antilockout=_antilockout(system, space),
        rules=ordered(rules),
        forwards=read_forwards(root, space, unread, new=False),
    )
    segments, isolated = read_segments(root, filtering, unread)
    return Device(
        name=text(system, "hostname"),
        firmware=firmware,
        accounts=read_accounts(system, unread, second_factor=_second_factor(_authmode(system))),
        services=Ways(root, filtering, unread, new=False).services(),
        firewall=filtering.firewall(),
        wifi=read_wifi(root, space.interfaces, isolated, unread),
        snmp=communities(root, unread),
        logging=read_logging(root, unread),
        ntp=clocks(root, unread),
        dns=resolvers(system),
        vpns=(
            *openvpn(root, unread, _second_factor),
            *ipsec(root, unread, new=False),
            *dial_in(root, unread),
            *_wireguard(root, unread),
        ),
        segments=segments,
        # sshguard watches SSH and the pages, and cannot be turned off (System > Advanced >
        # Admin Access, "Login Protection").
        lockout=True,
        changed_at=written_at(root),
        secret_changes=changes(history, root),
        config_backup=_backed_up(root),
        unread=unread.frozen(),
    )


def _antilockout(system: Element | None, space: Space) -> str:
    """The interface from which the pages and SSH are always open."""
    if flag(system, "webgui", "noantilockout"):
        return ""
    lan = space.interfaces.get("lan")
    if lan is not None and lan.enabled:
        return "lan"
    return "wan" if sum(each.enabled for each in space.interfaces.values()) == 1 else ""


def _authmode(system: Element | None) -> str:
    return text(system, "webgui", "authmode")


def _second_factor(servers: str) -> bool | None:
    """Users of pfSense itself have a password alone; what a server elsewhere asks is not told."""
    return False if servers in {"", "Local Database", "Local Auth"} else None


def _wireguard(root: Element, unread: Unread) -> list[Vpn]:
    holder = child(root, "installedpackages", "wireguard")
    enabled = text(holder, "config", "enable") in {"on", "yes", "1"}
    found = []
    for each in children(holder, "tunnels", "item"):
        check(each, (_TUNNEL,), unread, Topic.VPN)
        runs = enabled and text(each, "enabled") in {"yes", "on", "1"}
        found.append(Vpn("wireguard", text(each, "descr") or text(each, "name"), enabled=runs))
    return found


def _backed_up(root: Element) -> bool:
    """Whether AutoConfigBackup sends each change to Netgate, encrypted."""
    return text(root, "system", "acb", "enable") == "yes"

"""OPNsense's answers, or its exported ``config.xml``, to the neutral form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from assessor.devices.device import Device, Firmware, Service, Topic
from assessor.devices.opnsense.rules import newer_rules
from assessor.devices.opnsense.sections import FIREWALL, SECTIONS
from assessor.devices.opnsense.syslog import read_logging
from assessor.devices.opnsense.vpn import instances, plugins, swanctl, wireguard
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
    on,
    parse,
    text,
)
from assessor.devices.pfsense.history import QUESTION as HISTORY
from assessor.devices.pfsense.history import changes, moment, passwords, written_at
from assessor.devices.pfsense.interfaces import read_interfaces
from assessor.devices.pfsense.names import AUTHSERVER, FILTER
from assessor.devices.pfsense.nat import read_forwards
from assessor.devices.pfsense.ports import number
from assessor.devices.pfsense.reading import CONFIGURATION, configuration, whole
from assessor.devices.pfsense.rules import legacy_rules, ordered
from assessor.devices.pfsense.sections import SYSTEM, TOP
from assessor.devices.pfsense.segments import read_segments
from assessor.devices.pfsense.services import Ways, clocks, communities, resolvers
from assessor.devices.pfsense.vpn import dial_in, ipsec, openvpn
from assessor.devices.pfsense.wifi import read_wifi
from assessor.model.answers import UnparsedError

VERSION = "opnsense-version"
QUESTIONS = (CONFIGURATION, VERSION, HISTORY)
_VERSION = re.compile(
    r"OPNsense(?: Business(?: Edition)?)? (?P<version>\d\d\.\d{1,2}[\w.]{0,20})"
    r"(?: \([\w./-]{1,60}\))?"
)
# Oxidized puts the version behind the configuration, as a comment.
_COMMENT = re.compile(r"</opnsense>\s*<!--\s*(OPNsense [^<>]{4,80}?)\s*-->\s*\Z")
_LOCAL = "Local Database"
_TYPES = {
    "local": False,
    "totp": True,
    "ldap-totp": True,
    "ldap": None,
    "radius": None,
    "voucher": None,
    "oidc": None,
}


def read(answers: Mapping[str, str]) -> Device:
    """The device that gave ``answers``.

    Raises:
        UnparsedError: they are not those of OPNsense.
    """
    said = configuration(answers, CONFIGURATION)
    firmware = _firmware(answers.get(VERSION, "").strip())
    if said is None:
        if firmware is None:
            raise UnparsedError("no config.xml among the answers")
        return Device(firmware=firmware)
    comment = _COMMENT.search(said[-400:])
    root = parse(said, "opnsense")
    updates = _automatic(root)
    firmware = firmware or _firmware(comment[1] if comment else "")
    if firmware is not None:
        firmware = Firmware("OPNsense", firmware.version, automatic=updates)
    return _device(root, answers.get(HISTORY, ""), firmware)


def _firmware(said: str) -> Firmware | None:
    matched = _VERSION.fullmatch(said.partition("\n")[0].strip())
    return Firmware("OPNsense", matched["version"]) if matched else None


def _automatic(root: Element) -> bool:
    """Whether a job installs updates by itself (the action "Automatic firmware update")."""
    return any(
        on(each, "enabled", default=True) and text(each, "command") == "firmware auto-update"
        for each in children(root, "OPNsense", "cron", "jobs", "job")
    )


def _device(root: Element, history: str, firmware: Firmware | None) -> Device:
    whole(root)
    unread = Unread()
    system = child(root, "system")
    check_sections(root, TOP, unread)
    check_sections(system, SYSTEM, unread, Topic.ACCOUNTS, Topic.MANAGEMENT)
    check_sections(child(root, "OPNsense"), SECTIONS, unread)
    check(child(root, "OPNsense", "Firewall"), (FIREWALL,), unread, Topic.FIREWALL)
    filtering = _filtering(root, system, unread)
    segments, isolated = read_segments(root, filtering, unread)
    servers = Servers(root, unread)
    length = text(system, "webgui", "password_policy_length")
    demands = on(system, "webgui", "enable_password_policy_constraints") and length.isdecimal()
    return Device(
        name=text(system, "hostname"),
        firmware=firmware,
        accounts=read_accounts(system, unread, second_factor=servers.log_in()),
        services=(services := Ways(root, filtering, unread, new=True).services())
        and (*services, *_monit(root, filtering)),
        firewall=filtering.firewall(),
        wifi=read_wifi(root, filtering.space.interfaces, isolated, unread),
        snmp=communities(root, unread),
        logging=read_logging(root, unread),
        ntp=clocks(root, unread),
        dns=resolvers(system),
        vpns=(
            *openvpn(root, unread, servers.second_factor),
            *ipsec(root, unread, new=True),
            *dial_in(root, unread),
            *swanctl(root, unread),
            *instances(root, unread, servers.second_factor),
            *wireguard(root, unread),
            *plugins(root),
        ),
        segments=segments,
        min_length=int(length) if demands and len(length) < 5 else None,
        # The tables sshlockout and webConfiguratorlockout are always there (filter.lib.inc), and
        # what fills them cannot be turned off.
        lockout=True,
        changed_at=written_at(root),
        secret_changes=_changes(root, history),
        config_backup=_backed_up(system),
        unread=unread.frozen(),
    )


def _filtering(root: Element, system: Element | None, unread: Unread) -> Filtering:
    space = Space(read_interfaces(root, unread), read_aliases(root, unread), read_groups(root))
    check(child(root, "filter"), (FILTER,), unread, Topic.FIREWALL, many=frozenset({"rule"}))
    rules = [
        *newer_rules(root, space, unread),
        *legacy_rules(child(root, "filter"), space, unread, new=True),
    ]
    # Since 26.1 with the settings of the interfaces; before, a flag of the system.
    moved = child(root, "OPNsense", "Interfaces", "settings", "ipv6allow")
    return Filtering(
        space=space,
        on=not flag(system, "disablefilter"),
        six=flag(system, "ipv6allow") if moved is None else text(moved) == "1",
        antilockout=_antilockout(system, root, space),
        rules=ordered(rules),
        forwards=read_forwards(root, space, unread, new=True),
    )


def _antilockout(system: Element | None, root: Element, space: Space) -> str:
    """The interface from which the pages and SSH are always open (filter.lib.inc)."""
    if flag(system, "webgui", "noantilockout"):
        return ""
    if text(root, "interfaces", "lan", "if"):
        return "lan"
    return "wan" if sum(each.enabled for each in space.interfaces.values()) == 1 else ""


def _monit(root: Element, filtering: Filtering) -> list[Service]:
    """Monit's own pages, which speak HTTP alone."""
    general = child(root, "OPNsense", "monit", "general")
    if not (on(general, "enabled") and on(general, "httpdEnabled")):
        return []
    port = number(text(general, "httpdPort")) or 2812
    return [Service("http", encrypted=False, reach=filtering.reach("tcp", port), port=port)]


@dataclass(frozen=True)
class Servers:
    """The authentication servers, and what they ask of people."""

    root: Element
    unread: Unread

    def second_factor(self, names: str) -> bool | None:
        """Whether all of the servers in the list ask a second factor."""
        types = {text(each, "name"): each for each in children(self.root, "system", "authserver")}
        answers: list[bool | None] = []
        for name in (word.strip() for word in (names or _LOCAL).split(",")):
            each = types.get(name)
            if each is not None:
                check(each, (AUTHSERVER,), self.unread, Topic.ACCOUNTS)
            kind = text(each, "type") if each is not None else "local" if name == _LOCAL else ""
            if kind not in _TYPES:
                self.unread.add(f"<authserver> {name} <type> {kind}", Topic.ACCOUNTS)
            answers.append(_TYPES.get(kind))
        return False if False in answers else None if None in answers else True

    def log_in(self) -> bool | None:
        """Whether one who logs in to the device itself needs one."""
        system = child(self.root, "system")
        pages = self.second_factor(text(system, "webgui", "authmode"))
        # "Disable integrated authentication": SSH asks the local password alone.
        apart = flag(system, "disableintegratedauth") and flag(system, "ssh", "enabled")
        return False if apart and flag(system, "ssh", "passwordauth") else pages


def _changes(root: Element, history: str) -> Mapping[str, datetime]:
    """When passwords changed: as the device noted it itself, else by its backups."""
    found = dict(changes(history, root))
    for each in children(root, "system", "user"):
        # Written at each change of a password, and only then (auth.inc, UserController.php).
        when = moment(text(each, "pwd_changed_at"))
        if when is not None and passwords([each]):
            found[f"account {text(each, 'name')}"] = when
    return found


def _backed_up(system: Element | None) -> bool:
    """Whether a provider of backups is on: Nextcloud, Git, SFTP, Google Drive."""
    holder = child(system, "backup")
    providers = [] if holder is None else [each for each in holder if on(each, "enabled")]
    return bool(providers) or on(system, "remotebackup", "GDriveEnabled")

"""A ZLD configuration to the neutral form.

Sources: Zyxel's "CLI Reference Guide" of the ZyWALL / USG (ZLD) series, and the online help of ZLD
4.70 (webhelp.zyxel.com). Where neither was found, it is said beside the code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from assessor.devices.answers import FILE
from assessor.devices.aruba.tree import Notes, Tree, known, refused, tree_of
from assessor.devices.device import Device, Firmware, Topic
from assessor.devices.zyxel.accounts import read_accounts
from assessor.devices.zyxel.firewall import read_firewall
from assessor.devices.zyxel.objects import read_network
from assessor.devices.zyxel.services import read_services
from assessor.devices.zyxel.telling import read_clock, read_logging, read_snmp
from assessor.devices.zyxel.vpn import read_vpns
from assessor.devices.zyxel.wifi import read_wifi
from assessor.model.answers import UnparsedError

_HINTS = tuple(
    (re.compile(pattern), topic)
    for pattern, topic in (
        (
            r"secure-policy|firewall|zone|virtual-server|\bnat|acl|forward|dnat|policy|object|ipv6|interface",
            Topic.FIREWALL,
        ),
        (r"^ip\b|ssh|telnet|http|ftp|manag|remote|tr-?069|cloud|nebula|hybrid", Topic.MANAGEMENT),
        (r"user|passw|admin|two-factor|lockout|radius-server-login", Topic.ACCOUNTS),
        (r"wlan|wireless|wifi|ssid|radio", Topic.WIFI),
        (r"snmp", Topic.SNMP),
        (r"isakmp|crypto|vpn|ipsec|l2tp|pptp|ike|wireguard|tunnel", Topic.VPN),
        (r"log", Topic.LOGGING),
        (r"ntp|clock|time-?server", Topic.TIME),
        (r"interface|vlan|bridge|zone", Topic.SEGMENTS),
    )
)
# What sounds like one of these, and says nothing of them.
_HARMLESS = known(
    "clock schedule-object interface-name"
    " port-grouping policy policy-route groupname account router"
    " wlan-radio-profile wlan-macfilter-profile wlan-monitor-profile zymesh-profile"
    " wlan-l2isolation-profile"
    " wlan-dcs load-balancing session-limit app-patrol content-filter idp anti-virus anti-spam"
    " ssl-inspection anti-malware report daily-report email-daily-report dialup dhcp-option"
    " web-auth force-auth device-register service-register language console ca validation"
    " hardware-watchdog-timer software-watchdog-timer radius-server aaa ldap-server ad-server"
)
# "ip" is the head of much that has to do with routes and names only.
_IP = known("dhcp pool route dns ddns gateway name-server load-balancing upnp route-settings ipnp")

_MODEL = re.compile(r"^![ \t]*model:[ \t]*(?P<model>\S.{0,60}?)[ \t]*$", re.MULTILINE)
_VERSION = re.compile(r"^![ \t]*firmware version:[ \t]*(?P<version>\S{1,40})[ \t]*$", re.MULTILINE)
_ZYNOS = re.compile(r"^; (?:Product Name|Firmware Version) =|^ {2,}normal \"", re.MULTILINE)
# A word that ZLD alone begins a configuration's lines with.
_OF_ZLD = re.compile(
    r"^(?:username \S+ .*user-type |secure-policy |firewall |ip http |wlan-ssid-profile "
    r"|address-object )",
    re.MULTILINE,
)
# show version: "firmware version: 4.33(AALA.0)", or a table in which one image is "Running".
_TOLD = re.compile(
    r"^[ \t]*(?P<key>model|firmware version|build date)[ \t]*:[ \t]*"
    r"(?P<value>\S[^\n]{0,120}?)[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_ROW = re.compile(
    r"^[ \t]*\d[ \t]+(?P<model>\S.{0,40}?)[ \t]{2,20}"
    r"(?P<version>\d[\d.]{0,12}\(\w{1,8}\.\d{1,3}\)\S{0,20})[ \t]+"
    r"(?P<date>\d{4}-\d\d-\d\d)[ \t\d:]{0,60}Running\b",
    re.MULTILINE,
)


def read(answers: Mapping[str, str]) -> Device:
    """The device that gave these answers; see ``DeviceSystem.read``."""
    configuration = answers.get("show running-config", answers.get(FILE, ""))
    told = _told_version(answers.get("show version", ""))
    if refused(configuration):
        if told is None:
            raise UnparsedError("neither the configuration nor the version was shown")
        return Device(firmware=told)
    if _ZYNOS.search(configuration):
        raise UnparsedError("a Zyxel switch (ZyNOS), whose configuration is not read yet")
    model, version = _MODEL.search(configuration), _VERSION.search(configuration)
    if version is None and not _OF_ZLD.search(configuration):
        raise UnparsedError("no configuration of Zyxel ZLD")
    written = Firmware(model["model"] if model else "", version["version"] if version else "")
    device = _configured(tree_of(configuration, "!"))
    firmware = told or (written if written.version else None)
    return replace(device, firmware=firmware)


def _configured(tree: Tree) -> Device:
    notes = Notes()
    for word in _HARMLESS:
        tree.take(word)
    for node in tree.take("ip"):
        # What is not about routes is left to those who read it below.
        node.read = node.word(1) in _IP
    names = [node.word(1) for node in tree.take("hostname")]
    network = read_network(tree, notes)
    firewall, rules = read_firewall(tree, network, notes)
    accounts, lockout = read_accounts(tree, notes)
    snmp = read_snmp(tree, notes)
    device = Device(
        name=names[-1] if names else "",
        accounts=accounts,
        services=read_services(tree, network, rules, firewall, snmp, notes),
        firewall=firewall,
        wifi=read_wifi(tree, notes),
        snmp=snmp,
        logging=read_logging(tree, notes),
        ntp=read_clock(tree, notes),
        vpns=read_vpns(tree, notes),
        segments=network.segments(rules),
        lockout=lockout,
    )
    notes.guess(tree.left(), _HINTS)
    return replace(device, unread=notes.unread())


def _told_version(text: str) -> Firmware | None:
    if row := _ROW.search(text):
        return Firmware(row["model"], row["version"], _day(row["date"]))
    told = {match["key"].lower(): match["value"] for match in _TOLD.finditer(text)}
    version = told.get("firmware version", "").removeprefix("V")
    if not re.match(r"\d+\.\d", version):
        return None
    return Firmware(told.get("model", ""), version, _day(told.get("build date", "")[:10]))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

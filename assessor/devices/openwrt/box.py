"""The answers of an OpenWrt, or its files, to the neutral form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from assessor.devices.device import Device, Firmware, Logging, Topic
from assessor.devices.openwrt.accounts import read_accounts
from assessor.devices.openwrt.firewall import firewall_of
from assessor.devices.openwrt.said import CHANGED, RELEASE, Said, of_answers
from assessor.devices.openwrt.segments import read_segments, with_isolation
from assessor.devices.openwrt.services import read_services, read_vpns
from assessor.devices.openwrt.snmp import read_snmp
from assessor.devices.openwrt.uci import Section
from assessor.devices.openwrt.wall import read_wall
from assessor.devices.openwrt.wifi import read_wifi

_LOGGERS = ("syslog-ng", "rsyslog", "syslogd", "socklog")
_EARLIEST = 1_262_304_000
"""1 January 2010: before that a clock was not set."""


def read(answers: Mapping[str, str]) -> Device:
    """The device that gave these answers; see ``DeviceSystem.read``."""
    said = of_answers(answers)
    wall = read_wall(said)
    segments = read_segments(said, wall)
    wifi = read_wifi(said)
    isolated = with_isolation(said, wifi, segments)
    accounts = read_accounts(said)
    system = next(iter(said.of("system", "system")), None)
    return Device(
        name=system.get("hostname") if system else "",
        firmware=_firmware(said),
        accounts=accounts.all,
        services=read_services(said, wall),
        firewall=firewall_of(wall),
        wifi=None
        if wifi is None
        else tuple(replace(each, isolated=isolated.get(each.label)) for each in wifi),
        snmp=read_snmp(said),
        logging=_logging(said, system),
        ntp=_ntp(said),
        dns=_dns(said),
        vpns=read_vpns(said, wall),
        segments=segments,
        lockout=accounts.lockout,
        changed_at=_changed_at(said),
        secret_changes=accounts.changes,
        unread={topic: tuple(lines) for topic, lines in said.unread.items()},
    )


def _firmware(said: Said) -> Firmware | None:
    pairs = re.findall(r"^(DISTRIB_\w+)=(.*)$", said.other.get(RELEASE, ""), re.MULTILINE)
    told = {name: value.strip().strip("'\"") for name, value in pairs}
    if "DISTRIB_ID" not in told:
        return None
    release = told.get("DISTRIB_RELEASE", "")
    own = told["DISTRIB_ID"] == "OpenWrt"
    return Firmware(
        model=told.get("DISTRIB_TARGET", ""),
        # What is built on OpenWrt has versions of its own, and another maker who mends it.
        version=release if own else f"{told['DISTRIB_ID']} {release}",
        automatic=False if own else None,
    )


def _logging(said: Said, system: Section | None) -> Logging | None:
    """Where the log goes: logd sends it as plain syslog (ubox, ``log.init`` and ``logread``)."""
    if said.has("system") is None:
        return None
    for name in _LOGGERS:
        if said.started(name):
            said.note([Topic.LOGGING], f"{name} is started; its settings are not read")
    if system is None:
        said.note([Topic.LOGGING], "system: no section of the system")
        return None
    address = system.get("log_ip")
    sent = said.flag(system, "log_remote", [Topic.LOGGING], otherwise=True)
    if not address or sent is False:
        return Logging()
    if system.get("log_proto", "udp") not in {"udp", "tcp"}:
        said.note([Topic.LOGGING], f"system.log_proto: {system.get('log_proto')}")
    return Logging(remote=(address,), encrypted=False)


def _ntp(said: Said) -> tuple[str, ...] | None:
    if said.has("system") is None:
        return None
    if said.started("chronyd", "ntpd", "ntpclient", "openntpd"):
        said.note([Topic.TIME], "another time service is started; its settings are not read")
        return None
    sections = said.of("system", "timeserver")
    on = [each for each in sections if said.on(each, "enabled", [Topic.TIME])]
    if said.started("sysntpd") is False or not on:
        return ()
    servers = tuple(word for each in on for word in each.words("server"))
    # Servers may come by DHCP as well; which, is not told.
    return servers or None


def _dns(said: Said) -> tuple[str, ...] | None:
    if said.has("network") is None:
        return None
    interfaces = said.of("network", "interface")
    return tuple(dict.fromkeys(word for each in interfaces for word in each.words("dns")))


def _changed_at(said: Said) -> datetime | None:
    """When a file of the configuration was last written, by the device's own clock."""
    words = said.other.get(CHANGED, "").split()
    moments = [int(word) for word in words if re.fullmatch(r"\d{9,11}", word)]
    if len(moments) != len(words) or not moments or max(moments) < _EARLIEST:
        return None
    return datetime.fromtimestamp(max(moments), UTC)

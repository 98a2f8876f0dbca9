"""A QTS' answers to the neutral form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from assessor.devices.device import Device, Firmware, Topic
from assessor.devices.dsm.unread import Unread
from assessor.devices.qts.accounts import read_accounts, read_snmp
from assessor.devices.qts.ini import truth
from assessor.devices.qts.parts import Parts, parts
from assessor.devices.qts.questions import Ask
from assessor.devices.qts.services import read_services, read_vpns
from assessor.devices.qts.volumes import note_backups, read_volumes
from assessor.model.answers import UnparsedError

_VERSION = re.compile(r"[hc]?\d{1,2}(?:\.\d{1,4}){1,3}")


def read(answers: Mapping[str, str]) -> Device:
    """The device that gave these answers.

    Raises:
        UnparsedError: they are not a QTS'.
    """
    told = parts(answers)
    unread = Unread()
    firmware = _firmware(told)
    if firmware is None and told.text(Ask.VOLUMES) is None:
        raise UnparsedError("not of a QNAP QTS")
    accounts, changes = read_accounts(told, unread)
    note_backups(told, unread)
    return Device(
        name=_name(told),
        firmware=firmware,
        accounts=accounts,
        services=read_services(told, unread),
        snmp=read_snmp(told, unread),
        ntp=_time_servers(told, unread),
        vpns=read_vpns(told, unread),
        volumes=read_volumes(told, unread),
        secret_changes=changes,
        unread=unread.lines(),
    )


def _name(told: Parts) -> str:
    if told.document is not None:
        return told.document.name
    return (told.section(Ask.SETTINGS, "system") or {}).get("server name", "")


def _firmware(told: Parts) -> Firmware | None:
    if (document := told.document) is not None:
        return _version(document.model, document.version, document.build)
    settings = told.section(Ask.SETTINGS, "system")
    # What came with the firmware tells the version best: settings may be older.
    system = {**(settings or {}), **(told.section(Ask.DEFAULTS, "system") or {})}
    if settings is None or not _VERSION.fullmatch(system.get("version", "")):
        return None
    version, number = system["version"], system.get("number", "")
    whole = f"{version}.{number}" if number.isdigit() and version.count(".") < 3 else version
    return _version(system.get("model", ""), whole, system.get("build number", ""))


def _version(model: str, version: str, build: str) -> Firmware:
    known = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", build)
    built = None
    if known:
        try:
            built = date(*(int(word) for word in known.groups()))
        except ValueError:
            known = None
    return Firmware(
        model=model, version=f"{version} build {build}" if known else version, built=built
    )


def _time_servers(told: Parts, unread: Unread) -> tuple[str, ...] | None:
    section = told.section(Ask.SETTINGS, "ntp")
    if section is None:
        return None
    used, server = truth(section.get("use ntp server")), section.get("ntp server ip", "")
    if used is False:
        return ()
    if used is None or not server:
        unread.note(Topic.TIME, f"NTP: {dict(section)}")
        return None
    return tuple(word for word in re.split(r"[,\s]+", server) if word)

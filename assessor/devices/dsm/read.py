"""A DSM's answers to the neutral form."""

from __future__ import annotations

from collections.abc import Mapping

from assessor.devices.device import Device, Topic
from assessor.devices.dsm.accounts import read_people, read_snmp
from assessor.devices.dsm.backups import read_backups
from assessor.devices.dsm.firmware import read_firmware
from assessor.devices.dsm.parts import Parts, parts
from assessor.devices.dsm.questions import Api, Ask
from assessor.devices.dsm.services import read_services, read_vpns
from assessor.devices.dsm.storage import read_volumes
from assessor.devices.dsm.unread import Unread
from assessor.model.answers import UnparsedError


def read(answers: Mapping[str, str]) -> Device:
    """The device that gave these answers.

    Raises:
        UnparsedError: they are not a DSM's.
    """
    told = parts(answers)
    unread = Unread()
    firmware = read_firmware(told)
    if firmware is None and not told.replies and told.text(Ask.SETTINGS) is None:
        raise UnparsedError("not of a Synology DSM")
    people = read_people(told, unread)
    services = read_services(told, unread)
    return Device(
        name=(told.text(Ask.NAME) or "").strip().split("\n", 1)[0],
        firmware=firmware,
        accounts=people.accounts,
        services=services,
        snmp=read_snmp(told, unread),
        ntp=_time_servers(told, unread),
        vpns=read_vpns(told, unread),
        volumes=read_volumes(told, unread),
        backups=read_backups(told, unread),
        min_length=people.min_length,
        lockout=people.lockout,
        secret_changes=people.changes,
        config_backup=_config_backup(told),
        unread=unread.lines(),
    )


def _time_servers(told: Parts, unread: Unread) -> tuple[str, ...] | None:
    data = told.data(Api.TIME)
    if data is None:
        return None
    mode, servers = data.get("enable_ntp"), data.get("server", "")
    if mode == "manual":
        return ()
    if mode != "ntp" or not isinstance(servers, str):
        unread.note(Topic.TIME, f"enable_ntp: {mode}, server: {servers}")
        return None
    return tuple(one.strip() for one in servers.split(",") if one.strip())


def _config_backup(told: Parts) -> bool | None:
    enabled = (told.data(Api.CONFIG_BACKUP) or {}).get("enable")
    return enabled if isinstance(enabled, bool) else None

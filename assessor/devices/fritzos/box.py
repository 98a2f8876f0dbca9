"""A FRITZ!Box's answers to the neutral form."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assessor.devices.device import Device, Firmware, Logging, Topic
from assessor.devices.fritzos.accounts import read_accounts
from assessor.devices.fritzos.reach import read_firewall, read_services
from assessor.devices.fritzos.said import Box, of_answers
from assessor.devices.fritzos.wifi import read_segments, read_wifi
from assessor.model.answers import UnparsedError

INFO = "DeviceInfo:1 GetInfo"
UPDATE = "UserInterface:1 GetInfo"
AUTOMATIC = "UserInterface:1 X_AVM-DE_GetInfo"
TIME = "Time:1 GetInfo"
_AUTOMATIC = {"all": True, "important": True, "check": False, "off": False}


def read(answers: Mapping[str, str]) -> Device:
    """The box that gave these answers; see ``DeviceSystem.read``."""
    box = of_answers(answers)
    info = box.fields(INFO)
    if info is not None and "NewSoftwareVersion" not in info:
        raise UnparsedError("the answers of another device")
    wifi = read_wifi(box)
    return Device(
        firmware=_firmware(box, info or {}),
        accounts=read_accounts(box),
        services=read_services(box),
        firewall=read_firewall(box),
        wifi=wifi,
        # FRITZ!OS keeps its log in memory and can mail it, but sends it to no log server
        # (help page "System > Event Log": the number of entries is limited).
        logging=Logging(),
        ntp=_ntp(box),
        segments=read_segments(wifi),
        unread={topic: tuple(lines) for topic, lines in box.unread.items()},
    )


def _firmware(box: Box, info: Mapping[str, str]) -> Firmware | None:
    if not info:
        return None
    version = info["NewSoftwareVersion"]
    # The hardware's number stands before what people know: 154.07.57 is FRITZ!OS 7.57.
    match = re.match(r"(?:\d{2,3}\.)?0?(\d{1,2})\.(\d{2})(?!\d)", version)
    offered = box.fields(UPDATE, Topic.FIRMWARE)
    newer = None
    if offered is not None:
        newer = box.flag(UPDATE, offered, "NewUpgradeAvailable", Topic.FIRMWARE)
    mode = (box.fields(AUTOMATIC) or {}).get("NewX_AVM-DE_AutoUpdateMode", "")
    return Firmware(
        model=info.get("NewModelName", ""),
        version=f"{match[1]}.{match[2]}" if match else version,
        newer=newer,
        automatic=_AUTOMATIC.get(mode),
    )


def _ntp(box: Box) -> tuple[str, ...] | None:
    fields = box.fields(TIME, Topic.TIME)
    if fields is None:
        return None
    first = box.text(TIME, fields, "NewNTPServer1", Topic.TIME)
    return tuple(each for each in (first, fields.get("NewNTPServer2", "")) if each)

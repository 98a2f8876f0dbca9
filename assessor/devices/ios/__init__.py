"""Cisco IOS and IOS XE: routers, switches, access points and wireless controllers."""

from __future__ import annotations

from assessor.devices.ios.reading import LOG, NTP, RUNNING, VERSION, WHOLE, read
from assessor.devices.system import DeviceSystem, Session
from assessor.model.target import DeviceOs

SYSTEM = DeviceSystem(
    os=DeviceOs.IOS,
    title="Cisco IOS and IOS XE",
    session=Session.CLI,
    # Netmiko sets the length and the width of this session's terminal ("terminal length 0",
    # "terminal width 511"), which no configuration keeps.
    driver="cisco_ios",
    questions=(RUNNING, VERSION, NTP, LOG),
    alternatives={RUNNING: (WHOLE,)},
    read=read,
)

"""Zyxel's firewalls and access points with ZLD (ZyWALL, USG, ATP, USG FLEX, VPN; NWA, WAX).

The export (``startup-config.conf``) and ``show running-config`` are one text. Zyxel's switches
(ZyNOS) and the USG FLEX H (uOS) write another, which is not read.
"""

from __future__ import annotations

from assessor.devices.system import DeviceSystem, Session
from assessor.devices.zyxel.reading import read
from assessor.model.target import DeviceOs

SYSTEM = DeviceSystem(
    os=DeviceOs.ZYXEL,
    title="Zyxel ZLD",
    session=Session.CLI,
    driver="plain",
    questions=("show running-config", "show version"),
    read=read,
)

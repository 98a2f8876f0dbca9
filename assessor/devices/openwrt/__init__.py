"""OpenWrt: the packages of UCI and a few files, each asked by one command over SSH.

An exported configuration is what ``uci export`` or ``uci show`` prints, or the files of
``/etc/config`` one after the other.
"""

from __future__ import annotations

from assessor.devices.openwrt.box import read
from assessor.devices.openwrt.said import QUESTIONS
from assessor.devices.system import DeviceSystem, Session
from assessor.model.target import DeviceOs

SYSTEM = DeviceSystem(
    os=DeviceOs.OPENWRT,
    title="OpenWrt",
    session=Session.EXEC,
    questions=QUESTIONS,
    read=read,
)

"""pfSense CE and Plus (Netgate), and the ``config.xml`` that OPNsense shares with it."""

from __future__ import annotations

from assessor.devices.pfsense.reading import QUESTIONS, read
from assessor.devices.system import DeviceSystem, Session
from assessor.model.target import DeviceOs

SYSTEM = DeviceSystem(
    os=DeviceOs.PFSENSE,
    title="pfSense",
    session=Session.EXEC,
    questions=QUESTIONS,
    read=read,
)

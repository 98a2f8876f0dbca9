"""OPNsense, whose ``config.xml`` grew from pfSense's."""

from __future__ import annotations

from assessor.devices.opnsense.reading import QUESTIONS, read
from assessor.devices.system import DeviceSystem, Session
from assessor.model.target import DeviceOs

SYSTEM = DeviceSystem(
    os=DeviceOs.OPNSENSE,
    title="OPNsense",
    session=Session.EXEC,
    questions=QUESTIONS,
    read=read,
)

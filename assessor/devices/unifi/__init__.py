"""UniFi's gateways and access points, and the controller that sets them up.

What a site is set up to be is known by its controller alone: its API's answers are exported into
one JSON file (``bundle.py``). Over SSH, a security gateway (USG) gives its configuration in the
terms of EdgeOS, an access point its settings, and a console (UDM and the like) only its version.
All of that only reads.
"""

from __future__ import annotations

from assessor.devices.system import DeviceSystem, Session
from assessor.devices.unifi.reader import QUESTIONS, read
from assessor.model.target import DeviceOs

SYSTEM = DeviceSystem(
    os=DeviceOs.UNIFI,
    title="Ubiquiti UniFi",
    session=Session.EXEC,
    questions=QUESTIONS,
    read=read,
)

"""Cisco's switches for small businesses: Sx200 to Sx550, CBS250 and CBS350."""

from __future__ import annotations

from assessor.devices.cisco_sb.reading import ADDRESSES, RUNNING, STATE, VERSION, read
from assessor.devices.system import DeviceSystem, Session
from assessor.model.target import DeviceOs

SYSTEM = DeviceSystem(
    os=DeviceOs.CISCO_SB,
    title="Cisco small-business switches (Sx300, Sx350, CBS)",
    session=Session.CLI,
    # Netmiko says "terminal datadump" and "terminal width 511", which hold for the session alone.
    driver="cisco_s300",
    questions=(RUNNING, VERSION, STATE, ADDRESSES),
    read=read,
)

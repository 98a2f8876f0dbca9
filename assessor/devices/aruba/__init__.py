"""HPE ProCurve and ArubaOS-Switch, and AOS-CX: switches that name two generations of one maker.

Neither is a firewall, so what they say of filters is not judged. Both show their configuration to
managers (administrators) only; an operator gets a refusal.
"""

from __future__ import annotations

from assessor.devices.aruba.reading import read
from assessor.devices.system import DeviceSystem, Session
from assessor.model.target import DeviceOs

SYSTEM = DeviceSystem(
    os=DeviceOs.ARUBA,
    title="HPE ProCurve, ArubaOS-Switch and AOS-CX",
    session=Session.CLI,
    # Netmiko's "hp_procurve" would type "enable" with an empty password for an operator.
    driver="plain",
    questions=("show running-config", "show version"),
    read=read,
)

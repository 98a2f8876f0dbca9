"""DrayTek Vigor routers with DrayOS.

A backup of the configuration is binary, so the command line is asked what it documents. Little of
a Vigor can be read so: neither its accounts, nor its VPNs, nor where its log goes, nor its wireless
security has a command whose answer the maker's guides show; of those nothing is said.
"""

from __future__ import annotations

from assessor.devices.drayos.reading import QUESTIONS, read
from assessor.devices.system import DeviceSystem, Session
from assessor.model.target import DeviceOs

SYSTEM = DeviceSystem(
    os=DeviceOs.DRAYOS,
    title="DrayTek DrayOS",
    session=Session.CLI,
    driver="plain",
    questions=QUESTIONS,
    read=read,
)

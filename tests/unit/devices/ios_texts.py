"""Texts and helpers of the tests of Cisco IOS."""

from __future__ import annotations

from assessor.devices.answers import FILE
from assessor.devices.device import Device, Firewall, Reach
from assessor.devices.ios import SYSTEM
from assessor.evidence.redact import Redactor, device_rules
from assessor.model.target import DeviceOs
from tests.devices.cases import Case, cases

REDACTOR = Redactor(b"the key of these tests, 32 bytes", device_rules(), classes=True)
HEAD = "version {version}\nhostname r1\nno ip http server\nno ip http secure-server\n"
TAIL = "line con 0\nline vty 0 4\n login local\n transport input ssh\nend\n"
WAN = """
interface Gi0/0
 ip address 203.0.113.2 255.255.255.248
 ip nat outside
 {more}
interface Gi0/1
 ip address 192.168.1.1 255.255.255.0
 ip nat inside
 {inside}
"""


def device(text: str, *, version: str = "15.9", tail: str = TAIL) -> Device:
    """A whole configuration with ``text`` in it."""
    whole = HEAD.format(version=version) + text.strip("\n") + "\n" + tail
    return SYSTEM.read({FILE: REDACTOR.redact(whole).text})


def wan(more: str = "", rest: str = "", inside: str = "") -> Device:
    """A router with an outer and an inner interface."""
    return device(WAN.format(more=more.replace("\n", "\n "), inside=inside) + rest)


def firewall(found: Device) -> Firewall:
    """Its firewall, which it has."""
    assert found.firewall is not None
    return found.firewall


def case(os: DeviceOs, name: str) -> Case:
    """A case by the name of its folder."""
    return next(one for one in cases(os) if one.folder.name == name)


def reach_of(found: Device, name: str) -> Reach:
    """From where a service that is on can be reached."""
    return next(one.reach for one in found.services or () if one.name == name and one.enabled)

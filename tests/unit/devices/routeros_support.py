"""RouterOS' configurations for tests: a small one, and what is read of it."""

from __future__ import annotations

from assessor.devices.answers import FILE
from assessor.devices.device import Device, Firewall, Service
from assessor.devices.routeros.reading import read
from tests.devices.cases import REDACTOR

HEAD = "# 2026-11-01 12:00:00 by RouterOS 7.24.5\n# model = RB5009UG+S+\n"
BASE = """
/interface bridge add name=bridge
/interface list add name=WAN
/interface list add name=LAN
/interface list member add interface=ether1 list=WAN
/interface list member add interface=bridge list=LAN
/ip address add address=192.168.88.1/24 interface=bridge
/ip dhcp-client add interface=ether1
/ip dhcp-server add interface=bridge name=d
"""
CLOSED = """
/ip firewall filter add action=accept chain=input connection-state=established,related,untracked
/ip firewall filter add action=drop chain=input in-interface-list=!LAN
/ip firewall filter add action=accept chain=forward connection-state=established,related,untracked
/ip firewall filter add action=drop chain=forward connection-nat-state=!dstnat in-interface-list=WAN
"""
INNER = """
/interface bridge add name=bridge
/ip address add address=10.0.0.1/24 interface=bridge
"""
RESOURCES = "  version: 7.24.5 (stable)\n  board-name: RB5009\n  architecture-name: arm64\n"


def device(*lines: str, base: str = BASE) -> Device:
    text = HEAD + base + "\n".join(lines) + "\n"
    return read({FILE: REDACTOR.redact(text).text})


def firewall(*lines: str, base: str = BASE) -> Firewall:
    found = device(*lines, base=base).firewall
    assert found is not None
    return found


def service(found: Device, name: str) -> Service:
    (one,) = [each for each in found.services or () if each.name == name]
    return one


def filters(*rules: str) -> str:
    return "".join(f"\n/ip firewall filter add {rule}" for rule in rules)

"""A router's own command line, for real: FRRouting behind a real sshd, asked through Netmiko."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assessor.collect.transports.base import Deadline
from assessor.collect.transports.device import SshDevices, ask_device
from assessor.devices.answers import parted
from assessor.devices.device import Device
from assessor.devices.system import DeviceSystem, Session
from assessor.model.target import DeviceOs, Platform
from tests.lab.frr import zebra
from tests.lab.sshd import SshLab
from tests.transports.ssh_support import FixedSecrets, target_of, transport

RULES = 400
CONFIGURATION = "hostname gate\nlog syslog warnings\n" + "".join(
    f"access-list lab seq {n + 1} permit 198.{18 + n // 250}.{n % 250}.0/24\n" for n in range(RULES)
)
QUESTIONS = ("show running-config", "show version", "show nonsense")


@pytest.mark.parametrize("driver", ["cisco_ios", "plain"])
def test_a_router_is_heard_to_the_end(
    ssh_lab: SshLab, monkeypatch: pytest.MonkeyPatch, driver: str
) -> None:
    router = DeviceSystem(
        DeviceOs.IOS, "FRRouting", Session.CLI, QUESTIONS, lambda answers: Device(), driver=driver
    )
    monkeypatch.setattr("assessor.devices.reading.system", lambda os: router)
    with zebra(CONFIGURATION), transport(FixedSecrets({})) as ssh:
        there = replace(
            target_of(ssh_lab.host("vtysh"), {}), platform=Platform.DEVICE, device=DeviceOs.IOS
        )
        text, broken = ask_device(SshDevices(ssh), there, Deadline.after(60))

    assert broken is None
    said = parted(text)
    assert list(said) == list(QUESTIONS)
    rules = [line for line in said["show running-config"].splitlines() if "access-list lab" in line]
    assert len(rules) == RULES
    assert len(set(rules)) == RULES
    assert said["show running-config"].strip().endswith("end")
    assert "FRRouting" in said["show version"]
    assert "% Unknown command" in said["show nonsense"]

"""Windows machines through the whole of mkb: each probe is answered with a sample of its check.

The machines answer over WinRM and over OpenSSH, Dutch ones among them; what the samples say is true
of them must stand in the report. Beside them is a Linux machine, in the same run.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from assessor import bundled
from assessor.catalogue.manifest import read_check
from assessor.catalogue.samples import read_samples
from assessor.model.capture import Captured
from assessor.model.target import Platform
from tests.end_to_end.assess import assess, report
from tests.end_to_end.inventory import ssh_entry, write_assessment
from tests.lab.pki import Pki
from tests.lab.powershell import Call, Said
from tests.lab.sshd import SshLab
from tests.lab.wsman import PASSWORD, USER, wsman

Asked = tuple[str, tuple[str, ...]]
DENIED = Said(denied=True, failed=True, error="HRESULT 0x80070005: Toegang geweigerd.")
GOOD = {
    "disk_encryption": "windows11_good",
    "host_firewall": "windows11_good",
    "malware_protection": "windows11_good",
    "security_updates": "windows11_nl_good",
    "screen_lock": "windows11_machine_limit",
    "external_interfaces": "windows11_good",
    "wireless_networks": "windows11_good",
    "windows_network_protocols": "windows11_nl_as_installed",
    "windows_remote_access": "windows11_good",
}


@cache
def answers(check: str, sample: str) -> Mapping[Asked, str]:
    """What a sample answers, by the script and its arguments."""
    info = read_check(bundled.folder("checks") / check, "bundled")
    (found,) = [each for each in read_samples(info) if each.name == sample]
    probes = {probe.name: probe for probe in info.probes[Platform.WINDOWS]}
    return {
        (probes[name].text, probes[name].arguments): capture.stdout
        for name, capture in found.captures.by_probe.items()
        if isinstance(capture, Captured)
    }


def machine(chosen: Mapping[str, str]) -> Mapping[Asked, str]:
    """All that a machine answers whose checks are those samples; the first word counts."""
    known: dict[Asked, str] = {}
    for check, sample in chosen.items():
        for asked, said in answers(check, sample).items():
            known.setdefault(asked, said)
    return known


def outcomes(folder: Path, target: str) -> dict[str, str]:
    """The outcome of each measure on ``target``."""
    return {
        f"{each['check']}/{each['measure']}": each["outcome"]
        for each in report(folder, "nl")["findings"]
        if each["target"] == target
    }


@pytest.fixture(name="pki", scope="module")
def _pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"))


def test_the_whole_profile_on_windows_beside_linux(
    tmp_path: Path, ssh_lab: SshLab, pki: Pki
) -> None:
    good = machine(GOOD)
    asked: list[Call] = []

    def says(call: Call) -> Said:
        asked.append(call)
        text = good.get((call.text, call.arguments))
        return DENIED if text is None else Said(text)

    client = tmp_path / "client"
    with wsman(tmp_path, says, issued=pki.issue("localhost")) as windows:
        entry = {
            "name": "pc-01",
            "role": "workstation",
            "transport": "winrm",
            "address": "localhost",
            "port": windows.port,
            "user": USER,
            "secrets": {"password": {"env": "WINDOWS_PASSWORD"}},
            "winrm": {"ca_file": str(pki.root_file)},
        }
        linux = ssh_entry("linux", ssh_lab.host("dash"))
        write_assessment(client, [entry, linux], profile="mkb", language="nl")
        done = assess(client, "run", WINDOWS_PASSWORD=PASSWORD)
        operations = list(windows.operations)

    assert done.returncode in {0, 1, 3}, done.stderr
    found = outcomes(client, "pc-01")
    for check in GOOD:
        verdicts = {name: each for name, each in found.items() if name.startswith(f"{check}/")}
        assert verdicts
        assert set(verdicts.values()) == {"pass"}, verdicts
    # What the machine refused is unknown, and says so; nothing of it is green.
    refused = {name: each for name, each in found.items() if name.split("/")[0] not in GOOD}
    assert set(refused.values()) == {"unknown"}, refused
    assert "linux" in {each["target"] for each in report(client, "nl")["findings"]}
    assert len(asked) > 60, "each probe was asked once"
    assert len({(call.text, call.arguments) for call in asked}) == len(asked)
    # One shell, one process: the script of all checks is sent in pieces, and asked for once.
    assert operations.count("Create") == 1
    assert operations.count("Command") == 1

    for path in client.rglob("*"):
        if path.is_file():
            assert PASSWORD.encode() not in path.read_bytes(), path

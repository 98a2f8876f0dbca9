"""Devices in a run: over their own command line, over a shell, and from an exported file.

The router of the lab acts like a VyOS and says what ``tests/devices/vyatta`` has; the NAS runs
single commands; the firewall's configuration was exported. Over some "months" the password of an
administrator is first known, then too old, then changed.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assessor.devices.reading import system
from assessor.model.target import DeviceOs
from tests.devices.cases import HERE, cases
from tests.end_to_end.assess import assess, last_run, report
from tests.end_to_end.inventory import write_assessment
from tests.lab.device_cli import PASSWORD, USER, DeviceLab, Manners, device

PROFILE = """
id: devices
title: {nl: Apparaten, en: Devices}
checks:
  device_firewall: {}
  device_remote_access: {}
  device_accounts: {}
  device_passwords: {interval_days: 90}
  device_wifi: {}
  device_firmware: {}
  device_logging: {}
  device_segmentation: {}
  nas_storage: {}
measures: [firewall, remote-access, access-control, password-rotation, wifi-security]
"""


def answers(os: DeviceOs, case: str) -> dict[str, str]:
    """What a device of a case says to each question."""
    said = sorted((HERE / os.value / case / "answers").glob("*.txt"))
    texts = [path.read_text(encoding="utf-8") for path in said]
    return dict(zip(system(os).questions, texts, strict=True))


def entry(folder: Path, name: str, os: DeviceOs, role: str, lab: DeviceLab) -> dict[str, Any]:
    """The inventory's entry for a device of the lab."""
    known = folder / f"{name}.known_hosts"
    known.write_text(f"[127.0.0.1]:{lab.port} {lab.key}\n")
    return {
        "name": name,
        "role": role,
        "platform": os.value,
        "address": "127.0.0.1",
        "port": lab.port,
        "user": USER,
        "known_hosts": [str(known)],
        "secrets": {"password": {"env": "DEVICE_PASSWORD"}},
    }


def exported(name: str, os: DeviceOs, case: str) -> dict[str, Any]:
    """The inventory's entry for an exported configuration."""
    (path,) = (HERE / os.value / case).glob("configuration.*")
    return {"name": name, "role": "router", "platform": os.value, "file": str(path)}


def client(folder: Path, targets: list[dict[str, Any]]) -> Path:
    """An assessment of devices only."""
    (folder / "profiles").mkdir(parents=True, exist_ok=True)
    (folder / "profiles" / "devices.yaml").write_text(PROFILE)
    write_assessment(folder, targets, profile="devices", language="nl")
    return folder


def verdicts(folder: Path) -> dict[str, dict[str, list[str]]]:
    """The outcome and message of each measure, by target and check."""
    found: dict[str, dict[str, list[str]]] = {}
    for each in report(folder, "nl")["findings"]:
        key = f"{each['check']}/{each['measure']}"
        found.setdefault(each["target"], {})[key] = [each["outcome"], each["message"]["id"]]
    return found


def expected(os: DeviceOs, case: str) -> dict[str, list[str]]:
    """What the case says must be judged."""
    (found,) = [each for each in cases(os) if each.folder.name == case]
    return {
        f"{check}/{measure}": verdict
        for check, measures in found.expected["verdicts"].items()
        for measure, verdict in measures.items()
    }


def test_devices_of_three_kinds_in_one_run(tmp_path: Path) -> None:
    router = Manners(
        prompt="assess@gate:~$ ", page=40, answers=answers(DeviceOs.VYATTA, "vyos15-good")
    )
    nas = Manners(exec=True, answers=answers(DeviceOs.DSM, "good"))
    with device(router) as one, device(nas) as two:
        folder = client(
            tmp_path,
            [
                entry(tmp_path, "gate", DeviceOs.VYATTA, "router", one),
                entry(tmp_path, "nas", DeviceOs.DSM, "nas", two),
                exported("firewall", DeviceOs.FORTIOS, "bad"),
                exported("lost", DeviceOs.FORTIOS, "good") | {"file": "nowhere.conf"},
            ],
        )
        planned = assess(folder, "plan")
        ping = assess(folder, "ping", DEVICE_PASSWORD=PASSWORD)
        done = assess(folder, "run", "-q", DEVICE_PASSWORD=PASSWORD)
        typed = one.typed

    assert done.returncode in {1, 3}, done.stderr
    assert "show version" in planned.stdout
    assert "read the file" in planned.stdout
    assert "lost: NOT REACHED" in ping.stdout
    questions = list(system(DeviceOs.VYATTA).questions)
    assert typed == questions * 2, "nothing but the questions, by ping and by the run"

    found = verdicts(folder)
    # Ages are judged by today's date here, and by the day of the case there.
    dated = re.compile(r"device_firmware/|device_passwords/|nas_storage/")
    for name, os, case in (
        ("gate", DeviceOs.VYATTA, "vyos15-good"),
        ("nas", DeviceOs.DSM, "good"),
        ("firewall", DeviceOs.FORTIOS, "bad"),
    ):
        want = {key: each for key, each in expected(os, case).items() if not dated.match(key)}
        assert {key: found[name][key] for key in want} == want
    assert {each[0] for each in found["lost"].values()} == {"unknown"}
    _no_secret_is_left(folder, ("vyos15-good", "bad", "good"))


def _no_secret_is_left(folder: Path, names: tuple[str, ...]) -> None:
    kept = [path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()]
    used = [
        case
        for os in (DeviceOs.VYATTA, DeviceOs.DSM, DeviceOs.FORTIOS)
        for case in cases(os)
        if case.folder.name in names
    ]
    secrets = {str(secret) for case in used for secret in case.expected["secrets"]} | {PASSWORD}
    assert len(secrets) > 10
    for secret in secrets:
        assert not any(secret in text for text in kept), secret


def test_rotation_is_shown_over_the_months_without_the_secret(tmp_path: Path) -> None:
    configuration = tmp_path / "wifi.boot"
    source = HERE / "vyatta" / "edgeos-good" / "configuration.boot"
    text = source.read_text(encoding="utf-8")
    configuration.write_text(text)
    target = exported("gate", DeviceOs.VYATTA, "edgeos-good") | {"file": str(configuration)}
    folder = client(tmp_path / "client", [target])

    def month() -> list[str]:
        assert assess(folder, "run", "-q").returncode in {0, 1, 3}
        return verdicts(folder)["gate"]["device_passwords/password-rotation"]

    assert month() == ["unknown", "not_yet"]
    assert month() == ["unknown", "not_yet"]

    remembered = last_run(folder) / "remembered.json"
    _age(remembered, timedelta(days=100))
    assert month() == ["fail", "overdue"]

    changed = re.sub(r"(encrypted-password )\S+", r"\1$6$abcdefgh$" + "x" * 86, text)
    assert changed != text
    configuration.write_text(changed)
    assert month() == ["pass", "changed_in_time"]
    told = assess(folder, "verify", remembered.parent.name)
    assert "remembered.json: differs" in told.stdout, "the test aged what that run remembered"


def _age(path: Path, by: timedelta) -> None:
    """Makes what a run remembers older, as if it had been made so long ago."""

    def older(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: older(each) for key, each in value.items()}
        if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
            return (datetime.fromisoformat(value) - by).isoformat()
        return value

    path.write_text(json.dumps(older(json.loads(path.read_text()))))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"platform": "routeros", "transport": "winrm"}, "routeros is not read over winrm"),
        ({"platform": "linux", "file": "x"}, "write platform:"),
        ({"platform": "fritzos", "transport": "ssh"}, "tr-064"),
        ({"platform": "fortios", "transport": "file"}, "the file belong together"),
        ({"platform": "synology"}, "synology"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(
    tmp_path: Path, entry: dict[str, Any], said: str
) -> None:
    folder = client(tmp_path, [{"name": "x", "role": "router", **entry}])
    done = assess(folder, "plan")
    assert done.returncode == 2
    assert said in done.stderr
    assert "assessment.yaml:" in done.stderr

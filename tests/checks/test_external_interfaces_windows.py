"""Windows in the check on external interfaces: policies and judgement, case by case."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping

import pytest

from assessor import bundled
from assessor.api import (
    Captured,
    Captures,
    Judgement,
    NotCaptured,
    Outcome,
    Parameters,
    Reason,
    UnparsedError,
)
from assessor.catalogue.manifest import read_check
from assessor.catalogue.samples import Sample, read_samples
from assessor.model.target import Platform
from checks.external_interfaces.check import CHECK
from checks.external_interfaces.windows_policies import (
    Access,
    read_device_control,
    read_earlier,
    read_people,
    read_policies,
)

INFO = read_check(bundled.folder("checks") / "external_interfaces", "bundled")
ASKED = {probe.name: probe.arguments for probe in INFO.probes[Platform.WINDOWS]}
SAMPLES = {sample.name: sample for sample in read_samples(INFO)}
STORAGE = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\RemovableStorageDevices"
INSTALL = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\DeviceInstall\\Restrictions"
DISKS = STORAGE + "\\{53f5630d-b6bf-11d0-94f2-00a0c91efb8b}"
WPD_1 = STORAGE + "\\{6AC27878-A6FA-4155-BA85-F98F491D4F33}"
WPD_2 = STORAGE + "\\{F33FDC04-D1AC-4E8E-9A30-19BBD4B108AE}"
USERS = "HKU\\{}\\SOFTWARE\\Policies\\Microsoft\\Windows\\RemovableStorageDevices"

Keys = Mapping[str, Mapping[str, int | str]]


def _matches(path: str, pattern: str) -> bool:
    parts, wanted = path.split("\\"), pattern.split("\\")
    return len(parts) == len(wanted) and all(
        one in ("*", part) for part, one in zip(parts, wanted, strict=True)
    )


def _answer(probe: str, keys: Keys) -> str:
    """What registry.ps1 would answer on a Windows with these keys."""
    answers = []
    for asked in ASKED[probe]:
        path, *names = asked.split("|")
        found = []
        for key, values in keys.items():
            if not _matches(key, path):
                continue
            rows = [
                {
                    "name": name,
                    "kind": {int: 4, str: 1}[type(values[name])] if name in values else 0,
                    "data": values.get(name),
                }
                for name in (values if names == ["*"] else names)
            ]
            found.append({"key": key, "values": rows})
        answers.append({"asked": asked, "keys": found})
    return json.dumps({"registry": answers, "end": True})


def _judge(sample: Sample, changed: Mapping[str, str | None]) -> Judgement:
    """The judgement where probes answer otherwise; ``None`` stands for no answer."""
    by_probe = dict(sample.captures.by_probe)
    for name, text in changed.items():
        capture = by_probe[name]
        assert isinstance(capture, Captured)
        by_probe[name] = (
            NotCaptured(name, Reason.NO_PRIVILEGE, "", sample.captures.at)
            if text is None
            else dataclasses.replace(capture, stdout=text)
        )
    captures = Captures(sample.captures.target, sample.captures.at, by_probe)
    (judgement,) = CHECK.evaluate(CHECK.observe(captures), Parameters({}))
    return judgement


@pytest.mark.parametrize(
    ("keys", "disks", "phones"),
    [
        ({}, Access.ALL, Access.ALL),
        ({STORAGE: {"Deny_All": 1}}, Access.NONE, Access.NONE),
        ({STORAGE: {"Deny_All": 0}}, Access.ALL, Access.ALL),
        ({STORAGE: {}, DISKS: {"Deny_Write": 1}}, Access.READ, Access.ALL),
        ({STORAGE: {}, DISKS: {"Deny_Write": 1, "Deny_Read": 1}}, Access.NONE, Access.ALL),
        # Whoever may write but not read can still carry data out.
        ({STORAGE: {}, DISKS: {"Deny_Read": 1}}, Access.ALL, Access.ALL),
        ({STORAGE: {}, DISKS: {"Deny_Write": 0, "Deny_Read": 1}}, Access.ALL, Access.ALL),
        ({STORAGE: {}, WPD_1: {"Deny_Write": 1}}, Access.ALL, Access.ALL),
        (
            {STORAGE: {}, WPD_1: {"Deny_Write": 1}, WPD_2: {"Deny_Write": 1}},
            Access.ALL,
            Access.READ,
        ),
        (
            {STORAGE: {}, DISKS.replace("d-b6bf", "D-B6BF"): {"Deny_Write": 1}},
            Access.READ,
            Access.ALL,
        ),
    ],
)
def test_what_policies_leave(keys: Keys, disks: Access, phones: Access) -> None:
    policies = read_policies(_answer("policies", keys))
    assert (policies.access, policies.phones) == (disks, phones)


@pytest.mark.parametrize("value", [2, 4294967295, "1"])
def test_a_value_that_a_policy_does_not_have(value: int | str) -> None:
    with pytest.raises(UnparsedError):
        read_policies(_answer("policies", {STORAGE: {"Deny_All": value}}))


@pytest.mark.parametrize(
    ("usb", "fast", "message"),
    [
        (4, 4, "driver_blocked"),
        (4, 3, "fast_disks_open"),
        (4, None, "fast_disks_open"),
        (3, 4, "windows_open"),
        (None, 4, "windows_open"),
        (None, None, "windows_open"),
        (0, 4, "windows_open"),
    ],
)
def test_both_drivers_must_be_off(usb: int | None, fast: int | None, message: str) -> None:
    services = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\"
    keys = {
        services + name: {"Start": start}
        for name, start in (("USBSTOR", usb), ("UASPStor", fast))
        if start is not None
    }
    text = _answer("policies", keys)
    assert _judge(SAMPLES["windows11_nl_open"], {"policies": text}).message.id == message


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({INSTALL: {"DenyUnspecified": 1}}, "new_devices_refused"),
        ({INSTALL: {"DenyUnspecified": 1, "AllowDenyLayered": 1}}, "windows_open"),
        ({INSTALL: {"DenyRemovableDevices": 1, "AllowDenyLayered": 1}}, "new_devices_refused"),
        # The list is there, and the policy that puts it in force is not.
        ({INSTALL: {}, INSTALL + "\\DenyDeviceIDs": {"1": "USB\\Class_08"}}, "windows_open"),
        (
            {INSTALL: {"DenyDeviceIDs": 1}, INSTALL + "\\DenyDeviceIDs": {"1": "usb\\class_08"}},
            "new_devices_refused",
        ),
        (
            {INSTALL: {"DenyDeviceIDs": 1}, INSTALL + "\\DenyDeviceIDs": {"1": "USB\\Class_03"}},
            "windows_open",
        ),
        (
            {
                INSTALL: {"DenyRemovableDevices": 1, "AllowDeviceIDs": 1},
                INSTALL + "\\AllowDeviceIDs": {"1": "USB\\Class_08"},
            },
            "new_devices_refused",  # a refusal precedes, unless in layers
        ),
        (
            {
                INSTALL: {"DenyRemovableDevices": 1, "AllowDeviceIDs": 1, "AllowDenyLayered": 1},
                INSTALL + "\\AllowDeviceIDs": {"1": "USB\\Class_08"},
            },
            "allowed_too_wide",
        ),
        (
            {
                INSTALL: {"DenyUnspecified": 1, "AllowDeviceIDs": 1},
                INSTALL + "\\AllowDeviceIDs": {"1": "GenDisk"},
            },
            "allowed_too_wide",
        ),
    ],
)
def test_restrictions_on_installing(keys: Keys, message: str) -> None:
    sample = SAMPLES["windows11_listed_only"]
    assert _judge(sample, {"policies": _answer("policies", keys)}).message.id == message


def test_earlier_devices_unseen_or_retroactive() -> None:
    denied = INSTALL + "\\DenyDeviceIDs"
    keys: Keys = {INSTALL: {"DenyDeviceIDs": 1}, denied: {"1": "USB\\Class_08"}}
    text = _answer("policies", keys)
    sample = SAMPLES["windows11_removable_denied_earlier"]
    assert _judge(sample, {"policies": text}).message.id == "earlier_devices"
    assert _judge(sample, {"policies": text, "earlier": None}).message.id == "not_observed"
    again: Keys = {
        INSTALL: {"DenyDeviceIDs": 1, "DenyDeviceIDsRetroactive": 1},
        denied: {"1": "USB\\Class_08"},
    }
    text = _answer("policies", again)
    assert _judge(sample, {"policies": text, "earlier": None}).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("devices", "default", "state", "message"),
    [
        ("", 2, "DefaultDeny", "device_control"),
        ("RemovableMediaDevices", 2, "DefaultDeny", "device_control"),
        ("PrinterDevices", 2, "DefaultDeny", "device_control_unseen"),
        ("", 1, "DefaultAllow", "device_control_unseen"),
        ("", 2, "DefaultAllow", "device_control_unseen"),  # not in force yet
        ("", 2, None, "device_control_unseen"),
    ],
)
def test_device_control(devices: str, default: int, state: str | None, message: str) -> None:
    defender = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Defender\\"
    control: dict[str, int | str] = {"DefaultEnforcement": default}
    if devices:
        control["SecuredDevicesConfiguration"] = devices
    keys: Keys = {
        defender + "Features": {"DeviceControlEnabled": 1},
        defender + "Device Control": control,
    }
    row = {"DeviceControlState": "Enabled", "DeviceControlDefaultEnforcement": state}
    answer = {"class": "MSFT_MpComputerStatus", "there": True, "rows": [row], "end": True}
    changed = {"policies": _answer("policies", keys), "defender": json.dumps(answer)}
    assert _judge(SAMPLES["windows11_nl_open"], changed).message.id == message


@pytest.mark.parametrize(
    ("row", "default"),
    [
        ({}, ""),  # Defender of before device control
        ({"DeviceControlState": None, "DeviceControlDefaultEnforcement": None}, ""),
        ({"DeviceControlState": "Disabled", "DeviceControlDefaultEnforcement": "Unknown"}, ""),
        ({"DeviceControlState": "Enabled", "DeviceControlDefaultEnforcement": ""}, "Unknown"),
        ({"DeviceControlState": "Other", "DeviceControlDefaultEnforcement": None}, "Unknown"),
    ],
)
def test_states_of_device_control(row: Mapping[str, str | None], default: str) -> None:
    answer = {"class": "MSFT_MpComputerStatus", "there": True, "rows": [row], "end": True}
    assert read_device_control(json.dumps(answer)) == default


def test_people_are_those_of_the_machine_its_domain_and_entra() -> None:
    local, entra = "S-1-5-21-1-2-3-1001", "S-1-12-1-1-2-3-4"
    keys: Keys = {
        **{
            f"HKU\\{sid}\\Environment": {"TEMP": "x"}
            for sid in (".DEFAULT", "S-1-5-18", "S-1-5-19", local, entra)
        },
        USERS.format(entra): {"Deny_All": 0},
        USERS.format(entra) + DISKS.removeprefix(STORAGE): {"Deny_Write": 1},
        USERS.format("S-1-5-18"): {"Deny_All": 1},
    }
    people = read_people(_answer("users", keys))
    assert people.names == (local, entra)
    assert people.restricted == (entra,)


def test_nobody_signed_in_leaves_the_computer_open() -> None:
    text = _answer("users", {"HKU\\S-1-5-18\\Environment": {"TEMP": "x"}})
    assert _judge(SAMPLES["windows11_nl_open"], {"users": text}).message.id == "windows_open"


def test_earlier_devices_by_name_or_by_what_they_are() -> None:
    enum = "HKLM\\SYSTEM\\CurrentControlSet\\Enum\\USBSTOR\\"
    keys: Keys = {
        enum.rstrip("\\"): {},
        enum + "Disk&Ven_A\\1": {"FriendlyName": "A USB Device"},
        enum + "Disk&Ven_A\\2": {"FriendlyName": "A USB Device"},
        enum + "Disk&Ven_B\\3": {},
    }
    assert read_earlier(_answer("earlier", keys)) == ("A USB Device", "Disk&Ven_B")
    assert read_earlier(_answer("earlier", {})) == ()


def test_earlier_devices_that_contradict_themselves() -> None:
    enum = "HKLM\\SYSTEM\\CurrentControlSet\\Enum\\USBSTOR"
    for key in (enum, enum + "\\Disk&Ven_A\\1"):
        with pytest.raises(UnparsedError):
            read_earlier(_answer("earlier", {key: {}}))


@pytest.mark.parametrize("probe", ["defender", "products", "users"])
def test_no_fail_where_something_else_may_refuse(probe: str) -> None:
    sample = SAMPLES["windows11_nl_open"]
    assert _judge(sample, {}).outcome is Outcome.FAIL
    assert _judge(sample, {probe: None}).message.id == "not_observed"
    assert _judge(sample, {probe: "{}"}).message.id == "unparsed"


def test_a_pass_rests_on_the_policies_alone() -> None:
    sample = SAMPLES["windows11_good"]
    rest = dict.fromkeys(("users", "earlier", "usb", "defender", "products"))
    assert _judge(sample, rest).outcome is Outcome.PASS
    assert _judge(sample, {"policies": None}).message.id == "not_observed"

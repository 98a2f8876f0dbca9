"""Windows in the check on emergency power: readers and judgement, case by case."""

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
from checks.power_supply.check import CHECK
from checks.power_supply.windows import (
    Settings,
    read_batteries,
    read_devices,
    read_indexes,
    read_kinds,
    read_plan,
    shuts_down,
)

INFO = read_check(bundled.folder("checks") / "power_supply", "bundled")
SAMPLES = {sample.name: sample for sample in read_samples(INFO)}
PLAN = "{381b4222-f694-41f0-9685-ff5bb260df2e}"
OTHER = "{a1841308-3541-4fab-bc81-f71556f20b4a}"
ACTION = "{637ea02f-bbcb-4015-8e2c-a1c7b9c0b546}"
LEVEL = "{9a66d8d7-4ff7-4ef9-b5a2-5a326ca2a469}"


def _text(rows: object, *, there: bool = True) -> str:
    return json.dumps({"class": "X", "there": there, "rows": rows, "end": True})


def _battery(**values: object) -> str:
    row = {
        "DeviceID": "1 ",
        "Name": "A UPS ",
        "Status": "OK",
        "BatteryStatus": 2,
        "EstimatedChargeRemaining": 100,
        "EstimatedRunTime": 20,
    }
    return _text([{**row, **values}])


def _index(plan: str, setting: str, value: object, power: str = "DC") -> dict[str, object]:
    name = f"Microsoft:PowerSettingDataIndex\\{plan}\\{power}\\{setting}"
    return {"InstanceID": name, "SettingIndexValue": value}


@pytest.mark.parametrize(
    ("settings", "action", "level", "ends"),
    [
        (Settings(None, None, True), 2, 5, True),
        (Settings(None, None, False), 2, 5, False),
        (Settings(None, None, None), 2, 5, None),
        (Settings(None, None, False), 3, 5, True),
        (Settings(None, None, True), 0, 5, False),
        (Settings(None, None, True), 1, 5, False),
        (Settings(None, None, True), 4, 5, None),  # not documented
        (Settings(None, None, True), 3, 0, False),  # "empty" is never reached
        (Settings(None, None, True), 3, 100, True),
        (Settings(None, None, True), 3, 101, None),
        (Settings(3, None, True), 0, 5, True),  # a policy precedes
        (Settings(0, None, True), 3, 5, False),
        (Settings(None, 0, True), 3, 5, False),
    ],
)
def test_what_windows_does_at_the_end(
    settings: Settings, action: int, level: int, ends: bool | None
) -> None:
    rows = [
        _index(PLAN, ACTION, action),
        _index(PLAN, LEVEL, level),
        _index(PLAN, ACTION, 0, "AC"),
        _index(OTHER, ACTION, 0),
    ]
    assert shuts_down(settings, PLAN, read_indexes(_text(rows))) is ends


@pytest.mark.parametrize(
    ("rows", "ends"),
    [
        ([], None),
        ([_index(PLAN, ACTION, 3)], None),
        ([_index(PLAN, LEVEL, 5)], None),
        ([_index(OTHER, ACTION, 3), _index(OTHER, LEVEL, 5)], None),
        ([_index(PLAN, ACTION, 3, "AC"), _index(PLAN, LEVEL, 5, "AC")], None),
        ([_index(PLAN.upper(), ACTION, 3), _index(PLAN, LEVEL.upper(), 5)], True),
    ],
)
def test_settings_that_are_not_there(rows: object, ends: bool | None) -> None:
    assert shuts_down(Settings(None, None, True), PLAN, read_indexes(_text(rows))) is ends


def test_one_plan_is_in_use() -> None:
    row = {"InstanceID": "Microsoft:PowerPlan\\" + PLAN.upper()}
    assert read_plan(_text([row])) == PLAN
    for rows in ([], [row, row]):
        with pytest.raises(UnparsedError):
            read_plan(_text(rows))


@pytest.mark.parametrize(
    ("number", "state", "words"),
    [
        (1, "OK", ("OB", "DISCHRG")),
        (2, "OK", ("OL",)),
        (3, "OK", ("OL",)),
        (4, "OK", ("LB",)),
        (5, "OK", ("LB",)),
        (6, "Service", ("OL", "CHRG")),
        (9, "Service", ("OL", "CHRG", "LB")),
        (2, "Service", ("OL", "Service")),  # not while it charges
        (2, "Unknown", ("OL", "Unknown")),
        (2, None, ("OL", "no-status")),
        (11, "OK", ("PARTIALLY-CHARGED",)),
    ],
)
def test_status_of_a_battery(number: int, state: str | None, words: tuple[str, ...]) -> None:
    (found,) = read_batteries(_battery(BatteryStatus=number, Status=state))
    assert (found.status, found.id, found.name) == (words, "1", "A UPS")


@pytest.mark.parametrize("number", [0, 12, None, "2"])
def test_status_that_is_not_documented(number: object) -> None:
    with pytest.raises(UnparsedError):
        read_batteries(_battery(BatteryStatus=number))


@pytest.mark.parametrize(
    ("minutes", "known"),
    [(0, 0), (71582787, 71582787), (71582788, None), (71582789, None), (None, None)],
)
def test_minutes_that_are_none(minutes: int | None, known: int | None) -> None:
    (found,) = read_batteries(_battery(EstimatedRunTime=minutes))
    assert found.minutes == known


@pytest.mark.parametrize(
    ("instance", "capabilities", "ups"),
    [
        ("HID\\VID_051D&PID_0002\\1_0", 0xA0000000, True),
        ("HID\\VID_051D&PID_0002\\1_0", None, True),
        ("ACPI\\PNP0C0A\\1_0", 0x80000000, False),
        ("ACPI\\PNP0C0A\\1_0", None, False),
        ("ROOT\\BATTERY\\0000_0", 0x20000000, True),  # driven otherwise, and for fail-safe use
    ],
)
def test_which_battery_is_a_ups(instance: str, capabilities: int | None, ups: bool) -> None:
    row: dict[str, object] = {"UniqueID": "1", "InstanceName": instance}
    if capabilities is not None:
        row["Capabilities"] = capabilities
    assert read_kinds(_text([row])) == {"1": ups}


def test_devices_that_work_are_not_named() -> None:
    rows = [{"DeviceID": str(code), "ConfigManagerErrorCode": code} for code in (0, 10, 22)]
    assert read_devices(_text(rows)) == ("10", "22")


def _judge(sample: Sample, changed: Mapping[str, str | None]) -> Judgement:
    """The judgement where probes answer otherwise; ``None`` stands for no answer."""
    by_probe = dict(sample.captures.by_probe)
    for name, text in changed.items():
        missing = NotCaptured(name, Reason.NO_PRIVILEGE, "", sample.captures.at)
        by_probe[name] = missing
        if text is not None:
            capture = sample.captures.by_probe[name]
            assert isinstance(capture, Captured)
            by_probe[name] = dataclasses.replace(capture, stdout=text)
    captures = Captures(sample.captures.target, sample.captures.at, by_probe)
    (judgement,) = CHECK.evaluate(CHECK.observe(captures), sample.parameters)
    return judgement


@pytest.mark.parametrize("probe", ["batteries", "kinds", "programs"])
def test_no_pass_without_what_it_rests_on(probe: str) -> None:
    sample = SAMPLES["server2022_good"]
    assert _judge(sample, {probe: None}).message.id == "not_observed"
    assert _judge(sample, {probe: "{}"}).message.id == "unparsed"


@pytest.mark.parametrize("probe", ["power", "plan", "at_end"])
@pytest.mark.parametrize("name", ["server2022_good", "server2019_nl_not_guarded"])
def test_settings_unseen_are_no_fail_and_no_pass(name: str, probe: str) -> None:
    judgement = _judge(SAMPLES[name], {probe: None})
    assert judgement.message.id == "windows_guard_unseen"
    assert judgement.outcome is Outcome.UNKNOWN


def test_what_is_not_of_use_is_not_asked() -> None:
    rest = dict.fromkeys(("devices", "serial"))
    assert _judge(SAMPLES["server2022_good"], rest).outcome is Outcome.PASS


@pytest.mark.parametrize("probe", ["devices", "serial", "programs"])
def test_none_reports_only_where_all_was_seen(probe: str) -> None:
    sample = SAMPLES["server2022_none"]
    assert _judge(sample, {}).outcome is Outcome.NOT_APPLICABLE
    assert _judge(sample, {probe: None}).message.id == "not_observed"


def test_a_ups_of_the_class_of_old_is_unread() -> None:
    text = _text([{"DeviceID": "UPS0", "Name": None}])
    judgement = _judge(SAMPLES["server2022_none"], {"serial": text})
    assert (judgement.message.id, judgement.message.facts["ups"]) == ("serial_unread", "UPS0")


@pytest.mark.parametrize(("asked", "message"), [(42, "in_order"), (43, "too_short")])
def test_minutes_that_are_asked(asked: int, message: str) -> None:
    sample = SAMPLES["server2022_good"]
    changed = dataclasses.replace(sample, parameters=Parameters({"min_runtime_minutes": asked}))
    assert _judge(changed, {}).message.id == message

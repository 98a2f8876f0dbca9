"""The screen lock of Windows: its readers, and the numbers at which a verdict turns."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assessor.model.capture import Captured
from assessor.model.check import Captures, Parameters
from assessor.model.finding import Judgement
from assessor.model.target import Platform, Role, Target, TransportKind
from checks.screen_lock.check import CHECK

SAMPLES = Path(__file__).parents[2] / "checks/screen_lock/samples"
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
Change = Callable[[dict[str, Any]], None]


def judged(
    sample: str, *, role: Role = Role.WORKSTATION, minutes: int = 15, **changes: Change
) -> Judgement:
    """The judgement of ``sample``, with some answers changed."""
    captures: dict[str, Captured] = {}
    for path in (SAMPLES / sample).glob("*.stdout"):
        answer = json.loads(path.read_text(encoding="utf-8"))
        if path.stem in changes:
            changes[path.stem](answer)
        captures[path.stem] = Captured(path.stem, json.dumps(answer), "", 0, NOW)
    assert changes.keys() <= captures.keys()
    target = Target("pc", role, TransportKind.WINRM, Platform.WINDOWS, address="pc.example")
    facts = CHECK.observe(Captures(target, NOW, captures))
    (judgement,) = CHECK.evaluate(facts, Parameters({"idle_minutes": minutes}))
    return judgement


def short(judgement: Judgement) -> tuple[str, str]:
    """Outcome and message."""
    return judgement.outcome.value, judgement.message.id


def value(where: str, name: str, kind: int, data: object) -> Change:
    """Sets a value of every key of which the path holds ``where``; the key must be there."""

    def change(answer: dict[str, Any]) -> None:
        keys = [key for part in answer["registry"] for key in part["keys"] if where in key["key"]]
        values = [one for key in keys for one in key["values"] if one["name"] == name]
        assert values
        for one in values:
            one.update(kind=kind, data=data)

    return change


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (1, ("pass", "win_machine_locks")),
        (900, ("pass", "win_machine_locks")),
        (901, ("fail", "win_too_late")),
        (599940, ("fail", "win_too_late")),
        (0, ("unknown", "win_only_sleep")),
        (None, ("unknown", "win_only_sleep")),
    ],
)
def test_limit_of_the_machine(seconds: int | None, expected: tuple[str, str]) -> None:
    kind = 0 if seconds is None else 4
    change = value("Policies\\System", "InactivityTimeoutSecs", kind, seconds)
    assert short(judged("windows11_machine_limit", machine=change)) == expected


def test_a_limit_of_another_type_is_not_read() -> None:
    change = value("Policies\\System", "InactivityTimeoutSecs", 1, "900")
    assert short(judged("windows11_machine_limit", machine=change)) == ("unknown", "unparsed")


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (1, ("pass", "win_managed_locks")),
        (15, ("pass", "win_managed_locks")),
        (16, ("fail", "win_too_late")),
        (999, ("fail", "win_too_late")),
        (1000, ("unknown", "unparsed")),
        (0, ("unknown", "win_only_sleep")),
    ],
)
def test_limit_of_the_management(minutes: int, expected: tuple[str, str]) -> None:
    change = value("DeviceLock", "MaxInactivityTimeDeviceLock", 4, minutes)
    assert short(judged("windows11_intune", machine=change)) == expected


def test_a_limit_of_the_management_that_nothing_enables() -> None:
    change = value("DeviceLock", "DevicePasswordEnabled", 0, None)
    assert short(judged("windows11_intune", machine=change))[0] == "unknown"


@pytest.mark.parametrize(
    ("milliseconds", "expected", "minutes"),
    [
        (60_000, "win_remote_closed", 1),
        (900_000, "win_remote_closed", 15),
        (900_001, "win_users_unseen", None),
        (0, "win_users_unseen", None),
    ],
)
def test_idle_sessions_on_a_server(milliseconds: int, expected: str, minutes: int | None) -> None:
    change = value("Terminal Services", "MaxIdleTime", 4, milliseconds)
    found = judged("server2022_remote_idle_limit", role=Role.SERVER, machine=change)
    assert found.message.id == expected
    assert found.message.facts.get("minutes") == minutes


def test_idle_sessions_prove_nothing_on_a_workstation() -> None:
    assert short(judged("server2022_remote_idle_limit"))[0] == "unknown"


def test_a_listener_that_leaves_it_to_the_users() -> None:
    change = value("RDP-Tcp", "fInheritMaxIdleTime", 4, 1)
    found = judged("server2019_nl_listener_limit", role=Role.SERVER, machine=change)
    assert short(found) == ("unknown", "win_users_unseen")


POLICY = "Software\\Policies\\Microsoft\\Windows\\Control Panel"


@pytest.mark.parametrize(
    ("name", "kind", "data", "expected"),
    [
        ("ScreenSaveTimeOut", 1, "900", "win_people_lock"),
        ("ScreenSaveTimeOut", 4, 900, "win_people_lock"),
        ("ScreenSaveTimeOut", 1, "901", "win_too_late"),
        ("ScreenSaveTimeOut", 1, "0", "win_only_sleep"),
        ("ScreenSaveTimeOut", 1, "9 minuten", "unparsed"),
        ("ScreenSaverIsSecure", 1, "0", "win_only_sleep"),
        ("ScreenSaverIsSecure", 1, "yes", "unparsed"),
        ("ScreenSaverIsSecure", 0, None, "win_only_sleep"),
        ("ScreenSaveActive", 1, "0", "win_only_sleep"),
        ("ScreenSaveActive", 0, None, "win_people_lock"),
        ("SCRNSAVE.EXE", 0, None, "win_no_program"),
        ("SCRNSAVE.EXE", 1, " ", "win_no_program"),
    ],
)
def test_screen_saver_by_policy(name: str, kind: int, data: object, expected: str) -> None:
    change = value(POLICY, name, kind, data)
    assert judged("windows11_nl_screen_saver_policy", people=change).message.id == expected


@pytest.mark.parametrize("name", ["ScreenSaveActive", "ScreenSaveTimeOut"])
def test_what_policy_leaves_open_the_user_may_change(name: str) -> None:
    found = judged("windows11_nl_screen_saver_policy", people=value(POLICY, name, 0, None))
    assert [message.id for message in found.advice] == ["win_may_change"]


@pytest.mark.parametrize(
    ("seconds", "asks", "expected"),
    [
        (0, 1, ("fail", "win_never")),
        (900, 1, ("unknown", "win_only_sleep")),
        (901, 1, ("fail", "win_never")),
        (900, 0, ("fail", "win_never")),
    ],
)
def test_going_to_sleep(seconds: int, asks: int, expected: tuple[str, str]) -> None:
    def change(answer: dict[str, Any]) -> None:
        plan = "381b4222-f694-41f0-9685-ff5bb260df2e"
        value(plan, "ACSettingIndex", 4, seconds)(answer)
        value("fea3413e-7e05-4911-9a71-700331f1c294", "ACSettingIndex", 4, asks)(answer)

    assert short(judged("windows10_sleeps_in_time", machine=change)) == expected


def test_a_server_does_not_sleep() -> None:
    found = judged("windows10_sleeps_in_time", role=Role.SERVER)
    assert short(found) == ("fail", "win_never")


def test_the_power_plan_that_is_not_in_use_does_not_count() -> None:
    """The other plan of that sample never sleeps."""
    change = value("PowerSchemes", "ActivePowerScheme", 1, "8C5E7FDA-E8BF-4A96-9A85-A6E23A8C635C")
    found = judged("windows10_sleeps_in_time", machine=change)
    assert short(found) == ("fail", "win_never")


def test_who_looks_is_nobody_unless_at_the_screen() -> None:
    sits = "S-1-5-21-3623811015-3361044348-30300820-1001"
    found = judged("windows11_as_installed", self=lambda answer: answer.update(sid=sits))
    # anna has a session: she counts, though it is her account that looks. The other one is then
    # a person of whom a lock was not seen.
    assert short(found) == ("unknown", "win_only_sleep")
    assert found.message.facts["account"] == "anna"


def test_without_knowing_who_looks_everybody_counts() -> None:
    found = judged("windows11_nl_screen_saver_policy", self=lambda answer: answer.update(end=False))
    assert short(found) == ("unknown", "win_users_unseen")
    assert found.message.facts["accounts"] == ("assess",)


@pytest.mark.parametrize(("minutes", "outcome"), [(10, "pass"), (9, "fail")])
def test_the_promise_decides(minutes: int, outcome: str) -> None:
    found = judged("windows11_nl_screen_saver_policy", minutes=minutes)
    assert found.outcome.value == outcome

"""The readers of the check on backups for Windows: events, services, tasks, places, people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assessor.api import Captured, Captures, Judgement, Outcome, Parameters, Platform, Role, Target
from assessor.model.answers import Fields, UnparsedError
from assessor.model.target import TransportKind
from checks.backups.check import evaluate, observe
from checks.backups.jobs import Result
from checks.backups.places import Whereabouts
from checks.backups.windows_events import End, read_events
from checks.backups.windows_places import Drives, where
from checks.backups.windows_programs import read_programs, read_tasks

SAMPLES = Path(__file__).parents[2] / "checks" / "backups" / "samples"
AT = datetime(2026, 11, 28, 13, tzinfo=UTC)
PARAMETERS = Parameters({"interval_days": 1, "slack_hours": 12, "restore_days": 92})
Json = dict[str, Any]


def _answer(probe: str, sample: str = "windows11_nothing") -> Json:
    text = (SAMPLES / sample / f"{probe}.stdout").read_text(encoding="utf-8")
    found: Json = json.loads(text)
    return found


def _event(number: int, level: int, at: datetime, **more: str) -> Json:
    empty: Json = dict.fromkeys(("result", "target", "job", "name"))
    return {
        **empty,
        "id": number,
        "level": level,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        **more,
    }


def _with_events(log: str, first: int, *found: Json) -> Json:
    answer = _answer("events")
    for each in answer["logs"]:
        if each["log"] == log and each["ids"][0] == first:
            each["there"] = True
            each["events"] = list(found)
    return answer


def _judged(changed: Mapping[str, Json]) -> dict[str, Judgement]:
    probes = ("events", "programs", "tasks", "server_backup", "people", "disks", "partitions")
    answers = {probe: changed.get(probe) or _answer(probe) for probe in probes}
    captures = Captures(
        Target("pc", Role.WORKSTATION, TransportKind.SSH, Platform.WINDOWS, "pc.example"),
        AT,
        {name: Captured(name, json.dumps(each), "", 0, AT) for name, each in answers.items()},
    )
    return {each.measure: each for each in evaluate(observe(captures), PARAMETERS)}


@pytest.mark.parametrize(
    ("log", "first", "number", "level", "result", "end"),
    [
        ("Microsoft-Windows-Backup", 4, 4, 4, "0x0", End.WELL),
        ("Microsoft-Windows-Backup", 4, 4, 4, "0", End.WELL),
        ("Microsoft-Windows-Backup", 4, 4, 4, "0x80780166", End.WARNING),
        ("Microsoft-Windows-Backup", 4, 4, 4, None, End.WARNING),
        ("Microsoft-Windows-Backup", 4, 7, 3, "0x80780166", End.WARNING),
        ("Microsoft-Windows-Backup", 4, 5, 2, "0x80070005", End.BADLY),
        ("Microsoft-Windows-Backup", 4, 49, 2, None, End.BADLY),
        ("CloudBackup/Operational", 3, 3, 4, None, End.WELL),
        ("CloudBackup/Operational", 3, 10, 3, None, End.WARNING),
        ("CloudBackup", 3, 11, 2, None, End.BADLY),
        ("CloudBackup", 3, 18, 2, None, End.BADLY),
        ("Veeam Agent", 190, 190, 4, None, End.WELL),
        ("Veeam Agent", 190, 190, 3, None, End.WARNING),
        ("Veeam Backup", 190, 490, 2, None, End.BADLY),
    ],
)
def test_how_a_run_ended(
    log: str, first: int, number: int, level: int, result: str | None, end: End
) -> None:
    more = {} if result is None else {"result": result}
    events = read_events(Fields(_with_events(log, first, _event(number, level, AT, **more))))
    (run,) = events.backups
    assert (run.end, run.time) == (end, int(AT.timestamp()))


@pytest.mark.parametrize("level", [0, 1, 5, 255])
def test_an_unknown_level_is_not_understood(level: int) -> None:
    with pytest.raises(UnparsedError, match="level"):
        read_events(Fields(_with_events("Veeam Agent", 190, _event(190, level, AT))))


def test_a_log_that_was_not_asked_for_and_one_that_is_missing() -> None:
    answer = _answer("events")
    answer["logs"][0]["ids"] = [1]
    with pytest.raises(UnparsedError, match="log"):
        read_events(Fields(answer))
    answer = _answer("events")
    del answer["logs"][-1]
    with pytest.raises(UnparsedError, match="logs"):
        read_events(Fields(answer))


def test_events_of_a_log_that_is_not_there() -> None:
    answer = _with_events("Veeam Agent", 190, _event(190, 4, AT))
    next(each for each in answer["logs"] if each["log"] == "Veeam Agent")["there"] = False
    with pytest.raises(UnparsedError, match="Veeam Agent"):
        read_events(Fields(answer))


@pytest.mark.parametrize(
    ("hours", "outcome"), [(36, Outcome.PASS), (36.01, Outcome.FAIL), (1, Outcome.PASS)]
)
def test_the_interval_and_its_slack(hours: float, outcome: Outcome) -> None:
    # The machine's clock in the sample is two seconds ahead.
    at = AT + timedelta(seconds=2) - timedelta(hours=hours)
    changed = {"events": _with_events("Veeam Agent", 190, _event(190, 4, at))}
    assert _judged(changed)["backup"].outcome is outcome


def test_a_job_that_failed_counts_until_it_is_taken_to_be_gone() -> None:
    for days, outcome in ((31, Outcome.FAIL), (33, Outcome.PASS)):
        good = _event(190, 4, AT, job="c4415b30-de82-4403-8816-ea66636356e8", name="Daily")
        bad = _event(190, 2, AT - timedelta(days=days), job="other", name="Old")
        changed = {"events": _with_events("Veeam Backup", 190, good, bad)}
        assert _judged(changed)["backup"].outcome is outcome


def test_a_later_success_makes_a_failure_good() -> None:
    bad = _event(5, 2, AT - timedelta(hours=3), result="0x80070005")
    good = _event(4, 4, AT - timedelta(hours=1), result="0x0", target="D:")
    changed = {"events": _with_events("Microsoft-Windows-Backup", 4, bad, good)}
    assert _judged(changed)["backup"].message.id == "recent"


def test_a_success_from_the_future_is_none() -> None:
    good = _event(190, 4, AT + timedelta(hours=2))
    changed = {"events": _with_events("Veeam Agent", 190, good)}
    assert _judged(changed)["backup"].outcome is not Outcome.PASS


@pytest.mark.parametrize(
    ("service", "own", "fetched"),
    [
        ("AcrSch2Svc", ("Acronis",), ()),
        ("MacriumService", ("Macrium Reflect",), ()),
        ("Backup Service Controller", ("N-able Cove",), ()),
        ("Duplicati.Service", ("Duplicati",), ()),
        ("DattoBackupAgentService", (), ("Datto",)),
        ("Synology Active Backup for Business Service", (), ("Synology Active Backup",)),
        ("veeamdeploysvc", (), ("Veeam",)),
        ("wbengine", (), ()),
        ("SDRSVC", (), ()),
    ],
)
def test_programs_by_their_services(
    service: str, own: tuple[str, ...], fetched: tuple[str, ...]
) -> None:
    found = read_programs(
        Fields({"services": ["Dhcp", service], "file_history_targets": [], "end": True})
    )
    assert (found.own, found.fetched) == (own, fetched)


def _task(**more: object) -> Json:
    return {
        "name": "\\t",
        "state": 3,
        "triggers": 1,
        "program": "restic",
        "direct": True,
        "words": ["backup"],
        "places": [],
        "ran": "2026-11-28T03:00:00Z",
        "result": 0,
        **more,
    }


@pytest.mark.parametrize(
    ("more", "result", "scheduled", "proven"),
    [
        ({}, Result.SUCCESS, True, True),
        ({"direct": False}, Result.SUCCESS, True, False),
        ({"result": 1}, Result.FAILED, True, True),
        ({"result": 3221225786, "direct": False}, Result.UNSEEN, True, False),
        ({"result": 0x41301}, Result.UNSEEN, True, True),
        ({"ran": None, "result": 0x41303}, Result.NEVER, True, True),
        ({"state": 1}, Result.SUCCESS, False, True),
        ({"triggers": 0}, Result.SUCCESS, False, True),
    ],
)
def test_tasks(more: Json, result: Result, *, scheduled: bool, proven: bool) -> None:
    (job,) = read_tasks(Fields({"tasks": [_task(**more)], "end": True}))
    assert (job.result, job.scheduled, job.actions[0].proven) == (result, scheduled, proven)


@pytest.mark.parametrize(
    "more", [{"program": "wbadmin"}, {"words": ["forget", "prune"]}, {"words": ["verify"]}]
)
def test_tasks_that_make_no_backup(more: Json) -> None:
    assert read_tasks(Fields({"tasks": [_task(**more)], "end": True})) == ()


@pytest.mark.parametrize(
    ("place", "far"),
    [
        ("D:", Whereabouts.SAME_MACHINE),
        ("d:\\backup\\", Whereabouts.SAME_MACHINE),
        ("E:", Whereabouts.UNCLEAR),
        ("X:", Whereabouts.UNCLEAR),
        ("\\\\?\\Volume{1}\\", Whereabouts.SAME_MACHINE),
        ("\\\\?\\Volume{2}", Whereabouts.UNCLEAR),
        ("\\\\nas\\backup", Whereabouts.NEARBY),
        ("\\\\nas.bedrijf.nl\\backup", Whereabouts.NEARBY),
        ("\\\\srv-01\\backup", Whereabouts.SAME_MACHINE),
        ("\\\\x.file.core.windows.net\\backup", Whereabouts.ELSEWHERE),
        ("\\\\203.0.113.4\\backup", Whereabouts.NEARBY),
        ("\\\\8.8.8.8\\backup", Whereabouts.ELSEWHERE),
        ("Back-up SRV 2026_01_01 SCHIJF_01", Whereabouts.UNCLEAR),
        ("s3:s3.amazonaws.com/bucket", Whereabouts.ELSEWHERE),
        ("sftp:backup@10.0.0.5:/srv", Whereabouts.NEARBY),
    ],
)
def test_places(place: str, far: Whereabouts) -> None:
    drives = Drives({"d:": 11, "\\\\?\\volume{1}": 17, "e:": 7, "\\\\?\\volume{2}": 7})
    assert where(place, drives, "SRV-01") is far


def test_of_several_people_the_least_safe_counts() -> None:
    answer = _answer("people", "windows11_file_history")
    (key,) = answer["registry"][0]["keys"]
    old = json.loads(json.dumps(key))
    old["key"] = old["key"].replace("-1001", "-1002")
    old["values"][0]["data"] -= 9 * 86_400 * 10_000_000
    answer["registry"][0]["keys"].append(old)
    judgement = _judged({"people": answer})["backup"]
    assert (judgement.outcome, judgement.message.id) == (Outcome.FAIL, "too_old")


def test_what_windows_server_backup_says_itself_counts_when_its_log_is_empty() -> None:
    own = _answer("server_backup", "windows2022_wsb_to_share")
    judgement = _judged({"server_backup": own})["backup"]
    assert (judgement.outcome, judgement.message.facts["source"]) == (
        Outcome.PASS,
        "Windows Server Backup",
    )

"""Windows: releases, days of publication, titles, hot fixes, policies and the update agent."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from assessor.api import CimAnswer, Fields, UnparsedError
from checks.security_updates.windows_agent import read_agent
from checks.security_updates.windows_installs import (
    Install,
    Present,
    due_since,
    in_place,
    install,
    read_events,
    read_fixes,
    second_tuesday,
)
from checks.security_updates.windows_release import (
    CURRENT,
    TABLE,
    Release,
    extended_until,
    read_release,
)
from checks.security_updates.windows_settings import (
    AUTOMATIC,
    MANAGED,
    OFFICE,
    OFFICE_POLICY,
    OWN,
    POLICY,
    RESTARTS,
    read_settings,
)

AT = datetime(2026, 11, 28, 9, tzinfo=UTC)
TODAY = AT.date()
DUE = date(2026, 11, 10)
PRESENT = Present(8990, frozenset({"5101234"}), direct=True)
Values = dict[str, tuple[int, Any]]


def _registry(asked: dict[str, list[str]], keys: dict[str, Values]) -> str:
    answers = []
    for path, names in asked.items():
        found = []
        if path in keys:
            values = [
                {"name": name, "kind": kind, "data": data}
                for name in names
                for kind, data in [keys[path].get(name, (0, None))]
            ]
            found = [{"key": path, "values": values}]
        answers.append({"asked": "|".join([path, *names]), "keys": found})
    return json.dumps({"registry": answers, "end": True})


def _release(build: str, edition: str, installation: str, revision: int = 100) -> Release:
    names = ["ProductName", "DisplayVersion", "CurrentBuild", "UBR", "EditionID"]
    values: Values = {
        "ProductName": (1, "Windows 10 Pro"),
        "CurrentBuild": (1, build),
        "UBR": (4, revision),
        "EditionID": (1, edition),
        "InstallationType": (1, installation),
    }
    return read_release(_registry({CURRENT: [*names, "InstallationType"]}, {CURRENT: values}))


@pytest.mark.parametrize(
    ("build", "edition", "installation", "until"),
    [
        ("26200", "Professional", "Client", date(2027, 10, 12)),
        ("26200", "ProfessionalWorkstation", "Client", date(2027, 10, 12)),
        ("26200", "Enterprise", "Client", date(2028, 10, 10)),
        ("26100", "EnterpriseS", "Client", date(2029, 10, 9)),
        ("26100", "IoTEnterpriseS", "Client", date(2034, 10, 10)),
        ("26100", "ServerStandard", "Server", date(2034, 10, 10)),
        ("26100", "ServerDatacenter", "Server Core", date(2034, 10, 10)),
        ("19044", "EnterpriseS", "Client", date(2027, 1, 12)),
        ("17763", "ServerStandard", "Server", date(2029, 1, 9)),
        ("25398", "ServerDatacenterACor", "Server Core", date(2025, 10, 24)),
        ("17763", "ServerDatacenterACor", "Server Core", None),
        ("26100", "ServerAzureStackHCICor", "Server Core", None),
        ("26200", "CloudEdition", "Client", None),
        ("26200", "ServerStandard", "Server", None),
        ("26200", "Professional", "Something", None),
        ("29999", "Professional", "Client", None),
    ],
)
def test_the_end_of_a_release(
    build: str, edition: str, installation: str, until: date | None
) -> None:
    support = _release(build, edition, installation).support
    assert (support.free if support is not None else None) == until


def test_every_day_of_the_table_follows_from_a_day_of_publication() -> None:
    tuesdays = {
        (build, kind): support.free
        for (build, kind), (_, support) in TABLE.items()
        if support.free is not None and build != 25398  # its channel ends 24 months after it began
    }
    assert len(tuesdays) > 50
    for row, until in tuesdays.items():
        assert until == second_tuesday(until.year, until.month), row


@pytest.mark.parametrize("build", ["", "26200.1", "zeven", "1234567", "-1"])
def test_a_build_that_is_no_number(build: str) -> None:
    with pytest.raises(UnparsedError):
        _release(build, "Professional", "Client")


def _licences(*rows: tuple[str, int]) -> CimAnswer:
    return CimAnswer(True, tuple(Fields({"ID": i, "LicenseStatus": s}) for i, s in rows))


YEAR_1, YEAR_3 = (
    "F520E45E-7413-4A34-A497-D2765967D094",
    "83d49986-add3-41d7-ba33-87c7bfb5c0fb",
)


@pytest.mark.parametrize(
    ("revision", "licences", "subscribed", "until", "sure"),
    [
        (6466, _licences((YEAR_3, 1)), True, None, True),
        (6574, _licences(), False, None, True),
        (6575, _licences(), False, date(2027, 10, 12), True),
        (6575, None, False, date(2027, 10, 12), False),
        (6575, _licences((YEAR_1, 1)), False, date(2026, 10, 13), True),
        (6575, _licences((YEAR_1, 1), (YEAR_3, 1)), False, date(2028, 10, 10), True),
        (6575, _licences((YEAR_3, 0)), False, date(2027, 10, 12), True),
        (6575, None, True, date(2028, 10, 10), True),
    ],
)
def test_extended_security_updates(
    revision: int, licences: CimAnswer | None, subscribed: bool, until: date | None, sure: bool
) -> None:
    release = Release("Windows 10 22H2", 19045, revision, None)
    assert extended_until(release, licences, subscribed) == (until, sure)


def test_no_other_build_has_extended_updates() -> None:
    release = Release("Windows 11 24H2", 26100, 9000, None)
    assert extended_until(release, _licences((YEAR_3, 1)), subscribed=True) == (None, True)


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(2026, 11, 10), (2026, 12, 8), (2026, 9, 8), (2025, 7, 8), (2026, 2, 10)],
)
def test_the_second_tuesday(year: int, month: int, day: int) -> None:
    assert second_tuesday(year, month) == date(year, month, day)


@pytest.mark.parametrize(
    ("today", "limit", "due"),
    [
        (date(2026, 11, 24), 14, date(2026, 10, 13)),
        (date(2026, 11, 25), 14, date(2026, 11, 10)),
        (date(2026, 11, 11), 0, date(2026, 11, 10)),
        (date(2026, 11, 10), 0, date(2026, 10, 13)),
        (date(2027, 1, 5), 31, date(2026, 11, 10)),
        (date(2026, 11, 28), 92, date(2026, 8, 11)),
    ],
)
def test_what_should_be_in_place_by_now(today: date, limit: int, due: date) -> None:
    assert due_since(today, limit) == due


@pytest.mark.parametrize(
    ("title", "cumulative", "month"),
    [
        ("2025-11 Security Update (KB5068861) (26200.7171)", True, date(2025, 11, 1)),
        ("Security Update (KB5079473) (26200.8037)", True, None),
        ("2025-11 Security Update (KB5068861) (26100.7171)", False, date(2025, 11, 1)),
        (
            "2025-11 Cumulative Update for Windows 10 Version 22H2 for x64 (KB5068781)",
            True,
            date(2025, 11, 1),
        ),
        (
            "2025-11 Cumulatieve update voor Windows Server 2016 voor x64-systemen (KB5068864)",
            True,
            date(2025, 11, 1),
        ),
        (
            "2025-11 Cumulative Update for .NET Framework 3.5 and 4.8.1 for Windows 11 (KB5066128)",
            False,
            date(2025, 11, 1),
        ),
        (
            "2025-11 Servicing Stack Update for Windows Server 2016 for x64 (KB5068865)",
            False,
            date(2025, 11, 1),
        ),
        ("Cumulative Update 21 for SQL Server 2022 (KB5065865)", False, None),
    ],
)
def test_titles(title: str, cumulative: bool, month: date | None) -> None:
    found = install(title, AT, 26200)
    assert found is not None
    assert (found.cumulative, found.month) == (cumulative, month)


@pytest.mark.parametrize(
    "title",
    [
        "Beveiligingsinformatie-update voor Microsoft Defender Antivirus - KB2267602 (versie 1.4)",
        "Windows Malicious Software Removal Tool x64 - v5.137 (KB890830)",
        "2025-11 Update for Windows 10 Version 22H2 (KB5072653)",
        "9NZVDKPMR9RD-Mozilla.Firefox",
        "HP Inc. - Firmware - 1.22.0.0",
    ],
)
def test_titles_that_are_no_update_of_windows(title: str) -> None:
    assert install(title, AT, 26200) is None


def _one(day: int, month: int | None = 11, **changed: Any) -> Install:
    named = None if month is None else date(2026, month, 1)
    fields: dict[str, Any] = {"article": "5101234", "revision": 8990, "cumulative": True}
    return Install(on=date(2026, 11, day), month=named, **(fields | changed))


@pytest.mark.parametrize(
    ("one", "present", "shown"),
    [
        (_one(10), PRESENT, True),
        (_one(9), PRESENT, False),
        (_one(12, 10), PRESENT, False),
        (_one(12, 12), PRESENT, True),
        (_one(12, None), PRESENT, True),
        (_one(10, None), PRESENT, False),
        (_one(12, None), Present(8990, None, direct=False), False),
        (_one(12, revision=8991), PRESENT, False),
        (_one(12, revision=None), PRESENT, True),
        (_one(12, revision=None), Present(8990, frozenset(), direct=True), False),
        (_one(12, revision=None), Present(8990, None, direct=True), True),
        (_one(12, cumulative=False), PRESENT, False),
    ],
)
def test_what_shows_that_an_update_is_in_place(one: Install, present: Present, shown: bool) -> None:
    assert (in_place([one], DUE, present) is one) is shown


def _fixes(*days: str | None) -> str:
    rows = [{"HotFixID": f"KB510000{i}", "InstalledOn": day} for i, day in enumerate(days)]
    return json.dumps({"class": "C", "there": True, "rows": rows, "end": True})


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("11/13/2026", date(2026, 11, 13), date(2026, 11, 13)),
        ("13-11-2026", date(2026, 11, 13), date(2026, 11, 13)),
        ("13.11.2026 00:00:00", date(2026, 11, 13), date(2026, 11, 13)),
        ("10/11/2026", date(2026, 10, 11), date(2026, 11, 10)),
        ("11/12/2026", date(2026, 11, 12), date(2026, 11, 12)),  # 11 December is still to come
        ("5/5/2026", date(2026, 5, 5), date(2026, 5, 5)),
        ("01dd3c1f4c3c0000", date(2026, 9, 4), date(2026, 9, 4)),
    ],
)
def test_days_of_hot_fixes(text: str, earliest: date, latest: date) -> None:
    fixes = read_fixes(_fixes(text), TODAY)
    assert (fixes.days, fixes.undated) == (((earliest, latest),), 0)


@pytest.mark.parametrize("text", ["", None, "31/31/2026", "1/1/20261", "gisteren", "2/3/2031"])
def test_a_hot_fix_without_a_day(text: str | None) -> None:
    fixes = read_fixes(_fixes(text), TODAY)
    assert (fixes.days, fixes.undated, fixes.articles) == ((), 1, frozenset({"5100000"}))


def test_events_of_the_log() -> None:
    rows = [
        {
            "title": "2026-11 Security Update (KB5101234) (26200.8990)",
            "date": "2026-11-12T19:05:30Z",
        },
        {"title": "HP Inc. - Firmware", "date": "2026-11-13T19:05:30Z"},
    ]
    text = json.dumps({"installs": rows, "end": True})
    assert [one.article for one in read_events(text, 26200)] == ["5101234"]
    # Windows PowerShell 5.1 may write a list of one as the one
    alone = json.dumps({"installs": rows[0], "end": True})
    assert [one.article for one in read_events(alone, 26200)] == ["5101234"]


ASKED = {
    POLICY: [
        "WUServer",
        "DeferQualityUpdates",
        "DeferQualityUpdatesPeriodInDays",
        "PauseQualityUpdatesStartTime",
    ],
    AUTOMATIC: ["NoAutoUpdate", "AUOptions", "UseWUServer"],
    MANAGED: [
        "AllowAutoUpdate",
        "DeferQualityUpdatesPeriodInDays",
        "PauseQualityUpdatesStartTime",
    ],
    OWN: ["PauseQualityUpdatesStartTime", "PauseQualityUpdatesEndTime", "PauseUpdatesExpiryTime"],
    RESTARTS[0]: ["x"],
    RESTARTS[1]: ["x"],
    "HKLM\\SYSTEM\\CurrentControlSet\\Services\\wuauserv": ["Start"],
    "HKLM\\SYSTEM\\CurrentControlSet\\Services\\UsoSvc": ["Start"],
    OFFICE: ["UpdatesEnabled", "VersionToReport"],
    OFFICE_POLICY: ["EnableAutomaticUpdates"],
    "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform\\ESU": [
        "Win10CommercialW365ESUEligible"
    ],
}


@pytest.mark.parametrize(
    ("keys", "name", "value"),
    [
        ({}, "own_server", False),
        ({AUTOMATIC: {"UseWUServer": (4, 1)}}, "own_server", True),
        ({AUTOMATIC: {"UseWUServer": (4, 0)}}, "own_server", False),
        ({POLICY: {"WUServer": (1, "http://wsus")}}, "own_server", True),
        ({}, "automatic", None),
        ({AUTOMATIC: {"AUOptions": (4, 4)}}, "automatic", True),
        ({AUTOMATIC: {"AUOptions": (4, 3)}}, "automatic", False),
        ({AUTOMATIC: {"AUOptions": (4, 9)}}, "automatic", None),
        ({AUTOMATIC: {"AUOptions": (4, 4), "NoAutoUpdate": (4, 1)}}, "automatic", False),
        ({MANAGED: {"AllowAutoUpdate": (4, 5)}}, "automatic", False),
        ({}, "deferred", 0),
        ({POLICY: {"DeferQualityUpdatesPeriodInDays": (4, 20)}}, "deferred", 0),
        (
            {POLICY: {"DeferQualityUpdates": (4, 1), "DeferQualityUpdatesPeriodInDays": (4, 20)}},
            "deferred",
            20,
        ),
        ({MANAGED: {"DeferQualityUpdatesPeriodInDays": (4, 7)}}, "deferred", 7),
        ({RESTARTS[0]: {}}, "restart", True),
        ({RESTARTS[1]: {}}, "restart", True),
        ({}, "restart", False),
        ({}, "office", None),
        ({OFFICE: {}}, "office", True),
        ({OFFICE: {"UpdatesEnabled": (1, "False")}}, "office", False),
        (
            {
                OFFICE: {"UpdatesEnabled": (1, "True")},
                OFFICE_POLICY: {"EnableAutomaticUpdates": (4, 0)},
            },
            "office",
            False,
        ),
    ],
)
def test_settings(keys: dict[str, Values], name: str, value: object) -> None:
    assert getattr(read_settings(_registry(ASKED, keys), AT), name) == value


@pytest.mark.parametrize(
    ("start", "end", "paused"),
    [
        ("2026-11-20T10:00:00Z", "2026-12-04T10:00:00Z", True),
        ("2026-11-20T10:00:00Z", "2026-11-28T09:00:00Z", False),
        ("2026-11-20T10:00:00Z", "2026-11-28T09:00:01Z", True),
        ("2026-11-29T10:00:00Z", "2026-12-04T10:00:00Z", False),
        ("", "2026-12-04T10:00:00Z", False),
        ("2026-11-20T10:00:00Z", "", False),
        ("2026-11-20", "2026-12-04", True),
    ],
)
def test_a_pause_lasts_until_its_end(start: str, end: str, paused: bool) -> None:
    own: Values = {
        "PauseQualityUpdatesStartTime": (1, start),
        "PauseQualityUpdatesEndTime": (1, end),
    }
    found = read_settings(_registry(ASKED, {OWN: own}), AT)
    assert (found.paused_since is not None) is paused
    assert found.direct is not paused


@pytest.mark.parametrize(("start", "paused"), [("2026-10-25", True), ("2026-10-23", False)])
def test_a_pause_by_policy_lasts_35_days(start: str, paused: bool) -> None:
    keys: dict[str, Values] = {POLICY: {"PauseQualityUpdatesStartTime": (1, start)}}
    assert (read_settings(_registry(ASKED, keys), AT).paused_since is not None) is paused


def test_a_pause_of_another_shape_is_not_read() -> None:
    keys: dict[str, Values] = {OWN: {"PauseQualityUpdatesStartTime": (1, "morgen")}}
    with pytest.raises(UnparsedError):
        read_settings(_registry(ASKED, keys), AT)


def _waits(**changed: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "title": "2026-11 Security Update (KB5102345) (26200.9001)",
        "severity": "",
        "date": "2026-11-26T18:00:00Z",
        "hidden": False,
        "articles": ["5102345"],
        "categories": [],
    }
    return row | changed


def _agent(**changed: Any) -> str:
    faults = dict.fromkeys(("agent", "history", "search", "results", "system"), 0)
    answer: dict[str, Any] = {
        "faults": faults | changed.pop("faults", {}),
        "history": [],
        "result": 2,
        "pending": [],
        "searched": "2026-11-28T03:14:05Z",
        "installed": None,
        "restart": False,
        "end": True,
    }
    answer |= changed
    answer.setdefault("waiting", len(answer["pending"]))
    return json.dumps(answer)


@pytest.mark.parametrize(
    ("changed", "secure"),
    [
        ({}, False),
        ({"severity": "Moderate"}, True),
        ({"categories": ["0FA1201D-4330-4FA8-8AE9-B877473B6441"]}, True),
        ({"categories": ["e6cf1350-c01b-414d-a61f-263d14d133b4"]}, True),
        ({"categories": ["28bc880e-0592-4cbf-8f95-c79b17911d5f"]}, False),
        ({"severity": "Critical", "categories": ["e0789628-ce08-4437-be74-2495b842f43b"]}, False),
        ({"severity": "Critical", "articles": ["890830"]}, False),
    ],
)
def test_which_waiting_updates_are_about_security(changed: dict[str, Any], secure: bool) -> None:
    agent = read_agent(_agent(pending=[_waits(**changed)]), 26200, exact=True)
    assert (len(agent.pending), agent.other) == ((1, 0) if secure else (0, 1))


@pytest.mark.parametrize(("exact", "day"), [(True, "2026-11-26T18:00:00Z"), (False, None)])
def test_days_of_a_server_of_ones_own_are_not_exact(exact: bool, day: str | None) -> None:
    row = _waits(severity="Critical", date=day, articles=[])
    (pending,) = read_agent(_agent(pending=[row]), 26200, exact=exact).pending
    assert (pending.exact, pending.name) == (exact, row["title"])


def test_a_list_that_is_not_whole_is_not_read() -> None:
    with pytest.raises(UnparsedError):
        read_agent(_agent(pending=[_waits()], waiting=2), 26200, exact=True)


def test_a_refusal_is_told_by_its_number() -> None:
    refused = _agent(faults={"agent": 0x80070005}, result=0, searched=None, restart=None)
    assert read_agent(refused, 26200, exact=True).fault == 0x80070005
    searching = _agent(faults={"search": 0x80070422}, result=0)
    assert read_agent(searching, 26200, exact=True).fault == 0x80070422
    # without its own results or history it still says what waits
    rest = _agent(faults={"results": 0x80070005, "history": 0x80240007}, searched=None)
    assert read_agent(rest, 26200, exact=True).fault == 0


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([(1, 2, "12")], 1),
        ([(1, 3, "12")], 1),
        ([(1, 4, "12")], 0),
        ([(1, 1, "12")], 0),
        ([(2, 2, "14"), (1, 2, "12")], 0),
        ([(2, 4, "14"), (1, 2, "12")], 1),
        ([(1, 2, "15"), (2, 2, "14"), (1, 2, "12")], 1),
        ([(9, 2, "12")], 0),
    ],
)
def test_what_was_removed_again_does_not_count(
    rows: list[tuple[int, int, str]], found: int
) -> None:
    history = [
        {
            "title": "2026-11 Security Update (KB5101234) (26200.8990)",
            "date": f"2026-11-{day}T19:00:00Z",
            "operation": operation,
            "result": result,
        }
        for operation, result, day in rows
    ]
    assert len(read_agent(_agent(history=history), 26200, exact=True).installs) == found


def test_the_year_1899_is_never() -> None:
    assert read_agent(_agent(searched="1899-12-30T00:00:00Z"), 26200, exact=True).searched is None

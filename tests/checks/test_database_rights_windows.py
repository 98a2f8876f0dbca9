"""SQL Server on Windows: its settings, who has all rights, and what may not be concluded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assessor.api import read_registry
from assessor.model.answers import Fields, UnparsedError
from checks.database_rights.sqlserver import (
    Database,
    Inside,
    Principal,
    Settings,
    read_inside,
    read_settings,
)
from checks.database_rights.sqlserver_verdict import judge
from checks.database_rights.windows import read_servers

SAMPLES = Path(__file__).parents[2] / "checks" / "database_rights" / "samples"
AT = datetime(2026, 11, 28, 13, tzinfo=UTC)
ALL = "0.0.0.0"  # noqa: S104 - judged, not bound
DOMAIN = "0X010500000000000515000000" + "A1B2C3D4" * 3
Json = dict[str, Any]

SETTINGS = Settings("MSSQLSERVER", False, True, False, (), True, "15.0.4430.1")
INSIDE = Inside("MSSQLSERVER", 0, True, True, (), {}, 0, (), {}, "")


def _answer(probe: str, sample: str = "windows2022_sqlserver_good") -> Json:
    text = (SAMPLES / sample / f"{probe}.stdout").read_text(encoding="utf-8")
    found: Json = json.loads(text)
    return found


def _registry(name: str, value: object) -> str:
    """The good sample's registry, with one value changed."""
    answer = _answer("instances")
    for part in answer["registry"]:
        for key in part["keys"]:
            for each in key["values"]:
                if each["name"] == name:
                    each.update(kind=0 if value is None else 4, data=value)
    return json.dumps(answer)


def _faults(settings: Settings = SETTINGS, inside: Inside = INSIDE) -> list[str]:
    return [fault.id for fault in judge(settings, inside, ("BEDRIJF\\beheer",), AT).faults]


def _principal(sid: str, role: str = "sysadmin", name: str = "x") -> Principal:
    return Principal(name, sid, False, frozenset({role} - {""}), None)


@pytest.mark.parametrize(("mode", "mixed"), [(1, False), (2, True)])
def test_who_may_log_in(mode: int, *, mixed: bool) -> None:
    (found,) = read_settings(read_registry(_registry("LoginMode", mode)))
    assert found.mixed is mixed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LoginMode", 0),
        ("LoginMode", 3),
        ("LoginMode", None),
        ("AuditLevel", 4),
        ("ForceEncryption", 2),
        ("ListenOnAllIPs", 2),
    ],
)
def test_strange_values_are_not_understood(name: str, value: int | None) -> None:
    with pytest.raises(UnparsedError):
        read_settings(read_registry(_registry(name, value)))


def test_an_instance_without_settings_is_not_understood() -> None:
    answer = _answer("instances")
    answer["registry"][2]["keys"] = []
    with pytest.raises(UnparsedError, match="instance"):
        read_settings(read_registry(json.dumps(answer)))


@pytest.mark.parametrize(
    ("everywhere", "addresses", "encrypts", "fault", "wish"),
    [
        (True, (), False, ["listens_everywhere_plain"], False),
        (True, (), True, [], False),
        (False, (ALL,), False, ["listens_everywhere_plain"], False),
        (False, ("192.0.2.10",), False, [], True),
        (False, ("192.0.2.10",), True, [], False),
        (False, ("127.0.0.1", "::1"), False, [], False),
        (False, (), False, [], False),
    ],
)
def test_the_network(
    everywhere: bool,
    addresses: tuple[str, ...],
    encrypts: bool,
    fault: list[str],
    wish: bool,
) -> None:
    settings = replace(
        SETTINGS, everywhere=everywhere, addresses=addresses, encrypts_always=encrypts
    )
    verdict = judge(settings, INSIDE, (), AT)
    assert [each.id for each in verdict.faults] == fault
    assert ("plain_allowed" in [each.id for each in verdict.advice]) is wish


@pytest.mark.parametrize(
    ("sid", "role", "name", "faults"),
    [
        ("0X01", "sysadmin", "sa", []),
        ("0X010100000000000512000000", "sysadmin", "NT AUTHORITY\\SYSTEM", []),
        ("0X010600000000000550000000" + "AB" * 20, "sysadmin", "NT SERVICE\\SQLWriter", []),
        ("0X01020000000000052000000020020000", "sysadmin", "INGEBOUWD\\Administrators", []),
        ("0X01020000000000052000000021020000", "sysadmin", "Gebruikers", ["everyone_superuser"]),
        ("0X010100000000000100000000", "sysadmin", "Iedereen", ["everyone_superuser"]),
        ("0X01010000000000050B000000", "CONTROL SERVER", "x", ["everyone_superuser"]),
        (DOMAIN + "01020000", "sysadmin", "Domeingebruikers", ["everyone_superuser"]),
        (DOMAIN + "00020000", "sysadmin", "Domeinadministrators", ["superuser_windows"]),
        (DOMAIN + "50040000", "securityadmin", "jan", ["superuser_windows"]),
        (DOMAIN + "50040000", "sysadmin", "bedrijf\\BEHEER", []),
        (DOMAIN + "50040000", "dbcreator", "jan", []),
        (DOMAIN + "01020000", "", "Domeingebruikers", []),
    ],
)
def test_who_has_all_rights(sid: str, role: str, name: str, faults: list[str]) -> None:
    inside = replace(INSIDE, principals=(_principal(sid, role, name),))
    assert _faults(inside=inside) == faults


def test_a_disabled_account_has_no_rights() -> None:
    jan = replace(_principal(DOMAIN + "50040000"), disabled=True)
    assert _faults(inside=replace(INSIDE, principals=(jan,))) == []


@pytest.mark.parametrize(
    ("policy", "windows_only", "faults"),
    [
        (False, False, ["password_unchecked"]),
        (False, True, []),
        (True, False, []),
        (None, False, []),
    ],
)
def test_rules_for_passwords(
    policy: bool | None,
    windows_only: bool,
    faults: list[str],
) -> None:
    sa = replace(_principal("0X01", name="sa"), policy=policy)
    assert _faults(inside=replace(INSIDE, windows_only=windows_only, principals=(sa,))) == faults


@pytest.mark.parametrize(
    ("more", "faults"),
    [
        ({}, []),
        ({"guest": True}, ["guest_open"]),
        ({"trustworthy": True, "owners": 1, "owner": "SA"}, ["trustworthy"]),
        ({"trustworthy": True, "owners": 0, "owner": "sa"}, []),
        ({"trustworthy": True, "owners": 1, "owner": "jan"}, []),
        ({"owners": 3, "owner": "sa"}, []),
    ],
)
def test_databases(more: Mapping[str, Any], faults: list[str]) -> None:
    database = replace(Database("Loon", True, False, True, "jan", True), **more)
    sa = replace(_principal("0X01", name="sa"), disabled=True)
    assert _faults(inside=replace(INSIDE, databases=(database,), principals=(sa,))) == faults


@pytest.mark.parametrize(
    ("age", "late"),
    [(timedelta(days=7), False), (timedelta(days=7, seconds=1), True), (None, True)],
)
def test_backups_of_a_database(age: timedelta | None, *, late: bool) -> None:
    backups = {} if age is None else {"Loon": (AT - age).strftime("%Y-%m-%dT%H:%M:%SZ")}
    database = Database("Loon", True, False, True, "jan", True)
    inside = replace(INSIDE, databases=(database,), full_backups=backups)
    advice = [each.id for each in judge(SETTINGS, inside, (), AT).advice]
    assert ("database_backup_old" in advice) is late


def test_where_msdb_is_hidden_nothing_is_said_of_backups() -> None:
    answer = _answer("sqlserver")
    answer["instances"][0]["backups"] = {"error": 229, "rows": []}
    (inside,) = read_inside(Fields(answer))
    assert inside.full_backups is None
    assert "database_backup_old" not in [each.id for each in judge(SETTINGS, inside, (), AT).advice]


def _unseen(answer: Json) -> list[str]:
    (inside,) = read_inside(Fields(answer))
    return [gap.id for gap in judge(SETTINGS, inside, (), AT).gaps]


def test_the_good_sample_has_no_gap() -> None:
    assert _unseen(_answer("sqlserver")) == []


@pytest.mark.parametrize("part", ["principals", "settings", "databases"])
def test_a_refused_question_is_a_gap(part: str) -> None:
    answer = _answer("sqlserver")
    answer["instances"][0][part] = {"error": 229, "rows": []}
    assert "sqlserver_partly" in _unseen(answer)


def test_a_database_that_is_not_listed_is_a_gap() -> None:
    answer = _answer("sqlserver")
    answer["instances"][0]["server"]["rows"][0]["databases"] += 1
    assert _unseen(answer) == ["sqlserver_partly"]


def test_a_database_that_was_not_looked_into_is_a_gap() -> None:
    answer = _answer("sqlserver")
    answer["instances"][0]["within"] = []
    assert _unseen(answer) == ["databases_closed"]


def test_a_refused_log_in_is_a_gap() -> None:
    answer = _answer("sqlserver", "windows2019_sqlserver_refused")
    assert _unseen(answer) == ["sqlserver_refused"]


def test_programs_of_services() -> None:
    servers = read_servers(Fields(_answer("databases", "windows2022_mysql_postgresql_mongodb")))
    assert [(service.engine, service.running) for service in servers.services] == [
        ("MySQL/MariaDB", True),
        ("PostgreSQL", True),
        ("MongoDB", True),
        ("MySQL/MariaDB", False),
    ]


def test_a_service_without_a_program_is_not_understood() -> None:
    answer = _answer("databases")
    answer["services"][0]["program"] = ""
    with pytest.raises(UnparsedError, match="MSSQLSERVER"):
        read_servers(Fields(answer))

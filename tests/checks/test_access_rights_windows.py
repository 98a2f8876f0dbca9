"""Who can do everything on a Windows: reading its answers, and the boundaries of the judgement."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assessor.api import Judgement, Outcome, Parameters, Told, UnparsedError
from checks.access_rights.windows import (
    JOINED,
    LAPS_ROOTS,
    LEGACY_LAPS,
    PROFILES,
    SYSTEM,
    WINLOGON,
    Account,
    Computer,
    Group,
    Laps,
    Machine,
    Member,
    Service,
    Settings,
    Windows,
    read_computer,
    read_machine,
    read_services,
    read_settings,
)
from checks.access_rights.windows_register import administrators, among
from checks.access_rights.windows_verdict import evaluate

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
OWN = "S-1-5-21-1-2-3"
DOMAIN = "S-1-5-21-9-8-7"
BUILT_IN = Account("Administrator", f"{OWN}-500", disabled=True, password_required=True)
ANNA = Account("anna", f"{OWN}-1001", disabled=False, password_required=True, last=NOW)
ASKED = {
    SYSTEM: ["EnableLUA", "ConsentPromptBehaviorAdmin", "FilterAdministratorToken"],
    **{root: ["*"] for root in LAPS_ROOTS},
    LEGACY_LAPS: ["AdmPwdEnabled", "AdminAccountName"],
    WINLOGON: ["AutoAdminLogon", "DefaultUserName", "DefaultDomainName"],
    PROFILES: ["LocalProfileLoadTimeHigh", "LocalProfileLoadTimeLow"],
    JOINED: ["TenantId"],
}


def _member(sid: str, path: str, *, group: bool = False) -> Member:
    return Member(sid, f"WinNT://{path}", group)


BUILT_IN_MEMBER = _member(BUILT_IN.sid, "WORKGROUP/PC/Administrator")
ANNA_MEMBER = _member(ANNA.sid, "WORKGROUP/PC/anna")


def _machine(*accounts: Account, members: tuple[Member, ...] = (ANNA_MEMBER,)) -> Machine:
    group = Group("S-1-5-32-544", "Administrators", (BUILT_IN_MEMBER, *members))
    return Machine("PC", NOW, (group,), (BUILT_IN, *(accounts or (ANNA,))))


def _judge(
    machine: Machine,
    settings: Settings | None = None,
    *services: Service,
    computer: Computer | None = None,
    allowed: tuple[str, ...] = (),
    free: tuple[str, ...] = (),
) -> tuple[Judgement, Judgement]:
    seen = Windows(
        NOW,
        Told(NOW, computer or Computer(0, in_domain=False)),
        Told(NOW, machine),
        Told(NOW, settings or Settings()),
        Told(NOW, services),
    )
    parameters = Parameters(
        {
            "allowed_administrators": allowed,
            "allowed_without_password": free,
            "stale_days": 90,
        }
    )
    rights, register = evaluate(seen, parameters)
    return rights, register


KEYS = {
    "system": SYSTEM,
    "csp": LAPS_ROOTS[0],
    "policy": LAPS_ROOTS[1],
    "local": LAPS_ROOTS[2],
    "legacy": LEGACY_LAPS,
    "winlogon": WINLOGON,
    "joined": JOINED,
    "profiles": PROFILES,
}


def _registry(**given: dict[str, object]) -> str:
    """The answer to ``settings`` where these keys exist, and the two that always do."""
    there = {KEYS[name]: values for name, values in given.items()}
    parts = []
    for path, names in ASKED.items():
        values = there.get(path, {} if path in (SYSTEM, WINLOGON) else None)
        keys = []
        if values is not None:
            shown = list(values) if names == ["*"] else names
            keys = [
                {"key": path.replace("*", ANNA.sid), "values": [_value(n, values) for n in shown]}
            ]
        parts.append({"asked": "|".join((path, *names)), "keys": keys})
    return json.dumps({"registry": parts, "end": True})


def _value(name: str, values: dict[str, object]) -> dict[str, object]:
    if name not in values:
        return {"name": name, "kind": 0, "data": None}
    data = values[name]
    return {"name": name, "kind": 4 if isinstance(data, int) else 1, "data": data}


@pytest.mark.parametrize(
    ("role", "workstation", "controller"),
    [
        (0, True, False),
        (1, True, False),
        (2, False, False),
        (3, False, False),
        (4, False, True),
        (5, False, True),
    ],
)
def test_roles_of_a_computer(role: int, workstation: bool, controller: bool) -> None:
    row = {"PartOfDomain": False, "DomainRole": role}
    text = json.dumps({"class": "Win32_ComputerSystem", "there": True, "rows": [row], "end": True})
    found = read_computer(text)
    assert (found.workstation, found.controller) == (workstation, controller)


@pytest.mark.parametrize("rows", [[], [{"PartOfDomain": False, "DomainRole": 6}]])
def test_what_is_no_computer(rows: list[object]) -> None:
    text = json.dumps({"class": "Win32_ComputerSystem", "there": True, "rows": rows, "end": True})
    with pytest.raises(UnparsedError):
        read_computer(text)


@pytest.mark.parametrize(
    ("path", "name", "resolved"),
    [
        ("WinNT://EXAMPLE/anna", "EXAMPLE\\anna", True),
        ("WinNT://WORKGROUP/PC/anna", "PC\\anna", True),
        ("WinNT://NT AUTHORITY/INTERACTIVE", "NT AUTHORITY\\INTERACTIVE", True),
        ("WinNT://AzureAD/AnnaDeVries", "AzureAD\\AnnaDeVries", True),
        ("WinNT://S-1-5-21-9-8-7-1105", "S-1-5-21-9-8-7-1105", False),
        ("WinNT://S-1-12-1-1-2-3-4", "S-1-5-21-9-8-7-1105", False),
    ],
)
def test_paths_of_members(path: str, name: str, resolved: bool) -> None:
    member = Member("S-1-5-21-9-8-7-1105", path, group=False)
    assert (member.full_name, member.resolved) == (name, resolved)


def _answer() -> dict[str, Any]:
    account = {
        "name": "Administrator",
        "sid": f"{OWN}-500",
        "disabled": True,
        "locked": False,
        "password_required": True,
        "password_expires": False,
        "last_log_in": None,
        "password_age_s": 0,
    }
    member = {"sid": f"{OWN}-500", "path": "WinNT://WORKGROUP/PC/Administrator", "class": "User"}
    group = {"sid": "S-1-5-32-544", "name": "Administrators", "size": 1, "members": [member]}
    return {
        "computer": "PC",
        "now": "2026-11-28T09:00:00Z",
        "controller": False,
        "groups_size": 1,
        "groups": [group],
        "accounts_size": 1,
        "accounts": [account],
        "end": True,
    }


def test_the_smallest_windows_is_read() -> None:
    machine = read_machine(json.dumps(_answer()))
    assert machine.numbered(500) == machine.account(f"{OWN}-500")
    assert administrators(machine) == ()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("computer",), ""),
        (("controller",), True),
        (("now",), "28-11-2026 09:00:00"),
        (("groups_size",), 2),
        (("accounts_size",), 0),
        (("groups", 0, "size"), 2),
        (("groups", 0, "members", 0, "sid"), "Administrator"),
        (("groups", 0, "members", 0, "sid"), f"{OWN}-501"),
        (("groups", 0, "members", 0, "path"), "LDAP://CN=Administrator"),
        (("groups", 0, "members", 0, "path"), "WinNT://"),
        (("groups", 0, "sid"), "S-1-5-32-545"),
        (("accounts", 0, "sid"), f"{OWN}-501"),
        (("accounts", 0, "last_log_in"), "/Date(1732780800000)/"),
        (("accounts", 0, "password_age_s"), 10**30),
        (("end",), False),
    ],
)
def test_what_is_no_answer_of_the_script(path: tuple[Any, ...], value: object) -> None:
    answer = _answer()
    holder: Any = answer
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    with pytest.raises(UnparsedError):
        read_machine(json.dumps(answer))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, (True, 5, False)),
        ({"EnableLUA": 1, "ConsentPromptBehaviorAdmin": 2}, (True, 2, False)),
        ({"EnableLUA": 0, "ConsentPromptBehaviorAdmin": 0}, (False, 0, False)),
        ({"FilterAdministratorToken": 1}, (True, 5, True)),
    ],
)
def test_user_account_control(values: dict[str, object], expected: tuple[bool, int, bool]) -> None:
    found = read_settings(_registry(system=values), in_domain=False)
    assert (found.uac, found.consent, found.filtered) == expected


@pytest.mark.parametrize(
    "values",
    [
        {"EnableLUA": 2},
        {"EnableLUA": "1"},
        {"ConsentPromptBehaviorAdmin": 6},
        {"FilterAdministratorToken": 7},
    ],
)
def test_odd_values_of_user_account_control(values: dict[str, object]) -> None:
    with pytest.raises(UnparsedError):
        read_settings(_registry(system=values), in_domain=False)


@pytest.mark.parametrize(
    ("given", "in_domain", "joined", "laps"),
    [
        ({}, True, False, None),
        ({"csp": {"BackupDirectory": 2}}, True, False, Laps()),
        ({"csp": {"BackupDirectory": 2}}, False, False, None),
        ({"csp": {"BackupDirectory": 1}}, True, False, None),
        ({"csp": {"BackupDirectory": 1}}, False, True, Laps()),
        ({"csp": {"BackupDirectory": 0}}, True, True, None),
        # No setting of a directory: off.
        ({"csp": {"PasswordAgeDays": 30}}, True, True, None),
        (
            {"csp": {"BackupDirectory": 1, "AdministratorAccountName": "lokaal"}},
            False,
            True,
            Laps("lokaal"),
        ),
        # The first place with any setting counts, and it alone.
        ({"csp": {"BackupDirectory": 0}, "policy": {"BackupDirectory": 2}}, True, False, None),
        ({"csp": {}, "policy": {"BackupDirectory": 2}}, True, False, Laps()),
        ({"policy": {"BackupDirectory": 2}, "local": {"BackupDirectory": 0}}, True, False, Laps()),
        ({"local": {"BackupDirectory": 2}}, True, False, Laps()),
        ({"csp": {"BackupDirectory": 0}, "legacy": {"AdmPwdEnabled": 1}}, True, False, None),
        ({"csp": {}, "legacy": {"AdmPwdEnabled": 1}}, True, False, Laps()),
        ({"legacy": {"AdmPwdEnabled": 1}}, True, False, Laps()),
        ({"legacy": {"AdmPwdEnabled": 1, "AdminAccountName": "b"}}, True, False, Laps("b")),
        ({"legacy": {"AdmPwdEnabled": 1}}, False, False, None),
        ({"legacy": {"AdmPwdEnabled": 0}}, True, False, None),
    ],
)
def test_laps(
    given: dict[str, dict[str, object]], in_domain: bool, joined: bool, laps: Laps | None
) -> None:
    more: dict[str, dict[str, object]] = {"joined": {"TenantId": "5e3ce6c0"}} if joined else {}
    assert read_settings(_registry(**given, **more), in_domain=in_domain).laps == laps


def test_laps_with_a_directory_that_nobody_knows() -> None:
    with pytest.raises(UnparsedError):
        read_settings(_registry(csp={"BackupDirectory": 3}), in_domain=True)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, None),
        ({"AutoAdminLogon": "0", "DefaultUserName": "anna"}, None),
        ({"AutoAdminLogon": 1, "DefaultUserName": "anna"}, ("anna", "")),
        (
            {"AutoAdminLogon": "1", "DefaultUserName": "a", "DefaultDomainName": "PC"},
            ("a", "PC"),
        ),
    ],
)
def test_automatic_log_in(values: dict[str, object], expected: tuple[str, str] | None) -> None:
    assert read_settings(_registry(winlogon=values), in_domain=False).automatic == expected


def test_a_key_that_every_windows_has_is_missing() -> None:
    said = json.loads(_registry())
    said["registry"][0]["keys"] = []
    with pytest.raises(UnparsedError):
        read_settings(json.dumps(said), in_domain=False)


@pytest.mark.parametrize(
    ("row", "count"),
    [
        ({"Name": "A", "StartName": "EXAMPLE\\a", "StartMode": "Auto"}, 1),
        ({"Name": "A", "StartName": "a@example.nl", "StartMode": "Manual"}, 1),
        ({"Name": "A", "StartName": ".\\a", "StartMode": "Disabled"}, 0),
        ({"Name": "A", "StartName": "NT AUTHORITY\\LocalService", "StartMode": "Auto"}, 1),
    ],
)
def test_services(row: dict[str, object], count: int) -> None:
    text = json.dumps({"class": "Win32_Service", "there": True, "rows": [row], "end": True})
    assert len(read_services(text)) == count


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"Name": "A", "StartName": None, "StartMode": "Auto"}],
        [{"Name": "A", "StartName": "?", "StartMode": "Auto"}],
        [{"Name": "A", "StartName": ".\\a", "StartMode": "Automatisch"}],
    ],
)
def test_what_is_no_service(rows: list[object]) -> None:
    text = json.dumps({"class": "Win32_Service", "there": True, "rows": rows, "end": True})
    with pytest.raises(UnparsedError):
        read_services(text)


@pytest.mark.parametrize(
    ("names", "named"),
    [
        (("anna",), True),
        (("ANNA",), True),
        (("PC\\anna",), True),
        ((".\\anna",), True),
        ((f"{OWN}-1001",), True),
        (("EXAMPLE\\anna",), False),
        (("ann",), False),
        ((), False),
    ],
)
def test_names_of_a_local_administrator(names: tuple[str, ...], named: bool) -> None:
    machine = _machine()
    (one,) = administrators(machine)
    assert among(machine, names, one) is named


@pytest.mark.parametrize(
    ("names", "named"),
    [(("EXAMPLE\\anna",), True), (("anna",), False), ((f"{DOMAIN}-1204",), True)],
)
def test_names_of_an_administrator_of_a_domain(names: tuple[str, ...], named: bool) -> None:
    machine = _machine(members=(_member(f"{DOMAIN}-1204", "EXAMPLE/anna"),))
    (one,) = administrators(machine)
    assert among(machine, names, one) is named


def test_members_that_are_gone_or_switched_off_are_no_administrators() -> None:
    old = Account("old", f"{OWN}-1003", disabled=True, password_required=True)
    members = (
        _member(old.sid, "WORKGROUP/PC/old"),
        _member(f"{OWN}-1009", f"{OWN}-1009"),
    )
    rights, register = _judge(_machine(ANNA, old, members=members))
    assert (rights.outcome, rights.message.id) == (Outcome.PASS, "no_administrators_windows")
    assert register.message.id == "register_empty_windows"
    assert [each.id for each in rights.advice] == ["members_deleted"]


@pytest.mark.parametrize(
    "sid", ["S-1-1-0", "S-1-5-11", "S-1-5-4", "S-1-5-32-545", f"{DOMAIN}-513", f"{DOMAIN}-515"]
)
def test_everyone_an_administrator(sid: str) -> None:
    rights, _ = _judge(_machine(members=(_member(sid, "X/iedereen", group=True),)))
    assert (rights.outcome, rights.message.id) == (Outcome.FAIL, "everyone_administrator")


@pytest.mark.parametrize(("number", "outcome"), [(512, Outcome.PASS), (1611, Outcome.UNKNOWN)])
def test_groups_of_a_domain(number: int, outcome: Outcome) -> None:
    group = _member(f"{DOMAIN}-{number}", "EXAMPLE/Beheer", group=True)
    rights, _ = _judge(_machine(members=(group,)), computer=Computer(1, in_domain=True))
    assert rights.outcome is outcome


@pytest.mark.parametrize(("days", "outcome"), [(90, Outcome.PASS), (91, Outcome.FAIL)])
def test_the_last_day_that_an_account_counts_as_used(days: int, outcome: Outcome) -> None:
    last = NOW - timedelta(days=days)
    anna = Account("anna", ANNA.sid, disabled=False, password_required=True, last=last)
    rights, _ = _judge(_machine(anna))
    assert rights.outcome is outcome


def test_a_profile_that_was_loaded_shows_use() -> None:
    last = NOW - timedelta(days=200)
    anna = Account("anna", ANNA.sid, disabled=False, password_required=True, last=last)
    loaded = Settings(loaded={ANNA.sid: NOW - timedelta(days=2)})
    assert _judge(_machine(anna), loaded)[0].outcome is Outcome.PASS
    assert _judge(_machine(anna))[0].message.id == "stale_windows"


def test_times_of_profiles_are_filetimes() -> None:
    # 133,000,000,000,000,000 hundreds of nanoseconds after 1601.
    number = 133_000_000_000_000_000
    values: dict[str, object] = {
        "LocalProfileLoadTimeHigh": number >> 32,
        "LocalProfileLoadTimeLow": number & 0xFFFFFFFF,
    }
    found = read_settings(_registry(profiles=values), in_domain=False)
    assert found.loaded == {ANNA.sid: datetime(2022, 6, 18, 4, 26, 40, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("role", "laps", "message", "advice"),
    [
        (0, None, "built_in_open", []),
        (0, Laps(), "few_rights_windows", []),
        (0, Laps("administrator"), "few_rights_windows", []),
        (0, Laps("lokaal"), "built_in_open", []),
        (2, None, "few_rights_windows", ["built_in_used"]),
        (2, Laps(), "few_rights_windows", []),
    ],
)
def test_the_administrator_of_windows_itself(
    role: int, laps: Laps | None, message: str, advice: list[str]
) -> None:
    built_in = Account("Administrator", BUILT_IN.sid, disabled=False, password_required=True)
    group = Group("S-1-5-32-544", "Administrators", (BUILT_IN_MEMBER, ANNA_MEMBER))
    machine = Machine("PC", NOW, (group,), (built_in, ANNA))
    rights, register = _judge(
        machine, Settings(laps=laps), computer=Computer(role, in_domain=False), allowed=("anna",)
    )
    assert rights.message.id == message
    assert [each.id for each in rights.advice] == advice
    # It need not be named.
    assert register.outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("automatic", "found"),
    [
        (("anna", ""), True),
        (("ANNA", "pc"), True),
        (("PC\\anna", ""), True),
        (("anna", "EXAMPLE"), False),
        (("kassa", "PC"), False),
    ],
)
def test_logged_in_by_itself_as_an_administrator(automatic: tuple[str, str], found: bool) -> None:
    rights, _ = _judge(_machine(), Settings(automatic=automatic))
    assert (rights.message.id == "automatic_administrator") is found


@pytest.mark.parametrize(
    ("account", "message", "advice"),
    [
        (".\\anna", "service_administrator", []),
        ("PC\\Anna", "service_administrator", []),
        ("EXAMPLE\\anna", "few_rights_windows", ["service_accounts"]),
        ("svc@example.nl", "few_rights_windows", ["service_accounts"]),
        ("EXAMPLE\\gmsa$", "few_rights_windows", []),
        ("NT AUTHORITY\\NETWORK SERVICE", "few_rights_windows", []),
        ("NT-AUTORITÄT\\LOKALER DIENST", "few_rights_windows", []),
        ("NT SERVICE\\MSSQLSERVER", "few_rights_windows", []),
        ("LocalSystem", "few_rights_windows", []),
    ],
)
def test_accounts_of_services(account: str, message: str, advice: list[str]) -> None:
    rights, _ = _judge(_machine(), None, Service("Dienst", account), allowed=("anna",))
    assert rights.message.id == message
    assert [each.id for each in rights.advice] == advice


def test_groups_that_amount_to_administrators() -> None:
    piet = Account("piet", f"{OWN}-1002", disabled=False, password_required=True, last=NOW)
    group = Group("S-1-5-32-551", "Back-upoperators", (_member(piet.sid, "WORKGROUP/PC/piet"),))
    users = Group("S-1-5-32-555", "Extern bureaublad-gebruikers", group.members)
    plain = _machine(ANNA, piet)
    machine = Machine("PC", NOW, (users, group, *plain.groups), plain.accounts)
    rights, register = _judge(machine, allowed=("anna",))
    assert rights.message.id == "not_allowed"
    assert register.message.facts == {
        "administrators": ("piet",),
        "rights": ("Back-upoperators",),
    }
    assert rights.observed["other_members"] == ("piet",)


@pytest.mark.parametrize(
    ("consent", "free", "message"),
    [
        (0, (), "uac_silent"),
        (0, ("anna",), "few_rights_windows"),
        (0, ("piet",), "uac_silent"),
        (1, (), "few_rights_windows"),
    ],
)
def test_consent_that_is_not_asked_for(consent: int, free: tuple[str, ...], message: str) -> None:
    rights, _ = _judge(_machine(), Settings(consent=consent), free=free)
    assert rights.message.id == message

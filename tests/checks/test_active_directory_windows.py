"""The domain as a controller tells it: flags, limits of age, and who is in the groups."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assessor.api import (
    Captured,
    Captures,
    Fields,
    Outcome,
    Parameters,
    Platform,
    Role,
    Target,
    UnparsedError,
)
from assessor.model.target import TransportKind
from checks.active_directory.check import CHECK
from checks.active_directory.directory import read_directory
from checks.active_directory.rights import read_administrators

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
DOMAIN = "S-1-5-21-1-2-3"
TARGET = Target("dc", Role.SERVER, TransportKind.SSH, Platform.WINDOWS, "dc.example")


def stamp(days: float, seconds: int = 0) -> str:
    """So long ago."""
    return (NOW - timedelta(days=days, seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def account(rid: int, name: str, **changed: Any) -> dict[str, Any]:
    row = {"sid": f"{DOMAIN}-{rid}", "name": name, "uac": 512, "set": stamp(10)}
    row |= {"last": stamp(3), "created": stamp(900), "spn": False, "protected": False}
    return row | changed


def member(rid: int | str, name: str, kind: str = "user", uac: int | None = 512) -> dict[str, Any]:
    sid = rid if isinstance(rid, str) else f"{DOMAIN}-{rid}"
    return {"sid": sid, "name": name, "class": kind, "uac": uac}


def group(sid: int | str, *members: dict[str, Any]) -> dict[str, Any]:
    full = sid if isinstance(sid, str) else f"{DOMAIN}-{sid}"
    return {"sid": full, "name": f"group {sid}", "members": list(members)}


def domain(**changed: Any) -> dict[str, Any]:
    """A good one: an emergency account, one administrator, one member of staff."""
    chief = member(1105, "chief")
    answer: dict[str, Any] = {
        "controller": True,
        "now": stamp(0),
        "domain": {"sid": DOMAIN, "level": 7, "quota": 0, "interval": None},
        "forest": {"level": 7, "domains": 1, "recycle_bin": True},
        "users": [
            account(500, "Administrator", last=stamp(400)),
            account(501, "Guest", uac=66082, last=None),
            account(502, "krbtgt", uac=514, last=None, spn=True),
            account(1105, "chief"),
            account(1106, "staff"),
        ],
        "computers": [account(1000, "DC$", uac=532480)],
        "groups": [
            group("S-1-5-32-544", member(500, "Administrator"), chief),
            group(512, member(500, "Administrator"), chief),
            group(525, chief),
        ],
        "dns_admins": [],
        "cut": False,
        "end": True,
    }
    return answer | changed


def judged(answer: dict[str, Any], **parameters: Any) -> dict[str, tuple[Outcome, str, set[str]]]:
    """Outcome, message and advice by measure."""
    rows = [{"PartOfDomain": True, "DomainRole": 5}]
    computer = {"class": "Win32_ComputerSystem", "there": True, "rows": rows, "end": True}
    probes = {"computer": computer, "directory": answer}
    captures = Captures(
        TARGET,
        NOW,
        {name: Captured(name, json.dumps(said), "", 0, NOW) for name, said in probes.items()},
    )
    defaults: dict[str, Any] = {"allowed_administrators": (), "stale_days": 90, "krbtgt_days": 180}
    found = CHECK.evaluate(CHECK.observe(captures), Parameters({**defaults, **parameters}))
    return {
        each.measure: (each.outcome, each.message.id, {hint.id for hint in each.advice})
        for each in found
    }


def with_staff(**changed: Any) -> dict[str, Any]:
    answer = domain()
    answer["users"][-1] |= changed
    return answer


def test_a_good_domain_passes_both() -> None:
    found = judged(domain(), allowed_administrators=("CHIEF",))
    assert found == {
        "user-rights": (Outcome.PASS, "few_administrators", set()),
        "access-control": (Outcome.PASS, "accounts_shielded", set()),
    }


@pytest.mark.parametrize(
    ("uac", "message"),
    [
        (512, "accounts_shielded"),
        (512 | 0x20, "no_password_needed"),
        (514 | 0x20, "accounts_shielded"),
        (512 | 0x400000, "without_preauthentication"),
        (514 | 0x400000, "accounts_shielded"),
        (512 | 0x10000, "accounts_shielded"),
        (None, "flags_not_seen"),
    ],
)
def test_flags_of_an_account(uac: int | None, message: str) -> None:
    assert judged(with_staff(uac=uac))["access-control"][1] == message


@pytest.mark.parametrize(
    ("last", "message"),
    [
        (stamp(104), "accounts_shielded"),
        (stamp(104, 1), "stale"),
        (stamp(95), "accounts_shielded"),
    ],
)
def test_the_slack_of_the_last_log_in(last: str, message: str) -> None:
    assert judged(with_staff(last=last))["access-control"][1] == message


def test_another_interval_is_another_slack() -> None:
    answer = with_staff(last=stamp(95))
    answer["domain"]["interval"] = 1
    assert judged(answer)["access-control"][1] == "stale"
    answer["domain"]["interval"] = 0
    assert judged(answer)["access-control"][1] == "log_ins_not_noted"


def test_an_account_that_was_never_used_is_advice_once_it_is_old() -> None:
    old = judged(with_staff(last=None))["access-control"]
    new = judged(with_staff(last=None, created=stamp(5)))["access-control"]
    assert (old[0], old[2]) == (Outcome.PASS, {"never_used"})
    assert new == (Outcome.PASS, "accounts_shielded", set())


@pytest.mark.parametrize(
    ("set_on", "message"),
    [
        (stamp(180), "accounts_shielded"),
        (stamp(181), "domain_key_old"),
        (None, "domain_key_not_seen"),
    ],
)
def test_age_of_the_domains_key(set_on: str | None, message: str) -> None:
    answer = domain()
    answer["users"][2]["set"] = set_on
    assert judged(answer)["access-control"][1] == message


@pytest.mark.parametrize(("days", "outcome"), [(1.9, Outcome.PASS), (2.1, Outcome.UNKNOWN)])
def test_a_clock_that_is_off_says_nothing_on_ages(days: float, outcome: Outcome) -> None:
    answer = with_staff()
    answer["now"] = stamp(days)
    assert judged(answer)["access-control"][0] is outcome


@pytest.mark.parametrize(
    ("sid", "rid", "message"),
    [
        ("S-1-5-32-548", 1106, "operators"),
        ("S-1-5-32-551", 1106, "operators"),
        ("S-1-5-32-552", 1106, "few_administrators"),
        (f"{DOMAIN}-525", 1106, "few_administrators"),
        (f"{DOMAIN}-520", 1106, "few_administrators"),
    ],
)
def test_groups_that_should_be_empty(sid: str, rid: int, message: str) -> None:
    answer = domain()
    answer["groups"].append(group(sid, member(rid, "staff")))
    assert judged(answer)["user-rights"][1] == message
    # Named by the owner, it is meant to be so.
    named = judged(answer, allowed_administrators=("chief", "staff"))["user-rights"]
    assert named[0] is Outcome.PASS


@pytest.mark.parametrize(
    "inside",
    [
        member(513, "Domeingebruikers", "group", None),
        member(515, "Domeincomputers", "group", None),
        member("S-1-1-0", "S-1-1-0", "foreignSecurityPrincipal", None),
        member("S-1-5-11", "S-1-5-11", "foreignSecurityPrincipal", None),
    ],
)
def test_everybody_as_administrator(inside: dict[str, Any]) -> None:
    answer = domain()
    answer["groups"][0]["members"].append(inside)
    outcome, message, _ = judged(answer, allowed_administrators=("chief",))["user-rights"]
    assert (outcome, message) == (Outcome.FAIL, "everybody_is_administrator")


def test_an_administrator_who_is_not_on_the_list() -> None:
    found = judged(domain(), allowed_administrators=("someone",))["user-rights"]
    assert found[:2] == (Outcome.FAIL, "not_allowed")


def test_a_service_as_administrator() -> None:
    answer = domain()
    answer["users"][3]["spn"] = True
    assert judged(answer)["user-rights"][1] == "service_is_administrator"


@pytest.mark.parametrize(
    ("uac", "message"),
    [
        (4096 | 0x80000, "takes_any_identity"),
        (0x2000 | 0x80000, "few_administrators"),
        (4096 | 0x80000 | 0x2, "few_administrators"),
        (4096, "few_administrators"),
    ],
)
def test_delegation_without_limits(uac: int, message: str) -> None:
    answer = domain()
    answer["computers"].append(account(1120, "SRV$", uac=uac))
    assert judged(answer)["user-rights"][1] == message


def test_disabled_members_have_no_rights_and_are_advice() -> None:
    answer = domain()
    answer["users"].append(account(1107, "former", uac=514))
    answer["groups"][1]["members"].append(member(1107, "former", uac=514))
    outcome, _, hints = judged(answer, allowed_administrators=("chief",))["user-rights"]
    assert (outcome, hints) == (Outcome.PASS, {"disabled_members"})


@pytest.mark.parametrize(
    ("last", "advised"), [(stamp(44), True), (stamp(45), False), (None, False)]
)
def test_use_of_the_built_in_account(last: str | None, advised: bool) -> None:
    answer = domain()
    answer["users"][0]["last"] = last
    found = judged(answer, allowed_administrators=("chief",))
    assert ("built_in_used" in found["user-rights"][2]) is advised
    # It is for emergencies: unused, it is not stale.
    assert found["access-control"][0] is Outcome.PASS


def test_rights_by_several_ways_are_one_administrator() -> None:
    directory = read_directory(Fields(domain()))
    assert directory is not None
    found = {each.member.name: each.groups for each in read_administrators(directory)}
    both = ("group S-1-5-32-544", "group 512")
    assert found == {"Administrator": both, "chief": both}


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"users": []}, "krbtgt"),
        ({"groups": [group(512)]}, "S-1-5-32-544"),
        ({"groups": [group("S-1-5-32-544", member(500, "a"))]}, f"{DOMAIN}-512"),
        ({"groups": [group("S-1-5-32-544"), group(512)]}, "S-1-5-32-544"),
        (
            {"groups": [group("S-1-5-32-544", member(9999, "lost")), group(512)]},
            f"{DOMAIN}-9999",
        ),
        ({"now": "28-11-2026 09:00"}, "now"),
        ({"cut": None}, "cut"),
    ],
)
def test_what_is_not_whole_is_no_answer(change: dict[str, Any], part: str) -> None:
    with pytest.raises(UnparsedError, match=part):
        read_directory(Fields(domain(**change)))


def test_no_controller_is_no_domain() -> None:
    assert read_directory(Fields({"controller": False, "end": True})) is None

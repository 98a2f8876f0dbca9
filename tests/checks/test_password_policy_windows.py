"""The password check for Windows: its readers, and the numbers at which a verdict turns."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assessor.api import UnparsedError
from assessor.catalogue.manifest import read_check
from assessor.model.capture import Captured
from assessor.model.check import Captures, Parameters
from assessor.model.finding import Judgement
from assessor.model.target import Platform, Role, Target, TransportKind
from checks.password_policy.check import CHECK
from checks.password_policy.windows_accounts import read_domain, read_local

FOLDER = Path(__file__).parents[2] / "checks/password_policy"
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
DAY = 86400
Change = Callable[[dict[str, Any]], None]


def said(sample: str, probe: str) -> dict[str, Any]:
    """An answer of a sample, to be altered."""
    text = (FOLDER / "samples" / sample / f"{probe}.stdout").read_text(encoding="utf-8")
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


def judged(sample: str, **changes: Change) -> dict[str, Judgement]:
    """The judgements of ``sample``, with some answers changed; by their measures."""
    captures: dict[str, Captured] = {}
    for path in (FOLDER / "samples" / sample).glob("*.stdout"):
        answer = said(sample, path.stem)
        if path.stem in changes:
            changes[path.stem](answer)
        captures[path.stem] = Captured(path.stem, json.dumps(answer), "", 0, NOW)
    assert changes.keys() <= captures.keys()
    target = Target("pc", Role.SERVER, TransportKind.WINRM, Platform.WINDOWS, address="pc.example")
    facts = CHECK.observe(Captures(target, NOW, captures))
    found = CHECK.evaluate(facts, Parameters({"min_length": 14, "interval_days": 365}))
    return {judgement.measure: judgement for judgement in found}


def short(judgement: Judgement) -> tuple[str, str]:
    """Outcome and message."""
    return judgement.outcome.value, judgement.message.id


def every_user(**values: object) -> Change:
    def change(answer: dict[str, Any]) -> None:
        for user in answer["users"]:
            user.update(values)

    return change


def last_user(**values: object) -> Change:
    return lambda answer: answer["users"][-1].update(values)


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (0, ("fail", "no_policy_on_windows")),
        (1, ("fail", "too_short_on_windows")),
        (13, ("fail", "too_short_on_windows")),
        (14, ("pass", "strong")),
        (128, ("pass", "strong")),
        (-1, ("unknown", "unparsed")),
    ],
)
def test_length_of_a_local_password(length: int, expected: tuple[str, str]) -> None:
    found = judged("windows11_good", local_passwords=every_user(length=length))
    assert short(found["password-policy"]) == expected


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (1, ("pass", "rotated")),
        (366 * DAY - 1, ("pass", "rotated")),
        (366 * DAY, ("fail", "overdue")),
        (0, ("unknown", "date_unknown")),
        (None, ("unknown", "date_unknown")),
        (-5, ("unknown", "unparsed")),
    ],
)
def test_age_of_a_local_password(age: int | None, expected: tuple[str, str]) -> None:
    found = judged("windows11_good", local_passwords=last_user(age=age))
    assert short(found["password-rotation"]) == expected


@pytest.mark.parametrize(
    ("flags", "policy", "rotation"),
    [
        (0x200, "strong", "overdue"),
        (0x200 | 0x20, "password_not_required", "overdue"),
        (0x200 | 0x80, "reversible_accounts", "overdue"),
        (0x200 | 0x10000, "strong", "overdue"),
        (0x200 | 0x40000, "strong", "rotated"),
        (0x200 | 0x2, "strong", "rotated"),
        (0x200 | 0x2 | 0x20 | 0x80, "strong", "rotated"),
    ],
)
def test_flags_of_an_account(flags: int, policy: str, rotation: str) -> None:
    found = judged("windows11_good", local_passwords=last_user(flags=flags, age=4000 * DAY))
    assert found["password-policy"].message.id == policy
    assert found["password-rotation"].message.id == rotation


@pytest.mark.parametrize(
    ("longest", "flags", "demanded"),
    [
        (365 * DAY, 512, True),
        (366 * DAY, 512, False),
        (-1, 512, False),
        (0xFFFFFFFF, 512, False),
        (42 * DAY, 512 | 0x10000, False),
    ],
)
def test_whether_a_change_is_demanded(longest: int, flags: int, demanded: bool) -> None:
    def change(answer: dict[str, Any]) -> None:
        every_user(longest=longest)(answer)
        last_user(flags=flags)(answer)

    advice = judged("windows11_good", local_passwords=change)["password-rotation"].advice
    assert ("not_demanded" in [message.id for message in advice]) is not demanded


def test_a_microsoft_account_needs_no_password_of_its_own() -> None:
    """Windows marks such accounts as needing none; what they need is Microsoft's to say."""
    found = judged("windows11_good", local_passwords=last_user(flags=512 | 0x20, source=4))
    assert short(found["password-policy"]) == ("unknown", "microsoft_accounts")
    assert found["password-policy"].message.facts["names"] == "bert"


def test_a_fault_is_told_though_others_are_microsofts() -> None:
    def change(answer: dict[str, Any]) -> None:
        every_user(length=8)(answer)
        last_user(source=4)(answer)

    found = judged("windows11_good", local_passwords=change)
    assert short(found["password-policy"]) == ("fail", "too_short_on_windows")


def test_nobody_has_a_password() -> None:
    found = judged("windows11_good", local_passwords=every_user(flags=514))
    expected = ("not-applicable", "no_local_passwords")
    assert [short(found[measure]) for measure in sorted(found)] == [expected, expected]


def without_administrator(answer: dict[str, Any]) -> None:
    answer["users"] = [user for user in answer["users"] if not user["sid"].endswith("-500")]


def twice(answer: dict[str, Any]) -> None:
    answer["users"].append(answer["users"][-1])


@pytest.mark.parametrize(
    "change",
    [
        without_administrator,
        twice,
        last_user(length=13),
        last_user(sid="S-1-5-32-544"),
        last_user(source=5),
        last_user(flags=None),
        lambda answer: answer.update(role=6),
        lambda answer: answer.update(role=4),
        lambda answer: answer.update(users=[]),
        lambda answer: answer.update(end=False),
    ],
)
def test_local_accounts_that_are_not_whole(change: Change) -> None:
    answer = said("windows11_good", "local_passwords")
    read_local(json.dumps(answer))
    change(answer)
    with pytest.raises(UnparsedError):
        read_local(json.dumps(answer))


def policy(**values: object) -> Change:
    return lambda answer: answer["policy"].update(values)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (policy(minPwdLength=14), ("pass", "strong")),
        (policy(minPwdLength=13), ("fail", "too_short_on_windows")),
        (policy(minPwdLength=0), ("fail", "no_policy_on_windows")),
        (policy(minPwdLength=None), ("unknown", "unparsed")),
        (policy(pwdProperties=16), ("fail", "reversible")),
        (policy(pwdProperties=47 - 16), ("fail", "reversible")),
        (policy(pwdProperties=47 & ~16), ("pass", "strong")),
        (lambda answer: answer["exceptions"][0].update(length=13), ("fail", "exception_too_short")),
        (lambda answer: answer["exceptions"][0].update(reversible=True), ("fail", "reversible")),
        (lambda answer: answer.update(exceptions=[]), ("unknown", "exceptions_unseen")),
        (lambda answer: answer.update(may_create=False), ("unknown", "exceptions_unseen")),
        (lambda answer: answer.update(may_create=False, level=2), ("pass", "strong")),
        (lambda answer: answer.update(accounts=[]), ("unknown", "unparsed")),
        (lambda answer: answer.update(policy=None), ("unknown", "unparsed")),
        (lambda answer: answer.update(cut=True), ("unknown", "too_many_accounts")),
    ],
)
def test_policy_of_a_domain(change: Change, expected: tuple[str, str]) -> None:
    found = judged("server2022_dc_good", domain_passwords=change)
    assert short(found["password-policy"]) == expected


EXCEPTION = {
    "name": "Balie",
    "dn": "CN=Balie",
    "precedence": 1,
    "length": 14,
    "longest": 0,
    "complex": True,
    "reversible": False,
    "attempts": 10,
    "applies_to": 1,
}


@pytest.mark.parametrize(
    ("length", "exceptions", "expected"),
    [
        (14, [], ("pass", "strong")),
        (13, [], ("fail", "too_short_on_windows")),
        (14, [EXCEPTION], ("pass", "strong")),
        (13, [EXCEPTION], ("unknown", "exceptions_unseen")),
        (13, [{**EXCEPTION, "applies_to": 0}], ("fail", "too_short_on_windows")),
        (14, [{**EXCEPTION, "length": 13}], ("fail", "exception_too_short")),
        (14, [{**EXCEPTION, "length": 13, "applies_to": 0}], ("pass", "strong")),
    ],
)
def test_a_member_that_sees_all_of_its_domain(
    length: int, exceptions: list[object], expected: tuple[str, str]
) -> None:
    """It does not see for whom an exception holds."""

    def change(answer: dict[str, Any]) -> None:
        policy(minPwdLength=length)(answer)
        answer.update(may_create=True, container=True, exceptions=exceptions)

    found = judged("windows11_member_domain_asked", domain_passwords=change)
    assert short(found["password-policy"]) == expected


def test_an_exception_that_holds_for_nobody_is_no_fault() -> None:
    def change(answer: dict[str, Any]) -> None:
        answer["exceptions"].append({**answer["exceptions"][0], "dn": "CN=x", "length": 3})

    found = judged("server2022_dc_good", domain_passwords=change)
    assert short(found["password-policy"]) == ("pass", "strong")


def test_who_has_no_exception_falls_under_the_usual_rule() -> None:
    def change(answer: dict[str, Any]) -> None:
        answer["accounts"][-1]["exception"] = None

    found = judged("server2025_nl_dc_everyone_excepted", domain_passwords=change)
    assert short(found["password-policy"]) == ("fail", "too_short_on_windows")


def ticks(moment: datetime) -> int:
    """A moment as a domain keeps it."""
    return (moment - datetime(1601, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 10


@pytest.mark.parametrize(
    ("moment", "age"),
    [
        (ticks(NOW), 0),
        (ticks(NOW - timedelta(days=90)), 90),
        (ticks(NOW - timedelta(days=90) + timedelta(seconds=1)), 89),
        (ticks(NOW + timedelta(days=1)), None),
        (0, None),
        (None, None),
    ],
)
def test_age_of_a_password_of_a_domain(moment: int | None, age: int | None) -> None:
    answer = said("server2022_dc_good", "domain_passwords")
    answer["accounts"][-1]["set"] = moment
    assert read_domain(json.dumps(answer), NOW).users[-1].age == age


@pytest.mark.parametrize("moment", [-1, 2**63 - 1, "133500000000000000", 1.5])
def test_a_moment_that_is_none(moment: object) -> None:
    answer = said("server2022_dc_good", "domain_passwords")
    answer["accounts"][-1]["set"] = moment
    with pytest.raises(UnparsedError):
        read_domain(json.dumps(answer), NOW)


@pytest.mark.parametrize(
    ("ticks", "days"),
    [(-36288000000000, 42), (0, None), (-(2**63), None), (-1, 0)],
)
def test_longest_age_in_a_domain(ticks: int, days: int | None) -> None:
    answer = said("server2022_dc_good", "domain_passwords")
    answer["policy"]["maxPwdAge"] = ticks
    found = read_domain(json.dumps(answer), NOW).policy
    assert found is not None
    assert found.longest == days


def test_krbtgt_is_left_to_another_check() -> None:
    answer = said("server2022_dc_good", "domain_passwords")
    answer["accounts"][-1]["sid"] = answer["accounts"][-1]["sid"].rpartition("-")[0] + "-502"
    before = len(answer["accounts"])
    assert len(read_domain(json.dumps(answer), NOW).users) == before - 1


@pytest.mark.parametrize("role", [0, 2])
def test_a_domain_counts_for_its_members_alone(role: int) -> None:
    def change(answer: dict[str, Any]) -> None:
        answer["rows"][0]["DomainRole"] = role

    found = judged("windows11_member_second_hop", computer=change)
    assert found["password-policy"].message.id == "no_local_passwords"


def registry(name: str, kind: int, data: object) -> Change:
    def change(answer: dict[str, Any]) -> None:
        values = [v for part in answer["registry"] for key in part["keys"] for v in key["values"]]
        (value,) = [value for value in values if value["name"] == name]
        value.update(kind=kind, data=data)

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (registry("NoLMHash", 0, None), "strong"),
        (registry("NoLMHash", 4, 0), "lm_hash"),
        (registry("NoLMHash", 1, "1"), "unparsed"),
        (registry("UseLogonCredential", 4, 0), "strong"),
        (registry("UseLogonCredential", 4, 1), "wdigest"),
        (registry("AutoAdminLogon", 0, None), "strong"),
        (registry("AutoAdminLogon", 1, "1"), "logs_in_by_itself"),
        (registry("AutoAdminLogon", 4, 1), "logs_in_by_itself"),
        (registry("AutoAdminLogon", 1, "ja"), "unparsed"),
    ],
)
def test_how_passwords_are_kept(change: Change, message: str) -> None:
    assert judged("windows11_good", settings=change)["password-policy"].message.id == message


@pytest.mark.parametrize(
    ("setting", "precedence", "message"),
    [(True, 1, "reversible"), (True, 2, "policy_elsewhere"), (False, 1, "policy_elsewhere")],
)
def test_only_the_group_policy_that_won_counts(
    setting: bool, precedence: int, message: str
) -> None:
    def change(answer: dict[str, Any]) -> None:
        answer["rows"][-1].update(Setting=setting, precedence=precedence)

    found = judged("windows11_member_second_hop", group_policy_switches=change)
    assert found["password-policy"].message.id == message


def test_a_long_list_of_names_is_cut() -> None:
    def change(answer: dict[str, Any]) -> None:
        user = {**answer["users"][-1], "age": 4000 * DAY}
        answer["users"] += [
            {**user, "name": f"extra{n}", "sid": f"{user['sid'][:-4]}{2000 + n}"} for n in range(7)
        ]

    facts = judged("windows11_good", local_passwords=change)["password-rotation"].message.facts
    assert facts["names"] == "extra0, extra1, extra2, extra3, extra4, … (+2)"


@pytest.mark.parametrize(
    ("sample", "probe", "part"),
    [
        ("windows11_good", "local_passwords", ""),
        ("windows11_good", "local_passwords", "users"),
        ("server2022_dc_good", "domain_passwords", ""),
        ("server2022_dc_good", "domain_passwords", "exceptions"),
        ("server2022_dc_good", "domain_passwords", "accounts"),
    ],
)
def test_samples_have_the_fields_that_the_script_prints(sample: str, probe: str, part: str) -> None:
    """There is no Windows here to compare with: what is compared is what stands in the script."""
    found = said(sample, probe)
    fields = set(found[part][0] if part else found)
    text = (FOLDER / f"windows_{probe}.ps1").read_text(encoding="ascii")
    blocks = re.findall(r"\[ordered\]@\{(.*?)\n? *\}", text, re.DOTALL)
    printed = [set(re.findall(r"(?:^|;|\n) *(\w+) = ", block)) for block in blocks]
    assert fields in printed


def test_no_password_is_asked_for() -> None:
    probes = read_check(FOLDER, "bundled").probes[Platform.WINDOWS]
    asked = " ".join(probe.text + " ".join(probe.arguments) for probe in probes)
    assert not re.search(r"DefaultPassword|unicodePwd|dBCSPwd|ntPwdHistory", asked, re.IGNORECASE)

"""Synology DSM: its answers, its firewall, its accounts; and that unknown words never pass."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.devices.answers import FILE, joined, parted
from assessor.devices.device import Device, Reach, Storage, Topic
from assessor.devices.dsm import SYSTEM
from assessor.devices.dsm.backups import _moment, _offsite
from assessor.devices.dsm.firewall import NasFirewall, read_firewall
from assessor.devices.dsm.parts import Parts, read_reply
from assessor.devices.dsm.questions import QUESTIONS, Api, Ask, question
from assessor.devices.dsm.read import read
from assessor.devices.dsm.shadow import members, read_shadow
from assessor.devices.dsm.unread import Unread
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs
from tests.devices.cases import REDACTOR, Case, cases, judged
from tests.growth import LINEAR, growth

GOOD = next(case for case in cases(DeviceOs.DSM) if case.folder.name == "good")
ANSWERS: Mapping[str, str] = parted(GOOD.redacted())
PASSING = {
    name: {measure for measure, (outcome, _) in found.items() if outcome == "pass"}
    for name, found in judged(GOOD, GOOD.redacted()).items()
}


def changed(asked: str, old: str, new: str) -> Mapping[str, Mapping[str, list[str]]]:
    """The verdicts on the good case, one answer of which was changed."""
    assert old in ANSWERS[asked], f"{old!r} does not stand there"
    answers = {**ANSWERS, asked: ANSWERS[asked].replace(old, new)}
    return judged(GOOD, joined(answers.items()))


def test_questions_only_read_and_are_the_ones_that_a_public_client_uses() -> None:
    assert SYSTEM.questions == QUESTIONS
    assert len(set(QUESTIONS)) == len(QUESTIONS)
    assert QUESTIONS[0] == "cat /etc.defaults/VERSION"
    for asked in QUESTIONS:
        words = asked.replace("sudo -n ", "").replace("sh -c '", "").split()
        assert words[0] in {"cat", "hostname", "date", "grep", "ls", "/usr/syno/bin/synowebapi"}
        if "synowebapi" in asked:
            assert any(
                f"method={method} " in asked for method in ("get", "list", "load", "load_info")
            )
        assert not set(asked) & set(">|&;`$") or "'" in asked


def test_no_question_is_changed_by_the_redaction() -> None:
    text = joined((asked, "") for asked in QUESTIONS)
    assert REDACTOR.redact(text).text == text


@pytest.mark.parametrize(
    ("said", "data", "absent"),
    [
        ('{"data":{"a":1},"success":true}', {"a": 1}, False),
        ('[Line 255] Exec WebAPI\n{"data" : [], "success" : true}\n', [], False),
        ('{"error":{"code":102},"success":false}', None, True),
        ('{"error":{"code":105},"success":false}', None, False),
        ('{"data":{"a":1},"success":"yes"}', None, False),
        ('{"data":{"a":1},"success":true} more', None, False),
        ('{"data":{"a":1},"succ', None, False),
        ("sudo: a password is required\n[exit 1] ", None, False),
        ("", None, False),
        ("{" * 5000, None, False),
    ],
)
def test_an_answer_counts_only_whole(said: str, data: object, absent: bool) -> None:
    reply = read_reply(said)
    assert (reply.data, reply.absent) == (data, absent)
    assert reply.data is not None or reply.refused


# -- accounts --------------------------------------------------------------------------------


def test_shadow_tells_scheme_and_day() -> None:
    mark = "[secret:0123456789abcdef:20-or-more]"
    found, unknown = read_shadow(
        f"a:$6${mark}:20000:0:99999:7:::\n"
        f"b:$1${mark}:16000:0:99999:7:::\n"
        f"c:{mark}:0:0:99999:7:::\n"
        f"d:!$6${mark}:1:0:99999:7:::\n"
        f"e:$6${mark}:20000:0:99999:7::1:\n"
        "f::20000:0:99999:7:::\n"
        f"g:$9${mark}:20000:0:99999:7:::\n"
        "nonsense\n"
    )
    kept = {name: one.secret.storage if one.secret else None for name, one in found.items()}
    assert kept == {
        "a": Storage.HASH,
        "b": Storage.WEAK_HASH,
        "c": Storage.WEAK_HASH,
        "d": None,
        "e": Storage.HASH,
        "f": None,
        "g": Storage.UNKNOWN,
    }
    assert [name for name, one in found.items() if one.locked] == ["d", "e"]
    assert [name for name, one in found.items() if one.empty] == ["f"]
    assert found["a"].changed == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=20000)
    assert found["c"].changed is None
    assert unknown == ("nonsense",)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("administrators:x:101:admin,jan", {"admin", "jan"}),
        ("administrators:x:101:", set()),
        ("users:x:100:jan", None),
        ("", None),
    ],
)
def test_members(line: str, expected: set[str] | None) -> None:
    assert members(line, "administrators") == expected


@pytest.mark.parametrize(
    ("option", "adaptive", "expected"),
    [
        ("none", "none", False),
        ("none", "admin", None),
        ("admin", "none", None),
        ("custom", "none", None),
        ("surprise", "none", None),
    ],
)
def test_a_second_factor_that_is_only_demanded_is_not_proven(
    option: str, adaptive: str, expected: bool | None
) -> None:
    device = read(
        {
            Ask.VERSION: ANSWERS[Ask.VERSION],
            Ask.ADMINISTRATORS: "administrators:x:101:jan\n",
            question(Api.USERS): told(
                {"users": [{"name": "jan", "expired": "normal", "2fa_status": False}]}
            ),
            question(Api.SECOND_FACTOR): told({"otp_enforce_option": option}),
            question(Api.ADAPTIVE): told({"type": adaptive}),
        }
    )
    assert device.accounts is not None
    assert device.accounts[0].second_factor is expected


def told(data: object) -> str:
    return json.dumps({"data": data, "success": True})


# -- firewall --------------------------------------------------------------------------------


def rule(decides: int, group: int, addresses: list[str], **more: Any) -> dict[str, Any]:
    return {
        "chainList": ["INPUT_FIREWALL"],
        "enable": True,
        "ipDirect": 1,
        "ipGroup": group,
        "ipList": addresses,
        "ipType": 2,
        "policy": decides,
        "portDirect": 0,
        "portGroup": 3,
        "portList": [],
        "protocol": 3,
        "table": "filter",
        **more,
    }


def firewall(
    rules: list[dict[str, Any]],
    policies: dict[str, int] | None = None,
    adapters: str = "eth0 lo",
    eth0: list[dict[str, Any]] | None = None,
) -> tuple[NasFirewall | None, Unread]:
    unread = Unread()
    documents = [
        {"profile": "default", "status": True},
        {
            "name": "default",
            "rules": {"global": rules, "eth0": eth0 or []},
            "adapterPolicyMap": policies or {"global": 2},
        },
    ]
    text = "\n".join(json.dumps(one) for one in documents)
    found = read_firewall(Parts({Ask.FIREWALL: text, Ask.ADAPTERS: adapters}), unread)
    return found, unread


LAN = rule(0, 1, ["192.168.1.0", "255.255.255.0"])
ABROAD = rule(0, 0, ["203.0.113.7"])
NOBODY = rule(1, 5, [])


@pytest.mark.parametrize(
    ("rules", "reach"),
    [
        ([LAN, NOBODY], Reach.INSIDE),
        ([NOBODY, LAN], Reach.INSIDE),
        ([LAN], Reach.UNKNOWN),
        ([LAN, ABROAD, NOBODY], Reach.NAMED),
        ([LAN, NOBODY, ABROAD], Reach.INSIDE),
        ([rule(0, 5, []), NOBODY], Reach.UNKNOWN),
        ([{**rule(0, 5, []), "enable": False}, NOBODY], Reach.INSIDE),
        ([LAN, {**NOBODY, "enable": False}], Reach.UNKNOWN),
        # Only IPv4 is dropped, or only TCP, or only in another chain.
        ([LAN, {**NOBODY, "ipType": 0}], Reach.UNKNOWN),
        ([LAN, {**NOBODY, "ipType": 0}, {**NOBODY, "ipType": 1}], Reach.INSIDE),
        ([LAN, {**NOBODY, "protocol": 2}], Reach.UNKNOWN),
        ([LAN, {**NOBODY, "chainList": ["FORWARD_FIREWALL"]}], Reach.UNKNOWN),
        # Countries are nobody's own addresses.
        ([rule(0, 3, ["NL"]), NOBODY], Reach.UNKNOWN),
        # Rules for other ports.
        ([rule(0, 5, [], portGroup=1, portList=["80", "443-445"]), NOBODY], Reach.INSIDE),
        ([rule(0, 5, [], portGroup=1, portList=["5000-5001"]), NOBODY], Reach.UNKNOWN),
        ([rule(1, 5, [], portGroup=1, portList=["5001"])], Reach.INSIDE),
        # By the name of a service: it may be meant, but it need not be.
        ([rule(0, 5, [], portGroup=0, portList=["dms_https"]), NOBODY], Reach.UNKNOWN),
        ([rule(1, 5, [], portGroup=0, portList=["dms_https"])], Reach.UNKNOWN),
        ([rule(0, 4, ["10.0.0.1", "10.0.0.9"]), NOBODY], Reach.INSIDE),
        ([rule(0, 4, ["10.0.0.1", "11.0.0.9"]), NOBODY], Reach.NAMED),
        ([rule(0, 2, ["fd00::1", "192.168.0.9"]), NOBODY], Reach.INSIDE),
        ([rule(0, 0, ["0.0.0.0/0"]), NOBODY], Reach.UNKNOWN),
    ],
)
def test_rules_in_their_order(rules: list[dict[str, Any]], reach: Reach) -> None:
    found, unread = firewall(rules)
    assert found is not None
    assert not unread.lines()
    assert found.reach(5001) is reach


@pytest.mark.parametrize(
    ("policies", "adapters", "reach"),
    [
        ({"global": 2, "eth0": 1}, "eth0 lo", Reach.INSIDE),
        ({"global": 2, "eth0": 1}, "ovs_eth0 lo docker0", Reach.INSIDE),
        ({"global": 2, "eth0": 0}, "eth0", Reach.UNKNOWN),
        ({"global": 2, "eth0": 1}, "eth0 eth1", Reach.UNKNOWN),
        ({"global": 1}, "eth0 eth1", Reach.INSIDE),
    ],
)
def test_every_adapter_counts(policies: dict[str, int], adapters: str, reach: Reach) -> None:
    found, _ = firewall([LAN], policies, adapters)
    assert found is not None
    assert found.reach(5001) is reach


def test_rules_of_the_adapter_come_after_those_for_all() -> None:
    found, _ = firewall([NOBODY], {"global": 2, "eth0": 0}, eth0=[rule(0, 5, [])])
    assert found is not None
    assert found.reach(5001) is Reach.INSIDE


@pytest.mark.parametrize("key", sorted(LAN))
def test_a_rule_that_is_not_understood_is_noted(key: str) -> None:
    whole = {**LAN, "portGroup": 1, "portList": ["5001"]}
    without = {name: value for name, value in whole.items() if name != key}
    for broken in (without, {**whole, key: "?"}, {**whole, key: 99}):
        found, unread = firewall([broken, NOBODY])
        assert found is not None
        assert unread.lines()[Topic.FIREWALL]


# -- backups ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ({"transfer_type": "image_local", "target_type": "image"}, False),
        ({"transfer_type": "image_remote", "target_type": "image"}, True),
        ({"transfer_type": "synocloud_swift", "target_type": "cloud_image"}, True),
        ({"type": "share:local"}, False),
        ({"transfer_type": "carrier-pigeon"}, None),
        ({}, None),
    ],
)
def test_where_a_backup_goes(task: dict[str, object], expected: bool | None) -> None:
    assert _offsite(task) is expected


def test_moments_are_in_the_time_of_the_nas() -> None:
    zone = timezone(timedelta(hours=1))
    assert _moment("2026/11/27 02:30", zone) == datetime(2026, 11, 27, 1, 30, tzinfo=UTC)
    assert _moment("2026/11/27 02:30:05", zone) == datetime(2026, 11, 27, 1, 30, 5, tzinfo=UTC)
    assert _moment("2026/11/27 02:30", None) is None
    assert _moment("yesterday", zone) is None
    assert _moment(1_700_000_000, None) == datetime.fromtimestamp(1_700_000_000, UTC)


# -- files -----------------------------------------------------------------------------------


def test_a_file_may_hold_all_answers() -> None:
    text = "".join(f"### {asked}\n{said}\n" for asked, said in ANSWERS.items())
    assert judged(GOOD, joined([(FILE, text)])) == judged(GOOD, GOOD.redacted())


@pytest.mark.parametrize("text", ["{}", '{"data":{},"success":true}', "a=1\n", '{"data":[1]}', ""])
def test_other_files_are_none_of_dsm(text: str) -> None:
    with pytest.raises(UnparsedError):
        read({FILE: text})


def test_router_and_beestation_are_no_dsm() -> None:
    for name in ("SRM", "BSM"):
        with pytest.raises(UnparsedError):
            read({Ask.VERSION: ANSWERS[Ask.VERSION].replace('"DSM"', f'"{name}"')})


def test_synoinfo_is_redacted() -> None:
    raw = (
        'unique="synology_r1000_923+"\nsmspass="Bel-Geld-44"\neventpasscrypted="Zm9vYmFyYmF6"\n'
        'pushservice_dstoken="FQJlWSQI6xn9SuLDTCnL7Cs"\nupnpmodelname="DS923+"\n'
    )
    stored = REDACTOR.redact(raw).text
    for secret in ("Bel-Geld-44", "Zm9vYmFyYmF6", "FQJlWSQI6xn9SuLDTCnL7Cs"):
        assert secret not in stored
    firmware = read({FILE: stored}).firmware
    assert firmware is not None
    assert (firmware.model, firmware.version) == ("DS923+", "")


def test_sessions_of_the_web_interface_are_redacted() -> None:
    raw = '{"data":{"did":"aBcDeFgHiJkL","sid":"x9y8z7w6v5u4","synotoken":"--tok.en-1"}}'
    stored = REDACTOR.redact(raw).text
    assert all(one not in stored for one in ("aBcDeFgHiJkL", "x9y8z7w6v5u4", "--tok.en-1"))


# -- unknown words never pass ----------------------------------------------------------------

RESTING = [
    (Ask.SHADOW, "$6$", "$8$", "device_accounts", "password-policy"),
    (Ask.SHADOW, "99999", "many", "device_accounts", "access-control"),
    (Ask.NAMES, "files", "files winbind", "device_accounts", "access-control"),
    (question(Api.USERS), '"normal"', '"odd"', "device_accounts", "access-control"),
    (question(Api.USERS), "2fa_status", "3fa_status", "device_accounts", "mfa"),
    (question(Api.USERS), '"name"', '"naam"', "device_accounts", "access-control"),
    (question(Api.USERS), '"users"', '"people"', "device_accounts", "mfa"),
    (question(Api.USERS), '"success"', '"succes"', "device_accounts", "mfa"),
    (question(Api.PASSWORDS), "min_length_enable", "min_len", "device_accounts", "password-policy"),
    (question(Api.PASSWORDS), ": 14", ': "14"', "device_accounts", "password-policy"),
    (question(Api.SNMP), "enable_snmp_v1v2", "snmp_old", "device_accounts", "access-control"),
    (question(Api.TERMINAL), "enable_telnet", "telnets", "device_remote_access", "remote-access"),
    (question(Api.TERMINAL), "enable_ssh", "ssh_on", "device_remote_access", "remote-access"),
    (question(Api.WEB), "_redirect", "_redirected", "device_remote_access", "remote-access"),
    (question(Api.SMB), "enable_samba", "samba_on", "device_remote_access", "remote-access"),
    (question(Api.FTP), '"enable_ftp"', '"ftp"', "device_remote_access", "remote-access"),
    (question(Api.SFTP), '"enable"', '"on"', "device_remote_access", "remote-access"),
    (question(Api.QUICK_CONNECT), '"enabled"', '"on"', "device_remote_access", "remote-access"),
    (question(Api.PORT_FORWARDS), "[]", '[{"port": 1}]', "device_remote_access", "remote-access"),
    (question(Api.FIREWALL), "true,", "false,", "device_remote_access", "remote-access"),
    (Ask.FIREWALL, '"rules"', '"rulez"', "device_remote_access", "remote-access"),
    (Ask.FIREWALL, '"default"', '"other"', "device_remote_access", "remote-access"),
    (Ask.PACKAGES, "USBCopy", "VPNCenter", "device_remote_access", "remote-access"),
    (Ask.MOUNTS, "cryptvol_1", "secretvol_1", "nas_storage", "disk-encryption"),
    (Ask.MOUNTS, "/volume1", "/vol1", "nas_storage", "disk-encryption"),
    (question(Api.BACKUPS), "task_list", "tasks", "nas_storage", "backup"),
    (question(Api.BACKUPS), '"name"', '"title"', "nas_storage", "backup"),
    (question(Api.BACKUPS), '"done"', '"odd"', "nas_storage", "backup"),
    (question(Api.BACKUPS), "remote", "elsewhere", "nas_storage", "offsite-backup"),
    (Ask.ZONE, "+0100", "CET", "nas_storage", "backup"),
    (Ask.VERSION, "7.2.2", "7.8.2", "device_firmware", "patching"),
    (Ask.VERSION, "buildnumber", "build", "device_firmware", "patching"),
]


@pytest.mark.parametrize(("asked", "old", "new", "check", "measure"), RESTING)
def test_unknown_words_do_not_pass(
    asked: str, old: str, new: str, check: str, measure: str
) -> None:
    assert measure in PASSING[check]
    assert changed(asked, old, new)[check][measure][0] != "pass"


@pytest.mark.parametrize("key", sorted(set(LAN) - {"portList"}))
def test_unknown_words_of_the_firewall_do_not_pass(key: str) -> None:
    found = changed(Ask.FIREWALL, f'"{key}"', f'"{key}s"')
    assert found["device_remote_access"]["remote-access"][0] != "pass"


@pytest.mark.parametrize("asked", QUESTIONS)
def test_what_is_refused_is_not_taken_for_nothing(asked: str) -> None:
    """Without an answer no measure passes that did not pass before."""
    answers = {**ANSWERS, asked: "\n[exit 1] sudo: a password is required"}
    for name, measures in judged(GOOD, joined(answers.items())).items():
        passing = {measure for measure, (outcome, _) in measures.items() if outcome == "pass"}
        assert passing <= PASSING[name]


def test_every_answer_that_a_pass_rests_on_is_needed() -> None:
    # Whether the firewall is on is told twice; other directories are used only where named.
    resting = {asked for asked, *_ in RESTING} - {Ask.NAMES, question(Api.FIREWALL)}
    for asked in resting:
        answers = {**ANSWERS, asked: "\n[exit 1] sudo: a password is required"}
        found = judged(GOOD, joined(answers.items()))
        lost = [
            measure
            for name, measures in found.items()
            for measure, (outcome, _) in measures.items()
            if outcome != "pass" and measure in PASSING[name]
        ]
        assert lost, asked


# -- hostile text ----------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_cut_answers_are_read_or_refused(data: st.DataObject) -> None:
    asked = data.draw(st.sampled_from(QUESTIONS))
    said = ANSWERS[asked]
    at = data.draw(st.integers(0, len(said)))
    junk = data.draw(st.text(max_size=20))
    try:
        device = read({**ANSWERS, asked: said[:at] + junk})
    except UnparsedError:
        return
    for lines in device.unread.values():
        assert len(lines) <= 5
        assert all(len(line) <= 120 and line.isprintable() for line in lines)


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["users", "shares", "volumes", "task_list", "rules", "name", "enable", "strong_password",
     "enable_ssh", "enable_telnet", "enabled", "services", "result", "has_fail", "total"]
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(list(Api)[:-1]), st.dictionaries(KEYS, JSONISH | st.lists(JSONISH)))
def test_any_json_is_read_or_refused(api: Api, data: dict[str, object]) -> None:
    for wrapped in ({"data": data, "success": True}, {"data": [data], "success": True}):
        read({**ANSWERS, question(api): json.dumps(wrapped)})


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["", "{", "### ", '{"data":{', "majorversion="]))
def test_garbage_never_passes(text: str, start: str) -> None:
    found = judged(GOOD, joined([(FILE, start + text)]))
    assert "pass" not in {outcome for each in found.values() for outcome, _ in each.values()}


def test_long_answers_are_read_in_time() -> None:
    def long(count: int) -> Callable[[], Device]:
        shadow = "".join(
            f"user{n}:$6$[secret:{n:016x}:20-or-more]:20000:0:99999:7:::\n" for n in range(count)
        )
        mounts = "".join(
            f"/dev/mapper/cachedev_{n % 9} /volume{n % 9} btrfs rw 0 0\n" for n in range(count)
        )
        users = told({"users": [{"name": f"user{n}", "expired": "normal"} for n in range(count)]})
        said = {**ANSWERS, Ask.SHADOW: shadow, Ask.MOUNTS: mounts, question(Api.USERS): users}
        return lambda: read(said)

    assert growth(long, 1_250) < LINEAR
    device = long(10_000)()
    assert device.accounts is not None
    assert len(device.accounts) == 10_000


def test_cases_are_of_this_system() -> None:
    found: list[Case] = list(cases(DeviceOs.DSM))
    assert len(found) >= 5

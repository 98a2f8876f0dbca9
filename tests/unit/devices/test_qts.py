"""QNAP QTS: its settings, its volumes, the answers of its web interface."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.devices.answers import FILE, joined, parted
from assessor.devices.device import Reach, Topic
from assessor.devices.qts import SYSTEM
from assessor.devices.qts.ini import read_ini, truth
from assessor.devices.qts.questions import QUESTIONS, Ask
from assessor.devices.qts.read import read
from assessor.devices.releases import branch_of
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs
from tests.devices.cases import REDACTOR, cases, judged
from tests.growth import LINEAR, growth

GOOD = next(case for case in cases(DeviceOs.QTS) if case.folder.name == "good")
ANSWERS: Mapping[str, str] = parted(GOOD.redacted())
PASSING = {
    name: {measure for measure, (outcome, _) in found.items() if outcome == "pass"}
    for name, found in judged(GOOD, GOOD.redacted()).items()
}
SAMPLES = Path(__file__).resolve().parents[4] / "shared/samples/qnap"
HEALTH = """<?xml version="1.0"?>
<QDocRoot version="1.0"><authPassed><![CDATA[{passed}]]></authPassed>
<firmware><version><![CDATA[5.2.9]]></version><number><![CDATA[3410]]></number></firmware>
<func><ownContent><sysHealth><status><![CDATA[{health}]]></status></sysHealth></ownContent></func>
</QDocRoot>"""


def test_questions_only_read() -> None:
    assert SYSTEM.questions == QUESTIONS
    for asked in QUESTIONS:
        assert asked.split()[0] in {"awk", "cat", "grep", "/sbin/getcfg"}
        assert ">" not in asked.replace("2>/dev/null", "")
    text = joined((asked, "") for asked in QUESTIONS)
    assert REDACTOR.redact(text).text == text


def test_ini_as_getcfg_reads_it() -> None:
    sections, unknown = read_ini(
        "[System]\nWeb Access Port = 8080\nweb access port = 1\n# comment\n\nloose\n"
        "[LOGIN]\nSSH Enable=TRUE\n[system]\nName = a = b\n[unclosed\n"
    )
    assert sections == {
        "system": {"web access port": "8080", "name": "a = b"},
        "login": {"ssh enable": "TRUE"},
    }
    assert unknown == ("loose", "[unclosed")


@pytest.mark.parametrize(
    ("said", "expected"),
    [("TRUE", True), ("0", False), ("Yes", True), ("maybe", None), ("", None), (None, None)],
)
def test_truth(said: str | None, expected: bool | None) -> None:
    assert truth(said) is expected


# -- the ways in -----------------------------------------------------------------------------


def services(**more: str) -> dict[str, tuple[bool, Reach]]:
    device = read({**ANSWERS, **more})
    return {one.name: (one.enabled, one.reach) for one in device.services or ()}


def with_setting(old: str, new: str) -> dict[str, str]:
    assert old in ANSWERS[Ask.SETTINGS]
    return {Ask.SETTINGS: ANSWERS[Ask.SETTINGS].replace(old, new)}


def test_http_that_only_leads_on_is_no_way_in() -> None:
    assert services()["http"] == (False, Reach.UNKNOWN)
    assert services(**with_setting("Force SSL = 1", "Force SSL = 0"))["http"][0]
    # Without HTTPS there is nowhere to lead on to.
    assert services(**with_setting("Enable = 1", "Enable = 0"))["http"][0]


@pytest.mark.parametrize(
    ("upnp", "outer", "reach"),
    [
        ("TRUE\n", "8443", Reach.ANYWHERE),
        ("FALSE\n", "8443", Reach.UNKNOWN),
        ("TRUE\n", "0", Reach.UNKNOWN),
        # What UPnP does is not told: what is set up may well be in use.
        ("???\n", "8443", Reach.ANYWHERE),
    ],
)
def test_ports_that_the_router_was_told_to_forward(upnp: str, outer: str, reach: Reach) -> None:
    more = with_setting("ExtSSLPort = 0", f"ExtSSLPort = {outer}")
    assert services(**more, **{Ask.UPNP: upnp})["https"] == (True, reach)


@pytest.mark.parametrize(
    ("state", "link", "expected"),
    [
        ("0\n", "", (False, Reach.UNKNOWN)),
        ("3\n", "", (True, Reach.UNKNOWN)),
        ("3\n", "[CloudLink]\nEnable = TRUE\n", (True, Reach.ANYWHERE)),
        ("3\n", "[CloudLink]\nEnable = FALSE\n", (True, Reach.UNKNOWN)),
    ],
)
def test_cloud(state: str, link: str, expected: tuple[bool, Reach]) -> None:
    packages = ANSWERS[Ask.PACKAGES] + "\n" + link
    assert services(**{Ask.CLOUD: state, Ask.PACKAGES: packages})["cloud"] == expected


def test_snmp_lines() -> None:
    device = read(
        {
            **ANSWERS,
            **with_setting("Service Enable = FALSE", "Service Enable = TRUE"),
            Ask.SNMP: "rocommunity [secret:0123456789abcdef:common] default\n"
            "rwcommunity [secret:fedcba9876543210:8-11] 192.168.1.5\n"
            "rouser kijker priv\nrouser gast noauth\n",
        }
    )
    assert device.snmp is not None
    assert [(one.version, one.writable, one.encrypted, one.sources) for one in device.snmp] == [
        ("2c", False, False, ()),
        ("2c", True, False, ("192.168.1.5",)),
        ("3", False, True, ()),
        ("3", False, False, ()),
    ]


# -- volumes ---------------------------------------------------------------------------------


def test_a_degraded_array_is_told_of_its_volume_alone() -> None:
    raids = (
        "md1 : active raid1 sda3[0]\n      1 blocks [2/1] [U_]\n"
        "md2 : active raid1 sdc3[0] sdd3[1]\n      1 blocks [2/2] [UU]\n"
        "md9 : active raid1 sda1[0]\n      1 blocks [32/1] [U_______________________________]\n"
    )
    volumes = "".join(
        f"[VOL_{n}]\nvolName = v{n}\nraidName = /dev/md{n}\nencryption = yes\n" for n in (1, 2, 3)
    )
    device = read({**ANSWERS, Ask.VOLUMES: volumes, Ask.RAIDS: raids})
    assert [one.healthy for one in device.volumes or ()] == [False, True, None]


# -- firmware --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "until"),
    [
        ("4.2.4 build 20170313", 2022),
        ("4.5.2.1594 build 20210302", 2026),
        ("5.2.9.3410 build 20260214", None),
        ("h5.2.9.3410 build 20260214", None),
    ],
)
def test_branches(version: str, until: int | None) -> None:
    branch = branch_of(DeviceOs.QTS, version)
    assert branch is not None
    assert (branch.until.year if branch.until else None) == until


# -- files -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("health", "expected"), [("good", True), ("warning", False), ("sleepy", None)]
)
def test_health_of_the_system(health: str, expected: bool | None) -> None:
    device = read({FILE: HEALTH.format(passed=1, health=health)})
    assert device.volumes is not None
    assert [one.healthy for one in device.volumes] == [expected]
    assert (Topic.STORAGE in device.unread) is (expected is None)


ENTITY = (
    '<!DOCTYPE x [<!ENTITY e "5.2.9">]><QDocRoot><authPassed>1</authPassed>'
    "<firmware><version>&e;</version></firmware></QDocRoot>"
)


@pytest.mark.parametrize(
    "text",
    [
        HEALTH.format(passed=0, health="good"),
        HEALTH.format(passed=1, health="good")[:200],
        HEALTH.format(passed=1, health="good").replace("5.2.9", "soon"),
        ENTITY,
        "<html/>",
        "",
        "[other]\na = b\n",
    ],
)
def test_other_files_are_none_of_qts(text: str) -> None:
    with pytest.raises(UnparsedError):
        read({FILE: text})


def test_a_file_may_hold_all_answers() -> None:
    text = "".join(f"### {asked}\n{said}\n" for asked, said in ANSWERS.items())
    assert judged(GOOD, joined([(FILE, text)])) == judged(GOOD, GOOD.redacted())


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the published samples are not on this machine")
@pytest.mark.parametrize("name", [path.name for path in sorted(SAMPLES.glob("*.xml"))])
def test_published_samples(name: str) -> None:
    raw = (SAMPLES / name).read_text(encoding="utf-8")
    device = read({FILE: REDACTOR.redact(raw).text})
    assert device.firmware is not None
    version = "4.5.2.1594 build 20210302" if "1677" in name else "4.2."
    assert device.firmware.version.startswith(version)
    assert device.name
    # LABELS.tsv: "sysHealth good"; the others say nothing of the storage as a whole.
    healthy = [one.healthy for one in device.volumes or ()]
    assert healthy == ([True] if "systemhealth" in name else [])
    outcomes = {
        outcome
        for each in judged(GOOD, joined([(FILE, raw)])).values()
        for outcome, _ in each.values()
    }
    assert "pass" not in outcomes


# -- unknown words never pass ----------------------------------------------------------------

RESTING = [
    (Ask.SHADOW, "99999", "many", "device_accounts", "access-control"),
    (Ask.SHADOW, "k.smit", "k.smidt", "device_accounts", "access-control"),
    (Ask.USERS, ":1000:", ":duizend:", "device_accounts", "access-control"),
    (Ask.NAMES, "files", "files ldap", "device_accounts", "access-control"),
    (Ask.SETTINGS, "Service Enable", "Service Enabled", "device_accounts", "access-control"),
    (
        Ask.SETTINGS,
        "Enable = FALSE\n[NTP]",
        "Enable = OFF\n[NTP]",
        "device_accounts",
        "access-control",
    ),
    (Ask.VOLUMES, "encryption", "encrypted", "nas_storage", "disk-encryption"),
    (Ask.VOLUMES, "= yes\nssdCache", "= ja\nssdCache", "nas_storage", "disk-encryption"),
    (Ask.VOLUMES, "VOL_1", "POOL_1", "nas_storage", "disk-encryption"),
    (Ask.DEFAULTS, "5.2.9", "7.8.9", "device_firmware", "patching"),
    (Ask.SETTINGS, "[System]", "[Systeem]", "device_firmware", "patching"),
]


@pytest.mark.parametrize(("asked", "old", "new", "check", "measure"), RESTING)
def test_unknown_words_do_not_pass(
    asked: str, old: str, new: str, check: str, measure: str
) -> None:
    assert measure in PASSING[check]
    assert old in ANSWERS[asked]
    answers = {**ANSWERS, asked: ANSWERS[asked].replace(old, new)}
    assert judged(GOOD, joined(answers.items()))[check][measure][0] != "pass"


@pytest.mark.parametrize("asked", QUESTIONS)
def test_what_is_refused_is_not_taken_for_nothing(asked: str) -> None:
    answers = {**ANSWERS, asked: "\n[exit 1] cat: Permission denied"}
    for name, measures in judged(GOOD, joined(answers.items())).items():
        passing = {measure for measure, (outcome, _) in measures.items() if outcome == "pass"}
        assert passing <= PASSING[name]


# -- hostile text ----------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_cut_answers_are_read_or_refused(data: st.DataObject) -> None:
    asked = data.draw(st.sampled_from(QUESTIONS))
    said = ANSWERS[asked]
    at = data.draw(st.integers(0, len(said)))
    try:
        device = read({**ANSWERS, asked: said[:at] + data.draw(st.text(max_size=20))})
    except UnparsedError:
        return
    for lines in device.unread.values():
        assert len(lines) <= 5
        assert all(len(line) <= 120 and line.isprintable() for line in lines)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["", "<", "<QDocRoot>", "[System]\n", "[VOL_1]\n"]))
def test_garbage_never_passes(text: str, start: str) -> None:
    found = judged(GOOD, joined([(FILE, start + text)]))
    assert "pass" not in {outcome for each in found.values() for outcome, _ in each.values()}


def test_long_answers_are_read_in_time() -> None:
    def long(count: int) -> Callable[[], object]:
        settings_ = ANSWERS[Ask.SETTINGS] + "".join(f"\nSetting {n} = v" for n in range(3 * count))
        volumes = "".join(f"[VOL_{n}]\nencryption = yes\nvolName = v\n" for n in range(count))
        return lambda: read({**ANSWERS, Ask.SETTINGS: settings_, Ask.VOLUMES: volumes})

    assert growth(long, 1_200) < LINEAR

"""FortiOS: its grammar, who administers it, its wireless networks, its log, and published ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor.devices.answers import FILE, joined
from assessor.devices.device import Account, Protection, Reach, Storage, Strength, Topic
from assessor.devices.fortios import SYSTEM, read
from assessor.devices.fortios.firmware import told_version
from assessor.devices.fortios.grammar import read_tree, words_of
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs
from tests.devices.cases import REDACTOR, cases, judged
from tests.unit.devices.fortios_text import (
    HEAD,
    OBJECTS,
    administrator,
    admins,
    device,
    entry,
    interfaces,
    policy,
    section,
)

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples" / "fortigate"
GUESTS = entry("gast", ip="10.9.0.1 255.255.255.0", type="vap-switch")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a b", ("a", "b")),
        ('"a b" c', ("a b", "c")),
        (r'"say \"hi\"" "back\\slash"', ('say "hi"', "back\\slash")),
        ("''", ("",)),
        ('""', ("",)),
        ("'a b' c", ("a b", "c")),
        ('"two\nlines" x', ("two\nlines", "x")),
        ("", ()),
    ],
)
def test_words(text: str, words: tuple[str, ...]) -> None:
    assert words_of(text) == words


def test_a_value_of_many_lines_hides_no_command() -> None:
    tree, _ = read_tree(
        'config system replacemsg\n    set buffer "<b class=\\"x\\">\nconfig system admin\nend\n"\n'
        "    set after 1\nend\n"
    )
    table = tree.parts["system replacemsg"]
    assert table.one("buffer") == '<b class="x">\nconfig system admin\nend\n'
    assert table.one("after") == "1"
    assert list(tree.parts) == ["system replacemsg"]


def test_end_closes_an_entry_and_its_table() -> None:
    tree, _ = read_tree("config a\nedit 1\nset x 1\nconfig b\nset y 2\nend\nend\nconfig c\nend\n")
    assert tree.parts["a"].entries["1"].parts["b"].one("y") == "2"
    assert "c" in tree.parts


def test_tables_that_are_written_twice_are_one() -> None:
    first = section("a", entry(1, x="1", z="0"))
    tree, _ = read_tree(first + "config a\nedit 1\nset x 2\nunset z\nappend x 3\nnext\nend\n")
    assert tree.parts["a"].entries["1"].all("x") == ("2", "3")
    assert tree.parts["a"].entries["1"].settings["z"] == ()


@pytest.mark.parametrize(
    "before", ["FGT-60F # show\n", "FGT (root) # show\n\n", "fw $ ", "FortiGate-80F # ", "# Head\n"]
)
def test_prompts_around_a_configuration_are_no_part_of_it(before: str) -> None:
    tree, comments = read_tree(f"{before}{HEAD}config system global\nend\nFGT-60F # \n")
    assert list(tree.parts) == ["system global"]
    assert HEAD.strip() in comments
    assert tree.strange == []


def test_what_a_pager_left_is_no_part_of_it() -> None:
    tree, _ = read_tree("config a\n--More--         set x 1\nend\n")
    assert tree.parts["a"].one("x") == "1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "Unknown action 0\n",
        "config system global\n",
        "config system global\nset x 1\n",
        'config a\nset x "open\nend\n',
        "end\nnext\n",
        "config a\n" * 100,
    ],
)
def test_what_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(UnparsedError):
        read({FILE: text})


def test_without_an_answer_to_show_nothing_is_read() -> None:
    with pytest.raises(UnparsedError):
        read({"get system status": "Version: FortiGate-60F v7.4.7,build2731,250120 (GA.M)\n"})


@pytest.mark.parametrize("question", SYSTEM.questions)
def test_questions_only_read(question: str) -> None:
    assert question.split()[0] in {"show", "get"}
    for other in (SYSTEM.alternatives or {}).get(question, ()):
        assert other.split()[:3] == ["sudo", "global", "get"]


# --- who administers it --------------------------------------------------------------------------


def account(*parts: str, **settings: str) -> Account:
    people = admins(entry("a", **({"accprofile": "super_admin"} | settings)))
    return (device(people, *parts).accounts or ())[0]


ENC = "ENC SH2abcdefghijklmnop="


@pytest.mark.parametrize(
    ("settings", "empty", "factor", "storage"),
    [
        ({"password": ENC}, False, False, Storage.HASH),
        ({}, True, False, None),
        ({"password": "welkom123"}, False, False, Storage.CLEAR),
        ({"password": ENC, "two_factor": "sms"}, False, True, Storage.HASH),
        ({"password": ENC, "two_factor": "disable"}, False, False, Storage.HASH),
        ({"remote_auth": "enable", "wildcard": "enable"}, False, None, None),
        ({"peer_auth": "enable", "peer_group": "x"}, False, None, None),
        ({"password": "<configuration removed>"}, False, False, Storage.UNKNOWN),
        ({"password": "ENC <removed>"}, False, False, Storage.UNKNOWN),
    ],
)
def test_how_an_administrator_logs_in(
    settings: dict[str, str], empty: bool, factor: bool | None, storage: Storage | None
) -> None:
    found = account(**settings)
    assert (found.empty, found.second_factor) == (empty, factor)
    assert (found.secret.storage if found.secret else None) is storage


def test_the_class_of_a_password_in_clear_is_told() -> None:
    found = account(password="welkom123").secret
    assert found is not None
    assert found.strength is Strength.COMMON
    assert found.stable


def test_ciphertexts_say_nothing_about_change() -> None:
    found = account(password=ENC).secret
    assert found is not None
    assert found.mark
    assert not found.stable


@pytest.mark.parametrize(
    ("profile", "administers"),
    [
        (entry("p", sysgrp="read"), False),
        (entry("p", sysgrp="read-write"), True),
        (entry("p", section("fwgrp-permission", policy="read-write"), fwgrp="custom"), True),
        (entry("p", section("fwgrp-permission", policy="read"), fwgrp="custom"), False),
        (entry("other", sysgrp="read"), True),
    ],
)
def test_profiles_without_write_access_administer_nothing(profile: str, administers: bool) -> None:
    found = account(section("system accprofile", profile), accprofile="p", password=ENC)
    assert found.administrator is administers


def test_hidden_administrators_are_not_forgotten() -> None:
    found = device(admins(administrator("reader", accprofile="reader")))
    assert [one.name for one in found.accounts or ()] == ["reader", "super_admin (hidden)"]
    assert found.unread[Topic.ACCOUNTS]


@pytest.mark.parametrize(
    ("version", "settings", "length"),
    [
        ("7.4.11", None, 0),
        ("7.4.11", {}, 0),
        ("7.4.11", {"status": "enable"}, 8),
        ("7.4.11", {"status": "enable", "minimum_length": "16"}, 16),
        ("7.4.11", {"status": "disable", "minimum_length": "16"}, 0),
        ("7.4.11", {"status": "enable", "apply_to": "ipsec-preshared-key"}, 0),
        ("7.6.5", None, None),
        ("7.6.5", {"status": "enable"}, None),
        ("7.6.5", {"status": "disable"}, 0),
        ("7.6.5", {"status": "enable", "minimum_length": "12"}, 12),
    ],
)
def test_demanded_length(version: str, settings: dict[str, str] | None, length: int | None) -> None:
    table = "" if settings is None else section("system password-policy", **settings)
    assert device(admins(), table, version=version).min_length == length


# --- wireless networks ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("security", "protection", "enterprise"),
    [
        ("", Protection.WPA2, False),
        ("open", Protection.OPEN, False),
        ("captive-portal", Protection.OPEN, False),
        ("wep128", Protection.WEP, False),
        ("wpa-personal+captive-portal", Protection.WPA_WPA2, False),
        ("wpa2-only-enterprise", Protection.WPA2, True),
        ("wpa3-sae-transition", Protection.WPA2_WPA3, False),
        ("wpa3-only-enterprise", Protection.WPA3, True),
        ("owe", Protection.OWE, False),
        ("wpa9", Protection.UNKNOWN, False),
    ],
)
def test_wireless_security(security: str, protection: Protection, enterprise: bool) -> None:
    vap = section("wireless-controller vap", entry("v", ssid="S", security=security))
    (found,) = device(vap).wifi or ()
    assert (found.protection, found.enterprise) == (protection, enterprise)


def test_each_person_may_have_a_passphrase_of_their_own() -> None:
    keys = section(
        "mpsk-key", entry("a", passphrase="ENC abcdefghijklmnop"), entry("b", passphrase="kort123")
    )
    profile = section(
        "wireless-controller mpsk-profile", entry("m", section("mpsk-group", entry("g", keys)))
    )
    vap = section("wireless-controller vap", entry("v", ssid="S", mpsk_profile="m"))
    (found,) = device(profile, vap).wifi or ()
    assert [(one.storage, one.strength) for one in found.secrets] == [
        (Storage.REVERSIBLE, None),
        (Storage.CLEAR, Strength.UNDER_8),
    ]


def test_a_key_of_ones_own_makes_ciphertexts_more_than_a_formality() -> None:
    vap = section("wireless-controller vap", entry("v", passphrase="ENC abcdefghijklmnop"))
    own = section("system global", private_data_encryption="enable")
    found = [device(text, vap).wifi for text in ("", own)]
    storages = [one.storage for wifi in found for each in wifi or () for one in each.secrets]
    assert storages == [Storage.REVERSIBLE, Storage.ENCRYPTED]


def guests(*parts: str, **settings: str) -> bool | None:
    vap = section("wireless-controller vap", entry("gast", ssid="Gasten", **settings))
    (found,) = device(interfaces(GUESTS), OBJECTS, vap, *parts).wifi or ()
    assert found.guest
    return found.isolated


@pytest.mark.parametrize(
    ("settings", "isolated"),
    [
        ({"dstintf": "wan1"}, True),
        ({"dstintf": "lan"}, False),
        ({"dstintf": "any"}, False),
        ({"srcintf": "any", "dstintf": "lan"}, False),
        ({"dstintf": "lan", "status": "disable"}, True),
        ({"dstintf": "dmz", "dstaddr": "server"}, True),
        ({"dstintf": "lan", "dstaddr": "office"}, False),
        ({"dstintf": "lan", "service": "HTTPS"}, None),
    ],
)
def test_guests_are_apart_as_policies_say(settings: dict[str, str], isolated: bool | None) -> None:
    table = section("firewall policy", policy(1, **({"srcintf": "gast"} | settings)))
    assert guests(table) is isolated


@pytest.mark.parametrize(
    ("more", "isolated"),
    [
        (section("system switch-interface", entry("sw", member="gast lan")), False),
        (section("system zone", entry("z", intrazone="allow", interface="gast lan")), False),
        (section("system zone", entry("z", interface="gast lan")), True),
    ],
)
def test_guests_in_one_switch_or_zone_with_others(more: str, isolated: bool) -> None:
    assert guests(more, section("firewall policy")) is isolated


def test_guests_whose_traffic_leaves_at_the_access_point_are_in_its_vlan() -> None:
    table = section("firewall policy", policy(srcintf="v9", dstintf="lan"))
    vlan = section("system interface", entry("v9", ip="10.8.0.1 255.255.255.0", vlanid="9"))
    assert guests(table, local_bridging="enable") is None
    assert guests(table, vlan, local_bridging="enable", vlanid="9") is False


# --- log, clock, version -------------------------------------------------------------------------

SYSLOG = section("log syslogd setting", status="enable", server="10.0.0.9")


@pytest.mark.parametrize(
    ("text", "remote", "encrypted"),
    [
        (SYSLOG, ("10.0.0.9",), False),
        (section("log syslogd setting", server="10.0.0.9"), (), None),
        (
            section(
                "log syslogd2 setting",
                status="enable",
                server="10.0.0.7",
                mode="reliable",
                enc_algorithm="high",
            ),
            ("10.0.0.7",),
            True,
        ),
        (
            section("log fortianalyzer setting", status="enable", server="10.0.0.8"),
            ("10.0.0.8",),
            True,
        ),
        (section("log fortiguard setting", status="enable"), ("FortiGate Cloud",), True),
        (SYSLOG + section("log syslogd filter", severity="error"), (), None),
        (SYSLOG + section("log eventfilter", event="disable"), (), None),
    ],
)
def test_where_the_log_goes(text: str, remote: tuple[str, ...], encrypted: bool | None) -> None:
    found = device(text).logging
    assert found is not None
    assert (found.remote, found.encrypted) == (remote, encrypted)


@pytest.mark.parametrize(
    ("settings", "days"),
    [({}, None), ({"status": "enable"}, 7), ({"status": "enable", "maximum_log_age": "90"}, 90)],
)
def test_how_long_the_disk_keeps_it(settings: dict[str, str], days: int | None) -> None:
    found = device(section("log disk setting", **settings)).logging
    assert found is not None
    assert found.days == days


SERVER = section("ntpserver", entry(1, server="ntp.time.nl"))


@pytest.mark.parametrize(
    ("text", "state", "servers"),
    [
        (section("system ntp", ntpsync="enable"), "", ("FortiGuard",)),
        (section("system ntp", ntpsync="disable"), "", ()),
        (section("system ntp"), "", ()),
        (section("system ntp"), "ntpsync   : enable\ntype   : fortiguard\n", ("FortiGuard",)),
        ("", "", None),
        ("", "ntpsync   : enable\ntype   : fortiguard\n", ("FortiGuard",)),
        ("", "command parse error before 'ntp'\n", None),
        (section("system ntp", SERVER, ntpsync="enable", type="custom"), "", ("ntp.time.nl",)),
        (section("system ntp", ntpsync="enable", type="custom"), "", ()),
    ],
)
def test_time_servers(text: str, state: str, servers: tuple[str, ...] | None) -> None:
    found = read({"show": HEAD + admins() + text, "get system ntp": state})
    assert found.ntp == servers


@pytest.mark.parametrize(
    ("line", "model", "version", "built"),
    [
        (
            "Version: FortiGate-60F v7.0.7,build0367,221005 (GA.F)",
            "FortiGate-60F",
            "7.0.7",
            "2022-10-05",
        ),
        (
            "# Version: FortiGate-91G v7.4.7,build2731,250120 (GA.M)",
            "FortiGate-91G",
            "7.4.7",
            "2025-01-20",
        ),
        (
            "#config-version=FGT60F-7.4.7-FW-build2731-250120:opmode=0",
            "FGT60F",
            "7.4.7",
            "2025-01-20",
        ),
        (
            "#config-version=FortiGate-VM64 v6.2.3,build1066,191218 (GA):x",
            "FortiGate-VM64",
            "6.2.3",
            "2019-12-18",
        ),
        ("#config-version=FGVM64-5.02-FW-build736-160907:x", "FGVM64", "5.02", "2016-09-07"),
        ("#config-version=FG100F-7.2.13-FW-build1762-269999:x", "FG100F", "7.2.13", None),
    ],
)
def test_versions(line: str, model: str, version: str, built: str | None) -> None:
    found = told_version([line])
    assert found is not None
    assert (found.model, found.version) == (model, version)
    assert (found.built.isoformat() if found.built else None) == built


# --- VPN -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "factor"),
    [
        (entry("piet", type="password", two_factor="fortitoken"), True),
        (entry("piet", type="password"), False),
        (entry("piet", type="ldap", ldap_server="ad"), None),
        (entry("piet", type="password", status="disable"), True),
        ("", None),
    ],
)
def test_a_second_factor_for_all_who_dial_in(user: str, factor: bool | None) -> None:
    people = section("user local", user, entry("eva", two_factor="email"))
    groups = section("user group", entry("staff", member="piet eva"))
    rules = section("authentication-rule", entry(1, groups="staff"))
    portal = section("vpn ssl settings", rules, source_interface="wan1")
    (found,) = device(interfaces(), people, groups, portal).vpns or ()
    assert (found.kind, found.second_factor) == ("ssl-vpn", factor)


def test_a_portal_without_an_interface_is_off() -> None:
    assert device(interfaces(), section("vpn ssl settings", port="10443")).vpns == ()


@pytest.mark.parametrize(
    ("phase2", "kind"),
    [
        ({"encapsulation": "transport-mode"}, "l2tp-ipsec"),
        ({"encapsulation": "tunnel-mode"}, "l2tp"),
    ],
)
def test_l2tp_within_ipsec_is_another_thing(phase2: dict[str, str], kind: str) -> None:
    tunnel = section("vpn ipsec phase2", entry("p", **phase2))
    (found,) = device(interfaces(), tunnel, section("vpn l2tp", status="enable")).vpns or ()
    assert found.kind == kind


# --- published ones ------------------------------------------------------------------------------


@pytest.mark.skipif(not SAMPLES.exists(), reason="the shared samples are not here")
def test_a_published_fortigate_91g() -> None:
    text = (SAMPLES / "oxidized-fortigate-FortiGate-91G_7.4.7.txt").read_text(encoding="utf-8")
    found = read({FILE: REDACTOR.redact(text).text})
    assert found.name == "TEST-FW1234"
    assert found.firmware is not None
    assert (found.firmware.model, found.firmware.version) == ("FortiGate-91G", "7.4.7")
    assert found.unread == {}
    assert {one.name: one.reach for one in found.services or ()} == {
        "https": Reach.NAMED,
        "ssh": Reach.NAMED,
        "http": Reach.NAMED,
        "snmp": Reach.ANYWHERE,
    }
    case = next(cases(DeviceOs.FORTIOS))
    verdicts = judged(case, joined([(FILE, REDACTOR.redact(text).text)]))
    # As its label says: trusted hosts soften what stands open on wan1, and do not cure it.
    assert verdicts["device_remote_access"]["remote-access"][0] == "fail"


@pytest.mark.skipif(not SAMPLES.exists(), reason="the shared samples are not here")
@pytest.mark.parametrize(
    ("name", "model", "version"),
    [
        ("6.2", "FortiGate-600E", "6.2.6"),
        ("7.0", "FortiGate-60F", "7.0.7"),
        ("7.0_1801f", "FortiGate-1801F", "7.0.13"),
        ("7.0_40f", "FortiGate-40F", "7.0.15"),
    ],
)
def test_published_states(name: str, model: str, version: str) -> None:
    path = SAMPLES / f"fortinet_get_system_status_{name}.raw"
    found = told_version(path.read_text(encoding="utf-8").splitlines())
    assert found is not None
    assert (found.model, found.version) == (model, version)
    assert found.built is not None

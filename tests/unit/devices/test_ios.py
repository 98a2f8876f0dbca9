"""Cisco IOS: the grammar, the records, and what is never believed."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.devices.answers import FILE, joined
from assessor.devices.device import (
    Hole,
    Topic,
)
from assessor.devices.ios import SYSTEM
from assessor.devices.ios.firmware import read_firmware
from assessor.devices.ios.grammar import Tree, commands, fold, node_of, refused
from assessor.devices.ios.records import changed_at, secret_changes, zones
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs
from tests.devices.cases import judged
from tests.unit.devices.ios_texts import (
    HEAD,
    REDACTOR,
    TAIL,
    WAN,
    case,
    device,
    firewall,
    wan,
)

SAMPLES = Path(__file__).resolve().parents[4] / "shared/samples/cisco"


# --- the grammar -------------------------------------------------------------------------------


def test_sections_go_by_indentation() -> None:
    nodes, comments = commands(
        "! head\ninterface Gi0/0\n no shutdown\n !\n service-policy input X\n!\nhostname r\n"
    )
    assert comments == ["! head"]
    assert [node.text for node in nodes] == ["interface Gi0/0", "hostname r"]
    assert [(child.no, child.words) for child in nodes[0].children] == [
        (True, ("shutdown",)),
        (False, ("service-policy", "input", "X")),
    ]


@pytest.mark.parametrize(
    "banner",
    [
        "banner motd ^Cusername x nopassword^C",
        "banner motd ^C\nusername x nopassword\n^C",
        "banner login #\n username x nopassword\n!\nend\n#",
        "banner exec \x03\nusername x nopassword\n\x03",
        "aaa authentication banner ^C\nusername x nopassword\n^C",
        "menu x title ^C\nusername x nopassword\n^C",
    ],
)
def test_what_stands_in_a_banner_is_no_command(banner: str) -> None:
    nodes, _ = commands(f"{banner}\nhostname r\n")
    assert nodes[-1].text == "hostname r"
    assert not any(node.word(0) == "username" for node in nodes)


@pytest.mark.parametrize(
    "text",
    [
        "banner motd ^C\nno end",
        "crypto pki certificate chain X\n certificate 01\n  30820330 30820218\n",
    ],
)
def test_a_text_without_end_is_cut_off(text: str) -> None:
    with pytest.raises(UnparsedError):
        commands(text)


def test_the_digits_of_a_certificate_are_no_commands() -> None:
    nodes, _ = commands(
        "crypto pki certificate chain X\n certificate self-signed 01\n  3082 0330\n"
        "  A1B2\n  \tquit\n certificate ca 02 nvram:x.cer\nhostname r\n"
    )
    assert [node.text for node in nodes] == ["crypto pki certificate chain X", "hostname r"]
    assert len(nodes[0].children) == 2


def test_quotes_hold_words_together() -> None:
    assert node_of('username "jan de wit" secret 9 x').words[1] == "jan de wit"
    assert node_of("no ip http server") == node_of("no  ip  http server").__class__(
        True, ("ip", "http", "server"), "no ip http server"
    )
    assert node_of("no").words == ("no",)


def test_sections_without_indentation_end_at_exit() -> None:
    nodes, _ = commands("vlan database\nvlan 10\nexit\ninterface vlan 1\n name a\n!\nexit\nip x\n")
    folded = fold(nodes, [("vlan", "database"), ("interface",)])
    assert [node.text for node in folded] == ["vlan database", "interface vlan 1", "ip x"]
    assert folded[0].children[0].text == "vlan 10"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "\n\n",
        "          ^\n% Invalid input detected at '^' marker.\n",
        "% Incomplete command.",
        "%Authorization failed",
        "Command authorization failed.",
        "[exit 127] not found",
    ],
)
def test_refusals_are_no_answers(said: str) -> None:
    assert refused(said)


def test_an_answer_that_speaks_of_per_cent_is_no_refusal() -> None:
    assert not refused("CPU utilization: 5% invalid\nClock is synchronized")


# --- records -----------------------------------------------------------------------------------

CLOCK = "clock timezone CET 1 0\nclock summer-time CEST recurring\n"


@pytest.mark.parametrize(
    ("head", "moment"),
    [
        (
            "! Last configuration change at 09:37:40 CEST Tue Aug 20 2024 by jan",
            datetime(2024, 8, 20, 7, 37, 40, tzinfo=UTC),
        ),
        (
            "! NVRAM config last updated at 15:26:39 CET Wed Mar 13 2024",
            datetime(2024, 3, 13, 14, 26, 39, tzinfo=UTC),
        ),
        ("! Last configuration change at *09:37:40.123 CEST Tue Aug 20 2024", None),
        ("! Last configuration change at 09:37:40 XYZ Tue Aug 20 2024", None),
        ("! Last configuration change at 00:01:12 UTC Mon Mar 1 1993", None),
        ("! Last configuration change at 25:61:12 UTC Mon Mar 1 2021", None),
        ("! No configuration change since last restart", None),
    ],
)
def test_when_it_was_changed(head: str, moment: datetime | None) -> None:
    nodes, _ = commands(CLOCK)
    try:
        assert changed_at([head], zones(Tree(nodes))) == moment
    except ValueError:
        pytest.fail("a time that is none")


def test_the_log_tells_when_a_password_was_set() -> None:
    known = {"UTC": 0}
    line = "{}Nov 10 2026 20:12:44.101 UTC: %PARSER-5-CFGLOG_LOGGEDCMD: User:x  logged command:{}\n"
    log = (
        line.format("", "username jan privilege 15 secret *")
        + line.format("*", "username piet secret *")
        + line.format("", "no username kees")
        + line.format("", "wlan KANTOOR 3 Kantoor")
        + line.format("", "security wpa psk set-key ascii 0 *")
        + "Nov 10 20:12:44: %PARSER-5-CFGLOG_LOGGEDCMD: User:x  logged command:enable secret *\n"
    )
    moment = datetime(2026, 11, 10, 20, 12, 44, tzinfo=UTC)
    assert secret_changes(log, known) == {"account jan": moment, "wifi wlan 3": moment}


@pytest.mark.parametrize(
    ("said", "model", "version", "built"),
    [
        (
            (
                "Cisco IOS XE Software, Version 17.09.04a\nCisco IOS Software [Cupertino], "
                "L3 Switch Software (CAT9K_IOSXE), Version 17.9.4a, RELEASE SOFTWARE (fc3)\n"
                "Compiled Fri 20-Oct-23 10:33 by mcpre\ncisco C9300-24T (X86) processor with 1K\n"
            ),
            "C9300-24T",
            "17.9.4a",
            date(2023, 10, 20),
        ),
        (
            (
                "Cisco IOS Software, C880 Software (C880DATA-UNIVERSALK9-M), Version 15.4(3)M, "
                "RELEASE SOFTWARE (fc1)\nCisco 887VA (MPC8300) processor (revision 1.0) with 2K\n"
            ),
            "887VA",
            "15.4(3)M",
            None,
        ),
        ("Cisco IOS XE Software, Version 17.06.05\n", "", "17.6.5", None),
    ],
)
def test_what_runs(said: str, model: str, version: str, built: date | None) -> None:
    found = read_firmware(said)
    assert found is not None
    assert (found.model, found.version, found.built) == (model, version, built)


def test_logging_and_clock() -> None:
    found = device(
        "logging host 10.0.0.9 transport tls port 6514\nlogging 10.0.0.8\nntp server x\n"
    )
    assert found.logging is not None
    assert (found.logging.remote, found.logging.encrypted) == (("10.0.0.9", "10.0.0.8"), False)
    off = device("logging host 10.0.0.9\nno logging on\nno ntp\n")
    assert off.logging is not None
    assert off.logging.remote == ()


def test_an_unsynchronized_clock_is_named_and_dates_nothing() -> None:
    text = (
        "! Last configuration change at 09:37:40 UTC Tue Aug 20 2024 by jan\n"
        + HEAD.format(version="15.9")
        + "ntp server 10.0.0.9\n"
        + TAIL
    )
    said = {"show running-config": text, "show ntp status": "Clock is unsynchronized, stratum 16"}
    found = SYSTEM.read(said)
    assert found.changed_at is None
    assert found.unread[Topic.TIME] == ("Clock is unsynchronized",)


@pytest.mark.parametrize(
    ("archive", "backup"),
    [
        ("archive\n path scp://u@10.0.0.9/x\n write-memory\n", True),
        ("archive\n path tftp://10.0.0.9/x\n time-period 1440\n", True),
        ("archive\n path tftp://10.0.0.9/x\n", False),
        ("archive\n path flash:x\n write-memory\n", False),
        ("", False),
    ],
)
def test_whether_the_configuration_is_kept_elsewhere(archive: str, backup: bool) -> None:
    assert device(archive).config_backup is backup


# --- what is never believed --------------------------------------------------------------------

# The lines whose first keyword, when nobody knows it, must cost the verdict.
RELEVANT = {
    ("device_firewall", "firewall"): (
        r"^ip nat inside source static|^ip access-list extended (?:VAN|VPN|WEB)"
        r"|^zone-pair .*BUITEN-|^class-map .*(?:WEB|SELF)|^zone security BUITEN"
        r"|^policy-map type inspect PM-(?:IN|SELF)"
        r"|^ (?:\d+ )?(?:permit|deny) .*(?:eq|esp|echo|established|any log)"
        r"|^ match access-group|^ class type inspect CM-(?:WEB|SELF)|^  (?:pass|drop)$"
        r"|^ (?:ip access-group VAN|ip nat outside|zone-member security BUITEN|ip address dhcp)"
        r"|^object-group|^ (?:host|udp|esp|198\.)"
    ),
    ("device_remote_access", "remote-access"): (
        r"^line vty|^ (?:access-class|transport input)|^(?:no )?ip http (?!client)|^ip ssh"
        r"|^ip access-list standard (?:VTY|BEHEER)|^crypto (?:isakmp|ipsec|ikev2|map|dynamic-map)"
        r"|^ (?:encr|hash|group|encryption|set transform-set) |^ login "
    ),
    ("device_accounts", "access-control"): (
        r"^username|^enable|^aaa (?:new-model|authentication login)|^security|^login|^snmp-server"
        r"|^line vty|^ login "
    ),
    ("device_logging", "access-logging"): r"^logging host|^ntp server",
    ("device_segmentation", "network-segmentation"): (
        r"^interface GigabitEthernet0/(?:0/)?1\.30|^ ip access-group GASTEN|^zone-pair .*GASTEN"
        r"|^zone-member security GASTEN|^ ip address 192\.168\.30|^ip access-list extended GASTEN"
        r"|^ deny   ip any 192\.168\.0\.0"
    ),
}


def _mutations() -> Iterator[tuple[str, str, str, int]]:
    for name in ("good_branch", "acl_inspect"):
        text = case(DeviceOs.IOS, name).redacted()
        passing = judged(case(DeviceOs.IOS, name), text)
        for (check, measure), pattern in RELEVANT.items():
            if passing[check][measure][0] != "pass":
                continue
            banner = False
            for number, line in enumerate(text.split("\n")):
                banner = banner != ("^C" in line)
                if re.search(pattern, line) and not banner:
                    yield name, check, measure, number


@pytest.mark.parametrize(("name", "check", "measure", "number"), list(_mutations()))
def test_a_keyword_that_nobody_knows_never_passes(
    name: str, check: str, measure: str, number: int
) -> None:
    one = case(DeviceOs.IOS, name)
    lines = one.redacted().split("\n")
    lines[number] = re.sub(r"^( *(?:no )?(?:\d+ )?)(?=[a-z\d])", r"\1zz", lines[number])

    found = judged(one, "\n".join(lines))

    assert found[check][measure][0] != "pass", lines[number]


@given(st.integers(0, 12_000), st.sampled_from(["good_branch", "acl_inspect", "bad_soho"]))
@settings(max_examples=40, deadline=None)
def test_what_is_cut_off_is_not_believed(length: int, name: str) -> None:
    one = case(DeviceOs.IOS, name)
    text = REDACTOR.redact(one.raw()).text
    body = text.split("==== show version")[0].split("\n", 1)[1]
    body = body.rsplit("\nend\n", 1)[0][:length]
    if re.search(r"^end\s*$", body, re.MULTILINE):
        return
    try:
        SYSTEM.read({FILE: body})
    except UnparsedError:
        return
    pytest.fail("a part was taken for the whole")


@given(st.randoms(use_true_random=False), st.sampled_from(["good_branch", "wireless_controller"]))
@settings(max_examples=60, deadline=None)
def test_nothing_breaks_it(chance: random.Random, name: str) -> None:
    lines = case(DeviceOs.IOS, name).redacted().split("\n")
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(lines))
        kind = chance.randrange(5)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
        elif kind == 2:
            words = lines[at].split(" ")
            chance.shuffle(words)
            lines[at] = " ".join(words)
        elif kind == 3:
            lines.insert(at, chance.choice(lines))
        else:
            lines[at] = " " * chance.randrange(4) + lines[at].lstrip()
    text = "\n".join(line for line in lines if not line.startswith("===="))
    try:
        SYSTEM.read({"show running-config": text, "show logging": text})
    except UnparsedError:
        return


@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cn")), max_size=40), max_size=30))
@settings(max_examples=60, deadline=None)
def test_garbage_never_passes(lines: list[str]) -> None:
    text = "version 15.9\nhostname x\n" + "\n".join(lines) + "\nend\n"
    said = joined([(FILE, text)])
    found = judged(case(DeviceOs.IOS, "good_branch"), said)
    assert found["device_firewall"]["firewall"][0] != "pass"
    assert found["device_remote_access"]["remote-access"][0] != "pass"
    assert found["device_accounts"]["access-control"][0] != "pass"
    for topic in unread_of(text):
        assert len(topic) <= 5
        assert all(len(line) <= 120 and line.isprintable() for line in topic)


def unread_of(text: str) -> Iterator[tuple[str, ...]]:
    try:
        yield from SYSTEM.read({FILE: text}).unread.values()
    except UnparsedError:
        return


@pytest.mark.parametrize(
    "text",
    [
        "version 15.9\nhostname x\ninterface Vlan1\n",
        "boot-start-marker\nboot-end-marker\n!\nend\n",
        ": Saved\nASA Version 9.1\nversion 9.1\nend\n",
        "!Command: show running-config\nversion 7.0(3)\nfeature ssh\nend\n",
    ],
)
def test_what_is_no_whole_configuration_of_this_system(text: str) -> None:
    with pytest.raises(UnparsedError):
        SYSTEM.read({FILE: text})


def test_a_refused_question_leaves_its_part_untold() -> None:
    found = SYSTEM.read(
        {
            "show running-config": "% Invalid input detected at '^' marker.\n",
            "show version": "Cisco IOS XE Software, Version 17.09.04a\n",
            "show logging": "Command authorization failed.\n",
        }
    )
    assert (found.accounts, found.firewall, found.logging, found.ntp) == (None, None, None, None)


def test_the_other_question_serves_as_well() -> None:
    whole = HEAD.format(version="15.9") + TAIL
    found = SYSTEM.read(
        {"show running-config": "% Invalid input", "show running-config view full": whole}
    )
    assert found.name == "r1"


@pytest.mark.parametrize(
    "piece",
    [
        "access-list 150 permit tcp any host 10.0.0.1 eq 22\n",
        "interface Vlan{0}\n ip address 10.1.1.1 255.255.255.0\n ip access-group 150 in\n",
        "ip nat inside source static tcp 192.168.1.5 {0} interface Gi0/0 {0}\n",
        "line vty {0} {0}\n transport input ssh\n access-class 150 in\n",
        "username u{0} privilege 15 secret 5 $1$abcdefgh\n",
        "class-map type inspect match-all A\n match access-group name B\n",
        "banner motd #x#\n",
        "quatsch {0} firewall\n",
    ],
)
def test_time_grows_with_the_length_and_no_faster(piece: str) -> None:
    """Eight times as many lines may take eight times as long; the square would be sixty-four."""

    def seconds(count: int) -> float:
        text = WAN.format(more="ip access-group 150 in", inside="")
        text = HEAD.format(version="15.9") + text + "".join(piece.format(n) for n in range(count))
        taken = []
        for _ in range(3):
            began = time.process_time()
            SYSTEM.read({FILE: text + TAIL})
            taken.append(time.process_time() - began)
        return min(taken)

    assert seconds(8_000) < 24 * max(seconds(1_000), 0.004)


# --- published samples -------------------------------------------------------------------------


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not on this machine")
def test_published_states() -> None:
    ntp = (SAMPLES / "genie-ShowNtpStatus-1.txt").read_text(encoding="utf-8")
    log = (SAMPLES / "genie-ShowLogging-3.txt").read_text(encoding="utf-8")
    found = SYSTEM.read({"show ntp status": ntp, "show logging": log})
    assert found.ntp == ("10.16.2.2",)
    assert found.logging is not None
    assert found.logging.remote == ("192.168.1.3", "10.19.33.4")
    assert SYSTEM.read({FILE: ntp}).ntp == ("10.16.2.2",)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not on this machine")
@pytest.mark.parametrize("name", ["cisco_ios_show_clock.raw", "cisco_ios_show_users.raw"])
def test_other_answers_are_no_configuration(name: str) -> None:
    with pytest.raises(UnparsedError):
        SYSTEM.read({FILE: (SAMPLES / name).read_text(encoding="utf-8")})


def test_holes_are_named_by_their_rules() -> None:
    found = wan("ip access-group 120 in", "access-list 120 permit tcp any any eq 22\n")
    assert firewall(found).holes == (
        Hole("ipv4", "any", "tcp/22", (), "access-list 120 permit tcp any any eq 22"),
    )

"""Cisco's small-business switches: sections, services, users, and what is never believed."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.devices.answers import FILE
from assessor.devices.cisco_sb import SYSTEM
from assessor.devices.device import Account, Device, Reach, Storage, Topic
from assessor.evidence.redact import Redactor, device_rules
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs
from tests.devices.cases import Case, cases, judged

REDACTOR = Redactor(b"the key of these tests, 32 bytes", device_rules(), classes=True)
SAMPLES = Path(__file__).resolve().parents[4] / "shared/samples/cisco"
HEAD = "config-file-header\nsw1\nv{version} / RX\nCLI v1.0\nfile SSD indicator encrypted\n@\n!\n"
USER = "username jan password encrypted 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12 privilege 15\n"
PORTS = "!\ninterface vlan 1\n ip address 192.168.1.2 255.255.255.0\n no ip address dhcp\n!\nexit\n"


def device(text: str, *, version: str = "2.5.9.54", user: str = USER, ports: str = PORTS) -> Device:
    whole = HEAD.format(version=version) + user + text.strip("\n") + "\n" + ports
    return SYSTEM.read({FILE: REDACTOR.redact(whole).text})


def case(name: str) -> Case:
    return next(one for one in cases(DeviceOs.CISCO_SB) if one.folder.name == name)


def on(found: Device) -> dict[str, Reach]:
    return {one.name: one.reach for one in found.services or () if one.enabled}


# --- services --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", {"http", "https"}),
        ("no ip http server", {"https"}),
        ("no ip http server\nno ip http secure-server", set()),
        ("ip telnet server\nip ssh server", {"http", "https", "telnet", "ssh"}),
        ("no ip telnet server", {"http", "https"}),
        ("snmp-server community x ro view Default", {"http", "https"}),
        ("snmp-server server\nsnmp-server community x ro view Default", {"http", "https", "snmp"}),
    ],
)
def test_what_is_on(text: str, names: set[str]) -> None:
    found = device(text)
    assert set(on(found)) == names
    assert not found.unread


@pytest.mark.parametrize(
    ("ports", "rules", "reach"),
    [
        (PORTS, "", Reach.INSIDE),
        (PORTS.replace("192.168.1.2", "203.0.113.2"), "", Reach.UNKNOWN),
        ("!\ninterface GigabitEthernet1\n description x\n!\nexit\n", "", Reach.UNKNOWN),
        ("!\ninterface vlan 1\n!\nexit\n", "", Reach.UNKNOWN),
        (
            "!\ninterface vlan 1\n!\nexit\n",
            "permit ip-source 192.168.1.0 mask 255.255.255.0 service ssh",
            Reach.INSIDE,
        ),
        (
            "!\ninterface vlan 1\n!\nexit\n",
            "permit ip-source 198.51.100.7 service ssh",
            Reach.NAMED,
        ),
        ("!\ninterface vlan 1\n!\nexit\n", "permit service ssh", Reach.UNKNOWN),
        ("!\ninterface vlan 1\n!\nexit\n", "permit service https", Reach.INSIDE),
        ("!\ninterface vlan 1\n!\nexit\n", "deny service ssh\npermit", Reach.INSIDE),
        (
            "!\ninterface vlan 1\n!\nexit\n",
            "permit ip-source 10.0.0.0 mask /8 vlan 1 service ssh",
            Reach.INSIDE,
        ),
    ],
)
def test_from_where_ssh_is_reached(ports: str, rules: str, reach: Reach) -> None:
    text = "ip ssh server\n"
    if rules:
        text += f"management access-list M\n{rules}\nexit\nmanagement access-class M\n"
    found = device(text, ports=ports)
    assert on(found)["ssh"] is reach
    assert not found.unread


def test_the_switch_tells_its_address_now() -> None:
    ports = "!\ninterface vlan 1\n!\nexit\n"
    said = {
        "show running-config": HEAD.format(version="3.2.1.1") + USER + "ip ssh server\n" + ports,
        "show ip interface": "    IP Address   I/F\n-----\n192.168.1.77/24  vlan 1  UP/UP  DHCP\n",
    }
    assert on(SYSTEM.read(said))["ssh"] is Reach.INSIDE


def test_only_from_the_console() -> None:
    found = device("ip ssh server\nmanagement access-class console-only", ports=PORTS)
    assert on(found)["ssh"] is Reach.INSIDE


# --- accounts --------------------------------------------------------------------------------


def accounts(text: str, **more: str) -> dict[str, Account]:
    return {one.name: one for one in device(text, **more).accounts or ()}


def test_without_a_user_the_factorys_counts() -> None:
    found = accounts("", user="")
    assert found["cisco"].secret is not None
    assert found["cisco"].secret.factory


def test_the_factorys_password_is_seen() -> None:
    line = (
        "username admin password encrypted 7af78c911d5b48bea1dc2449d9d89513abeb4be5 privilege 15\n"
    )
    found = accounts("", user=line)["admin"].secret
    assert found is not None
    assert (found.factory, found.storage) == (True, Storage.WEAK_HASH)


@pytest.mark.parametrize(
    ("line", "storage", "administrator"),
    [
        (USER, Storage.WEAK_HASH, True),
        (
            "username jan password encrypted $15$abcdefgh$ijklmnopqrst privilege 7\n",
            Storage.HASH,
            None,
        ),
        ("username jan password encrypted $42$abcdefgh$ijklmnop\n", Storage.UNKNOWN, False),
        ("username jan privilege 15 password Fietsbel9\n", Storage.CLEAR, True),
        ("username jan unencrypted-password Fietsbel9 privilege 1\n", Storage.CLEAR, False),
    ],
)
def test_how_passwords_are_kept(line: str, storage: Storage, administrator: bool | None) -> None:
    found = accounts("", user=line)["jan"]
    assert found.secret is not None
    assert found.secret.mark
    assert (found.secret.storage, found.administrator) == (storage, administrator)


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        ("username piet nopassword privilege 15", {"piet"}),
        ("aaa authentication login default none", {"aaa authentication login default"}),
        ("aaa authentication login authorization default local", set()),
        (
            "ip http authentication aaa login-authentication https none",
            {"ip http authentication aaa"},
        ),
    ],
)
def test_who_needs_no_password(text: str, empty: set[str]) -> None:
    assert {name for name, one in accounts(text).items() if one.empty} == empty


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("", False),
        ("aaa authentication login default local", False),
        ("aaa authentication login authorization default radius local", None),
        ("aaa authentication login default tacacs local", None),
    ],
)
def test_a_second_factor_may_be_the_servers_affair(text: str, factor: bool | None) -> None:
    assert accounts(text)["jan"].second_factor is factor


def test_other_passwords() -> None:
    text = "enable password level 15 encrypted 5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8\n"
    text += "line telnet\npassword encrypted 5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8\nexit\n"
    assert set(accounts(text)) == {"jan", "enable"}
    asked = f"{text}aaa authentication login default line\n"
    assert set(accounts(asked)) == {"jan", "enable", "line telnet"}


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 8),
        ("passwords complexity min-length 12", 12),
        ("no passwords complexity enable", 0),
        ("no passwords complexity enable\npasswords complexity min-length 12", 0),
    ],
)
def test_what_length_is_demanded(text: str, length: int) -> None:
    assert device(text).min_length == length


# --- records and networks --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("clock source sntp\nsntp unicast client enable\nsntp server 10.0.0.9 poll", ("10.0.0.9",)),
        ("sntp server 10.0.0.9 poll", None),
        ("no clock source sntp\nno sntp unicast client enable", ()),
        ("", None),
    ],
)
def test_the_clock(text: str, servers: tuple[str, ...] | None) -> None:
    assert device(text).ntp == servers


def test_networks_by_their_names() -> None:
    ports = "!\ninterface vlan 30\n name Gasten\n!\ninterface vlan 1\n!\nexit\n"
    found = device("vlan database\nvlan 20,30-31\nexit\n", ports=ports)
    assert {(one.vlan, one.name, one.guest) for one in found.segments or ()} == {
        (1, "VLAN 1", False),
        (20, "VLAN 20", False),
        (30, "Gasten", True),
        (31, "VLAN 31", False),
    }
    assert found.firewall is None


@pytest.mark.parametrize(
    ("line", "topic"),
    [
        ("snmp-server community x ro quantum", Topic.SNMP),
        ("logging quic 10.0.0.9", Topic.LOGGING),
        ("sntp galileo enable", Topic.TIME),
        ("username piet fingerprint x", Topic.ACCOUNTS),
        ("passwords entropy 80", Topic.ACCOUNTS),
        ("aaa authentication login default passkey", Topic.ACCOUNTS),
        ("ip http quantum", Topic.MANAGEMENT),
        ("ip quicshell server", Topic.MANAGEMENT),
        ("management access-class NIET-DA", Topic.MANAGEMENT),
        ("management access-list M\nallow all\nexit", Topic.MANAGEMENT),
        ("vlan database\nprivate-community 20\nexit", Topic.SEGMENTS),
        ("line ssh\nlogin-magic on\nexit", Topic.ACCOUNTS),
    ],
)
def test_what_nobody_knows_is_named(line: str, topic: Topic) -> None:
    assert device(line).unread[topic]


# --- secrets ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "secrets"),
    [
        ("encrypted radius-server key Zk2LQ0u8tP1s", ["Zk2LQ0u8tP1s"]),
        ("encrypted radius-server host 10.0.0.6 key Zk2LQ0u8tP1s priority 1", ["Zk2LQ0u8tP1s"]),
        ("encrypted tacacs-server host 10.0.0.6 key Zk2LQ0u8tP1s", ["Zk2LQ0u8tP1s"]),
        ("encrypted snmp-server community Zk2LQ0u8tP1s ro view Default", ["Zk2LQ0u8tP1s"]),
        (
            "encrypted snmp-server user u g v3 auth sha Zk2LQ0u8 priv Pw3mN6qR4",
            ["Zk2LQ0u8", "Pw3mN6qR4"],
        ),
        ("snmp-server user u g v3 auth md5 Zk2LQ0u8 priv Pw3mN6qR4", ["Zk2LQ0u8", "Pw3mN6qR4"]),
        ("encrypted sntp authentication-key 1 md5 Zk2LQ0u8tP1s", ["Zk2LQ0u8tP1s"]),
        ("encrypted ip ssh-client password Zk2LQ0u8tP1s", ["Zk2LQ0u8tP1s"]),
        ("encrypted passphrase Zk2LQ0u8tP1s", ["Zk2LQ0u8tP1s"]),
        ("passphrase Zk2LQ0u8tP1s", ["Zk2LQ0u8tP1s"]),
        ("radius-server host 10.0.0.6 key Zk2LQ0u8tP1s", ["Zk2LQ0u8tP1s"]),
        ("password encrypted 5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8", ["5baa61e4c9b9"]),
        ("enable password level 15 encrypted 5baa61e4c9b93f3f", ["5baa61e4c9b9"]),
        ("username a password encrypted $15$abcdefgh$ijklmnopqrst privilege 15", ["ijklmnopqrst"]),
        ("snmp-server community Rozengeur rw 10.0.0.9 view Default", ["Rozengeur"]),
        (
            (
                "ip ssh-client key rsa key-pair\n-----BEGIN RSA ENCRYPTED PRIVATE KEY-----\n"
                "MIIEogIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n"
            ),
            ["MIIEogIBAAKCAQEA"],
        ),
    ],
)
def test_no_secret_is_left(line: str, secrets: list[str]) -> None:
    stored = REDACTOR.redact(line + "\n").text
    for secret in secrets:
        assert secret not in stored
    assert REDACTOR.redact(stored).text == stored


@pytest.mark.parametrize(
    "line",
    [
        "ssd file passphrase control unrestricted",
        "passwords complexity min-length 14",
        "username jan nopassword privilege 15",
        "snmp-server group bewaking v3 priv read Alles",
    ],
)
def test_what_is_no_secret_stays(line: str) -> None:
    assert REDACTOR.redact(line).text == line


# --- what is never believed ------------------------------------------------------------------

RELEVANT = {
    ("device_remote_access", "remote-access"): (
        r"^management|^permit ip-source|^(?:no )?ip http (?:server|auth)|^ip ssh"
    ),
    (
        "device_accounts",
        "access-control",
    ): r"^username|^aaa|^passwords|^snmp-server|^encrypted snmp",
    (
        "device_logging",
        "access-logging",
    ): r"^logging host|^clock source|^sntp (?:server|unicast client e)",
}


def _mutations() -> Iterator[tuple[str, str, int]]:
    for (check, measure), pattern in RELEVANT.items():
        for number, line in enumerate(case("good_cbs350").redacted().split("\n")):
            if re.search(pattern, line):
                yield check, measure, number


@pytest.mark.parametrize(("check", "measure", "number"), list(_mutations()))
def test_a_keyword_that_nobody_knows_never_passes(check: str, measure: str, number: int) -> None:
    one = case("good_cbs350")
    lines = one.redacted().split("\n")
    lines[number] = re.sub(r"^( *(?:no )?)(?=[a-z])", r"\1zz", lines[number])

    found = judged(one, "\n".join(lines))

    assert found[check][measure][0] != "pass", lines[number]


@pytest.mark.parametrize("length", range(0, 2_300, 97))
def test_what_is_cut_off_is_not_believed(length: int) -> None:
    text = case("good_cbs350").raw().split("\n", 1)[1]
    with pytest.raises(UnparsedError):
        SYSTEM.read({FILE: text[:length]})


@given(st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_nothing_breaks_it(chance: random.Random) -> None:
    lines = case("good_cbs350").redacted().split("==== show version")[0].split("\n")[1:]
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(lines))
        kind = chance.randrange(4)
        if kind == 0 and len(lines) > 1:
            del lines[at]
        elif kind == 1:
            lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
        elif kind == 2:
            words = lines[at].split(" ")
            chance.shuffle(words)
            lines[at] = " ".join(words)
        else:
            lines.insert(at, chance.choice(lines))
    try:
        SYSTEM.read({"show running-config": "\n".join(lines), "show version": "\n".join(lines)})
    except UnparsedError:
        return


@pytest.mark.parametrize(
    "piece",
    [
        "interface vlan {0}\n name x\n!\n",
        "management access-list M{0}\npermit service ssh\nexit\n",
        "vlan database\n",
        "exit\n",
        "username u{0} password encrypted abcdef privilege 15\n",
        "ssd-control-start\nssd-control-end\n",
    ],
)
def test_time_grows_with_the_length_and_no_faster(piece: str) -> None:
    """Eight times as many lines may take eight times as long; the square would be sixty-four."""

    def seconds(count: int) -> float:
        text = HEAD.format(version="2.5") + "".join(piece.format(n) for n in range(count)) + PORTS
        taken = []
        for _ in range(3):
            began = time.process_time()
            SYSTEM.read({FILE: text})
            taken.append(time.process_time() - began)
        return min(taken)

    assert seconds(8_000) < 24 * max(seconds(1_000), 0.004)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not on this machine")
def test_a_published_version() -> None:
    said = (SAMPLES / "cisco_s300_show_version.raw").read_text(encoding="utf-8")
    for question in ("show version", FILE):
        found = SYSTEM.read({question: said}).firmware
        assert found is not None
        assert (found.version, str(found.built)) == ("1.3.7.18", "2014-01-12")


@pytest.mark.parametrize(
    "line", ["ip telnetx server", "ip xyz server", "ipv6 xyz server", "ip http xyz", "xyz server"]
)
def test_a_service_that_nobody_knows_never_passes(line: str) -> None:
    (case,) = [each for each in cases(DeviceOs.CISCO_SB) if each.folder.name == "good_cbs350"]
    raw = case.raw().replace("ip ssh server\n", f"ip ssh server\n{line}\n", 1)
    assert line in raw
    verdict = judged(case, REDACTOR.redact(raw).text)["device_remote_access"]["remote-access"]
    assert verdict == ["unknown", "unread"]

"""ArubaOS-Switch and AOS-CX: grammar, defaults, reach, and that nothing unknown passes."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.devices.answers import FILE
from assessor.devices.aruba.reading import read
from assessor.devices.aruba.tree import node_of, refused, shown, tree_of
from assessor.devices.device import Device, Reach, Storage, Topic
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs
from tests.devices.cases import REDACTOR, Case, cases, judged

PROVISION = "; J9729A Configuration Editor; Created on release #WB.16.11.0015\n"
CX = "!Version ArubaOS-CX FL.10.13.1060\n"
LAN = "vlan 1\n   ip address 192.168.1.2 255.255.255.0\n   exit\n"
PUBLIC = "vlan 1\n   ip address 203.0.113.2 255.255.255.0\n   exit\n"
CX_LAN = "interface vlan 1\n    ip address 192.168.1.2/24\n"


def provision(text: str) -> Device:
    return read({FILE: REDACTOR.redact(PROVISION + text).text})


def cx(text: str) -> Device:
    return read({FILE: REDACTOR.redact(CX + text).text})


def case(name: str) -> Case:
    return next(each for each in cases(DeviceOs.ARUBA) if each.folder.name == name)


@pytest.mark.parametrize(
    ("text", "no", "words"),
    [
        ('name "DEFAULT_VLAN"', False, ("name", "DEFAULT_VLAN")),
        ('name "with \\"quotes\\" in it"', False, ("name", 'with "quotes" in it')),
        ("no telnet-server", True, ("telnet-server",)),
        ("no", False, ("no",)),
        ('a "" b', False, ("a", "", "b")),
        ('a "open', False, ("a", "open")),
    ],
)
def test_words(text: str, no: bool, words: tuple[str, ...]) -> None:
    node = node_of(text)
    assert (node.no, node.words) == (no, words)


def test_sections_are_told_by_their_indentation() -> None:
    tree = tree_of("a\n   b\n      c\n      exit\n   d\n   exit\ne\n! comment\nf\n", "!")
    assert [node.text for node in tree.nodes] == ["a", "e", "f"]
    assert [node.text for node in tree.nodes[0].children] == ["b", "d"]
    assert [node.text for node in tree.nodes[0].children[0].children] == ["c"]


@pytest.mark.parametrize("text", ["vlan 1\nname x\nexit\n", 'hostname "cut'])
def test_a_configuration_without_its_form_is_not_read(text: str) -> None:
    with pytest.raises(UnparsedError):
        provision(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Invalid input: running-config\n", True),
        ("% Invalid input detected at '^' marker.\n", True),
        ("Cannot execute command. Command not allowed.", True),
        ("", True),
        ("\n  ^\n", True),
        ("[exit 127] sh: not found", True),
        ("hostname x\n", False),
    ],
)
def test_refusals(text: str, expected: bool) -> None:
    assert refused(text) is expected


def test_what_is_shown_is_one_short_line() -> None:
    assert shown("a\x1b[2J\u202eb\nc") == "a [2J b c"
    assert len(shown("x" * 500)) == 120


@pytest.mark.parametrize(
    ("line", "storage", "empty"),
    [
        ('sha1 "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8"', Storage.WEAK_HASH, False),
        ('plaintext "Lang-Wachtwoord-77"', Storage.CLEAR, False),
        ('plaintext ""', Storage.CLEAR, True),
        (
            'bcrypt "$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"',
            Storage.HASH,
            False,
        ),
        ('sha256 "5baa61e4c9b93f3f0682250b6cf8331b"', Storage.UNKNOWN, False),
        ("", Storage.UNKNOWN, False),
    ],
)
def test_passwords_of_arubaos_switch(line: str, storage: Storage, empty: bool) -> None:
    name = ' user-name "beheer" ' if line else ""
    accounts = provision(f"password manager{name}{line}\n").accounts
    assert accounts is not None
    (account,) = accounts
    assert account.name == ("beheer" if line else "manager")
    assert account.administrator
    assert account.empty is empty
    assert account.secret is not None
    assert account.secret.storage is storage


def test_an_export_without_credentials_names_both_accounts() -> None:
    accounts = provision("password manager\npassword operator\n").accounts
    assert accounts is not None
    assert [(each.name, each.administrator) for each in accounts] == [
        ("manager", True),
        ("operator", False),
    ]
    assert all(each.secret is not None and not each.secret.mark for each in accounts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"telnet": True, "http": True}),
        ("no telnet-server\nno web-management\n", {"telnet": False, "http": False}),
        (
            "no telnet-server\nno web-management plaintext\nweb-management ssl\nip ssh\n",
            {"telnet": False, "ssh": True, "http": False, "https": True},
        ),
        ("no ip ssh\n", {"telnet": True, "ssh": False, "http": True}),
    ],
)
def test_what_is_on_unless_told_otherwise(text: str, expected: dict[str, bool]) -> None:
    assert {one.name: one.enabled for one in provision(text + LAN).services or ()} == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LAN, Reach.INSIDE),
        ("vlan 1\n   ip address dhcp-bootp\n   exit\n", Reach.UNKNOWN),
        (PUBLIC, Reach.UNKNOWN),
        (
            PUBLIC + "ip authorized-managers 198.51.100.4 255.255.255.255 access manager\n",
            Reach.NAMED,
        ),
        (
            PUBLIC
            + "ip authorized-managers 10.0.0.0 255.0.0.0 access manager access-method telnet\n",
            Reach.INSIDE,
        ),
        (
            PUBLIC + "ip authorized-managers 0.0.0.0 0.0.0.0 access manager\n",
            Reach.UNKNOWN,
        ),
    ],
)
def test_from_where_telnet_is_reached(text: str, expected: Reach) -> None:
    found = {one.name: one.reach for one in provision(text).services or ()}
    assert found["telnet"] is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("ntp server 10.0.0.1\nntp enable\n", ()),
        ("timesync ntp\nntp unicast\nntp server 10.0.0.1 iburst\n", ()),
        ("timesync ntp\nntp server 10.0.0.1 iburst\nntp enable\n", ("10.0.0.1",)),
        ("timesync sntp\nsntp unicast\nsntp server priority 1 10.0.0.1\n", ("10.0.0.1",)),
        ("timesync sntp\nsntp unicast\nsntp 30\nsntp 10.0.0.9\n", ("10.0.0.9",)),
        ("timesync timep\nip timep manual 10.0.0.3\n", ("10.0.0.3",)),
    ],
)
def test_which_time_servers_are_asked(text: str, expected: tuple[str, ...]) -> None:
    device = provision(text)
    assert device.ntp == expected
    assert Topic.TIME not in device.unread


def test_guests_are_inside_where_the_switch_routes_them() -> None:
    vlans = (
        'vlan 1\n   name "a"\n   ip address 10.0.1.1 255.255.255.0\n   exit\n'
        'vlan 2\n   name "gast"\n   ip address 10.0.2.1 255.255.255.0\n   exit\n'
    )
    routed = provision("ip routing\n" + vlans).segments
    switched = provision(vlans).segments
    assert routed is not None
    assert switched is not None
    assert [each.isolated for each in routed] == [False, False]
    assert [each.isolated for each in switched] == [None, None]
    assert [each.guest for each in routed] == [False, True]


@pytest.mark.parametrize(
    ("text", "reach"),
    [
        ("ssh server vrf default\n" + CX_LAN, Reach.INSIDE),
        ("ssh server vrf mgmt\ninterface mgmt\n    no shutdown\n    ip dhcp\n", Reach.UNKNOWN),
        (
            "ssh server vrf mgmt\ninterface mgmt\n    shutdown\n    ip static 10.0.0.1/24\n",
            Reach.UNKNOWN,
        ),
        (
            "ssh server vrf mgmt\ninterface mgmt\n    no shutdown\n    ip static 10.0.0.1/24\n",
            Reach.INSIDE,
        ),
        ("ssh server vrf klant\n" + CX_LAN, Reach.UNKNOWN),
    ],
)
def test_services_of_cx_are_reached_in_their_vrf(text: str, reach: Reach) -> None:
    assert [(one.name, one.reach) for one in cx(text).services or ()] == [("ssh", reach)]


def test_no_agent_of_snmp_without_vrf() -> None:
    assert cx("snmp-server community geheime-naam\n").snmp == ()
    found = cx("snmp-server vrf mgmt\nsnmp-server community geheime-naam\n").snmp
    assert found is not None
    assert [each.writable for each in found] == [False]


@pytest.mark.parametrize(
    "line",
    [
        'password manager user-name "a" sha1 "Een-Geheim-Woord"',
        'password operator plaintext "Een-Geheim-Woord"',
        'aaa authentication local-user "a" group "g" password sha1 "Een-Geheim-Woord"',
        'snmp-server community "Een-Geheim-Woord" unrestricted',
        'snmp-server host 10.0.0.1 community "Een-Geheim-Woord" trap-level all',
        'snmpv3 user "a" auth sha "Een-Geheim-Woord" priv aes "aaaaaaaaaa"',
        'snmpv3 user "a" auth md5 "aaaaaaaaaa" priv "Een-Geheim-Woord"',
        'snmpv3 community index "a" name "Een-Geheim-Woord" sec-name "b"',
        'radius-server host 10.0.0.1 key "Een-Geheim-Woord"',
        'radius-server host 10.0.0.1 encrypted-key "Een-Geheim-Woord"',
        'tacacs-server key "Een-Geheim-Woord"',
        'sntp authentication key-id 1 authentication-mode md5 key-value "Een-Geheim-Woord"',
        "user a group administrators password ciphertext Een-Geheim-Woord",
        "user a group administrators password plaintext Een-Geheim-Woord",
        "radius-server host 10.0.0.1 key ciphertext Een-Geheim-Woord vrf mgmt",
        "snmpv3 user a auth sha auth-pass ciphertext Een-Geheim-Woord priv aes priv-pass b",
        "snmp-server host 10.0.0.1 trap version v2c community Een-Geheim-Woord",
        "ntp authentication-key 1 sha1 ciphertext Een-Geheim-Woord",
        "    neighbor 10.0.0.1 password ciphertext Een-Geheim-Woord",
        '   ip rip 10.0.0.1 auth-key "Een-Geheim-Woord"',
        "   ip vrrp authentication-key Een-Geheim-Woord",
        "    vrrp 1 authentication text Een-Geheim-Woord",
        'aaa port-access mac-based password "Een-Geheim-Woord"',
        'aaa port-access supplicant 1 identity "a" secret Een-Geheim-Woord',
        'sntp authentication key-id 1 authentication-mode md5 encrypted-key "Een-Geheim-Woord"',
    ],
)
def test_secrets_are_marked(line: str) -> None:
    stored = REDACTOR.redact(f"x\n{line}\n").text
    assert "Een-Geheim-Woord" not in stored
    assert REDACTOR.redact(stored).text == stored


RESTS = [
    (
        "provision_good",
        "device_remote_access",
        "remote-access",
        ("no telnet", "no web", "web-", "ip ssh", "ip auth"),
    ),
    ("provision_good", "device_logging", "access-logging", ("logging", "ntp", "timesync")),
    ("provision_good", "device_accounts", "access-control", ("password manager", "aaa", "snmpv3")),
    ("provision_good", "device_accounts", "password-policy", ("password",)),
    ("cx_good", "device_remote_access", "remote-access", ("ssh", "https-server")),
    ("cx_good", "device_logging", "access-logging", ("logging", "ntp")),
    ("cx_good", "device_accounts", "access-control", ("user", "aaa", "snmp")),
    ("cx_good", "device_accounts", "password-policy", ("user", "password", "aaa")),
]


@pytest.mark.parametrize(("name", "check", "measure", "heads"), RESTS)
def test_an_unknown_word_never_passes(
    name: str, check: str, measure: str, heads: tuple[str, ...]
) -> None:
    good = case(name)
    lines = good.redacted().split("\n")
    assert judged(good, "\n".join(lines))[check][measure][0] == "pass"
    changed, section = 0, False
    for number, line in enumerate(lines):
        if line and line[0] not in " !;":
            section = line.startswith(heads)
        if not section or line.strip() in {"", "exit", "!"} or line.startswith("==== "):
            continue
        words = line.split()
        at = 1 if words[0] == "no" else 0
        words[at] = f"qq{words[at]}"
        indent = line[: len(line) - len(line.lstrip())]
        other = [*lines[:number], indent + " ".join(words), *lines[number + 1 :]]
        outcome = judged(good, "\n".join(other))[check][measure]
        assert outcome[0] != "pass", (line, outcome)
        changed += 1
    assert changed


def test_without_its_address_nothing_is_known_of_its_reach() -> None:
    good = case("provision_good")
    text = good.redacted().replace("ip address 10.0.10.11", "ip qqaddress 10.0.10.11")
    text = text.replace("ip authorized-managers", "ip default-gateway")
    assert judged(good, text)["device_remote_access"]["remote-access"][0] == "unknown"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_damage_raises_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    name = chance.choice(["provision_bad", "cx_good", "cx_bad", "strange"])
    lines = case(name).redacted().split("\n")[1:-2]
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(lines))
        words = lines[at].split(" ")
        kind = chance.randrange(4)
        if kind == 0 and len(lines) > 1:
            del lines[at]
        elif kind == 1:
            lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
        elif kind == 2:
            words.insert(
                chance.randrange(len(words) + 1), chance.choice(['"', "²", "no", "\x1b[2J"])
            )
            lines[at] = " ".join(words)
        else:
            lines.insert(at, chance.choice(lines))
    try:
        found = read({FILE: "\n".join(lines)})
    except UnparsedError:
        return
    for told in found.unread.values():
        assert len(told) <= 5
        assert all(len(line) <= 120 and line.isprintable() for line in told)


@pytest.mark.parametrize("head", [PROVISION, CX])
def test_fifty_thousand_lines_in_time(head: str) -> None:
    text = head + "".join(
        f'vlan {n % 4000}\n   name "v{n}"\n   ip address 10.0.{n % 250}.1 255.255.255.0\n   exit\n'
        "snmp-server vreemd\n"
        for n in range(10_000)
    )
    begun = time.process_time()
    read({FILE: text})
    assert time.process_time() - begun < 2

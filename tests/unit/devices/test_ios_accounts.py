"""Cisco IOS: who may log in, SNMP, VPN, wireless and the networks."""

from __future__ import annotations

import pytest

from assessor.devices.device import (
    Account,
    Protection,
    Storage,
    Topic,
)
from tests.unit.devices.ios_texts import (
    TAIL,
    device,
    wan,
)

WPA3 = "no security wpa wpa2\nsecurity wpa wpa3\nno security wpa akm dot1x"


# --- accounts ----------------------------------------------------------------------------------


def accounts(text: str, tail: str = TAIL) -> dict[str, Account]:
    return {one.name: one for one in device(text, tail=tail).accounts or ()}


@pytest.mark.parametrize(
    ("line", "storage"),
    [
        ("username a privilege 15 secret 9 $9$abcdefghijklmn$opqrstuvwxyz", Storage.HASH),
        ("username a privilege 15 secret 8 $8$abcdefghijklmn$opqrstuvwxyz", Storage.HASH),
        ("username a privilege 15 secret 9 $14$abcdefghij$klmnopqrstuvwxyz", Storage.HASH),
        ("username a privilege 15 secret 5 $1$abcd$efghijklmnopqrstuvwxyz", Storage.WEAK_HASH),
        ("username a secret $1$abcd$efghijklmnopqrstuvwxyz", Storage.WEAK_HASH),
        ("username a secret 4 tnhtc92DXBhelxjYk8LWJrPV36S2i4ntXrpb4RFmfqY", Storage.WEAK_HASH),
        ("username a password 7 0822455D0A16", Storage.REVERSIBLE),
        ("username a password 6 UdJSaQOVfhBMJXJTdSI", Storage.ENCRYPTED),
        ("username a password 0 Fietsbel99", Storage.CLEAR),
        ("username a password Fietsbel99", Storage.CLEAR),
        ("username a algorithm-type scrypt secret Fietsbel99", Storage.CLEAR),
        ("username a secret 11 $13$abcdefghijklmnop", Storage.UNKNOWN),
    ],
)
def test_how_passwords_are_kept(line: str, storage: Storage) -> None:
    found = accounts(line)["a"].secret
    assert found is not None
    assert found.storage is storage
    assert found.mark


@pytest.mark.parametrize(
    ("text", "administrator"),
    [("privilege 15 ", True), ("privilege 1 ", False), ("", False), ("privilege 7 ", None)],
)
def test_who_may_change_the_configuration(text: str, administrator: bool | None) -> None:
    assert (
        accounts(f"username a {text}secret 5 $1$ab$cdefghijkl")["a"].administrator is administrator
    )


@pytest.mark.parametrize(
    ("text", "tail", "empty"),
    [
        ("enable secret 5 $1$ab$cdefghijkl\nusername a nopassword", TAIL, {"a"}),
        ("", "line con 0\n login local\nline vty 0 4\n no login\nend\n", {"line vty 0 4"}),
        (
            "",
            "line con 0\n login local\nline vty 0 4\n no login\n transport input none\nend\n",
            set(),
        ),
        ("enable secret 5 $1$ab$cdefghijkl", TAIL, set()),
        ("", TAIL, {"line con 0"}),
        (
            "enable secret 5 $1$ab$cdefghijkl",
            TAIL.replace("con 0", "con 0\n no login"),
            {"line con 0"},
        ),
        (
            "enable secret 5 $1$ab$cdefghijkl",
            TAIL.replace("con 0", "con 0\n privilege level 15"),
            {"line con 0"},
        ),
        (
            "aaa new-model\naaa authentication login default none",
            TAIL.replace(" login local\n", ""),
            {"line con 0", "line vty 0 4"},
        ),
        (
            "aaa new-model\naaa authentication login default group radius none",
            TAIL.replace(" login local\n", ""),
            {"line con 0", "line vty 0 4"},
        ),
        ("aaa new-model", TAIL.replace(" login local\n", ""), set()),
        ("aaa new-model\naaa authentication enable default none", TAIL, {"aaa enable"}),
        (
            "enable secret 5 $1$ab$cdefghijkl",
            TAIL.replace("end", "line aux 0\n no login\nend"),
            {"line aux 0"},
        ),
    ],
)
def test_who_needs_no_password(text: str, tail: str, empty: set[str]) -> None:
    assert {name for name, one in accounts(text, tail).items() if one.empty} == empty


def test_the_password_of_a_line() -> None:
    tail = "line con 0\n login local\nline vty 0 4\n password 7 0822455D0A16\n login\nend\n"
    found = accounts("enable secret 5 $1$ab$cdefghijkl", tail)["line vty 0 4"]
    assert found.secret is not None
    assert found.secret.storage is Storage.REVERSIBLE
    # Users are asked for instead: the password is not in use.
    assert "line vty 0 4" not in accounts("", tail.replace(" login\n", " login local\n"))
    assert "line vty 0 4" not in accounts("aaa new-model", tail)


def test_the_secret_goes_before_the_password() -> None:
    both = "enable secret 9 $9$abcdefghijklmn$opqrstuv\nenable password 7 0822455D0A16"
    found = accounts(both)["enable"].secret
    assert found is not None
    assert found.storage is Storage.HASH
    assert "enable" not in accounts("enable secret level 7 5 $1$ab$cdefghijkl")


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("", False),
        ("aaa new-model\naaa authentication login default local", False),
        ("aaa new-model\naaa authentication login default group tacacs+ local", None),
        ("aaa new-model\naaa authentication login default passkey local", None),
        ("aaa new-model\naaa authentication login default local group tacacs+", False),
    ],
)
def test_a_second_factor_may_be_the_servers_affair(text: str, factor: bool | None) -> None:
    tail = TAIL.replace(" login local\n", "") if "aaa" in text else TAIL
    found = accounts(f"{text}\nusername a privilege 15 secret 5 $1$ab$cdefghijkl", tail)
    assert found["a"].second_factor is factor


def test_keys_are_counted() -> None:
    text = "username a privilege 15\nip ssh pubkey-chain\n  username a\n   key-hash ssh-rsa AB12\n"
    assert accounts(text)["a"].keys == 1


@pytest.mark.parametrize(
    ("text", "length", "lockout"),
    [
        ("", None, False),
        ("security passwords min-length 12", 12, False),
        ("login block-for 60 attempts 3 within 30", None, True),
        ("aaa local authentication attempts max-fail 5", None, True),
        ("no login block-for 60 attempts 3 within 30", None, False),
        (
            (
                "aaa common-criteria policy P\n min-length 15\n"
                "username a common-criteria-policy P secret 9 $9$abcdefghijklmn$op"
            ),
            15,
            False,
        ),
        (
            (
                "aaa common-criteria policy P\n min-length 15\n"
                "username a common-criteria-policy P secret 9 $9$abcdefghijklmn$op\n"
                "username b secret 9 $9$abcdefghijklmn$op"
            ),
            None,
            False,
        ),
    ],
)
def test_what_is_demanded(text: str, length: int | None, lockout: bool) -> None:
    found = device(text)
    assert (found.min_length, found.lockout) == (length, lockout)


# --- SNMP, VPN, wireless, networks -------------------------------------------------------------


def test_communities_and_groups() -> None:
    found = device(
        "snmp-server community geheim RO 10\nsnmp-server community schrijf view X RW\n"
        "snmp-server group G v3 priv access 10\nsnmp-server group G v2c\n"
        "access-list 10 permit 10.0.0.9\n"
    )
    assert [
        (one.version, one.writable, one.encrypted, one.sources) for one in found.snmp or ()
    ] == [
        ("2c", False, False, ("10.0.0.9",)),
        ("2c", True, False, ()),
        ("3", False, True, ("10.0.0.9",)),
    ]
    assert device("snmp-server community x RO\nno snmp-server\n").snmp == ()


@pytest.mark.parametrize(
    ("policy", "weak"),
    [
        (" encr aes 256\n hash sha256\n group 14", ()),
        (" encr 3des\n hash md5\n group 2", ("hash md5", "encryption 3des", "group 2")),
        (" authentication pre-share", ("encryption des", "group 1")),
    ],
)
def test_what_is_weak_in_ipsec(policy: str, weak: tuple[str, ...]) -> None:
    rest = (
        f"crypto isakmp policy 1\n{policy}\ncrypto ipsec transform-set T esp-aes esp-sha-hmac\n"
        "crypto map M 1 ipsec-isakmp\n set peer 198.51.100.1\n set transform-set T\n"
    )
    found = wan("crypto map M", rest)
    assert [(vpn.kind, vpn.name, vpn.weak) for vpn in found.vpns or ()] == [("ipsec", "M", weak)]
    assert not found.unread
    # A map that no interface has is no way in.
    assert wan("", rest).vpns == ()


@pytest.mark.parametrize(
    ("group", "kinds"),
    [
        (" accept-dialin\n  protocol pptp", {"pptp"}),
        (" accept-dialin\n  protocol l2tp", {"l2tp"}),
        (" accept-dialin\n  protocol any", {"pptp", "l2tp"}),
        (" request-dialin\n  protocol pppoe", set()),
    ],
)
def test_dialing_in(group: str, kinds: set[str]) -> None:
    found = device(f"vpdn enable\nvpdn-group 1\n{group}\n")
    assert {vpn.kind for vpn in found.vpns or ()} == kinds


@pytest.mark.parametrize(
    ("ssid", "ciphers", "protection", "tkip"),
    [
        (" authentication open", "", Protection.OPEN, None),
        (" authentication open", "encryption mode wep mandatory", Protection.WEP, None),
        (
            " authentication key-management wpa version 2\n wpa-psk ascii 0 x",
            "encryption mode ciphers aes-ccm",
            Protection.WPA2,
            False,
        ),
        (
            " authentication open\n authentication key-management wpa\n wpa-psk ascii 0 x",
            "encryption mode ciphers aes-ccm tkip",
            Protection.WPA_WPA2,
            True,
        ),
    ],
)
def test_wireless_of_radios(
    ssid: str, ciphers: str, protection: Protection, tkip: bool | None
) -> None:
    found = device(
        f"dot11 ssid Kantoor\n{ssid}\ninterface Dot11Radio0\n {ciphers}\n ssid Kantoor\n"
    )
    (network,) = found.wifi or ()
    assert (network.protection, network.tkip, network.enabled) == (protection, tkip, True)
    assert Topic.WIFI not in found.unread


@pytest.mark.parametrize(
    ("lines", "protection", "enterprise"),
    [
        ("", Protection.WPA2, True),
        ("no security wpa\nno security wpa akm dot1x", Protection.OPEN, False),
        ("no security wpa akm dot1x\nsecurity wpa akm psk", Protection.WPA2, False),
        (
            f"{WPA3}\nsecurity wpa akm sae",
            Protection.WPA3,
            False,
        ),
        (
            f"{WPA3}\nsecurity wpa akm owe",
            Protection.OWE,
            False,
        ),
    ],
)
def test_wireless_of_controllers(lines: str, protection: Protection, enterprise: bool) -> None:
    body = "".join(f" {line}\n" for line in lines.split("\n") if line)
    found = device(f"wlan X 1 Kantoor\n{body} no shutdown\n", version="17.9")
    (network,) = found.wifi or ()
    assert (network.protection, network.enterprise, network.enabled) == (
        protection,
        enterprise,
        True,
    )


@pytest.mark.parametrize(
    ("rules", "isolated"),
    [
        ("", False),
        ("deny ip any 192.168.1.0 0.0.0.255\n permit ip any any", True),
        (
            "permit udp any any eq 53\n deny ip any 192.168.0.0 0.0.255.255\n permit ip any any",
            True,
        ),
        ("permit ip any any\n deny ip any 192.168.1.0 0.0.0.255", False),
        ("permit tcp any any\n deny ip any any", False),
        ("deny ip any 192.168.1.0 0.0.0.127\n permit ip any any", False),
        ("permit ip any 192.168.1.64 0.0.0.63\n deny ip any any", None),
        ("permit ip any host 192.168.1.9\n deny ip any any", True),
    ],
)
def test_whether_guests_are_kept_apart(rules: str, isolated: bool | None) -> None:
    found = device(
        "interface Gi0/1.10\n encapsulation dot1Q 10\n ip address 192.168.1.1 255.255.255.0\n"
        "interface Gi0/1.30\n description Gasten\n encapsulation dot1Q 30\n"
        f" ip address 192.168.30.1 255.255.255.0\n{' ip access-group G in' if rules else ''}\n"
        + (f"ip access-list extended G\n {rules}\n" if rules else "")
    )
    guest = next(one for one in found.segments or () if one.guest)
    assert guest.isolated is isolated

"""Cisco IOS: no secret is left behind the redaction, and names are."""

from __future__ import annotations

import re

import pytest

from tests.unit.devices.ios_texts import (
    REDACTOR,
)

# --- secrets -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "secrets"),
    [
        (
            "aaa server radius dynamic-author\n client 10.0.0.7 server-key 7 03550958525A77",
            ["03550958525A77"],
        ),
        ("aaa server radius dynamic-author\n client 10.0.0.7 server-key Rozengeur", ["Rozengeur"]),
        ("radius server X\n key Rozengeur en maneschijn", ["Rozengeur en maneschijn"]),
        ("radius server X\n pac key 7 03550958525A77", ["03550958525A77"]),
        ("tacacs server X\n address ipv4 10.0.0.1\n key 7 03550958525A77", ["03550958525A77"]),
        ("crypto isakmp client configuration group G\n key Rozengeur\n", ["Rozengeur"]),
        ("crypto keyring K\n  pre-shared-key address 1.2.3.4 key Rozengeur", ["Rozengeur"]),
        (
            "  pre-shared-key local Rozengeur\n  pre-shared-key remote Maneschijn",
            ["Rozengeur", "Maneschijn"],
        ),
        (" authentication local pre-share key Rozengeur", ["Rozengeur"]),
        ("crypto isakmp key 6 UdJSaQOVfhBM address 1.2.3.4", ["UdJSaQOVfhBM"]),
        (" encryption key 1 size 40bit 7 3B1D2F4E5A transmit-key", ["3B1D2F4E5A"]),
        (
            " encryption vlan 10 key 1 size 128bit 0 0123456789ABCDEF0123456789 transmit-key",
            ["0123456789ABCDEF"],
        ),
        (" security wpa psk set-key ascii 0 een lange zin", ["een lange zin"]),
        (" wpa-psk ascii 0 een lange zin", ["een lange zin"]),
        (" mgmtuser username a password 0 een twee secret 0 drie vier", ["een twee", "drie vier"]),
        (" ppp pap sent-username kpn password 0 Rozengeur", ["Rozengeur"]),
        (" ppp chap password 7 03550958525A77", ["03550958525A77"]),
        (" standby 1 authentication Rozengeur", ["Rozengeur"]),
        (" vrrp 1 authentication text Rozengeur", ["Rozengeur"]),
        (" ip nhrp authentication Rozengeur", ["Rozengeur"]),
        (" ip ospf message-digest-key 1 md5 7 03550958525A77", ["03550958525A77"]),
        (" isis password Rozengeur level-2", ["Rozengeur"]),
        (" authentication mode hmac-sha-256 Rozengeur", ["Rozengeur"]),
        (" neighbor 10.0.0.2 password 7 03550958525A77", ["03550958525A77"]),
        (" l2tp tunnel password 7 03550958525A77", ["03550958525A77"]),
        ("vtp password Rozengeur", ["Rozengeur"]),
        ("ntp authentication-key 1 md5 03550958525A77 7", ["03550958525A77"]),
        ("snmp-server host 10.0.0.1 vrf M informs version 2c Rozengeur  tty vtp", ["Rozengeur"]),
        (
            "snmp-server user u G v3 auth sha Rozengeur priv aes 128 Maneschijn",
            ["Rozengeur", "Maneschijn"],
        ),
        (" bind authenticate root-dn CN=x,DC=y password 7 03550958525A77", ["03550958525A77"]),
        (" path ftp://kopie:Rozengeur@10.0.0.9/x", ["Rozengeur"]),
        ("  add http://jan:Rozengeur@members.dyndns.org/nic/update?h=<h>", ["Rozengeur"]),
        (
            "x: %PARSER-5-CFGLOG_LOGGEDCMD: User:a  logged command:username a secret Rozen geur",
            ["Rozen geur"],
        ),
        ("x: logged command:snmp-server community Rozengeur RO", ["Rozengeur"]),
        ("username a privilege 15 password 0 met een spatie", ["met een spatie"]),
        ("username a privilege 15 secret kyber Rozengeur", ["Rozengeur"]),
        ("snmp-server user u G v3 auth sha-2 256 Rozengeur priv des56 Maneschijn", ["Rozengeur"]),
        ("snmp-server user u G v3 auth md5 Rozengeur priv des56 Maneschijn", ["Maneschijn"]),
        (" ospfv3 encryption ipsec spi 1001 esp null md5 0 2757613409476813", ["2757613409476813"]),
        (
            " ipv6 ospf encryption ipsec spi 256 esp aes-cbc 128 0 0A1B2C3D4E sha1 7 4E5F6A7B8C",
            ["0A1B2C3D4E", "4E5F6A7B8C"],
        ),
        (" area 0 authentication ipsec spi 1000 md5 2757613409476813", ["2757613409476813"]),
        ("mpls ldp neighbor 10.0.0.1 password Rozengeur", ["Rozengeur"]),
        (
            "set session-key inbound esp 256 cipher 0A1B2C3D authenticator 4E5F6A7B",
            ["0A1B2C3D", "4E5F6A7B"],
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
        "key chain OSPF\n key 1\n",
        "ip ssh version 2",
        "aaa authentication login default group radius local",
        "crypto isakmp policy 10\n authentication pre-share\n",
        "crypto key generate rsa",
        "service password-encryption",
        "security passwords min-length 12",
        " standby 1 authentication md5 key-chain HSRP",
        "username jan privilege 15 nopassword",
        "snmp-server community [secret:0123456789abcdef:8-11] RO 10",
        "snmp-server group G v3 priv access 10",
        " tunnel protection ipsec profile VTI",
        "wlan KANTOOR 1 Kantoor",
    ],
)
def test_what_is_no_secret_stays(line: str) -> None:
    assert REDACTOR.redact(line).text == line


def test_the_same_secret_has_the_same_mark_everywhere() -> None:
    text = " wpa-psk ascii 0 een lange zin\n security wpa psk set-key ascii 0 een lange zin\n"
    marks = set(re.findall(r"\[secret:[^\]]*\]", REDACTOR.redact(text).text))
    assert len(marks) == 1

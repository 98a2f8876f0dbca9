"""OpenWrt: its grammar, the firewall's order, reach, and that nothing odd passes."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.devices.answers import FILE, joined, parted
from assessor.devices.device import (
    Device,
    Firewall,
    Policy,
    Protection,
    Reach,
    Storage,
    Topic,
    WifiNetwork,
)
from assessor.devices.openwrt import SYSTEM
from assessor.devices.openwrt.said import (
    CHANGED,
    INCLUDED,
    KEYS,
    PASSWD,
    QUESTIONS,
    SHADOW,
    STARTED,
    export,
)
from assessor.devices.openwrt.uci import read_uci
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs
from tests.devices.cases import REDACTOR, Case, cases, judged

CASES = {case.folder.name: case for case in cases(DeviceOs.OPENWRT)}
GOOD = CASES["good"]
FILED = CASES["file_export"]

BASE = """
config defaults
    option input REJECT
    option forward REJECT
config zone
    option name lan
    list network lan
    option input ACCEPT
    option forward ACCEPT
config zone
    option name wan
    list network wan
    list network wan6
    option input {input}
    option forward REJECT
    option masq 1
config interface lan
    option proto static
    option device br-lan
    option ipaddr 192.168.1.1/24
config interface wan
    option proto dhcp
    option device eth1
config interface wan6
    option proto dhcpv6
config dropbear
config uhttpd main
    list listen_https 443
"""


def of_file(more: str = "", *, policy: str = "REJECT") -> Device:
    return SYSTEM.read({FILE: BASE.format(input=policy) + more})


def wall(more: str = "", *, policy: str = "REJECT") -> Firewall:
    firewall = of_file(more, policy=policy).firewall
    assert firewall is not None
    return firewall


def holes(more: str, *, policy: str = "REJECT") -> list[tuple[str, str, str, tuple[str, ...]]]:
    found = wall(more, policy=policy).holes
    return [(hole.family, hole.to, hole.service, hole.sources) for hole in found]


def ssh(more: str = "", *, policy: str = "REJECT") -> Reach:
    services = of_file(more, policy=policy).services
    assert services is not None
    return next(one.reach for one in services if one.name == "ssh")


def said(case: Case = GOOD) -> dict[str, str]:
    return dict(parted(case.redacted()))


def read(**changes: str) -> Device:
    """The good device with packages (or ``passwd`` and the like) that say something else."""
    answers = said()
    other = {"passwd": PASSWD, "shadow": SHADOW, "keys": KEYS, "started": STARTED}
    other |= {"changed": CHANGED, "included": INCLUDED}
    for name, text in changes.items():
        answers[other.get(name) or export(name)] = text
    return SYSTEM.read(answers)


# --- the grammar ---


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("option key 'plain words'", "plain words"),
        ("option key 'it'\\''s'", "it's"),
        ('option key "a \\"b\\" \\\\ c"', 'a "b" \\ c'),
        ("option key bare", "bare"),
        ("option key a\\ b", "a b"),
        ("option key a'b c'\"d\"", "ab cd"),
        ("option key 'x' # and more", "x"),
        ("option key 'a#b'", "a#b"),
        ("option key ab#c", "ab"),
        ("\toption\t\tkey\t'x'", "x"),
        ("o key x", "x"),
        ("option 'key' \"x\"", "x"),
        ("option key 'a\nb'", "a\nb"),
        ("option key ''", ""),
        ("option key x; option other y", "x"),
    ],
)
def test_words(line: str, value: str) -> None:
    section = read_uci(f"config zone 'a'\n{line}\n")["firewall"][0]
    assert section.get("key") == value


def test_lists_and_sections_of_the_same_name_add_up() -> None:
    text = "package network\nconfig interface a\nlist dns 1\nlist dns 2\n"
    text += "config interface a\noption x 3\n"
    (section,) = read_uci(text)["network"]
    assert section.words("dns") == ("1", "2")
    assert section.get("x") == "3"


def test_uci_show_is_the_same_as_the_file() -> None:
    shown = CASES["file_show"].raw()
    assert "wireless.default_radio0.key='it'\\''s" in shown
    text = (
        "firewall.@zone[0]=zone\nfirewall.@zone[0].name='lan'\n"
        "firewall.@zone[0].network='lan' 'it'\\''s'\nfirewall.cfg02abcd=rule\n"
        "firewall.wan=zone\nfirewall.wan.input=REJECT\n"
    )
    zone, rule, wan = read_uci(text)["firewall"]
    assert (zone.name, zone.key, zone.words("network")) == ("", "@zone[0]", ("lan", "it's"))
    assert (rule.type, rule.name) == ("rule", "")
    assert (wan.name, wan.get("input")) == ("wan", "REJECT")


@pytest.mark.parametrize(
    "text",
    [
        "config zone\noption name 'wan",
        'config zone\noption name "wan',
        "option name wan",
        "config zone\noptionx name wan",
        "config\n",
        "config zone a b\n",
        "config zone\noption\n",
        "config zone 'a'\nconfig rule 'a'\n",
        "firewall.a=zone\nfirewall.b.name='x'\n",
        "firewall.a=zone\nsomething else\n",
        "firewall.a=zone\nfirewall.a.name='x\n",
        "<xml/>",
    ],
)
def test_what_is_no_uci(text: str) -> None:
    with pytest.raises(UnparsedError):
        read_uci(text)


@pytest.mark.parametrize(
    ("kind", "package"),
    [("zone", "firewall"), ("wifi-iface", "wireless"), ("wireguard_wg0", "network")],
)
def test_files_without_a_name_are_told_by_their_sections(kind: str, package: str) -> None:
    assert list(read_uci(f"config {kind}\n")) == [package]
    assert list(read_uci(f"==> /etc/config/other <==\nconfig {kind}\n")) == ["other"]


# --- the firewall ---


def test_closed() -> None:
    firewall = wall()
    assert firewall.to_device == {"ipv4": Policy.DENIED, "ipv6": Policy.DENIED}
    assert firewall.forwarded == firewall.to_device
    assert firewall.outside == ("wan", "wan6")
    assert firewall.holes == ()


RULE = "config rule\n option src wan\n option target ACCEPT\n"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (f"{RULE} option proto tcp\n option dest_port 22\n", [("both", "device", "tcp/22", ())]),
        (f"{RULE} option dest_port '80 443'\n", [("both", "device", "tcp+udp/80,443", ())]),
        (RULE, [("both", "device", "any", ())]),
        (f"{RULE} option proto all\n option dest lan\n", [("both", "lan", "any", ())]),
        (f"{RULE} option proto gre\n option family ipv4\n", [("ipv4", "device", "gre", ())]),
        (f"{RULE} option proto tcp\n option dest_port '!22'\n", [("both", "device", "any", ())]),
        (
            f"{RULE} option proto tcp\n option dest_port 22\n option src_ip 192.0.2.0/24\n",
            [("ipv4", "device", "tcp/22", ("192.0.2.0/24",))],
        ),
        (
            f"{RULE} option proto tcp\n option dest_port 22\n option src_ip '!192.0.2.1'\n",
            [("both", "device", "tcp/22", ())],
        ),
        (
            f"{RULE} option proto tcp\n option dest_port 22\n option src_ip 0.0.0.0/0\n",
            [("both", "device", "tcp/22", ())],
        ),
        (
            (
                f"{RULE} option dest lan\n option dest_ip 2001:db8::5\n option proto tcp\n"
                " option dest_port 443\n"
            ),
            [("ipv6", "2001:db8::5", "tcp/443", ())],
        ),
        (f"{RULE} option proto icmp\n", []),
        (f"{RULE} option proto udp\n option dest_port 68\n", []),
        (f"{RULE} option enabled 0\n", []),
        ("config rule\n option src lan\n option target ACCEPT\n", []),
        ("config rule\n option dest wan\n option target ACCEPT\n", []),
        ("config rule\n option src '*'\n option target ACCEPT\n", [("both", "device", "any", ())]),
    ],
)
def test_rules(rule: str, expected: list[object]) -> None:
    assert holes(rule) == expected


STOP = "config rule\n option src wan\n option target DROP\n"
SSH = f"{RULE} option proto tcp\n option dest_port 22\n"


@pytest.mark.parametrize(
    ("rules", "number"),
    [
        (STOP + " option proto all\n" + SSH, 0),
        (SSH + STOP + " option proto all\n", 1),
        (STOP + " option proto tcp\n option dest_port '22 23'\n" + SSH, 0),
        (STOP + " option proto tcp\n option dest_port 23\n" + SSH, 1),
        (STOP + " option proto udp\n" + SSH, 1),
        (STOP + " option proto all\n option src_ip 192.0.2.1\n" + SSH, 1),
        (STOP + " option proto all\n option limit 10/second\n" + SSH, 1),
        (STOP + " option proto all\n option dest lan\n" + SSH, 1),
        (STOP + " option proto all\n option enabled 0\n" + SSH, 1),
        (STOP + " option proto all\n option family ipv6\n" + SSH, 1),
        # The rules for every zone come before those of one, wherever they stand.
        (SSH + STOP.replace("src wan", "src '*'") + " option proto all\n", 0),
    ],
)
def test_the_order_of_rules(rules: str, number: int) -> None:
    assert len(holes(rules)) == number


def test_a_forwarding_from_outside_opens_everything() -> None:
    text = "config forwarding\n option src wan\n option dest lan\n"
    assert wall(text).forwarded == {"ipv4": Policy.ALLOWED, "ipv6": Policy.ALLOWED}
    four = wall(text + " option family ipv4\n")
    assert four.forwarded == {"ipv4": Policy.ALLOWED, "ipv6": Policy.DENIED}
    assert wall(text + " option enabled 0\n").forwarded["ipv4"] is Policy.DENIED
    stopped = STOP + " option proto all\n option dest '*'\n" + text
    assert wall(stopped).forwarded["ipv4"] is Policy.DENIED


def test_the_defaults_hold_between_zones() -> None:
    text = BASE.format(input="REJECT").replace("option forward REJECT", "option forward ACCEPT", 1)
    firewall = SYSTEM.read({FILE: text}).firewall
    assert firewall is not None
    assert firewall.forwarded["ipv4"] is Policy.ALLOWED
    # A zone's own is about its own interfaces only.
    text = BASE.format(input="REJECT").replace(
        "forward REJECT\n    option masq", "forward ACCEPT\n    option masq"
    )
    firewall = SYSTEM.read({FILE: text}).firewall
    assert firewall is not None
    assert firewall.forwarded["ipv4"] is Policy.DENIED


def test_a_line_in_no_zone_goes_by_the_defaults() -> None:
    more = "config interface lte\n option proto qmi\n option apn x\n"
    assert wall(more).to_device["ipv4"] is Policy.DENIED
    text = BASE.format(input="REJECT").replace("option input REJECT", "option input ACCEPT", 1)
    firewall = SYSTEM.read({FILE: text + more}).firewall
    assert firewall is not None
    assert firewall.to_device["ipv4"] is Policy.ALLOWED


@pytest.mark.parametrize(
    ("word", "policy"),
    [
        ("ACCEPT", Policy.ALLOWED),
        ("accept", Policy.ALLOWED),
        ("acc", Policy.ALLOWED),
        ("DROP", Policy.DENIED),
        ("rej", Policy.DENIED),
        ("perhaps", Policy.UNKNOWN),
    ],
)
def test_policies(word: str, policy: Policy) -> None:
    device = of_file(policy=word)
    assert device.firewall is not None
    assert device.firewall.to_device["ipv4"] is policy
    assert (Topic.FIREWALL in device.unread) is (policy is Policy.UNKNOWN)


@pytest.mark.parametrize(
    ("redirect", "expected"),
    [
        (
            " option src_dport 443\n option proto tcp\n option dest_ip 192.168.1.9\n",
            [("ipv4", "192.168.1.9", "tcp/443", ())],
        ),
        (" option dest_ip 192.168.1.9\n option proto all\n", [("ipv4", "192.168.1.9", "any", ())]),
        (" option dest_ip 192.168.1.9\n", [("ipv4", "192.168.1.9", "any", ())]),
        (
            " option src_dport 80\n option proto tcp\n option src_ip 192.0.2.1\n",
            [("ipv4", "device", "tcp/80", ("192.0.2.1",))],
        ),
        (
            " option src_dport 80\n option proto tcp\n option dest_ip 192.168.1.1\n",
            [("ipv4", "device", "tcp/80", ())],
        ),
        (
            " option src_dport 80\n option proto tcp\n option dest_ip 2001:db8::9\n",
            [("ipv6", "2001:db8::9", "tcp/80", ())],
        ),
        (" option target SNAT\n option src_dip 192.0.2.1\n option dest wan\n", []),
        (" option enabled false\n option dest_ip 192.168.1.9\n", []),
    ],
)
def test_redirects(redirect: str, expected: list[object]) -> None:
    assert holes(f"config redirect\n option src wan\n{redirect}") == expected


def test_sets_of_addresses_are_sources() -> None:
    rule = f"{SSH} option ipset 'office src'\n"
    known = "config ipset\n option name office\n list match src_ip\n list entry 192.0.2.1\n"
    assert holes(rule + known) == [("ipv4", "device", "tcp/22", ("192.0.2.1",))]
    filed = "config ipset\n option name office\n list match src_ip\n option loadfile /x\n"
    assert holes(rule + filed) == [("both", "device", "tcp/22", ("set office",))]
    assert holes(rule.replace("'office", "'!office") + known)[0][3] == ()
    assert Topic.FIREWALL in of_file(rule).unread


@pytest.mark.parametrize(
    ("rules", "policy", "reach"),
    [
        ("", "REJECT", Reach.INSIDE),
        ("", "ACCEPT", Reach.ANYWHERE),
        (SSH, "REJECT", Reach.ANYWHERE),
        (SSH + " option src_ip 192.0.2.1\n", "REJECT", Reach.NAMED),
        (SSH.replace("22", "2200"), "REJECT", Reach.INSIDE),
        (SSH.replace("22", "20-30"), "REJECT", Reach.ANYWHERE),
        (SSH.replace("tcp", "udp"), "REJECT", Reach.INSIDE),
        (STOP + " option proto tcp\n option dest_port 22\n", "ACCEPT", Reach.INSIDE),
        (
            (
                "config redirect\n option src wan\n option proto tcp\n option src_dport 2222\n"
                " option dest_port 22\n"
            ),
            "REJECT",
            Reach.ANYWHERE,
        ),
        (
            (
                "config redirect\n option src wan\n option proto tcp\n option src_dport 22\n"
                " option dest_ip 192.168.1.5\n"
            ),
            "REJECT",
            Reach.INSIDE,
        ),
        ("", "perhaps", Reach.UNKNOWN),
    ],
)
def test_reach(rules: str, policy: str, reach: Reach) -> None:
    assert ssh(rules, policy=policy) is reach


@pytest.mark.parametrize(("policy", "reach"), [("REJECT", Reach.INSIDE), ("ACCEPT", Reach.UNKNOWN)])
def test_a_service_on_an_inner_interface(policy: str, reach: Reach) -> None:
    text = BASE.format(input=policy).replace(
        "config dropbear", "config dropbear\n option Interface lan"
    )
    services = SYSTEM.read({FILE: text}).services
    assert services is not None
    assert services[0].reach is reach


def test_without_its_service_the_firewall_is_open() -> None:
    device = read(started=said()[STARTED].replace("S19firewall\n", ""))
    assert device.firewall is not None
    assert set(device.firewall.to_device.values()) == {Policy.ALLOWED}
    assert device.services is not None
    assert device.services[0].reach is not Reach.INSIDE


@pytest.mark.parametrize(
    ("line", "read_in_full"),
    [
        ("", True),
        ("/usr/share/nftables.d/README:anything", True),
        (
            "/usr/share/nftables.d/chain-post/forward/20-miniupnpd.nft:jump upnp_forward comment x",
            True,
        ),
        ("/etc/firewall.user:iptables -I INPUT -j ACCEPT", False),
        ("/etc/nftables.d/miniupnpd.nft:accept", False),
    ],
)
def test_rules_in_files_of_their_own(line: str, read_in_full: bool) -> None:
    device = read(included=f"{line}\n[exit 1] \n")
    assert (Topic.FIREWALL not in device.unread) is read_in_full


@pytest.mark.parametrize(
    ("release", "policy", "noted"),
    [
        ("21.02.3", Policy.ALLOWED, False),
        ("23.05.5", Policy.DENIED, False),
        ("", Policy.DENIED, True),
    ],
)
def test_ipv6_left_alone(release: str, policy: Policy, noted: bool) -> None:
    text = BASE.format(input="REJECT").replace(
        "config defaults", "config defaults\n option disable_ipv6 1"
    )
    told = f"DISTRIB_ID='OpenWrt'\nDISTRIB_RELEASE='{release}'\n" if release else ""
    device = SYSTEM.read({FILE: told + text})
    assert device.firewall is not None
    assert device.firewall.to_device["ipv6"] is policy
    assert device.firewall.to_device["ipv4"] is Policy.DENIED
    assert (Topic.FIREWALL in device.unread) is noted


def test_what_is_outside() -> None:
    static = BASE.format(input="REJECT").replace(
        "option proto dhcp\n    option device eth1",
        "option proto static\n    option gateway 192.0.2.1",
    )
    firewall = SYSTEM.read({FILE: static}).firewall
    assert firewall is not None
    assert firewall.outside == ("wan", "wan6")
    # An access point's own network gets its address from a router, which is not outside.
    point = BASE.format(input="REJECT").replace("option proto static", "option proto dhcp")
    firewall = SYSTEM.read({FILE: point}).firewall
    assert firewall is not None
    assert firewall.to_device["ipv4"] is Policy.UNKNOWN
    strange = BASE.format(input="REJECT").replace("option proto dhcpv6", "option proto new")
    assert Topic.FIREWALL in SYSTEM.read({FILE: strange}).unread
    vpn = (
        "config interface vpn\n option proto wireguard\nconfig wireguard_vpn\n"
        " option route_allowed_ips 1\n list allowed_ips 0.0.0.0/0\n"
        "config zone\n option name vpn\n list network vpn\n option input ACCEPT\n option masq 1\n"
    )
    assert wall(vpn).to_device["ipv4"] is Policy.ALLOWED


# --- networks behind it ---

GUEST = """
config interface guest
    option proto static
    option ipaddr 192.168.9.1/24
config zone
    option name guest
    list network guest
    option input REJECT
    option forward REJECT
config forwarding
    option src guest
    option dest wan
"""


@pytest.mark.parametrize(
    ("more", "isolated"),
    [
        ("", True),
        ("config forwarding\n option src guest\n option dest lan\n", False),
        ("config forwarding\n option src '*'\n option dest '*'\n", False),
        ("config forwarding\n option src lan\n option dest guest\n", True),
        ("config rule\n option src guest\n option dest lan\n option target ACCEPT\n", False),
        (
            (
                "config rule\n option src guest\n option dest lan\n option dest_port 631\n"
                " option target ACCEPT\n"
            ),
            True,
        ),
        (
            (
                "config rule\n option src guest\n option dest lan\n option proto all\n"
                " option target REJECT\nconfig forwarding\n option src guest\n option dest lan\n"
            ),
            True,
        ),
    ],
)
def test_guests(more: str, isolated: bool) -> None:
    segments = of_file(GUEST + more).segments
    assert segments is not None
    found = {each.name: each.isolated for each in segments}
    assert found["guest"] is isolated


def test_networks_in_one_zone_are_not_apart() -> None:
    text = BASE.format(input="REJECT").replace(
        "list network lan\n", "list network lan\n list network iot\n"
    )
    segments = SYSTEM.read(
        {FILE: text + "config interface iot\n option proto static\n option device eth0.30\n"}
    ).segments
    assert segments is not None
    assert [(each.name, each.vlan, each.isolated) for each in segments] == [
        ("lan", None, False),
        ("iot", 30, False),
    ]


# --- wireless networks ---


def network(options: str, more: str = "") -> tuple[WifiNetwork, Device]:
    text = (
        "config wifi-device radio0\n option type mac80211\n"
        f"config wifi-iface a\n option device radio0\n option ssid x\n{options}\n{more}"
    )
    device = of_file(text)
    assert device.wifi is not None
    return device.wifi[0], device


@pytest.mark.parametrize(
    ("word", "protection", "tkip", "enterprise"),
    [
        ("none", Protection.OPEN, False, False),
        ("owe", Protection.OWE, False, False),
        ("wep", Protection.WEP, False, False),
        ("wep-shared", Protection.WEP, False, False),
        ("psk", Protection.WPA, False, False),
        ("psk+tkip", Protection.WPA, True, False),
        ("psk-mixed", Protection.WPA_WPA2, False, False),
        ("psk-mixed+tkip+aes", Protection.WPA_WPA2, True, False),
        ("psk2", Protection.WPA2, False, False),
        ("psk2+ccmp", Protection.WPA2, False, False),
        ("psk2+tkip", Protection.WPA2, True, False),
        ("PSK2", Protection.WPA2, False, False),
        ("sae", Protection.WPA3, False, False),
        ("sae-mixed", Protection.WPA2_WPA3, False, False),
        ("psk3", Protection.WPA3, False, False),
        ("wpa2", Protection.WPA2, False, True),
        ("wpa2+ccmp", Protection.WPA2, False, True),
        ("wpa3-mixed", Protection.WPA2_WPA3, False, True),
        ("wpa3-192", Protection.WPA3, False, True),
        ("wpa", Protection.WPA, False, True),
        ("sae2", Protection.UNKNOWN, None, False),
        ("psk2+new", Protection.UNKNOWN, None, False),
        ("dpp", Protection.UNKNOWN, None, False),
    ],
)
def test_encryption(word: str, protection: Protection, tkip: bool | None, enterprise: bool) -> None:
    found, device = network(f" option encryption {word}\n option key x")
    assert (found.protection, found.tkip, found.enterprise) == (protection, tkip, enterprise)
    assert (Topic.WIFI in device.unread) is (protection is Protection.UNKNOWN)


def test_without_a_word_a_network_is_open() -> None:
    assert network("")[0].protection is Protection.OPEN


@pytest.mark.parametrize(
    ("options", "number"),
    [
        (" option encryption psk2\n option key a\n", 1),
        (" option encryption sae\n option key a\n list sae_password b\n list sae_password c\n", 3),
        (" option encryption wep\n option key 1\n option key1 a\n option key2 b\n", 2),
        (" option encryption psk2\n option key a\n option wpa_psk_file /etc/x\n", 2),
        (" option encryption psk2\n", 1),
        (" option encryption owe\n option key a\n", 0),
        (" option encryption wpa2\n option auth_secret a\n", 0),
    ],
)
def test_secrets_of_networks(options: str, number: int) -> None:
    assert len(network(options)[0].secrets) == number


def test_devices_with_passphrases_of_their_own() -> None:
    more = (
        "config wifi-station\n option key b\nconfig wifi-station\n option iface a\n option key c\n"
    )
    more += "config wifi-station\n option iface other\n option key d\n"
    assert len(network(" option encryption psk2\n option key a\n", more)[0].secrets) == 3


@pytest.mark.parametrize(
    ("options", "enabled"),
    [("", True), (" option disabled 1", False), (" option disabled 0", True)],
)
def test_networks_that_are_off(options: str, enabled: bool) -> None:
    assert network(options)[0].enabled is enabled


def test_a_radio_that_is_off() -> None:
    text = (
        "config wifi-device radio0\n option disabled 1\n"
        "config wifi-iface a\n option device radio0\n option ssid x\n"
        "config wifi-iface b\n option device radio0\n option mode sta\n option ssid y\n"
    )
    wifi = of_file(text).wifi
    assert wifi is not None
    assert [(each.label, each.enabled) for each in wifi] == [("a", False)]


# --- accounts ---


@pytest.mark.parametrize(
    ("field", "storage"),
    [
        ("$1$salt$0123456789abcdefghijkl", Storage.WEAK_HASH),
        ("$5$salt$0123456789abcdefghijkl", Storage.HASH),
        ("$6$salt$0123456789abcdefghijkl", Storage.HASH),
        ("$y$j9T$salt$0123456789abcdefghijkl", Storage.HASH),
        ("Ab/01234567.z", Storage.WEAK_HASH),
        ("$new$0123456789abcdefghijkl", Storage.UNKNOWN),
    ],
)
def test_how_a_password_is_kept(field: str, storage: Storage) -> None:
    shadow = REDACTOR.redact(f"root:{field}:20000:0:99999:7:::\n").text
    device = read(shadow=shadow)
    assert device.accounts is not None
    (root,) = device.accounts
    assert root.secret is not None
    assert root.secret.storage is storage
    assert root.secret.mark
    assert device.secret_changes["account root"] == datetime(2024, 10, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "keys", "empty", "enabled"),
    [("", "1\n", True, True), ("*", "1\n", False, True), ("!", "0\n[exit 1] \n", False, False)],
)
def test_accounts_without_a_password(field: str, keys: str, empty: bool, enabled: bool) -> None:
    accounts = read(shadow=f"root:{field}:0:0:99999:7:::\n", keys=keys).accounts
    assert accounts is not None
    (root,) = accounts
    assert (root.empty, root.enabled, root.secret) == (empty, enabled, None)


@pytest.mark.parametrize("text", ["root:x:0\n", "root:*:0:0:99999:7:::\nroot:*:0:0:99999:7:::\n"])
def test_strange_lines_of_accounts(text: str) -> None:
    assert Topic.ACCOUNTS in read(shadow=text).unread


def test_a_day_before_the_clock_was_set_says_nothing() -> None:
    assert read(shadow="root:$6$a$0123456789abcdef:00012:0:99999:7:::\n").secret_changes == {}
    assert read(changed="12\n").changed_at is None


# --- what it rests on ---

RESTS_ON = {
    "device_firewall": (("firewall",), "firewall"),
    "device_segmentation": (("firewall", "wireless"), "network-segmentation"),
    "device_wifi": (("wireless",), "wifi-security"),
    "device_remote_access": (("dropbear", "uhttpd", "firewall"), "remote-access"),
    "device_logging": (("system",), "access-logging"),
    "device_accounts": (("rpcd",), "access-control"),
}


def _mutations() -> Iterator[tuple[str, str, int]]:
    """Every line of the packages on which a passed verdict rests, with its number."""
    for check, (packages, _) in RESTS_ON.items():
        for package in packages:
            for number, line in enumerate(said()[export(package)].split("\n")):
                if line.strip() and not line.startswith("package"):
                    yield check, package, number


# Settings that say nothing about security, and may have any name.
_SILENT = re.compile(
    r"option (?:hostname|timezone|zonename|ttylogin|country|channel|band|path|type|htmode"
    r"|ieee80211w|\w*density)"
)


@pytest.mark.parametrize(("check", "package", "number"), list(_mutations()))
@pytest.mark.parametrize("how", ["keyword", "name"])
def test_an_unknown_word_never_passes(check: str, package: str, number: int, how: str) -> None:
    answers = said()
    lines = answers[export(package)].split("\n")
    words = lines[number].split(" ") if how == "name" else lines[number].split()
    if how == "name" and (_SILENT.search(lines[number]) or "wifi-device" in lines[number]):
        return  # it says nothing about security
    words[1 if how == "name" else 0] += "qq"
    lines[number] = " ".join(words)
    answers[export(package)] = "\n".join(lines)
    found = judged(GOOD, joined(answers.items()))[check]
    assert found[RESTS_ON[check][1]][0] != "pass", lines[number]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_that_is_not_answered_never_helps(question: str) -> None:
    before = judged(GOOD, GOOD.redacted())
    answers = said()
    for text in (None, "[exit 127] sh: not found\n"):
        if text is None:
            del answers[question]
        else:
            answers[question] = text
        found = judged(GOOD, joined(answers.items()))
        for check, measures in found.items():
            for measure, (outcome, _) in measures.items():
                if outcome == "pass":
                    assert before[check][measure][0] == "pass"


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_file_cut_anywhere(data: st.DataObject) -> None:
    text = parted(FILED.redacted())[FILE]
    cut = data.draw(st.integers(0, len(text)))
    try:
        SYSTEM.read({FILE: text[:cut]})
    except UnparsedError:
        return


@given(st.dictionaries(st.sampled_from(QUESTIONS), st.text(max_size=200), max_size=8))
@settings(max_examples=120, deadline=None)
def test_noise_never_passes(answers: dict[str, str]) -> None:
    text = joined(answers.items())
    found = judged(GOOD, REDACTOR.redact(text).text)
    assert all(outcome != "pass" for each in found.values() for outcome, _ in each.values())


@given(
    st.lists(
        st.sampled_from(
            [
                "config",
                "option",
                "list",
                "zone",
                "rule",
                "'",
                '"',
                "\\",
                "#",
                "\n",
                " ",
                "wan",
                "src",
            ]
        ),
        max_size=80,
    )
)
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(words: list[str]) -> None:
    try:
        read_uci(" ".join(words))
    except UnparsedError:
        return


HOSTILE = {
    "rules": BASE.format(input="REJECT") + SSH * 10_000,
    "stops": BASE.format(input="REJECT") + (STOP + " option dest_port 1\n" + SSH) * 5_500,
    "zones": BASE.format(input="REJECT")
    + "".join(
        f"config zone\n option name z{n}\n list network n{n}\nconfig interface n{n}\n"
        " option proto static\n"
        for n in range(8_000)
    ),
    "wifi": BASE.format(input="REJECT")
    + "config wifi-iface\n option ssid x\n option device r\n option encryption psk2\n" * 6_000
    + "config wifi-station\n option key x\n option iface y\n" * 8_000,
    "blank": BASE.format(input="REJECT") + "\n" * 50_000,
    "shown": "a.b=c\n" + "a.b.c='\n" * 49_999,
    "services": BASE.format(input="REJECT") + "config dropbear\n option Port 1\n" * 25_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_50_000_lines_are_read_in_time(text: str) -> None:
    began = time.process_time()
    with contextlib.suppress(UnparsedError):
        SYSTEM.read({FILE: text})
    assert time.process_time() - began < 4  # 2 on a machine that does nothing else


def test_unread_lines_are_few_and_short() -> None:
    more = "".join(
        f"config zone\n option name a{n}\n option odd{n} '\u202e{'x' * 500}'\n" for n in range(9)
    )
    lines = of_file(more).unread[Topic.FIREWALL]
    assert len(lines) == 5
    assert all(len(line) <= 120 and "\u202e" not in line for line in lines)

"""UniFi: the controller's answers, its two kinds of firewall, access points and gateways."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.devices.answers import FILE
from assessor.devices.device import (
    Device,
    Policy,
    Protection,
    Reach,
    Strength,
    Topic,
    WifiNetwork,
)
from assessor.devices.reading import system
from assessor.devices.system import Session
from assessor.devices.unifi import SYSTEM
from assessor.devices.unifi.reader import ACCESS_POINT, CONSOLE, GATEWAY, INFO, QUESTIONS, read
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs
from tests.devices.cases import Case, cases, judged

SAMPLES = Path(__file__).resolve().parents[4] / "shared/samples/edgeos"
MARK = "[secret:0123456789abcdef:12-19]"
WAN = {"_id": "w", "name": "WAN", "purpose": "wan", "wan_type": "dhcp", "wan_type_v6": "disabled"}
LAN = {"_id": "n1", "name": "LAN", "purpose": "corporate"}
OTHER = {"_id": "n2", "name": "Other", "purpose": "corporate"}
UDM = {"type": "udm", "name": "gw", "ip": "203.0.113.2", "version": "5.1.31.1", "model": "UDMPRO"}


def site(**parts: Any) -> Device:
    return read({FILE: json.dumps({"device": [UDM], "networkconf": [WAN, LAN], **parts})})


def wlan(**fields: Any) -> WifiNetwork:
    record = {"name": "Zaak", "enabled": True, "security": "wpapsk", "wpa_mode": "wpa2", **fields}
    (found,) = site(wlanconf=[record]).wifi or ()
    return found


# --- the bundle -----------------------------------------------------------------------------------


def test_answers_are_taken_whole_or_as_lists() -> None:
    records = [{"name": "Zaak", "enabled": True, "security": "open"}]
    forms = [
        {"wlanconf": records},
        {"rest/wlanconf": {"meta": {"rc": "ok"}, "data": records}},
        {"/proxy/network/api/s/default/rest/wlanconf": records},
        {"WLANs": records[0]},
    ]

    for form in forms:
        (found,) = read({FILE: json.dumps(form)}).wifi or ()
        assert found.protection is Protection.OPEN


def test_a_refused_answer_is_no_empty_one() -> None:
    refused = {"meta": {"rc": "error", "msg": "api.err.NoPermission"}, "data": []}
    found = site(wlanconf=refused, admins=refused)

    assert found.wifi is None
    assert found.accounts is None
    assert found.unread[Topic.WIFI] == ("wlanconf: the controller gave no records",)


def test_answers_that_are_not_known_are_told_by_topic() -> None:
    found = site(**{"traffic-rules": [], "v2/wifi-magic": [], "teleport": [], "health": []})

    assert set(found.unread) == {Topic.FIREWALL, Topic.WIFI, Topic.VPN}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"a": 1}',
        '{"wlanconf": [',
        "hostname R1",
        '{"wlanconf": "text"}',
        "[" * 100_000,
        "aaa.1.ssid=x",
    ],
)
def test_what_is_no_answer_is_not_read(text: str) -> None:
    with pytest.raises(UnparsedError):
        read({FILE: text})


# --- wireless networks ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "protection"),
    [
        ({"security": "open"}, Protection.OPEN),
        ({"security": "wep"}, Protection.WEP),
        ({"wpa_mode": "wpa1"}, Protection.WPA),
        ({"wpa_mode": "auto"}, Protection.WPA_WPA2),
        ({}, Protection.WPA2),
        ({"security": "wpaeap"}, Protection.WPA2),
        ({"wpa3_support": True, "wpa3_transition": True}, Protection.WPA2_WPA3),
        ({"wpa3_support": True, "wpa3_transition": False}, Protection.WPA3),
        ({"wpa3_support": True}, Protection.UNKNOWN),
        ({"security": "wpa9"}, Protection.UNKNOWN),
        ({"wpa_mode": ""}, Protection.UNKNOWN),
    ],
)
def test_how_a_network_is_protected(fields: dict[str, Any], protection: Protection) -> None:
    assert wlan(**fields).protection is protection


def test_passphrases_of_all_and_of_each() -> None:
    each = [{"password": MARK}, {"password": MARK.replace("12-19", "under-8")}]
    one = wlan(x_passphrase=MARK)
    many = wlan(private_preshared_keys_enabled=True, private_preshared_keys=each)
    off = wlan(private_preshared_keys_enabled=False, private_preshared_keys=each, x_passphrase=MARK)
    without = wlan()
    named = wlan(security="wpaeap", x_passphrase=MARK)

    assert [secret.strength for secret in one.secrets] == [Strength.FROM_12]
    assert [secret.strength for secret in many.secrets] == [Strength.FROM_12, Strength.UNDER_8]
    assert len(off.secrets) == 1
    assert [secret.mark for secret in without.secrets] == [""]
    assert named.enterprise and not named.secrets


def test_the_old_cipher() -> None:
    assert wlan(wpa_enc="auto").tkip is True
    assert wlan(wpa_enc="ccmp").tkip is False
    assert wlan().tkip is None
    assert wlan(wpa_enc="auto", wpa3_support=True, wpa3_transition=True).tkip is False


def test_labels_tell_networks_of_one_name_apart() -> None:
    records = [
        {"_id": f"00000{n}", "name": "Zaak", "enabled": True, "security": "open"} for n in range(2)
    ]
    found = site(wlanconf=records).wifi or ()

    assert [one.label for one in found] == ["Zaak 000000", "Zaak 000001"]


def test_guests_are_kept_apart_by_the_guest_policy() -> None:
    private = {
        f"restricted_subnet_{n}": net
        for n, net in enumerate(("192.168.0.0/16", "172.16.0.0/12", "10.0.0.0/8"), 1)
    }
    guest = {"name": "Gast", "enabled": True, "security": "open", "is_guest": True}

    def isolated(**access: Any) -> bool | None:
        settings_ = [{"key": "guest_access", **access}] if access else []
        (found,) = site(wlanconf=[guest], setting=settings_).wifi or ()
        return found.isolated

    assert isolated(**private) is True
    assert isolated(**private, allowed_subnets=["192.168.1.9/32"]) is None
    assert isolated() is None


def test_a_field_about_security_that_is_not_known_is_told() -> None:
    record = {"name": "Zaak", "enabled": True, "security": "wpapsk", "wpa_mode": "wpa2"}

    assert Topic.WIFI in site(wlanconf=[{**record, "wpa9_downgrade": True}]).unread
    assert Topic.WIFI not in site(wlanconf=[{**record, "minrate_ng_enabled": True}]).unread


# --- rules in fixed sets --------------------------------------------------------------------------


def rule(index: int, ruleset: str, action: str, **fields: Any) -> dict[str, Any]:
    return {
        "rule_index": index, "name": f"r{index}", "ruleset": ruleset, "action": action,
        "enabled": True, "protocol": "all", **fields,
    }  # fmt: skip


def by_rules(*rules: dict[str, Any], **parts: Any) -> tuple[Policy, Policy, list[str]]:
    firewall = site(firewallrule=list(rules), sysinfo=[{"version": "8.6.9"}], **parts).firewall
    assert firewall is not None
    holes = [f"{one.service}>{one.to}{list(one.sources) or ''}" for one in firewall.holes]
    return firewall.to_device["ipv4"], firewall.forwarded["ipv4"], holes


def test_the_outer_sets_drop_unless_a_rule_lets_in() -> None:
    assert by_rules() == (Policy.DENIED, Policy.DENIED, [])
    assert by_rules(rule(2000, "WAN_IN", "accept"))[1] is Policy.ALLOWED
    assert by_rules(rule(2000, "LAN_IN", "accept"))[1] is Policy.DENIED
    assert by_rules(rule(2000, "WAN_IN", "accept", enabled=False))[1] is Policy.DENIED
    assert by_rules(rule(2000, "WAN_IN", "accept", state_established=True))[1] is Policy.DENIED
    assert by_rules(rule(2001, "WAN_IN", "accept"), rule(2000, "WAN_IN", "drop"))[1] is (
        Policy.DENIED
    )
    assert (
        by_rules(rule(2000, "WAN_IN", "accept", protocol="!x", protocol_match_excepted=True))[1]
        is Policy.ALLOWED
    )


@pytest.mark.parametrize(
    ("fields", "hole"),
    [
        ({"protocol": "tcp", "dst_port": "22"}, "tcp/22>any"),
        ({"protocol": "tcp"}, "any>any"),
        ({"protocol": "tcp_udp", "dst_firewallgroup_ids": ["p"]}, "tcp+udp/53,123>any"),
        ({"src_firewallgroup_ids": ["a"]}, "any>any['Beheer']"),
        ({"src_address": "8.8.8.8", "dst_address": "10.0.0.5"}, "any>10.0.0.5['8.8.8.8']"),
        ({"dst_networkconf_id": "n1"}, "any>network LAN"),
        ({"src_mac_address": "00:53:00:00:00:01"}, "any>any['00:53:00:00:00:01']"),
    ],
)  # fmt: skip
def test_what_a_rule_lets_in(fields: dict[str, Any], hole: str) -> None:
    groups = [
        {"_id": "a", "name": "Beheer", "group_type": "address-group", "group_members": ["x"]},
        {"_id": "p", "name": "Poorten", "group_type": "port-group", "group_members": ["53", "123"]},
    ]

    found = by_rules(rule(2000, "WAN_IN", "accept", **fields), firewallgroup=groups)

    assert found == (Policy.DENIED, Policy.DENIED, [hole])


def test_an_empty_list_of_rules_says_nothing_since_zones() -> None:
    def policy(**parts: Any) -> Policy:
        firewall = site(firewallrule=[], **parts).firewall
        assert firewall is not None
        return firewall.to_device["ipv4"]

    assert policy(sysinfo=[{"version": "8.6.9"}]) is Policy.DENIED
    assert policy(sysinfo=[{"version": "9.4.19"}]) is Policy.UNKNOWN
    assert policy() is Policy.UNKNOWN
    assert policy(**{"site-feature-migration": []}) is Policy.DENIED
    moved = [{"feature": "ZONE_BASED_FIREWALL"}]
    assert policy(**{"site-feature-migration": moved}) is Policy.UNKNOWN


def test_without_a_gateway_there_is_no_firewall_to_judge() -> None:
    assert site(device=[{"type": "uap", "ip": "192.168.1.2"}]).firewall is None
    firewall = read({FILE: json.dumps({"networkconf": [WAN], "firewallrule": []})}).firewall
    assert firewall is not None
    assert firewall.to_device["ipv4"] is Policy.UNKNOWN


def test_ipv6_is_off_where_no_line_has_it() -> None:
    on = {**WAN, "wan_type_v6": "dhcpv6"}
    open_ = rule(2000, "WANv6_LOCAL", "accept")
    version = [{"version": "8.6.9"}]
    off = site(firewallrule=[open_], sysinfo=version).firewall
    used = site(firewallrule=[open_], sysinfo=version, networkconf=[on]).firewall

    assert off is not None and used is not None
    assert off.to_device["ipv6"] is Policy.OFF
    assert used.to_device["ipv6"] is Policy.ALLOWED


# --- policies between zones -----------------------------------------------------------------------

ZONES = [
    {"_id": "e", "zone_key": "external", "network_ids": ["w"]},
    {"_id": "g", "zone_key": "gateway", "network_ids": []},
    {"_id": "i", "zone_key": "internal", "network_ids": ["n1"]},
    {"_id": "c", "zone_key": "", "network_ids": ["n2"]},
]


def end(zone: str, **fields: Any) -> dict[str, Any]:
    return {"zone_id": zone, "matching_target": "ANY", "port_matching_type": "ANY", **fields}


def policy(
    index: int, action: str, source: dict[str, Any], destination: dict[str, Any], **fields: Any
) -> dict[str, Any]:
    return {
        "index": index, "name": f"p{index}", "enabled": True, "action": action, "protocol": "all",
        "ip_version": "BOTH", "connection_state_type": "ALL", "source": source,
        "destination": destination, "schedule": {"mode": "ALWAYS"}, **fields,
    }  # fmt: skip


def by_zones(*policies: dict[str, Any]) -> tuple[Policy, Policy, list[str]]:
    firewall = site(firewallzone=ZONES, firewallpolicy=list(policies)).firewall
    assert firewall is not None
    holes = [f"{one.service}>{one.to}{list(one.sources) or ''}" for one in firewall.holes]
    return firewall.to_device["ipv4"], firewall.forwarded["ipv4"], holes


def test_what_comes_from_outside_is_blocked_unless_a_policy_allows() -> None:
    allow = policy(100, "ALLOW", end("e"), end("i"))

    assert by_zones() == (Policy.DENIED, Policy.DENIED, [])
    assert by_zones(allow) == (Policy.DENIED, Policy.ALLOWED, [])
    assert by_zones(policy(100, "ALLOW", end("e"), end("g")))[0] is Policy.ALLOWED
    assert by_zones(allow, policy(50, "BLOCK", end("e"), end("i")))[1] is Policy.DENIED
    assert by_zones({**allow, "enabled": False})[1] is Policy.DENIED
    assert by_zones({**allow, "connection_state_type": "RESPOND_ONLY"})[1] is Policy.DENIED
    assert by_zones({**allow, "ip_version": "IPV6"})[1] is Policy.DENIED
    assert by_zones({**allow, "schedule": {"mode": "EVERY_DAY"}})[1] is Policy.ALLOWED
    assert by_zones(policy(100, "ALLOW", end("i"), end("e")))[1] is Policy.DENIED


def test_a_block_at_some_times_blocks_nothing_for_sure() -> None:
    block = policy(50, "BLOCK", end("e"), end("i"), schedule={"mode": "EVERY_DAY"})

    assert by_zones(block, policy(100, "ALLOW", end("e"), end("i")))[1] is Policy.ALLOWED


@pytest.mark.parametrize(
    ("source", "destination", "fields", "hole"),
    [
        ({}, {"port_matching_type": "SPECIFIC", "port": "443"}, {"protocol": "tcp"}, "tcp/443>any"),
        ({}, {"port_matching_type": "SPECIFIC", "port": 443}, {"protocol": "tcp"}, "tcp/443>any"),
        ({}, {}, {"protocol": "tcp_udp"}, "any>any"),
        ({"matching_target": "IP", "ips": ["198.51.100.7"]}, {}, {}, "any>any['198.51.100.7']"),
        ({"matching_target": "IP", "ips": ["x"], "match_opposite_ips": True}, {}, {}, "any>any"),
        ({"matching_target": "REGION", "regions": ["NL"]}, {}, {}, "any>any"),
        ({}, {"matching_target": "NETWORK", "network_ids": ["n1"]}, {}, "any>network LAN"),
    ],
)  # fmt: skip
def test_what_a_policy_lets_in(
    source: dict[str, Any], destination: dict[str, Any], fields: dict[str, Any], hole: str
) -> None:
    found = by_zones(policy(1, "ALLOW", end("e", **source), end("i", **destination), **fields))

    assert found == (Policy.DENIED, Policy.DENIED, [hole])


def test_networks_in_zones_that_are_blocked_are_apart() -> None:
    block = policy(9, "BLOCK", end("c"), end("i"))
    allow = policy(9, "ALLOW", end("c"), end("i"))

    def isolated(*policies: dict[str, Any]) -> list[bool | None]:
        found = site(
            firewallzone=ZONES, firewallpolicy=list(policies), networkconf=[WAN, LAN, OTHER]
        )
        return [one.isolated for one in found.segments or ()]

    assert isolated(block) == [None, True]
    assert isolated(allow) == [None, False]
    assert isolated() == [None, None]


# --- forwards, reach and the rest -----------------------------------------------------------------


def test_port_forwards_are_holes() -> None:
    base = {"name": "x", "enabled": True, "fwd": "192.168.1.5", "dst_port": "443", "proto": "tcp"}
    found = by_rules(portforward=[
        base,
        {**base, "src": "198.51.100.7", "dst_port": "22"},
        {**base, "enabled": False, "dst_port": "23"},
        {**base, "proto": "tcp_udp", "dst_port": "1-65535"},
    ])  # fmt: skip

    assert found[2] == [
        "tcp/443>192.168.1.5",
        "tcp/22>192.168.1.5['198.51.100.7']",
        "any>192.168.1.5",
    ]


@pytest.mark.parametrize(
    ("rules", "reach"),
    [
        ([], Reach.INSIDE),
        ([rule(2000, "WAN_LOCAL", "accept")], Reach.ANYWHERE),
        ([rule(2000, "WAN_LOCAL", "accept", protocol="tcp", dst_port="20-30")], Reach.ANYWHERE),
        ([rule(2000, "WAN_LOCAL", "accept", protocol="tcp", dst_port="443")], Reach.INSIDE),
        ([rule(2000, "WAN_LOCAL", "accept", protocol="udp", dst_port="22")], Reach.INSIDE),
        ([rule(2000, "WAN_LOCAL", "accept", src_address="198.51.100.7")], Reach.NAMED),
    ],
)
def test_from_where_devices_are_reached(rules: list[dict[str, Any]], reach: Reach) -> None:
    found = site(
        firewallrule=rules,
        sysinfo=[{"version": "8.6.9"}],
        setting=[{"key": "mgmt", "x_ssh_enabled": True}],
    )

    assert {one.name: one.reach for one in found.services or ()}["ssh"] is reach


def test_access_points_with_private_addresses_are_inside() -> None:
    setting = [{"key": "mgmt", "x_ssh_enabled": True}]

    def reached(address: str) -> set[Reach]:
        device = [{"type": "uap", "ip": address}]
        return {one.reach for one in site(device=device, setting=setting).services or ()}

    assert reached("192.168.1.2") == {Reach.INSIDE}
    assert reached("8.8.8.8") == {Reach.UNKNOWN}
    assert reached("") == {Reach.UNKNOWN}


def test_administrators_and_the_account_of_the_devices() -> None:
    admins = [
        {"name": "a", "role": "admin", "x_shadow": f"$6${MARK}"},
        {"name": "b", "role": "readonly", "only_local_account": True},
        {"name": "c", "role": "readonly", "is_super": True},
        {"name": "d", "role": "wizard"},
    ]
    mgmt = {"key": "mgmt", "x_ssh_enabled": True, "x_ssh_username": "ubnt", "x_ssh_password": MARK}
    found = site(admin=admins, setting=[mgmt])
    accounts = {one.name: one for one in found.accounts or ()}

    assert [accounts[name].administrator for name in "abcd"] == [True, False, True, None]
    assert [accounts[name].second_factor for name in "ab"] == [None, False]
    assert accounts["ubnt (devices)"].secret is not None
    assert accounts["ubnt (devices)"].secret.strength is Strength.FROM_12
    assert found.unread[Topic.ACCOUNTS] == ("admin d: role wizard",)


def test_versions() -> None:
    def version(**parts: Any) -> str:
        firmware = site(**parts).firmware
        return firmware.version if firmware is not None else ""

    assert version() == "UniFi OS 5.1.31"
    assert version(device=[{**UDM, "type": "ugw", "version": "4.4.57.1"}]) == "USG 4.4.57"
    assert version(device=[{**UDM, "model": "UX", "version": "4.0.15.1"}]) == "UniFi Express 4.0.15"
    assert version(device=[], sysinfo=[{"version": "10.6.97"}]) == "Network 10.6.97"
    assert version(device=[]) == ""


def test_vpns_and_what_is_weak_in_them() -> None:
    networks = [
        {"name": "a", "purpose": "remote-user-vpn", "vpn_type": "l2tp-server"},
        {"name": "b", "purpose": "site-vpn", "vpn_type": "ipsec-vpn", "ipsec_encryption": "3des",
         "ipsec_hash": "sha1", "ipsec_dh_group": 2, "x_ipsec_pre_shared_key": MARK},
        {"name": "c", "purpose": "vpn-client", "vpn_type": "carrier-pigeon"},
    ]  # fmt: skip
    found = site(networkconf=networks)
    vpns = {one.name: one for one in found.vpns or ()}

    assert (vpns["a"].kind, vpns["a"].second_factor) == ("l2tp-ipsec", False)
    assert vpns["b"].weak == ("3des", "sha1", "dh-group 2")
    assert vpns["b"].secret is not None
    assert found.unread[Topic.VPN] == ("networkconf c: vpn_type carrier-pigeon",)


def test_log_and_clock() -> None:
    def told(**setting: Any) -> Device:
        return site(setting=[setting])

    on = told(key="rsyslogd", enabled=True, ip="192.168.1.9").logging
    off = told(key="rsyslogd", enabled=False, ip="192.168.1.9").logging

    assert on is not None and on.remote == ("192.168.1.9",)
    assert off is not None and off.remote == ()
    assert told(key="ntp", ntp_server_1="", setting_preference="auto").ntp == ("ubnt.pool.ntp.org",)
    assert told(key="ntp", ntp_server_1="").ntp == ()
    assert told(key="other").ntp is None


# --- devices by themselves ------------------------------------------------------------------------

AP = """\
users.1.name=beheer
users.1.password=$1$zKNoUbAo$gomzUbYvgyUMcD436Wo66.
users.1.status=enabled
aaa.1.devname=ath0
aaa.1.wpa=3
aaa.1.wpa.key.1.mgmt=WPA-PSK
aaa.1.wpa.1.pairwise=TKIP CCMP
aaa.1.wpa.psk=[secret:0123456789abcdef:8-11]
wireless.1.devname=ath0
wireless.1.ssid=Zaak
wireless.1.security=none
wireless.2.devname=ath1
wireless.2.ssid=Gast
wireless.2.security=none
wireless.3.devname=ath2
wireless.3.ssid=Nieuw
aaa.3.devname=ath2
aaa.3.wpa.key.1.mgmt=WPA-QUANTUM
"""


def test_an_access_point() -> None:
    found = read({FILE: AP})
    wifi = {one.ssid: one for one in found.wifi or ()}

    assert wifi["Zaak"].protection is Protection.WPA_WPA2
    assert wifi["Zaak"].tkip is True
    assert wifi["Gast"].protection is Protection.OPEN
    assert wifi["Nieuw"].protection is Protection.UNKNOWN
    assert found.unread[Topic.WIFI] == ("wireless.3.ssid=Nieuw: WPA-QUANTUM",)
    assert [one.secret is not None and one.secret.factory for one in found.accounts or ()] == [True]


def test_a_gateway_speaks_as_edgeos_does() -> None:
    path = SAMPLES / "usg-config.gateway.json"
    if not path.exists():
        pytest.skip("the published samples are not on this machine")

    assert read({FILE: path.read_text(encoding="utf-8")}) == Device()


def test_refused_commands_say_nothing() -> None:
    refused = dict.fromkeys(QUESTIONS, "sh: not found\n[exit 127] sh: not found\n")

    with pytest.raises(UnparsedError):
        read(refused)
    only = read({**refused, INFO: "Model:       U7-Pro\nVersion:     8.0.62.1\n"})
    assert only.firmware is not None
    assert only.firmware.version == "AP 8.0.62"
    assert only.accounts is None


def test_commands_only_read() -> None:
    assert SYSTEM is system(DeviceOs.UNIFI)
    assert SYSTEM.session is Session.EXEC
    assert {INFO, GATEWAY, ACCESS_POINT, CONSOLE} == set(QUESTIONS)
    assert not any(sign in question for question in QUESTIONS for sign in ">|;&`$")


# --- what is not known ----------------------------------------------------------------------------


def by_name(name: str) -> tuple[Case, dict[str, Any]]:
    case = next(case for case in cases(DeviceOs.UNIFI) if case.folder.name == name)
    text = case.redacted().split("\n", 1)[1].removesuffix("==== end\n")
    document: dict[str, Any] = json.loads(text)
    return case, document


ABOUT = {
    "firewallrule": (
        ("device_firewall", "firewall"),
        ("ruleset", "action", "enabled", "state_established", "protocol", "src_firewallgroup_ids"),
        ("ruleset", "action"),
    ),
    "firewall-policies": (
        ("device_firewall", "firewall"),
        ("action", "enabled", "index", "protocol", "connection_state_type", "ip_version", "source"),
        ("action", "connection_state_type", "ip_version"),
    ),
    "firewall-zones": (("device_firewall", "firewall"), (), ("zone_key",)),
    "portforward": (("device_firewall", "firewall"), ("enabled", "proto", "fwd"), ("proto",)),
    "wlanconf": (
        ("device_wifi", "wifi-security"),
        ("security", "wpa_mode", "enabled", "wpa_enc", "wpa3_support", "x_passphrase"),
        ("security", "wpa_mode"),
    ),
    "admins": (("device_accounts", "access-control"), (), ("role",)),
    "admin": (("device_accounts", "access-control"), (), ("role",)),
}


def changes(document: dict[str, Any]) -> Iterator[tuple[tuple[str, str], str, dict[str, Any]]]:
    """The document with one word of it changed, and the verdict that it is about."""
    for part, (about, keys, values) in ABOUT.items():
        for number, record in enumerate(records(document, part)):
            if record.get("enabled") is False or record.get("is_super"):
                continue
            for name in keys:
                if record.get(name) not in (None, "", False, []):
                    changed = copy.deepcopy(document)
                    one = records(changed, part)[number]
                    one[f"{name}x"] = one.pop(name)
                    yield about, f"{part} {number} {name}", changed
            for name in values:
                if record.get(name) not in (None, "", "hotspot", "internal"):
                    changed = copy.deepcopy(document)
                    records(changed, part)[number][name] += "x"
                    yield about, f"{part} {number} {name} value", changed


def records(document: dict[str, Any], part: str) -> list[dict[str, Any]]:
    found = document.get(part, [])
    listed: list[dict[str, Any]] = found["data"] if isinstance(found, dict) else found
    return listed


@pytest.mark.parametrize("name", ["zones-good", "rules-good"])
def test_no_word_that_is_changed_passes(name: str) -> None:
    case, document = by_name(name)
    before = judged(case, case.redacted())
    changed = 0

    for (check, measure), where, mutant in changes(document):
        if before[check][measure][0] != "pass":
            continue
        changed += 1
        after = judged(case, f"==== file\n{json.dumps(mutant)}\n==== end\n")
        assert after[check][measure][0] != "pass", where

    assert changed > 15


@pytest.mark.parametrize("name", ["zones-good", "rules-good"])
def test_no_answer_that_is_missing_or_renamed_makes_more_pass(name: str) -> None:
    case, document = by_name(name)
    before = judged(case, case.redacted())
    for part in document:
        for renamed in (None, f"{part}x"):
            mutant = {key: value for key, value in document.items() if key != part}
            if renamed is not None:
                mutant[renamed] = document[part]
            after = judged(case, f"==== file\n{json.dumps(mutant)}\n==== end\n")
            for check, measures in after.items():
                for measure, (outcome, _) in measures.items():
                    # Networks for guests are known by the list of networks or of Wi-Fi alone.
                    assert outcome != "pass" or before[check][measure][0] == "pass", (part, check)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_anything_in_any_place_never_breaks(data: st.DataObject) -> None:
    _, document = by_name(data.draw(st.sampled_from(["zones-good", "rules-bad", "strange"])))
    words = st.text(max_size=9)
    anything = st.recursive(
        st.none() | st.booleans() | st.integers() | words | st.floats(allow_nan=False),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
        max_leaves=5,
    )
    for _ in range(3):
        part = data.draw(st.sampled_from(sorted(document)))
        listed = records(document, part)
        if not listed or data.draw(st.integers(0, 9)) == 0:
            document[part] = data.draw(anything)
            break
        record = data.draw(st.sampled_from(listed))
        if record:
            record[data.draw(st.sampled_from(sorted(record)))] = data.draw(anything)
    try:
        read({FILE: json.dumps(document)})
    except UnparsedError:
        return


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet='{}[]":,=.\nabwirelesua1\x00', max_size=200))
def test_garbage_is_no_site(text: str) -> None:
    for answers in ({FILE: text}, dict.fromkeys(QUESTIONS, text)):
        try:
            found = read(answers)
        except UnparsedError:
            continue
        assert found.firewall is None

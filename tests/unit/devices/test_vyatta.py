"""EdgeOS and VyOS: their grammar, the way through their firewalls, and what is not known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.devices.answers import FILE
from assessor.devices.device import Device, Policy, Protection, Reach, Storage, Strength, Topic
from assessor.devices.reading import system
from assessor.devices.vyatta import SYSTEM
from assessor.devices.vyatta.grammar import Node, parse
from assessor.devices.vyatta.known import _patterns, unread
from assessor.devices.vyatta.reader import COMMITS, CONFIGURATION, QUESTIONS, VERSION, read
from assessor.devices.vyatta.rules import Groups, read_ports, read_rule
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs
from tests.devices.cases import REDACTOR, Case, cases, judged

SAMPLES = Path(__file__).resolve().parents[4] / "shared/samples/edgeos"
BASE = """\
set interfaces ethernet eth0 address 'dhcp'
set interfaces ethernet eth1 address '192.168.1.1/24'
set system host-name 'gw'
set system login user anna authentication encrypted-password '$6$salt$hash'
"""
BOUND = """\
set interfaces ethernet eth0 firewall in name 'IN'
set interfaces ethernet eth0 firewall local name 'LOCAL'
set firewall name IN default-action 'drop'
set firewall name LOCAL default-action 'drop'
"""


def device(text: str) -> Device:
    return read({FILE: text})


def walls(text: str) -> tuple[Policy, Policy, list[str]]:
    firewall = device(BASE + text).firewall
    assert firewall is not None
    holes = [f"{one.service}>{one.to}{list(one.sources) or ''}" for one in firewall.holes]
    return firewall.to_device["ipv4"], firewall.forwarded["ipv4"], holes


def paths(node: Node, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for word, below in node.children.items():
        if below.children:
            yield from paths(below, (*before, word))
        else:
            yield (*before, word)


# --- grammar --------------------------------------------------------------------------------------


def test_three_forms_give_one_tree() -> None:
    sections = 'a {\n  b "x y" {\n    c 1\n    c 2\n    d\n  }\n}\n/* end */\n'
    commands = "set a b 'x y' c '1'\nset a b 'x y' c '2'\nset a b 'x y' d\nset system x\n"
    json = '{"a": {"b": {"x y": {"c": ["1", "2"], "d": "\'\'"}}}}'
    expected = [("a", "b", "x y", "c", "1"), ("a", "b", "x y", "c", "2"), ("a", "b", "x y", "d")]

    assert list(paths(parse(sections))) == expected
    assert list(paths(parse(commands)))[:3] == expected
    assert list(paths(parse(json))) == expected


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (r'description "say \"hi\" to c:\\x"', ("description", 'say "hi" to c:\\x')),
        ('plaintext-password ""', ("plaintext-password", "")),
        ("/* one\n two */ port 22", ("port", "22")),
        ('// vyos-config-version: "x@1"', ()),
        ("url http://example.nl/a", ("url", "http://example.nl/a")),
        ("tabbed\t\tvalue", ("tabbed", "value")),
    ],
)
def test_words_of_sections(line: str, words: tuple[str, ...]) -> None:
    found = list(paths(parse(f"interfaces {{\n{line}\n}}\n")))

    assert found == [("interfaces", *words)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("set system a 'b c'", ("system", "a", "b c")),
        ("set system a 'it'\\''s'", ("system", "a", "it's")),
        ("set system a 'Bob's router'", ("system", "a", "Bob's router")),
        ('set system a "b c"', ("system", "a", "b c")),
        ("set system 'a'", ("system", "a")),
        ("  set system a", ("system", "a")),
        ("set system a 'one\ntwo'", ("system", "a", "one two")),
    ],
)
def test_words_of_commands(line: str, words: tuple[str, ...]) -> None:
    assert list(paths(parse(line))) == [words]


@pytest.mark.parametrize(
    "text",
    [
        "interfaces {\n",
        "interfaces {\n}\n}\n",
        'interfaces {\n a "b\n}\n',
        "interfaces {\n} /* no end",
        "set system a 'b\nset system c d\n",
        '{"interfaces": ',
        "a {\n" * 60 + "}\n" * 60,
    ],
)
def test_what_is_cut_off_is_not_read(text: str) -> None:
    with pytest.raises(UnparsedError):
        parse(text)


def test_another_system_is_not_read() -> None:
    for text in ("", "Invalid command: show", "[exit 127] sh: show: not found", "hostname R1\n!\n"):
        with pytest.raises(UnparsedError):
            read({CONFIGURATION: text})


def test_a_part_of_a_configuration_tells_no_lack() -> None:
    found = device(
        "interfaces {\n ethernet eth0 {\n address dhcp\n }\n}\nsystem {\n host-name gw\n}\n"
    )

    assert found == Device(name="gw")


# --- the way through the firewall -----------------------------------------------------------------


def test_without_a_set_of_rules_everything_passes() -> None:
    assert walls("") == (Policy.ALLOWED, Policy.ALLOWED, [])


def test_sets_drop_at_their_end_unless_they_say_otherwise() -> None:
    without = BOUND.replace("set firewall name LOCAL default-action 'drop'\n", "")
    some = rule(1, "action drop", "protocol gre", name="LOCAL")

    assert walls(BOUND)[:2] == (Policy.DENIED, Policy.DENIED)
    assert walls(without + some)[:2] == (Policy.DENIED, Policy.DENIED)
    assert walls(BOUND.replace("LOCAL default-action 'drop'", "LOCAL default-action 'accept'"))[
        :2
    ] == (Policy.ALLOWED, Policy.DENIED)


def rule(number: int, *words: str, name: str = "IN") -> str:
    return "".join(f"set firewall name {name} rule {number} {each}\n" for each in words)


def test_rules_are_taken_by_number_not_by_place() -> None:
    accept = rule(100, "action accept")
    drop = rule(20, "action drop")

    assert walls(BOUND + accept)[1] is Policy.ALLOWED
    assert walls(BOUND + accept + drop)[1] is Policy.DENIED


def test_rules_that_are_off_or_about_old_connections_let_nothing_in() -> None:
    off = rule(10, "action accept", "disable")
    old = rule(20, "action accept", "state established enable", "state new disable")
    since_14 = rule(30, "action accept", "state established", "state related")
    new = rule(40, "action accept", "state new enable", "protocol tcp", "destination port 25")

    assert walls(BOUND + off + old + since_14) == (Policy.DENIED, Policy.DENIED, [])
    assert walls(BOUND + new)[2] == ["tcp/25>any"]


@pytest.mark.parametrize(
    ("words", "hole"),
    [
        (("protocol tcp", "destination port 80,443"), "tcp/80,443>any"),
        (("protocol tcp_udp", "destination port 1000-2000"), "tcp+udp/1000-2000>any"),
        (("protocol tcp",), "any>any"),
        (("protocol tcp", "destination port 1-65535"), "any>any"),
        (("protocol '!icmp'", "limit rate 5/second"), "any>any"),
        (("protocol icmp",), "icmp>any"),
        (("source address 198.51.100.7",), "any>any['198.51.100.7']"),
        (("source address 0.0.0.0/0", "protocol gre"), "gre>any"),
        (("destination address 192.168.1.7",), "any>192.168.1.7"),
        (("destination address 192.168.1.1", "protocol udp"), "any>device"),
        (("source group address-group HOME", "protocol gre"), "gre>any['HOME']"),
        (("source geoip country-code nl",), "any>any"),
        (("source mac-address 00:53:00:00:00:01",), "any>any['00:53:00:00:00:01']"),
    ],
)
def test_what_a_rule_lets_in(words: tuple[str, ...], hole: str) -> None:
    group = "set firewall group address-group HOME address 198.51.100.9\n"

    assert walls(BOUND + group + rule(10, "action accept", *words))[1:] == (Policy.DENIED, [hole])


def test_dropping_all_but_some_names_them() -> None:
    text = BOUND.replace("IN default-action 'drop'", "IN default-action 'accept'")

    assert walls(text + rule(10, "action drop", "source address !198.51.100.0/24"))[1:] == (
        Policy.DENIED,
        ["any>any['198.51.100.0/24']"],
    )


def test_what_came_through_ipsec_is_not_from_the_internet() -> None:
    assert walls(BOUND + rule(10, "action accept", "ipsec match-ipsec"))[2] == []
    assert walls(BOUND + rule(10, "action accept", "ipsec match-none"))[1] is Policy.ALLOWED


def test_a_set_that_is_not_there_is_told() -> None:
    found = device(BASE + "set interfaces ethernet eth0 firewall in name 'GONE'\n")

    assert found.firewall is not None
    assert found.firewall.forwarded["ipv4"] is Policy.UNKNOWN
    assert found.unread[Topic.FIREWALL] == ("there is no set of rules GONE",)


CHAINS = """\
set firewall ipv4 input filter default-action 'drop'
set firewall ipv4 forward filter default-action 'accept'
set firewall ipv4 forward filter rule 10 action 'jump'
set firewall ipv4 forward filter rule 10 jump-target 'OUT'
set firewall ipv4 forward filter rule 10 inbound-interface name 'eth0'
"""


LOOP = """\
set firewall ipv4 name OUT default-action 'jump'
set firewall ipv4 name OUT default-jump-target 'OUT'
"""


@pytest.mark.parametrize(
    ("more", "forwarded"),
    [
        ("set firewall ipv4 name OUT default-action 'drop'\n", Policy.DENIED),
        ("set firewall ipv4 name OUT default-action 'return'\n", Policy.ALLOWED),
        ("set firewall ipv4 name OUT rule 1 action 'return'\n", Policy.ALLOWED),
        ("set firewall ipv4 name OUT default-action 'jump'\n", Policy.UNKNOWN),
        (LOOP, Policy.UNKNOWN),
        ("", Policy.UNKNOWN),
    ],
)
def test_chains_that_jump(more: str, forwarded: Policy) -> None:
    assert walls(CHAINS + more)[:2] == (Policy.DENIED, forwarded)


def test_chains_name_interfaces_by_group_and_pattern() -> None:
    drop = "set firewall ipv4 name OUT default-action 'drop'\n"
    group = CHAINS.replace("name 'eth0'", "group 'WAN'")
    members = "set firewall group interface-group WAN interface 'eth0'\n"

    assert walls(drop + group + members)[1] is Policy.DENIED
    assert walls(drop + group + members.replace("eth0", "eth5"))[1] is Policy.ALLOWED
    assert walls(drop + CHAINS.replace("'eth0'\n", "'eth*'\n"))[1] is Policy.DENIED
    assert walls(drop + CHAINS.replace("name 'eth0'", "name '!eth1'"))[1] is Policy.DENIED


def test_a_jump_for_the_inner_networks_alone_is_enough() -> None:
    """As docs.vyos.io's quick start has it: the chain itself accepts."""
    inner = "set firewall ipv4 forward filter rule 10 destination address '192.168.0.0/16'\n"

    assert walls(CHAINS + inner + "set firewall ipv4 name OUT default-action 'drop'\n")[1] is (
        Policy.DENIED
    )


def test_a_part_that_returns_to_an_open_chain_is_let_in() -> None:
    back = (
        "set firewall ipv4 name OUT default-action 'drop'\n"
        "set firewall ipv4 name OUT rule 1 action 'return'\n"
        "set firewall ipv4 name OUT rule 1 protocol 'udp'\n"
        "set firewall ipv4 name OUT rule 1 destination port '53'\n"
    )

    assert walls(CHAINS + back) == (Policy.DENIED, Policy.DENIED, ["udp/53>any"])
    shut = CHAINS.replace("default-action 'accept'", "default-action 'drop'")
    assert walls(shut + back) == (Policy.DENIED, Policy.DENIED, [])


ZONES = """\
set firewall zone LAN member interface 'eth1'
set firewall zone LAN default-action 'drop'
set firewall zone WAN member interface 'eth0'
set firewall zone SELF local-zone
set firewall ipv4 name SOME rule 1 action 'return'
set firewall ipv4 name SOME rule 1 protocol 'tcp'
set firewall ipv4 name SOME rule 1 destination port '443'
"""


def test_zones_drop_what_is_not_named() -> None:
    some = "set firewall zone LAN from WAN firewall name 'SOME'\n"

    assert walls(ZONES) == (Policy.DENIED, Policy.DENIED, [])
    assert walls(ZONES + some) == (Policy.DENIED, Policy.DENIED, ["tcp/443>any"])
    assert walls(ZONES.replace("set firewall zone SELF local-zone\n", ""))[0] is Policy.ALLOWED


def test_forwards_of_edgeos_open_the_firewall_by_themselves() -> None:
    forward = (
        "set port-forward wan-interface 'eth0'\nset port-forward rule 1 original-port '8443'\n"
        "set port-forward rule 1 protocol 'tcp'\nset port-forward rule 1 forward-to port '443'\n"
        "set port-forward rule 1 forward-to address '192.168.1.7'\n"
    )

    assert walls(BOUND + forward)[2] == ["tcp/8443>192.168.1.7"]
    assert walls(BOUND + forward + "set port-forward auto-firewall 'disable'\n")[2] == []


def test_translations_need_a_rule() -> None:
    forward = (
        "set nat destination rule 1 destination port '8443'\n"
        "set nat destination rule 1 protocol tcp\n"
        "set nat destination rule 1 inbound-interface name 'eth0'\n"
        "set nat destination rule 1 translation address '192.168.1.7'\n"
    )
    let = rule(10, "action accept", "connection-status nat destination")

    assert walls(BOUND + forward)[2] == []
    assert walls(BOUND + forward + let)[2] == ["tcp/8443>192.168.1.7"]
    assert walls(BOUND + forward.replace("eth0", "eth1") + let)[2] == []


TO_ITSELF = """\
set port-forward rule 1 forward-to address 192.168.1.1
set port-forward rule 1 forward-to port 22
set port-forward rule 1 original-port 2222
set port-forward rule 1 protocol tcp
set port-forward wan-interface eth0
"""


@pytest.mark.parametrize(
    ("more", "reach"),
    [
        ("", Reach.INSIDE),
        (
            rule(1, "action accept", "protocol tcp", "destination port 22", name="LOCAL"),
            Reach.ANYWHERE,
        ),
        (
            rule(1, "action accept", "protocol udp", "destination port 22", name="LOCAL"),
            Reach.INSIDE,
        ),
        (
            rule(1, "action accept", "protocol tcp", "source address 198.51.100.7", name="LOCAL"),
            Reach.NAMED,
        ),
        (
            rule(1, "action drop", "protocol tcp", "destination port 20-30", name="LOCAL")
            + rule(2, "action accept", "protocol tcp", name="LOCAL"),
            Reach.INSIDE,
        ),
        (
            "set service ssh listen-address 192.168.1.1\n" + rule(1, "action accept", name="LOCAL"),
            Reach.INSIDE,
        ),
        (
            "set service ssh listen-address 0.0.0.0\n" + rule(1, "action accept", name="LOCAL"),
            Reach.ANYWHERE,
        ),
        (TO_ITSELF, Reach.ANYWHERE),
    ],
)
def test_from_where_a_service_is_reached(more: str, reach: Reach) -> None:
    found = device(BASE + BOUND + "set service ssh port 22\n" + more).services

    assert found is not None
    assert next(one for one in found if one.name == "ssh").reach is reach


def test_an_outer_side_that_cannot_be_told_leaves_everything_open() -> None:
    found = device(BASE.replace("'dhcp'", "'10.9.0.2/24'") + BOUND + "set service ssh port 22\n")

    assert found.firewall is not None and found.services is not None
    assert set(found.firewall.to_device.values()) == {Policy.UNKNOWN}
    assert found.firewall.outside == ()
    assert found.services[0].reach is Reach.UNKNOWN


MASKED = "set service nat rule 1 type masquerade\nset service nat rule 1 outbound-interface eth0\n"
MASKED_SINCE = """\
set nat source rule 1 translation address masquerade
set nat source rule 1 outbound-interface name eth0
"""


@pytest.mark.parametrize(
    ("more", "outside"),
    [
        ("set system gateway-address 10.9.0.1\n", ("eth0",)),
        ("set protocols static route 0.0.0.0/0 next-hop 10.9.0.1\n", ("eth0",)),
        ("set protocols static interface-route 0.0.0.0/0 next-hop-interface eth0\n", ("eth0",)),
        (MASKED, ("eth0",)),
        (MASKED_SINCE, ("eth0",)),
        ("set interfaces ethernet eth0 vif 6 pppoe 3 user-id x\n", ("pppoe3",)),
        ("set interfaces ethernet eth0 vif 6 address dhcp\n", ("eth0.6",)),
        ("set interfaces pppoe pppoe0 source-interface eth0\n", ("pppoe0",)),
        ("set interfaces ethernet eth2 address dhcp\nset interfaces ethernet eth2 disable\n", ()),
    ],
)
def test_which_interface_is_outside(more: str, outside: tuple[str, ...]) -> None:
    found = device(BASE.replace("'dhcp'", "'10.9.0.2/24'") + more)

    assert found.firewall is not None
    assert found.firewall.outside == outside


def test_ipv6_is_judged_where_it_is_in_use() -> None:
    off = device(BASE + BOUND).firewall
    on = device(BASE + BOUND + "set interfaces ethernet eth0 ipv6 address autoconf\n").firewall
    tunnel = "set interfaces tunnel tun0 encapsulation sit\n"
    broker = device(BASE + BOUND + tunnel).firewall

    assert off is not None and on is not None and broker is not None
    assert off.to_device["ipv6"] is Policy.OFF
    assert on.to_device["ipv6"] is Policy.ALLOWED
    assert broker.forwarded["ipv6"] is Policy.ALLOWED


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("22", ((22, 22),)),
        ("http,1000-2000", ((80, 80), (1000, 2000))),
        ("nothing", None),
        ("1-x", None),
        ("9" * 30, None),
    ],
)
def test_ports(text: str, ports: Any) -> None:
    assert read_ports(text) == ports


def test_groups_hold_ranges_and_other_groups() -> None:
    text = (
        "set system x y\nset address-group A address 192.0.2.0-192.0.2.3\n"
        "set address-group B include A\nset address-group B address 192.0.2.9\n"
    )
    groups = Groups(parse(text))
    found = read_rule("1", parse("set system x\nset source group address-group B\n"), groups)

    assert [str(each) for each in found.source.networks or ()] == ["192.0.2.9/32", "192.0.2.0/30"]


# --- accounts, segments and the rest --------------------------------------------------------------


@pytest.mark.parametrize(
    ("hash_", "storage", "factory"),
    [
        ("$1$zKNoUbAo$gomzUbYvgyUMcD436Wo66.", Storage.WEAK_HASH, True),
        ("$1$[secret:0123456789abcdef:20-or-more]", Storage.WEAK_HASH, False),
        ("$6$[secret:0123456789abcdef:20-or-more]", Storage.HASH, False),
        ("[secret:0123456789abcdef:12-19]", Storage.WEAK_HASH, False),
        ("****************", Storage.UNKNOWN, False),
    ],
)
def test_how_passwords_are_kept(hash_: str, storage: Storage, factory: bool) -> None:
    text = BASE.replace("$6$salt$hash", hash_)
    account = (device(text).accounts or ())[0]

    assert account.secret is not None
    assert (account.secret.storage, account.secret.factory) == (storage, factory)


def test_accounts() -> None:
    text = """\
set system login user a authentication encrypted-password '!'
set system login user a authentication public-keys k key 'AAAAC3'
set system login user b authentication plaintext-password '[secret:0123456789abcdef:under-8]'
set system login user b level operator
set system login user c authentication otp key '[secret:0123456789abcdee:20-or-more]'
set system login user c disable
"""
    found = device(BASE + text).accounts or ()
    by_name = {one.name: one for one in found}

    assert (by_name["a"].secret, by_name["a"].keys) == (None, 1)
    assert by_name["b"].secret is not None
    assert by_name["b"].secret.strength is Strength.UNDER_8
    assert by_name["b"].administrator is False
    assert by_name["c"].second_factor is True
    assert by_name["c"].enabled is False


def test_a_key_gets_in_without_the_code() -> None:
    text = """\
set system login user anna authentication otp key '[secret:0123456789abcdee:20-or-more]'
set system login user anna authentication public-keys k key 'AAAAC3'
"""
    assert (device(BASE + text).accounts or ())[0].second_factor is False


def test_vpns() -> None:
    text = """\
set vpn l2tp remote-access authentication mode 'local'
set vpn sstp authentication mode 'local'
set vpn openconnect authentication mode local 'password-otp'
set vpn ipsec ike-group I proposal 1 encryption '3des'
set vpn ipsec ike-group I proposal 1 dh-group '2'
set vpn ipsec site-to-site peer 203.0.113.1 ike-group 'I'
set vpn ipsec site-to-site peer 203.0.113.1 authentication pre-shared-secret 'KEY'
set interfaces openvpn vtun0 mode 'server'
set interfaces openvpn vtun0 hash 'sha1'
set interfaces wireguard wg0 disable
set interfaces pptp-client pptpc0 server-ip 192.0.2.1
"""
    text = text.replace("KEY", "[secret:0123456789abcdee:8-11]")
    found = {one.kind: one for one in device(BASE + text).vpns or ()}

    assert set(found) == {"l2tp", "sstp", "ssl-vpn", "ipsec", "openvpn", "wireguard", "pptp"}
    assert found["ipsec"].weak == ("3des", "dh-group 2")
    assert found["ipsec"].secret is not None
    assert found["ipsec"].secret.strength is Strength.FROM_8
    assert (found["openvpn"].weak, found["openvpn"].second_factor) == (("sha1",), False)
    assert found["ssl-vpn"].second_factor is True
    assert found["wireguard"].enabled is False


@pytest.mark.parametrize(
    ("more", "isolated"),
    [
        ("", False),
        (rule(1, "action drop", "destination address 192.168.0.0/16", name="G"), True),
        (rule(1, "action drop", "destination address 192.168.1.5", name="G"), False),
        (rule(1, "action drop", "destination group network-group N", name="G"), True),
        (
            rule(1, "action accept", "destination address 192.168.1.0/24", name="G")
            + rule(2, "action drop", "destination address 192.168.0.0/16", name="G"),
            False,
        ),
        (
            rule(1, "action accept", "destination address 192.168.1.9", "protocol tcp", name="G")
            + rule(2, "action drop", "destination address 192.168.0.0/16", name="G"),
            True,
        ),
    ],
)
def test_whether_guests_are_kept_apart(more: str, isolated: bool) -> None:
    text = """\
set interfaces ethernet eth1 vif 20 address '192.168.20.1/24'
set interfaces ethernet eth1 vif 20 description 'Gasten'
set interfaces ethernet eth1 vif 20 firewall in name 'G'
set firewall name G default-action 'accept'
set firewall group network-group N network '192.168.1.0/24'
"""
    found = {one.name: one for one in device(BASE + text + more).segments or ()}

    assert found["eth1.20 (Gasten)"].guest
    assert found["eth1.20 (Gasten)"].isolated is isolated


def test_wifi_of_the_router_itself() -> None:
    text = """\
set interfaces wireless wlan0 ssid 'Zaak'
set interfaces wireless wlan0 type 'access-point'
set interfaces wireless wlan0 security wpa mode 'wpa2'
set interfaces wireless wlan0 security wpa cipher 'CCMP'
set interfaces wireless wlan0 security wpa passphrase '[secret:0123456789abcdee:12-19]'
set interfaces wireless wlan1 type 'station'
"""
    (found,) = device(BASE + text).wifi or ()

    assert (found.ssid, found.protection, found.tkip) == ("Zaak", Protection.WPA2, False)
    assert found.secrets[0].strength is Strength.FROM_12


@pytest.mark.parametrize(
    ("said", "version", "model", "built"),
    [
        (
            "Version:      v2.0.6\nBuild on:     07/08/19 06:11\nHW model:     EdgeRouter 6P\n",
            "v2.0.6",
            "EdgeRouter 6P",
            date(2019, 7, 8),
        ),
        (
            "Version: VyOS 1.3.0\nBuilt on: Mon 06 Dec 2021 15:44 UTC\nHardware model: KVM\n",
            "1.3.0",
            "KVM",
            date(2021, 12, 6),
        ),
        ("Invalid command: show [version]\n", None, "", None),
    ],
)
def test_version_as_it_is_said(said: str, version: str | None, model: str, built: Any) -> None:
    firmware = read({CONFIGURATION: BASE, VERSION: said}).firmware

    if version is None:
        assert firmware is None
    else:
        assert firmware is not None
        assert (firmware.version, firmware.model, firmware.built) == (version, model, built)


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("/* Release version: v2.0.9-hotfix.6.5574652.221230.1020 */", "v2.0.9-hotfix.6"),
        ("/* Release version: v1.9.1.4939093.161214.0705 */", "v1.9.1"),
        ("/* Release version: VyOS 1.1.7 */", "1.1.7"),
        ("// Release version: 1.4-rolling-202306290317", "1.4-rolling-202306290317"),
        ("// Release version: 1.3.2", "1.3.2"),
    ],
)
def test_version_at_the_end_of_a_file(line: str, version: str) -> None:
    firmware = device(BASE + line + "\n").firmware

    assert firmware is not None
    assert firmware.version == version


def test_loading_at_the_start_is_no_change() -> None:
    said = (
        "0   2026-07-30 06:00:12 by root via vyos-boot-config-loader\n"
        "1   2026-07-21 14:03:11 by bram via cli\n    Password\n"
    )
    zone = "set system time-zone 'Europe/Amsterdam'\n"
    unknown = "set system time-zone 'Mars/Olympus'\n"

    found = [
        read({CONFIGURATION: BASE + each, COMMITS: said}).changed_at for each in ("", zone, unknown)
    ]

    assert found == [
        datetime(2026, 7, 21, 14, 3, 11, tzinfo=UTC),
        datetime(2026, 7, 21, 12, 3, 11, tzinfo=UTC),
        datetime(2026, 7, 22, 2, 3, 11, tzinfo=UTC),
    ]


def test_log_and_clock_of_each_generation() -> None:
    old = "set system syslog host 10.0.0.9 facility all level info\n"
    old += "set system ntp server a noselect\n"
    new = (
        "set system syslog remote log.example.nl facility all level info\n"
        "set system syslog remote log.example.nl tls ca-certificate x\nset service ntp server b\n"
    )
    first, second = device(BASE + old), device(BASE + new)

    assert first.logging is not None and second.logging is not None
    assert (first.logging.remote, first.logging.encrypted, first.ntp) == (("10.0.0.9",), False, ())
    assert (second.logging.remote, second.logging.encrypted) == (("log.example.nl",), True)
    assert second.ntp == ("b",)


def test_questions_only_show() -> None:
    assert SYSTEM is system(DeviceOs.VYATTA)
    assert all(each.startswith("show ") and each.endswith(" | no-more") for each in QUESTIONS)
    assert SYSTEM.driver == "plain"


# --- what is not known ----------------------------------------------------------------------------


def test_unknown_words_are_told_by_topic_and_shortened() -> None:
    text = (
        "set system login user x wings\n"
        + "".join(f"set vpn magic{n} x\n" for n in range(9))
        + f"set firewall name A rule 1 {'y' * 300}\nset service \x1b[2J\u202eevil\n"
        + "set blockchain firewall x\n"
    )
    found = unread(parse(text))

    assert found[Topic.ACCOUNTS] == ("system login user x wings",)
    assert len(found[Topic.VPN]) == 5
    assert all(len(line) <= 120 for lines in found.values() for line in lines)
    assert all(line.isprintable() for lines in found.values() for line in lines)
    assert Topic.MANAGEMENT in found
    assert any("blockchain" in line for line in found[Topic.FIREWALL])


def by_name(name: str) -> Case:
    return next(case for case in cases(DeviceOs.VYATTA) if case.folder.name == name)


def keywords(node: Node, known: Any, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths to all words of a configuration that are words of the system's own."""
    for word, below in node.children.items():
        fitting = known.below(word)
        if fitting is None:
            continue
        if word in known.named:
            yield (*before, word)
        yield from keywords(below, fitting, (*before, word))


def mapped(path: tuple[str, ...]) -> tuple[str, str] | None:
    """The check and the measure that a part of a configuration is about."""
    for beginning, found in (
        (("system", "login"), ("device_accounts", "access-control")),
        (("service", "snmp"), ("device_accounts", "access-control")),
        (("system", "syslog"), ("device_logging", "access-logging")),
        (("system", "ntp"), ("device_logging", "access-logging")),
        (("service", "ntp"), ("device_logging", "access-logging")),
        (("service", "nat"), ("device_firewall", "firewall")),
        (("service",), ("device_remote_access", "remote-access")),
        (("vpn",), ("device_remote_access", "remote-access")),
        (("interfaces", "openvpn"), ("device_remote_access", "remote-access")),
        (("firewall",), ("device_firewall", "firewall")),
        (("interfaces",), ("device_firewall", "firewall")),
        (("port-forward",), ("device_firewall", "firewall")),
        (("nat",), ("device_firewall", "firewall")),
        (("zone-policy",), ("device_firewall", "firewall")),
    ):
        if path[: len(beginning)] == beginning:
            return found
    return None


def written(node: Node, renamed: tuple[str, ...]) -> str:
    """The ``set`` lines of a configuration, with one word of it changed."""
    lines = []
    for path in paths(node):
        words = list(path)
        if path[: len(renamed)] == renamed:
            words[len(renamed) - 1] += "x"
        quoted = (f"'{word}'" if not word or " " in word else word for word in words)
        lines.append(f"set {' '.join(quoted)}")
    return "\n".join(lines)


@pytest.mark.parametrize("name", ["edgeos-good", "vyos15-good", "vyos13-zones"])
def test_no_word_that_is_changed_passes(name: str) -> None:
    case = by_name(name)
    text = case.redacted()
    root = parse(text.split("\n", 1)[1].split("\n==== ")[0])
    whole = f"==== file\n{written(root, ('?',))}\n==== end\n"
    before = judged(case, whole)
    changed = 0

    for path in keywords(root, _patterns()):
        about = mapped(path)
        if about is None or before[about[0]][about[1]][0] != "pass":
            continue
        changed += 1
        after = judged(case, f"==== file\n{written(root, path)}\n==== end\n")
        assert after[about[0]][about[1]][0] != "pass", " ".join(path)

    assert changed > 30


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_cuts_and_mixed_lines_never_break_or_pass_more(data: st.DataObject) -> None:
    case = by_name(data.draw(st.sampled_from(["edgeos-bad", "vyos14-open", "edgeos-strange"])))
    text = case.redacted().split("\n", 1)[1].removesuffix("==== end\n")
    lines = text.split("\n")
    cut = data.draw(st.integers(0, len(text)))
    drop = data.draw(st.sets(st.integers(0, len(lines) - 1), max_size=6))
    swapped = data.draw(st.permutations(lines)) if data.draw(st.booleans()) else lines
    for said in (
        text[:cut],
        "\n".join(line for number, line in enumerate(lines) if number not in drop),
        "\n".join(swapped),
    ):
        try:
            read({FILE: said})
        except UnparsedError:
            continue


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="set {}\"'\\\n/*-#interfacsymloguADMIN0.\x00\u202e", max_size=300))
def test_garbage_is_no_configuration(text: str) -> None:
    try:
        found = read({FILE: text, VERSION: text, COMMITS: text})
    except UnparsedError:
        return
    assert found.accounts is None
    assert found.firewall is None


# --- published configurations ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["stevejenkins-charter-erl.boot", "stevejenkins-comcast-poe.boot"])
def test_published_configurations(name: str) -> None:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip("the published samples are not on this machine")
    text = REDACTOR.redact(path.read_text(encoding="utf-8")).text
    found = device(text)

    assert found.unread == {}
    assert found.firewall is not None and found.accounts is not None
    assert found.firewall.outside == ("eth0",)
    assert set(found.firewall.to_device.values()) == {Policy.DENIED}
    assert set(found.firewall.forwarded.values()) == {Policy.DENIED}
    assert [one.secret is not None and one.secret.factory for one in found.accounts] == [True]
    assert {"ssh", "https"} == {
        one.name for one in found.services or () if one.reach is Reach.ANYWHERE
    }


def test_a_published_part_of_a_gateway() -> None:
    path = SAMPLES / "usg-config.gateway.json"
    if not path.exists():
        pytest.skip("the published samples are not on this machine")

    assert device(path.read_text(encoding="utf-8")) == Device()

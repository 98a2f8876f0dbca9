"""Cisco IOS: what access lists, zones and forwarded ports let in."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from assessor.devices.answers import FILE
from assessor.devices.device import (
    Device,
    Policy,
    Reach,
    Topic,
)
from assessor.devices.ios import SYSTEM
from tests.unit.devices.ios_texts import (
    TAIL,
    WAN,
    device,
    firewall,
    reach_of,
    wan,
)

# --- access lists ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "service", "to", "sources"),
    [
        ("permit tcp any host 203.0.113.2 eq 443", "tcp/443", "device", ()),
        ("permit tcp any host 203.0.113.2 eq www 443", "tcp/80,443", "device", ()),
        ("permit tcp any host 203.0.113.3 range 5000 5010", "tcp/5000-5010", "203.0.113.3", ()),
        ("permit udp any any eq isakmp", "udp/500", "any", ()),
        ("permit udp any gt 1023 any lt 512 log", "udp/0-511", "any", ()),
        ("permit udp any eq domain any", "udp (from 53)", "any", ()),
        ("permit esp host 198.51.100.1 any", "esp", "any", ("198.51.100.1",)),
        ("permit 50 any any", "esp", "any", ()),
        ("permit icmp any any echo-reply", "icmp", "any", ()),
        ("permit tcp 198.51.100.0 0.0.0.127 any eq 22", "tcp/22", "any", ("198.51.100.0/25",)),
        ("permit ip host 198.51.100.1 any", "any", "any", ("198.51.100.1",)),
        ("permit ip any host 203.0.113.3", "any", "203.0.113.3", ()),
        ("permit tcp any any", "any", "any", ()),
        ("permit tcp any any gt 1023", "any", "any", ()),
        ("permit tcp any any neq 22", "any", "any", ()),
        ("10 permit tcp any any eq 25 time-range NACHT", "tcp/25", "any", ()),
    ],
)
def test_what_a_rule_lets_in(rule: str, service: str, to: str, sources: tuple[str, ...]) -> None:
    found = wan("ip access-group IN in", f"ip access-list extended IN\n {rule}\n deny ip any any\n")
    assert not found.unread
    (hole,) = {(one.service, one.to, one.sources) for one in firewall(found).holes}
    assert hole == (service, to, sources)


@pytest.mark.parametrize(
    "rule",
    [
        "permit tcp any any established",
        "permit tcp any any ack",
        "permit tcp any any match-any +ack +rst",
        "evaluate TERUG",
        "remark permit ip any any",
        "deny tcp any any eq 22",
        "deny ip any any",
    ],
)
def test_what_lets_nothing_in(rule: str) -> None:
    found = wan("ip access-group 120 in", f"access-list 120 {rule}\n")
    if rule.startswith("evaluate"):
        found = wan("ip access-group X in", f"ip access-list extended X\n {rule}\n deny ip any any")
    assert firewall(found).holes == ()
    assert firewall(found).to_device["ipv4"] in (Policy.DENIED, Policy.ALLOWED)
    if not rule.startswith("remark"):
        assert firewall(found).to_device["ipv4"] is Policy.DENIED


@pytest.mark.parametrize(
    "rule",
    [
        "permit tcp any any eq quic-next",
        "permit tcp any host",
        "permit tcp any 203.0.113.0 0.255.0.255 eq 80",
        "permit tcp any any eq 80 quantum",
        "permit tcp any any range 5",
        "permit object-group NIET-DA any any",
        "permit tcp object-group NIET-DA any",
        "permit vxlan any any",
        "allow ip any any",
        "no permit ip any any",
        "permit tcp any any match-any",
    ],
)
def test_what_is_not_understood_is_named(rule: str) -> None:
    found = wan("ip access-group IN in", f"ip access-list extended IN\n {rule}\n deny ip any any\n")
    assert rule in " ".join(found.unread[Topic.FIREWALL])


@pytest.mark.parametrize(
    ("rules", "policy"),
    [
        (["deny ip any any", "permit ip any any"], Policy.DENIED),
        (["permit ip any any", "deny ip any any"], Policy.ALLOWED),
        (["deny ip 10.0.0.0 0.255.255.255 any", "permit ip any any"], Policy.ALLOWED),
        (["deny tcp any any eq 22", "permit ip any any"], Policy.ALLOWED),
        (["deny ip any any time-range NACHT", "permit ip any any"], Policy.ALLOWED),
        (["permit tcp any any eq 25"], Policy.DENIED),
    ],
)
def test_the_first_rule_that_fits_all_decides(rules: list[str], policy: Policy) -> None:
    text = "ip access-list extended IN\n " + "\n ".join(rules)
    found = firewall(wan("ip access-group IN in", text))
    assert found.to_device["ipv4"] is policy
    assert found.forwarded["ipv4"] is policy


def test_rules_behind_the_last_let_nothing_in() -> None:
    text = "access-list 120 deny ip any any\naccess-list 120 permit tcp any any eq 23\n"
    assert firewall(wan("ip access-group 120 in", text)).holes == ()


def test_a_wide_hole_is_seen_behind_many_narrow_ones() -> None:
    rules = "".join(f" permit tcp any any eq {port}\n" for port in range(1, 400))
    text = f"ip access-list extended IN\n{rules} permit tcp any any\n"
    assert any(hole.wide for hole in firewall(wan("ip access-group IN in", text)).holes)


def test_without_a_list_or_with_an_empty_one_all_passes() -> None:
    assert firewall(wan()).to_device["ipv4"] is Policy.ALLOWED
    empty = wan("ip access-group LEEG in")
    assert firewall(empty).to_device["ipv4"] is Policy.ALLOWED
    assert "LEEG" in " ".join(empty.unread[Topic.FIREWALL])


def test_object_groups_are_followed() -> None:
    groups = """
object-group network WIE
 description x
 host 198.51.100.1
 198.51.100.64 255.255.255.192
 range 198.51.100.8 198.51.100.9
 group-object MEER
object-group network MEER
 host 198.51.100.200
object-group service WAT
 tcp eq 443
 tcp-udp range 5000 5001
 icmp
ip access-list extended IN
 permit object-group WAT object-group WIE any
"""
    found = wan("ip access-group IN in", groups)
    assert not found.unread
    holes = firewall(found).holes
    assert {hole.service for hole in holes} == {
        "tcp/443",
        "tcp/5000-5001",
        "udp/5000-5001",
        "icmp",
    }
    assert {hole.sources for hole in holes} == {
        ("198.51.100.1", "198.51.100.64/26", "198.51.100.8/31", "198.51.100.200")
    }


def test_groups_that_hold_each_other_are_named() -> None:
    text = "object-group network A\n group-object A\nip access-list extended IN\n"
    found = wan("ip access-group IN in", f"{text} permit ip object-group A any\n")
    assert found.unread[Topic.FIREWALL]


# --- IPv6 --------------------------------------------------------------------------------------


def test_ipv6_that_is_not_used_is_off() -> None:
    assert firewall(wan()).to_device["ipv6"] is Policy.OFF


@pytest.mark.parametrize(
    ("more", "rest", "device_", "forwarded"),
    [
        ("ipv6 address 2001:DB8::2/64", "", Policy.ALLOWED, Policy.DENIED),
        ("ipv6 address autoconfig", "ipv6 unicast-routing", Policy.ALLOWED, Policy.ALLOWED),
        (
            "ipv6 enable\nipv6 traffic-filter ZES in",
            "ipv6 unicast-routing\nipv6 access-list ZES\n permit tcp any any established",
            Policy.DENIED,
            Policy.DENIED,
        ),
        (
            "ipv6 dhcp client pd PREFIX\nipv6 traffic-filter ZES in",
            "ipv6 unicast-routing\nipv6 access-list ZES\n permit ipv6 any any",
            Policy.ALLOWED,
            Policy.ALLOWED,
        ),
    ],
)
def test_ipv6_is_judged_apart(more: str, rest: str, device_: Policy, forwarded: Policy) -> None:
    deny = "ip access-list extended IN\n deny ip any any\n"
    found = firewall(wan(f"ip access-group IN in\n{more}", deny + rest))
    assert found.to_device == {"ipv4": Policy.DENIED, "ipv6": device_}
    assert found.forwarded == {"ipv4": Policy.DENIED, "ipv6": forwarded}


# --- which interface looks outwards ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("interface Dialer1\n ip address negotiated\n", ("Dialer1",)),
        ("interface Cellular0/1/0\n ip address negotiated\n", ("Cellular0/1/0",)),
        ("interface Gi0\n ip address dhcp\n", ("Gi0",)),
        (
            (
                "interface Gi0\n ip address 203.0.113.2 255.255.255.252\n"
                "ip route 0.0.0.0 0.0.0.0 203.0.113.1\n"
            ),
            ("Gi0",),
        ),
        (
            (
                "interface Gi0\n ip address 203.0.113.2 255.255.255.252\n"
                "interface Tunnel1\n ip address 10.1.1.1 255.255.255.252\n tunnel source Gi0\n"
                "ip route 0.0.0.0 0.0.0.0 Tunnel1\n"
            ),
            ("Gi0",),
        ),
        (
            "interface Gi0\n ip address 192.168.178.2 255.255.255.0\n ip nat outside\n",
            ("Gi0",),
        ),
        (
            (
                "interface Dialer1\n ip address negotiated\n shutdown\n"
                "interface Gi0\n ip address dhcp\n"
            ),
            ("Gi0",),
        ),
    ],
)
def test_what_looks_outwards(text: str, outside: tuple[str, ...]) -> None:
    assert firewall(device(text)).outside == outside


@pytest.mark.parametrize(
    "text",
    [
        "interface Vlan1\n ip address 192.168.1.2 255.255.255.0\nip default-gateway 192.168.1.1\n",
        "interface Vlan1\n ip address dhcp\n",
        "interface Vlan9\n ip address 10.0.0.2 255.255.255.0\nip route 0.0.0.0 0.0.0.0 10.0.0.1\n",
        (
            "interface Gi0\n vrf forwarding Mgmt-vrf\n ip address dhcp\n"
            "interface Vlan1\n ip address 10.0.0.2 255.255.255.0\n"
        ),
    ],
)
def test_behind_another_router_there_is_no_firewall_to_judge(text: str) -> None:
    found = device(text)
    assert found.firewall is None
    # An address that is lent may be any.
    learned = "dhcp" in text and "Mgmt" not in text
    assert reach_of(found, "ssh") is (Reach.UNKNOWN if learned else Reach.INSIDE)


def test_what_cannot_be_told_is_unknown() -> None:
    found = device(
        "interface Gi0\n ip address 203.0.113.2 255.255.255.252\n"
        "interface Gi1\n ip address 198.51.100.1 255.255.255.0\nrouter bgp 65000\n"
    )
    assert set(firewall(found).to_device.values()) == {Policy.UNKNOWN}
    assert reach_of(found, "ssh") is Reach.UNKNOWN


# --- zones -------------------------------------------------------------------------------------

ZONES = """
zone security UIT
zone security IN
class-map type inspect match-{match} KLAS
 {matches}
policy-map type inspect PM
 class type inspect KLAS
  {action}
 class class-default
  {default}
{pairs}
ip access-list extended WEB
 permit tcp any host 192.168.1.5 eq 443
interface Gi0/0
 ip address 203.0.113.2 255.255.255.248
 zone-member security UIT
 ip nat outside
interface Gi0/1
 ip address 192.168.1.1 255.255.255.0
 zone-member security IN
 ip nat inside
"""
OUT_IN = "zone-pair security A source UIT destination IN\n service-policy type inspect PM"
OUT_SELF = "zone-pair security B source UIT destination self\n service-policy type inspect PM"


def zoned(
    pairs: str,
    *,
    match: str = "any",
    matches: str = "match access-group name WEB",
    action: str = "inspect",
    default: str = "drop",
) -> Device:
    text = ZONES.format(match=match, matches=matches, action=action, default=default, pairs=pairs)
    return device(text)


def test_between_zones_nothing_passes_unless_said_and_to_the_device_all_does() -> None:
    found = firewall(zoned(""))
    assert found.forwarded["ipv4"] is Policy.DENIED
    assert found.to_device["ipv4"] is Policy.ALLOWED


def test_a_pair_with_self_closes_the_device() -> None:
    found = firewall(zoned(OUT_SELF))
    assert found.to_device["ipv4"] is Policy.DENIED
    closed = zoned("zone-pair security B source UIT destination self\n")
    assert firewall(closed).to_device["ipv4"] is Policy.DENIED


@pytest.mark.parametrize(
    ("settings_", "services", "forwarded"),
    [
        ({}, {("tcp/443", "192.168.1.5")}, Policy.DENIED),
        ({"matches": "match protocol ssh"}, {("tcp/22", "any")}, Policy.DENIED),
        ({"matches": "match protocol tcp"}, {("any", "any")}, Policy.DENIED),
        ({"matches": "match protocol skype"}, {("skype", "any")}, Policy.DENIED),
        ({"action": "drop"}, set(), Policy.DENIED),
        ({"default": "pass"}, set(), Policy.ALLOWED),
        (
            {"match": "all", "matches": "match access-group name WEB\n match protocol https"},
            {("tcp/443", "192.168.1.5")},
            Policy.DENIED,
        ),
    ],
)
def test_what_a_pair_lets_in(
    settings_: Mapping[str, str], services: set[tuple[str, str]], forwarded: Policy
) -> None:
    found = zoned(f"{OUT_IN}\n{OUT_SELF}", **settings_)
    assert not found.unread
    assert firewall(found).forwarded["ipv4"] is forwarded
    assert {(hole.service, hole.to) for hole in firewall(found).holes} == services


@pytest.mark.parametrize(
    "settings_",
    [
        {"matches": "match not protocol ssh"},
        {"matches": "match application-attribute x"},
        {"matches": "match access-group name NIET-DA"},
        {"action": "teleport"},
        {"match": "some"},
    ],
)
def test_what_a_zone_says_and_nobody_knows_is_named(settings_: Mapping[str, str]) -> None:
    assert zoned(OUT_IN, **settings_).unread[Topic.FIREWALL]


def test_a_zone_that_holds_the_inside_too_keeps_nothing_out() -> None:
    text = ZONES.format(
        match="any", matches="match protocol icmp", action="drop", default="drop", pairs=OUT_SELF
    ).replace("security IN\n ip nat", "security UIT\n ip nat")
    assert firewall(device(text)).forwarded["ipv4"] is Policy.ALLOWED


# --- ports that are forwarded ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nat", "rules", "holes"),
    [
        (
            "tcp 192.168.1.5 443 interface Gi0/0 8443",
            "permit tcp any any eq 8443",
            {("192.168.1.5", "tcp/8443", ())},
        ),
        (
            "tcp 192.168.1.5 443 203.0.113.2 8443 extendable",
            "permit tcp host 198.51.100.1 any eq 8443",
            {("192.168.1.5", "tcp/8443", ("198.51.100.1",))},
        ),
        ("tcp 192.168.1.5 443 interface Gi0/0 8443", "permit tcp any any eq 443", set()),
        ("192.168.1.5 203.0.113.3", "permit tcp any host 203.0.113.9 eq 443", set()),
        ("192.168.1.5 203.0.113.3", "permit ip any host 203.0.113.3", {("192.168.1.5", "any", ())}),
        ("network 192.168.1.0 203.0.113.0 /29", "deny ip any any", set()),
    ],
)
def test_a_forwarded_port_needs_the_list_to_let_it_in(
    nat: str, rules: str, holes: set[tuple[str, str, tuple[str, ...]]]
) -> None:
    text = f"ip nat inside source static {nat}\nip access-list extended IN\n {rules}\n"
    found = wan("ip access-group IN in", text)
    assert not found.unread
    forwarded = {
        (hole.to, hole.service, hole.sources)
        for hole in firewall(found).holes
        if hole.rule.startswith("ip nat")
    }
    assert forwarded == holes


def test_a_strange_forward_is_named() -> None:
    found = wan(rest="ip nat inside source static tcp 192.168.1.5 interface Gi0/0 quantum\n")
    assert found.unread[Topic.FIREWALL]


# --- from where services are reached -----------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "access", "reach"),
    [
        ("deny ip any any", "", Reach.INSIDE),
        ("permit tcp any any eq 22", "", Reach.ANYWHERE),
        ("permit tcp any host 203.0.113.2 eq 22", "", Reach.ANYWHERE),
        ("permit tcp any host 203.0.113.3 eq 22", "", Reach.INSIDE),
        ("permit tcp host 198.51.100.1 any eq 22", "", Reach.NAMED),
        ("permit tcp 10.0.0.0 0.255.255.255 any eq 22", "", Reach.INSIDE),
        ("deny tcp any any eq 22\n permit tcp any any", "", Reach.INSIDE),
        ("permit tcp any any eq 22", "access-class 10 in", Reach.INSIDE),
        ("permit tcp any any eq 22", "access-class 11 in", Reach.NAMED),
        ("permit tcp any any eq 22", "access-class 12 in", Reach.ANYWHERE),
        ("permit tcp any any eq 22", "access-class 99 in", Reach.ANYWHERE),
        ("permit tcp any any eq 22", "access-class 10 out", Reach.ANYWHERE),
        ("permit tcp any any established", "", Reach.INSIDE),
    ],
)
def test_from_where_ssh_is_reached(rules: str, access: str, reach: Reach) -> None:
    lists = (
        "access-list 10 permit 192.168.1.0 0.0.0.255\n"
        "access-list 11 permit 198.51.100.7\naccess-list 11 permit 192.168.1.0 0.0.0.255\n"
        "access-list 12 permit any\n"
    )
    text = WAN.format(more="ip access-group IN in", inside="") + lists
    text += f"ip access-list extended IN\n {rules}\n"
    found = device(text, tail=TAIL.replace("end\n", f" {access}\nend\n" if access else "end\n"))
    assert reach_of(found, "ssh") is reach


def test_a_list_for_ipv4_alone_leaves_ipv6_open() -> None:
    text = WAN.format(more="ipv6 address 2001:DB8::2/64", inside="")
    text += "access-list 10 permit 192.168.1.0 0.0.0.255\n"
    found = device(text, tail=TAIL.replace("end\n", " access-class 10 in\nend\n"))
    assert reach_of(found, "ssh") is Reach.ANYWHERE


def test_management_on_named_interfaces_only() -> None:
    plane = "control-plane host\n management-interface Gi0/1 allow ssh https\n"
    assert reach_of(wan(rest=plane), "ssh") is Reach.INSIDE
    assert reach_of(wan(rest=plane.replace("Gi0/1", "Gi0/0")), "ssh") is Reach.ANYWHERE


@pytest.mark.parametrize(
    ("lines", "version", "names", "unread"),
    [
        ("line vty 0 4\n transport input ssh", "15.9", {"ssh"}, False),
        ("line vty 0 4\n transport input all", "15.9", {"ssh", "telnet"}, False),
        ("line vty 0 4\n transport input telnet ssh", "15.9", {"ssh", "telnet"}, False),
        ("line vty 0 4\n transport input none", "15.9", set(), False),
        ("line vty 0 4\n no transport input", "15.9", {"ssh", "telnet"}, True),
        ("line vty 0 4\n login", "15.2", {"ssh", "telnet"}, False),
        ("line vty 0 4\n login", "17.9", {"ssh"}, True),
        ("line vty 0 4\n transport input quic", "15.9", {"ssh", "telnet"}, True),
        (
            "line vty 0 4\n transport input ssh\nline vty 5 15\n transport input telnet",
            "15.9",
            {"ssh", "telnet"},
            False,
        ),
    ],
)
def test_what_the_lines_let_in(lines: str, version: str, names: set[str], unread: bool) -> None:
    found = device(
        "interface Vlan1\n ip address 10.0.0.1 255.0.0.0",
        version=version,
        tail=f"line con 0\n{lines}\nend\n",
    )
    assert {one.name for one in found.services or () if one.enabled} == names
    assert (Topic.MANAGEMENT in found.unread) is unread


@pytest.mark.parametrize(
    ("text", "version", "weak"),
    [
        ("ip ssh version 2", "15.9", ()),
        ("ip ssh version 1", "15.9", ("SSH 1",)),
        ("", "15.9", ("SSH 1",)),
        ("", "17.9", ()),
        (
            "ip ssh version 2\nip ssh server algorithm encryption aes256-ctr 3des-cbc",
            "15.9",
            ("3des-cbc",),
        ),
    ],
)
def test_what_ssh_still_offers(text: str, version: str, weak: tuple[str, ...]) -> None:
    found = device(text, version=version)
    assert next(one.weak for one in found.services or () if one.name == "ssh") == weak


@pytest.mark.parametrize(
    ("text", "name", "encrypted"),
    [
        ("service tcp-small-servers", "tcp-small-servers", False),
        ("ip finger", "finger", False),
        ("tftp-server flash:x.bin", "tftp", False),
        ("ftp-server enable", "ftp", False),
        ("vstack director 10.0.0.1", "smart-install", False),
        ("netconf-yang", "netconf", True),
        ("restconf", "restconf", True),
        ("ip rcmd rsh-enable", "rsh", False),
    ],
)
def test_other_services(text: str, name: str, encrypted: bool) -> None:
    found = wan(rest=text)
    one = next(one for one in found.services or () if one.name == name)
    assert (one.enabled, one.encrypted, one.reach) == (True, encrypted, Reach.ANYWHERE)
    off = [one for one in wan(rest=f"no {text}").services or () if one.name == name and one.enabled]
    assert not off


def test_without_a_word_of_the_web_server_it_is_unread() -> None:
    text = "version 15.9\nhostname r\ninterface Vlan1\n ip address 10.0.0.1 255.0.0.0\n" + TAIL
    found = SYSTEM.read({FILE: text})
    assert "http" in " ".join(found.unread[Topic.MANAGEMENT])

"""FortiOS: policies in their order, the outer side, and from where the device is managed."""

from __future__ import annotations

import pytest

from assessor.devices.device import Firewall, Policy, Reach
from assessor.devices.fortios.local_in import covers
from tests.unit.devices.fortios_text import (
    OBJECTS,
    administrator,
    admins,
    device,
    entry,
    interfaces,
    policy,
    section,
)

Found = list[tuple[str, str, tuple[str, ...]]]
WIDE: Found = [("any", "any", ())]
IPV6 = section("ipv6", ip6_address="2001:db8::2/64")


def wall(*policies: str, more: str = "", version: str = "7.4.11") -> Firewall:
    table = section("firewall policy", *policies)
    found = device(interfaces(), OBJECTS, more, table, version=version).firewall
    assert found is not None
    return found


def holes(*policies: str, more: str = "", version: str = "7.4.11") -> Found:
    found = wall(*policies, more=more, version=version)
    return [(one.to, one.service, one.sources) for one in found.holes]


def test_what_no_policy_names_is_denied() -> None:
    found = wall(policy(srcintf="lan", dstintf="wan1"))
    assert found.forwarded == {"ipv4": Policy.DENIED, "ipv6": Policy.OFF}
    assert found.outside == ("wan1",)
    assert found.holes == ()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, WIDE),
        ({"status": "disable"}, []),
        ({"action": ""}, []),
        ({"action": "deny"}, []),
        ({"action": "ipsec"}, []),
        ({"srcintf": "any"}, WIDE),
        ({"srcintf": ""}, WIDE),
        ({"dstintf": ""}, WIDE),
        ({"srcintf": "any", "dstintf": "wan1"}, []),
        ({"srcintf": "lan", "dstintf": "dmz"}, []),
        ({"srcaddr": "office"}, [("any", "any", ("203.0.113.0/255.255.255.0",))]),
        ({"srcaddr": "land"}, WIDE),
        ({"srcaddr": "mixed"}, WIDE),
        ({"srcaddr": "office", "srcaddr_negate": "enable"}, WIDE),
        ({"dstaddr": "server"}, [("10.0.1.5", "any", ())]),
        ({"dstaddr": "server", "dstaddr_negate": "enable"}, WIDE),
        ({"service": "HTTPS"}, [("any", "tcp/443", ())]),
        ({"service": "HTTPS", "service_negate": "enable"}, WIDE),
        ({"service": "ALL_TCP"}, WIDE),
        ({"service": "unknown"}, [("any", "unknown", ())]),
        (
            {"service": "web"},
            [("any", text, ()) for text in ("tcp/443", "tcp/53", "tcp/853", "udp/53")],
        ),
        ({"dstaddr": "whole-host"}, [("10.0.1.5", "any", ())]),
        ({"dstaddr": "whole-host", "service": "HTTPS"}, [("10.0.1.5", "tcp/443", ())]),
        ({"dstaddr": "one-port"}, [("10.0.1.6", "tcp/8443", ())]),
        ({"dstaddr": "vips"}, [("10.0.1.6", "tcp/8443", ())]),
        ({"dstaddr": "one-port all"}, [*WIDE, ("10.0.1.6", "tcp/8443", ())]),
        ({"dstaddr": "off"}, []),
        ({"groups": "staff"}, [("any", "any", ("staff (logged in)",))]),
        (
            {
                "srcaddr": "",
                "internet_service_src": "enable",
                "internet_service_src_name": "GitHub",
            },
            [("any", "any", ("internet service GitHub",))],
        ),
        ({"srcaddr": "", "dstaddr": "", "srcaddr6": "all", "dstaddr6": "all"}, []),
    ],
)
def test_one_policy(settings: dict[str, str], expected: Found) -> None:
    assert holes(policy(1, **settings)) == expected


def test_a_policy_after_one_that_denies_all_lets_nothing_in() -> None:
    deny = policy(1, action="deny", dstintf="any")
    assert holes(deny, policy(2)) == []
    assert holes(policy(2), deny) == WIDE


@pytest.mark.parametrize(
    "settings",
    [
        {"schedule": "office-hours"},
        {"srcaddr": "office"},
        {"service": "HTTPS"},
        {"dstaddr": "server"},
        {"dstintf": "dmz"},
        {"srcintf": "dmz"},
        {"status": "disable"},
        {"srcaddr": "land"},
        {"dstaddr": "one-port"},
        {"srcaddr": "office", "srcaddr_negate": "enable"},
        {"dstaddr": "server", "dstaddr_negate": "enable"},
        {"service": "HTTPS", "service_negate": "enable"},
        {"internet_service_src": "enable", "internet_service_src_name": "Tor"},
        {"groups": "staff"},
    ],
)
def test_one_that_denies_less_stops_no_other(settings: dict[str, str]) -> None:
    assert holes(policy(1, **({"action": "deny"} | settings)), policy(2)) == WIDE


@pytest.mark.parametrize(
    ("version", "settings", "reached"),
    [
        ("7.2.3", {}, True),
        ("7.2.4", {}, False),
        ("7.4.11", {"match_vip": "disable"}, True),
        ("6.4.9", {"match_vip": "enable"}, False),
        ("6.4.9", {"dstaddr": "one-port"}, False),
    ],
)
def test_denying_all_stops_port_forwards_only_where_it_says_so(
    version: str, settings: dict[str, str], reached: bool
) -> None:
    deny = policy(1, **({"action": "deny"} | settings))
    assert bool(holes(deny, policy(2, dstaddr="one-port"), version=version)) is reached


@pytest.mark.parametrize(
    ("table", "settings"),
    [
        ("firewall policy", {"srcaddr6": "all", "dstaddr6": "all", "srcaddr": "", "dstaddr": ""}),
        ("firewall policy6", {}),
        ("firewall policy64", {}),
        (
            "firewall consolidated policy",
            {"srcaddr6": "all", "dstaddr6": "all", "srcaddr": "", "dstaddr": ""},
        ),
    ],
)
def test_ipv6_counts_where_the_outer_side_has_it(table: str, settings: dict[str, str]) -> None:
    text = OBJECTS + section(table, policy(1, **settings))
    found = device(interfaces(wan_inner=IPV6), text).firewall
    assert found is not None
    assert found.forwarded["ipv6"] is Policy.DENIED
    assert [(one.family, one.wide) for one in found.holes] == [("ipv6", True)]
    without = device(interfaces(), text).firewall
    assert without is not None
    assert without.holes == ()


def test_with_policies_by_application_the_security_policies_count() -> None:
    more = section("system settings", ngfw_mode="policy-based") + section(
        "firewall security-policy", policy(7, dstaddr="server")
    )
    assert [one.rule for one in wall(policy(), more=more).holes] == ["security-policy 7"]


def test_what_goes_on_to_another_domain_is_not_judged() -> None:
    link = entry("to-b0", ip="10.254.0.1 255.255.255.252", type="vdom-link")
    found = device(interfaces(link), OBJECTS, section("firewall policy", policy(dstintf="to-b0")))
    assert found.firewall is not None
    assert found.firewall.holes == ()
    assert any("another domain" in line for lines in found.unread.values() for line in lines)


def test_proxies_that_the_outer_side_may_use_are_holes() -> None:
    proxy = section("web-proxy explicit", status="enable", http_incoming_port="3128")
    offered = section(
        "system interface",
        entry("wan1", role="wan", mode="dhcp", explicit_web_proxy="enable"),
    )
    found = device(offered, proxy, section("firewall policy")).firewall
    assert found is not None
    assert [(one.to, one.service) for one in found.holes] == [("device", "tcp/3128")]


@pytest.mark.parametrize(
    ("port", "outside"),
    [
        (entry("x1", ip="198.51.100.2 255.255.255.248", role="wan"), ("x1",)),
        (entry("wan1", ip="198.51.100.2 255.255.255.248", role="undefined"), ("wan1",)),
        (entry("wan1", ip="198.51.100.2 255.255.255.248", role="lan"), ()),
        (entry("x1", mode="dhcp"), ("x1",)),
        (entry("x1", mode="dhcp", role="lan"), ()),
        (entry("x1", mode="pppoe", interface="x0", vlanid="6"), ("x1",)),
        (entry("x1", ip="198.51.100.2 255.255.255.248"), ()),
        (entry("wan1", role="wan"), ()),
        (entry("wan1", mode="dhcp", role="wan", status="down"), ()),
    ],
)
def test_which_side_is_outside(port: str, outside: tuple[str, ...]) -> None:
    table = section("system interface", port, entry("lan", ip="10.0.0.1 255.255.255.0"))
    found = device(table, section("firewall policy")).firewall
    assert found is not None
    assert found.outside == outside
    if not outside:
        assert set(found.to_device.values()) == {Policy.UNKNOWN}


def route(**settings: str) -> str:
    return section("router static", entry(1, **settings))


MEMBER = section("members", entry(1, interface="dmz"))


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        (route(device="lan"), ("lan", "wan1")),
        (route(device="lan", dst="10.9.0.0 255.255.0.0"), ("wan1",)),
        (route(device="lan", dst="0.0.0.0 128.0.0.0"), ("wan1",)),
        (route(device="lan", status="disable"), ("wan1",)),
        (route(blackhole="enable"), ("wan1",)),
        (section("router static6", entry(1, device="lan")), ("lan", "wan1")),
        (section("system sdwan", MEMBER), ("dmz", "wan1")),
        (section("system sdwan", MEMBER, status="disable"), ("wan1",)),
        (section("system virtual-wan-link", MEMBER, status="enable"), ("dmz", "wan1")),
        (
            section("vpn ipsec phase1-interface", entry("tun", interface="wan1"))
            + route(device="tun"),
            ("wan1",),
        ),
    ],
)
def test_routes_and_sdwan_tell_the_outer_side(text: str, outside: tuple[str, ...]) -> None:
    assert wall(more=text).outside == outside


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("inet", section("system zone", entry("inet", interface="wan1"))),
        (
            "virtual-wan-link",
            section("system sdwan", section("members", entry(1, interface="wan1"))),
        ),
        (
            "upl",
            section("system sdwan", section("members", entry(1, interface="wan1", zone="upl"))),
        ),
        ("virtual-wan-link", ""),
    ],
)
def test_policies_name_zones(name: str, more: str) -> None:
    assert holes(policy(srcintf=f'"{name}"'), more=more) == WIDE


def test_an_export_without_policies_tells_nothing_of_them() -> None:
    assert device(interfaces()).firewall is None


# --- from where the device is managed ------------------------------------------------------------


def reach(*parts: str, name: str = "https") -> Reach | None:
    found = {one.name: one.reach for one in device(*parts).services or ()}
    return found.get(name)


def local(number: int = 1, /, **settings: str) -> str:
    """A local-in policy that denies all at wan1 unless said otherwise."""
    chosen = {"srcintf": "", "dstintf": "", "intf": "wan1", "action": ""} | settings
    return policy(number, **chosen)


def local_in(*entries: str) -> Reach | None:
    table = section("firewall local-in-policy", *entries)
    return reach(interfaces(wan="ping https"), admins(), OBJECTS, table)


HOME = {"srcaddr": "office", "action": "accept"}


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], Reach.ANYWHERE),
        ([local()], Reach.INSIDE),
        ([local(service="HTTPS")], Reach.INSIDE),
        ([local(service="")], Reach.INSIDE),
        ([local(service="both")], Reach.ANYWHERE),
        ([local(service="both", service_negate="enable")], Reach.ANYWHERE),
        ([local(status="disable")], Reach.ANYWHERE),
        ([local(intf="lan")], Reach.ANYWHERE),
        ([local(intf="any")], Reach.INSIDE),
        ([local(srcaddr="office")], Reach.ANYWHERE),
        ([local(dstaddr="server")], Reach.ANYWHERE),
        ([local(schedule="night")], Reach.ANYWHERE),
        ([local(1, **HOME), local(2)], Reach.NAMED),
        ([local(1), local(2, **HOME)], Reach.INSIDE),
        ([local(1, action="accept"), local(2)], Reach.ANYWHERE),
        ([local(srcaddr="office", srcaddr_negate="enable")], Reach.NAMED),
        ([local(srcaddr="land", srcaddr_negate="enable")], Reach.ANYWHERE),
        ([local(srcaddr="land")], Reach.ANYWHERE),
        ([local(1, srcaddr="land", action="accept"), local(2)], Reach.ANYWHERE),
        (
            [local(srcaddr="office", srcaddr_negate="enable", schedule="night")],
            Reach.ANYWHERE,
        ),
        (
            [local(internet_service_src="enable", internet_service_src_name="Tor", srcaddr="")],
            Reach.ANYWHERE,
        ),
    ],
)
def test_local_in_policies(entries: list[str], expected: Reach) -> None:
    assert local_in(*entries) is expected


OFFICE = {"trusthost1": "203.0.113.0 255.255.255.0"}


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([administrator()], Reach.ANYWHERE),
        ([administrator("a", **OFFICE)], Reach.NAMED),
        ([administrator("a", trusthost1="0.0.0.0 0.0.0.0")], Reach.ANYWHERE),
        ([administrator("a", **OFFICE), administrator("b")], Reach.ANYWHERE),
        ([administrator("a", accprofile="reader", **OFFICE)], Reach.UNKNOWN),
    ],
)
def test_trusted_hosts(people: list[str], expected: Reach) -> None:
    assert reach(interfaces(wan="https"), admins(*people)) is expected


def test_a_token_or_single_sign_on_without_hosts_opens_it_again() -> None:
    trusted = interfaces(wan="https") + admins(administrator("a", **OFFICE))
    assert reach(trusted, section("system api-user", entry("t"))) is Reach.ANYWHERE
    assert reach(trusted, section("system sso-admin", entry("s"))) is Reach.ANYWHERE
    hosts = section("trusthost", entry(1, ipv4_trusthost="10.0.0.9 255.255.255.255"))
    assert reach(trusted, section("system api-user", entry("t", hosts))) is Reach.NAMED


def test_trusted_hosts_of_one_family_do_not_guard_the_other() -> None:
    inner = section("ipv6", ip6_address="2001:db8::2/64", ip6_allowaccess="https")
    trusted = administrator("a", **OFFICE)
    assert reach(interfaces(wan_inner=inner), admins(trusted)) is Reach.ANYWHERE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (interfaces(wan="ping"), None),
        (interfaces(lan="https"), Reach.INSIDE),
        (interfaces(lan="https", wan="https"), Reach.ANYWHERE),
        (
            section("system interface", entry("x", ip="10.0.0.1/24", allowaccess="https")),
            Reach.UNKNOWN,
        ),
        (section("system interface", entry("wan1", role="wan", allowaccess="https")), None),
    ],
)
def test_interfaces_allow(text: str, expected: Reach | None) -> None:
    assert reach(text, admins()) is expected


def test_ports_follow_the_settings() -> None:
    moved = section("system global", admin_sport="8443")
    closed = OBJECTS + section("firewall local-in-policy", local(service="HTTPS"))
    parts = (moved, interfaces(wan="https"), admins(), closed)
    assert reach(*parts) is Reach.ANYWHERE  # it does not listen at 443
    (service,) = device(*parts).services or ()
    assert service.port == 8443


def test_telnet_may_be_off_for_all() -> None:
    off = section("system global", admin_telnet="disable")
    enabled = [
        one.enabled
        for text in ("", off)
        for one in device(text, interfaces(wan="telnet"), admins()).services or ()
    ]
    assert enabled == [True, False]


def snmp(*inner: str, status: str = "enable") -> str:
    agent = section("system snmp sysinfo", status=status)
    return agent + section("system snmp community", entry(1, *inner, name="moni"))


def test_trusted_hosts_do_not_guard_snmp() -> None:
    trusted = interfaces(wan="https snmp") + admins(administrator("a", **OFFICE))
    assert reach(trusted, snmp(), name="snmp") is Reach.ANYWHERE
    hosts = section("hosts", entry(1, ip="203.0.113.9 255.255.255.255"))
    assert reach(trusted, snmp(hosts), name="snmp") is Reach.NAMED
    everyone = section("hosts", entry(1, ip="0.0.0.0 0.0.0.0"))
    assert reach(trusted, snmp(everyone), name="snmp") is Reach.ANYWHERE


def test_an_agent_that_is_off_answers_nobody() -> None:
    services = device(interfaces(wan="snmp"), admins(), snmp(status="disable")).services or ()
    assert [one.enabled for one in services] == [False]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"dstintf": "dmz"}, Reach.INSIDE),
        ({"dstintf": "lo", "service": "HTTPS"}, Reach.ANYWHERE),
        ({"dstintf": "lo", "service": "HTTPS", "srcaddr": "office"}, Reach.NAMED),
        ({"dstintf": "lo", "service": "both"}, Reach.INSIDE),
    ],
)
def test_a_loopback_is_reached_by_policies(settings: dict[str, str], expected: Reach) -> None:
    loop = entry("lo", ip="10.255.0.1 255.255.255.255", allowaccess="https", type="loopback")
    table = section("firewall policy", policy(1, **settings))
    assert reach(interfaces(loop), admins(), OBJECTS, table) is expected


@pytest.mark.parametrize(
    ("services", "port", "expected"),
    [
        (["any"], "tcp/443", True),
        (["tcp/443"], "tcp/443", True),
        (["tcp/400-500"], "tcp/443", True),
        (["udp/400-500"], "tcp/443", False),
        (["tcp/444"], "tcp/443", False),
        (["HTTPS"], "tcp/443", True),
        (["HTTPS"], "tcp/8443", False),
        (["tcp/x"], "tcp/443", False),
        (["PING"], "icmp", True),
    ],
)
def test_services_hold_ports(services: list[str], port: str, expected: bool) -> None:
    assert covers(services, port) is expected


def test_many_objects_take_time_in_proportion() -> None:
    """Groups of thousands, and thousands of policies for any: all is read, the widest first."""
    members = " ".join(f"h{number}" for number in range(2_000))
    group = section("firewall addrgrp", entry("g", member=members))
    narrow = [policy(number, srcintf="any", dstaddr="g") for number in range(1, 3_000)]
    table = section(
        "firewall policy", policy(0, action="deny", srcaddr="g"), *narrow, policy(9_999)
    )
    found = device(interfaces(), OBJECTS, group, table).firewall
    assert found is not None
    assert len(found.holes) == 200
    assert found.holes[0].wide

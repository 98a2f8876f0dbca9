"""FortiOS: names in policies that are as good as "all", and names that nothing explains."""

from __future__ import annotations

import pytest

from assessor.devices.device import Device, Topic
from tests.unit.devices.fortios_text import OBJECTS, device, entry, interfaces, policy, section

ADDRESSES = section(
    "firewall address",
    entry("low", subnet="0.0.0.0 128.0.0.0"),
    entry("high", subnet="128.0.0.0 128.0.0.0"),
    entry("most", type="iprange", start_ip="1.2.3.4", end_ip="223.0.0.1"),
    entry("every", type="wildcard", wildcard="0.0.0.0 0.0.0.0"),
    entry("odd", type="wildcard", wildcard="198.51.100.0 255.255.255.1"),
    entry("class-a", subnet="198.0.0.0 255.0.0.0"),
)


def read(*policies: str, more: str = "") -> Device:
    return device(
        interfaces(), OBJECTS, ADDRESSES, more, section("firewall policy", *policies), version="7.4"
    )


@pytest.mark.parametrize(
    ("names", "wide"),
    [
        ("low high", True),
        ("low", True),
        ("most", True),
        ("every", True),
        ("odd", False),
        ("class-a", False),
    ],
)
def test_a_network_of_nearly_everything_names_nobody(names: str, wide: bool) -> None:
    firewall = read(policy(1, srcaddr=names)).firewall
    assert firewall is not None
    assert [hole.wide for hole in firewall.holes] == [wide]


def test_but_denying_half_of_the_internet_does_not_deny_all() -> None:
    firewall = read(policy(1, action="deny", srcaddr="low"), policy(2)).firewall
    assert firewall is not None
    assert [hole.wide for hole in firewall.holes] == [True]


@pytest.mark.parametrize("service", ["ALL_TCP", "ALL_UDP", "ALL"])
def test_services_of_fortios_that_an_export_leaves_out(service: str) -> None:
    table = section("firewall policy", policy(1, service=service))
    firewall = device(interfaces(), table, version="7.4").firewall
    assert firewall is not None
    assert [hole.service for hole in firewall.holes] == ["any"]


@pytest.mark.parametrize(
    ("settings", "unread"),
    [
        ({"srcaddr": "nowhere"}, "firewall policy 1: srcaddr nowhere is not explained"),
        ({"srcaddr": "office nowhere"}, "firewall policy 1: srcaddr nowhere is not explained"),
        ({"srcintf": "port77"}, "firewall policy 1: srcintf port77 is not explained"),
        ({"srcintf": "port77", "status": "disable"}, None),
        ({"srcintf": "port77", "action": "deny"}, None),
        ({"srcintf": "lan", "srcaddr": "nowhere"}, None),
        ({"srcintf": "ssl.root"}, None),
        ({"srcaddr": "office"}, None),
        ({"srcaddr": "none"}, None),
    ],
)
def test_a_name_that_nothing_explains_is_not_read(
    settings: dict[str, str], unread: str | None
) -> None:
    found = read(policy(1, **settings)).unread.get(Topic.FIREWALL, ())
    assert found == ((unread,) if unread else ())


def test_names_of_other_tables_are_explained() -> None:
    more = (
        section("system external-resource", entry("blocklist"))
        + section("system zone", entry("inside", interface="lan"))
        + section("system vdom-link", entry("link"))
    )
    found = read(
        policy(1, srcaddr="blocklist"),
        policy(2, srcintf="inside"),
        policy(3, srcintf="link0"),
        more=more,
    )
    assert Topic.FIREWALL not in found.unread

"""MikroTik RouterOS: what its firewall lets in."""

from __future__ import annotations

import pytest

from assessor.devices.device import (
    Firewall,
    Policy,
    Reach,
    Topic,
)
from tests.unit.devices.routeros_support import (
    CLOSED,
    device,
    filters,
    firewall,
    service,
)

# --- firewall -----------------------------------------------------------------------------------


def policies(found: Firewall) -> tuple[str, str]:
    return found.to_device["ipv4"].value, found.forwarded["ipv4"].value


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ((), ("allowed", "allowed")),
        (("action=drop chain=input in-interface-list=WAN",), ("denied", "allowed")),
        (("action=drop chain=input in-interface-list=!LAN",), ("denied", "allowed")),
        (("action=drop chain=input in-interface=ether1",), ("denied", "allowed")),
        (("action=drop chain=input in-interface=ether2",), ("allowed", "allowed")),
        (("action=drop chain=input in-interface=all-ethernet",), ("denied", "allowed")),
        (("action=drop chain=input disabled=yes",), ("allowed", "allowed")),
        (("action=reject chain=input reject-with=icmp-admin-prohibited",), ("denied", "allowed")),
        (("action=drop chain=forward in-interface-list=WAN",), ("allowed", "denied")),
        (("action=drop chain=forward connection-nat-state=!dstnat",), ("allowed", "denied")),
        (("action=drop chain=forward connection-state=new",), ("allowed", "denied")),
        (
            ("action=drop chain=forward connection-state=!established,related",),
            ("allowed", "denied"),
        ),
        (("action=drop chain=input connection-state=invalid",), ("allowed", "allowed")),
        # What comes first counts.
        (("action=accept chain=input", "action=drop chain=input"), ("allowed", "allowed")),
        (("chain=input", "action=drop chain=input"), ("allowed", "allowed")),
        (("action=log chain=input", "action=drop chain=input"), ("denied", "allowed")),
        (
            ("action=accept chain=input src-address=192.168.88.0/24", "action=drop chain=input"),
            ("denied", "allowed"),
        ),
        (
            ("action=accept chain=input in-interface-list=LAN", "action=drop chain=input"),
            ("denied", "allowed"),
        ),
        # Only some of it is dropped.
        (("action=drop chain=input dst-port=22,23,80 protocol=tcp",), ("allowed", "allowed")),
        (("action=drop chain=input src-address-list=bad",), ("allowed", "allowed")),
        (("action=drop chain=input limit=10,5:packet",), ("allowed", "allowed")),
        (("action=drop chain=input protocol=!icmp",), ("allowed", "allowed")),
        # Chains of one's own.
        (("action=jump chain=input jump-target=x", "action=drop chain=x"), ("denied", "allowed")),
        (
            (
                "action=jump chain=input jump-target=x in-interface=ether1",
                "action=return chain=x",
                "action=drop chain=x",
            ),
            ("allowed", "allowed"),
        ),
        (
            (
                "action=jump chain=input jump-target=x protocol=tcp",
                "action=drop chain=x",
            ),
            ("allowed", "allowed"),
        ),
        (
            (
                "action=jump chain=input jump-target=x",
                "action=jump chain=x jump-target=y",
                "action=drop chain=y",
            ),
            ("denied", "allowed"),
        ),
        # Fasttrack lets in nothing new, and ends nothing.
        (
            (
                "action=fasttrack-connection chain=forward connection-state=established,related",
                "action=drop chain=forward",
            ),
            ("allowed", "denied"),
        ),
        (
            ("action=accept chain=forward ipsec-policy=in,ipsec", "action=drop chain=forward"),
            ("allowed", "denied"),
        ),
        (
            ("action=accept chain=forward out-interface-list=WAN", "action=drop chain=forward"),
            ("allowed", "denied"),
        ),
        (("action=drop chain=forward out-interface=bridge",), ("allowed", "denied")),
    ],
)
def test_the_order_of_rules(rules: tuple[str, ...], expected: tuple[str, str]) -> None:
    found = device(filters(*rules))
    assert found.firewall is not None
    assert policies(found.firewall) == expected
    assert found.firewall.holes == ()
    assert found.unread == {}


@pytest.mark.parametrize(
    ("rule", "hole"),
    [
        ("dst-port=443 protocol=tcp", ("device", "tcp/443", ())),
        ("dst-port=500,4500 protocol=udp", ("device", "udp/500,4500", ())),
        ("protocol=gre", ("device", "gre", ())),
        ("protocol=47", ("device", "gre", ())),
        ("protocol=tcp", ("device", "any", ())),
        ("protocol=udp src-port=53", ("device", "any", ())),
        ("protocol=udp port=33434-33534", ("device", "any", ())),
        ("limit=10,5:packet", ("device", "any", ())),
        ("time=8h-18h,mon", ("device", "any", ())),
        ("src-address=203.0.113.7", ("device", "any", ("203.0.113.7",))),
        ("src-address=203.0.113.1-203.0.113.9", ("device", "any", ("203.0.113.1-203.0.113.9",))),
        ("src-address-list=office", ("device", "any", ("198.51.100.0/28", "h.example"))),
        ("src-address-list=knocked", ("device", "any", ("list knocked",))),
        (
            "dst-port=22 protocol=tcp src-address-list=office",
            ("device", "tcp/22", ("198.51.100.0/28", "h.example")),
        ),
    ],
)
def test_what_a_rule_lets_in(rule: str, hole: tuple[str, str, tuple[str, ...]]) -> None:
    found = firewall(
        "/ip firewall address-list add address=198.51.100.0/28 list=office",
        "/ip firewall address-list add address=h.example list=office",
        "/ip firewall address-list add address=10.0.0.0/8 list=own",
        "/ip firewall address-list add address=203.0.113.99 disabled=yes list=own",
        filters(
            "action=add-src-to-address-list address-list=knocked chain=input protocol=tcp",
            f'action=accept chain=input comment="let in" {rule}',
            "action=drop chain=input",
        ),
    )
    assert found.to_device["ipv4"] is Policy.DENIED
    assert [(one.to, one.service, one.sources) for one in found.holes] == [hole]
    assert found.holes[0].rule == "let in"
    assert found.holes[0].wide is (hole[1] == "any" and not hole[2])


@pytest.mark.parametrize(
    "rule",
    [
        "protocol=icmp",
        "in-interface=bridge",
        "in-interface-list=LAN dst-port=53 protocol=udp",
        "src-address=10.0.0.0/8",
        "src-address-list=own",
        "src-address-list=nothing",
        "dst-address=127.0.0.1",
        "dst-address=224.0.0.0/4 protocol=igmp",
        "dst-address=192.168.88.1",
        "src-address-type=local",
        "dst-address-type=!local",
        "connection-state=established,related",
        "connection-nat-state=dstnat",
        "ipsec-policy=in,ipsec",
        "in-bridge-port=ether5",
        "in-interface-list=none",
    ],
)
def test_what_lets_nobody_in_from_outside(rule: str) -> None:
    found = firewall(
        "/ip firewall address-list add address=10.0.0.0/8 list=own",
        filters(f"action=accept chain=input {rule}", "action=drop chain=input"),
    )
    assert found.to_device["ipv4"] is Policy.DENIED
    assert found.holes == ()


@pytest.mark.parametrize(
    "rule",
    [
        "connection-mark=x",
        "content=x",
        "layer7-protocol=x",
        "src-mac-address=AA:BB:CC:DD:EE:FF",
        "routing-mark=x",
        "protocol=warp",
        "connection-state=known",
        "dst-port=http protocol=tcp",
        "src-address=everywhere",
        "in-interface-list=unheard-of",
        "ipsec-policy=out",
        "odd-matcher=1",
    ],
)
def test_what_nobody_can_tell_never_passes(rule: str) -> None:
    found = device(filters(f"action=accept chain=input {rule}", "action=drop chain=input"))
    assert Topic.FIREWALL in found.unread
    assert service(found, "ssh").reach in (Reach.UNKNOWN, Reach.ANYWHERE)


@pytest.mark.parametrize("action", ["teleport", "drop-it", "acccept"])
def test_an_action_that_nobody_knows_never_passes(action: str) -> None:
    found = device(filters(f"action={action} chain=input"), CLOSED)
    assert Topic.FIREWALL in found.unread


def test_all_but_a_few_are_dropped() -> None:
    found = device(
        "/ip firewall address-list add address=203.0.113.7 list=friends",
        filters(
            "action=drop chain=input in-interface=ether1 src-address-list=!friends",
            "action=drop chain=input dst-port=22 protocol=tcp in-interface=ether1",
        ),
    )
    assert found.firewall is not None
    assert found.firewall.to_device["ipv4"] is Policy.DENIED
    assert [one.sources for one in found.firewall.holes] == [("203.0.113.7",)]
    assert service(found, "winbox").reach is Reach.NAMED
    assert service(found, "ssh").reach is Reach.INSIDE


def test_raw_comes_first() -> None:
    dropped = firewall("/ip firewall raw add action=drop chain=prerouting in-interface=ether1")
    assert policies(dropped) == ("denied", "denied")
    only_web = device(
        "/ip firewall raw add action=accept chain=prerouting dst-port=443 protocol=tcp",
        "/ip firewall raw add action=drop chain=prerouting in-interface-list=WAN",
    )
    assert only_web.firewall is not None
    assert {one.service for one in only_web.firewall.holes} == {"tcp/443"}
    assert service(only_web, "ssh").reach is Reach.INSIDE
    untracked = firewall(
        "/ip firewall raw add action=notrack chain=prerouting dst-port=5000 protocol=udp", CLOSED
    )
    assert {(one.to, one.service) for one in untracked.holes} >= {("device", "udp/5000")}
    off = firewall("/ip firewall connection tracking set enabled=no", CLOSED)
    assert policies(off) == ("allowed", "allowed")


def test_lists_of_lists() -> None:
    lines = (
        "/interface list add include=LAN,VPN name=TRUSTED\n"
        "/interface list add exclude=WAN include=all name=INNER\n"
    )
    for wanted in ("!TRUSTED", "!INNER"):
        found = firewall(lines, filters(f"action=drop chain=input in-interface-list={wanted}"))
        assert found.to_device["ipv4"] is (
            # VPN has no members and no entry: nobody can tell.
            Policy.ALLOWED if wanted == "!TRUSTED" else Policy.DENIED
        )
    lines += "/interface list add name=VPN\n"
    found = firewall(lines, filters("action=drop chain=input in-interface-list=!TRUSTED"))
    assert found.to_device["ipv4"] is Policy.DENIED
    loop = "/interface list add include=B name=A\n/interface list add include=A name=B\n"
    assert device(loop, filters("action=accept chain=input in-interface-list=A"), CLOSED).unread


def test_ipv6_is_a_firewall_of_its_own() -> None:
    assert firewall(CLOSED).to_device["ipv6"] is Policy.OFF
    speaking = "/ipv6 dhcp-client add interface=ether1 pool-name=p request=prefix"
    assert firewall(CLOSED, speaking).to_device["ipv6"] is Policy.ALLOWED
    closed = CLOSED.replace("/ip firewall", "/ipv6 firewall")
    found = firewall(CLOSED, speaking, closed)
    assert found.to_device["ipv6"] is found.forwarded["ipv6"] is Policy.DENIED
    off = firewall(CLOSED, speaking, "/ipv6 settings set disable-ipv6=yes")
    assert off.to_device["ipv6"] is Policy.OFF
    link_local = "/ipv6 address add address=fe80::1/64 interface=bridge"
    assert firewall(CLOSED, link_local).to_device["ipv6"] is Policy.OFF
    open_ssh = device(CLOSED, speaking)
    assert service(open_ssh, "ssh").reach is Reach.ANYWHERE


def test_port_forwards() -> None:
    forwards = (
        "/ip firewall nat add action=dst-nat chain=dstnat {} to-addresses=192.168.88.9 comment=x"
    )

    def holes(rule: str, *more: str) -> list[tuple[str, str, tuple[str, ...]]]:
        found = firewall(CLOSED, forwards.format(rule), *more)
        return [(one.to, one.service, one.sources) for one in found.holes]

    web = ("192.168.88.9", "tcp/443", ())
    assert holes("dst-port=443 protocol=tcp in-interface=ether1") == [web]
    assert holes("dst-port=443 protocol=tcp in-interface-list=WAN to-ports=8443") == [web]
    assert holes("dst-port=443 protocol=tcp dst-address-type=local") == [web]
    assert holes("dst-port=443 protocol=tcp dst-address=198.51.100.1") == [web]
    assert holes("in-interface=ether1") == [("192.168.88.9", "any", ())]
    named = ("192.168.88.9", "tcp/443", ("203.0.113.4",))
    assert holes("dst-port=443 protocol=tcp src-address=203.0.113.4") == [named]
    assert holes("dst-port=443 protocol=tcp in-interface=bridge") == []
    assert holes("dst-port=443 protocol=tcp dst-address=192.168.88.1") == []
    assert holes("dst-port=443 protocol=tcp disabled=yes") == []
    assert holes("dst-port=443 protocol=tcp", "/ip settings set ip-forward=no") == []
    strict = CLOSED.replace("connection-nat-state=!dstnat ", "")
    nat = forwards.format("dst-port=443 protocol=tcp in-interface=ether1 to-ports=8443")
    assert firewall(strict, nat).holes == ()
    allowed = (
        "action=accept chain=forward dst-address=192.168.88.9 dst-port=8443 protocol=tcp",
        "action=accept chain=forward dst-address=192.168.88.8",
        "action=drop chain=forward",
    )
    through = firewall(nat, filters("action=drop chain=input", *allowed))
    assert ("192.168.88.9", "tcp/443") in {(one.to, one.service) for one in through.holes}
    redirect = (
        "/ip firewall nat add action=redirect chain=dstnat dst-port=2222 protocol=tcp to-ports=22"
    )
    assert firewall(CLOSED, redirect).holes == ()
    opened = filters(
        "action=accept chain=input dst-port=22 protocol=tcp", "action=drop chain=input"
    )
    assert ("device", "tcp/2222") in {
        (one.to, one.service) for one in firewall(opened, redirect).holes
    }


def test_a_switch_that_routes_by_itself_passes_the_firewall_by() -> None:
    switch = "/interface ethernet switch set 0 l3-hw-offloading=yes"
    port = "/interface ethernet switch port set ether1 l3-hw-offloading=no"
    assert Topic.FIREWALL in device(CLOSED, switch).unread
    assert device(CLOSED, switch, port).unread == {}


def test_rules_without_end_are_given_up() -> None:
    rules = filters(
        *[f"action=jump chain=c{n} jump-target=c{n + 1}" for n in range(12) for _ in range(6)],
        "action=jump chain=input jump-target=c0",
        "action=jump chain=loop jump-target=loop",
    )
    found = device(rules, CLOSED)
    assert Topic.FIREWALL in found.unread

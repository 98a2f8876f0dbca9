"""pfSense's parser, and the grammar, rules and history that OPNsense shares with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from assessor.devices.answers import FILE, joined
from assessor.devices.device import Device, Hole, Policy, Reach, Storage, Topic
from assessor.devices.pfsense.addresses import ranges
from assessor.devices.pfsense.grammar import Unread, check, flag, on, parse, printable, text
from assessor.devices.pfsense.history import QUESTION as HISTORY
from assessor.devices.pfsense.history import moment
from assessor.devices.pfsense.ports import Ports, read_ports
from assessor.devices.pfsense.reading import CONFIGURATION, VERSION, read
from assessor.devices.pfsense.segments import GUEST
from assessor.devices.reading import read_device
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs
from tests.devices.cases import HERE, REDACTOR, Case, cases, judged
from tests.growth import LINEAR, growth

GOOD = next(case for case in cases(DeviceOs.PFSENSE) if case.folder.name == "good")
BASE = """<pfsense>
  <version>23.3</version>
  <system>
    <hostname>gw</hostname>
    <user><name>admin</name><uid>0</uid><bcrypt-hash>$2y$[secret:00112233445566aa:20-or-more]</bcrypt-hash></user>
    <webgui><protocol>https</protocol></webgui>
    <ssh><enable>enabled</enable></ssh>
    {system}
  </system>
  <interfaces>
    <wan><enable/><if>em0</if><ipaddr>dhcp</ipaddr>{wan}</wan>
    <lan><enable/><if>em1</if><ipaddr>192.168.1.1</ipaddr><subnet>24</subnet></lan>
    <opt1><enable/><if>em2</if><descr>Gasten</descr><ipaddr>192.168.2.1</ipaddr><subnet>24</subnet></opt1>
    {interfaces}
  </interfaces>
  <nat>{nat}</nat>
  <filter>{rules}</filter>
  {more}
</pfsense>"""
ANY = "<source><any/></source><destination><any/></destination>"


def device(**parts: str) -> Device:
    """The device of a small configuration with ``parts`` in it."""
    names = ("system", "wan", "interfaces", "nat", "rules", "more")
    return read({FILE: BASE.format(**{name: parts.get(name, "") for name in names})})


def rule(
    interface: str,
    *,
    type: str = "pass",  # noqa: A002 - as the configuration has it
    source: str = "<any/>",
    destination: str = "<any/>",
    more: str = "",
) -> str:
    """A rule of ``<filter>``."""
    return (
        f"<rule><type>{type}</type><interface>{interface}</interface><ipprotocol>inet</ipprotocol>"
        f"<source>{source}</source><destination>{destination}</destination>{more}</rule>"
    )


def holes(found: Device) -> list[tuple[str, str, tuple[str, ...]]]:
    """What is open, in short."""
    assert found.firewall is not None
    return [(hole.to, hole.service, hole.sources) for hole in found.firewall.holes]


def reach(found: Device, name: str) -> Reach:
    """From where a service can be reached."""
    return next(each.reach for each in found.services or () if each.name == name)


def apart(found: Device, name: str) -> bool | None:
    """Whether a network is kept from the others."""
    return next(each.isolated for each in found.segments or () if each.name == name)


class TestGrammar:
    @pytest.mark.parametrize(
        "said",
        [
            "",
            "pfsense",
            "<pfsense>",
            "<pfsense><a></pfsense>",
            "<opnsense/>",
            '<!DOCTYPE pfsense [<!ENTITY a "b">]><pfsense>&a;</pfsense>',
            '<!doctype pfsense SYSTEM "http://192.0.2.1/x.dtd"><pfsense/>',
            "<pfsense>&undefined;</pfsense>",
            "<pfsense>" + "<a>" * 400 + "</a>" * 400 + "</pfsense>",
            "<pfsense>\x01</pfsense>",
        ],
    )
    def test_what_is_no_configuration_is_refused(self, said: str) -> None:
        with pytest.raises(UnparsedError):
            parse(said, "pfsense")

    def test_declaration_byte_order_mark_and_cdata(self) -> None:
        root = parse(
            '\ufeff<?xml version="1.0" encoding="iso-8859-1"?>\n<pfsense><a><![CDATA[x < y]]></a>'
            "<b>caf\u00e9 &amp; bar</b><!-- c --></pfsense>",
            "pfsense",
        )

        assert text(root, "a") == "x < y"
        assert text(root, "b") == "caf\u00e9 & bar"
        assert text(root, "c", "d") == ""

    def test_flags(self) -> None:
        root = parse("<p><a/><b>0</b><c>1</c><d>no</d><e>yes</e></p>", "p")

        assert [flag(root, name) for name in "abcdef"] == [True, False, True, False, True, False]
        assert [on(root, name) for name in "abcdef"] == [False, False, True, False, True, False]
        assert on(root, "a", default=True)

    def test_unread_lines_are_short_few_and_printable(self) -> None:
        unread = Unread()
        for number in range(9):
            unread.add(f"{number}\n\x1b[2J\u202e" + "x" * 500, Topic.WIFI)

        lines = unread.frozen()[Topic.WIFI]

        assert len(lines) == 5
        assert all(len(line) <= 120 and line.isprintable() for line in lines)
        assert printable("a\tb\n c") == "a b c"

    def test_a_name_that_is_there_twice_is_not_understood(self) -> None:
        unread = Unread()

        check(parse("<r><a/><a/><b/></r>", "r"), (frozenset("ab"),), unread, Topic.VPN)

        assert unread.frozen() == {Topic.VPN: ("<r> <a> more than once",)}


class TestAddresses:
    def test_ranges(self) -> None:
        assert ranges("10.0.0.0/30") == ((4, 167772160, 167772163),)
        assert ranges("10.0.0.1-10.0.0.3") == ((4, 167772161, 167772163),)
        assert ranges("2001:db8::1") == ((6, 0x20010DB8 << 96 | 1, 0x20010DB8 << 96 | 1),)
        assert ranges("10.0.0.9-10.0.0.1") is None
        assert ranges("999.1.1.1") is None
        assert ranges("mail") is None

    def test_ports(self) -> None:
        unread = Unread()

        assert read_ports("", {}, unread) == Ports()
        assert read_ports("any", {}, unread).all
        assert read_ports("1-65535", {}, unread).all
        assert read_ports("443", {}, unread).spans == ((443, 443),)
        assert read_ports("8000:8010", {}, unread).touches(8005)
        assert read_ports("https", {}, unread).covers(443)
        assert not unread.frozen()
        assert read_ports("nope", {}, unread).unsure
        assert unread.frozen()[Topic.FIREWALL] == ("<port> nope",)

    @pytest.mark.parametrize(
        ("name", "guest"),
        [("GUEST", True), ("Gasten", True), ("WLAN_gast", True), ("Bezoek", True), ("IoT", False),
         ("Gastro", False), ("public", True), ("publicaties", False), ("LAN", False)],
    )  # fmt: skip
    def test_names_of_networks_for_guests(self, name: str, guest: bool) -> None:
        assert bool(GUEST.search(name)) is guest


class TestFirewall:
    def test_what_no_rule_lets_in_is_refused(self) -> None:
        found = device()

        assert found.firewall is not None
        assert found.firewall.to_device == {"ipv4": Policy.DENIED, "ipv6": Policy.OFF}
        assert found.firewall.forwarded == found.firewall.to_device
        assert found.firewall.outside == ("WAN",)
        assert holes(found) == []
        assert reach(found, "https") is Reach.INSIDE
        assert not found.unread

    @pytest.mark.parametrize(
        ("system", "wan", "policy"),
        [
            ("<ipv6allow/>", "<ipaddrv6>dhcp6</ipaddrv6>", Policy.DENIED),
            ("", "<ipaddrv6>dhcp6</ipaddrv6>", Policy.OFF),
            ("<ipv6allow/>", "", Policy.OFF),
            ("<ipv6allow/><disablefilter>yes</disablefilter>", "<ipaddrv6>slaac</ipaddrv6>",
             Policy.ALLOWED),
        ],
    )  # fmt: skip
    def test_ipv6(self, system: str, wan: str, policy: Policy) -> None:
        found = device(system=system, wan=wan)

        assert found.firewall is not None
        assert found.firewall.to_device["ipv6"] is policy

    def test_an_address_that_cannot_be_read_leaves_the_firewall_unread(self) -> None:
        found = device(interfaces="<opt2><enable/><if>em3</if><ipaddr>carrier</ipaddr></opt2>")

        assert found.unread[Topic.FIREWALL] == ("<opt2> <ipaddr> carrier",)

    def test_no_outer_side_that_can_be_told(self) -> None:
        found = read({FILE: BASE.format(system="", wan="", interfaces="", nat="", rules="", more="")
                      .replace("<wan><enable/>", "<wan>")})  # fmt: skip

        assert found.firewall is not None
        assert set(found.firewall.to_device.values()) == {Policy.UNKNOWN}
        assert reach(found, "https") is Reach.UNKNOWN

    @pytest.mark.parametrize(
        ("rules", "expected"),
        [
            (rule("wan"), [("any", "any", ())]),
            (rule("wan", more="<disabled/>"), []),
            (rule("wan", more="<protocol>tcp</protocol>"), [("any", "any", ())]),
            (rule("wan", more="<protocol>icmp</protocol>"), [("any", "icmp", ())]),
            (rule("lan"), []),
            # The type may be left out: then it lets through.
            ("<rule><interface>wan</interface>" + ANY + "</rule>", [("any", "any", ())]),
            # A block before it takes all; one behind it nothing.
            (rule("wan", type="block") + rule("wan"), []),
            (rule("wan", type="reject") + rule("wan"), []),
            (rule("wan") + rule("wan", type="block"), [("any", "any", ())]),
            # ... one that matches less does not.
            (rule("wan", type="block", more="<protocol>tcp</protocol>") + rule("wan"),
             [("any", "any", ())]),
            (rule("wan", type="block", source="<address>192.0.2.1</address>") + rule("wan"),
             [("any", "any", ())]),
            (rule("wan", type="block", more="<sched>nacht</sched>") + rule("wan"),
             [("any", "any", ())]),
            # Floating rules come first, but decide only if they are quick.
            (rule("wan") + rule("wan", type="block", more="<floating>yes</floating>"
                                "<direction>in</direction><quick>yes</quick>"), []),
            (rule("wan") + rule("wan", type="block", more="<floating>yes</floating>"
                                "<direction>in</direction>"), [("any", "any", ())]),
            (rule("", more="<floating>yes</floating><direction>any</direction>")
             + rule("wan", type="block"), []),
            (rule("wan", more="<floating>yes</floating><direction>out</direction>"), []),
            (rule("", more="<floating>yes</floating><direction>any</direction><quick>yes</quick>"),
             [("any", "any", ())]),
            # What is not everybody.
            (rule("wan", source="<address>198.51.100.0/24</address>"),
             [("any", "any", ("198.51.100.0/24",))]),
            (rule("wan", source="<address>128.0.0.0/1</address>"), [("any", "any", ())]),
            (rule("wan", source="<not/><address>192.0.2.1</address>"), [("any", "any", ())]),
            (rule("wan", destination="<network>(self)</network><port>22</port>",
                  more="<protocol>tcp</protocol>"), [("device", "tcp/22", ())]),
            (rule("wan", destination="<any/><port>1-65535</port>",
                  more="<protocol>tcp/udp</protocol>"), [("any", "any", ())]),
        ],
    )  # fmt: skip
    def test_order_and_meaning_of_rules(
        self, rules: str, expected: list[tuple[str, str, tuple[str, ...]]]
    ) -> None:
        found = device(rules=rules)

        assert holes(found) == expected
        assert not found.unread

    def test_countries_and_lists_from_elsewhere(self) -> None:
        aliases = (
            "<aliases><alias><name>NL</name><type>geoip</type><address>NL</address></alias>"
            "<alias><name>Bewaker</name><type>urltable</type><address>https://x</address></alias>"
            "<alias><name>Huis</name><type>host</type><address>thuis.example</address></alias>"
            "<alias><name>Kring</name><type>network</type><address>Kring 1.2.3.4</address></alias>"
            "</aliases>"
        )
        rules = "".join(
            rule("wan", source=f"<address>{name}</address>")
            for name in ("NL", "Bewaker", "Huis", "Kring")
        )

        found = device(rules=rules, more=aliases)

        assert [sources for _, _, sources in holes(found)] == [
            (), ("Bewaker",), ("Huis",), ("Kring",)
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "more",
        [
            "<protocol>quic</protocol>",
            "<sniff>yes</sniff>",
            "<direction>sideways</direction><floating>yes</floating>",
            "<type>tarpit</type>",
        ],
    )
    def test_what_is_not_known_of_a_rule_is_told(self, more: str) -> None:
        assert device(rules=rule("wan", more=more)).unread[Topic.FIREWALL]

    def test_behind_a_rule_that_is_not_understood_nothing_is_sure(self) -> None:
        found = device(rules=rule("wan", type="tarpit") + rule("wan"))

        assert holes(found) == []
        assert reach(found, "https") is Reach.UNKNOWN
        assert found.unread[Topic.FIREWALL]

    def test_names_that_nothing_defines_are_told(self) -> None:
        found = device(
            rules=rule("wan", source="<address>Niemand</address>")
            + rule("opt9")
            + rule("wan", destination="<network>opt9ip</network>")
        )

        assert len(found.unread[Topic.FIREWALL]) == 3

    def test_port_forwards(self) -> None:
        forward = (
            "<rule><interface>wan</interface><protocol>tcp</protocol><source><any/></source>"
            "<destination><network>wanip</network><port>{0}</port></destination><target>{1}</target>"
            "<local-port>{0}</local-port><descr>{0}</descr>{2}</rule>"
        )

        found = device(
            nat=forward.format(80, "192.168.1.8", "<associated-rule-id>pass</associated-rule-id>")
            + forward.format(81, "192.168.1.8", "<associated-rule-id/>")
            + forward.format(82, "192.168.1.8", "<disabled/>"
                             "<associated-rule-id>pass</associated-rule-id>")
            + forward.format(83, "192.168.1.8", "<nordr/>"
                             "<associated-rule-id>pass</associated-rule-id>")
            + forward.format(443, "127.0.0.1", "<associated-rule-id>pass</associated-rule-id>")
        )  # fmt: skip

        assert holes(found) == [("192.168.1.8", "tcp/80", ()), ("127.0.0.1", "tcp/443", ())]
        # The last leads to the device's own pages.
        assert reach(found, "https") is Reach.ANYWHERE
        assert reach(found, "ssh") is Reach.INSIDE

    @pytest.mark.parametrize(
        ("rules", "expected"),
        [
            (rule("wan", destination="<network>wanip</network><port>443</port>",
                  more="<protocol>tcp</protocol>"), Reach.ANYWHERE),
            (rule("wan", destination="<network>wanip</network><port>443</port>",
                  more="<protocol>udp</protocol>"), Reach.INSIDE),
            (rule("wan", destination="<network>wanip</network><port>444</port>",
                  more="<protocol>tcp</protocol>"), Reach.INSIDE),
            (rule("wan", destination="<any/><port>400-500</port>",
                  more="<protocol>tcp</protocol>"), Reach.ANYWHERE),
            (rule("wan", source="<address>192.0.2.7</address>"), Reach.NAMED),
            (rule("wan", type="block", destination="<network>(self)</network>")
             + rule("wan"), Reach.INSIDE),
            (rule("wan", type="block", destination="<network>wanip</network><port>443</port>",
                  more="<protocol>tcp</protocol>") + rule("wan"), Reach.INSIDE),
            (rule("wan", destination="<address>192.168.1.9</address>"), Reach.INSIDE),
            (rule("wan", destination="<address>192.168.1.1</address>"), Reach.ANYWHERE),
            # An address that the provider may have given to the device, or not.
            (rule("wan", destination="<address>198.51.100.4</address>"), Reach.UNKNOWN),
        ],
    )  # fmt: skip
    def test_reach_of_the_pages(self, rules: str, expected: Reach) -> None:
        assert reach(device(rules=rules), "https") is expected

    def test_antilockout_opens_the_outer_side_of_a_device_with_one_interface(self) -> None:
        alone = BASE.format(system="", wan="", interfaces="", nat="", rules="", more="")
        for key in ("lan", "opt1"):
            alone = alone.replace(f"<{key}><enable/>", f"<{key}>")

        assert reach(read({FILE: alone}), "https") is Reach.ANYWHERE
        assert reach(read({FILE: alone.replace(
            "<protocol>https</protocol>", "<protocol>https</protocol><noantilockout/>"
        )}), "https") is Reach.INSIDE  # fmt: skip


LAN_OUT = rule("lan", source="<network>lan</network>")


class TestSegments:
    @pytest.mark.parametrize(
        ("rules", "expected"),
        [
            ("", True),
            (rule("opt1"), False),
            (rule("opt1", destination="<network>lan</network>"), False),
            (rule("opt1", destination="<network>lan</network><not/>"), True),
            (rule("opt1", type="block", destination="<network>lan</network>") + rule("opt1"), True),
            (rule("opt1") + rule("opt1", type="block", destination="<network>lan</network>"),
             False),
            (rule("opt1", type="block", destination="<address>192.168.0.0/16</address>")
             + rule("opt1"), True),
            (rule("opt1", type="block", destination="<address>192.168.1.0/25</address>")
             + rule("opt1"), False),
            (rule("opt1", type="block", destination="<network>lan</network>",
                  more="<protocol>tcp</protocol>") + rule("opt1"), False),
            (rule("opt1", destination="<not/><address>10.0.0.0/8</address>"), False),
            (rule("opt1", destination="<not/><address>192.168.0.0/16</address>"), True),
            # A printer is an exception, a whole machine is none.
            (rule("opt1", destination="<address>192.168.1.9</address><port>631</port>",
                  more="<protocol>tcp</protocol>"), True),
            (rule("opt1", destination="<address>192.168.1.9</address>"), False),
            (rule("opt1", destination="<any/><port>443</port>",
                  more="<protocol>tcp</protocol>"), False),
            # Sent to a gateway of its own: who knows whether that sends it back.
            (rule("opt1", more="<gateway>VPNGW</gateway>"), None),
            (rule("opt1", destination="<address>Onbekend</address>"), None),
            (rule("opt1", type="tarpit") + rule("opt1"), None),
        ],
    )  # fmt: skip
    def test_whether_guests_reach_the_others(self, rules: str, expected: bool | None) -> None:
        assert apart(device(rules=LAN_OUT + rules), "Gasten") is expected

    def test_ipv6_counts_too(self) -> None:
        wanting = BASE.format(
            system="<ipv6allow/>",
            wan="<ipaddrv6>dhcp6</ipaddrv6>",
            interfaces="",
            nat="",
            rules=rule("opt1", destination="<not/><address>192.168.0.0/16</address>").replace(
                "<ipprotocol>inet</ipprotocol>", "<ipprotocol>inet46</ipprotocol>"
            ),
            more="",
        )
        six = wanting.replace(
            "<subnet>24</subnet>", "<subnet>24</subnet><ipaddrv6>track6</ipaddrv6>"
        )

        assert apart(read({FILE: wanting}), "Gasten") is True
        assert apart(read({FILE: six}), "Gasten") is False

    def test_a_bridge_joins_networks(self) -> None:
        bridge = "<bridges><bridged><members>lan,opt1</members></bridged></bridges>"

        assert apart(device(more=bridge), "Gasten") is False

    def test_vpns_and_tunnels_are_no_networks_of_their_own(self) -> None:
        found = device(
            interfaces="<opt2><enable/><if>ovpns1</if></opt2><opt3><enable/><if>gif0</if></opt3>",
            rules=rule("opt3"),
        )

        assert [each.name for each in found.segments or ()] == ["LAN", "Gasten"]
        assert found.unread[Topic.FIREWALL] == ("OPT3 (gif0): what lies behind it?",)

    def test_many_rules_and_networks_do_not_hold_up(self) -> None:
        interfaces = "".join(
            f"<opt{n}><enable/><if>em9.{n}</if><ipaddr>10.{n // 250}.{n % 250}.1</ipaddr>"
            f"<subnet>24</subnet></opt{n}>"
            for n in range(2, 60)
        )

        def long(count: int) -> Callable[[], object]:
            rules = "".join(
                rule(f"opt{2 + n % 58}", source=f"<address>10.9.{n % 250}.0/24</address>",
                     type=kind, more=f"<protocol>tcp</protocol>\n<log/>\n<tracker>{n}</tracker>")
                for n in range(count) for kind in ("pass", "block")
            )  # fmt: skip
            floating = "".join(
                rule("", type="block", source=f"<address>10.8.{n}.0/24</address>",
                     more="<floating>yes</floating><direction>in</direction>")
                for n in range(count // 10)
            )  # fmt: skip
            said = BASE.format(system="", wan="", interfaces=interfaces, nat="",
                               rules=rules + floating, more="")  # fmt: skip
            return lambda: read({FILE: said})

        assert growth(long, 300) < LINEAR


class TestAccounts:
    def test_kinds_of_hashes(self) -> None:
        users = "".join(
            f"<user><name>u{number}</name><uid>20{number}</uid><{name}>{said}</{name}></user>"
            for number, (name, said) in enumerate(
                [
                    ("bcrypt-hash", "$2b$10$13u6qwCOwODv34GyCMgdWub6oQF3RX0rG7c3d3X4JvzuEmAXLYDd2"),
                    ("password", "$1$dSJImFph$GvZ7.1UbuWu.Yb8etC0re."),
                    ("password", "$1$[secret:00112233445566bb:20-or-more]"),
                    ("sha512-hash", "$6$[secret:00112233445566cc:20-or-more]"),
                    ("md5-hash", "[secret:00112233445566dd:20-or-more]"),
                    ("bcrypt-hash", "*"),
                ]
            )
        )

        found = device(system=users).accounts

        assert found is not None
        secrets = [each.secret for each in found[1:]]
        assert [each and each.factory for each in secrets] == [
            True, True, False, False, False, None
        ]  # fmt: skip
        assert [each and each.storage for each in secrets] == [
            Storage.HASH, Storage.WEAK_HASH, Storage.WEAK_HASH, Storage.HASH, Storage.WEAK_HASH,
            None,
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("user", "group", "administrator"),
        [
            ("", "", False),
            ("<priv>page-all</priv>", "", True),
            ("<priv>user-shell-access</priv>", "", True),
            ("<priv>page-firewall-rules</priv>", "", True),
            ("<priv>page-dashboard-all</priv><priv>page-status-logs-system</priv>", "", False),
            ("<priv>user-ipsec-xauth-dialin</priv>", "", False),
            ("", "<member>2000</member><priv>page-all</priv>", True),
            ("", "<member>2001</member><priv>page-all</priv>", False),
            ("<priv>page-all</priv><priv>user-config-readonly</priv>", "", False),
        ],
    )
    def test_who_may_change_something(self, user: str, group: str, administrator: bool) -> None:
        found = device(
            system=f"<user><name>a</name><uid>2000</uid>{user}</user>"
            f"<group><name>g</name>{group}</group>"
        )

        assert found.accounts is not None
        assert found.accounts[1].administrator is administrator

    def test_disabled_accounts_and_keys(self) -> None:
        found = device(
            system="<user><name>a</name><uid>2</uid><disabled/>"
            "<authorizedkeys>c3NoLWVkMjU1MTkgQQojIHgKc3NoLXJzYSBCCg==</authorizedkeys></user>"
        )

        assert found.accounts is not None
        assert (found.accounts[1].enabled, found.accounts[1].keys) == (False, 2)


class TestHistory:
    @pytest.mark.parametrize("said", ["", "x", "nan", "inf", "-1", "0", "1e400", "99999999999"])
    def test_what_is_no_moment(self, said: str) -> None:
        assert moment(said) is None

    def test_a_mark_that_changes_tells_the_day(self) -> None:
        def copy(when: int, mark: str) -> str:
            return (
                f"#### config-{when}.xml\n<user>\n<name>admin</name><uid>0</uid>"
                f"<bcrypt-hash>$2y$[secret:{mark}:20-or-more]</bcrypt-hash>\n</user>\n"
                f"<revision>\n<time>{when}</time>\n</revision>\n"
            )

        said = BASE.format(
            system="", wan="", interfaces="", nat="", rules="",
            more="<revision><time>1700000000</time></revision>",
        )  # fmt: skip
        now, before = "00112233445566aa", "ffeeddccbbaa9988"
        history = (
            copy(1690000000, now) + copy(1680000000, now) + copy(1670000000, before)
            + "#### config-1.xml\n<user>\n<name>broken"
        )  # fmt: skip

        found = read({CONFIGURATION: said, VERSION: "2.7.2-RELEASE\n", HISTORY: history})

        assert found.secret_changes == {"account admin": datetime(2023, 3, 28, 10, 40, tzinfo=UTC)}
        assert found.changed_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
        assert found.firmware is not None
        assert found.firmware.version == "2.7.2-RELEASE"
        quiet = read({CONFIGURATION: said, HISTORY: copy(1690000000, now)})
        assert quiet.secret_changes == {}

    def test_the_question_only_reads(self) -> None:
        words = set(HISTORY.replace("$(", " ").split())

        assert words & {"ls", "grep", "sed", "head", "echo"}
        assert not words & {">", ">>", "-i", "tee", "rm", "mv", "cp", "dd", "sh"}
        # It stands in single quotes, so that a csh hands it on as it is.
        assert HISTORY.count("'") == 2
        assert "!" not in HISTORY


def mutated(case: Case, sections: tuple[str, ...]) -> Mapping[str, str]:
    """The case with one name in ``sections`` changed at a time, by what was changed."""
    redacted = case.redacted()
    question, said = redacted.split("\n", 1)
    body, end = said.split("\n==== ", 1)
    root = etree.fromstring(body.split("?>", 1)[-1].encode())
    found: dict[str, str] = {}
    for section in sections:
        for number, each in enumerate(root.findall(section)):
            kept = each.tag
            each.tag = f"zz{kept}"
            changed = etree.tostring(root, encoding="unicode")
            each.tag = kept
            found[f"{section} {number} {kept}"] = f"{question}\n{changed}\n==== {end}"
    return found


SECTIONS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("device_firewall", "firewall"): (
        "filter/rule",
        "filter/rule/*",
        "filter/rule/source/*",
        "filter/rule/destination/*",
        "nat/*",
        "nat/rule/*",
        "aliases/alias/*",
        "interfaces/*/*",
        "filter",
        "nat",
        "aliases",
        "interfaces",
    ),
    ("device_accounts", "access-control"): (
        "system/user",
        "system/user/*",
        "system/group/*",
        "system/webgui/*",
        "snmpd/*",
    ),
    ("device_remote_access", "remote-access"): (
        "system/webgui",
        "system/ssh",
        "system/webgui/*",
        "system/ssh/*",
        "ipsec/phase1/*",
        "ipsec/phase2/*",
        "openvpn/openvpn-server/*",
        "installedpackages/wireguard/tunnels/item/*",
        "ipsec",
        "openvpn",
    ),
    ("device_logging", "access-logging"): ("syslog", "syslog/*", "system/timeservers"),
    ("device_segmentation", "network-segmentation"): ("interfaces/*/*", "filter/rule/*"),
}


@pytest.mark.parametrize(("judgement", "sections"), SECTIONS.items())
def test_no_name_can_change_without_the_verdict(
    judgement: tuple[str, str], sections: tuple[str, ...]
) -> None:
    name, measure = judgement
    assert judged(GOOD, GOOD.redacted())[name][measure][0] == "pass"

    changed = mutated(GOOD, sections)

    assert len(changed) > 2
    passing = [
        what for what, said in changed.items() if judged(GOOD, said)[name][measure][0] == "pass"
    ]
    assert passing == []


class TestWhatever:
    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, 200_000), st.integers(1, 400))
    def test_cuts_never_pass_and_never_break(self, at: int, length: int) -> None:
        redacted = GOOD.redacted()
        start = at % len(redacted)
        cut = redacted[:start] + redacted[start + length :]

        for measures in judged(GOOD, cut).values():
            assert all(outcome for outcome, _ in measures.values())
        try:
            read_device(DeviceOs.PFSENSE, redacted[:start])
        except UnparsedError:
            pass
        else:
            pytest.fail("half an answer was read as a whole one")

    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=300))
    def test_garbage_is_refused(self, said: str) -> None:
        with pytest.raises(UnparsedError):
            read({FILE: said})
        with pytest.raises(UnparsedError):
            read({FILE: f"<pfsense>{said}</pfsense>"})

    @settings(max_examples=60, deadline=None)
    @given(st.text(alphabet="<>/ax0\n &;#-", max_size=200))
    def test_a_broken_history_harms_nothing(self, said: str) -> None:
        body = BASE.format(system="", wan="", interfaces="", nat="", rules="", more="")

        found = read({CONFIGURATION: body, HISTORY: f"#### config-1.xml\n{said}"})

        assert found.secret_changes == {}

    def test_a_file_of_another_system_is_refused(self) -> None:
        other = (HERE / "opnsense" / "good" / "answers" / "01.txt").read_text(encoding="utf-8")

        with pytest.raises(UnparsedError, match="opnsense"):
            read_device(DeviceOs.PFSENSE, REDACTOR.redact(joined([(FILE, other)])).text)


def test_a_hole_says_who_may_come() -> None:
    found = device(
        rules=rule("wan", source="<address>192.0.2.7</address>", more="<descr>d</descr>")
    )

    assert found.firewall is not None
    assert found.firewall.holes == (Hole("ipv4", "any", "any", ("192.0.2.7",), "d"),)


def test_cases_are_where_the_harness_looks() -> None:
    assert {case.folder.name for case in cases(DeviceOs.PFSENSE)} >= {
        "good", "bad", "strange", "no-privilege", "cut", "office",
    }  # fmt: skip
    assert Path(GOOD.folder).is_dir()

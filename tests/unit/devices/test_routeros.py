"""MikroTik RouterOS: its grammar, its answers, and which side is outside."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from assessor.devices.answers import FILE
from assessor.devices.device import (
    Device,
    Policy,
    Reach,
    Storage,
    Topic,
)
from assessor.devices.routeros import prints
from assessor.devices.routeros.export import Export
from assessor.devices.routeros.grammar import parse
from assessor.devices.routeros.reading import (
    ADDRESSES,
    EXPORT,
    HISTORY,
    LOG,
    OLDER_EXPORT,
    PASSWORDS,
    RESOURCE,
    USERS,
    read,
)
from assessor.model.answers import UnparsedError
from tests.unit.devices.routeros_support import (
    BASE,
    CLOSED,
    HEAD,
    INNER,
    RESOURCES,
    device,
    firewall,
    service,
)

# --- grammar ------------------------------------------------------------------------------------


def test_quotes_escapes_and_lines_that_go_on() -> None:
    text = (
        "/interface bridge\n"
        'add comment="a \\"b\\" \\\\ \\C3\\A9\\n\\_c" name=\\\n    bridge1 mtu=15\\\n    00\n'
        'add comment="split wo\\\n    rd" name=b2\n'
    )
    one, two = parse(text).statements
    assert one.values == {"comment": 'a "b" \\ é\n c', "name": "bridge1", "mtu": "1500"}
    assert two.values == {"comment": "split word", "name": "b2"}


def test_all_ways_to_write_a_command() -> None:
    statements = parse(
        "/ip firewall filter\nadd chain=input\n"
        "/ip firewall filter add chain=input\n"
        "/ip/firewall/filter/add chain=input\n"
        "/interface ethernet\nset [ find default-name=ether1 ] name=wan\nset *1 name=x\n"
        "/ip service\nset telnet disabled=yes !address\n"
    ).statements
    assert {(one.path, one.verb) for one in statements[:3]} == {("ip firewall filter", "add")}
    assert all(one.values == {"chain": "input"} for one in statements[:3])
    assert statements[3].find == {"default-name": "ether1"}
    assert statements[4].target == "*1"
    assert (statements[5].target, statements[5].values) == ("telnet", {"disabled": "yes"})


def test_a_name_that_begins_with_a_point_goes_on_with_the_one_before() -> None:
    (one,) = parse(
        "/interface wifi add channel.band=5ghz .width=20 security.ft=yes .wps=no"
    ).statements
    assert one.values == {
        "channel.band": "5ghz",
        "channel.width": "20",
        "security.ft": "yes",
        "security.wps": "no",
    }


def test_what_the_console_puts_in_between_is_no_part_of_an_answer() -> None:
    text = (
        "[admin@gw] > /export terse\n"
        "/ip address add \\\n"
        "17:20:06 echo: system,error,critical login failure for user admin from 192.0.2.1 via ssh\n"
        "    address=10.0.0.1/24 \\\n"
        "2026-11-20 17:20:06 echo: system,info,account user admin logged in\n"
        "    interface=bridge\n"
    )
    (one,) = parse(text).statements
    assert one.values == {"address": "10.0.0.1/24", "interface": "bridge"}


@pytest.mark.parametrize(
    "line",
    [
        "add name=$x",
        "add [ find name=x ",
        "add name=x loose",
        'add name="x"y=z',
        "set [ find where name~1 ] disabled=yes",
        "set [ get 1 ] disabled=yes",
        "print",
        "fly name=x",
        "remove [ find name=x ]",
    ],
)
def test_what_is_no_line_of_an_export_is_unread(line: str) -> None:
    found = device("/ip firewall filter", line, CLOSED)
    assert Topic.FIREWALL in found.unread


def test_scripts_are_unread_for_every_topic() -> None:
    unread = device(':local x "y"', CLOSED, base=BASE.replace("\n", "\n:if (1) do={\n", 1)).unread
    assert set(unread) == set(Topic)


@pytest.mark.parametrize("end", ["/ip dns set servers=\\", '/ip dns set comment="open', "x \\\n"])
def test_a_cut_off_line_is_no_answer(end: str) -> None:
    with pytest.raises(UnparsedError, match="cut off"):
        read({FILE: HEAD + BASE + end})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello\n",
        "config system global\nset hostname x\nend\n",
        "# by RouterOS 7.1\n",
        HEAD + CLOSED,  # the export of one menu only
    ],
)
def test_what_is_no_whole_export_is_no_answer(text: str) -> None:
    with pytest.raises(UnparsedError):
        read({FILE: text})


def test_heads_of_all_kinds() -> None:
    for head, version in (
        ("# jan/02/1970 00:01:02 by RouterOS 6.49.10", "6.49.10"),
        ("# 2026-11-01 12:00:00 by RouterOS 7.24.5", "7.24.5"),
        ("#                   version: 7.18.2 (stable)", "7.18.2"),
        ("#   installed-version: 7.16\n#    version: 7.16 (stable)", "7.16"),
    ):
        export = Export(f"{head}\n# model = RB5009UG+S+\n{BASE}")
        assert export.version == version
        assert export.about["model"] == "RB5009UG+S+"


def test_an_error_of_the_export_is_unread_where_it_belongs() -> None:
    found = device(CLOSED, '#error exporting "/interface/wifi" (timeout)')
    assert set(found.unread) == {Topic.WIFI, Topic.SEGMENTS}
    assert Topic.FIREWALL in device(CLOSED, "#interrupted").unread


def test_unread_lines_are_few_short_and_of_one_line() -> None:
    lines = [
        f'/ip firewall filter add chain=input odd{number}="\\1B[2J\\E2\\80\\AE{"x" * 300}"'
        for number in range(9)
    ]
    for found in device(*lines).unread.values():
        assert len(found) == 5
        assert all(len(line) <= 120 and line.isprintable() for line in found)


# --- answers ------------------------------------------------------------------------------------


def test_entries_of_a_list() -> None:
    found, odd = prints.entries(
        "Flags: X - disabled, I - invalid \n"
        ' 0   ;;; system default user\n     name="admin" group=full address="" \n'
        "     last-logged-in=jul/02/2020 16:18:29 \n\n"
        '12:00:00 echo: system,info x\n 1 XI name="with \\"quotes\\"" address=10.0.0.0/8\n'
        "what is this\n"
    )
    assert [(one.flags, one.comment, one.values["name"]) for one in found] == [
        ("", "system default user", "admin"),
        ("XI", "", 'with "quotes"'),
    ]
    assert odd == ("what is this",)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "\n",
        "not enough permissions (9)",
        "bad command name user (line 1 column 2)",
        "expected end of command (line 1 column 15)",
        "syntax error (line 1 column 7)",
        "input does not match any value of topics",
        "failure: x",
        "[exit 127] not found",
    ],
)
def test_refusals_are_not_empty_answers(said: str) -> None:
    found = read({RESOURCE: RESOURCES, USERS: said, PASSWORDS: said, EXPORT: said})
    assert found.firmware is not None
    assert found.firmware.version == "7.24.5"
    assert dataclasses.replace(found, firmware=None) == Device()


def test_version_6_answers_to_the_other_question() -> None:
    refused = "expected end of command (line 1 column 15)"
    text = (HEAD + BASE + CLOSED).replace("7.24.5", "6.49.22")
    for answers in ({EXPORT: refused, OLDER_EXPORT: text}, {EXPORT: text}, {OLDER_EXPORT: text}):
        found = read({RESOURCE: RESOURCES.replace("7.24.5", "6.49.22"), **answers})
        assert found.firewall is not None
        assert found.firewall.outside == ("ether1",)


def test_accounts_and_their_rights() -> None:
    users = "".join(
        f' {number} {flags} name="{name}" group={group} address={address}\n'
        for number, (flags, name, group, address) in enumerate(
            [
                (" ", "admin", "full", '""'),
                ("X", "old", "write", "10.0.0.0/8,192.0.2.1"),
                (" ", "looks", "read", '""'),
                (" ", "own", "mine", '""'),
                (" ", "other", "unheard-of", '""'),
            ]
        )
    )
    text = HEAD + BASE + '/user group add name=mine policy="ssh,read,write,!policy"\n'
    found = read({RESOURCE: RESOURCES, USERS: users, EXPORT: text})
    assert found.accounts is not None
    assert [(one.name, one.enabled, one.administrator) for one in found.accounts] == [
        ("admin", True, True),
        ("old", False, True),
        ("looks", True, False),
        ("own", True, True),
        ("other", True, None),
    ]
    assert found.accounts[1].sources == ("10.0.0.0/8", "192.0.2.1")
    assert all(one.second_factor is False and not one.empty for one in found.accounts)


@pytest.mark.parametrize(
    ("version", "storage"),
    [("6.44.6", Storage.REVERSIBLE), ("6.45.1", Storage.HASH), ("7.24.5", Storage.HASH)],
)
def test_how_passwords_are_kept_follows_from_the_version(version: str, storage: Storage) -> None:
    users = ' 0 name="admin" group=full address=""\n'
    found = read({RESOURCE: RESOURCES.replace("7.24.5", version), USERS: users})
    assert found.accounts is not None
    assert found.accounts[0].secret is not None
    assert found.accounts[0].secret.storage is storage


def test_newer_software_that_the_device_knows_of() -> None:
    update = "  installed-version: 7.24.5\n  latest-version: {}\n"
    for latest, newer in (("7.24.6", True), ("7.24.5", None), ("", None)):
        found = read(
            {RESOURCE: RESOURCES, "/system package update print": update.format(latest)}
        ).firmware
        assert found is not None
        assert found.newer is newer


def test_when_passwords_were_changed() -> None:
    log = (
        " 2026-10-01 09:00:00 system,info user jan changed by ssh:jan@10.0.0.2"
        ' (/user set jan password="[secret:0123456789abcdef:12-19]")\n'
        " 2026-10-02 09:00:00 system,info user piet changed by jan (/user set piet group=full)\n"
        " 09:00:00 system,info user kees changed (/user set kees password=x)\n"
    )
    history = (
        "Flags: U - undoable\n"
        ' U redo=/interface wifi security set sec passphrase="[secret:0123456789abcdef:12-19]"\n'
        '    undo=/interface wifi security set sec passphrase="" action="item changed" by="jan"\n'
        "    policy=write time=2026-10-05 12:30:00\n"
        " U redo=/ip dns set servers=9.9.9.9 undo=x time=oct/06/2026 10:00:00\n"
    )
    text = (
        HEAD + BASE + "/interface wifi security add name=sec authentication-types=wpa2-psk"
        " passphrase=[secret:0123456789abcdef:12-19]\n"
        "/interface wifi configuration add name=cfg ssid=x security=sec\n"
        "/interface wifi set [ find default-name=wifi1 ] configuration=cfg disabled=no\n"
    )
    answers = {RESOURCE: RESOURCES, LOG: log, HISTORY: history, EXPORT: text}
    found = read({**answers, "/system clock print": "  gmt-offset: +02:00\n"})
    assert found.secret_changes == {
        "account jan": datetime(2026, 10, 1, 7, tzinfo=UTC),
        "wifi wifi1": datetime(2026, 10, 5, 10, 30, tzinfo=UTC),
    }
    assert found.changed_at == datetime(2026, 10, 6, 8, tzinfo=UTC)
    # Without a zone, the latest that it may have been: what is unchanged since is unchanged surely.
    assert read(answers).changed_at == datetime(2026, 10, 6, 22, tzinfo=UTC)
    wrong = {**answers, HISTORY: "U redo=x time=jan/02/1970 00:10:00", LOG: ""}
    assert read(wrong).changed_at is None


FIXED = "/ip address add address=198.51.100.2/30 interface=ether5"
RECURSIVE = """
/ip route add dst-address=0.0.0.0/0 gateway=9.9.9.9
/ip route add dst-address=9.9.9.9/32 gateway=198.51.100.1 scope=10
"""


# --- which side is outside ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "outside"),
    [
        ("/ip dhcp-client add interface=ether1", ("ether1",)),
        ("/ip dhcp-client add disabled=yes interface=ether1", ()),
        ("/ip dhcp-client add add-default-route=no interface=ether1", ()),
        ("/interface pppoe-client add disabled=no interface=ether1 name=p", ("p",)),
        ("/interface pppoe-client add interface=ether1 name=p add-default-route=yes", ()),
        (
            "/interface pppoe-client add add-default-route=yes disabled=no interface=ether1 name=p",
            ("p",),
        ),
        ("/interface lte set [ find default-name=lte1 ] allow-roaming=no", ("lte1",)),
        ("/ip address add address=198.51.100.2/30 interface=ether5", ()),
        (f"{FIXED}\n/ip route add gateway=198.51.100.1", ("ether5",)),
        (f"{FIXED}\n{RECURSIVE}", ("ether5",)),
        ("/ip route add gateway=198.51.100.1%ether3", ("ether3",)),
        ("/ip route add disabled=yes gateway=198.51.100.1%ether3", ()),
        ("/ip route add gateway=198.51.100.1%ether3 type=blackhole", ()),
        (
            "/interface list add name=WAN\n/interface list member add interface=sfp1 list=WAN",
            ("sfp1",),
        ),
        ("/interface list add name=WLAN\n/interface list member add interface=sfp1 list=WLAN", ()),
    ],
)
def test_the_outer_side(lines: str, outside: tuple[str, ...]) -> None:
    base = INNER
    found = firewall(lines, base=base)
    assert set(found.outside) >= set(outside)
    if "add-default-route" not in lines or outside:
        assert found.outside == outside
    if not found.outside:
        assert found.to_device["ipv4"] is Policy.UNKNOWN
        assert found.forwarded["ipv4"] is Policy.UNKNOWN


def test_in_version_6_a_dhcp_client_is_off_unless_it_says_otherwise() -> None:
    lines = (
        INNER
        + "/ip dhcp-client add interface=ether1\n/ip dhcp-client add disabled=no interface=ether2\n"
    )
    old = read({FILE: HEAD.replace("7.24.5", "6.49.10") + lines}).firewall
    new = read({FILE: HEAD + lines}).firewall
    assert old is not None
    assert new is not None
    assert (old.outside, new.outside) == (("ether2",), ("ether1", "ether2"))


def test_an_access_point_behind_a_router_has_no_outside() -> None:
    base = (
        "\n/interface bridge add name=bridge\n"
        "/interface bridge port add bridge=bridge interface=ether1\n"
        "/interface bridge port add bridge=bridge interface=wifi1\n"
        "/ip dhcp-client add interface=bridge\n"
    )
    answers = {RESOURCE: RESOURCES, EXPORT: HEAD + base}
    address = " 0 D address={}/24 network=x interface=bridge actual-interface=bridge\n"
    for leased, reach in (
        ("192.168.1.7", Reach.INSIDE),
        ("198.51.100.7", Reach.UNKNOWN),
    ):
        found = read({**answers, ADDRESSES: address.format(leased)})
        assert found.firewall is not None
        assert found.firewall.outside == ()
        assert service(found, "ssh").reach is reach
    assert service(read(answers), "ssh").reach is Reach.UNKNOWN
    # Where it translates for others, it is their router.
    nat = "/ip firewall nat add action=masquerade chain=srcnat out-interface=bridge\n"
    router = read({**answers, EXPORT: HEAD + base + nat}).firewall
    assert router is not None
    assert router.outside == ("bridge",)

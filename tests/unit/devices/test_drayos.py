"""DrayOS: answers as the maker's guide shows them, and nothing made of others."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.devices.answers import FILE
from assessor.devices.device import Device, Reach, Topic
from assessor.devices.drayos.reading import QUESTIONS, read
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs
from tests.devices.cases import Case, cases, judged

VERSION = "Router Model: Vigor2927Lac    Version: 4.5.2.2 English\nRouter Name: gw\n"
INSIDE = "Current LAN Access Control Setting:\n* Enable:Yes\n  - HTTPS:Yes\n  - TELNET:No\n"
LIST = "%% Access list :\n [Index] [IP Object Index] [IP/CIDR or StartIP ~ EndIP]\n======\n"


def device(**said: str) -> Device:
    names = {
        "rmtcfg": "mngt rmtcfg status",
        "allowed": "mngt accesslist list",
        "inside": "mngt lanaccess -v",
        "portmap": "srv nat portmap table",
        "dmz": "srv nat dmz -v",
    }
    return read({"sys version": VERSION, **{names[key]: text for key, text in said.items()}})


def case(name: str) -> Case:
    return next(each for each in cases(DeviceOs.DRAYOS) if each.folder.name == name)


def reaches(found: Device) -> dict[str, Reach]:
    return {one.name: one.reach for one in found.services or () if one.enabled}


@pytest.mark.parametrize(
    ("rmtcfg", "allowed", "expected"),
    [
        ("Remote configure function has been disabled", LIST, {"https": Reach.INSIDE}),
        (
            "%% Remote configure function has been enabled.",
            LIST,
            {"https": Reach.INSIDE, "remote-management": Reach.ANYWHERE},
        ),
        (
            "%% Remote configure function has been enabled.\n%% HTTPS server has been enabled.",
            LIST,
            {"https": Reach.ANYWHERE},
        ),
        (
            "%% Remote configure function has been enabled.\n%% HTTPS server has been disabled.",
            LIST,
            {"https": Reach.INSIDE},
        ),
        (
            "%% Remote configure function has been enabled.",
            LIST + "  1     3     198.51.100.4/32\n  2     4     2001:db8::1\n",
            {"https": Reach.INSIDE, "remote-management": Reach.NAMED},
        ),
        # The example of the guide: an entry whose object does not exist.
        (
            "%% Remote configure function has been enabled.",
            LIST + "  1     1     Please setting index=1 for IP Object\n",
            {"https": Reach.INSIDE, "remote-management": Reach.UNKNOWN},
        ),
        (
            "%% Remote configure function has been enabled.",
            LIST + "  1     1     0.0.0.0/0\n",
            {"https": Reach.INSIDE, "remote-management": Reach.UNKNOWN},
        ),
        (
            "%% Remote configure function has been enabled.",
            "% Unknown command",
            {"https": Reach.INSIDE, "remote-management": Reach.UNKNOWN},
        ),
        ("iets anders", LIST, {"https": Reach.UNKNOWN}),
    ],
)
def test_from_where_it_is_managed(rmtcfg: str, allowed: str, expected: dict[str, Reach]) -> None:
    assert reaches(device(rmtcfg=rmtcfg, allowed=allowed, inside=INSIDE)) == expected


def test_what_is_not_told_is_unread() -> None:
    found = device()
    assert found.services is None
    assert found.firewall is None
    assert Topic.MANAGEMENT in found.unread


def test_port_redirections_and_hosts() -> None:
    # Both forms: one line an entry, and wrapped as in the guide.
    table = (
        "NAT Port Redirection Configuration Table:\n"
        "Index Service Name  Protocol  Public Port  Private IP  Private Port  ifno\n"
        " 1    web shop      TCP       443          192.168.1.10     443     -1\n"
        " 2    name          UDP       500-510      192.168.1.11              20\n"
        "0     -1\n"
        " 3                  Disabled  0                             0     -2\n"
    )
    hosts = (
        "%     WAN1 DMZ mapping status:\nIndex Status WAN1 aux IP      Private IP\n-----\n"
        "   1   Enable 0.0.0.0 192.168.1.96\n"
    )
    firewall = device(portmap=table, dmz=hosts).firewall
    assert firewall is not None
    assert [(hole.to, hole.service, hole.wide) for hole in firewall.holes] == [
        ("192.168.1.10", "tcp/443", False),
        ("192.168.1.11", "udp/500-510", False),
        ("192.168.1.96", "any", True),
    ]
    assert device(portmap=table + " 4  ??\n").unread[Topic.FIREWALL]


@pytest.mark.parametrize(
    "text", ["", "Router Model: \n", "Version: 4.5.2", "DrayTek> sys version\n"]
)
def test_without_a_version_it_is_no_vigor(text: str) -> None:
    for question in ("sys version", FILE):
        with pytest.raises(UnparsedError):
            read({question: text})


def test_nothing_passes_on_the_little_that_is_read() -> None:
    found = judged(case("good"), case("good").redacted())
    passing = {
        measure
        for measures in found.values()
        for measure, (outcome, _) in measures.items()
        if outcome == "pass"
    }
    assert passing == set()


def test_an_unknown_word_never_passes() -> None:
    good = case("good")
    text = good.redacted().replace("Router Model:", "Router Modell:")
    assert judged(good, text)["device_firmware"]["patching"] == ["unknown", "unparsed"]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_damage_raises_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    folder = case(chance.choice(["good", "bad", "strange"])).folder / "answers"
    said = {}
    for number, question in enumerate(QUESTIONS, 1):
        text = (folder / f"{number:02}.txt").read_text(encoding="utf-8")
        at = chance.randrange(len(text))
        damage = chance.choice(["²", "", "\x1b[2J", "\n", "9" * 30])
        said[question] = text[:at] + damage + text[at + chance.randrange(4) :]
    try:
        found = read(said)
    except UnparsedError:
        return
    for lines in found.unread.values():
        assert len(lines) <= 5
        assert all(len(line) <= 120 and line.isprintable() for line in lines)


def test_fifty_thousand_lines_in_time() -> None:
    rows = " 1    name   TCP   100   192.168.1.10   20   0  -1\n" * 25_000 + "   \n" * 25_000
    text = f"DrayTek> sys version\n{VERSION}DrayTek> srv nat portmap table\n{rows}"
    begun = time.process_time()
    read({FILE: text})
    assert time.process_time() - begun < 2

"""EdgeOS and VyOS: groups that nothing explains, and networks that name nobody."""

from __future__ import annotations

import pytest

from assessor.devices.answers import FILE
from assessor.devices.device import Device, Topic
from assessor.devices.vyatta.reader import read
from tests.devices.cases import REDACTOR

BASE = """\
set interfaces ethernet eth0 address 'dhcp'
set interfaces ethernet eth0 firewall in name 'IN'
set interfaces ethernet eth0 firewall local name 'LOCAL'
set interfaces ethernet eth1 address '192.168.1.1/24'
set system login user anna authentication encrypted-password '$6$salt$hash'
set firewall name IN default-action 'drop'
set firewall name LOCAL default-action 'drop'
set firewall group network-group OFFICE network '198.51.100.0/24'
set firewall group dynamic-group address-group KNOCKED
"""
RULE = "set firewall name IN rule 10"


def device(*lines: str) -> Device:
    return read({FILE: BASE + "\n".join(lines) + "\n"})


def accepting(*words: str) -> Device:
    return device(f"{RULE} action accept", *(f"{RULE} {each}" for each in words))


@pytest.mark.parametrize(
    ("word", "unread"),
    [
        ("source group network-group NOWHERE", ("there is no group NOWHERE",)),
        ("source group address-group '!NOWHERE'", ("there is no group NOWHERE",)),
        ("destination group network-group NOWHERE", ("there is no group NOWHERE",)),
        ("source group network-group OFFICE", ()),
        ("source group dynamic-address-group KNOCKED", ()),
        ("source group address-group ADDRv4_eth1", ()),
    ],
)
def test_a_group_that_is_not_there_is_told(word: str, unread: tuple[str, ...]) -> None:
    assert accepting(word).unread.get(Topic.FIREWALL, ()) == unread


@pytest.mark.parametrize("word", ["action drop", "action accept\n" + RULE + " disable"])
def test_of_rules_that_let_nothing_in_it_does_not_matter(word: str) -> None:
    found = device(f"{RULE} {word}", f"{RULE} source group network-group NOWHERE")
    assert Topic.FIREWALL not in found.unread


@pytest.mark.parametrize(
    ("networks", "wide"),
    [
        (["0.0.0.0/1", "128.0.0.0/1"], True),
        (["1.0.0.0-223.255.255.255"], True),
        (["198.51.100.0/24", "203.0.113.0/24"], False),
        (["198.0.0.0/8"], False),
    ],
)
def test_a_group_of_nearly_everything_names_nobody(networks: list[str], wide: bool) -> None:
    group = [f"set firewall group network-group SOME network '{each}'" for each in networks]
    firewall = device(
        *group, f"{RULE} action accept", f"{RULE} source group network-group SOME"
    ).firewall
    assert firewall is not None
    assert [hole.wide for hole in firewall.holes] == [wide]


@pytest.mark.parametrize(
    "text",
    [
        "set container name db environment MYSQL_ROOT_PASSWORD value 'Een-Geheim-Woord'",
        "environment API_TOKEN {\n    value Een-Geheim-Woord\n}",
    ],
)
def test_secrets_of_containers_are_marked(text: str) -> None:
    stored = REDACTOR.redact(f"{text}\nset container name db environment TZ value 'UTC'\n").text
    assert "Een-Geheim-Woord" not in stored
    assert "'UTC'" in stored

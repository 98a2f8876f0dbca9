"""OpenWrt: sources and ports that are as good as all, two zones at once, packages not read."""

from __future__ import annotations

import pytest

from assessor.devices.device import Policy, Topic
from tests.devices.cases import REDACTOR
from tests.unit.devices.test_openwrt import of_file, wall

RULE = "config rule\n    option src wan\n    option dest lan\n    option proto all\n"


@pytest.mark.parametrize(
    ("more", "wide"),
    [
        ("option src_ip 0.0.0.0/1", True),
        ("option src_ip 198.51.100.0/24", False),
        ("option src_ip 198.0.0.0/8", False),
    ],
)
def test_half_of_the_internet_is_nobody_by_name(more: str, wide: bool) -> None:
    found = wall(f"{RULE}    {more}\n    option target ACCEPT\n")
    assert [hole.wide for hole in found.holes] == [wide]


def test_stopping_half_of_the_internet_does_not_stop_the_rest() -> None:
    stop = f"{RULE}    option src_ip 0.0.0.0/1\n    option target DROP\n"
    found = wall(f"{stop}{RULE}    option target ACCEPT\n")
    assert [hole.wide for hole in found.holes] == [True]


@pytest.mark.parametrize(
    ("ports", "wide"), [("1-65535", True), ("0:65535", True), ("1-1024", False)]
)
def test_every_port_is_everything(ports: str, wide: bool) -> None:
    rule = RULE.replace("all", "tcp").replace("option", f"option dest_port {ports}\n    option", 1)
    found = wall(f"{rule}    option target ACCEPT\n")
    assert [hole.wide for hole in found.holes] == [wide]


def test_a_network_in_two_zones_is_in_the_first_and_told() -> None:
    found = of_file(
        "config zone\n    option name extra\n    list network wan\n    option input DROP\n"
    )
    assert found.unread[Topic.FIREWALL] == ("network wan is in the zones wan, extra",)
    twice = of_file(
        "config zone\n    option name extra\n    list network wan\n    option input DROP\n",
        policy="ACCEPT",
    )
    assert twice.firewall is not None
    assert twice.firewall.to_device["ipv4"] is Policy.ALLOWED


@pytest.mark.parametrize(
    ("package", "topic"),
    [
        ("ttyd", Topic.MANAGEMENT),
        ("vsftpd", Topic.MANAGEMENT),
        ("frpc", Topic.MANAGEMENT),
        ("zerotier", Topic.VPN),
        ("ocserv", Topic.VPN),
        ("syslog-ng", Topic.LOGGING),
        ("chrony", Topic.TIME),
        ("openvpn_recipes", None),
        ("luci", None),
        ("https-dns-proxy", None),
    ],
)
def test_packages_that_are_not_read_are_told_by_their_names(
    package: str, topic: Topic | None
) -> None:
    found = of_file(f"package {package}\nconfig x\n    option enabled 1\n").unread
    said = f"package {package} is not read"
    assert {each for each, lines in found.items() if said in lines} == ({topic} - {None})


@pytest.mark.parametrize("option", ["authpass", "privpass", "sk"])
def test_secrets_of_other_packages_are_marked(option: str) -> None:
    stored = REDACTOR.redact(f"config x\n\toption {option} 'Een-Geheim-Woord'\n").text
    assert "Een-Geheim-Woord" not in stored

"""FortiOS: nothing unknown passes, and no text breaks the reading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.devices.answers import FILE, joined
from assessor.devices.device import Device, Topic
from assessor.devices.fortios import read
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs
from tests.devices.cases import REDACTOR, Case, cases, judged
from tests.unit.devices.fortios_text import device, interfaces, section

# By the beginning of a section: the check and the measure that rest on it.
RESTS_ON = {
    "system interface": ("device_firewall", "firewall"),
    "firewall ": ("device_firewall", "firewall"),
    "system zone": ("device_firewall", "firewall"),
    "router static": ("device_firewall", "firewall"),
    "system global": ("device_remote_access", "remote-access"),
    "vpn ssl settings": ("device_remote_access", "remote-access"),
    "vpn ipsec ": ("device_remote_access", "remote-access"),
    "user local": ("device_remote_access", "remote-access"),
    "user group": ("device_remote_access", "remote-access"),
    "system admin": ("device_accounts", "mfa"),
    "system accprofile": ("device_accounts", "access-control"),
    "system password-policy": ("device_accounts", "password-policy"),
    "system snmp": ("device_accounts", "access-control"),
    "wireless-controller vap": ("device_wifi", "wifi-security"),
    "log syslogd setting": ("device_logging", "access-logging"),
    "log disk setting": ("device_logging", "access-logging"),
    "system ntp": ("device_logging", "access-logging"),
}
# What is known and says nothing that is judged.
PASSED_OVER = re.compile(r"firewall (?:service category|schedule)|system admin/gui-dashboard")


@cache
def good() -> Case:
    return next(case for case in cases(DeviceOs.FORTIOS) if case.folder.name == "good")


@cache
def good_text() -> str:
    path = good().folder / "configuration.conf"
    return REDACTOR.redact(path.read_text(encoding="utf-8")).text


def _places() -> Iterator[tuple[int, str, str]]:
    """Each line of a section that is judged: its number, check and measure."""
    parts: list[str] = []
    for number, line in enumerate(good_text().splitlines()):
        words = line.split()
        if words[:1] == ["config"]:
            parts.append(" ".join(words[1:]))
        rests = [key for key in RESTS_ON if parts and parts[0].startswith(key)]
        if rests and words and not PASSED_OVER.match("/".join(parts[:2])):
            yield number, *RESTS_ON[rests[0]]
        if words == ["end"] and parts:
            parts.pop()


PLACES = list(_places())


def verdict(text: str, check: str, measure: str) -> str:
    return judged(good(), joined([(FILE, text)]))[check][measure][0]


def test_the_good_case_has_places_to_damage() -> None:
    assert len(PLACES) > 300
    assert {measure for _, _, measure in PLACES} == {one for _, one in RESTS_ON.values()}
    assert all(verdict(good_text(), *one) == "pass" for one in set(RESTS_ON.values()))


@pytest.mark.parametrize("part", range(8))
def test_an_unknown_word_never_passes(part: int) -> None:
    lines = good_text().splitlines()
    for number, check, measure in PLACES[part::8]:
        words = lines[number].split(" ")
        # "set NAME" and "config NAME" lose their name, every other line its command.
        at = next(index for index, word in enumerate(words) if word)
        at += words[at] in {"set", "config"}
        words[at] = f"zz{words[at]}"
        damaged = "\n".join([*lines[:number], " ".join(words), *lines[number + 1 :], ""])
        assert verdict(damaged, check, measure) != "pass", lines[number]


@pytest.mark.parametrize(
    ("line", "check", "measure"),
    [
        ("        set action accept", "device_firewall", "firewall"),
        ("        set status disable", "device_firewall", "firewall"),
        ("        set role lan", "device_firewall", "firewall"),
        ("        set mode pppoe", "device_firewall", "firewall"),
        ("        set allowaccess ping https ssh snmp", "device_remote_access", "remote-access"),
        ("        set two-factor fortitoken", "device_accounts", "mfa"),
        ("        set security-level auth-priv", "device_accounts", "access-control"),
        (
            "    set apply-to admin-password ipsec-preshared-key",
            "device_accounts",
            "password-policy",
        ),
        ("        set security wpa3-sae", "device_wifi", "wifi-security"),
        ("    set mode reliable", "device_logging", "access-logging"),
        ("    set ntpsync enable", "device_logging", "access-logging"),
        ("    set ssl-min-proto-ver tls1-2", "device_remote_access", "remote-access"),
    ],
)
def test_an_unknown_value_never_passes(line: str, check: str, measure: str) -> None:
    assert f"{line}\n" in good_text()
    damaged = good_text().replace(f"{line}\n", f"{line}-zz\n", 1)
    assert verdict(damaged, check, measure) != "pass"


def test_unknown_sections_are_noted_by_their_names() -> None:
    found = device(interfaces(), section("firewall zz"), section("vpn zz"), section("zz")).unread
    assert found == {
        Topic.FIREWALL: ("config firewall zz",),
        Topic.VPN: ("config vpn zz",),
    }


def test_what_stands_outside_all_sections_is_noted_for_all() -> None:
    found = device("zz top\n", interfaces()).unread
    assert {Topic.FIREWALL, Topic.ACCOUNTS, Topic.LOGGING, Topic.WIFI} <= found.keys()


def test_notes_are_few_short_and_printable() -> None:
    lines = "".join(f"    \x1b[2J{'x' * 300} {number}\n" for number in range(50))
    unlike = "".join(f"    zz{number}\n" for number in range(50))
    found = device(section("firewall policy", lines, unlike)).unread[Topic.FIREWALL]
    assert len(found) == 5
    assert all(len(line) <= 120 and line.isprintable() for line in found)


# --- whatever comes ------------------------------------------------------------------------------


@given(st.integers(min_value=0))
def test_no_part_of_an_export_passes_for_the_whole(cut: int) -> None:
    part = good_text()[: cut % len(good_text())]
    try:
        found = read({FILE: part})
    except UnparsedError:
        return
    # What ends between two sections is whole for all that the grammar tells.
    assert part.endswith(("end\n", "end")) or Topic.FIREWALL in found.unread


COMMANDS = ("config ", "edit ", "set ", "next", "end", "unset ", "append ")
SECTIONS = ("firewall policy", "system interface", "system admin", "vdom", "global")
SIGNS = ('"', "'", "\\", "#", "ENC ", "all", "action accept", "\n", "\n", "\n", " ")
WORDS = st.sampled_from((*COMMANDS, *SECTIONS, *SIGNS))


@given(st.lists(WORDS, max_size=80).map("".join) | st.text(max_size=200))
def test_no_text_breaks_the_reading(text: str) -> None:
    try:
        found = read({FILE: text})
    except UnparsedError:
        return
    assert isinstance(found, Device)


@given(st.data())
def test_no_shuffled_export_breaks_the_reading(data: st.DataObject) -> None:
    lines = good_text().splitlines()
    places = st.integers(0, len(lines) - 1)
    for _ in range(data.draw(st.integers(1, 5))):
        lines[data.draw(places)] = lines[data.draw(places)]
    try:
        found = read({FILE: "\n".join(lines)})
    except UnparsedError:
        return
    assert isinstance(found, Device)

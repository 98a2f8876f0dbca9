"""MikroTik RouterOS: what must never pass, whatever is done to a configuration; real exports."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.devices.answers import FILE, joined
from assessor.devices.device import (
    Topic,
)
from assessor.devices.reading import read_device
from assessor.devices.routeros import known, prints
from assessor.devices.routeros.grammar import parse
from assessor.devices.routeros.reading import (
    EXPORT,
    RESOURCE,
    USERS,
    read,
)
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs
from tests.devices.cases import REDACTOR, Case, cases, judged
from tests.unit.devices.routeros_support import (
    BASE,
    CLOSED,
    HEAD,
)

SAMPLES = Path(__file__).resolve().parents[4] / "shared/samples"
# --- what must never pass -----------------------------------------------------------------------

GOOD = next(case for case in cases(DeviceOs.ROUTEROS) if case.folder.name == "good-v7")
WHERE = {
    Topic.FIREWALL: [("device_firewall", "firewall")],
    Topic.MANAGEMENT: [("device_remote_access", "remote-access")],
    Topic.VPN: [("device_remote_access", "remote-access")],
    Topic.ACCOUNTS: [("device_accounts", "password-policy")],
    Topic.SNMP: [("device_accounts", "access-control")],
    Topic.WIFI: [("device_wifi", "wifi-security")],
    Topic.SEGMENTS: [("device_segmentation", "network-segmentation")],
    Topic.LOGGING: [("device_logging", "access-logging")],
    Topic.TIME: [("device_logging", "access-logging")],
}


def _statements() -> list[tuple[str, str]]:
    """Each line of the good case that is read strictly, with its menu."""
    text = GOOD.redacted().partition(f"==== {EXPORT}\n")[2]
    found = []
    for line in text.splitlines():
        for statement in parse(line).statements if line.startswith("/") else ():
            menu = known.menu(statement.path)
            if menu is not None and menu.properties is not None and statement.verb:
                found.append((line, statement.path))
    return found


def _mutations(line: str, path: str) -> list[str]:
    """``line`` with one of its words replaced by one that nobody knows."""
    found = [
        line.replace(f"/{path} ", f"/{path}x ", 1),
        line.replace(f"/{path} add ", f"/{path} grow ", 1),
        line.replace(f"/{path} set ", f"/{path} bend ", 1),
    ]
    words = line.split(" ")
    for number, word in enumerate(words):
        key, equals, value = word.partition("=")
        before = key.rpartition(".")[0]
        if " ".join(words[:number]).count('"') % 2:
            continue  # within a comment
        if not equals or before in ("channel",) or key in (".width", "default-name", "default"):
            continue
        found.append(" ".join([*words[:number], f"{key}x={value}", *words[number + 1 :]]))
        if value and key in ENUMERATED:
            found.append(" ".join([*words[:number], f"{key}={value}x", *words[number + 1 :]]))
    return [each for each in found if each != line]


ENUMERATED = {
    "action",
    "connection-state",
    "protocol",
    "disabled",
    "security",
    "enabled",
    "topics",
    "authentication-types",
    "ipsec-policy",
    "connection-nat-state",
    "in-interface-list",
}


@pytest.mark.parametrize("line,path", _statements())
def test_no_unknown_word_passes(line: str, path: str) -> None:
    text = GOOD.redacted()
    topics = known.topics(path)
    assert topics, path
    for mutated in _mutations(line, path):
        found = judged(GOOD, text.replace(f"{line}\n", f"{mutated}\n", 1))
        for topic in topics:
            for check, measure in WHERE.get(topic, ()):
                assert found[check][measure][0] != "pass", (topic, mutated)


def _outcomes(case: Case, text: str) -> set[str]:
    return {outcome for each in judged(case, text).values() for outcome, _ in each.values()}


@pytest.mark.parametrize("case", list(cases(DeviceOs.ROUTEROS)), ids=lambda case: case.name)
def test_no_line_is_needed_for_a_reading(case: Case) -> None:
    lines = case.redacted().splitlines(keepends=True)
    for number in range(1, len(lines) - 1, max(1, len(lines) // 60)):
        less = "".join([*lines[:number], *lines[number + 1 :]])
        try:
            read_device(DeviceOs.ROUTEROS, less)
        except UnparsedError as error:
            assert str(error)


TEXTS = st.text(st.sampled_from('/ipfrewalnt add=set[]{}"\\!.,:#$\n\t 0129é\x00'), max_size=200)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_garbage_never_passes_nor_breaks(text: str) -> None:
    said = joined([(FILE, text)])
    assert "pass" not in _outcomes(GOOD, said)
    assert "pass" not in _outcomes(GOOD, joined([(RESOURCE, text), (EXPORT, text), (USERS, text)]))


WHOLE = GOOD.redacted()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(WHOLE)), st.integers(0, 300), TEXTS)
def test_damage_is_read_or_refused(at: int, size: int, text: str) -> None:
    damaged = WHOLE[:at] + text + WHOLE[at + size :]
    for outcome in _outcomes(GOOD, damaged):
        assert outcome in {"pass", "fail", "unknown", "not-applicable"}


@pytest.mark.parametrize(
    "lines",
    [
        "/ip firewall address-list add address=203.0.113.{n} comment=x list=bad",
        "/ip dhcp-server lease add address=10.0.0.1 mac-address=48:9A:8A:00:00:01 server=d",
        "/ip firewall filter add chain=input dst-port={n} in-interface-list=WAN protocol=tcp",
        "/interface wifi add configuration.mode=ap .ssid=x disabled=no name=w{n} security=s{n}",
        "/ip firewall nat add action=dst-nat chain=dstnat dst-port={n} protocol=tcp",
        "/odd{n} add x=y",
    ],
)
def test_long_exports_take_a_moment(lines: str) -> None:
    text = HEAD + BASE + "".join(lines.format(n=n % 250) + "\n" for n in range(50_000)) + CLOSED
    began = time.process_time()
    read({FILE: text})
    assert time.process_time() - began < 6  # two seconds on a machine with nothing else to do


# --- real exports -------------------------------------------------------------------------------


def _labels() -> list[tuple[str, str, str]]:
    path = SAMPLES / "LABELS.tsv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as stream:
        rows = list(csv.reader(stream, delimiter="\t"))
    return [
        (file, measure, expected)
        for file, measure, expected, *_ in rows[1:]
        if file.startswith("mikrotik/")
    ]


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not part of the project")
@pytest.mark.parametrize(("file", "measure", "expected"), _labels())
def test_real_exports_are_judged_as_they_should_be(file: str, measure: str, expected: str) -> None:
    text = REDACTOR.redact(joined([(FILE, (SAMPLES / file).read_text(encoding="utf-8"))])).text
    outcome = judged(GOOD, text)[f"device_{measure.replace('-', '_')}"][measure][0]
    assert outcome == {"met": "pass", "not-met": "fail"}[expected]


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not part of the project")
def test_real_answers_are_read() -> None:
    folder = SAMPLES / "mikrotik"
    for number, version, model in ((2, "6.48.7", "hEX PoE lite"), (3, "7.12.2", "CHR")):
        path = folder / f"mikrotik_routeros_system_resource_print_{number}.raw"
        found = read({RESOURCE: path.read_text(encoding="utf-8")}).firmware
        assert found is not None
        assert (found.version, found.model) == (version, model)
        assert found.built is not None
    board = (folder / "mikrotik_routeros_system_routerboard_print2.raw").read_text(encoding="utf-8")
    assert prints.settings(board)["model"] == "RBD53iG-5HacD2HnD"
    nat = folder / "mikrotik_routeros_ip_firewall_nat_print_all_without-paging.raw"
    found_entries, odd = prints.entries(nat.read_text(encoding="utf-8"))
    assert [one.flags for one in found_entries] == ["", "", "X", "X", ""]
    assert [one.comment for one in found_entries][:3] == ["dmz-1: masquerade", "", "qsdqsdqsd"]
    assert found_entries[0].values["src-address"] == "!185.163.212.156/30"
    assert odd == ()

"""Damaged output never shows a promise kept: each sample is cut, thinned and garbled.

An output that a measure does not rest on may be damaged without harm. So the bar for ``pass`` is:
the measure passes as well when that probe gave nothing at all.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterable, Iterator

import pytest

from assessor import bundled
from assessor.catalogue.loader import load
from assessor.catalogue.manifest import read_check
from assessor.catalogue.samples import Sample, observed, read_samples
from assessor.model.capture import Capture, Captured, NotCaptured, Reason
from assessor.model.check import Captures, Check
from assessor.model.finding import Outcome

# A firewall prints its rules table by table, without an end mark of the whole: what is cut between
# two tables is as good as whole. Those two checks have damage tests of their own beside this file.
OWN_TESTS = {"host_firewall", "disk_encryption"}
# Statements of a device's configuration whose absence is a setting as well, and a better one: no
# text tells that from a loss. Each was looked at by a person. The heading of an answer is our own.
WHOLE_WITHOUT = {
    ("device_accounts", "ios_switch_l2"): {
        "snmp-server community [secret:403c44a4f7bc6910:common] RO",
    },
    ("device_firewall", "fortios_policy6"): {
        "set ip6-mode dhcp",
        "set protocol IP",
        "set action accept",
    },
    ("device_firmware", "routeros_access_point_v7"): {
        "==== /system package update print",
    },
    ("device_remote_access", "cisco_sb_sg350_dhcp"): {
        "ip ssh server",
    },
    ("device_segmentation", "routeros_forwards_v7"): {
        "add comment=defconf interface=bridge list=LAN",
        "add comment=defconf interface=vlan30-servers list=LAN",
        "add action=accept chain=prerouting in-interface-list=LAN",
    },
    ("device_wifi", "routeros_access_point_v7"): {
        (
            '/interface wifi add configuration.mode=ap .ssid="Praktijk wachtkamer" disabled=no '
            "mac-address=4A:A9:8A:00:00:09 master-interface=wifi1 name=wifi-wachtkamer "
            "security.authentication-types=owe"
        ),
    },
}
CHECKS = tuple(
    sorted(
        path.parent.name
        for path in bundled.folder("checks").glob("*/check.yaml")
        if path.parent.name not in OWN_TESTS
    )
)
INFOS = {check: read_check(bundled.folder("checks") / check, "bundled") for check in CHECKS}
LOADED: dict[str, Check[object]] = {check: load(info) for check, info in INFOS.items()}
CASES = [
    pytest.param(check, sample, id=f"{check}-{sample.name}")
    for check in CHECKS
    for sample in read_samples(INFOS[check])
]


def _outcomes(check: str, sample: Sample, captures: Captures) -> dict[str, Outcome]:
    loaded = LOADED[check]
    facts = observed(loaded, captures, sample.beside)
    judgements = loaded.evaluate(facts, sample.parameters)
    return {judgement.measure: judgement.outcome for judgement in judgements}


def _with(sample: Sample, probe: str, capture: Capture) -> Captures:
    changed = {**sample.captures.by_probe, probe: capture}
    return dataclasses.replace(sample.captures, by_probe=changed)


def _answered(sample: Sample) -> Iterator[Captured]:
    for capture in sample.captures.by_probe.values():
        if isinstance(capture, Captured) and capture.stdout:
            yield capture


def _passes_without(check: str, sample: Sample, probe: str) -> set[str]:
    missing = NotCaptured(probe, Reason.DROPPED, "dropped", sample.captures.at)
    outcomes = _outcomes(check, sample, _with(sample, probe, missing))
    return {measure for measure, outcome in outcomes.items() if outcome is Outcome.PASS}


def _cuts(text: str) -> Iterable[int]:
    """Where to cut: everywhere near the end, and at places all over the rest."""
    end = len(text.rstrip("\n"))
    return sorted({*range(max(0, end - 30), end), *range(0, end, max(1, end // 40))})


@pytest.mark.parametrize(("check", "sample"), CASES)
def test_cut_off_output_never_passes(check: str, sample: Sample) -> None:
    for capture in _answered(sample):
        allowed = _passes_without(check, sample, capture.probe)
        for cut in _cuts(capture.stdout):
            damaged = dataclasses.replace(capture, stdout=capture.stdout[:cut])
            outcomes = _outcomes(check, sample, _with(sample, capture.probe, damaged))
            passed = {m for m, outcome in outcomes.items() if outcome is Outcome.PASS}
            assert passed <= allowed, f"{capture.probe} cut at {cut} of {len(capture.stdout)}"


@pytest.mark.parametrize(("check", "sample"), CASES)
def test_output_that_reached_its_limit_never_passes(check: str, sample: Sample) -> None:
    for capture in _answered(sample):
        allowed = _passes_without(check, sample, capture.probe)
        damaged = dataclasses.replace(capture, truncated=True)
        outcomes = _outcomes(check, sample, _with(sample, capture.probe, damaged))
        passed = {m for m, outcome in outcomes.items() if outcome is Outcome.PASS}
        assert passed <= allowed, capture.probe


@pytest.mark.parametrize(("check", "sample"), CASES)
def test_a_lost_line_never_turns_into_a_pass(check: str, sample: Sample) -> None:
    before = _outcomes(check, sample, sample.captures)
    looked_at, met = WHOLE_WITHOUT.get((check, sample.name), set()), set()
    for capture in _answered(sample):
        lines = capture.stdout.splitlines(keepends=True)
        allowed = _passes_without(check, sample, capture.probe) | {
            measure for measure, outcome in before.items() if outcome is Outcome.PASS
        }
        for lost in range(len(lines)):
            text = "".join(lines[:lost] + lines[lost + 1 :])
            damaged = dataclasses.replace(capture, stdout=text)
            outcomes = _outcomes(check, sample, _with(sample, capture.probe, damaged))
            passed = {m for m, outcome in outcomes.items() if outcome is Outcome.PASS}
            if passed - allowed and lines[lost].strip() in looked_at:
                met.add(lines[lost].strip())
                continue
            assert passed <= allowed, f"{capture.probe} without line {lost}: {lines[lost]!r}"
    assert met == looked_at


@pytest.mark.parametrize(("check", "sample"), CASES)
def test_garbled_output_is_judged_without_an_exception(check: str, sample: Sample) -> None:
    chance = random.Random(f"{check}/{sample.name}")
    for capture in _answered(sample):
        for _ in range(60):
            letters = list(capture.stdout)
            for _ in range(chance.randint(1, 8)):
                letters[chance.randrange(len(letters))] = chr(
                    chance.choice((0, 9, 10, 32, 65, 0x2028, chance.randrange(0x300)))
                )
            damaged = dataclasses.replace(capture, stdout="".join(letters))
            outcomes = _outcomes(check, sample, _with(sample, capture.probe, damaged))
            assert set(outcomes) == set(INFOS[check].measures)

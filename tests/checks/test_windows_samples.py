"""What holds for every Windows sample: it is an answer to what is asked, and damage never passes.

``tests/checks/test_mutations.py`` cuts and garbles the text; here the JSON stays JSON, and single
fields are lost or of another type, as another version of Windows or of PowerShell might do.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from assessor import bundled
from assessor.catalogue.loader import load
from assessor.catalogue.manifest import read_check
from assessor.catalogue.samples import Sample, observed, read_samples
from assessor.model.capture import Captured
from assessor.model.check import Check, CheckInfo, Probe
from assessor.model.finding import Outcome
from assessor.model.target import Platform

INFOS: dict[str, CheckInfo] = {
    path.parent.name: info
    for path in sorted(bundled.folder("checks").glob("*/check.yaml"))
    if Platform.WINDOWS in (info := read_check(path.parent, "bundled")).probes
}
LOADED: dict[str, Check[object]] = {check: load(info) for check, info in INFOS.items()}
SAMPLES = [
    pytest.param(check, sample, id=f"{check}-{sample.name}")
    for check, info in INFOS.items()
    for sample in read_samples(info)
    if sample.captures.target.platform is Platform.WINDOWS
]


def _probes(check: str) -> dict[str, Probe]:
    return {probe.name: probe for probe in INFOS[check].probes[Platform.WINDOWS]}


def _answers(sample: Sample) -> Iterator[Captured]:
    for capture in sample.captures.by_probe.values():
        if isinstance(capture, Captured) and capture.stdout:
            yield capture


def _passed(check: str, sample: Sample, changed: Captured | None = None) -> set[str]:
    captures = sample.captures
    if changed is not None:
        captures = dataclasses.replace(
            captures, by_probe={**captures.by_probe, changed.probe: changed}
        )
    facts = observed(LOADED[check], captures, sample.beside)
    return {
        judgement.measure
        for judgement in LOADED[check].evaluate(facts, sample.parameters)
        if judgement.outcome is Outcome.PASS
    }


def _without(sample: Sample, probe: str) -> Sample:
    less = {name: each for name, each in sample.captures.by_probe.items() if name != probe}
    return dataclasses.replace(sample, captures=dataclasses.replace(sample.captures, by_probe=less))


def _kind(probe: Probe) -> str:
    if probe.arguments and "CimInstanceProperties" in probe.text:
        return "cim"
    return "registry" if probe.arguments else "script"


def test_there_are_windows_checks() -> None:
    assert len(INFOS) > 10


@pytest.mark.parametrize("check", list(INFOS))
def test_every_check_has_good_bad_unknown_and_dutch_samples(check: str) -> None:
    mine = [
        sample
        for sample in read_samples(INFOS[check])
        if sample.captures.target.platform is Platform.WINDOWS
    ]
    outcomes = {expected.outcome.value for sample in mine for expected in sample.expect.values()}
    assert {"pass", "fail", "unknown"} <= outcomes
    assert any(re.search(r"(^|_)nl(_|$)", sample.name) for sample in mine), "no Dutch Windows"


@pytest.mark.parametrize(("check", "sample"), SAMPLES)
def test_a_sample_answers_what_its_probe_asks(check: str, sample: Sample) -> None:
    probes = _probes(check)
    for capture in _answers(sample):
        probe = probes[capture.probe]
        try:
            said = json.loads(capture.stdout)
        except ValueError:
            continue  # a damaged answer, on purpose
        if not isinstance(said, dict) or "end" not in said:
            continue
        match _kind(probe):
            case "registry":
                assert [one["asked"] for one in said["registry"]] == list(probe.arguments)
            case "cim":
                assert said["class"] == probe.arguments[1]
                known = set(probe.arguments[3].split(","))
                assert all(set(row) <= known for row in said["rows"])
            case _:
                for name in said:
                    assert re.search(rf"\b{re.escape(name)}\b", probe.text), f"who prints {name}?"


def _changed(value: Any) -> Iterator[Any]:
    """Each field of a JSON value damaged in turn."""
    for path in _paths(value):
        for damage in (_LOST, {}, "?", 7):
            again = copy.deepcopy(value)
            holder = again
            for step in path[:-1]:
                holder = holder[step]
            was = holder[path[-1]]
            if was is None or type(was) is type(damage) or isinstance(holder, list):
                continue  # that would be another answer, not a damaged one
            if damage is _LOST:
                del holder[path[-1]]
            else:
                holder[path[-1]] = damage
            yield again


_LOST = object()


def _paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    parts: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, list):
        parts = list(enumerate(value))[:4]
    for step, part in parts:
        yield (*before, step)
        yield from _paths(part, (*before, step))


@pytest.mark.parametrize(("check", "sample"), SAMPLES)
def test_a_damaged_field_never_turns_into_a_pass(check: str, sample: Sample) -> None:
    for capture in _answers(sample):
        # A probe that a measure does not rest on may be damaged without harm.
        before = _passed(check, sample) | _passed(check, _without(sample, capture.probe))
        try:
            said = json.loads(capture.stdout)
        except ValueError:
            continue
        for damaged in _changed(said):
            text = json.dumps(damaged, separators=(",", ":")) + "\n"
            passed = _passed(check, sample, dataclasses.replace(capture, stdout=text))
            assert passed <= before, f"{capture.probe}: {text[:2000]}"


@pytest.mark.parametrize(("check", "sample"), SAMPLES)
@pytest.mark.parametrize(
    "text", ["", "null\n", "[]\n", "{}\n", '{"end":true}\n', "true\n", '"\n', "{" * 5000]
)
def test_no_answer_is_no_ground_to_stand_on(check: str, sample: Sample, text: str) -> None:
    for capture in _answers(sample):
        nothing = _passed(check, sample, dataclasses.replace(capture, stdout=text))
        assert nothing <= _passed(check, _without(sample, capture.probe)), capture.probe

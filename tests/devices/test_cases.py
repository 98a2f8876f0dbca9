"""Every configuration below this folder: its secrets disappear, its verdicts are as expected."""

from __future__ import annotations

from typing import Any

import pytest

from assessor.devices.reading import read_device, system
from assessor.evidence.codec import encode
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs
from tests.devices.cases import HERE, REDACTOR, Case, cases, judged

CASES = [pytest.param(case, id=case.name) for case in cases()]
SYSTEMS = [os for os in DeviceOs if (HERE / os.value).is_dir()]


@pytest.mark.parametrize("case", CASES)
def test_verdicts(case: Case) -> None:
    found = judged(case, case.redacted())
    wanted = case.expected["verdicts"]
    assert {name: dict(found[name]) for name in found} == wanted


@pytest.mark.parametrize("case", CASES)
def test_what_is_read(case: Case) -> None:
    try:
        device: Any = encode(read_device(case.os, case.redacted()))
    except UnparsedError:
        assert "device" not in case.expected
        return
    _holds(device, case.expected.get("device", {}), "device")


def _holds(found: Any, wanted: Any, where: str) -> None:
    """Whether ``found`` has all that ``wanted`` names."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key, value in wanted.items():
            assert key in found, f"{where}: {key}"
            _holds(found[key], value, f"{where}.{key}")
    elif isinstance(wanted, list) and isinstance(found, list):
        assert len(found) == len(wanted), where
        for number, (one, other) in enumerate(zip(found, wanted, strict=True)):
            _holds(one, other, f"{where}[{number}]")
    else:
        assert found == wanted, where


@pytest.mark.parametrize("case", CASES)
def test_no_secret_is_left(case: Case) -> None:
    raw, stored = case.raw(), case.redacted()
    for secret in case.expected["secrets"]:
        assert secret in raw, f"{secret!r} does not stand in the configuration"
        assert secret not in stored
    # What was redacted once stays as it is: marks keep over the runs.
    assert REDACTOR.redact(stored).text == stored


@pytest.mark.parametrize("case", CASES)
def test_origin_is_told(case: Case) -> None:
    assert (case.folder / "origin.md").read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("case", CASES)
def test_a_text_that_was_cut_off_never_passes(case: Case) -> None:
    text = case.redacted()
    for part in range(1, 24):
        found = judged(case, text[: len(text) * part // 24])
        outcomes = {outcome for each in found.values() for outcome, _ in each.values()}
        assert "pass" not in outcomes, part


@pytest.mark.parametrize("os", SYSTEMS)
def test_every_system_has_good_bad_and_strange_cases(os: DeviceOs) -> None:
    outcomes = {
        outcome
        for case in cases(os)
        for measures in case.expected["verdicts"].values()
        for outcome, _ in measures.values()
    }
    # What a Vigor answers on its command line shows too little for anything to pass.
    wanted = {"fail", "unknown"} if os is DeviceOs.DRAYOS else {"pass", "fail", "unknown"}
    assert wanted <= outcomes


@pytest.mark.parametrize("os", SYSTEMS)
@pytest.mark.parametrize(
    "text", ["", "\n", "garbage\n", "{}\n", "<x/>\n", "\u202e\x1b[2J\n" * 100, "a" * 100_000]
)
def test_what_is_no_configuration_never_passes(os: DeviceOs, text: str) -> None:
    for case in cases(os):
        for question in (*system(os).questions[:1], "file"):
            said = f"==== {question}\n{text}==== end\n" if text else f"==== {question}\n==== end\n"
            found = judged(case, said)
            outcomes = {outcome for each in found.values() for outcome, _ in each.values()}
            assert "pass" not in outcomes
        break

"""Every sample of every bundled check is a test, found by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor import bundled
from assessor.catalogue.catalogue import Catalogue, read_catalogue
from assessor.catalogue.samples import Sample, judge_sample, read_samples
from assessor.catalogue.sources import Source
from assessor.yamlfile import read_yaml
from tests.devices.cases import cases


def _catalogue() -> Catalogue:
    measures = read_yaml(bundled.folder("profiles") / "measures.yaml").value
    assert isinstance(measures, dict)
    return read_catalogue([Source("bundled", bundled.folder("checks"))], frozenset(measures))


CATALOGUE = _catalogue()
DEVICES = tuple(cases())
CASES = [
    pytest.param(check_id, sample, id=f"{check_id}-{sample.name}")
    for check_id, info in CATALOGUE.infos.items()
    for sample in read_samples(info)
]


def test_no_bundled_check_is_broken() -> None:
    assert CATALOGUE.broken == {}
    assert CATALOGUE.infos


@pytest.mark.parametrize(("check_id", "sample"), CASES)
def test_sample(check_id: str, sample: Sample) -> None:
    info = CATALOGUE.infos[check_id]
    faults = judge_sample(info, CATALOGUE.check(check_id), CATALOGUE.texts()[check_id], sample)
    assert faults == []


@pytest.mark.parametrize("check_id", list(CATALOGUE.infos))
def test_check_has_good_and_bad_samples(check_id: str) -> None:
    outcomes = {
        expected.outcome.value
        for sample in read_samples(CATALOGUE.infos[check_id])
        for expected in sample.expect.values()
    }
    # Whole configurations of devices are samples of all checks at once.
    for case in DEVICES:
        outcomes |= {each[0] for each in case.expected["verdicts"].get(check_id, {}).values()}
    assert {"pass", "fail", "unknown"} <= outcomes


@pytest.mark.parametrize("check_id", list(CATALOGUE.infos))
def test_check_imports_only_the_api(check_id: str) -> None:
    folder: Path = CATALOGUE.infos[check_id].folder
    for path in folder.rglob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "import" in line and "assessor" in line:
                assert line.startswith("from assessor.api import"), f"{path}: {line}"

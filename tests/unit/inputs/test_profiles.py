"""Profiles and the catalogue of measures, the bundled ones and broken ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from assessor import bundled
from assessor.errors import InputError, InputErrors, UsageError
from assessor.inputs.measures import load_measures
from assessor.inputs.parameters import KnownChecks
from assessor.inputs.profiles import load_profile, profile_names
from assessor.model.check import ParameterInfo
from assessor.model.measure import MeasureKind

MEASURES = ("firewall", "backup", "tls")
KNOWN: KnownChecks = {"host_firewall": {"strict": ParameterInfo(True)}, "broken": None}


def _profile(folder: Path, text: str, name: str = "own") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


GOOD = """\
id: own
title: {nl: Eigen, en: Own}
checks:
  host_firewall: {strict: false}
  broken:
measures: [firewall, tls]
packages: [acme-checks]
"""


def test_a_profile_is_read_by_name_and_by_path(tmp_path: Path) -> None:
    path = _profile(tmp_path, GOOD)

    by_name = load_profile("own", [tmp_path], KNOWN, MEASURES)

    assert by_name == load_profile(str(path), [], KNOWN, MEASURES)
    assert by_name.id == "own"
    assert by_name.title == {"nl": "Eigen", "en": "Own"}
    assert by_name.checks == {"host_firewall": {"strict": False}, "broken": {}}
    assert by_name.measures == ("firewall", "tls")
    assert by_name.packages == ("acme-checks",)


def test_the_first_folder_goes_before_the_next(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    _profile(tmp_path / "a", GOOD.replace("Own", "Mine"))
    _profile(tmp_path / "b", GOOD)

    profile = load_profile("own", [tmp_path / "a", tmp_path / "b"], KNOWN, MEASURES)

    assert profile.title["en"] == "Mine"


def test_the_checks_are_found_once_the_packages_are_known(tmp_path: Path) -> None:
    _profile(tmp_path, GOOD)
    asked: list[tuple[str, ...]] = []

    def find(packages: Sequence[str]) -> KnownChecks:
        asked.append(tuple(packages))
        return KNOWN

    load_profile("own", [tmp_path], find, MEASURES)

    assert asked == [("acme-checks",)]


def test_everything_unknown_is_told_with_its_place_and_a_suggestion(tmp_path: Path) -> None:
    text = """\
id: other
title: {nl: Eigen, en: Own}
checks:
  host_firewal: {}
  host_firewall: {strikt: true}
measures:
  - firewall
  - backups
  - firewall
"""
    path = _profile(tmp_path, text)

    with pytest.raises(InputErrors) as caught:
        load_profile("own", [tmp_path], KNOWN, MEASURES)

    assert [(error.line, error.field, error.mend) for error in caught.value.problems] == [
        (1, "id", "write id: own, or rename the file"),
        (4, "checks.host_firewal", "did you mean 'host_firewall'?"),
        (5, "checks.host_firewall.strikt", "did you mean 'strict'?"),
        (8, "measures[1]", "did you mean 'backup'?"),
        (9, "measures[2]", ""),
    ]
    assert all(error.path == path for error in caught.value.problems)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("id: own\n", "title"),
        (GOOD + "extra: 1\n", "extra"),
        (GOOD.replace("en: Own", "fr: Le"), "title.en"),
        (GOOD.replace("[firewall, tls]", "firewall"), "measures"),
    ],
)
def test_a_profile_of_another_form(tmp_path: Path, text: str, field: str) -> None:
    _profile(tmp_path, text)

    with pytest.raises(InputError) as caught:
        load_profile("own", [tmp_path], KNOWN, MEASURES)

    assert caught.value.field == field


@pytest.mark.parametrize("name", ["mbk", "measures", "../mkb", "nowhere.yaml", "", "MKB"])
def test_a_profile_that_does_not_exist(name: str) -> None:
    with pytest.raises(UsageError):
        load_profile(name, [bundled.folder("profiles")], None, MEASURES)


def test_a_misspelt_profile_is_suggested() -> None:
    with pytest.raises(UsageError, match="did you mean 'mkb'"):
        load_profile("mbk", [bundled.folder("profiles")], None, MEASURES)


@pytest.mark.parametrize("name", profile_names([bundled.folder("profiles")]))
def test_every_bundled_profile_names_measures_of_the_catalogue(name: str) -> None:
    folder = bundled.folder("profiles")
    measures = load_measures(folder / "measures.yaml")

    profile = load_profile(name, [folder], None, measures.keys())

    assert profile.measures
    assert profile.checks


ONLY_WHERE_PROMISED = {
    "interface-lock",
    "network-segmentation",
    "intrusion-detection",
    "dnssec",
    "spam-filter",
    "cookie-consent",
    "analytics-anonymisation",
}
"""Few small companies promise these, so they are no shortcoming where there is no statement."""


def test_mkb_assesses_what_its_checks_show() -> None:
    folder = bundled.folder("profiles")
    measures = load_measures(folder / "measures.yaml")
    profile = load_profile("mkb", [folder], None, measures.keys())

    shown: set[str] = set()
    for check in profile.checks:
        info = yaml.safe_load((bundled.folder("checks") / check / "check.yaml").read_text("utf-8"))
        shown.update(info["measures"])

    assert set(profile.measures) <= shown
    technical = {measure for measure in shown if measures[measure].kind is MeasureKind.TECHNICAL}
    assert technical - set(profile.measures) == ONLY_WHERE_PROMISED


def test_the_catalogue_is_read() -> None:
    measures = load_measures(bundled.folder("profiles") / "measures.yaml")

    assert measures["firewall"].kind is MeasureKind.TECHNICAL
    assert measures["ups"].kind is MeasureKind.PHYSICAL
    assert measures["backup"].title == {"nl": "Back-ups", "en": "Backups"}
    assert all(measure.promises for measure in measures.values())


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("", 1, ""),
        ("- firewall\n", 1, ""),
        ("firewall: {kind: technical, nl: a, en: b}\n", 1, "firewall.promises"),
        ("firewall: {kind: digital, nl: a, en: b, promises: c}\n", 1, "firewall.kind"),
        ("\nFire wall: {kind: mixed, nl: a, en: b, promises: c}\n", 2, "Fire wall"),
    ],
)
def test_a_broken_catalogue(tmp_path: Path, text: str, line: int, field: str) -> None:
    path = tmp_path / "measures.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(InputError) as caught:
        load_measures(path)

    assert (caught.value.line, caught.value.field) == (line, field)

"""HDF as Heimdall reads it: by inspecjs, the library that Heimdall opens files with."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assessor.model.language import Language
from assessor.model.run import Reference, RunResult
from assessor.report.exports.formats import Format, export
from tests import factories as make
from tests.unit.report.example import example_reference, example_result
from tests.unit.report.exports.runs import Texts, every_standing, sheet
from tests.unit.report.exports.schemas import FOLDER
from tests.unit.report.test_html import HOSTILE, MISLEADING, hostile_run

# Gives each control of each file with the status that Heimdall shows for it.
READER = """
const inspecjs = require(process.argv[1]);
const files = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const seen = files.map((file) => {
  try {
    const run = inspecjs.convertFileContextual(file);
    return run.contains.flatMap((profile) => profile.contains.map((control) => [
      control.root.data.id, control.root.hdf.status, control.root.hdf.waived,
      control.root.hdf.attested, control.root.hdf.severity]));
  } catch (error) { return String(error); }
});
console.log(JSON.stringify(seen));
"""


@cache
def node() -> Path:
    """The Node.js that comes with Playwright."""
    driver = pytest.importorskip("playwright._impl._driver", reason="playwright is not installed")
    return Path(driver.compute_driver_executable()[0])


def read(*files: str) -> Any:
    """What inspecjs makes of the files."""
    done = subprocess.run(
        [node(), "-e", READER, FOLDER / "inspecjs" / "index.js"],
        input=json.dumps(files), capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def written(
    texts: Texts, run: tuple[RunResult, Reference], language: Language = Language.EN
) -> str:
    return export(Format.HDF, sheet(texts, run, language))


def test_heimdalls_reader_takes_it_and_counts_right(texts: Texts) -> None:
    run = (example_result(), example_reference())

    dutch, english = read(*(written(texts, run, language) for language in Language))

    # 17 findings pass and 2 measures are attested; 6 fail; 5 are unknown, 1 expired, 1 unproven
    for controls in (dutch, english):
        assert Counter(control[1] for control in controls) == {
            "Passed": 19, "Failed": 6, "Not Reviewed": 7,
        }  # fmt: skip
        assert sum(control[3] for control in controls) == 2


def test_each_standing_has_its_own_status(texts: Texts) -> None:
    (controls,) = read(written(texts, every_standing()))

    assert {control[0]: control[1] for control in controls} == {
        "fire-safety": "Passed",
        "locks": "Not Reviewed",
        "alarm": "Failed",
        "host_firewall/firewall@srv1": "Passed",
        "host_firewall/firewall@srv2": "Not Applicable",
        "disks/disk-encryption@srv1": "Not Applicable",
        "updates/patching@srv1": "Not Reviewed",
        "updates/patching@srv2": "Profile Error",
        "alarm/alarm@srv2": "Failed",
    }
    assert [control[0] for control in controls if control[2]] == ["disks/disk-encryption@srv1"]
    assert {control[0] for control in controls if control[3]} == {"fire-safety"}
    assert {control[0]: control[4] for control in controls}["disks/disk-encryption@srv1"] == (
        "critical"
    )


def test_the_reader_refuses_what_does_not_fit(texts: Texts) -> None:
    document = json.loads(written(texts, every_standing()))
    spoiled = []
    spoils: tuple[Callable[[Any], object], ...] = (
        lambda it: it["controls"][0].update(impact="high"),
        lambda it: it["controls"][0]["results"][0].update(status="unknown"),
        lambda it: it["controls"][0]["results"][0].pop("start_time"),
        lambda it: it.pop("groups"),
    )
    for spoil in spoils:
        copy = json.loads(json.dumps(document))
        spoil(copy["profiles"][0])
        spoiled.append(json.dumps(copy))

    assert [each for each in read(*spoiled) if not str(each).startswith("Error")] == []


def test_hostile_text_is_read_too(texts: Texts) -> None:
    runs = [written(texts, hostile_run(text)) for text in (*HOSTILE, MISLEADING, "")]

    controls = read(*runs)

    assert [each for each in controls if not isinstance(each, list)] == []
    assert {len(each) for each in controls} == {8}


def test_words_and_waivers_are_told_where_heimdall_shows_them(texts: Texts) -> None:
    (profile,) = json.loads(written(texts, every_standing()))["profiles"]
    controls = {control["id"]: control for control in profile["controls"]}

    waiver = controls["disks/disk-encryption@srv1"]["waiver_data"]
    assert waiver["expiration_date"] == "2027-02-28"
    assert "It is replaced." in waiver["justification"]
    attested = controls["fire-safety"]["attestation_data"]
    assert (attested["status"], attested["updated_by"]) == ("passed", "Jo, owner")
    assert "attestation_data" not in controls["locks"]
    assert controls["updates/patching@srv2"]["results"][0]["backtrace"] == [
        "Traceback:", "  ValueError: 7",
    ]  # fmt: skip
    fixes = [
        it["data"] for it in controls["alarm/alarm@srv2"]["descriptions"] if it["label"] == "fix"
    ]
    assert fixes == ["Mend x."]
    assert make.make_digest("nft") in str(controls["host_firewall/firewall@srv1"])
    groups = {group["title"]: group["controls"] for group in profile["groups"]}
    assert groups["Alarm."] == ["alarm", "alarm/alarm@srv2"]
    assert {name for group in groups.values() for name in group} == controls.keys()

"""OCSF 1.5.0: each event is a Compliance Finding by its schema."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assessor.model.language import Language
from assessor.model.run import Reference, RunResult
from assessor.report.exports.formats import Format, export
from tests import factories as make
from tests.unit.report.example import example_reference, example_result
from tests.unit.report.exports.runs import MANIFEST, Texts, every_standing, sheet
from tests.unit.report.exports.schemas import faults
from tests.unit.report.test_html import HOSTILE, MISLEADING, hostile_run

SCHEMA = "ocsf-1.5.0-compliance_finding.json"


def written(
    texts: Texts, run: tuple[RunResult, Reference], language: Language = Language.EN
) -> list[Any]:
    return [
        json.loads(line)
        for line in export(Format.OCSF, sheet(texts, run, language)).split("\n")[:-1]
    ]


@pytest.mark.parametrize("language", list(Language))
def test_every_event_fits_the_schema(texts: Texts, language: Language) -> None:
    for run in ((example_result(), example_reference()), every_standing()):
        events = written(texts, run, language)
        assert len(events) > 10
        assert [fault for event in events for fault in faults(SCHEMA, event)] == []


@pytest.mark.parametrize("text", [*HOSTILE, MISLEADING, "", "a\nb", "192.0.2.1", "x" * 300])
def test_hostile_text_fits_it_too(texts: Texts, text: str) -> None:
    events = written(texts, hostile_run(text))
    assert len(events) == 7
    assert [fault for event in events for fault in faults(SCHEMA, event)] == []


def test_the_schema_refuses_what_does_not_fit(texts: Texts) -> None:
    event = written(texts, every_standing())[0]
    changes: tuple[dict[str, Any], ...] = (
        {"class_uid": 2001}, {"type_uid": 200399, "activity_id": 7}, {"time": "now"},
        {"extra": 1}, {"finding_info": {}}, {"compliance": {"status_id": 7}},
    )  # fmt: skip
    for change in changes:
        assert faults(SCHEMA, event | change)


def test_each_standing_has_its_own_status(texts: Texts) -> None:
    events = written(texts, every_standing())

    assert [
        (each["compliance"]["status_id"], each["compliance"]["status"], each.get("status"))
        for each in events
    ] == [
        (1, "Pass", None),
        (3, "Fail", "Suppressed"),
        (0, "Unknown", "New"),
        (99, "Attested", None),
        (0, "Unknown", "New"),
        (3, "Fail", "New"),
        (1, "Pass", None),
        (99, "Not Applicable", None),
        (3, "Fail", "Suppressed"),
        (0, "Unknown", "New"),
        (0, "Unknown", "New"),
        (3, "Fail", "New"),
    ]
    assert {(each["class_uid"], each["metadata"]["version"]) for each in events} == {
        (2003, "1.5.0")
    }
    alarm = events[-1]
    assert (alarm["severity"], alarm["remediation"]["desc"]) == ("Low", "Mend x.")
    assert alarm["unmapped"]["manifest_sha256"] == MANIFEST
    assert alarm["resources"][0] | {"ip": ""} == {
        "name": "srv2", "uid": "srv2", "type": "server", "labels": ["linux", "ssh"], "ip": "",
    }  # fmt: skip
    assert events[6]["evidences"][0]["data"] == {"sha256": make.make_digest("nft")}
    assert events[3]["unmapped"]["attestations"][0]["by"] == "Jo"


def test_times_are_milliseconds(texts: Texts) -> None:
    assert {each["time"] for each in written(texts, every_standing())} == {
        round(make.AT.timestamp() * 1000)
    }

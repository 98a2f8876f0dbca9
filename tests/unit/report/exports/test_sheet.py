"""What all exports have in common: they are the same each time, and hide and invent nothing."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from csv import DictReader
from io import StringIO
from typing import Any
from uuid import UUID

import pytest

from assessor.model.finding import Outcome
from assessor.model.language import Language
from assessor.model.statement import Verdict
from assessor.report.exports.formats import Format, export
from assessor.report.exports.sheet import Standing
from assessor.report.exports.words import facts
from assessor.report.pseudonyms import pseudonymised
from tests import factories as make
from tests.unit.report import test_pseudonyms
from tests.unit.report.example import example_reference, example_result
from tests.unit.report.exports.runs import Texts, every_standing, sheet
from tests.unit.report.test_html import HOSTILE, MISLEADING, hostile_run

UNSEEN = "\x00\x1b\x07\x9b\u202e\u2066\u200b\ufeff\ud800\U000e0041"


def test_every_promise_and_finding_stands_as_it_should(texts: Texts) -> None:
    told = sheet(texts, every_standing())

    assert [each.standing.value for each in told.promises] == [
        "pass", "waived", "unknown", "attested", "unknown", "fail",
    ]  # fmt: skip
    assert [each.standing.value for each in told.told] == [
        "pass", "not-applicable", "waived", "unknown", "unknown", "fail",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "rule", "outcomes", "expected"),
    [
        (Verdict.PARTLY, "some-unknown", (Outcome.PASS, Outcome.UNKNOWN), Standing.UNKNOWN),
        (Verdict.PARTLY, "some-fail", (Outcome.FAIL, Outcome.UNKNOWN), Standing.FAIL),
        (Verdict.PARTLY, "machine-part-only", (Outcome.PASS,), Standing.UNKNOWN),
        (Verdict.PARTLY, "attested-partly", (), Standing.FAIL),
        (Verdict.BROKEN, "attested-no", (), Standing.FAIL),
        (Verdict.UNPROVEN, "not-applicable", (Outcome.NOT_APPLICABLE,), Standing.UNKNOWN),
    ],
)
def test_partly_is_its_worst_part(
    texts: Texts, verdict: Verdict, rule: str, outcomes: tuple[Outcome, ...], expected: Standing
) -> None:
    findings = [make.make_finding(each, target=f"srv{n}") for n, each in enumerate(outcomes)]
    line = make.make_measure_verdict("firewall", verdict, rule, findings)
    claim = make.make_claim_verdict(make.make_claim(), verdict, rule, [line])
    run = make.make_result(
        findings=findings, statement=make.make_statement(), claims=[claim], measures=[line]
    )

    told = sheet(texts, (run, make.make_reference()))

    assert told.lines[0].standing is expected
    assert told.promises[0].standing is expected


def test_a_waiver_does_not_hide_what_is_unknown_beside_it(texts: Texts) -> None:
    findings = [
        make.make_finding(Outcome.FAIL),
        make.make_not_observed(target="srv2"),
    ]
    line = make.make_measure_verdict(
        "firewall", Verdict.BROKEN, "all-waived", findings, waivers=[make.make_waiver()]
    )
    run = make.make_result(findings=findings, measures=[line])

    assert sheet(texts, (run, make.make_reference())).lines[0].standing is Standing.UNKNOWN


def passed(wanted: Format, text: str) -> set[str]:
    """What a reader of the format would count as in order."""
    match wanted:
        case Format.OSCAL:
            (result,) = json.loads(text)["assessment-results"]["results"]
            return {
                each["target"]["target-id"]
                for each in result["findings"]
                if each["target"]["status"]["state"] == "satisfied"
            } | {
                f"{prop('check', each)}@{each['subjects'][0]['title']}"
                for each in result["observations"]
                if prop("outcome", each) == "pass"
            }
        case Format.SARIF:
            (run,) = json.loads(text)["runs"]
            return {_place(each) for each in run["results"] if each["kind"] == "pass"}
        case Format.JUNIT:
            cases = ET.fromstring(text).iter("testcase")  # noqa: S314 - our own
            bad = ("failure", "error", "skipped")
            return {
                case.get("classname", "") + case.get("name", "")
                for case in cases
                if not any(case.find(tag) is not None for tag in bad)
            }
        case Format.CSV:
            rows = DictReader(StringIO(text))
            return {row["check"] + row["quote"] for row in rows if row["standing"] == "pass"}
        case Format.OCSF:
            events = [json.loads(line) for line in text.splitlines()]
            return {each["message"] for each in events if each["compliance"]["status_id"] == 1}
        case Format.HDF:
            (profile,) = json.loads(text)["profiles"]
            return {
                control["id"]
                for control in profile["controls"]
                if control["results"][0]["status"] == "passed"
            }


def prop(name: str, entry: Any) -> str:
    return next((it["value"] for it in entry["props"] if it["name"] == name), "")


def _place(result: Any) -> str:
    measures = result["properties"].get("measures") or [result["properties"]["measure"]]
    return ",".join(measures)


@pytest.mark.parametrize("wanted", list(Format))
def test_what_is_unknown_is_nowhere_in_order(texts: Texts, wanted: Format) -> None:
    good = passed(wanted, export(wanted, sheet(texts, every_standing(), Language.EN)))

    assert good, "or the reader sees nothing at all"
    assert not [each for each in good if "updates" in each or "patching" in each]
    assert not [each for each in good if "locks" in each or "disk" in each or "Updates" in each]
    assert not [each for each in good if "Schijven" in each or "alarm" in each]


@pytest.mark.parametrize("wanted", list(Format))
@pytest.mark.parametrize("language", list(Language))
def test_the_same_run_gives_the_same_text(texts: Texts, wanted: Format, language: Language) -> None:
    run = (example_result(), example_reference())
    again = (example_result(), example_reference())

    first = export(wanted, sheet(texts, run, language))

    assert first == export(wanted, sheet(texts, again, language))
    other = next(each for each in Language if each is not language)
    assert first != export(wanted, sheet(texts, run, other))


def test_ids_last_from_run_to_run_and_events_do_not(texts: Texts) -> None:
    result, reference = every_standing()
    later = make.make_result(
        facts=make.make_run_facts(previous="00" * 32), findings=result.findings
    )
    object.__setattr__(later.facts, "id", "20261224T090500Z-0001")

    before, after = (
        {each.lasting: each.uuid for each in sheet(texts, (run, reference)).told}
        for run in (result, later)
    )

    assert before.keys() == after.keys()
    assert len(before) == 6
    assert not set(before.values()) & set(after.values())
    assert {UUID(each).version for each in (*before, *before.values())} == {5}


@pytest.mark.parametrize("wanted", list(Format))
def test_it_says_what_was_found_with_proof_and_remedy(texts: Texts, wanted: Format) -> None:
    text = export(wanted, sheet(texts, every_standing(), Language.EN))

    for needed in (
        make.make_digest("nft"), make.make_digest("photo"), "There is an alarm.",
        "It is replaced.", "Mend x.", "Example guideline", "https://www.example.org/guide",
        "Firewall.", "Jo",
    ):  # fmt: skip
        assert needed in text, needed


@pytest.mark.parametrize("wanted", list(Format))
def test_nothing_unseen_stays_in_it(texts: Texts, wanted: Format) -> None:
    text = export(wanted, sheet(texts, hostile_run(MISLEADING)))

    text.encode("utf-8")
    assert [char for char in UNSEEN if char in text] == []
    assert "[U+202E]" in text.replace("\\", "")


@pytest.mark.parametrize("wanted", list(Format))
def test_people_get_a_pseudonym(texts: Texts, wanted: Format) -> None:
    checks = test_pseudonyms.CHECKS
    reference = make.make_reference(checks=checks.values())
    covered = pseudonymised(test_pseudonyms.run(), checks, test_pseudonyms.KEY)
    plain = export(wanted, sheet(texts, (test_pseudonyms.run(), reference)))
    assert "jan" in plain

    text = export(wanted, sheet(texts, (covered, reference)))

    assert "jan" not in text
    assert test_pseudonyms.JAN in text


@pytest.mark.parametrize("text", HOSTILE)
def test_values_stay_bounded(texts: Texts, text: str) -> None:
    assert facts({"a": (text * 1000,) * 100, "n": 10**5000, "x": float("nan")}) == {
        "a": [facts({"v": text * 1000})["v"]] * 50 + ["… (+50)"],
        "n": None,
        "x": None,
    }
    assert len(str(facts({"v": text * 1000})["v"])) <= 300

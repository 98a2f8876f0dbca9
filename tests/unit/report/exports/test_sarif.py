"""SARIF 2.1.0, by its schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from assessor.model.language import Language
from assessor.model.run import Reference, RunResult
from assessor.report.exports.formats import Format, export
from tests import factories as make
from tests.unit.report.example import STATEMENT, example_reference, example_result
from tests.unit.report.exports.runs import MANIFEST, Texts, every_standing, sheet
from tests.unit.report.exports.schemas import faults
from tests.unit.report.test_html import HOSTILE, MISLEADING, hostile_run

SCHEMA = "sarif-2.1.0.json"


def written(
    texts: Texts, run: tuple[RunResult, Reference], language: Language = Language.EN
) -> Any:
    return json.loads(export(Format.SARIF, sheet(texts, run, language)))


@pytest.mark.parametrize("language", list(Language))
def test_it_fits_the_schema(texts: Texts, language: Language) -> None:
    for run in ((example_result(), example_reference()), every_standing()):
        assert faults(SCHEMA, written(texts, run, language)) == []


@pytest.mark.parametrize("text", [*HOSTILE, MISLEADING, "", "a b%"])
def test_hostile_text_fits_it_too(texts: Texts, text: str) -> None:
    assert faults(SCHEMA, written(texts, hostile_run(text))) == []


def test_the_schema_refuses_what_does_not_fit(texts: Texts) -> None:
    log = written(texts, every_standing())
    spoils: tuple[Callable[[Any], object], ...] = (
        lambda it: it["results"][0].update(kind="unknown"),
        lambda it: it["results"][0].pop("message"),
        lambda it: it["tool"]["driver"].pop("name"),
        lambda it: it["results"][0].update(guid="x"),
        lambda it: it.update(extra=1),
    )
    for spoil in spoils:
        spoiled = json.loads(json.dumps(log))
        spoil(spoiled["runs"][0])
        assert faults(SCHEMA, spoiled)


def test_each_standing_has_its_own_kind(texts: Texts) -> None:
    (run,) = written(texts, every_standing())["runs"]
    promises = [each for each in run["results"] if each["ruleId"] == "promise"]
    findings = [each for each in run["results"] if each["ruleId"] != "promise"]

    assert [each["kind"] for each in promises] == [
        "pass", "fail", "open", "informational", "open", "fail",
    ]  # fmt: skip
    assert [(each["ruleId"], each["kind"], each["level"]) for each in findings] == [
        ("host_firewall", "pass", "none"),
        ("host_firewall", "notApplicable", "none"),
        ("disks", "fail", "error"),
        ("updates", "open", "none"),
        ("updates", "open", "none"),
        ("alarm", "fail", "note"),
    ]
    suppressed = [each["ruleId"] for each in run["results"] if each.get("suppressions")]
    assert suppressed == ["promise", "disks"]
    accepted = findings[2]["suppressions"]
    assert len(accepted) == 1
    assert "It is replaced." in accepted[0]["justification"]
    assert findings[0]["properties"]["evidenceSha256"] == [make.make_digest("nft")]
    assert run["properties"]["manifestSha256"] == MANIFEST


def test_a_promise_is_found_back_in_the_statement(texts: Texts) -> None:
    (run,) = written(texts, (example_result(), example_reference()))["runs"]
    lines = STATEMENT.split("\n")

    found = 0
    for result in run["results"]:
        if result["ruleId"] != "promise":
            continue
        physical = result["locations"][0]["physicalLocation"]
        region = physical["region"]
        quote = result["properties"]["quote"]
        start = region["charOffset"]
        assert STATEMENT[start : start + region["charLength"]] == quote
        line = lines[region["startLine"] - 1]
        assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == quote
        assert physical["artifactLocation"]["uri"] == "https://bakkerijzoet.example/privacy"
        found += 1
    assert found == 12


def test_a_place_in_a_page_is_not_told_by_offsets_in_its_text(texts: Texts) -> None:
    result, reference = every_standing()
    assert result.statement is not None
    object.__setattr__(result.statement, "format", "html")

    (run,) = written(texts, (result, reference))["runs"]

    assert "region" not in run["results"][0]["locations"][0]["physicalLocation"]


def test_text_of_a_target_is_no_link_and_no_place_to_fill_in(texts: Texts) -> None:
    (run,) = written(texts, hostile_run("[click](https://evil.example) {0}"))["runs"]

    said = [each["message"]["text"] for each in run["results"]]
    assert any("[click] (https" in text for text in said)
    assert not [text for text in said if "](" in text or "{0}" in text.replace("{{0}}", "")]


def test_a_target_that_was_not_reached_is_notified(texts: Texts) -> None:
    (run,) = written(texts, (example_result(), example_reference()))["runs"]

    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    (missed,) = invocation["toolExecutionNotifications"]
    assert missed["message"]["text"].startswith("nas: ")

"""OSCAL assessment results, by NIST's schema of OSCAL 1.1.3."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from markdown_it import MarkdownIt

from assessor.model.language import Language
from assessor.model.run import Reference, RunResult
from assessor.report.exports.formats import Format, export
from assessor.report.exports.oscal_parts import markup, token
from tests import factories as make
from tests.unit.report.example import example_reference, example_result
from tests.unit.report.exports.runs import MANIFEST, Texts, every_standing, sheet
from tests.unit.report.exports.schemas import faults
from tests.unit.report.test_html import HOSTILE, MISLEADING, hostile_run

SCHEMA = "oscal_assessment-results_schema-1.1.3.json"


def written(texts: Texts, run: tuple[RunResult, Reference], language: Language) -> Any:
    return json.loads(export(Format.OSCAL, sheet(texts, run, language)))


def named(name: str, entry: Any) -> str:
    return next((it["value"] for it in entry["props"] if it["name"] == name), "")


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("run", [lambda: (example_result(), example_reference()), every_standing])
def test_it_fits_the_schema_of_nist(
    texts: Texts, language: Language, run: Callable[[], tuple[RunResult, Reference]]
) -> None:
    assert faults(SCHEMA, written(texts, run(), language)) == []


@pytest.mark.parametrize("text", [*HOSTILE, MISLEADING, "", " \n"])
def test_hostile_text_fits_it_too(texts: Texts, text: str) -> None:
    assert faults(SCHEMA, written(texts, hostile_run(text), Language.EN)) == []


def test_an_empty_run_fits_it(texts: Texts) -> None:
    run = (make.make_result(plan=[], evidence=[]), make.make_reference())
    assert faults(SCHEMA, written(texts, run, Language.EN)) == []


def test_the_schema_refuses_what_does_not_fit(texts: Texts) -> None:
    document = written(texts, every_standing(), Language.EN)
    spoils: tuple[Callable[[Any], object], ...] = (
        lambda it: it.update(uuid="x"),
        lambda it: it["metadata"].pop("last-modified"),
        lambda it: it["results"][0]["findings"][0]["target"]["status"].update(state="unknown"),
        lambda it: it["results"][0]["observations"][0]["props"][0].update(name="a b"),
        lambda it: it["results"][0]["observations"][0].update(collected="2026-11-24"),
        lambda it: it["results"][0].update(extra=1),
    )
    for spoil in spoils:
        spoiled = json.loads(json.dumps(document))
        spoil(spoiled["assessment-results"])
        assert faults(SCHEMA, spoiled)


def test_each_standing_has_its_own_words(texts: Texts) -> None:
    results = written(texts, every_standing(), Language.EN)["assessment-results"]
    (result,) = results["results"]
    by_target = {each["target"]["target-id"]: each for each in result["findings"]}

    assert results["metadata"]["oscal-version"] == "1.1.3"
    stands = {
        name: (
            each["target"]["status"]["state"],
            each["target"]["status"]["reason"],
            named("standing", each),
        )
        for name, each in by_target.items()
        if not name.startswith("claim-")
    }
    assert stands == {
        "firewall": ("satisfied", "pass", "pass"),
        "disk-encryption": ("not-satisfied", "other", "waived"),
        "patching": ("not-satisfied", "other", "unknown"),
        "fire-safety": ("satisfied", "other", "attested"),
        "locks": ("not-satisfied", "other", "unknown"),
        "alarm": ("not-satisfied", "fail", "fail"),
    }
    claims = [each for each in result["findings"] if each["target"]["type"] == "statement-id"]
    assert [each["description"] for each in claims] == [
        "Firewall.", "Schijven.", "Updates.", "Brand.", "Sloten.", "Alarm.",
    ]  # fmt: skip
    risks = {each["title"]: each for each in result["risks"]}
    assert {title: each["status"] for title, each in risks.items()} == {
        "disk-encryption (srv1)": "deviation-approved",
        "alarm (srv2)": "open",
    }
    waived = risks["disk-encryption (srv1)"]
    assert waived["deadline"] == "2027-02-28T23:59:59Z"
    assert "Long ago" in waived["statement"]
    assert "It is replaced" in waived["statement"]
    assert risks["alarm (srv2)"]["remediations"][0]["description"] == "Mend x."
    interview = [each for each in result["observations"] if each["methods"] == ["INTERVIEW"]]
    assert [named("counts", each) for each in interview] == ["yes", "no", "yes"]


def test_whatever_is_referred_to_is_there(texts: Texts) -> None:
    document = written(texts, (example_result(), example_reference()), Language.NL)
    results = document["assessment-results"]
    text = json.dumps(document)
    (result,) = results["results"]
    resources = [each["uuid"] for each in results["back-matter"]["resources"]]
    local = result["local-definitions"]
    known = {
        "#": set(resources),
        "subject-uuid": {each["uuid"] for each in local["inventory-items"]},
        "observation-uuid": {each["uuid"] for each in result["observations"]},
        "risk-uuid": {each["uuid"] for each in result["risks"]},
        "actor-uuid": {each["uuid"] for each in local["assessment-assets"]["components"]}
        | {each["uuid"] for each in results["metadata"]["parties"]},
    }

    for kind, ids in known.items():
        mark = '"href": "#' if kind == "#" else f'"{kind}": "'
        used = {piece[:36] for piece in text.split(mark)[1:]}
        assert used, kind
        assert used <= ids, kind
    every = [piece[:36] for piece in text.split('"uuid": "')[1:]]
    assert len(every) == len(set(every))
    assert MANIFEST in text


@pytest.mark.parametrize(
    "text",
    [*HOSTILE, "[a](https://evil.example)", "**b** _i_ `c` ~~s~~ __class__", "# h", "1. x", "2) z",
     "- y", "![x](y)", "{{ insert: param, p }}", "&lt;b&gt;", "a_b_c", "> q", "\\*", "===",
     "<https://e>", "one\n===", "one\n---\n1. two", "a | b\n--- | ---\n1 | 2"],
)  # fmt: skip
def test_a_reader_of_markdown_sees_just_the_text(text: str) -> None:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["strikethrough", "table"])

    tokens = parser.parse(markup(text))

    assert [each.type for each in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    inside = tokens[1].children or []
    assert {each.type for each in inside} <= {"text", "text_special", "softbreak"}
    shown = "".join("\n" if each.type == "softbreak" else each.content for each in inside)
    assert shown == text
    assert "{{" not in markup(text)


def test_an_indented_text_is_no_block_of_code() -> None:
    tokens = MarkdownIt("commonmark").parse(markup("one\n\n    two\n\ttree"))
    assert {each.type for each in tokens} == {"paragraph_open", "inline", "paragraph_close"}


def test_any_name_becomes_a_token() -> None:
    assert token("host_firewall") == "host_firewall"
    assert token("9 a/b") == "_9-a-b"
    assert token("") == "_"

"""The JSON report fits its published schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from assessor.model.capture import Reason
from assessor.model.check import Severity
from assessor.model.finding import Outcome
from assessor.model.language import Language
from assessor.model.measure import MeasureKind
from assessor.model.run import Reference, RunResult
from assessor.model.statement import Verdict
from assessor.report.json import json_pieces
from assessor.report.texts import ReportTexts
from tests import factories as make
from tests.unit.report.example import STATEMENT, TEMPLATES, example_reference, example_result
from tests.unit.report.test_html import HOSTILE, MISLEADING, hostile_run
from tests.unit.report.whole_json import render_json

Texts = Mapping[Language, ReportTexts]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((TEMPLATES / "report.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(loaded)
    return loaded


def read(texts: Texts, result: RunResult, reference: Reference, language: Language) -> Any:
    return json.loads(render_json(result, reference, language, texts[language]))


@pytest.mark.parametrize("language", list(Language))
def test_the_example_fits_the_schema(
    texts: Texts, schema: dict[str, Any], language: Language
) -> None:
    report = read(texts, example_result(), example_reference(), language)

    assert list(Draft202012Validator(schema).iter_errors(report)) == []


def test_the_smallest_run_fits_the_schema(texts: Texts, schema: dict[str, Any]) -> None:
    report = read(texts, make.make_result(evidence=[]), make.make_reference(), Language.EN)

    assert list(Draft202012Validator(schema).iter_errors(report)) == []
    assert report["statement"] is None
    assert report["targets"][0]["complete"] is False


@pytest.mark.parametrize(
    "run",
    [
        (example_result(), example_reference()),
        (make.make_result(evidence=[]), make.make_reference()),
        (make.make_result(plan=[]), make.make_reference()),
        hostile_run("a\nb {\n}"),
    ],
    ids=["example", "smallest", "nothing", "line feeds"],
)
def test_piece_by_piece_it_is_laid_out_as_one_document(
    texts: Texts, run: tuple[RunResult, Reference]
) -> None:
    pieces = list(json_pieces(*run, Language.EN, texts[Language.EN]))
    text = "".join(pieces)

    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n"
    # No piece holds more than one finding, one target or one verdict.
    assert len(pieces) > len(run[0].findings) + len(run[0].plan.targets)


def test_a_document_that_does_not_fit_is_refused(texts: Texts, schema: dict[str, Any]) -> None:
    report = read(texts, example_result(), example_reference(), Language.NL)
    validator = Draft202012Validator(schema)

    spoils: tuple[Callable[[Any], object], ...] = (
        lambda it: it["claims"][0].update(verdict="fine"),
        lambda it: it["findings"][0].pop("outcome"),
        lambda it: it["targets"][0]["captures"][0].update(extra=1),
        lambda it: it.update(version=2),
    )
    for spoil in spoils:
        spoiled = json.loads(json.dumps(report))
        spoil(spoiled)
        assert not validator.is_valid(spoiled)


def test_the_schema_knows_every_word_of_the_model(schema: dict[str, Any]) -> None:
    defs = schema["$defs"]
    properties = schema["properties"]
    findings = properties["findings"]["items"]["properties"]
    checks = properties["checks"]["items"]["properties"]

    for words, listed in (
        (Verdict, defs["verdict"]["enum"]),
        (Reason, defs["missing"]["properties"]["reason"]["enum"]),
        (Outcome, findings["outcome"]["enum"]),
        (Severity, checks["severity"]["enum"]),
        (Language, properties["language"]["enum"]),
        (MeasureKind, [each for each in defs["measure"]["properties"]["kind"]["enum"] if each]),
    ):
        assert [word.value for word in words] == listed


def test_claims_quote_the_statement_and_rest_on_findings(texts: Texts) -> None:
    report = read(texts, example_result(), example_reference(), Language.NL)
    ids = [finding["id"] for finding in report["findings"]]

    assert len(ids) == len(set(ids))
    assert len(report["claims"]) == 12
    for claim in report["claims"]:
        assert STATEMENT[claim["start"] : claim["end"]] == claim["quote"]
        for line in claim["measures"]:
            assert set(line["findings"]) <= set(ids)
    assert report["summary"]["claims"]["total"] == 12
    digests = {each["sha256"] for target in report["targets"] for each in target["captures"]}
    assert {each for finding in report["findings"] for each in finding["evidence"]} <= digests


@pytest.mark.parametrize("text", [*HOSTILE, MISLEADING])
def test_hostile_text_comes_back_as_it_was_and_shows_nothing_unseen(
    texts: Texts, schema: dict[str, Any], text: str
) -> None:
    written = render_json(*hostile_run(text), Language.NL, texts[Language.NL])

    report = json.loads(written)
    assert report["run"]["organisation"] == text
    assert report["claims"][0]["quote"] == text
    assert list(Draft202012Validator(schema).iter_errors(report)) == []
    written.encode("utf-8")
    assert not [char for char in "\x00\x1b\x9b\u202e\u200b\ufeff" if char in written]


def test_numbers_that_json_lacks_are_null(texts: Texts) -> None:
    finding = make.make_finding(observed={"ratio": float("nan"), "pair": (1, float("inf"))})

    report = read(texts, make.make_result(findings=[finding]), make.make_reference(), Language.EN)

    assert report["findings"][0]["observed"] == {"ratio": None, "pair": [1, None]}

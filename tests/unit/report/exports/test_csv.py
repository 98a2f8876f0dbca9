"""CSV after RFC 4180, that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
import re

import pytest

from assessor.model.language import Language
from assessor.model.run import Reference, RunResult
from assessor.report.exports.csv import COLUMNS, cell
from assessor.report.exports.formats import Format, export
from tests import factories as make
from tests.unit.report.example import example_reference, example_result
from tests.unit.report.exports.runs import Texts, every_standing, sheet
from tests.unit.report.test_html import HOSTILE, MISLEADING, hostile_run

FORMULAS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "=cmd|' /C calc'!A0",
    "＝1+1", "＠x", '"=1+1', "'=1+1", "a;=1+1", 'a";"=1+1', "a\t=1+1", "a,=1+1",
    "a\r\n=1+1", "a|-1",
)  # fmt: skip


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def written(texts: Texts, run: tuple[RunResult, Reference]) -> str:
    return export(Format.CSV, sheet(texts, run, Language.EN))


@pytest.mark.parametrize("text", [*HOSTILE, *FORMULAS, MISLEADING, "", '"', '","', "a\r\nb"])
def test_it_is_rfc_4180_whatever_is_in_it(texts: Texts, text: str) -> None:
    table = written(texts, hostile_run(text))

    assert table.endswith("\r\n")
    lines = table.split("\r\n")
    assert "\n" not in "".join(lines)
    assert "\r" not in "".join(lines)
    # RFC 4180, section 2: each field is quoted, a quote in it is doubled, no space around it
    field = r'"(?:[^"]|"")*"'
    record = re.compile(rf"{field}(?:,{field}){{{len(COLUMNS) - 1}}}")
    assert [line for line in lines[:-1] if not record.fullmatch(line)] == []
    assert {len(row) for row in rows(table)} == {len(COLUMNS)}


@pytest.mark.parametrize("text", [*FORMULAS, *HOSTILE])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_no_cell_is_a_formula_however_it_is_split(texts: Texts, text: str, delimiter: str) -> None:
    table = written(texts, hostile_run(text))

    cells = [one for row in csv.reader(io.StringIO(table), delimiter=delimiter) for one in row]

    dangerous = re.compile(r"\s*[=+\-@\t\r＝＋－＠]")
    assert [one for one in cells if dangerous.match(one)] == []


def test_an_apostrophe_comes_before_a_formula_and_nothing_else() -> None:
    assert cell("=1+1") == "'=1+1"
    assert cell("-5") == "'-5"
    assert cell("a=1") == "a=1"
    assert cell("22, 443") == "22, 443"
    assert cell("x; y") == "x; y"
    assert cell("two\nlines\there") == "two lines here"


def test_every_record_is_there(texts: Texts) -> None:
    table = list(csv.DictReader(io.StringIO(written(texts, every_standing()))))
    kinds = [row["record"] for row in table]
    findings = [row for row in table if row["record"] == "finding"]

    assert {kind: kinds.count(kind) for kind in kinds} == {
        "promise": 6, "measure": 6, "attestation": 3, "waiver": 2, "finding": 6,
    }  # fmt: skip
    assert [(row["check"], row["result"], row["standing"]) for row in findings] == [
        ("host_firewall", "pass", "pass"),
        ("host_firewall", "not-applicable", "not-applicable"),
        ("disks", "fail", "waived"),
        ("updates", "unknown", "unknown"),
        ("updates", "unknown", "unknown"),
        ("alarm", "fail", "fail"),
    ]
    assert findings[2]["waived_until"] == "2027-02-28"
    assert findings[5]["remedy"] == "Mend x."
    attested = [row for row in table if row["record"] == "attestation"]
    assert [row["standing"] for row in attested] == ["counts", "does-not-count", "counts"]
    assert attested[0]["evidence_sha256"] == make.make_digest("photo")


def test_the_example_has_a_row_for_each_finding(texts: Texts) -> None:
    result = example_result()
    table = written(texts, (result, example_reference()))

    found = [row for row in csv.DictReader(io.StringIO(table)) if row["record"] == "finding"]
    assert len(found) == len(result.findings)
    assert len({row["uuid"] for row in found}) == len(found)

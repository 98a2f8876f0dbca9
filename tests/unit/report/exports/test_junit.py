"""JUnit XML, by the schema of Jenkins' xUnit plug-in."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from assessor.model.language import Language
from assessor.model.run import Reference, RunResult
from assessor.report.exports.formats import Format, export
from tests import factories as make
from tests.unit.report.example import example_reference, example_result
from tests.unit.report.exports.runs import Texts, every_standing, sheet
from tests.unit.report.exports.schemas import xml_faults
from tests.unit.report.test_html import HOSTILE, MISLEADING, hostile_run

SCHEMA = "junit-10.xsd"


def written(
    texts: Texts, run: tuple[RunResult, Reference], language: Language = Language.EN
) -> str:
    return export(Format.JUNIT, sheet(texts, run, language))


@pytest.mark.parametrize("language", list(Language))
def test_it_fits_the_schema(texts: Texts, language: Language) -> None:
    for run in ((example_result(), example_reference()), every_standing()):
        assert xml_faults(SCHEMA, written(texts, run, language)) == []


@pytest.mark.parametrize("text", [*HOSTILE, MISLEADING, "&#0;]]>", "\ufffe\uffff"])
def test_hostile_text_is_text(texts: Texts, text: str) -> None:
    tame = written(texts, hostile_run("tame words"))

    xml = written(texts, hostile_run(text))

    assert xml_faults(SCHEMA, xml) == []
    assert skeleton(xml) == skeleton(tame)
    if text.isprintable():
        assert text in "".join(ET.fromstring(xml).itertext())  # noqa: S314 - our own


def skeleton(xml: str) -> list[tuple[str, tuple[str, ...]]]:
    """All elements with the names of their attributes; a text that breaks out changes these."""
    root = ET.fromstring(xml)  # noqa: S314 - our own
    return [(each.tag, tuple(each.keys())) for each in root.iter() if each.tag != "system-out"]


def test_the_schema_refuses_what_does_not_fit(texts: Texts) -> None:
    xml = written(texts, every_standing())
    for before, after in (
        ("<testcase ", "<test "), (' tests="', ' test="'), ("<system-out>", "<b/><system-out>"),
    ):  # fmt: skip
        spoiled = xml.replace(before, after)
        if before == "<testcase ":
            spoiled = spoiled.replace("</testcase>", "</test>")
        assert xml_faults(SCHEMA, spoiled)


def test_each_standing_has_its_own_element(texts: Texts) -> None:
    root = ET.fromstring(written(texts, every_standing()))  # noqa: S314 - our own
    promises, first, second = root
    tags = [
        [(child.tag, child.get("type")) for child in case if child.tag != "system-out"]
        for case in promises.iter("testcase")
    ]

    assert tags == [
        [], [("skipped", "broken")],
        [("error", "unproven")], [], [("error", "expired")], [("failure", "broken")],
    ]  # fmt: skip
    for suite, counted in (
        (promises, (6, 1, 2, 1)), (first, (3, 0, 1, 1)), (second, (3, 1, 1, 1)),
    ):  # fmt: skip
        names = ("tests", "failures", "errors", "skipped")
        assert tuple(int(suite.get(name, "")) for name in names) == counted
    assert [suite.get("hostname") for suite in root] == [None, "srv1", "srv2"]
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("12", "2", "4")
    waived = first.find(".//skipped")
    assert waived is not None
    assert "It is replaced." in waived.get("message", "")
    attested = list(promises.iter("testcase"))[3].findtext("system-out") or ""
    assert "There is an alarm." in attested
    assert f"sha256 {make.make_digest('photo')} brand.jpg" in attested

"""A hostile run does nothing and misleads nowhere, in whatever form it is told.

Each form is read back by what reads it in earnest. What a form adds of its own to a text, such as
an apostrophe before a formula, its own tests tell.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from bs4 import BeautifulSoup
from lxml import etree

from assessor.model.language import Language
from assessor.model.presentation import Presentation
from assessor.model.report_settings import Audience
from assessor.model.run import Reference, RunResult
from assessor.report.docx import render_docx
from assessor.report.exports.formats import Format, export
from assessor.report.html import render_html
from assessor.report.markdown import render_markdown
from assessor.report.one_page import render_one_page
from assessor.report.parts.report import ReportView
from assessor.report.summary import summary_lines
from assessor.report.texts import ReportTexts
from assessor.report.view import build_view
from tests.unit.report.example import TEMPLATES
from tests.unit.report.exports.runs import sheet
from tests.unit.report.test_html import HOSTILE, MISLEADING, hostile_run
from tests.unit.report.test_markdown import shown, tokens
from tests.unit.report.whole_json import render_json

Texts = Mapping[Language, ReportTexts]
Run = tuple[RunResult, Reference]

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("https://evil")']
TAME = "tamme woorden"
# Controls, characters without width or direction, surrogates and tags; without the line's end.
UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


@dataclass(frozen=True)
class Told:
    """A run, ready to be written."""

    run: Run
    texts: Texts
    audience: Audience

    @property
    def view(self) -> ReportView:
        return build_view(*self.run, Language.NL, self.texts[Language.NL], self._presentation)

    @property
    def json(self) -> str:
        return render_json(*self.run, Language.NL, self.texts[Language.NL], self._presentation)

    @property
    def _presentation(self) -> Presentation:
        return Presentation(self.audience)


@dataclass(frozen=True)
class Form:
    """A form of the report.

    Attributes:
        write: writes it.
        acts: all in it that is more than text, for what reads it in earnest.
        reads: the words that come out of it.
        signs: how it shows what would be hidden.
    """

    write: Callable[[Told], str]
    acts: Callable[[str], object]
    reads: Callable[[str], str]
    signs: tuple[str, ...] = ("␀", "␛", "␇", "[U+202E]", "[U+200B]", "[U+D800]", "[U+E0041]")


def tags(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """Every tag with the names of its attributes, and the whole of every script."""
    parsed = BeautifulSoup(page, "html.parser")
    found = [(tag.name, tuple(sorted(tag.attrs))) for tag in parsed.find_all(True)]
    return sorted([*found, *((str(each), ()) for each in parsed.find_all("script"))])


def html_text(page: str) -> str:
    return BeautifulSoup(page, "html.parser").get_text(" ")


def markup(text: str) -> list[tuple[str, object]]:
    """Every kind of markup; a text of several lines may have more of the same of some."""
    return sorted({(token.type, token.attrs.get("href")) for token in tokens(text)} - {
        ("hardbreak", None), ("softbreak", None),
    })  # fmt: skip


def docx_parts(view: ReportView) -> str:
    """All the XML in the file, part after part; a part that is no XML would fail to be read."""
    with zipfile.ZipFile(io.BytesIO(render_docx(view))) as archive:
        names = [name for name in archive.namelist() if name.endswith((".xml", ".rels"))]
        trees = [etree.fromstring(archive.read(name)) for name in names]
    return "\f".join(etree.tostring(tree, encoding="unicode") for tree in trees)


def docx_elements(parts: str) -> list[tuple[str, object]]:
    """Every kind of element, and where every relation and field leads."""
    trees = [etree.fromstring(part) for part in parts.split("\f")]
    found: set[tuple[str, object]] = set()
    for each in (element for tree in trees for element in tree.iter(etree.Element)):
        where = [
            value
            for name, value in each.attrib.items()
            if etree.QName(str(name)).localname in {"Target", "TargetMode", "instr"}
        ]
        found.add((etree.QName(each).localname, tuple(where)))
    return sorted(found - {("br", ()), ("tab", ())}, key=repr)


def docx_text(parts: str) -> str:
    trees = [etree.fromstring(part) for part in parts.split("\f")]
    return " ".join(str(text) for tree in trees for text in tree.itertext())


def formulas(table: str) -> list[str]:
    """The cells that a spreadsheet takes for a formula, by whatever it splits at."""
    rows = [row for mark in ",;\t|" for row in csv.reader(io.StringIO(table), delimiter=mark)]
    return [cell for row in rows for cell in row if re.match(r"\s*[=+\-@\t\r＝＋－＠]", cell)]


def cells(table: str) -> str:
    return " ".join(cell for row in csv.reader(io.StringIO(table)) for cell in row)


def shape(document: str) -> object:
    """The document without its words: what stands in what."""

    def bare(value: object) -> object:
        if isinstance(value, dict):
            return sorted((bare(each) for each in value.values()), key=repr)
        return [bare(each) for each in value] if isinstance(value, list) else type(value).__name__

    return bare(json.loads(document))


def strings(document: str) -> str:
    def told(value: object) -> list[str]:
        if isinstance(value, dict):
            return [text for name, each in value.items() for text in (name, *told(each))]
        if isinstance(value, list):
            return [text for each in value for text in told(each)]
        return [value] if isinstance(value, str) else []

    return " ".join(told(json.loads(document)))


FORMS = {
    "html": Form(lambda told: render_html(told.view, TEMPLATES), tags, html_text),
    "one page": Form(lambda told: render_one_page(told.view, TEMPLATES), tags, html_text),
    "markdown": Form(lambda told: render_markdown(told.view), markup, shown),
    "docx": Form(lambda told: docx_parts(told.view), docx_elements, docx_text),
    # a programme gets the words as they are; who looks at the file sees escapes (RFC 8259)
    "json": Form(
        lambda told: told.json, shape, strings,
        ("\\u0000", "\\u001b", "\\u0007", "\\u202e", "\\u200b", "\\ud800", "\\udb40\\udc41"),
    ),
    "csv": Form(
        lambda told: export(Format.CSV, sheet(told.texts, told.run)), formulas, cells
    ),
    # what a terminal obeys are control characters, and those it gets from nothing else
    "terminal": Form(
        lambda told: "\n".join(summary_lines(told.view)), UNSEEN.findall, str
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def tame(texts: Texts) -> Mapping[tuple[str, Audience], object]:
    """All that each form does with a run in which nothing is hostile."""
    return {
        (name, audience): form.acts(form.write(Told(hostile_run(TAME), texts, audience)))
        for name, form in FORMS.items()
        for audience in Audience
    }


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("text", [*HOSTILE, *FORMULAS])
@pytest.mark.parametrize("form", FORMS)
def test_it_does_nothing_that_a_tame_run_does_not(
    texts: Texts,
    tame: Mapping[tuple[str, Audience], object],
    form: str,
    text: str,
    audience: Audience,
) -> None:
    told = FORMS[form]

    wild = told.acts(told.write(Told(hostile_run(text), texts, audience)))

    assert wild == tame[form, audience]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("form", FORMS)
def test_it_is_read_as_it_was_said(texts: Texts, form: str, text: str) -> None:
    """Nothing is swallowed, filled in or turned into something else."""
    told = FORMS[form]

    read = told.reads(told.write(Told(hostile_run(text), texts, Audience.INTERNAL)))

    assert " ".join(text.split()) in " ".join(read.split())
    assert "49{" not in read


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("form", FORMS)
def test_nothing_in_it_is_hidden(texts: Texts, form: str, audience: Audience) -> None:
    told = FORMS[form]

    written = told.write(Told(hostile_run(MISLEADING), texts, audience))

    written.encode("utf-8")
    assert UNSEEN.findall(written.replace("\f", "")) == []
    if form != "json":
        assert UNSEEN.findall(told.reads(written)) == []


@pytest.mark.parametrize("form", FORMS)
def test_what_would_be_hidden_is_shown_by_its_sign(texts: Texts, form: str) -> None:
    told = FORMS[form]

    written = told.write(Told(hostile_run(MISLEADING), texts, Audience.INTERNAL))

    assert [sign for sign in told.signs if sign not in written] == []


def test_a_form_that_acts_would_be_seen() -> None:
    """The readers above see what they are there for."""
    assert tags("<p onclick='x'>") != tags("<p>")
    assert tags("<script>a</script>") != tags("<script>b</script>")
    for live in ("<b>x</b>", "![x](y)", "[x](javascript:a)", "<https://x.example>", "# x"):
        assert set(markup(live)) - set(markup("x"))
    assert formulas('"a","=1+1"') == ["=1+1"]
    assert docx_elements('<r Target="https://x"/>') != docx_elements('<r Target="y.xml"/>')
    assert shape('{"a": "b"}') != shape('{"a": {"b": "c"}}')
    assert UNSEEN.findall("\x1b[31m\u202e") == ["\x1b", "\u202e"]

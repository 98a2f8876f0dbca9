"""The summary in DOCX, read back with python-docx and by the XML in its ZIP file."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from docx import Document
from docx.document import Document as DocumentObject
from docx.oxml.ns import qn
from lxml import etree

from assessor.model.language import Language
from assessor.report.docx import render_docx
from assessor.report.docx_page import TONES
from assessor.report.markdown import render_markdown
from assessor.report.parts.report import ReportView
from assessor.report.texts import ReportTexts
from assessor.report.view import build_view
from tests.unit.report.example import STATEMENT, TEMPLATES
from tests.unit.report.test_html import HOSTILE, MISLEADING, hostile_run
from tests.unit.report.test_markdown import shown

Views = Mapping[Language, ReportView]


@pytest.fixture(scope="module")
def data(views: Views) -> bytes:
    return render_docx(views[Language.NL])


@pytest.fixture(scope="module")
def document(data: bytes) -> DocumentObject:
    return Document(io.BytesIO(data))


def parts(data: bytes) -> dict[str, etree._Element]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            name: etree.fromstring(archive.read(name))
            for name in archive.namelist()
            if name.endswith((".xml", ".rels"))
        }


def words(document: DocumentObject) -> str:
    """All that is read, in order, with all white space as one space."""
    return " ".join(" ".join(_texts(document)).split())


def _texts(document: DocumentObject) -> Iterator[str]:
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            for row in block.rows:
                yield from (cell.text for cell in row.cells)
        else:
            yield block.text


def test_it_says_what_the_markdown_says(views: Views, document: DocumentObject) -> None:
    """Both are written from one outline; neither adds or forgets."""
    read = words(document)
    markdown = shown(render_markdown(views[Language.NL]))

    table = document.tables[0]
    head = " ".join(cell.text for cell in table.rows[0].cells)
    assert read.replace(f"{head} ", "", 1) == markdown.replace(" · ", " ")


def test_its_styles_are_those_of_a_word_processor(document: DocumentObject) -> None:
    styled = [(p.style.name, p.text) for p in document.paragraphs if p.style]

    assert styled[0] == ("Title", "Bakkerij Zoet")
    headings = [text for name, text in styled if name == "Heading 1"]
    assert headings == [
        "Uitkomst", "Dit moet er eerst gebeuren", "Belofte voor belofte", "Niet aangetoond",
        "Over dit rapport",
    ]  # fmt: skip
    assert ("Heading 2", "Belofte 2: ✗ niet nagekomen") in styled
    assert len([name for name, _ in styled if name == "List Number"]) == 3
    quotes = [text for name, text in styled if name == "Quote"]
    assert len([text for text in quotes if text in STATEMENT]) == 12


def test_headings_go_down_one_step_at_a_time(document: DocumentObject) -> None:
    names = [p.style.name or "" for p in document.paragraphs if p.style]
    levels = [int(name[-1]) for name in names if re.fullmatch(r"Heading \d", name)]

    assert names.count("Title") == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_the_table_of_promises_has_a_row_of_headings(document: DocumentObject) -> None:
    (table,) = document.tables
    rows = [[cell.text for cell in row.cells] for row in table.rows]

    assert rows[0] == ["Nummer", "Belofte", "Oordeel"]
    assert len(rows) == 13
    assert rows[2] == [
        "Belofte 2", "De schijven van onze laptops en servers zijn versleuteld.",
        "✗ niet nagekomen",
    ]  # fmt: skip
    marked = [row._tr.find(f".//{qn('w:tblHeader')}") is not None for row in table.rows]
    assert marked == [True] + [False] * 12
    caption = table._tbl.tblPr.find(qn("w:tblCaption"))
    assert caption is not None
    assert caption.get(qn("w:val")) == "Belofte voor belofte"


@pytest.mark.parametrize(("language", "locale"), [("nl", "nl-NL"), ("en", "en-GB")])
def test_it_knows_its_language(views: Views, language: Language, locale: str) -> None:
    data = render_docx(views[Language(language)])
    styles = parts(data)["word/styles.xml"]
    default = styles.find(f"{qn('w:docDefaults')}//{qn('w:lang')}")

    assert default is not None
    assert default.get(qn("w:val")) == locale
    assert Document(io.BytesIO(data)).core_properties.language == locale


def test_a_quotation_is_in_the_language_of_the_statement(views: Views) -> None:
    document = parts(render_docx(views[Language.EN]))["word/document.xml"]
    quoted = [
        run
        for run in document.iter(qn("w:r"))
        if run.find(f"{qn('w:rPr')}/{qn('w:lang')}") is not None
    ]
    run = next(run for run in quoted if (run.findtext(qn("w:t")) or "").startswith("De schijven"))

    language = run.find(f".//{qn('w:lang')}")
    assert language is not None
    assert language.get(qn("w:val")) == "nl-NL"


def test_its_properties_are_those_of_the_run(document: DocumentObject, views: Views) -> None:
    properties = document.core_properties

    assert properties.title == "Bakkerij Zoet – Controle van de privacyverklaring"
    assert properties.author == properties.last_modified_by == "Koek ICT"
    assert properties.created == properties.modified == datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
    assert properties.comments == ""


def test_every_page_has_its_title_and_number(document: DocumentObject) -> None:
    section = document.sections[0]
    fields = [each.get(qn("w:instr")) for each in section.footer._element.iter(qn("w:fldSimple"))]

    assert section.header.paragraphs[0].text == "Bakkerij Zoet – Controle van de privacyverklaring"
    assert fields == ["PAGE", "NUMPAGES"]
    assert section.page_height is not None
    assert section.page_width is not None
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)


def test_the_same_view_gives_the_same_bytes(views: Views, data: bytes) -> None:
    view = views[Language.NL]
    old = replace(view, imprint=replace(view.imprint, at=datetime(1970, 1, 1, tzinfo=UTC)))

    assert render_docx(view) == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {each.date_time for each in archive.infolist()} == {(2026, 11, 24, 9, 5, 0)}
    with zipfile.ZipFile(io.BytesIO(render_docx(old))) as archive:
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_it_tells_nothing_of_the_machine_that_made_it(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {each.create_system for each in archive.infolist()} == {0}
        everything = b"".join(archive.read(name) for name in archive.namelist())
        names = archive.namelist()

    assert b"python-docx" not in everything
    assert b"Macintosh Word" not in everything
    assert not [name for name in names if "thumbnail" in name]


@pytest.mark.parametrize("text", [*HOSTILE, MISLEADING, "=1+1", "DDEAUTO c:\\\\x", "\t\n x \n\n y"])
def test_hostile_words_are_words_and_it_leads_nowhere(
    texts: Mapping[Language, ReportTexts], text: str
) -> None:
    tame, wild = (
        render_docx(build_view(*hostile_run(each), Language.NL, texts[Language.NL]))
        for each in ("tamme woorden", text)
    )

    assert sorted(parts(wild)) == sorted(parts(tame))
    for name, tree in parts(wild).items():
        for relation in tree.iter("{*}Relationship"):
            assert relation.get("TargetMode") is None, name
            assert "://" not in (relation.get("Target") or ""), name
    body = parts(wild)["word/document.xml"]
    kinds = {etree.QName(each).localname for each in body.iter(etree.Element)}
    assert kinds == {
        etree.QName(each).localname for each in parts(tame)["word/document.xml"].iter(etree.Element)
    } | ({"br", "tab"} & kinds)
    assert not kinds & {"hyperlink", "fldSimple", "instrText", "object", "drawing", "altChunk"}
    Document(io.BytesIO(wild))


def test_the_colours_are_those_of_the_style_sheet() -> None:
    style = (TEMPLATES / "style.css").read_text("utf-8")
    colours = dict(re.findall(r"--([a-z]+): #([0-9a-f]{6});", style))
    verdicts = ("kept", "partly", "broken", "attested", "expired", "unproven")

    assert {name: TONES[name] for name in verdicts} == {name: colours[name] for name in verdicts}

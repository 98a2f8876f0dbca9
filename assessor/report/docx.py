"""Writes a view as a summary in DOCX (ECMA-376), to be mailed and opened in any word processor.

The styles are those that every word processor knows (Title, Heading, List), so that a reader's
table of contents and a screen reader find their way. The same view gives the same bytes, and the
file leads nowhere: it has no links and loads nothing.
"""

from __future__ import annotations

import io
import re
from typing import assert_never

from docx import Document
from docx.document import Document as DocumentObject
from docx.shared import Cm
from docx.text.paragraph import Paragraph as DocxParagraph

from assessor.report.docx_page import (
    COMMAND,
    LEAD,
    LITERAL,
    coloured,
    element,
    locale,
    set_page,
    set_properties,
    set_styles,
    with_fixed_dates,
)
from assessor.report.outline import (
    Block,
    Heading,
    Line,
    Listing,
    Paragraph,
    Quotation,
    Span,
    Table,
    outline,
)
from assessor.report.parts.report import ReportView

_HEADINGS = {1: "Title", 2: "Heading 1", 3: "Heading 2", 4: "Heading 3"}
_COLUMNS = (Cm(2.4), Cm(10.4), Cm(4.2))
_BLANK_LINES = re.compile(r"\n\s*\n")


def render_docx(view: ReportView) -> bytes:
    """The summary as a DOCX file."""
    document = Document()
    set_page(document, view)
    set_styles(document, view)
    set_properties(document, view)
    for block in outline(view):
        _add(document, block)
    stream = io.BytesIO()
    document.save(stream)
    return with_fixed_dates(stream.getvalue(), view.imprint.at)


def _add(document: DocumentObject, block: Block) -> None:
    match block:
        case Heading():
            _fill(document.add_paragraph(style=_HEADINGS[block.level]), block.line)
        case Paragraph():
            _fill(document.add_paragraph(style=LEAD if block.lead else None), block.line)
        case Quotation():
            for text in _BLANK_LINES.split(block.text.strip()):
                _fill(document.add_paragraph(style="Quote"), (Span(text),), block.language)
        case Listing():
            _add_list(document, block)
        case Table():
            _add_table(document, block)
        case _:
            assert_never(block)


def _add_list(document: DocumentObject, listing: Listing) -> None:
    for entry in listing.entries:
        style = "List Number" if listing.numbered else "List Bullet"
        for line in entry.lines:
            _fill(document.add_paragraph(style=style), line)
            style = "List Continue"
        if entry.command:
            document.add_paragraph(entry.command, style=COMMAND)


def _add_table(document: DocumentObject, block: Table) -> None:
    head = tuple((Span(text, strong=True),) for text in block.head)
    table = document.add_table(len(block.rows) + 1, len(head), style="Table Grid")
    table.autofit = False
    for name, value in (("tblCaption", block.caption), ("tblDescription", ", ".join(block.head))):
        table._tbl.tblPr.append(element(name, val=value))
    for number, (row, lines) in enumerate(zip(table.rows, (head, *block.rows), strict=True)):
        # the first row comes back on every page, and is what a screen reader takes for headings
        kept = element("cantSplit" if number else "tblHeader")
        row._tr.get_or_add_trPr().append(kept)
        for cell, line, width in zip(row.cells, lines, _COLUMNS, strict=True):
            cell.width = width
            _fill(cell.paragraphs[0], line)
            if not number:
                shade = element("shd", val="clear", color="auto", fill="EEF1F3")
                cell._tc.get_or_add_tcPr().append(shade)
    document.add_paragraph()


def _fill(paragraph: DocxParagraph, line: Line, language: str = "") -> None:
    for span in line:
        if not span.text:
            continue
        run = paragraph.add_run(span.text, style=LITERAL if span.literal else None)
        if span.strong or span.tone:
            run.bold = True
        if span.tone:
            run.font.color.rgb = coloured(span.tone)
        if language:
            run._r.get_or_add_rPr().append(element("lang", val=locale(language)))

"""How a DOCX file of ours looks and what it says of itself: page, styles, properties, dates."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import cast

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from lxml.etree import _Element

from assessor.report.parts.report import ReportView

TONES = {
    "kept": "1c6b43", "pass": "1c6b43", "partly": "8a5300", "broken": "a1231c", "fail": "a1231c",
    "attested": "2a549a", "expired": "6d3f8c", "unproven": "4f5b67", "unknown": "4f5b67",
    "not-applicable": "4f5b67",
}  # fmt: skip
"""The colours of verdicts, those of ``reports/style.css``."""
INK = "16303f"
COMMAND, LITERAL, LEAD = "Command", "Literal", "Lead"
"""Styles of ours: a command on lines of its own, a machine's text in a sentence, the verdict."""

_LOCALES = {"nl": "nl-NL", "en": "en-GB"}
_MONO = "Consolas"
_MOST = 255
"""Characters of a property, as many as python-docx takes."""
# What the template that comes with python-docx says of itself: none of it is about this report.
_NOT_OURS = (
    RELATIONSHIP_TYPE.EXTENDED_PROPERTIES,
    "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail",
)
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""A date in a ZIP file is not before this one."""


def locale(language: str) -> str:
    """The language as word processors name it, with a country."""
    return _LOCALES.get(language, language)


def coloured(code: str) -> RGBColor:
    """The colour of a verdict or outcome."""
    return RGBColor.from_string(TONES[code].upper())


def element(name: str, **attributes: str) -> _Element:
    """An element of WordprocessingML (ECMA-376 part 1) with its attributes."""
    made = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def set_page(document: Document, view: ReportView) -> None:
    """A4, with the title above each page and its number below it."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(2.2)
    section.header.paragraphs[0].add_run(view.imprint.title)
    footer = section.footer.paragraphs[0]
    footer.add_run(f"{view.labels['page']} ")
    footer._p.append(_field("PAGE"))
    footer.add_run(f" {view.labels['of']} ")
    footer._p.append(_field("NUMPAGES"))


def _field(instruction: str) -> _Element:
    """A number that the word processor fills in."""
    field, run, text = element("fldSimple", instr=instruction), element("r"), element("t")
    text.text = "1"
    run.append(text)
    field.append(run)
    return field


def set_styles(document: Document, view: ReportView) -> None:
    """The styles, in the house's colour, and the language of every text that has none itself."""
    ink = RGBColor.from_string((view.house.accent.removeprefix("#") or INK).upper())
    for name, size in (("Title", 24), ("Heading 1", 15), ("Heading 2", 12.5), ("Heading 3", 11)):
        style = _style(document, name)
        style.font.size, style.font.color.rgb = Pt(size), ink
        style.paragraph_format.keep_with_next = True
    for name in ("Normal", "List Continue", "List Bullet", "List Number"):
        _style(document, name).paragraph_format.space_after = Pt(4)
    _style(document, "Quote").paragraph_format.left_indent = Cm(0.8)
    _new_style(document, LEAD).font.size = Pt(13)
    command = _new_style(document, COMMAND)
    command.paragraph_format.left_indent = Cm(0.8)
    literal = document.styles.add_style(LITERAL, WD_STYLE_TYPE.CHARACTER)
    for font in (command.font, literal.font):
        font.name, font.size = _MONO, Pt(9)
    for part, name in ((document.styles, "lang"), (document.settings, "themeFontLang")):
        for language in part.element.iter(qn(f"w:{name}")):
            language.set(qn("w:val"), locale(view.language))


def _style(document: Document, name: str) -> ParagraphStyle:
    return cast("ParagraphStyle", document.styles[name])


def _new_style(document: Document, name: str) -> ParagraphStyle:
    style = cast("ParagraphStyle", document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH))
    style.base_style = document.styles["Normal"]
    return style


def set_properties(document: Document, view: ReportView) -> None:
    """What the file says of itself; its dates are those of the run."""
    properties, imprint = document.core_properties, view.imprint
    properties.title = imprint.title[:_MOST]
    properties.subject = view.summary.headline[:_MOST]
    properties.author = properties.last_modified_by = imprint.author[:_MOST]
    properties.comments = ""
    properties.language = locale(view.language)
    properties.created = properties.modified = imprint.at.astimezone(UTC).replace(tzinfo=None)
    relations = document.part.package.rels
    for name in [key for key, each in relations.items() if each.reltype in _NOT_OURS]:
        del relations[name]


def with_fixed_dates(data: bytes, at: datetime) -> bytes:
    """The same ZIP file with ``at`` in the place of the times at which its parts were made."""
    moment = max(at.astimezone(UTC), _EARLIEST)
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as made,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as fixed,
    ):
        for each in made.infolist():
            entry = zipfile.ZipInfo(each.filename, moment.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # else it tells on which system it was made
            fixed.writestr(entry, made.read(each))
    return stream.getvalue()

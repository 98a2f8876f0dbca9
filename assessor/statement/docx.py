"""Reads the text of a Word document as Markdown, with python-docx."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

import docx
from docx.document import Document
from docx.opc.exceptions import OpcError
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml import etree

from assessor.errors import StatementError

# What a statement of a hundred pages with pictures unpacks to is far below these.
_LARGEST_PART = 20_000_000
_LARGEST_WHOLE = 60_000_000
_MOST_PARTS = 2_000
_MOST_BLOCKS = 50_000
_HEADING = re.compile(r"(?:heading|kop|title|titel|überschrift)\s*(\d?)", re.I)
_LIST = re.compile(r"list|lijst|opsomming|bullet", re.I)
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\u00ad]")


def docx_to_markdown(raw: bytes) -> str:
    """The text of the document: headings, list items and table rows are marked as such.

    Raises:
        StatementError: it is no Word document, damaged, encrypted, or unpacks to too much.
    """
    _refuse_bombs(raw)
    try:
        document = docx.Document(io.BytesIO(raw))
        lines = list(_lines(document))
    except (
        OpcError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        etree.XMLSyntaxError,
        NotImplementedError,
        RecursionError,
    ) as error:
        raise StatementError(
            "is no Word document that can be read",
            mend="open it in a word processor, save it as DOCX again, or give a PDF",
        ) from error
    return _BAD.sub("", "\n".join(lines)) + "\n"


def _refuse_bombs(raw: bytes) -> None:
    """Adds up what the parts really unpack to, and stops at the limit: their headers may lie."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS:
                raise StatementError("has too many parts for a statement")
            total = 0
            for part in parts:
                if part.flag_bits & 1:
                    raise StatementError(
                        "is encrypted", mend="save it without a password and give that"
                    )
                total += _unpacked(archive, part)
                if total > _LARGEST_WHOLE:
                    raise _bomb()
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        NotImplementedError,
        ValueError,
    ) as error:
        raise StatementError(
            "is no Word document that can be read",
            mend="open it in a word processor, save it as DOCX again, or give a PDF",
        ) from error


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    if part.file_size > _LARGEST_PART:
        raise _bomb()
    size = 0
    with archive.open(part) as stream:
        while chunk := stream.read(1 << 20):
            size += len(chunk)
            if size > _LARGEST_PART:
                raise _bomb()
    return size


def _bomb() -> StatementError:
    return StatementError(
        "unpacks to far more than a statement holds",
        mend="save the document without its pictures, or give its text",
    )


def _lines(document: Document) -> Iterator[str]:
    for count, block in enumerate(document.iter_inner_content()):
        if count > _MOST_BLOCKS:
            raise StatementError("has too many paragraphs", mend="give the statement itself")
        if isinstance(block, Table):
            yield ""
            for row in block.rows:
                cells = list(dict.fromkeys(" ".join(c.text.split()) for c in row.cells))
                yield "| " + " | ".join(cells)
            yield ""
        else:
            yield from _paragraph(block)


def _paragraph(paragraph: Paragraph) -> Iterator[str]:
    text = paragraph.text.strip()
    if not text:
        yield ""
        return
    style = paragraph.style.name if paragraph.style is not None else None
    heading = _HEADING.match(style or "")
    properties = paragraph._p.pPr
    if heading:
        yield ""
        yield "#" * int(heading.group(1) or "1") + " " + " ".join(text.split())
        yield ""
    elif (properties is not None and properties.numPr is not None) or _LIST.search(style or ""):
        yield "- " + " ".join(text.split())
    else:
        yield ""
        yield text
        yield ""

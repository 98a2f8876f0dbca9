"""Tells from its bytes whether a file is of a kind that is taken as evidence."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import BinaryIO

_HEAD = 4096
"""How much of a file's beginning is looked at, in bytes."""
_LONGEST_END = 22 + 65_535
"""The end record of a ZIP file with its longest comment, in bytes (APPNOTE 4.3.16)."""
_LARGEST_DIRECTORY = 1024 * 1024
"""A list of members that is larger is no document's; reading it costs memory."""


class FileKind(StrEnum):
    """A kind of file that is taken."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    GIF = "gif"
    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    ODT = "odt"
    ODS = "ods"
    EML = "eml"
    TEXT = "text"


SUFFIXES: Mapping[FileKind, tuple[str, ...]] = MappingProxyType(
    {
        FileKind.JPEG: (".jpg", ".jpeg"),
        FileKind.PNG: (".png",),
        FileKind.WEBP: (".webp",),
        FileKind.HEIC: (".heic", ".heif"),
        FileKind.GIF: (".gif",),
        FileKind.PDF: (".pdf",),
        FileKind.DOCX: (".docx",),
        FileKind.XLSX: (".xlsx",),
        FileKind.ODT: (".odt",),
        FileKind.ODS: (".ods",),
        FileKind.EML: (".eml",),
        FileKind.TEXT: (".txt", ".csv", ".md", ".log"),
    }
)
"""The suffixes that a file of each kind may have; the first is given where it has none of them."""

# ISO/IEC 23008-12 (HEIF) brands of still images that phones write
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis", b"hevc", b"hevx"})

# The part that makes a ZIP file a document: ECMA-376-2 (docx, xlsx)
_OFFICE_PARTS = {"word/document.xml": FileKind.DOCX, "xl/workbook.xml": FileKind.XLSX}
# OpenDocument 1.3 part 2, section 3.3: the first member says what it is, uncompressed
_OPEN_DOCUMENTS = {
    b"application/vnd.oasis.opendocument.text": FileKind.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": FileKind.ODS,
}

_MACRO_FOLDERS = ("basic/", "scripts/")

_NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MAIL_HEADER = re.compile(rb"(?:^|\n)(from|date|subject|received|message-id|to):", re.IGNORECASE)
_FIRST_HEADER = re.compile(rb"[!-9;-~]+:[ \t\r]")
_MARKUP = re.compile(
    rb"<\s*(!doctype|\?xml|html|head|body|svg|script|iframe|object|embed|style|meta|link|img"
    rb"|\?php|%)",
    re.IGNORECASE,
)
_PROGRAM = (b"#!", b"@echo", b"MZ", b"\x7fELF", b"%!PS")


class KindReader:
    """Looks at a file as its parts come by."""

    def __init__(self) -> None:
        self._head = b""
        self._is_text = True

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes of the file."""
        if len(self._head) < _HEAD:
            self._head += chunk[: _HEAD - len(self._head)]
        self._is_text = self._is_text and not _NO_TEXT.search(chunk)

    def kind(self, whole: BinaryIO) -> FileKind | None:
        """What the file is; ``None`` for whatever is not taken.

        Args:
            whole: the same file, that can be read again.
        """
        head = self._head
        if head.startswith(b"PK\x03\x04"):
            return _document(whole)
        if image := _image(head):
            return image
        if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"%PDF-"):
            return FileKind.PDF
        return _text(head) if self._is_text else None


def _image(head: bytes) -> FileKind | None:
    if head.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return FileKind.GIF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return FileKind.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return FileKind.HEIC
    return None


def _document(whole: BinaryIO) -> FileKind | None:
    """A document without macros; any other ZIP file could hold anything."""
    names = _members(whole)
    if any(name.startswith(_MACRO_FOLDERS) or name.endswith("vbaproject.bin") for name in names):
        return None
    whole.seek(0)
    start = whole.read(128)[30:].removeprefix(b"mimetype")
    for mark, kind in _OPEN_DOCUMENTS.items():
        if start.startswith(mark) and not start.startswith(mark + b"-"):
            return kind
    for part, kind in _OFFICE_PARTS.items():
        if part in names and "[content_types].xml" in names:
            return kind
    return None


def _members(whole: BinaryIO) -> frozenset[str]:
    """The names of a ZIP file's members, in small letters; none where it is not a plain one."""
    size = whole.seek(0, io.SEEK_END)
    whole.seek(max(0, size - _LONGEST_END))
    tail = whole.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22 or tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        return frozenset()
    (directory_size,) = struct.unpack_from("<L", tail, at + 12)
    if directory_size > _LARGEST_DIRECTORY:
        return frozenset()
    try:
        with zipfile.ZipFile(whole) as archive:
            return frozenset(name.lower() for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return frozenset()


def _text(head: bytes) -> FileKind | None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(_PROGRAM):
        return None
    if _FIRST_HEADER.match(start) and len(set(_MAIL_HEADER.findall(start.lower()))) >= 2:
        return FileKind.EML
    return None if _MARKUP.search(head) else FileKind.TEXT

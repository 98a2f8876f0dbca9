"""Reads a statement from its bytes: text, Markdown, HTML, PDF or DOCX, whatever the sender.

A statement is hostile input: sizes are bounded, nothing in it is run or fetched, and what cannot be
read is said, with what would mend it.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from assessor.errors import StatementError
from assessor.model.language import Language
from assessor.model.statement import StatementText
from assessor.statement.html import html_to_markdown

LARGEST_STATEMENT = 10_000_000
"""Bytes; a statement is some 10 kB of text, and a designed PDF of it some MB."""

LONGEST_TEXT = 300_000
"""Characters of text, some hundred pages: no statement is longer, and more would take seconds."""

_BY_SUFFIX = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
}
_BY_MEDIA_TYPE = {
    "text/plain": "text",
    "text/markdown": "markdown",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}
_OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_HEAD = 4_096
_HTML_HEAD = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|main|article|div|section|p|h[1-6]|ul)[\s>]", re.I
)
_MARKDOWN_HEAD = re.compile(r"^(?:#{1,6} \S|[*-] \*\*)", re.M)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset=[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.I)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
# Above this share of control characters a file is no text.
_MOST_CONTROL = 0.01

# Words that nearly every sentence of one language has and the other lacks.
_DUTCH = frozenset(
    [
        "de",
        "het",
        "een",
        "en",
        "van",
        "wij",
        "we",
        "uw",
        "je",
        "jouw",
        "zijn",
        "is",
        "wordt",
        "worden",
        "niet",
        "met",
        "voor",
        "op",
        "te",
        "dat",
        "die",
        "aan",
        "om",
        "door",
        "bij",
        "naar",
        "ook",
        "onze",
        "gegevens",
        "als",
        "u",
        "of",
    ]
)
_ENGLISH = frozenset(
    [
        "the",
        "a",
        "and",
        "of",
        "we",
        "our",
        "you",
        "your",
        "are",
        "be",
        "is",
        "not",
        "with",
        "for",
        "on",
        "to",
        "that",
        "which",
        "by",
        "from",
        "this",
        "or",
        "data",
        "personal",
        "information",
        "will",
        "may",
        "any",
        "it",
        "as",
        "have",
        "has",
    ]
)
_WORD = re.compile(r"[a-zA-Z]{1,20}")
_LANGUAGE_SAMPLE = 50_000


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    read: Callable[[bytes], str]


def parse_statement(
    raw: bytes, *, source: str, media_type: str = "", language: Language | None = None
) -> StatementText:
    """Reads a statement.

    Args:
        raw: the bytes of the file or of the answer.
        source: the path or address they came from; its suffix helps to tell the format.
        media_type: the ``Content-Type`` they came with, if any; what the content shows goes first.
        language: the language, or ``None`` to detect it.

    Raises:
        StatementError: empty, too large, encrypted, a scan, or of a format that cannot be read.
    """
    if len(raw) > LARGEST_STATEMENT:
        raise StatementError(
            f"{source}: {len(raw):,} bytes is too large for a statement",
            mend=f"give the statement itself, of at most {LARGEST_STATEMENT:,} bytes",
        )
    if not raw.strip():
        raise StatementError(f"{source}: is empty", mend="give a file with the statement's text")
    kind = _kind_of(raw, source, media_type)
    try:
        text = kind.read(raw)
    except StatementError as error:
        raise StatementError(f"{source}: {error.message}", mend=error.mend) from error
    if len(text) > LONGEST_TEXT:
        raise StatementError(
            f"{source}: {len(text):,} characters is too long for a statement",
            mend=f"give the statement itself, of at most {LONGEST_TEXT:,} characters",
        )
    if not any(c.isalnum() for c in text):
        raise StatementError(
            f"{source}: no text was found in it", mend="give a file with the statement's text"
        )
    return StatementText(
        source=source,
        format=kind.name,
        text=text,
        sha256=hashlib.sha256(raw).hexdigest(),
        language=language or detect_language(text),
    )


def detect_language(text: str) -> Language:
    """The language whose common words the text has more of; Dutch when it has none of either."""
    dutch = english = 0
    for match in _WORD.finditer(text, 0, _LANGUAGE_SAMPLE):
        word = match.group().lower()
        dutch += word in _DUTCH
        english += word in _ENGLISH
    return Language.EN if english > dutch else Language.NL


def _kind_of(raw: bytes, source: str, media_type: str) -> _Kind:
    """The format: what the content shows, else the media type, else the suffix, else text."""
    head = raw[:_HEAD].lstrip(codecs.BOM_UTF8 + b" \t\r\n")
    if head.startswith(b"%PDF-"):
        return _KINDS["pdf"]
    if head.startswith(_ZIP):
        return _KINDS["docx"]
    if head.startswith(_OLD_WORD):
        raise StatementError(
            f"{source}: is a file of an old Word version",
            mend="save it as DOCX or PDF and give that",
        )
    declared = _BY_MEDIA_TYPE.get(media_type.partition(";")[0].strip().lower())
    suffix = PurePosixPath(urlsplit(source).path if "://" in source else source).suffix.lower()
    name = declared or _BY_SUFFIX.get(suffix)
    if name in ("pdf", "docx"):
        raise StatementError(
            f"{source}: is called {name.upper()} but is none",
            mend="give the statement as text, Markdown, HTML, PDF or DOCX",
        )
    if name is None or (declared == "text" and suffix not in _BY_SUFFIX):
        name = _sniffed(head)
    return _KINDS[name]


def _sniffed(head: bytes) -> str:
    if _HTML_HEAD.search(head):
        return "html"
    if _MARKDOWN_HEAD.search(head.decode("utf-8", errors="replace")):
        return "markdown"
    return "text"


def _decoded(raw: bytes) -> str:
    """The text, character by character as a reader of the file has it.

    UTF-8 as it stands (a byte order mark stays, as the first character), UTF-16 by its mark; what
    is neither is taken for Windows-1252, as old editors write it.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = raw.decode("utf-16", errors="replace")
    else:
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("cp1252", errors="replace")
    if len(_CONTROL.findall(text, 0, _LANGUAGE_SAMPLE)) > _MOST_CONTROL * min(
        len(text), _LANGUAGE_SAMPLE
    ):
        raise StatementError(
            "is no text", mend="give the statement as text, Markdown, HTML, PDF or DOCX"
        )
    return text


def _html(raw: bytes) -> str:
    charset = _CHARSET.search(raw[:_HEAD])
    if charset:
        try:
            return html_to_markdown(raw.decode(charset.group(1).decode("ascii"), errors="strict"))
        except (LookupError, UnicodeDecodeError):
            pass  # the declared encoding is wrong: go by the content
    return html_to_markdown(_decoded(raw))


def _pdf(raw: bytes) -> str:
    # These libraries take some ten megabytes, and most statements are pages of a site.
    from assessor.statement.pdf import pdf_to_text

    return pdf_to_text(raw)


def _docx(raw: bytes) -> str:
    from assessor.statement.docx import docx_to_markdown

    return docx_to_markdown(raw)


_KINDS = {
    "text": _Kind("text", _decoded),
    "markdown": _Kind("markdown", _decoded),
    "html": _Kind("html", _html),
    "pdf": _Kind("pdf", _pdf),
    "docx": _Kind("docx", _docx),
}

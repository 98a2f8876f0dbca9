"""Reads the text of a PDF, with pypdf."""

from __future__ import annotations

import io
import logging
import re
from collections import Counter

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from assessor.errors import StatementError

_MOST_PAGES = 200
_LONGEST_TEXT = 2_000_000
_LEAST_TEXT = 40
_BROKEN_WORD = re.compile(r"(?<=[^\W\d_])[-\u00ad]\n(?=[a-z])")
_REPEATED_ON = 3
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")

# pypdf warns of every flaw of a file; the flaws of a statement are no news to its reader.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def pdf_to_text(raw: bytes) -> str:
    """The text of the PDF, page after page, without lines that stand on every page.

    Raises:
        StatementError: it is encrypted, damaged, too long, or a scan without text.
    """
    try:
        pages = _pages(raw)
    except StatementError:
        raise
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
        RecursionError,
        ArithmeticError,
        AssertionError,
        NotImplementedError,
        MemoryError,
    ) as error:
        # pypdf raises what comes up when a file lies about its own structure.
        raise StatementError(
            "is a damaged PDF", mend="open it and save it again, or give its text"
        ) from error
    text = "\n\n".join(_without_repeats(pages))
    text = _BROKEN_WORD.sub("", _BAD.sub("", text))
    if sum(c.isalnum() for c in text) < _LEAST_TEXT:
        raise StatementError(
            "is a PDF without text: it seems to be a scan",
            mend="give the document it was made from, or its text",
        )
    return text + "\n"


def _pages(raw: bytes) -> list[str]:
    reader = PdfReader(io.BytesIO(raw), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise StatementError("is an encrypted PDF", mend="save it without a password and give that")
    if len(reader.pages) > _MOST_PAGES:
        raise StatementError(
            f"is a PDF of more than {_MOST_PAGES} pages", mend="give the statement itself"
        )
    pages: list[str] = []
    length = 0
    for page in reader.pages:
        text = page.extract_text()
        length += len(text)
        if length > _LONGEST_TEXT:
            raise StatementError("has too much text", mend="give the statement itself")
        pages.append(text)
    return pages


def _without_repeats(pages: list[str]) -> list[str]:
    """The pages without running heads and feet: first or last lines that most pages have."""
    split = [[line.rstrip() for line in page.splitlines()] for page in pages]
    edges = Counter(
        line.strip() for lines in split for line in {*lines[:2], *lines[-2:]} if line.strip()
    )
    often = {line for line, times in edges.items() if times >= max(_REPEATED_ON, 0.6 * len(pages))}
    return [
        "\n".join(
            line
            for index, line in enumerate(lines)
            if not (line.strip() in often and (index < 2 or index >= len(lines) - 2))
        )
        for lines in split
    ]

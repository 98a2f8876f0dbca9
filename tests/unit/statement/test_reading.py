# ruff: noqa: E501 -- tables of wordings read best one to a line
"""Statements of every format are read, and what cannot be read is said clearly."""

from __future__ import annotations

import io
import zipfile
import zlib

import docx
import pytest
from pypdf import PdfReader, PdfWriter

from assessor.errors import StatementError
from assessor.model.language import Language
from assessor.statement.html import html_to_markdown
from assessor.statement.reading import LARGEST_STATEMENT, LONGEST_TEXT, parse_statement

SENTENCE = "Wij maken dagelijks een back-up van alle gegevens op onze servers."


def pdf(lines: list[str]) -> bytes:
    """A PDF of one page, written by hand after ISO 32000-1, 7.5 (file structure)."""
    shown = " ".join(f"({line}) Tj T*" for line in lines)
    content = f"BT /F1 12 Tf 14 TL 50 750 Td {shown} ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        out += b"%010d 00000 n \n" % place
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        table,
    )
    return bytes(out)


def encrypted(raw: bytes, password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(raw)))
    writer.encrypt(password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def word_document() -> bytes:
    document = docx.Document()
    document.add_heading("Beveiliging", level=2)
    document.add_paragraph("Wij nemen de volgende maatregelen:")
    document.add_paragraph("Firewall", style="List Bullet")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text = "Facturen"
    table.rows[0].cells[1].text = "7 jaar"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_part(raw: bytes, name: str, body: bytes) -> bytes:
    """The zip with one part replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
        new.writestr(name, body)
    return out.getvalue()


# --- text and Markdown ---------------------------------------------------------------------


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_text_is_the_file_character_by_character(newline: str, mark: str) -> None:
    text = f"{mark}Beveiliging{newline}{newline}Wij hebben één firewall.{newline}"
    statement = parse_statement(text.encode(), source="privacy.txt")
    assert statement.text == text
    assert (statement.format, statement.language) == ("text", Language.NL)


def test_what_is_no_utf8_is_read_as_windows_1252() -> None:
    statement = parse_statement("Geüploade “foto’s”".encode("cp1252"), source="a.txt")
    assert statement.text == "Geüploade “foto’s”"


@pytest.mark.parametrize(
    ("raw", "source", "media_type", "expected"),
    [
        (b"# Privacy\n\ntekst", "privacy.md", "", "markdown"),
        (b"# Privacy\n\ntekst", "-", "", "markdown"),
        (b"Gewone tekst", "-", "", "text"),
        (b"<!DOCTYPE html><p>tekst</p>", "-", "", "html"),
        (b"<p>tekst</p>", "https://x.example/privacy", "text/html; charset=utf-8", "html"),
        (b"<p>tekst</p>", "https://x.example/privacy.html?a=.txt", "", "html"),
        (pdf([SENTENCE]), "privacy.txt", "text/plain", "pdf"),
        (word_document(), "statement", "", "docx"),
    ],
)
def test_the_format_is_told(raw: bytes, source: str, media_type: str, expected: str) -> None:
    assert parse_statement(raw, source=source, media_type=media_type).format == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wij bewaren uw gegevens niet langer dan nodig is voor het doel.", Language.NL),
        ("We keep your data no longer than is needed for the purpose.", Language.EN),
    ],
)
def test_the_language_is_detected_unless_given(text: str, expected: Language) -> None:
    assert parse_statement(text.encode(), source="a.txt").language is expected
    given = parse_statement(text.encode(), source="a.txt", language=Language.EN)
    assert given.language is Language.EN


@pytest.mark.parametrize(
    ("raw", "source", "message"),
    [
        (b"", "a.txt", "is empty"),
        (b" \n\t", "a.txt", "is empty"),
        (b"-- !! --", "a.txt", "no text"),
        (b"a" * (LARGEST_STATEMENT + 1), "a.txt", "too large"),
        (b"a " * (LONGEST_TEXT // 2 + 1), "a.txt", "too long for a statement"),
        (b"<p>a" * (LONGEST_TEXT // 2), "a.html", "too long for a statement"),
        (bytes(range(32)) * 40, "a.bin", "is no text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "a.doc", "old Word version"),
        (b"tekst", "a.pdf", "called PDF but is none"),
        (b"tekst", "a.docx", "called DOCX but is none"),
        (b"<html><script>alert(1)</script></html>", "a.html", "no text"),
        (b"%PDF-1.7 nonsense", "a.pdf", "damaged PDF"),
        (b"PK\x03\x04 nonsense", "a.docx", "no Word document"),
    ],
)
def test_what_cannot_be_read_is_said_with_the_mend(raw: bytes, source: str, message: str) -> None:
    with pytest.raises(StatementError, match=message) as caught:
        parse_statement(raw, source=source)
    assert source in caught.value.message
    assert caught.value.mend


# --- HTML ----------------------------------------------------------------------------------

PAGE = """<!doctype html><html><head><title>Privacy</title><style>p{}</style></head>
<body class="page modal-open">
<header class="site-header"><nav><ul><li><a href="/">Wij maken back-ups</a></li></ul></nav></header>
<div id="cookie-banner"><p>Alleen functionele cookies.</p><button>Akkoord</button></div>
<div class="content"><article><header><h1>Privacy&shy;verklaring</h1></header>
<p>Wij nemen <strong>passende</strong> maatregelen (<a href="x">lees meer</a>) &amp; zo.</p>
<h2>Beveiliging</h2>
<ul><li><p>Firewall</p></li><li>Antivirus<ul><li>op laptops</li></ul></li></ul>
<table><tr><th>Gegevens</th><th>Hoe lang</th></tr><tr><td><p>Facturen</p></td><td>7 jaar</td></tr></table>
Losse tekst.<br>Een tweede regel.
</article></div>
<aside class="sidebar">Spamfilter</aside><footer>SSL beveiligd</footer>
<script>var x = "versleuteld";</script></body></html>"""


def test_a_page_keeps_its_statement_and_loses_its_furniture() -> None:
    assert html_to_markdown(PAGE) == (
        "# Privacyverklaring\n\n"
        "Wij nemen **passende** maatregelen (_lees meer_) & zo.\n\n"
        "## Beveiliging\n\n"
        "- Firewall\n\n"
        "- Antivirus\n"
        "  - op laptops\n\n"
        "| Gegevens | Hoe lang\n"
        "|---|\n"
        "| Facturen | 7 jaar\n\n"
        "Losse tekst.\n"
        "Een tweede regel.\n"
    )


def test_furniture_by_name_is_kept_where_it_is_most_of_the_page() -> None:
    page = f"<div class='popup menu'><p>{SENTENCE}</p></div><p>Kort.</p>"
    assert SENTENCE in html_to_markdown(page)


def test_deep_nesting_is_read_to_its_bottom() -> None:
    page = "<div>" * 2_000 + SENTENCE + "</div>" * 2_000
    assert SENTENCE in html_to_markdown(page)


def test_nesting_that_the_parser_gives_up_on_is_no_empty_page() -> None:
    with pytest.raises(StatementError, match="too deep"):
        html_to_markdown("<div>" * 100_000 + SENTENCE)


def test_the_declared_encoding_counts_and_a_wrong_one_does_not() -> None:
    page = '<html><head><meta charset="{}"></head><p>Geüpload</p>'
    latin = parse_statement(page.format("iso-8859-1").encode("latin-1"), source="a.html")
    wrong = parse_statement(page.format("no-such-thing").encode(), source="a.html")
    assert latin.text == wrong.text == "Geüpload\n"


# --- PDF and DOCX --------------------------------------------------------------------------


def test_a_pdf_is_read_and_its_broken_words_are_mended() -> None:
    statement = parse_statement(pdf(["Onze beveili-", "ging is goed, " + SENTENCE]), source="a.pdf")
    assert "Onze beveiliging is goed" in statement.text


def test_an_encrypted_pdf_is_refused_and_one_without_a_password_is_read() -> None:
    raw = pdf([SENTENCE])
    with pytest.raises(StatementError, match="encrypted PDF"):
        parse_statement(encrypted(raw, "geheim"), source="a.pdf")
    assert SENTENCE in parse_statement(encrypted(raw, ""), source="a.pdf").text


def test_a_scan_is_told_from_a_text() -> None:
    with pytest.raises(StatementError, match="seems to be a scan"):
        parse_statement(pdf([]), source="a.pdf")


def test_a_word_document_keeps_headings_lists_and_tables() -> None:
    text = parse_statement(word_document(), source="a.docx").text
    assert "## Beveiliging\n" in text
    assert "\n- Firewall\n" in text
    assert "\n| Facturen | 7 jaar\n" in text


@pytest.mark.parametrize("name", ["word/document.xml", "word/media/image1.bin"])
def test_a_word_document_that_unpacks_to_too_much_is_refused(name: str) -> None:
    bomb = with_part(word_document(), name, bytes(25_000_000))
    assert len(bomb) < 100_000
    with pytest.raises(StatementError, match="unpacks to far more"):
        parse_statement(bomb, source="a.docx")


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    name = b"word/media/image1.bin"
    bomb = bytearray(with_part(word_document(), name.decode(), bytes(25_000_000)))
    size = (25_000_000).to_bytes(4, "little")
    assert bomb.count(size) == 2  # in the local header and in the directory
    bomb = bytearray(bytes(bomb).replace(size, (1_000).to_bytes(4, "little")))
    with pytest.raises(StatementError):
        parse_statement(bytes(bomb), source="a.docx")


def test_entities_in_a_word_document_are_not_expanded() -> None:
    body = (
        b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
        + b"]><w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>"
        b"<w:body><w:p><w:r><w:t>&j;</w:t></w:r></w:p></w:body></w:document>"
    )
    with pytest.raises(StatementError):
        parse_statement(with_part(word_document(), "word/document.xml", body), source="a.docx")


def test_a_flate_bomb_in_a_pdf_ends_in_an_error_or_little_text() -> None:
    content = zlib.compress(bytes(80_000_000), 9)
    raw = pdf([SENTENCE]).replace(
        b"/Type /Catalog", b"/Type /Catalog /X 9 0 R"
    ) + b"9 0 obj << /Length %d /Filter /FlateDecode >> stream\n%s\nendstream endobj" % (
        len(content),
        content,
    )
    try:
        text = parse_statement(raw, source="a.pdf").text
    except StatementError:
        return
    assert len(text) < 1_000

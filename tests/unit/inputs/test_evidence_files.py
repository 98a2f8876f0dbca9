"""Which files are taken as evidence, and what becomes of them."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.errors import WordError
from assessor.inputs.evidence_files import (
    MAX_FILE_BYTES,
    MAX_NAME,
    IncomingFile,
    inspect,
    keep,
    safe_name,
)


def _zip(*names: str, first: bytes = b"") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        if first:
            archive.writestr("mimetype", first)
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


_DOCX = _zip("[Content_Types].xml", "word/document.xml")
_XLSX = _zip("[Content_Types].xml", "xl/workbook.xml")
_ODT = b"application/vnd.oasis.opendocument.text"
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_MAIL = b"Received: from a by b\r\nFrom: jo@example.nl\r\nSubject: x\r\n\r\n<html><b>x</b></html>"


@pytest.mark.parametrize(
    ("name", "content", "kept_as"),
    [
        ("a.jpg", b"\xff\xd8\xff\xe1 Exif", "a.jpg"),
        ("IMG_1.JPEG", b"\xff\xd8\xff\xdb", "IMG_1.JPEG"),
        ("a.png", b"\x89PNG\r\n\x1a\n...", "a.png"),
        ("a.gif", b"GIF89a...", "a.gif"),
        ("a.webp", b"RIFF\x10\0\0\0WEBPVP8 ", "a.webp"),
        ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a.heic"),
        ("a.HEIF", b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "a.HEIF"),
        ("a.pdf", b"%PDF-1.4\n...", "a.pdf"),
        ("a.pdf", b"\r\n%PDF-1.4\n...", "a.pdf"),
        ("a.docx", _DOCX, "a.docx"),
        ("a.xlsx", _XLSX, "a.xlsx"),
        ("a.odt", _zip("content.xml", first=_ODT), "a.odt"),
        ("a.ods", _zip("content.xml", first=_ODS), "a.ods"),
        ("a.eml", _MAIL, "a.eml"),
        ("a.txt", b"Gekeurd in maart.", "a.txt"),
        ("a.txt", "Eén café.".encode("cp1252"), "a.txt"),
        ("a.csv", b"naam;datum\r\nJo;1-3-2026\r\n", "a.csv"),
        # a name that lies about what is in it, or says nothing
        ("a.jpg", b"%PDF-1.4", "a.jpg.pdf"),
        ("a.html", b"plain words", "a.html.txt"),
        ("a.exe", b"\x89PNG\r\n\x1a\n", "a.exe.png"),
        ("image", b"\xff\xd8\xff\xe0", "image.jpg"),
    ],
)
def test_what_is_taken(name: str, content: bytes, kept_as: str) -> None:
    assert inspect(IncomingFile(name, content)).name == kept_as


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"<!DOCTYPE html><p>x", id="HTML"),
        pytest.param(b"\xef\xbb\xbf  \n<HTML>", id="HTML behind a mark"),
        pytest.param(b"hello <script>alert(1)</script>", id="script in text"),
        pytest.param(b'<?xml version="1.0"?><svg/>', id="SVG"),
        pytest.param(b"<svg onload=alert(1)>", id="bare SVG"),
        pytest.param(b"From: <script>alert(1)</script>", id="HTML dressed as mail"),
        pytest.param(b"\x7fELF\x02\x01\x01", id="Linux program"),
        pytest.param(b"MZ\x90\x00\x03", id="Windows program"),
        pytest.param(b"MZ says Jo", id="Windows program that is text"),
        pytest.param(b"#!/bin/sh\nrm -rf /\n", id="shell script"),
        pytest.param(b"@echo off\r\n", id="batch file"),
        pytest.param(b"\xcf\xfa\xed\xfe\x07\x00\x00\x01", id="macOS program"),
        pytest.param(_zip("a.txt"), id="ZIP"),
        pytest.param(
            _zip("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), id="macro"
        ),
        pytest.param(_zip("Basic/Standard/m.xml", first=_ODT), id="macro in ODT"),
        pytest.param(_zip("content.xml", first=_ODT + b"-template"), id="template"),
        pytest.param(_DOCX[:-30], id="ZIP without its end"),
        pytest.param(b"PK\x03\x04", id="ZIP without anything"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", id="old Office file"),
        pytest.param(b"\0\0\0\x18ftypisom", id="video"),
        pytest.param(b"words \0 words", id="text with a null character"),
        pytest.param(b"words" + b" " * 2_000_000 + b"\x01", id="text that is none further on"),
    ],
)
def test_what_is_refused(content: bytes) -> None:
    with pytest.raises(WordError) as caught:
        inspect(IncomingFile("a.pdf", content))

    assert caught.value.code == "file-kind"
    assert caught.value.facts == {"name": "a.pdf"}


def test_a_list_of_members_that_would_fill_the_memory_is_not_read() -> None:
    end = b"PK\x05\x06" + bytes(4) + b"\xff\xff\xff\xff" + (2**30).to_bytes(4, "little") + bytes(6)

    with pytest.raises(WordError):
        inspect(IncomingFile("a.docx", b"PK\x03\x04" + bytes(100) + end))


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"RIFF", _DOCX[:60], _DOCX]))
def test_any_bytes_are_taken_or_refused(content: bytes, start: bytes) -> None:
    try:
        taken = inspect(IncomingFile("a", start + content))
    except WordError as error:
        assert error.code in ("file-kind", "file-empty")
    else:
        assert taken.size == len(start + content)


def test_an_empty_file() -> None:
    with pytest.raises(WordError) as caught:
        inspect(IncomingFile("a.pdf", b""))
    assert caught.value.code == "file-empty"


def test_the_largest_file_and_one_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff")
    os.truncate(path, MAX_FILE_BYTES)
    folder = tmp_path / "assessment"
    folder.mkdir()

    assert keep(folder, IncomingFile("photo.jpg", path)).size == MAX_FILE_BYTES

    os.truncate(path, 2**40)  # sparse: it takes no room, and would take hours to read
    with pytest.raises(WordError) as caught:
        keep(folder, IncomingFile("photo.jpg", path))
    assert caught.value.code == "file-too-large"
    assert len(list((folder / "attestations" / "files").iterdir())) == 1


def test_a_symbolic_link_is_followed_and_a_copy_is_kept(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"%PDF-1.4")
    (tmp_path / "link.pdf").symlink_to("real")

    taken = keep(tmp_path, IncomingFile("link.pdf", tmp_path / "link.pdf"))

    kept = tmp_path / "attestations" / "files" / taken.sha256
    assert not kept.is_symlink()
    (tmp_path / "real").write_bytes(b"changed")
    assert kept.read_bytes() == b"%PDF-1.4"


def test_a_link_in_the_place_of_a_kept_file_is_replaced_and_not_written_through(
    tmp_path: Path,
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious", encoding="utf-8")
    incoming = IncomingFile("a.pdf", b"%PDF-1.4")
    place = tmp_path / "attestations" / "files" / inspect(incoming).sha256
    place.parent.mkdir(parents=True)
    place.symlink_to(victim)

    keep(tmp_path, incoming)

    assert victim.read_text("utf-8") == "precious"
    assert not place.is_symlink()


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")

    for path in (tmp_path, tmp_path / "pipe", tmp_path / "loop", tmp_path / "gone"):
        with pytest.raises(WordError) as caught:
            inspect(IncomingFile("a.pdf", path))
        assert caught.value.code == "file-unreadable"
    for name in ("/dev/zero", "/dev/full", "a\0b"):
        with pytest.raises(WordError):
            inspect(IncomingFile("a.pdf", Path(name)))


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Jo\\scan 1.pdf", "scan 1.pdf"),
        ("..", "file"),
        ("", "file"),
        ("...hidden", "hidden"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a\x1b[31m\nb.pdf", "a[31mb.pdf"),
        ('a<b>:"|?*.pdf', "a_b______.pdf"),
        ("Cafe\u0301.pdf", "Caf\u00e9.pdf"),
        ("x" * 300 + ".pdf", "x" * (MAX_NAME - 4) + ".pdf"),
        ("a\udcff.pdf", "a_.pdf"),
    ],
)
def test_a_name_becomes_safe(given_name: str, safe: str) -> None:
    assert safe_name(given_name) == safe


@given(st.text(max_size=400))
def test_any_name_becomes_safe(given_name: str) -> None:
    name = safe_name(given_name)

    assert 0 < len(name) <= MAX_NAME
    assert not set(name) & set('/\\<>:"|?*\n\0')
    assert not name.startswith(".")
    assert safe_name(name) == name

"""A logo is a picture and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor.errors import InputError
from assessor.inputs.pictures import MAX_BYTES, read_logo
from tests.unit.inputs.pictures import JPEG, PNG, svg

DRAWN = (
    '<defs><linearGradient id="g"><stop offset="0" stop-color="#16303f"/></linearGradient></defs>'
    '<style>.a { fill: url(#g); } .b { fill: url( "#g" ) }</style>'
    '<rect class="a" width="40" height="20"/><use xlink:href="#g"/><text>Zoet &amp; Zn.</text>'
)


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("logo.png", PNG, "image/png"),
        ("logo.jpg", JPEG, "image/jpeg"),
        # The name says nothing: browsers go by the media type, which is by the bytes.
        ("logo.svg", PNG, "image/png"),
        ("logo.png", svg(DRAWN), "image/svg+xml"),
        ("logo.svg", b'\xef\xbb\xbf<?xml version="1.0"?>\n' + svg(DRAWN), "image/svg+xml"),
    ],
)
def test_a_picture_is_known_by_its_bytes(
    tmp_path: Path, name: str, data: bytes, media_type: str
) -> None:
    (tmp_path / name).write_bytes(data)

    assert read_logo(tmp_path / name).media_type == media_type


def test_what_is_drawn_stays(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_bytes(svg(DRAWN))

    text = read_logo(tmp_path / "logo.svg").data.decode()

    for kept in ("linearGradient", "url(#g)", 'xlink:href="#g"', "Zoet &amp; Zn.", "viewBox"):
        assert kept in text


def test_what_a_drawing_programme_left_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_bytes(
        b"<!-- made by jan -->"
        + svg(
            "<ink:namedview path='/home/jan'/><metadata><ink:by>jan</ink:by></metadata>"
            "<path ink:label='jan' d='M0 0'/>",
            'xmlns:ink="http://www.inkscape.org/namespaces/inkscape" ink:file="/home/jan/logo.svg"',
        )
    )

    text = read_logo(tmp_path / "logo.svg").data.decode()

    assert "jan" not in text
    assert "ink" not in text
    assert "M0 0" in text


@pytest.mark.parametrize(
    ("inside", "what"),
    [
        ("<script>alert(1)</script>", "holds <script>"),
        ("<g><SCRIPT/></g>", "holds <SCRIPT>"),
        ('<x:script xmlns:x="http://www.w3.org/1999/xhtml">1</x:script>', "holds <script>"),
        ("<foreignObject><p>x</p></foreignObject>", "holds <foreignObject>"),
        ('<a><set attributeName="href" to="javascript:alert(1)"/></a>', "holds <set>"),
        ('<animate attributeName="x"/>', "holds <animate>"),
        ('<rect onload="alert(1)"/>', "event handler"),
        ('<rect ONCLICK="alert(1)"/>', "event handler"),
        ('<image href="https://example.com/x.png"/>', "outside itself"),
        ('<image xlink:href="file:///etc/passwd"/>', "outside itself"),
        ('<use href="other.svg#a"/>', "outside itself"),
        ('<a href="javascript:alert(1)"><path/></a>', "outside itself"),
        ('<image href="data:image/svg+xml;base64,PHN2Zz4="/>', "outside itself"),
        ('<g xml:base="https://example.com/"/>', "outside itself"),
        ('<rect fill="url(https://example.com/a#b)"/>', "outside itself"),
        ("<rect style=\"fill: url( 'http://example.com' )\"/>", "outside itself"),
        (r'<rect style="fill: u\72l(http:example.com)"/>', "outside itself"),
        ("<style>@import 'x.css';</style>", "outside itself"),
        ("<style><![CDATA[ @font-face { src: url(x.woff) } ]]></style>", "outside itself"),
        ("<g>", "not well formed"),
        ("<text>&boom;</text>", "not well formed"),
    ],
)
def test_what_could_do_more_than_be_looked_at_is_refused(
    tmp_path: Path, inside: str, what: str
) -> None:
    (tmp_path / "logo.svg").write_bytes(svg(inside))

    with pytest.raises(InputError, match=what) as caught:
        read_logo(tmp_path / "logo.svg")

    assert "plain SVG" in caught.value.mend


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE svg SYSTEM "http://example.com/x.dtd">' + svg(""),
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("<text>&a;</text>"),
        svg("<script/>").decode().encode("utf-16"),
        # In UTF-7 no bracket of the document type would be seen.
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE svg+AD4-' + svg(""),
    ],
)
def test_a_document_type_and_other_encodings_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "logo.svg").write_bytes(data)

    with pytest.raises(InputError, match=r"document type|UTF-8|no PNG|not well formed"):
        read_logo(tmp_path / "logo.svg")


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"%PDF-1.7", b"<html><body>x</body></html>", b"<svg/>", PNG[1:]]
)
def test_what_is_no_picture_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "logo.png").write_bytes(data)

    with pytest.raises(InputError, match="no PNG, JPEG or SVG"):
        read_logo(tmp_path / "logo.png")


def test_it_may_be_so_large_and_no_larger(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(PNG.ljust(MAX_BYTES, b"\0"))
    read_logo(path)
    path.write_bytes(PNG.ljust(MAX_BYTES + 1, b"\0"))

    with pytest.raises(InputError, match="larger than 200 kB"):
        read_logo(path)


@pytest.mark.parametrize("name", ["missing.png", ".", "/dev/zero"])
def test_only_a_file_is_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_logo(tmp_path / name)

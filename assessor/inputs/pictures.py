"""Reads a logo, and refuses what could do more than be looked at."""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree

from assessor.errors import InputError
from assessor.model.report_settings import Logo
from assessor.textfile import read_bounded

MAX_BYTES = 200_000

_SVG = "http://www.w3.org/2000/svg"
_OURS = frozenset({_SVG, "http://www.w3.org/1999/xlink", "http://www.w3.org/XML/1998/namespace"})
_ACTIVE = frozenset(
    # scripting, other documents, sound and movement (SVG 2, chapters 8, 12 and 15; SVG Animations)
    {
        *("script", "handler", "listener", "foreignobject", "iframe", "embed", "object"),
        *("audio", "video", "canvas", "animate", "animatecolor", "animatemotion"),
        *("animatetransform", "set", "discard"),
    }
)
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
_URL = re.compile(r"url\(\s*[\"']?\s*(.?)", re.IGNORECASE | re.DOTALL)
_CSS_OUTSIDE = re.compile(r"@import|//|\\", re.IGNORECASE)
_PLAIN = "save it as plain SVG, without scripts and linked files, or as a PNG"


def read_logo(path: Path) -> Logo:
    """The picture in ``path``; what kind it is, its first bytes say, not its name.

    Raises:
        InputError: it cannot be read, is too large, or is no picture that is safe to hand on.
    """
    data = _bytes(path)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return Logo("image/png", data)
    if data.startswith(b"\xff\xd8\xff"):
        return Logo("image/jpeg", data)
    if re.match(rb"(\xef\xbb\xbf)?\s*<", data):
        return Logo("image/svg+xml", _still_svg(data, path))
    raise InputError(
        "this is no PNG, JPEG or SVG picture",
        path=path,
        mend="save your logo as PNG, JPEG or SVG; another name alone does not change it",
    )


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise InputError(
            "there is no such file",
            path=path,
            mend="mind the path (it is relative to the settings)",
        )
    return read_bounded(
        path,
        MAX_BYTES,
        f"this picture is larger than {MAX_BYTES // 1000} kB",
        "make it smaller: it stands in every report; 600 pixels wide is enough",
    )


def _still_svg(data: bytes, path: Path) -> bytes:
    """An SVG that shows a picture and does nothing else.

    What a drawing programme left in it (remarks, elements and attributes of its own) is dropped:
    it may hold the names of files and people.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(path, "is not written in UTF-8") from None
    # One reading only: what a declaration says of the encoding does not count.
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE):
        raise _refused(path, "has a document type (<!DOCTYPE>), which can hold anything")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise _refused(path, f"is not well formed: {error.msg}") from None
    if root.tag != f"{{{_SVG}}}svg":
        raise InputError(
            "this is no PNG, JPEG or SVG picture",
            path=path,
            mend=f'an SVG begins with <svg xmlns="{_SVG}">',
        )
    for element in list(root.iter(etree.Element)):
        local = etree.QName(element).localname
        if local.lower() in _ACTIVE:
            raise _refused(path, f"holds <{local}>", element)
    _drop_foreign(root)
    for element in root.iter(etree.Element):
        if fault := _fault(element):
            raise _refused(path, fault, element)
    return etree.tostring(root, encoding="utf-8", xml_declaration=False)


def _refused(path: Path, what: str, element: etree._Element | None = None) -> InputError:
    line = None if element is None else element.sourceline
    return InputError(
        f"this SVG {what}", path=path, line=line if isinstance(line, int) else None, mend=_PLAIN
    )


def _drop_foreign(root: etree._Element) -> None:
    for element in list(root.iter(etree.Element)):
        parent = element.getparent()
        if etree.QName(element).namespace != _SVG and parent is not None:
            parent.remove(element)
        for name in list(element.attrib):
            if (etree.QName(name).namespace or _SVG) not in _OURS:
                del element.attrib[name]
    etree.cleanup_namespaces(root)


def _fault(element: etree._Element) -> str:
    """What makes an element more than a picture; empty where it is none."""
    tag = etree.QName(element).localname
    for name, raw in element.attrib.items():
        value = str(raw)
        local = etree.QName(name).localname.lower()
        if local.startswith("on"):
            return f"has an event handler ({local} of <{tag}>)"
        link = local in ("href", "src", "base")
        if link and not value.strip().startswith("#") and not _PICTURE.fullmatch(value.strip()):
            return f"refers to something outside itself ({local} of <{tag}>)"
        if _leads_out(value, css=local == "style"):
            return f"refers to something outside itself ({local} of <{tag}>)"
    if tag == "style" and _leads_out("".join(map(str, element.itertext())), css=True):
        return "refers to something outside itself (in <style>)"
    return ""


def _leads_out(text: str, *, css: bool) -> bool:
    """Whether a value leads to another place than ``#within`` the picture."""
    if any(match[1] != "#" for match in _URL.finditer(text)):
        return True
    return css and _CSS_OUTSIDE.search(text) is not None

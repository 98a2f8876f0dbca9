"""Makes a page of ours ready for a tagged PDF: what its pictures mean, and where its links lead.

WeasyPrint draws every inline picture as a figure, gives it no style of the page, and follows no
reference from one picture to another. A tagged file wants words for each figure, and no figure
where the words stand beside it (ISO 14289-1, sections 7.1 and 7.3).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

_SVG = "{http://www.w3.org/2000/svg}"
_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
_LEADS_TO = ("https://", "http://", "mailto:", "tel:")


def prepare(root: Element, figures: str) -> str:
    """Changes the page in place; gives a style sheet that must go with it.

    Pictures without a meaning of their own become backgrounds, which a tagged file leaves out of
    the reading; others get their words from ``aria-label``. No link leads anywhere but to a place
    in the page, the web, a mailbox or a telephone.

    Args:
        root: the page as parsed.
        figures: the style sheet of pictures.
    """
    places = {element.get("id", "") for element in root.iter()}
    for link in [*root.iter("a"), *root.iter("link"), *root.iter("area")]:
        link.attrib.pop("rel", None)  # with "attachment" it would be read and enclosed
        address = link.get("href", "")
        if address.startswith("#"):
            known = address[1:] in places  # what it leads to may not be printed
        else:
            known = address.lower().startswith(_LEADS_TO)
        if not known:
            link.attrib.pop("href", None)
    for pairs in list(root.iter("dl")):
        (_as_line if "inline" in pairs.get("class", "").split() else _as_table)(pairs)
    symbols = {symbol.get("id", ""): symbol for symbol in root.iter(f"{_SVG}symbol")}
    backgrounds: dict[str, str] = {}
    for picture in list(_pictures(root)):
        if picture.get("aria-hidden") == "true":
            drawn = _drawn(picture, symbols, figures)
            name = backgrounds.setdefault(drawn, f"sign-{len(backgrounds) + 1}")
            _become_a_background(picture, name)
        else:
            _explain(picture, figures)
    return "".join(
        f'.{name} {{ background-image: url("{drawn}") }}\n' for drawn, name in backgrounds.items()
    )


def _as_table(terms: Element) -> None:
    """Terms and what is said of them, as a table: the lists of a PDF know no terms."""
    cells = _cells(terms)
    terms[:] = []
    terms.tag = "table"
    rows = SubElement(terms, "tbody")
    for cell in cells:
        if cell.tag == "dt":
            row = SubElement(rows, "tr")
            cell.tag = "th"
            cell.set("scope", "row")
            row.append(cell)
        else:
            cell.tag = "td"
            row.append(cell)


def _as_line(terms: Element) -> None:
    """The same, one after the other."""
    terms.tag = "p"
    names = {"div": "pair", "dt": "term", "dd": "said"}
    for each in [*terms, *(cell for group in terms for cell in group if group.tag == "div")]:
        each.set("class", names[each.tag])
        each.tag = "span"


def _cells(terms: Element) -> list[Element]:
    """The terms and what is said of them, without the groups around them."""
    return [cell for item in terms for cell in ([item] if item.tag != "div" else item)]


def _pictures(element: Element) -> Iterator[Element]:
    """The outermost pictures."""
    for child in element:
        if child.tag == f"{_SVG}svg":
            yield child
        else:
            yield from _pictures(child)


def _explain(picture: Element, figures: str) -> None:
    words = picture.get("aria-label")
    if words and picture.find(f"{_SVG}title") is None:
        title = Element(f"{_SVG}title")
        title.text = words
        picture.insert(0, title)
    style = Element(f"{_SVG}style")
    style.text = figures
    picture.insert(0, style)


def _drawn(picture: Element, symbols: dict[str, Element], figures: str) -> str:
    """The picture by itself, as a ``data:`` address."""
    register_namespace("", _SVG[1:-1])
    drawing = Element(f"{_SVG}svg", {"class": picture.get("class", "")})
    if box := picture.get("viewBox"):
        drawing.set("viewBox", box)
    SubElement(drawing, f"{_SVG}style").text = figures
    for child in picture:
        symbol = symbols.get(_reference(child)) if child.tag == f"{_SVG}use" else None
        if symbol is None:
            drawing.append(child)
        else:
            drawing.set("viewBox", symbol.get("viewBox", ""))
            drawing.extend(symbol)
    return f"data:image/svg+xml;base64,{base64.b64encode(tostring(drawing)).decode()}"


def _reference(use: Element) -> str:
    return next((use.get(name, "") for name in _HREFS if use.get(name)), "").removeprefix("#")


def _become_a_background(picture: Element, name: str) -> None:
    classes, after = picture.get("class", ""), picture.tail
    picture.clear()
    picture.tag, picture.tail = "span", after
    picture.set("class", f"{classes} {name}".strip())

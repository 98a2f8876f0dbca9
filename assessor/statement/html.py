"""Turns a web page into Markdown: the statement without the page's furniture.

The tree comes from lxml. Furniture is what the page itself declares as such: elements and roles for
navigation, banners and forms, and the class names that content systems give them. Nothing is left
out because it is short or has many links: lists of measures are short, and processors are links.

"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from assessor.errors import StatementError

_DROPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "aside",
        "iframe",
        "object",
        "embed",
        "svg",
        "canvas",
        "video",
        "audio",
        "map",
        "button",
        "select",
        "option",
        "textarea",
        "input",
        "datalist",
        "dialog",
        "head",
        "title",
        "meta",
        "link",
        "math",
    ]
)
_ARTICLES = frozenset({"article", "main"})
_DROPPED_OUTSIDE_ARTICLE = frozenset({"header", "footer"})
_ROLES = frozenset(
    [
        "navigation",
        "banner",
        "contentinfo",
        "complementary",
        "search",
        "dialog",
        "alertdialog",
        "menu",
        "menubar",
        "toolbar",
        "alert",
    ]
)
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:cookie-?(?:banner|bar|consent|notice|popup|law|wall|modal)|cookieconsent|"
    r"cmplz|cky|cc-window|gdpr-?(?:banner|bar|modal)|nav(?:bar|igation)?|(?:main|top|site|mobile)-?"
    r"(?:menu|nav)|menu|breadcrumbs?|side-?bar|(?:site|page|main|global)-?(?:footer|header)|footer|"
    r"masthead|off-?canvas|social(?:-?(?:share|links|media|icons))?|share-?(?:bar|buttons|links)|"
    r"newsletter|widget-?area|skip-?link|screen-reader-text|pagination|comments?-?(?:area|list|form)|"
    r"related-?posts?|pop-?up|modal)(?:$|[\s_-])",
    re.I,
)
# An element with furniture in its name that holds this much of the page's text is the page.
_TOO_MUCH = 0.4
_MAIN_SHARE = 0.4
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "main",
        "header",
        "footer",
        "blockquote",
        "pre",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "form",
        "fieldset",
        "figure",
        "figcaption",
        "address",
        "details",
        "summary",
        "center",
        "hr",
        "body",
        "html",
        "legend",
        "caption",
    ]
)
_MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "a": "_", "u": "_"}
# Stands before an emphasis mark until its line is done; cannot be in the page (_BAD).
_MARK = "\x00"
_DEEPEST_LIST = 20
_SPACE = re.compile(r"\s+")
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u00ad\ufeff]")


def html_to_markdown(page: str) -> str:
    """The text of the page as Markdown: headings, lists, tables and emphasis are kept.

    Raises:
        StatementError: there is no HTML in it.
    """
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True
    )
    try:
        root = etree.fromstring(_BAD.sub("", page).encode("utf-8", errors="replace"), parser)
    except etree.XMLSyntaxError as error:
        raise StatementError("is no HTML that can be read") from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise StatementError("nests its elements too deep", mend="give the text of the page")
    if root is None:
        raise StatementError("there is no text in this page", mend="give a page with the text")
    weights = _weights(root)
    writer = _Writer()
    writer.walk(_main(root, weights), weights, weights[root])
    return writer.text()


def _weights(root: etree._Element) -> dict[etree._Element, int]:
    """The number of letters in each element; iterative, since pages nest deep."""
    weights: dict[etree._Element, int] = {}
    for event, element in etree.iterwalk(root, events=("end",)):
        del event
        own = len(element.text or "") if element.tag not in _DROPPED else 0
        for child in element:
            if element.tag not in _DROPPED:
                own += weights.get(child, 0) + len(child.tail or "")
        weights[element] = own
    return weights


def _main(root: etree._Element, weights: dict[etree._Element, int]) -> etree._Element:
    """The element that the page calls its main part, where that holds a good part of the text."""
    for found in (
        root.findall(".//main"),
        root.findall(".//*[@role='main']"),
        root.findall(".//article"),
    ):
        if len(found) == 1 and weights[found[0]] >= _MAIN_SHARE * weights[root]:
            return found[0]
    return root


class _Writer:
    """Writes an element tree as Markdown, without recursion."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._line: list[str] = []
        self._prefix = ""
        self._lists = 0
        self._rows = 0
        self._names_columns = False

    def walk(self, root: etree._Element, weights: dict[etree._Element, int], total: int) -> None:
        """Writes ``root`` and what is in it."""
        stack: list[tuple[etree._Element, Iterator[etree._Element]]] = []
        in_article = int(root.tag in _ARTICLES)
        self._open(root)
        self._text(root.text)
        stack.append((root, iter(root)))
        while stack:
            element, children = stack[-1]
            child = next(children, None)
            if child is None:
                stack.pop()
                self._close(element)
                in_article -= element.tag in _ARTICLES
                if stack:
                    self._text(element.tail)
                continue
            if not isinstance(child.tag, str) or self._skipped(child, weights, total, in_article):
                self._text(child.tail)
                continue
            in_article += child.tag in _ARTICLES
            self._open(child)
            self._text(child.text)
            stack.append((child, iter(child)))
        self._break(2)

    def _skipped(
        self,
        element: etree._Element,
        weights: dict[etree._Element, int],
        total: int,
        in_article: int,
    ) -> bool:
        if element.tag in _DROPPED:
            return True
        large = weights.get(element, 0) > _TOO_MUCH * total
        if large:
            return False
        if element.tag in _DROPPED_OUTSIDE_ARTICLE and not in_article:
            return True
        if element.get("role", "").lower() in _ROLES:
            return True
        if element.tag not in _BLOCKS or _HEADINGS.get(str(element.tag)):
            return False
        names = f"{element.get('class', '')} {element.get('id', '')}"[:400]
        return len(names) > 1 and _FURNITURE.search(names) is not None

    def _open(self, element: etree._Element) -> None:
        tag = str(element.tag)
        if tag in _MARKS:
            self._mark(tag)
        elif tag == "tr":
            self._break(1)
            self._prefix = "| "
            self._rows += 1
            self._names_columns = True
        elif self._rows and tag in _BLOCKS:
            self._line.append(" ")  # a row of a table stays one line
        elif tag in _HEADINGS:
            self._break(2)
            self._prefix = "#" * _HEADINGS[tag] + " "
        elif tag == "li":
            self._break(1)
            depth = min(max(self._lists, 1), _DEEPEST_LIST)
            self._prefix = "  " * (depth - 1) + "- "
        elif tag in ("ul", "ol"):
            self._break(1 if self._lists else 2)
            self._lists += 1
        elif tag == "br":
            self._break(1)
        elif tag in _BLOCKS and not (self._prefix and not self._line):
            self._break(2)

    def _close(self, element: etree._Element) -> None:
        tag = str(element.tag)
        if tag in _MARKS:
            self._mark(tag)
        elif tag == "tr":
            self._rows -= 1
            named = bool(self._line) and self._names_columns
            self._break(1)
            if named:
                self._out.append("|---|\n")
        elif tag in ("td", "th"):
            self._line.append(" | ")
            self._names_columns = self._names_columns and tag == "th"
        elif self._rows and tag in _BLOCKS:
            self._line.append(" ")
        elif tag in ("ul", "ol"):
            self._lists -= 1
            self._break(1 if self._lists else 2)
        elif tag == "li":
            self._break(1)
        elif tag in _BLOCKS:
            self._break(2)

    def _mark(self, tag: str) -> None:
        self._line.append(_MARK + _MARKS[tag])

    def _text(self, text: str | None) -> None:
        if text:
            self._line.append(_SPACE.sub(" ", _BAD.sub("", text)))  # "&shy;" is one only now

    def _break(self, lines: int) -> None:
        line = _marked(self._line)
        self._line.clear()
        if line:
            self._out.append(self._prefix + line)
            self._prefix = ""
            self._out.append("\n" * lines)
        elif self._out and self._out[-1].count("\n") < lines and not self._out[-1].strip("\n"):
            self._out[-1] = "\n" * lines
        if not line and lines == 2:
            self._prefix = ""

    def text(self) -> str:
        """All that was written."""
        return "".join(self._out).strip("\n") + "\n" if self._out else ""


def _marked(pieces: list[str]) -> str:
    """The line with its emphasis marks: in pairs, around words."""
    line = "".join(pieces)
    if _MARK in line:
        line = re.sub(r"\x00(\*\*|\*|_)(\s*)\x00\1", r"\2", line)
        line = line.replace(_MARK, "")
    return _SPACE.sub(" ", line).strip().strip("|").strip()

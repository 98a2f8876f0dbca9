"""Reads a PDF back: its words, its bookmarks, its tags, and all in it that does something."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

_ACTS = {
    "/AA", "/AcroForm", "/AF", "/EF", "/EmbeddedFiles", "/JavaScript", "/JS", "/Launch",
    "/OpenAction", "/RichMedia", "/URI", "/XFA",
}  # fmt: skip
_STAND_IN = {
    "LI": {"L"}, "LBody": {"LI"}, "Lbl": {"LI"}, "TR": {"Table", "THead", "TBody", "TFoot"},
    "THead": {"Table"}, "TBody": {"Table"}, "TFoot": {"Table"}, "TH": {"TR"}, "TD": {"TR"},
}  # fmt: skip
_HOLD = {
    "L": {"L", "LI", "Caption"}, "LI": {"Lbl", "LBody"}, "TR": {"TH", "TD"},
    "Table": {"TR", "THead", "TBody", "TFoot", "Caption"},
    "THead": {"TR"}, "TBody": {"TR"}, "TFoot": {"TR"},
}  # fmt: skip
"""What may stand in what: ISO 32000-1, tables 336 and 337."""


@dataclass(frozen=True)
class Tag:
    """An element of the structure tree."""

    kind: str
    parent: str
    entries: Mapping[str, Any]


class Printed:
    """A PDF, read back."""

    def __init__(self, data: bytes) -> None:
        self.reader = PdfReader(io.BytesIO(data))
        self.catalogue: Any = self.reader.root_object

    @cached_property
    def pages(self) -> list[str]:
        """The text of each page."""
        return [page.extract_text() for page in self.reader.pages]

    @cached_property
    def letters(self) -> str:
        """All text without spaces and hyphens: what lines break at, and words too."""
        return letters("".join(self.pages))

    @property
    def objects(self) -> Iterator[DictionaryObject]:
        """Every dictionary in the file."""
        number = 1
        size: Any = self.reader.trailer["/Size"]
        while number < size:
            found = self.reader.get_object(IndirectObject(number, 0, self.reader))
            yield from _dictionaries(found)
            number += 1

    @property
    def acts(self) -> list[str]:
        """Everything that runs, opens, sends or encloses something, with where it leads."""
        return sorted(
            {
                f"{key} {each[key]}" if key == "/URI" else key
                for each in self.objects
                for key in {*each, each.get("/S", ""), each.get("/Subtype", "")} & _ACTS
                if key != "/URI" or "/URI" in each
            }
        )

    @cached_property
    def outline(self) -> list[tuple[int, str, int]]:
        """The bookmarks: depth, title, and page counted from 1."""
        return list(self._outline(self.reader.outline, 0))

    def _outline(self, entries: list[Any], depth: int) -> Iterator[tuple[int, str, int]]:
        for entry in entries:
            if isinstance(entry, list):
                yield from self._outline(entry, depth + 1)
            else:
                page = self.reader.get_destination_page_number(entry)
                yield depth, str(entry.title), (page or 0) + 1

    @cached_property
    def tags(self) -> list[Tag]:
        """The structure tree, in reading order."""
        tree = self.catalogue["/StructTreeRoot"].get_object()
        return [tag for each in tree["/K"] for tag in _tags(each, "")]

    @property
    def faults(self) -> list[str]:
        """Where the tags break a rule that a program can hold them against (ISO 14289-1, 7)."""
        found, level = [], 0
        for tag in self.tags:
            if tag.parent and tag.parent not in _STAND_IN.get(tag.kind, {tag.parent}):
                found.append(f"{tag.kind} in {tag.parent}")
            if tag.kind not in _HOLD.get(tag.parent, {tag.kind}):
                found.append(f"{tag.parent} holds {tag.kind}")
            if tag.kind == "Figure" and not tag.entries.get("/Alt"):
                found.append("a figure without words")
            if heading := re.fullmatch(r"H([1-6])", tag.kind):
                if int(heading[1]) > level + 1:
                    found.append(f"{tag.kind} after H{level}")
                level = int(heading[1])
        links = [each for each in self.objects if each.get("/Subtype") == "/Link"]
        found += ["a link without words" for each in links if not each.get("/Contents")]
        found += ["a link outside the tags" for each in links if "/StructParent" not in each]
        fonts = [each for each in self.objects if each.get("/Type") == "/FontDescriptor"]
        found += [
            "a font that is not in the file"
            for each in fonts
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(each)
        ]
        return found


def letters(text: str) -> str:
    """``text`` without spaces and hyphens."""
    return re.sub(r"[\s\u00ad\u2010-]", "", text)


def _tags(element: Any, parent: str) -> Iterator[Tag]:
    found = element.get_object()
    if not isinstance(found, DictionaryObject) or "/S" not in found:
        return
    kind = str(found["/S"]).removeprefix("/")
    yield Tag(kind, parent, found)
    within = found.get("/K", ArrayObject())
    within = within.get_object()
    for each in within if isinstance(within, ArrayObject) else [within]:
        yield from _tags(each, kind)


def _dictionaries(value: Any) -> Iterator[DictionaryObject]:
    """The dictionaries in an object; those that it only refers to come by themselves."""
    if isinstance(value, DictionaryObject):
        yield value
        for key in value:
            yield from _dictionaries(value.raw_get(key))
    elif isinstance(value, ArrayObject):
        for each in value:
            yield from _dictionaries(each)

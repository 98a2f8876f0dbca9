"""What a page of HTML makes a browser load, and where its forms go. Its text is not kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from lxml import etree

from assessor.collect.questions.http_url import Url, join
from assessor.collect.questions.website_script import hosts_of, marks_of
from assessor.collect.questions.website_site import Site

_MOST_RESOURCES = 250
_MOST_FORMS = 40
_MOST_INLINE = 1_048_576
_LONGEST_GENERATOR = 120
_LONGEST_HANDLER = 4_096

_SCRIPT_TYPES = frozenset({"", "module", "text/javascript", "application/javascript"})
"""Others a browser does not run: consent tools park scripts under ``text/plain``."""

_SOURCES = {
    "img": "src",
    "iframe": "src",
    "frame": "src",
    "embed": "src",
    "object": "data",
    "video": "src",
    "audio": "src",
    "source": "src",
    "track": "src",
}
_KINDS = dict.fromkeys(("iframe", "frame", "embed", "object"), "frame") | {"img": "image"}
_LINKS = {
    "stylesheet": "style",
    "icon": "image",
    "apple-touch-icon": "image",
    "manifest": "other",
    "preload": "preload",
    "modulepreload": "script",
    "prefetch": "preload",
    "preconnect": "connection",
}
_STYLE_URL = re.compile(r"(?:url\(\s*|@import\s+)['\"]?([^'\"()\s;]{1,500})", re.IGNORECASE)
_TELLING = frozenset(
    {"script", "iframe", "frame", "object", "embed", "img", "link", "form", "meta"}
)
_TAGS = re.compile(rf"<(?:{'|'.join(sorted(_TELLING))})\b", re.IGNORECASE)
_HANDLERS = re.compile(r"\son[a-z]{3,24}\s*=", re.IGNORECASE)
_INERT = frozenset({"noscript", "template"})


@dataclass(frozen=True, slots=True)
class Page:
    """What a page asks for.

    Attributes:
        facts: for evidence.
        own_scripts: the scripts of the site's own that a browser loads, in their order.
    """

    facts: dict[str, object]
    own_scripts: tuple[Url, ...]


@dataclass(slots=True)
class _Reading:
    """Hears the parser (``lxml``'s target interface)."""

    base: Url
    site: Site
    resources: dict[tuple[str, Url], None] = field(default_factory=dict)
    forms: list[dict[str, object]] = field(default_factory=list)
    waiting: dict[str, None] = field(default_factory=dict)
    inline: list[str] = field(default_factory=list)
    inline_count: int = 0
    meta: dict[str, str] = field(default_factory=dict)
    left_out: bool = False
    tags: int = 0
    handlers: int = 0
    _inline_chars: int = 0
    _inside: list[str] = field(default_factory=list)
    _content: list[str] | None = None
    _content_of: str = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        tag = tag.lower()
        self.tags += tag in _TELLING
        self.handlers += sum(name.lower().startswith("on") for name in attributes)
        if tag in _INERT:
            self._inside.append(tag)
        if self._inside:
            return
        match tag:
            case "base":
                self.base = join(self.base, attributes.get("href", "")) or self.base
            case "meta":
                self._meta(attributes)
            case "form":
                self._form(attributes)
            case "input":
                self._input(attributes)
            case "link":
                self._link(attributes)
            case "script":
                self._script(attributes)
            case "style":
                self._begin("style")
            case _ if tag in _SOURCES:
                self._load(_KINDS.get(tag, "media"), attributes.get(_SOURCES[tag], ""))
        for part in attributes.get("srcset", "").split(",")[:20]:
            self._load("image", part.strip().split(" ")[0])
        self._style(attributes.get("style", ""))
        self.inline += [
            value[:_LONGEST_HANDLER]
            for name, value in attributes.items()
            if name.lower().startswith("on") or value.lstrip().lower().startswith("javascript:")
        ]

    def end(self, tag: str) -> None:
        tag = tag.lower()
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()
        if self._content is None or tag != self._content_of:
            return
        content = "".join(self._content)
        if tag == "style":
            self._style(content)
        elif content.strip():
            self.inline_count += 1
            self.inline.append(content)
        self._content = None

    def data(self, data: str) -> None:
        if self._content is not None:
            self._inline_chars += len(data)
            if self._inline_chars > _MOST_INLINE:
                self.left_out = True
            else:
                self._content.append(data)

    def comment(self, text: str) -> None:
        """A comment loads nothing."""

    def close(self) -> None:
        """The parser is done."""

    def _begin(self, tag: str) -> None:
        self._content, self._content_of = [], tag

    def _script(self, attributes: Mapping[str, str]) -> None:
        kind = attributes.get("type", "").split(";")[0].strip().lower()
        source = attributes.get("src", "")
        if kind in _SCRIPT_TYPES or kind.endswith(("/ecmascript", "/x-javascript")):
            if source:
                self._load("script", source)
            else:
                self._begin("script")
        elif source and (found := join(self.base, source)):
            self.waiting[found.host] = None

    def _link(self, attributes: Mapping[str, str]) -> None:
        for rel in attributes.get("rel", "").lower().split():
            if rel in _LINKS:
                self._load(_LINKS[rel], attributes.get("href", ""))

    def _input(self, attributes: Mapping[str, str]) -> None:
        kind = attributes.get("type", "").lower()
        if kind == "image":
            self._load("image", attributes.get("src", ""))
        elif kind == "password" and self.forms:
            self.forms[-1]["password"] = True

    def _style(self, text: str) -> None:
        found = list(islice(_STYLE_URL.finditer(text), _MOST_RESOURCES + 1))
        for match in found:
            self._load("style", match[1])
        self.left_out = self.left_out or len(found) > _MOST_RESOURCES

    def _meta(self, attributes: Mapping[str, str]) -> None:
        name = (attributes.get("name") or attributes.get("http-equiv", "")).lower()
        if name in ("generator", "referrer", "content-security-policy", "refresh"):
            self.meta.setdefault(name, attributes.get("content", ""))

    def _form(self, attributes: Mapping[str, str]) -> None:
        action = join(self.base, attributes.get("action", ""))
        if action is None or len(self.forms) >= _MOST_FORMS:
            self.left_out = self.left_out or action is not None
            return
        self.forms.append(
            {
                "url": action.shown,
                "scheme": action.scheme,
                "host": action.host,
                "method": "post" if attributes.get("method", "").lower() == "post" else "get",
                "password": False,
            }
        )

    def _load(self, kind: str, reference: str) -> None:
        if not reference.strip():
            return
        found = join(self.base, reference)
        if found is None:
            return
        if len(self.resources) >= _MOST_RESOURCES:
            self.left_out = True
            return
        self.resources[kind, found] = None


def read_page(body: bytes, url: Url, site: Site, *, cut: bool) -> Page:
    """Reads the HTML that came from ``url``."""
    # The names that matter are ASCII; a NUL would end the text for the parser, not for a browser.
    text = body.decode("utf-8", "replace").replace("\0", "\ufffd")
    reading = _Reading(url, site)
    parser = etree.HTMLParser(target=reading, huge_tree=True)  # type: ignore[arg-type]
    whole = not cut
    if text.strip():
        try:
            parser.feed(text)
            parser.close()
        except (etree.LxmlError, ValueError, AssertionError):
            whole = False
        whole = whole and not any(
            entry.level == etree.ErrorLevels.FATAL for entry in parser.feed_error_log
        )
    # The parser is no browser: where it passed over a tag, not all of the page was understood.
    bare = _without_comments(text)
    whole = whole and len(_TAGS.findall(bare)) <= reading.tags
    whole = whole and len(_HANDLERS.findall(bare)) <= reading.handlers
    hosts, more = hosts_of(reading.inline)
    resources = [
        {
            "kind": kind,
            "url": found.shown,
            "scheme": found.scheme,
            "host": found.host,
            "own": site.is_own(found.host),
        }
        for kind, found in reading.resources
    ]
    facts: dict[str, object] = {
        "url": url.shown,
        "scheme": url.scheme,
        "bytes": len(body),
        "whole": whole and not reading.left_out and not more,
        "generator": reading.meta.get("generator", "").strip()[:_LONGEST_GENERATOR] or None,
        "csp": reading.meta.get("content-security-policy", "")[:4096] or None,
        "referrer": reading.meta.get("referrer", "").strip().lower()[:40] or None,
        "refresh": "refresh" in reading.meta,
        "resources": resources,
        "forms": reading.forms,
        "waiting": list(reading.waiting)[:60],
        "inline": {
            "count": reading.inline_count,
            "marks": marks_of(reading.inline),
            "hosts": hosts,
        },
    }
    own = [found for kind, found in reading.resources if kind == "script" and site.may_visit(found)]
    return Page(facts, tuple(own))


def _without_comments(text: str) -> str:
    """The text with its comments taken out, in a time that grows with its length only."""
    kept, start = [], 0
    while (begins := text.find("<!--", start)) >= 0 and (ends := text.find("-->", begins)) >= 0:
        kept.append(text[start:begins])
        start = ends + 3
    return "".join((*kept, text[start:]))

"""The ``config.xml`` that pfSense and OPNsense share: reading it safely, and asking it.

Both descend from m0n0wall and keep their whole configuration in one XML file without a schema. A
flag of the older kind is an element that is there or not (PHP's ``isset``); OPNsense's newer parts
(MVC) write ``1`` and ``0``. What a section holds that is not known is told to ``Unread``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from lxml import etree

from assessor.devices.device import Topic
from assessor.model.answers import UnparsedError

LARGEST = 8 * 1024 * 1024
"""Characters; the transports take half of that."""
_DECLARATION = re.compile(r"\A\ufeff?\s*<\?xml[^>]{0,200}\?>")
_FORBIDDEN = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_FALSE = frozenset({"0", "no", "off", "false", "disabled"})
_MOST_LINES, _LONGEST_LINE = 5, 120

Element = etree._Element


def parse(text: str, root: str) -> Element:
    """The element ``root`` that ``text`` is; no DTD is taken, no entity, nothing from elsewhere.

    Raises:
        UnparsedError: it is cut off, no XML, or something else's.
    """
    if len(text) > LARGEST:
        raise UnparsedError("larger than a config.xml can be")
    if _FORBIDDEN.search(text):
        raise UnparsedError("a config.xml has no DTD")
    body = _DECLARATION.sub("", text.lstrip("\ufeff"), count=1).strip()
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        found = etree.fromstring(body.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnparsedError("the config.xml is no whole XML") from error
    if found.tag != root:
        raise UnparsedError(f"not <{root}> but <{str(found.tag)[:40]}>")
    return found


def printable(text: str) -> str:
    """``text`` on one line, without what a terminal or a report would act on, and not too long."""
    kept = "".join(
        " " if each.isspace() else each
        for each in text[: 4 * _LONGEST_LINE]
        if each.isspace() or unicodedata.category(each)[0] != "C"
    )
    return " ".join(kept.split())[:_LONGEST_LINE]


class Unread:
    """What was met and not understood, by topic."""

    def __init__(self) -> None:
        self._lines: dict[Topic, list[str]] = {}

    def add(self, line: str, *topics: Topic) -> None:
        """Keeps ``line`` under each of ``topics``, as far as there is room."""
        for topic in topics:
            lines = self._lines.setdefault(topic, [])
            shown = printable(line)
            if len(lines) < _MOST_LINES and shown not in lines:
                lines.append(shown)

    def frozen(self) -> Mapping[Topic, tuple[str, ...]]:
        """All of it."""
        return MappingProxyType({topic: tuple(lines) for topic, lines in self._lines.items()})


def text(parent: Element | None, *path: str) -> str:
    """What stands in the element at ``path`` below ``parent``; empty where there is none."""
    found = child(parent, *path)
    return "" if found is None else "".join(str(each) for each in found.itertext()).strip()


def child(parent: Element | None, *path: str) -> Element | None:
    """The element at ``path`` below ``parent``; ``None`` where there is none."""
    for name in path:
        if parent is None:
            return None
        parent = next((each for each in parent if each.tag == name), None)
    return parent


def children(parent: Element | None, *path: str) -> Iterator[Element]:
    """All elements at ``path`` below ``parent``; at the last step there may be several."""
    holder = child(parent, *path[:-1])
    if holder is not None:
        yield from (each for each in holder if each.tag == path[-1])


def flag(parent: Element | None, *path: str) -> bool:
    """A flag of the older kind: there, and not written as off."""
    found = child(parent, *path)
    return found is not None and text(found).lower() not in _FALSE


def on(parent: Element | None, *path: str, default: bool = False) -> bool:
    """A flag of the newer kind: what stands there decides; ``default`` where nothing does."""
    said = text(parent, *path).lower()
    return said not in _FALSE if said else default


def listed(said: str) -> tuple[str, ...]:
    """The words of a list, whether commas, spaces or lines part them."""
    return tuple(word for word in re.split(r"[\s,]+", said) if word)


def shown(element: Element, where: str = "") -> str:
    """An element as a line for people; its text may be a mark, but no secret."""
    inside = " ".join(str(each.tag) for each in element) or text(element)
    return f"{where} <{element.tag}> {inside}".strip()


def check(
    parent: Element | None,
    known: Iterable[re.Pattern[str] | frozenset[str]],
    unread: Unread,
    *topics: Topic,
    many: frozenset[str] = frozenset(),
) -> None:
    """Tells ``unread`` of each child of ``parent`` that is not known, or there too often."""
    if parent is None:
        return
    seen: set[str] = set()
    patterns = tuple(known)
    for each in parent:
        name = str(each.tag)
        if not any(_fits(pattern, name) for pattern in patterns):
            unread.add(shown(each, f"<{parent.tag}>"), *topics)
        elif name in seen and name not in many:
            unread.add(f"<{parent.tag}> <{name}> more than once", *topics)
        seen.add(name)


def _fits(pattern: re.Pattern[str] | frozenset[str], name: str) -> bool:
    return name in pattern if isinstance(pattern, frozenset) else bool(pattern.fullmatch(name))


_HINTS: tuple[tuple[re.Pattern[str], Topic], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), topic)
    for pattern, topic in (
        (r"filter|firewall|nat(?!u)|rule|alias|schedul|polic|acl|ipv6|ifgroup", Topic.FIREWALL),
        (r"upnp|bridge|virtualip|gif", Topic.FIREWALL),
        (r"user|admin|auth|group|account|ldap|radius|login|passw|otp|priv", Topic.ACCOUNTS),
        (r"webgui|ssh|gui|telnet|manage|remote", Topic.MANAGEMENT),
        (r"wlan|wireless|wifi|ssid", Topic.WIFI),
        (r"snmp", Topic.SNMP),
        (r"vpn|ipsec|wireguard|l2tp|pptp|swanctl|tunnel|ovpn", Topic.VPN),
        (r"log(?!in|o)", Topic.LOGGING),
        (r"ntp|time|chrony", Topic.TIME),
        (r"vlan|interface|bridge|segment|qinq|lagg", Topic.SEGMENTS),
    )
)


def hinted(name: str) -> tuple[Topic, ...]:
    """What a section that is not known may be about, by its name."""
    return tuple(dict.fromkeys(topic for pattern, topic in _HINTS if pattern.search(name)))


def check_sections(
    parent: Element | None, known: frozenset[str], unread: Unread, *deep: Topic
) -> None:
    """Tells ``unread`` of each section below ``parent`` that is not known and may matter.

    ``deep`` is what one with parts of its own may be about, if its name does not tell.
    """
    if parent is None:
        return
    for each in parent:
        name = str(each.tag)
        topics = () if name in known else hinted(name) or (deep if len(each) else ())
        if topics:
            unread.add(shown(each, f"<{parent.tag}>"), *topics)

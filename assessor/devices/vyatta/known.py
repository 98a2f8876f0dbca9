"""What is met in a configuration and stands not in ``known.yaml``: it is told as unread."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from assessor.devices.device import Topic
from assessor.devices.vyatta.grammar import Node
from assessor.yamlfile import read_yaml

MOST_LINES, LONGEST_LINE = 5, 120
_FILE = Path(__file__).parent / "known.yaml"
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\xa1-\u1fff\u2070-\uffff]")
# A section that is not known at all: what its name suggests.
_SUGGESTS = (
    (re.compile(r"firewall|nat|zone|forward|filter|acl|policy", re.I), Topic.FIREWALL),
    (re.compile(r"login|user|admin|account|auth|radius|tacacs|aaa", re.I), Topic.ACCOUNTS),
    (re.compile(r"wireless|wlan|wifi|ssid|hostap", re.I), Topic.WIFI),
    (re.compile(r"snmp", re.I), Topic.SNMP),
    (re.compile(r"vpn|ipsec|l2tp|pptp|openvpn|wireguard|sstp|tunnel|ike", re.I), Topic.VPN),
    (re.compile(r"log", re.I), Topic.LOGGING),
    (re.compile(r"ntp|chrony|time", re.I), Topic.TIME),
    (re.compile(r"vlan|vif|segment|interface", re.I), Topic.SEGMENTS),
    (re.compile(r"service|ssh|telnet|gui|http|api|unms|upnp", re.I), Topic.MANAGEMENT),
)
# Sections of which only some parts are of matter here: what else stands in them may be anything.
_OPEN = {("system",)}


class _Known:
    """A word of the patterns, with what may follow it."""

    __slots__ = ("anything", "named", "number", "topics", "word")

    def __init__(self) -> None:
        self.named: dict[str, _Known] = {}
        self.word: _Known | None = None
        self.number: _Known | None = None
        self.anything = False
        self.topics: set[Topic] = set()

    def below(self, word: str) -> _Known | None:
        found = self.named.get(word)
        if found is None and word.isdecimal():
            found = self.number
        return found if found is not None else self.word


@cache
def _patterns() -> _Known:
    document: Any = read_yaml(_FILE).value
    parts: Mapping[str, list[str]] = document["parts"]
    root = _Known()
    for topic in Topic:
        for pattern in document.get(topic.value, ()):
            beginning, _, part = pattern.partition(" @")
            for end in parts[part] if part else [""]:
                _enter([root], f"{beginning} {end}".split(), topic)
    return root


def _enter(places: list[_Known], words: list[str], topic: Topic) -> None:
    for word in words:
        following: list[_Known] = []
        for place in places:
            place.topics.add(topic)
            following += _grown(place, word)
        places = following
    for place in places:
        place.topics.add(topic)


def _grown(place: _Known, word: str) -> Iterator[_Known]:
    if word == "**":
        place.anything = True
    elif word == "*":
        place.word = place.word or _Known()
        yield place.word
    elif word == "<n>":
        place.number = place.number or _Known()
        yield place.number
    else:
        for one in word.split("|"):
            yield place.named.setdefault(one, _Known())


def unread(root: Node) -> dict[Topic, tuple[str, ...]]:
    """By topic, what stands in a configuration and is not known; a few lines of each."""
    found: dict[Topic, list[str]] = {}
    for path, topics in _strangers(root, _patterns(), ()):
        for topic in topics:
            lines = found.setdefault(topic, [])
            if len(lines) < MOST_LINES:
                lines.append(shortened(" ".join(path)))
    return {topic: tuple(lines) for topic, lines in found.items()}


def shortened(text: str) -> str:
    """One line of at most 120 printable characters."""
    text = _UNPRINTABLE.sub("?", text)
    return text if len(text) <= LONGEST_LINE else f"{text[: LONGEST_LINE - 3]}..."


def _strangers(
    node: Node, known: _Known, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], tuple[Topic, ...]]]:
    for word, below in node.children.items():
        here = (*path, word)
        fitting = known.below(word)
        if fitting is None:
            if not known.anything:
                yield from _stranger(here, below, known)
        elif not fitting.anything or fitting.named:
            yield from _strangers(below, fitting, here)


def _stranger(
    path: tuple[str, ...], below: Node, known: _Known
) -> Iterator[tuple[tuple[str, ...], tuple[Topic, ...]]]:
    suggested = tuple(topic for pattern, topic in _SUGGESTS if pattern.search(path[-1]))
    first = next(iter(below.children), "")
    shown = (*path, first) if first else path
    if len(path) == 1:
        yield shown, suggested or (Topic.FIREWALL, Topic.MANAGEMENT)
    elif path[:-1] in _OPEN:
        if suggested:
            yield shown, suggested
    elif path[:-1] == ("service",):
        yield shown, suggested or (Topic.MANAGEMENT,)
    else:
        yield shown, tuple(sorted(known.topics))

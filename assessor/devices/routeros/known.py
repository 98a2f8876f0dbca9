"""The menus of RouterOS that are known, by ``menus.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from assessor.devices.device import Topic
from assessor.yamlfile import read_yaml

Words = frozenset[str]


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu.

    Attributes:
        topics: what it is about.
        properties: all that its items may have; ``None`` where it is read loosely.
        behind: properties behind a point, by what stands before it.
    """

    topics: tuple[Topic, ...]
    properties: Words | None = None
    behind: Mapping[str, Words] | None = None

    def has(self, key: str) -> bool:
        """Whether an item of the menu may have this property."""
        if self.properties is None:
            return True
        before, _, behind = key.rpartition(".")
        if not before:
            return key in self.properties
        if self.behind is None:
            return False
        return before in _tables().any_behind or behind in self.behind.get(before, frozenset())


@dataclass(frozen=True, slots=True)
class _Tables:
    menus: Mapping[str, Menu]
    by_name: tuple[tuple[str, tuple[Topic, ...]], ...]
    any_behind: Words


@cache
def _tables() -> _Tables:
    read: Any = read_yaml(Path(__file__).parent / "menus.yaml").value
    always = _words(read["always"])
    menus = {path: Menu((), None) for path in read["harmless"]}
    menus |= {path: Menu(_topics(named)) for path, named in read["loose"].items()}
    for path, one in (read["strict"] | read["nested"]).items():
        behind = one.get("behind")
        menus[path] = Menu(
            _topics(one["topics"]),
            always | _words(one["properties"]),
            None if behind is None else {key: _words(text) for key, text in behind.items()},
        )
    by_name = tuple((each["word"], _topics(each["topics"])) for each in read["by_name"])
    return _Tables(menus, by_name, _words(read["any_behind_point"]))


def _words(text: str) -> Words:
    return frozenset(text.split())


def _topics(names: list[str]) -> tuple[Topic, ...]:
    return tuple(Topic(name) for name in names)


def menu(path: str) -> Menu | None:
    """The menu ``path``; ``None`` where it is not known."""
    return _tables().menus.get(path)


def topics(path: str) -> tuple[Topic, ...]:
    """What a menu is about; of one that is not known, what its name suggests."""
    if (found := menu(path)) is not None:
        return found.topics
    return tuple(
        {topic: None for word, those in _tables().by_name if word in path for topic in those}
    )


def menus() -> Mapping[str, Menu]:
    """Every menu that is known."""
    return _tables().menus

"""The words of ``vocabulary.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assessor.devices.ios.grammar import Node
from assessor.yamlfile import read_yaml


class Beginnings:
    """Commands, by their first words."""

    def __init__(self, heads: frozenset[str]) -> None:
        self._heads = frozenset(tuple(head.split()) for head in heads)
        self._longest = max(len(head) for head in self._heads)

    def holds(self, node: Node) -> bool:
        """Whether ``node`` begins so."""
        words = tuple(word.lower() for word in node.words[: self._longest])
        return any(words[:count] in self._heads for count in range(1, len(words) + 1))


class Vocabulary:
    """Lists of words, one for each place where they may stand."""

    def __init__(self, path: Path) -> None:
        table: Any = read_yaml(path).value
        self._lists: Mapping[str, frozenset[str]] = {
            name: frozenset(word.strip() for word in text.split(","))
            for name, text in table.items()
        }

    def words(self, name: str) -> frozenset[str]:
        """The words of one list."""
        return self._lists[name]

    def beginnings(self, name: str) -> Beginnings:
        """The beginnings of commands of one list."""
        return Beginnings(self._lists[name])


VOCABULARY = Vocabulary(Path(__file__).with_name("vocabulary.yaml"))

"""What was met and not understood, by topic."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from assessor.devices.device import Topic

MOST_LINES = 5
MOST_CHARS = 120
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")


class Notes:
    """Collects lines that were not understood; keeps a few of each topic."""

    def __init__(self) -> None:
        self._lines: dict[Topic, list[str]] = {}

    def add(self, topics: Iterable[Topic], line: str) -> None:
        """Notes ``line`` under each of ``topics``."""
        short = _UNSEEN.sub(" ", line[: 2 * MOST_CHARS]).strip()[:MOST_CHARS]
        for topic in topics:
            lines = self._lines.setdefault(topic, [])
            if len(lines) < MOST_LINES and short not in lines:
                lines.append(short)

    def has(self, topic: Topic) -> bool:
        """Whether anything about ``topic`` was not understood."""
        return topic in self._lines

    def unread(self) -> Mapping[Topic, tuple[str, ...]]:
        """All of it, as ``Device.unread`` wants it."""
        return {topic: tuple(lines) for topic, lines in self._lines.items()}

"""What was met and not understood, by topic."""

from __future__ import annotations

from collections.abc import Mapping

from assessor.devices.device import Topic

_MOST_LINES = 5
_LONGEST = 120


class Unread:
    """Collects a few lines for each topic, fit to show."""

    def __init__(self) -> None:
        self._lines: dict[Topic, list[str]] = {}

    def note(self, topic: Topic, line: object) -> None:
        """Notes ``line``, shortened, on one line and without control characters."""
        text = " ".join("".join(c if c.isprintable() else " " for c in str(line)).split())
        lines = self._lines.setdefault(topic, [])
        shown = text[:_LONGEST] or "(empty)"
        if len(lines) < _MOST_LINES and shown not in lines:
            lines.append(shown)

    def lines(self) -> Mapping[Topic, tuple[str, ...]]:
        """All of them."""
        return {topic: tuple(lines) for topic, lines in self._lines.items()}

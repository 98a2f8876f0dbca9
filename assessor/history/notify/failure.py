"""Why a run failed, in a word: what it said itself may hold paths, names and addresses."""

from __future__ import annotations

from enum import StrEnum


class Failure(StrEnum):
    """The words that ``assess notify --failed`` knows; each has a text in every language."""

    SETTINGS = "settings"
    """The user's: wrong settings or usage."""
    STORAGE = "storage"
    """The run's folder cannot be written, or is damaged."""
    FAULT = "fault"
    """A fault of assess itself."""
    UNFINISHED = "unfinished"
    """It was broken off: killed, or the machine went down."""
    MISSED = "missed"
    """It should have begun and did not."""
    OTHER = "other"
    """Whoever tells it does not know."""

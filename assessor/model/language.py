"""The languages of statements, reports and questions."""

from __future__ import annotations

from enum import StrEnum


class Language(StrEnum):
    """A language that statements, reports and questions may have."""

    NL = "nl"
    EN = "en"

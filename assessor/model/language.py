"""The languages of statements, reports and questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Language(StrEnum):
    """A language that statements, reports and questions may have."""

    NL = "nl"
    EN = "en"


ByLanguage = Mapping[Language, str]
"""The same text in each language."""


@dataclass(frozen=True, slots=True)
class LanguageTag:
    """A language as somebody asks for it, written as a tag of BCP 47.

    Attributes:
        region: ``BE`` for the words of Flanders; empty for those of the Netherlands; ``None``
            where nobody said, which leaves it to the settings.
    """

    language: Language
    region: str | None = None

    @classmethod
    def parse(cls, text: str) -> LanguageTag:
        """``nl``, ``nl-BE``, ``nl-NL`` or ``en``, in any case; raises ``ValueError``."""
        for word, tag in TAGS.items():
            if text.strip().replace("_", "-").lower() == word.lower():
                return tag
        raise ValueError(text)

    def __str__(self) -> str:
        return next(word for word, tag in TAGS.items() if tag == self)


TAGS: Mapping[str, LanguageTag] = MappingProxyType(
    {
        "nl": LanguageTag(Language.NL),
        "nl-BE": LanguageTag(Language.NL, "BE"),
        "nl-NL": LanguageTag(Language.NL, ""),
        "en": LanguageTag(Language.EN),
    }
)
"""Every tag that may be asked for, by its word."""

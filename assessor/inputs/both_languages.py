"""A text in both languages, as files of data write it: ``{nl: ..., en: ...}``."""

from __future__ import annotations

from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from assessor.inputs.settings import Settings
from assessor.model.language import ByLanguage, Language

Line = Annotated[str, Field(min_length=1, max_length=600)]


class BothLanguages(Settings):
    """One text, in Dutch and in English."""

    nl: Line
    en: Line

    def by_language(self) -> ByLanguage:
        """The text, by its language."""
        return MappingProxyType({Language.NL: self.nl, Language.EN: self.en})

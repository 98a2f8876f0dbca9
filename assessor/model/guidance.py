"""What a statement had better say, per measure, and what guidance advises against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessor.model.check import Source
from assessor.model.language import ByLanguage, Language
from assessor.model.statement import Parameter


@dataclass(frozen=True, slots=True)
class Wording:
    """What ``profiles/wording.yaml`` says.

    Attributes:
        sentences: by measure, what a statement may say of it; ``{every}`` and ``{period}`` stand
            for a time to be filled in.
        texts: the words around them, by key, per language.
    """

    sentences: Mapping[str, ByLanguage]
    texts: Mapping[Language, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Bound:
    """Values of a claim's parameter that guidance advises against; one condition is enough.

    Attributes:
        below: a number under this one.
        above: a number over this one.
        any_of: one of these values.
    """

    below: float | None = None
    above: float | None = None
    any_of: tuple[str, ...] = ()

    def meets(self, value: Parameter) -> bool:
        """Whether ``value`` is one of these."""
        if isinstance(value, str | bool):
            return value in self.any_of
        return (self.below is not None and value < self.below) or (
            self.above is not None and value > self.above
        )


@dataclass(frozen=True, slots=True)
class Guidance:
    """A kind of promise that guidance advises against; all that it names must hold.

    Attributes:
        id: its name.
        measures: the promise is of one of these; empty for any.
        bounds: values that the promise names, by parameter; empty for none.
        say: one of these phrases stands in the promise, of whichever language; empty for any.
        unless: none of these phrases stands there.
        why: what is wrong with it, per language.
        instead: a sentence that may take its place, per language.
        sources: who advises against it.
    """

    id: str
    measures: tuple[str, ...]
    bounds: Mapping[str, Bound]
    say: tuple[str, ...]
    unless: tuple[str, ...]
    why: ByLanguage
    instead: ByLanguage
    sources: tuple[Source, ...]

    @property
    def whole(self) -> bool:
        """Whether it discourages its measures as such, however they are worded."""
        return not self.say and not self.bounds

"""Laws and standards, and which of their requirements a measure touches.

To touch is not to comply: nothing here says that a requirement is met.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessor.model.language import ByLanguage


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of a framework.

    Attributes:
        id: as the source writes it, such as ``A.8.13``; unique within the framework.
        cited: how it is written in running text, per language.
        heading: what it is about, in a few words of our own, per language.
        measures: ids of the catalogue; none of them need make the requirement met.
    """

    id: str
    cited: ByLanguage
    heading: ByLanguage
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FrameworkPart:
    """A list of requirements that are counted together, such as one level.

    Attributes:
        title: its name per language; empty where the framework has one part only.
        number: how many requirements the source has in it; at least those that stand here.
        counted: what they are called, per language, as it follows that number.
        requirements: those that a measure touches, in the source's order.
    """

    title: ByLanguage
    number: int
    counted: ByLanguage
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Framework:
    """A law or a standard.

    Attributes:
        id: its key in ``profiles/frameworks.yaml``.
        title: the name that people use, per language.
        about: what it is, for somebody who has never heard of it, per language.
        edition: the text that the ids come from, per language.
        publisher: who published that text, per language.
        date: when, in ISO 8601.
        url: where it is to be found.
    """

    id: str
    title: ByLanguage
    about: ByLanguage
    edition: ByLanguage
    publisher: ByLanguage
    date: str
    url: str
    parts: tuple[FrameworkPart, ...]


Frameworks = Mapping[str, Framework]
"""By id, in the order in which a report shows them."""

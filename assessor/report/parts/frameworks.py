"""The view of the requirements of laws and standards that the measures of a run touch.

Nothing in it says that a requirement is met.
"""

from __future__ import annotations

from dataclasses import dataclass

from assessor.report.parts.common import Badge, Link
from assessor.report.parts.evidence import SourceView


@dataclass(frozen=True, slots=True)
class Touch:
    """A measure of the run with its own verdict, beside a requirement that it touches.

    Attributes:
        link: the measure and its place.
        badge: its verdict.
    """

    link: Link
    badge: Badge


@dataclass(frozen=True, slots=True)
class TouchedRequirement:
    """A requirement that a measure of the run touches; it has no verdict of its own.

    Attributes:
        cited: how it is written, such as ``Art. 32, lid 1, onder a``.
        heading: what it is about, in a few words.
        measures: those that touch it, in the run's order.
    """

    cited: str
    heading: str
    measures: tuple[Touch, ...]


@dataclass(frozen=True, slots=True)
class TouchedPart:
    """A list of requirements that are counted together.

    Attributes:
        title: its name; empty where the framework has one part only.
        touched: how many of how many requirements the run touches, in a sentence.
        requirements: those that it touches, in the source's order; may be empty.
    """

    title: str
    touched: str
    requirements: tuple[TouchedRequirement, ...]


@dataclass(frozen=True, slots=True)
class FrameworkView:
    """A law or a standard of which the run touches a requirement.

    Attributes:
        anchor: of the framework.
        title: the name that people use.
        about: what it is, in plain words.
        extent: how many of how many requirements are touched, in a few words.
        source: the text that the requirements stand in; ``section`` is its publisher.
        parts: its parts that hold touched requirements.
    """

    anchor: str
    title: str
    about: str
    extent: str
    source: SourceView
    parts: tuple[TouchedPart, ...]

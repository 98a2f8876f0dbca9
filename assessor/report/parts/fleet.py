"""The view of a run of many systems: grouped, the exceptions first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessor.report.parts.common import Badge, Item, Link, Named, Note


@dataclass(frozen=True, slots=True)
class Tally:
    """On how many systems a measure had an outcome.

    Attributes:
        badge: the outcome.
        number: on how many systems.
        total: of how many: those where it applies; for what does not apply, those that were asked.
        named: these systems; empty for what is in order or does not apply.
    """

    badge: Badge
    number: int
    total: int
    named: Named


@dataclass(frozen=True, slots=True)
class MeasureTally:
    """A measure over all systems: a tally for every outcome, always in the same order.

    Attributes:
        measure: the measure.
        tallies: by outcome.
    """

    measure: Link
    tallies: tuple[Tally, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A system by its name, with what is known of it itself.

    Attributes:
        link: its name and place.
        role: what it is for its owner, in words.
        facts: what is known of it.
    """

    link: Link
    role: str
    facts: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class SystemGroup:
    """Systems of which exactly the same is told: one or more.

    Attributes:
        title: their names, in words, or how many there are.
        size: how many, in words; empty for one.
        role: what kind of system they are.
        counts: how many findings have each outcome, in words.
        problem: what went wrong with each as a whole; else empty.
        exceptions: what was not in order or could not be told.
        rest: that there are more of these, in words; may be empty.
        members: the systems themselves.
    """

    title: str
    size: str
    role: str
    counts: str
    problem: str
    exceptions: tuple[Note, ...]
    rest: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class FleetView:
    """Many systems.

    Attributes:
        caption: of the table of measures.
        measures: those with the most exceptions first.
        by_place: the same, by the anchor of the measure's own place.
        groups: the systems with exceptions, those with the most first.
        in_order: the systems where all that was asked is in order; ``None`` where there are none.
    """

    caption: str
    measures: tuple[MeasureTally, ...]
    by_place: Mapping[str, MeasureTally]
    groups: tuple[SystemGroup, ...]
    in_order: SystemGroup | None

"""The first screen: the verdict, the counts, and what needs doing."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.report.parts.common import Badge, Item, Link


@dataclass(frozen=True, slots=True)
class Count:
    """How many claims or measures have a verdict, with its share of a bar of 1000 units.

    Attributes:
        badge: the verdict.
        number: how many have it.
        offset: where its part of the bar begins.
        width: of its part of the bar.
    """

    badge: Badge
    number: int
    offset: int
    width: int


@dataclass(frozen=True, slots=True)
class Mark:
    """One claim or measure in the picture of all.

    Attributes:
        badge: its verdict.
        link: its place.
    """

    badge: Badge
    link: Link


@dataclass(frozen=True, slots=True)
class Action:
    """Something that needs doing.

    Attributes:
        title: the measure, or what stands in the way.
        problem: what was found.
        todo: what to do, in plain words.
        hint: the exact line or command for it; may be empty.
        where: the systems, in words; may be empty.
        who: who can do it.
        weight: how much it weighs, in a word.
        links: the claims, or the measure, that it is about.
    """

    title: str
    problem: str
    todo: str
    hint: str
    where: str
    who: str
    weight: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The first screen.

    Attributes:
        title: the heading of the report.
        subtitle: what kind of report it is.
        facts: who, when, for which statement.
        headline: the verdict in one sentence.
        tone: the verdict's code that colours the headline.
        counts: per verdict, only those that occur, always shown beside ``total``.
        total: how many claims, or measures, there are.
        whole: the total in words, such as ``van 12 beloften``.
        picture: the counts in words, for those who cannot see the bar.
        marks: every claim or measure in its order.
        actions: the first three things that need doing.
        more: how many more there are, in words; empty where there are none.
        scope: what this report is worth: from where, how many systems, what it does not say.
        warnings: what went wrong with the assessment itself.
    """

    title: str
    subtitle: str
    facts: tuple[Item, ...]
    headline: str
    tone: str
    counts: tuple[Count, ...]
    total: int
    whole: str
    picture: str
    marks: tuple[Mark, ...]
    actions: tuple[Action, ...]
    more: str
    scope: tuple[str, ...]
    warnings: tuple[str, ...]

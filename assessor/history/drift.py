"""What changed between the findings of two runs: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from assessor.model.finding import Outcome


class Change(StrEnum):
    """How a finding or a promise differs from the one before."""

    WORSE = "worse"
    MENDED = "mended"
    NEW = "new"
    GONE = "gone"
    OTHER = "other"


class Placed(Protocol):
    """A finding, or a row of one."""

    @property
    def target(self) -> str:
        """The target's name."""

    @property
    def measure(self) -> str:
        """The measure that was judged."""

    @property
    def check(self) -> str:
        """The check's id."""

    @property
    def outcome(self) -> Outcome:
        """The verdict."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One finding that is not what it was; ``None`` where there is none in that run."""

    target: str
    measure: str
    check: str
    change: Change
    before: Outcome | None
    after: Outcome | None


def drift(before: Iterable[Placed], after: Iterable[Placed]) -> tuple[Drift, ...]:
    """Every finding whose outcome changed, the worse ones first."""
    old, new = _by_place(before), _by_place(after)
    changes = [
        Drift(
            target,
            measure,
            check,
            _change(old.get(place), new.get(place)),
            old.get(place),
            new.get(place),
        )
        for place in sorted(old.keys() | new.keys())
        for target, measure, check in [place]
        if old.get(place) != new.get(place)
    ]
    order = list(Change)
    return tuple(sorted(changes, key=lambda item: order.index(item.change)))


def _by_place(findings: Iterable[Placed]) -> Mapping[tuple[str, str, str], Outcome]:
    return {(item.target, item.measure, item.check): item.outcome for item in findings}


def _change(before: Outcome | None, after: Outcome | None) -> Change:
    if before is None:
        return Change.NEW
    if after is None:
        return Change.GONE
    if Outcome.NOT_APPLICABLE in (before, after) and after is not Outcome.FAIL:
        # What no longer applies did not get worse, and what applies now was not mended.
        return Change.OTHER
    if after is Outcome.PASS:
        return Change.MENDED
    if after is Outcome.FAIL or before is Outcome.PASS:
        return Change.WORSE
    return Change.OTHER

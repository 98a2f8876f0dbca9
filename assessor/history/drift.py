"""What changed between two runs: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from assessor.model.finding import Finding, Outcome


class Change(StrEnum):
    """How a finding differs from the one before."""

    WORSE = "worse"
    MENDED = "mended"
    NEW = "new"
    GONE = "gone"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Drift:
    """One finding that is not what it was; ``None`` where there is none in that run."""

    target: str
    measure: str
    check: str
    change: Change
    before: Outcome | None
    after: Outcome | None


def drift(before: Iterable[Finding], after: Iterable[Finding]) -> tuple[Drift, ...]:
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


def _by_place(findings: Iterable[Finding]) -> Mapping[tuple[str, str, str], Outcome]:
    return {(item.target, item.measure, item.check): item.outcome for item in findings}


def _change(before: Outcome | None, after: Outcome | None) -> Change:
    if before is None:
        return Change.NEW
    if after is None:
        return Change.GONE
    if after is Outcome.PASS:
        return Change.MENDED
    if after is Outcome.FAIL or before is Outcome.PASS:
        return Change.WORSE
    return Change.OTHER

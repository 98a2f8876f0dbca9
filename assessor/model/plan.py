"""A plan: which probes go to which target, and which checks read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessor.model.check import Probe
from assessor.model.facts import Facts
from assessor.model.target import Target


@dataclass(frozen=True, slots=True)
class PlannedProbe:
    """A probe as it will run: equal probes of several checks share one.

    Attributes:
        key: names the probe in frames and evidence; equal text and privilege give equal keys.
    """

    key: str
    probe: Probe


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """A check on a target: where it finds its captures.

    Attributes:
        measures: what it judges.
        keys: the check's own probe name to the key in the plan.
        parameters: the profile's values over the defaults; a claim may override some later.
    """

    check: str
    measures: tuple[str, ...]
    keys: Mapping[str, str]
    parameters: Facts


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """All that goes to one target, in one connection."""

    target: Target
    probes: tuple[PlannedProbe, ...]
    checks: tuple[PlannedCheck, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a run will ask, in the inventory's order.

    Attributes:
        not_asked: the targets of the inventory that the run was limited not to ask, without
            probes. Of a promise about them nothing is known: it must not pass for kept.
    """

    targets: tuple[TargetPlan, ...]
    not_asked: tuple[TargetPlan, ...] = ()

    @property
    def inventory(self) -> tuple[TargetPlan, ...]:
        """All targets: those that are asked, and then the others."""
        return self.targets + self.not_asked

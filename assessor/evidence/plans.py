"""A plan as it is kept: each probe once, however many targets are asked it."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.model.plan import Plan, PlannedCheck, PlannedProbe, TargetPlan
from assessor.model.target import Target


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a target is asked.

    Attributes:
        probes: places in the list of all probes, in the order in which they run.
    """

    target: Target
    probes: tuple[int, ...]
    checks: tuple[PlannedCheck, ...]


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """All probes, and who is asked which."""

    probes: tuple[PlannedProbe, ...]
    targets: tuple[_Asked, ...]

    @classmethod
    def of(cls, plan: Plan) -> KeptPlan:
        """``plan`` as it is kept."""
        places: dict[PlannedProbe, int] = {}
        targets = tuple(
            _Asked(
                target.target,
                tuple(places.setdefault(probe, len(places)) for probe in target.probes),
                target.checks,
            )
            for target in plan.targets
        )
        return cls(tuple(places), targets)

    def plan(self) -> Plan:
        """The plan again; raises ``ValueError`` where a target's probe is not there."""
        if any(not 0 <= at < len(self.probes) for each in self.targets for at in each.probes):
            raise ValueError("a target is asked a probe that is not there")
        # Most targets are asked the same: what is equal is kept in memory once.
        alike: dict[tuple[int, ...], TargetPlan] = {}
        targets = []
        for each in self.targets:
            probes = tuple(self.probes[at] for at in each.probes)
            planned = TargetPlan(each.target, probes, each.checks)
            known = alike.setdefault(each.probes, planned)
            if known.checks == each.checks:
                planned = TargetPlan(each.target, known.probes, known.checks)
            targets.append(planned)
        return Plan(tuple(targets))

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
    not_asked: tuple[_Asked, ...] = ()

    @classmethod
    def of(cls, plan: Plan) -> KeptPlan:
        """``plan`` as it is kept."""
        places: dict[PlannedProbe, int] = {}

        def asked(target: TargetPlan) -> _Asked:
            numbers = tuple(places.setdefault(probe, len(places)) for probe in target.probes)
            return _Asked(target.target, numbers, target.checks)

        targets, others = tuple(map(asked, plan.targets)), tuple(map(asked, plan.not_asked))
        return cls(tuple(places), targets, others)

    def plan(self) -> Plan:
        """The plan again; raises ``ValueError`` where a target's probe is not there."""
        listed = self.targets + self.not_asked
        if any(not 0 <= at < len(self.probes) for each in listed for at in each.probes):
            raise ValueError("a target is asked a probe that is not there")
        # Most targets are asked the same: what is equal is kept in memory once.
        alike: dict[tuple[int, ...], TargetPlan] = {}
        return Plan(
            tuple(self._planned(each, alike) for each in self.targets),
            tuple(self._planned(each, alike) for each in self.not_asked),
        )

    def _planned(self, asked: _Asked, alike: dict[tuple[int, ...], TargetPlan]) -> TargetPlan:
        probes = tuple(self.probes[at] for at in asked.probes)
        planned = TargetPlan(asked.target, probes, asked.checks)
        known = alike.setdefault(asked.probes, planned)
        if known.checks == asked.checks:
            planned = TargetPlan(asked.target, known.probes, known.checks)
        return planned

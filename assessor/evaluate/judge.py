"""Lets the checks judge what was captured."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from assessor.model.capture import Captured, NotCaptured, Reason
from assessor.model.check import Captures, Check, CheckInfo, Parameters
from assessor.model.evidence import TargetEvidence
from assessor.model.facts import Facts
from assessor.model.finding import Finding, Judgement, Message, Outcome
from assessor.model.memory import Known, Memory, Place
from assessor.model.plan import Plan, PlannedCheck, TargetPlan
from assessor.model.target import Role

CHECK_FAILED = "check_failed"
"""The engine's own message: the check raised, or broke a rule. Its facts hold ``error``."""


@dataclass(slots=True)
class Bench:
    """Judges the evidence of a run, as often as claims ask for it with their own parameters.

    A check that raises gives findings that are ``unknown`` and hold the traceback: a fault of a
    check is never a missing finding, and never a failing one.

    Attributes:
        plan: what was asked.
        evidence: what came back, by target.
        infos: the checks, by id.
        load: gives a check's code; raises where it cannot be imported.
        started_at: when the run began, in UTC: "now" for a target that was never asked.
        memory: what earlier runs saw of secrets.
        again: the measures of which claims promise values of their own. What was observed for
            those is kept, because it is judged more than once; that of all checks on all targets
            would take more memory than the findings.
    """

    plan: Plan
    evidence: Mapping[str, TargetEvidence]
    infos: Mapping[str, CheckInfo]
    load: Callable[[str], Check[Any]]
    started_at: datetime
    memory: Memory = field(default_factory=Memory)
    again: Collection[str] = frozenset()
    _observed: dict[Place, Any] = field(default_factory=dict)
    _judged: dict[Place, tuple[Finding, ...]] = field(default_factory=dict)

    def findings(self) -> tuple[Finding, ...]:
        """A finding per target, check and measure, with the profile's parameters."""
        return tuple(
            finding
            for target in self.plan.targets
            for planned in target.checks
            for finding in self._by_profile(target, planned)
        )

    def remembered(self) -> Memory:
        """What is known of secrets after this run."""
        memory = self.memory
        for target in self.plan.targets:
            for planned in target.checks:
                marks = self._marks(target, planned)
                evidence = self.evidence.get(target.target.name)
                if marks and evidence:
                    place = (target.target.name, planned.check)
                    memory = memory.after({place: marks}, evidence.at)
        return memory

    def _marks(self, target: TargetPlan, planned: PlannedCheck) -> Mapping[str, str]:
        try:
            check = self.load(planned.check)
            if check.remember is None:
                return {}
            captures = self._captures(target, planned)
            return check.remember(self._seen(check, target, planned, captures))
        except Exception:  # told by the finding; what cannot be read is not remembered
            return {}

    def findings_for(
        self, measure: str, promised: Facts, roles: Collection[Role] | None = None
    ) -> tuple[Finding, ...]:
        """The findings of ``measure``, judged with what a claim promises.

        Args:
            measure: an id of the catalogue.
            promised: the claim's parameters for it, such as ``interval_days``.
            roles: the kinds of machine that the claim is about; ``None`` for all.
        """
        return tuple(
            finding
            for target in self.plan.targets
            if roles is None or target.target.role in roles
            for planned in target.checks
            if measure in planned.measures
            for finding in self._by_promise(target, planned, measure, promised)
            if finding.measure == measure
        )

    def _by_profile(self, target: TargetPlan, planned: PlannedCheck) -> tuple[Finding, ...]:
        """What a check finds with the profile's parameters: judged once, however often asked."""
        place = (target.target.name, planned.check)
        if place not in self._judged:
            self._judged[place] = self._judge(target, planned, planned.parameters)
        return self._judged[place]

    def _by_promise(
        self, target: TargetPlan, planned: PlannedCheck, measure: str, promised: Facts
    ) -> tuple[Finding, ...]:
        """What a check finds with what a claim promises of ``measure``."""
        info = self.infos.get(planned.check)
        parameters = planned.parameters
        if info is not None:
            parameters = promise(info, parameters, measure, promised)
        if parameters is planned.parameters:
            return self._by_profile(target, planned)
        return self._judge(target, planned, parameters)

    def _judge(
        self, target: TargetPlan, planned: PlannedCheck, parameters: Facts
    ) -> tuple[Finding, ...]:
        info = self.infos.get(planned.check)
        evidence = self.evidence.get(target.target.name)
        captures = self._captures(target, planned)
        digests = tuple(
            evidence.captures[key].digest
            for key in planned.keys.values()
            if evidence and key in evidence.captures
        )
        error = ""
        try:
            if info is None:
                raise LookupError(f"the check {planned.check} is not installed here")
            check = self.load(planned.check)
            observed = self._seen(check, target, planned, captures)
            judged = list(check.evaluate(observed, Parameters(parameters)))
            _require(planned, judged, captures)
        except Exception as fault:  # a check may be anybody's: whatever it raises is caught here
            error = "".join(traceback.format_exception(fault))
            judged = [_failed(measure, fault) for measure in planned.measures]
        return tuple(
            Finding(
                planned.check,
                info.version if info else 0,
                target.target.name,
                judgement,
                parameters,
                digests,
                error,
            )
            for judgement in judged
        )

    def _seen(
        self, check: Check[Any], target: TargetPlan, planned: PlannedCheck, captures: Captures
    ) -> Any:
        """The facts of a check on a target; one that compares is shown all its targets first."""
        seen = (target.target.name, planned.check)
        if seen in self._observed:
            return self._observed[seen]
        if check.compare is None:
            observed = check.observe(captures)
            if check.remember is not None or any(each in self.again for each in planned.measures):
                self._observed[seen] = observed
            return observed
        each = {
            other.target.name: check.observe(self._captures(other, its))
            for other in self.plan.targets
            for its in other.checks
            if its.check == planned.check
        }
        for name, facts in check.compare(each).items():
            self._observed[name, planned.check] = facts
        return self._observed[seen]

    def _captures(self, target: TargetPlan, planned: PlannedCheck) -> Captures:
        name = target.target.name
        known = self.memory.of(name, planned.check)
        return _captures(target, planned, self.evidence.get(name), self.started_at, known)


def promise(info: CheckInfo, parameters: Facts, measure: str, promised: Facts) -> Facts:
    """``parameters`` with the values that a claim promises of ``measure`` in their place.

    Where the claim promises none of them, that is ``parameters`` itself.
    """
    own = {
        name: promised[claimed]
        for name in parameters
        if name in info.parameters
        and (claimed := info.parameters[name].claimed_as(measure, promised)) in promised
    }
    return {**parameters, **own} if own else parameters


def _captures(
    target: TargetPlan,
    planned: PlannedCheck,
    evidence: TargetEvidence | None,
    started_at: datetime,
    known: Mapping[str, Known],
) -> Captures:
    stored = evidence.captures if evidence else {}
    gap = evidence.gap if evidence else None
    at = evidence.at if evidence else started_at
    missing = gap or NotCaptured("", Reason.NOT_RUN, "the run ended before it was asked", at)
    return Captures(
        target.target,
        at,
        {
            name: stored[key].capture if key in stored else replace(missing, probe=name)
            for name, key in planned.keys.items()
        },
        evidence.clock_skew_s if evidence else None,
        known,
    )


def _require(planned: PlannedCheck, judged: list[Judgement], captures: Captures) -> None:
    """Raises ``ValueError`` where a check breaks a rule that the report relies on."""
    measures = [judgement.measure for judgement in judged]
    if sorted(measures) != sorted(planned.measures):
        raise ValueError(f"judged {measures}, where check.yaml names {list(planned.measures)}")
    saw = any(
        isinstance(capture, Captured) and capture.whole for capture in captures.by_probe.values()
    )
    if not saw and any(judgement.outcome is Outcome.PASS for judgement in judged):
        raise ValueError("it passes although no probe gave a complete answer")


def _failed(measure: str, fault: Exception) -> Judgement:
    error = f"{type(fault).__name__}: {fault}"[:300]
    return Judgement(measure, Outcome.UNKNOWN, Message(CHECK_FAILED, {"error": error}))

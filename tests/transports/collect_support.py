"""What tests share that let the runner collect: a store and a progress that keep all in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from assessor.collect.runner import Transports, collect
from assessor.collect.transports.base import Deadline
from assessor.model.capture import Capture, Captured, NotCaptured
from assessor.model.check import Probe, ProbeKind
from assessor.model.limits import Limits
from assessor.model.plan import Plan, PlannedProbe, TargetPlan
from assessor.model.target import SecretPurpose, Target, TransportKind
from tests.transports.ssh_support import FixedSecrets, transport


@dataclass
class Journal:
    """Keeps what one target answered."""

    kept: dict[str, Capture] = field(default_factory=dict)
    gap: NotCaptured | None = None

    def keep(self, *captures: Capture) -> None:
        self.kept.update((capture.probe, capture) for capture in captures)

    def end(self, *, clock_skew_s: float | None, gap: NotCaptured | None) -> None:
        self.gap = gap


@dataclass
class Run:
    """A store and a progress."""

    journals: dict[str, Journal] = field(default_factory=dict)

    def journal(self, target: str, at: datetime) -> Journal:
        return self.journals.setdefault(target, Journal())

    def begun(self, plan: TargetPlan) -> None: ...

    def answered(self, plan: TargetPlan, capture: Capture) -> None: ...

    def ended(self, plan: TargetPlan, gap: NotCaptured | None) -> None: ...

    def said(self, target: str) -> str:
        """What a target's one script printed."""
        capture = self.journals[target].kept["p"]
        assert isinstance(capture, Captured), capture
        return capture.stdout

    def gap_of(self, target: str) -> NotCaptured:
        """Why a target gave nothing."""
        gap = self.journals[target].gap
        assert gap is not None
        assert isinstance(self.journals[target].kept["p"], NotCaptured)
        return gap


class Nothing:
    """Asks nothing from outside."""

    def answer(self, target: Target, probe: PlannedProbe, deadline: Deadline) -> str:
        raise AssertionError("nothing is asked from outside")


def collect_over_ssh(
    targets: Iterable[Target],
    script: str,
    limits: Limits,
    password: str = "",
    run: Run | None = None,
) -> Run:
    """Runs one script on each target, with the runner and the transport of a real run."""
    probe = PlannedProbe("p", Probe("p", ProbeKind.SCRIPT, script, timeout_s=60))
    plan = Plan(tuple(TargetPlan(target, (probe,), ()) for target in targets))
    secrets = FixedSecrets({SecretPurpose.PASSWORD: password} if password else {})
    kept, abandoned = run or Run(), threading.Event()
    with transport(secrets, abandoned=abandoned, retries=limits.retries) as ssh:
        ways = Transports({TransportKind.SSH: ssh}, Nothing(), secrets)
        collect(plan, ways, kept, kept, abandoned, limits)
    return kept

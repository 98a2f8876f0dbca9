"""Requests to a host's own services go out beside its script, but never past a jump host."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from assessor.collect.runner import Transports, collect
from assessor.collect.transports.base import Deadline, Script, Sink
from assessor.errors import TransportError
from assessor.model.capture import Capture, Captured, NotCaptured, Reason
from assessor.model.check import Probe, ProbeKind
from assessor.model.limits import Limits
from assessor.model.plan import Plan, PlannedProbe, TargetPlan
from assessor.model.target import Target, TransportKind
from tests.factories import make_target

SCRIPT = PlannedProbe("script", Probe("s", ProbeKind.SCRIPT, "echo"))
REQUEST = PlannedProbe("request", Probe("r", ProbeKind.REQUEST, "{}"))


@dataclass
class Everything:
    """All that a runner needs, played; keeps what it is told."""

    asked: list[str] = field(default_factory=list)
    kept: dict[str, Capture] = field(default_factory=dict)
    gap: NotCaptured | None = None

    def answer(self, target: Target, probe: PlannedProbe, deadline: Deadline) -> str:
        self.asked.append(target.name)
        return "{}"

    def run(
        self, target: Target, scripts: Iterable[Script], sink: Sink, deadline: Deadline
    ) -> None:
        raise TransportError(Reason.UNREACHABLE, "nobody there")

    def get(self, target: Target, purpose: object) -> None:
        return None

    def journal(self, target: str, at: datetime) -> Everything:
        return self

    def keep(self, *captures: Capture) -> None:
        self.kept.update((capture.probe, capture) for capture in captures)

    def end(self, *, clock_skew_s: float | None, gap: NotCaptured | None) -> None:
        self.gap = gap

    def begun(self, plan: TargetPlan) -> None: ...

    def answered(self, plan: TargetPlan, capture: Capture) -> None: ...

    def ended(self, plan: TargetPlan, gap: NotCaptured | None) -> None: ...


def collected(**options: object) -> Everything:
    target = replace(make_target(), transport=TransportKind.SSH, **options)  # type: ignore[arg-type]
    shells: Mapping[TransportKind, Everything] = {TransportKind.SSH: (both := Everything())}
    collect(
        Plan((TargetPlan(target, (SCRIPT, REQUEST), ()),)),
        Transports(shells, both, both),
        both,
        both,
        threading.Event(),
        Limits(),
    )
    return both


def test_a_host_that_cannot_be_entered_is_looked_at_from_outside_all_the_same() -> None:
    seen = collected()
    assert isinstance(seen.kept["request"], Captured)
    assert isinstance(seen.kept["script"], NotCaptured)
    assert seen.gap is not None
    assert seen.gap.reason is Reason.UNREACHABLE


@pytest.mark.parametrize("jump", [("gate.example",), ("a.example", "b.example")])
def test_nothing_is_asked_of_an_address_behind_a_jump_host(jump: tuple[str, ...]) -> None:
    seen = collected(jump=jump)
    assert seen.asked == []
    missing = seen.kept["request"]
    assert isinstance(missing, NotCaptured)
    assert "reached through another host" in missing.detail

"""What a run does within its limits: tries again what may pass, and ends when its time is up."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from assessor.collect.runner import Transports, collect
from assessor.collect.transports.base import Deadline, Script, Sink
from assessor.errors import EvidenceError, TransportError
from assessor.model.capture import Capture, NotCaptured, Reason
from assessor.model.check import Probe, ProbeKind
from assessor.model.limits import Limits
from assessor.model.plan import Plan, PlannedProbe, TargetPlan
from assessor.model.target import Target, TransportKind
from tests.factories import make_target

SCRIPT = PlannedProbe("script", Probe("s", ProbeKind.SCRIPT, "echo"))
REQUEST = PlannedProbe("request", Probe("r", ProbeKind.REQUEST, "{}"))
REFUSED = TransportError(Reason.UNREACHABLE, "refused", passing=True)

Run = Callable[[Target, Deadline], None]


def unreachable(target: Target, deadline: Deadline) -> None:
    raise REFUSED


@dataclass
class Journal:
    kept: dict[str, Capture] = field(default_factory=dict)
    gaps: list[NotCaptured | None] = field(default_factory=list)

    def keep(self, *captures: Capture) -> None:
        for capture in captures:
            assert capture.probe not in self.kept, "nothing is stored twice"
            self.kept[capture.probe] = capture

    def end(self, *, clock_skew_s: float | None, gap: NotCaptured | None) -> None:
        self.gaps.append(gap)


@dataclass
class Played:
    """All that a runner needs, played; keeps what it is told."""

    what: Run
    abandoned: threading.Event = field(default_factory=threading.Event)
    journals: dict[str, Journal] = field(default_factory=dict)
    tries: Counter[str] = field(default_factory=Counter)
    heard: Counter[str] = field(default_factory=Counter)

    def run(
        self, target: Target, scripts: Iterable[Script], sink: Sink, deadline: Deadline
    ) -> None:
        self.tries[target.name] += 1
        self.what(target, deadline)

    def answer(self, target: Target, probe: PlannedProbe, deadline: Deadline) -> str:
        return "{}"

    def get(self, target: Target, purpose: object) -> None:
        return None

    def journal(self, target: str, at: datetime) -> Journal:
        assert target not in self.journals, "a journal is opened once"
        return self.journals.setdefault(target, Journal())

    def begun(self, plan: TargetPlan) -> None:
        self.heard["begun"] += 1

    def answered(self, plan: TargetPlan, capture: Capture) -> None:
        self.heard["answered"] += 1

    def ended(self, plan: TargetPlan, gap: NotCaptured | None) -> None:
        self.heard["ended"] += 1

    def collect(self, *targets: Target, limits: Limits) -> None:
        plans = tuple(TargetPlan(target, (SCRIPT, REQUEST), ()) for target in targets)
        transports = Transports({TransportKind.SSH: self}, self, self)
        collect(Plan(plans), transports, self, self, self.abandoned, limits)

    def reason(self, name: str, probe: str = "script") -> Reason:
        capture = self.journals[name].kept[probe]
        assert isinstance(capture, NotCaptured)
        return capture.reason


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assessor.collect.backoff.FIRST_S", 0.01)


@pytest.mark.parametrize("retries", [0, 1, 2])
def test_what_may_pass_is_tried_again_a_few_times_and_stored_once(retries: int) -> None:
    played = Played(unreachable)
    played.collect(make_target("a"), make_target("b"), limits=Limits(retries=retries))
    assert played.tries == {"a": 1 + retries, "b": 1 + retries}
    for name in "ab":
        assert played.reason(name) is Reason.UNREACHABLE
        assert set(played.journals[name].kept) == {"script", "request"}
        assert [gap and gap.reason for gap in played.journals[name].gaps] == [Reason.UNREACHABLE]
    assert played.heard == {"begun": 2, "answered": 4, "ended": 2}


def test_one_that_lets_us_in_the_second_time_is_collected() -> None:
    reached: list[str] = []

    def once_refused(target: Target, deadline: Deadline) -> None:
        if played.tries[target.name] == 1:
            raise REFUSED
        reached.append(target.name)

    played = Played(once_refused)
    played.collect(make_target("a"), limits=Limits())
    assert reached == ["a"]
    assert played.tries == {"a": 2}
    assert played.reason("a") is Reason.SHELL_REFUSED, "the played shell ends without a word"


@pytest.mark.parametrize(
    "reason",
    [
        Reason.AUTHENTICATION_FAILED,
        Reason.HOST_KEY_UNKNOWN,
        Reason.NAME_NOT_FOUND,
        Reason.CERTIFICATE_REFUSED,
        Reason.DROPPED,
        Reason.UNREACHABLE,
    ],
)
def test_what_is_not_said_to_pass_is_never_tried_again(reason: Reason) -> None:
    def fails(target: Target, deadline: Deadline) -> None:
        raise TransportError(reason, "no")

    played = Played(fails)
    played.collect(make_target("a"), limits=Limits(retries=5))
    assert played.tries == {"a": 1}
    assert played.reason("a") is reason


def test_it_is_not_tried_again_after_the_target_s_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assessor.collect.backoff.LONGEST_S", 1e9)
    monkeypatch.setattr("assessor.collect.backoff.FIRST_S", 1e9)
    played = Played(unreachable)
    played.collect(make_target("a"), limits=Limits(deadline_s=0.1))
    assert played.tries == {"a": 1}
    assert played.reason("a") is Reason.UNREACHABLE


def test_who_waits_to_be_tried_again_takes_up_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assessor.collect.backoff.FIRST_S", 3600.0)
    monkeypatch.setattr("assessor.collect.backoff.LONGEST_S", 3600.0)
    came = threading.Event()

    def first_fails(target: Target, deadline: Deadline) -> None:
        if target.name == "a":
            raise REFUSED
        came.set()
        played.abandoned.set()

    played = Played(first_fails)
    behind = [replace(make_target(name), jump=("gate",)) for name in "ab"]
    played.collect(*behind, limits=Limits(jobs=1, per_jump=1, deadline_s=1e6))
    assert came.is_set()
    # The run was abandoned while "a" waited for an hour: it ended at once, and asks "a" anew later.
    assert played.tries == {"a": 1, "b": 1}
    assert "a" not in played.journals


def test_a_run_whose_time_is_up_says_so_of_every_target_that_had_no_turn() -> None:
    deadlines: list[float] = []

    def hangs(target: Target, deadline: Deadline) -> None:
        deadlines.append(deadline.seconds)
        threading.Event().wait(deadline.remaining())
        deadline.require("waiting for the answers")

    played = Played(hangs)
    limits = Limits(jobs=2, deadline_s=3600, run_deadline_s=0.3)
    played.collect(*map(make_target, "abcdef"), limits=limits)
    assert played.tries == {"a": 1, "b": 1}
    assert all(seconds <= 0.3 for seconds in deadlines), "they get only the time that is left"
    assert sorted(played.journals) == list("abcdef")
    for name in "cdef":
        gap = played.journals[name].kept["request"]
        assert isinstance(gap, NotCaptured)
        assert gap.reason is Reason.DEADLINE
        assert gap.detail == "the run's time was up before its turn"
        assert "--run-deadline" in gap.mend
        assert [each and each.reason for each in played.journals[name].gaps] == [Reason.DEADLINE]
    assert played.heard["begun"] == played.heard["ended"] == 6


def test_one_that_waited_to_be_tried_again_keeps_its_own_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Its pause is shorter than the run's time, but its jump host is held for all of that.
    def second_hangs(target: Target, deadline: Deadline) -> None:
        if target.name == "a":
            raise REFUSED
        threading.Event().wait(deadline.remaining())

    played = Played(second_hangs)
    behind = [replace(make_target(name), jump=("gate",)) for name in "ab"]
    played.collect(*behind, limits=Limits(per_jump=1, run_deadline_s=0.5))
    assert played.reason("a") is Reason.UNREACHABLE
    assert len(played.journals["a"].gaps) == 1


def test_a_store_that_fails_ends_the_run() -> None:
    class Full(Played):
        def journal(self, target: str, at: datetime) -> Journal:
            raise EvidenceError("the disk is full")

    played = Full(unreachable)
    with pytest.raises(EvidenceError):
        played.collect(*map(make_target, "abc"), limits=Limits(retries=0, jobs=1))
    assert played.abandoned.is_set()
    assert played.tries == {"a": 1}


@pytest.mark.parametrize(
    ("limits", "jump", "site", "most"),
    [
        (Limits(jobs=3), (), "", 3),
        (Limits(per_jump=2), ("gate",), "", 2),
        (Limits(per_site=2), (), "haarlem", 2),
        (Limits(), ("gate",), "haarlem", 10),
    ],
)
def test_no_more_are_under_way_than_may_be(
    limits: Limits, jump: tuple[str, ...], site: str, most: int
) -> None:
    lock, all_there = threading.Lock(), threading.Event()
    inside, seen = 0, 0

    def stays(target: Target, deadline: Deadline) -> None:
        nonlocal inside, seen
        with lock:
            inside += 1
            seen = max(seen, inside)
            if inside == most:
                all_there.set()
        assert all_there.wait(20), "fewer are under way than there is room for"
        with lock:
            inside -= 1

    played = Played(stays)
    targets = [replace(make_target(f"t{n:02}"), jump=jump, site=site) for n in range(30)]
    played.collect(*targets, limits=limits)
    assert seen == most
    assert len(played.journals) == 30

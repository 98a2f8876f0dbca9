"""Walks the plan: many targets side by side, each with its own deadline, all within limits."""

from __future__ import annotations

import concurrent.futures
import math
import queue
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from assessor.collect import asking
from assessor.collect.backoff import pauses
from assessor.collect.transports.base import (
    Deadline,
    RequestTransport,
    Secrets,
    ShellTransport,
)
from assessor.collect.transports.device import DeviceTransport
from assessor.collect.turns import Turns, Way
from assessor.errors import TransportError
from assessor.model.capture import Capture, NotCaptured, Reason
from assessor.model.limits import Limits
from assessor.model.plan import Plan, TargetPlan
from assessor.model.target import Platform, TransportKind

_LOOK_EVERY_S = 0.2
"""How often a wait for a moment to come looks whether the run was interrupted."""


class Journal(Protocol):
    """Keeps what one target answers, as it answers. Only one thread uses it at a time."""

    def keep(self, *captures: Capture) -> None:
        """Stores captures; when this returns, they survive the end of this process."""

    def end(self, *, clock_skew_s: float | None, gap: NotCaptured | None) -> None:
        """Everything that this target had to say is stored."""


class Store(Protocol):
    """Opens journals; safe to call from several threads."""

    def journal(self, target: str, at: datetime) -> Journal:
        """The journal of ``target``, whose collection begins ``at``."""


class Progress(Protocol):
    """Hears how far a run is; called from several threads."""

    def begun(self, plan: TargetPlan) -> None:
        """A target is being collected."""

    def answered(self, plan: TargetPlan, capture: Capture) -> None:
        """A probe was stored."""

    def ended(self, plan: TargetPlan, gap: NotCaptured | None) -> None:
        """A target is done; ``gap`` says why it could not be reached or read to the end."""


@dataclass(frozen=True, slots=True)
class Transports:
    """The ways to reach a target; ``requests`` may be absent where the plan holds none."""

    shells: Mapping[TransportKind, ShellTransport]
    requests: RequestTransport | None
    secrets: Secrets
    devices: Mapping[TransportKind, DeviceTransport] = field(default_factory=dict)


def collect(
    plan: Plan,
    transports: Transports,
    store: Store,
    progress: Progress,
    abandoned: threading.Event,
    limits: Limits,
) -> None:
    """Asks every target its probes and stores what comes back.

    What goes wrong with one target is stored as the reason why its probes have no answer, and
    stops no other; so is that a target had no turn before the run's time was up.
    ``KeyboardInterrupt`` sets ``abandoned``, waits for what is under way to be stored, and is
    raised again.
    """
    walk = _Walk(transports, store, progress, abandoned, limits)
    asked = [target for target in plan.targets if target.probes]
    workers = max(1, min(limits.jobs, len(asked)))
    with concurrent.futures.ThreadPoolExecutor(workers, thread_name_prefix="collect") as pool:
        try:
            walk.go(asked, pool)
        except BaseException:
            abandoned.set()
            raise


@dataclass(slots=True)
class _Visit:
    """One target, over as many attempts as it takes.

    Attributes:
        pauses: the seconds to wait before each repetition.
        deadline: of all attempts together; ``None`` before the first.
        failure: why the last attempt failed.
    """

    plan: TargetPlan
    pauses: Iterator[float]
    deadline: Deadline | None = None
    failure: TransportError | None = None


_Ended = tuple[int, _Visit, Way, "concurrent.futures.Future[float | None]"]


class _Walk:
    """One run's walk: this thread gives the turns, those of the pool ask."""

    def __init__(
        self,
        transports: Transports,
        store: Store,
        progress: Progress,
        abandoned: threading.Event,
        limits: Limits,
    ) -> None:
        self._transports = transports
        self._store = store
        self._progress = progress
        self._abandoned = abandoned
        self._limits = limits
        whole = limits.run_deadline_s
        self._run_ends = Deadline.after(math.inf if whole is None else whole)
        self._turns = Turns[_Visit](
            limits.jobs, limits.per_jump, limits.per_site, limits.connections_per_s
        )
        self._ended: queue.SimpleQueue[_Ended] = queue.SimpleQueue()

    def go(self, asked: Sequence[TargetPlan], pool: concurrent.futures.Executor) -> None:
        """Gives every target its turn; returns when all have ended."""
        for number, plan in enumerate(asked):
            self._turns.add(number, _Visit(plan, pauses(self._limits.retries)), Way.to(plan.target))
        while not self._turns.over:
            if self._abandoned.is_set():
                self._turns.clear()
            elif self._run_ends.remaining() <= 0:
                for visit in self._turns.clear():
                    self._no_turn(visit)
            while (turn := self._turns.take(time.monotonic())) is not None:
                self._begin(*turn, pool)
            self._await_one()

    def _begin(
        self, number: int, visit: _Visit, way: Way, pool: concurrent.futures.Executor
    ) -> None:
        future = pool.submit(self._attempt, visit)
        future.add_done_callback(lambda done: self._ended.put((number, visit, way, done)))

    def _await_one(self) -> None:
        """Takes in one attempt that ended, or returns when somebody's moment may have come."""
        if self._turns.over:
            return
        pause = self._turns.pause(time.monotonic())
        try:
            number, visit, way, done = self._ended.get(
                timeout=None if pause is None else min(pause, _LOOK_EVERY_S)
            )
        except queue.Empty:
            return
        self._turns.give_back(way)
        wait = done.result()
        if wait is not None:
            self._turns.add(number, visit, way, time.monotonic() + wait)

    # -- in the pool's threads -------------------------------------------------------------

    def _attempt(self, visit: _Visit) -> float | None:
        """Asks a target; gives the seconds after which it is to be tried again, if at all."""
        if self._abandoned.is_set():
            return None
        plan = visit.plan
        if visit.deadline is None:
            visit.deadline = Deadline.after(self._run_ends.remaining(self._limits.deadline_s))
            self._progress.begun(plan)
        elif visit.failure is not None and visit.deadline.remaining() <= 0:
            self._without_answer(plan, asking.gap_of(visit.failure))
            return None
        diary = _Diary(plan, self._store, self._progress)
        try:
            skew, gap = self._ask(plan, diary, visit.deadline)
        except TransportError as error:
            visit.failure = error
            wait = next(visit.pauses, None)
            if wait is not None and wait < visit.deadline.remaining():
                return wait
            skew, gap = None, asking.gap_of(error)
            asking.keep_missing(asking.of_the_shell(plan), gap, diary.keep)
            gap = self._seen_from_outside(plan, diary, visit.deadline, gap)
        if gap is not None and gap.reason is Reason.INTERRUPTED:
            return None  # without an end in its journal, a resumed run asks this target again
        diary.end(skew, gap)
        return None

    def _ask(
        self, plan: TargetPlan, diary: _Diary, deadline: Deadline
    ) -> tuple[float | None, NotCaptured | None]:
        ways = self._transports
        if plan.target.transport is TransportKind.NETWORK:
            gap = asking.ask_all(plan, ways.requests, diary.keep, deadline, self._abandoned)
            return None, gap
        if plan.target.platform is Platform.DEVICE:
            gap = asking.ask_for_configuration(plan, ways.devices, diary.keep, deadline)
            return None, gap
        skew, gap = asking.run_script(plan, ways.shells, ways.secrets, diary.keep, deadline)
        return skew, self._seen_from_outside(plan, diary, deadline, gap)

    def _seen_from_outside(
        self, plan: TargetPlan, diary: _Diary, deadline: Deadline, gap: NotCaptured | None
    ) -> NotCaptured | None:
        if gap is not None and gap.reason is Reason.INTERRUPTED:
            return gap
        requests = self._transports.requests
        broken = asking.look_from_outside(plan, requests, diary.keep, deadline, self._abandoned)
        return broken or gap

    # -- without a connection --------------------------------------------------------------

    def _no_turn(self, visit: _Visit) -> None:
        """Says of a target for which no time was left why nothing is known of it."""
        if visit.deadline is None:
            self._progress.begun(visit.plan)
        if visit.failure is None:
            why, mend = "the run's time was up before its turn", "give the run more time: "
            mend += "assess run --run-deadline SECONDS, or run: {run_deadline: SECONDS}"
            gap = NotCaptured("", Reason.DEADLINE, why, datetime.now(UTC), mend)
        else:
            gap = asking.gap_of(visit.failure)
        self._without_answer(visit.plan, gap)

    def _without_answer(self, plan: TargetPlan, gap: NotCaptured) -> None:
        diary = _Diary(plan, self._store, self._progress)
        asking.keep_missing(plan.probes, gap, diary.keep)
        diary.end(None, gap)


class _Diary:
    """A target's journal. It is opened by the first word: one that has to be tried again has none.

    What waits for another attempt would otherwise hold an open file, and there may be thousands.
    """

    def __init__(self, plan: TargetPlan, store: Store, progress: Progress) -> None:
        self._plan = plan
        self._store = store
        self._progress = progress
        self._at = datetime.now(UTC)
        self._opened: Journal | None = None

    def _journal(self) -> Journal:
        if self._opened is None:
            self._opened = self._store.journal(self._plan.target.name, self._at)
        return self._opened

    def keep(self, *captures: Capture) -> None:
        """Stores captures."""
        self._journal().keep(*captures)
        for capture in captures:
            self._progress.answered(self._plan, capture)

    def end(self, clock_skew_s: float | None, gap: NotCaptured | None) -> None:
        """Everything is stored."""
        self._journal().end(clock_skew_s=clock_skew_s, gap=gap)
        self._progress.ended(self._plan, gap)

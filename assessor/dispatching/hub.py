"""A run's side: orders what targets at sites are to be asked, and waits for what comes back."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from celery import Celery
from kombu import Connection

from assessor.collect.asking import keep_missing
from assessor.collect.runner import Progress
from assessor.dispatching.acceptance import Inbox
from assessor.dispatching.broker import (
    HEARTBEAT_S,
    MOST_PAUSE_S,
    SERIALIZER,
    TASK,
    delivery_queue,
    order_queue,
    why_lost,
)
from assessor.dispatching.messages import make_order
from assessor.evidence.signing import PublicKey, SigningKey
from assessor.evidence.store import RunFolder
from assessor.model.capture import NotCaptured, Reason
from assessor.model.plan import TargetPlan

_AGAIN_S = 300.0
"""Seconds after which what has no answer is ordered again: a broker may have lost it."""
_LONGER_VALID = timedelta(hours=1)
"""How much longer an order is valid than the run waits: clocks differ."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What is ordered in a run.

    Attributes:
        run: where the journals are kept.
        plans: one target each, all with a site.
        key: signs the orders.
        sites: of each site the key of its worker.
        deadline_s: seconds that one target may take.
        wait_s: seconds that the run waits for its workers.
    """

    run: RunFolder
    plans: tuple[TargetPlan, ...]
    key: SigningKey
    sites: Mapping[str, PublicKey]
    deadline_s: float
    wait_s: float


class Hub:
    """Orders, waits, and takes in; all of it in the one thread that calls :meth:`work`.

    Args:
        dispatch: what is ordered.
        app: the broker.
        progress: hears of targets that are complete.
        say: takes lines for whoever watches.
    """

    def __init__(
        self, dispatch: Dispatch, app: Celery, progress: Progress, say: Callable[[str], None]
    ) -> None:
        self._dispatch = dispatch
        self._app = app
        self._progress = progress
        self._say = say
        self._inbox = Inbox(dispatch.run, dispatch.plans, dispatch.key.public, dispatch.sites)
        self._queue = delivery_queue(dispatch.run.id)
        self._failure: Exception | None = None

    @property
    def refused(self) -> Counter[str]:
        """What was refused, and how often."""
        return self._inbox.refused

    @property
    def missing(self) -> tuple[TargetPlan, ...]:
        """The targets that were not answered."""
        return tuple(self._inbox.waiting.values())

    def work(self, abandoned: threading.Event) -> None:
        """Returns when all is answered, the time is up, or the run is abandoned.

        Raises:
            EvidenceError: the disk refuses what came in.
        """
        until = time.monotonic() + self._dispatch.wait_s
        pause, lost = 1.0, False
        self._tell_waiting()
        while self._goes_on(until, abandoned):
            try:
                with self._app.connection_for_write(heartbeat=HEARTBEAT_S) as connection:
                    connection.connect()
                    if lost:
                        self._say("the broker is back")
                    pause, lost = 1.0, False
                    self._exchange(connection, until, abandoned)
            except Exception as error:  # each library has a tree of its own
                if not lost:
                    self._say(f"the broker is not there: {why_lost(error)}; trying again")
                lost = True
                abandoned.wait(min(pause, max(0.0, until - time.monotonic())))
                pause = min(2 * pause, MOST_PAUSE_S)
        if self._failure is not None:
            raise self._failure
        if not self._inbox.waiting:
            self._clean_up()

    def _goes_on(self, until: float, abandoned: threading.Event) -> bool:
        if self._failure is not None or abandoned.is_set():
            return False
        return bool(self._inbox.waiting) and time.monotonic() < until

    def _exchange(self, connection: Connection, until: float, abandoned: threading.Event) -> None:
        """Orders what has no answer and takes in what comes, for as long as the link holds."""

        def heard(body: Any, message: Any) -> None:
            try:
                self._take(body)
            except Exception as error:  # ours or the disk's: no lost link, to be tried again
                self._failure = error
                return
            message.ack()

        def damaged(message: Any, error: Exception) -> None:
            self._inbox.refused["it is not of our content type, too large, or damaged"] += 1
            message.ack()

        consumer = connection.Consumer(
            [self._queue], callbacks=[heard], accept=[SERIALIZER], on_decode_error=damaged
        )
        consumer.qos(prefetch_count=8)
        with consumer:
            again = time.monotonic()
            while self._goes_on(until, abandoned):
                if time.monotonic() >= again:
                    self._order(connection, until)
                    again = time.monotonic() + _AGAIN_S
                with contextlib.suppress(socket.timeout):
                    connection.drain_events(timeout=1.0)
                connection.heartbeat_check()

    def _order(self, connection: Connection, until: float) -> None:
        """Sends the orders of all that is not answered; a worker obeys one of several copies."""
        dispatch = self._dispatch
        valid = timedelta(seconds=max(0.0, until - time.monotonic())) + _LONGER_VALID
        producer = connection.Producer(auto_declare=False)
        for plan in list(self._inbox.waiting.values()):
            order = make_order(
                plan,
                dispatch.run.id,
                deadline_s=dispatch.deadline_s,
                issued_at=datetime.now(UTC),
                valid=valid,
            )
            self._app.send_task(
                TASK,
                args=[order.signed(dispatch.key)],
                queue=order_queue(plan.target.site),
                producer=producer,
                serializer=SERIALIZER,
                expiration=valid.total_seconds(),
                retry=False,
            )

    def _take(self, body: object) -> None:
        taken = self._inbox.take(body, datetime.now(UTC))
        if taken is None:
            return
        plan, evidence = taken
        self._progress.begun(plan)
        for stored in evidence.captures.values():
            self._progress.answered(plan, stored.capture)
        self._progress.ended(plan, evidence.gap)
        self._tell_waiting()

    def _tell_waiting(self) -> None:
        waiting = Counter(plan.target.site for plan in self._inbox.waiting.values())
        if waiting:
            parts = ", ".join(f"{site} ({count})" for site, count in sorted(waiting.items()))
            self._say(f"waiting for the workers of: {parts}")

    def _clean_up(self) -> None:
        """Takes the run's own queue away; what a broker that is gone keeps of it is of no use."""
        try:
            with self._app.connection_for_write() as connection:
                self._queue(connection.default_channel).delete()
        except Exception as error:  # as above; the run has all that it waited for
            self._say(f"the run's queue could not be deleted: {why_lost(error)}")

    def give_up(self) -> None:
        """Writes down what is missing, so that the report says it.

        Raises:
            EvidenceError: the disk refuses it.
        """
        for plan in self.missing:
            site = plan.target.site
            why = f"the worker of {site} gave no answer within {self._dispatch.wait_s:.0f} s"
            mend = f"see on the machine at {site} whether it runs: assess worker --check"
            now = datetime.now(UTC)
            gap = NotCaptured("", Reason.WORKER_SILENT, why, now, mend)
            self._progress.begun(plan)
            journal = self._dispatch.run.journal(plan.target.name, now, str)
            keep_missing(plan.probes, gap, journal.keep)
            journal.end(clock_skew_s=None, gap=gap)
            self._progress.ended(plan, gap)

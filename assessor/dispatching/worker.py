"""A worker: takes orders from the broker, collects what it may, and hands over signed journals.

An order is acknowledged as soon as it is in the spool, within milliseconds; from then on the spool
holds it. So a worker that is killed goes on by itself when it starts again, whatever the broker
does in the meantime, and no broker gives an order to a second worker because the first is slow.
"""

from __future__ import annotations

import gc
import hashlib
import os
import platform
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from celery.exceptions import SecurityWarning

import assessor
from assessor import pipeline
from assessor.dispatching.broker import TASK, make_app, order_queue, take_only_from
from assessor.dispatching.consuming import consumer_of
from assessor.dispatching.messages import (
    RefusedError,
    SignedOrder,
    compressed_parts,
    open_order,
)
from assessor.dispatching.outbox import Outbox
from assessor.dispatching.permission import Allowed, allowed
from assessor.dispatching.spool import Spool, Taken
from assessor.errors import EvidenceError
from assessor.evidence.deliveries import Delivery
from assessor.evidence.key import fingerprint_key
from assessor.evidence.signing import PublicKey, SigningKey
from assessor.model.assessment import Assessment
from assessor.model.capture import Capture, NotCaptured
from assessor.model.check import CheckInfo
from assessor.model.language import Language
from assessor.model.limits import Limits
from assessor.model.plan import Plan, TargetPlan
from assessor.model.profile import Profile
from assessor.model.target import Role
from assessor.model.worker import WorkerSetup

SPOOL = "spool"
_TIDY_S = 3600.0
_UNSENT_KEPT = timedelta(days=7)
"""How long after its order expired a journal waits for a broker that does not come back."""


class _Unwatched:
    """Hears how one target's collection goes: its journal says it all."""

    def begun(self, plan: TargetPlan) -> None:
        """Nobody watches."""

    def answered(self, plan: TargetPlan, capture: Capture) -> None:
        """Nobody watches."""

    def ended(self, plan: TargetPlan, gap: NotCaptured | None) -> None:
        """Nobody watches."""


class Worker:
    """One site's worker.

    Args:
        setup: its settings.
        key: with which it signs.
        hubs: whose orders it obeys.
        checks: all that it could ask.
        password: of the broker; empty where there is none.
        say: takes lines for the log.

    Raises:
        EvidenceError: its folder cannot be written in, its fingerprint key is damaged, or another
            worker uses it.
    """

    def __init__(
        self,
        setup: WorkerSetup,
        key: SigningKey,
        hubs: Sequence[PublicKey],
        checks: Mapping[str, CheckInfo],
        password: str,
        say: Callable[[str], None],
    ) -> None:
        self._setup = setup
        self._key = key
        self._hubs = hubs
        self._checks = checks
        self._say = say
        fingerprint_key(setup.folder)  # where it is damaged, this is the moment to say so
        self._spool = Spool(setup.folder / SPOOL)
        self._app = make_app(setup.broker, password)
        self._outbox = Outbox(self._app, self._spool, key.public, say)
        self._abandoned = threading.Event()
        self._guard = threading.Lock()
        self._active: set[str] = set()
        self._pool = ThreadPoolExecutor(setup.limits.jobs, thread_name_prefix="order")

    def run(self) -> None:
        """Works until the process is told to end (SIGTERM, SIGINT).

        What it was collecting then is gone on with by the next worker in this folder.
        """
        if os.geteuid() == 0:
            self._say("warning: it works as root, and needs none of root's rights")
        warnings.filterwarnings("ignore", category=SecurityWarning)  # Celery's words for that
        self._app.task(name=TASK, shared=False)(self.receive)
        take_only_from(self._app, order_queue(self._setup.site))
        self._app.conf.worker_consumer = consumer_of(self._say)
        celery = self._app.Worker(
            hostname=f"{self._setup.site}@{platform.node() or 'worker'}",
            pool="solo",
            concurrency=1,
            quiet=True,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        tidying = threading.Thread(target=self._tidy_for_ever, name="tidy", daemon=True)
        try:
            self._go_on()
            self._outbox.start()
            tidying.start()
            celery.start()
            if celery.exitcode:
                raise EvidenceError("the worker stopped: the broker's library failed")
        finally:
            self._abandoned.set()
            self._pool.shutdown(cancel_futures=True)
            self._outbox.stop()
            self._spool.close()

    def receive(self, envelope: str) -> None:
        """Takes an order, or refuses it; it is in the spool when this returns."""
        try:
            signed = open_order(envelope, self._hubs, self._setup.site, datetime.now(UTC))
        except RefusedError as error:
            self._say(f"refused an order: {error}")
            return
        try:
            taken = self._spool.take(signed)
        except EvidenceError as error:
            self._say(f"an order could not be taken: {error}")
            return
        if taken is Taken.FINISHED:
            self._outbox.wake()
            return
        self._begin(signed)

    def _go_on(self) -> None:
        """Takes up what a worker before this one left."""
        self._tidy()
        for order, envelope in self._spool.orders():
            if not self._spool.is_finished(order):
                self.receive(envelope)

    def _begin(self, signed: SignedOrder) -> None:
        with self._guard:
            if signed.id in self._active:
                return
            self._active.add(signed.id)
        self._pool.submit(self._obey, signed)

    def _obey(self, signed: SignedOrder) -> None:
        order = signed.order
        name = f"{order.target} (run {order.run})"
        try:
            if self._spool.is_finished(signed.id):  # a copy came in just as it was finished
                return
            began = datetime.now(UTC)
            self._say(f"{name}: begun")
            # A worker before this one may have ended between the journal's end and this one's word
            # for it: its target has said all.
            evidence = self._spool.collected(signed.id, order.target)
            if evidence is None:
                self._collect(signed, allowed(order, self._setup.targets, self._checks, began))
                evidence = self._spool.collected(signed.id, order.target)
            if evidence is None:  # this worker was told to end; the next one goes on
                return
            self._finish(signed)
            took = (datetime.now(UTC) - began).total_seconds()
            gap = evidence.gap
            ending = "done" if gap is None else f"not complete: {gap.reason}"
            self._say(f"{name}: {ending}, {took:.1f} s")
            self._outbox.wake()
        except EvidenceError as error:
            # The hub asks again, and it is begun anew then.
            self._say(f"{name}: {error}")
        except Exception as error:  # a fault of ours costs this order only
            self._say(f"{name}: a fault of assess ({type(error).__name__}); please report it")
        finally:
            # What ``ask`` froze for the time of a run would never be freed in a process that stays.
            gc.unfreeze()
            with self._guard:
                self._active.discard(signed.id)

    def _collect(self, signed: SignedOrder, may: Allowed) -> None:
        """Writes the journal, to its end unless this worker is told to end before."""
        order, place = signed.order, self._spool.place(signed.id)
        if may.refused:
            journal = place.journal(order.target, datetime.now(UTC), str)
            for each in may.refused:
                journal.keep(each)
            if may.plan is None:
                journal.end(clock_skew_s=None, gap=replace(may.refused[0], probe=""))
                return
            journal.close()
        if may.plan is None:
            return
        own = self._setup.limits
        deadline_s = min(order.deadline_s, float(own.deadline_s))
        limits = Limits(jobs=1, deadline_s=deadline_s, retries=own.retries)
        prepared = self._prepared(may.plan)
        pipeline.gather(prepared, place, _Unwatched(), self._abandoned, limits)

    def _prepared(self, plan: TargetPlan) -> pipeline.Prepared:
        """As in any run, so that the same code collects, with this site's own fingerprint key."""
        setup = self._setup
        # A redirect may lead from one site that is assessed to another.
        others = [
            TargetPlan(each, (), ())
            for each in setup.targets
            if each.role is Role.SITE and each.name != plan.target.name
        ]
        profile = Profile("worker", {}, {}, ())
        assessment = Assessment(
            setup.folder, "", "", Language.EN, None, setup.targets, profile, limits=setup.limits
        )
        return pipeline.Prepared(assessment, pipeline.Checks(), Plan((plan, *others)), {})

    def _finish(self, signed: SignedOrder) -> None:
        order = signed.order
        journal = self._spool.journal(signed.id, order.target)
        delivery = Delivery(
            order=signed.id,
            run=order.run,
            site=order.site,
            target=order.target,
            journal=hashlib.sha256(journal).hexdigest(),
            parts=tuple(hashlib.sha256(part).hexdigest() for part in compressed_parts(journal)),
            assess_version=assessor.__version__,
            finished_at=datetime.now(UTC),
        )
        self._spool.finish(signed.id, delivery.signed(self._key))

    def _tidy_for_ever(self) -> None:
        while not self._abandoned.wait(_TIDY_S):
            self._tidy()

    def _tidy(self) -> None:
        """Deletes orders that would be refused by now, once what they gave was handed over."""
        now = datetime.now(UTC)
        unsent = set(self._spool.unsent())
        for order, envelope in list(self._spool.orders()):
            if order in self._active:
                continue
            try:
                open_order(envelope, self._hubs, self._setup.site, now)
            except RefusedError:
                if order not in unsent or self._spool.age(order, now) > _UNSENT_KEPT:
                    self._spool.drop(order)

"""A hub and a worker without a broker between them: what one signs, the other is given."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from assessor.dispatching.acceptance import Inbox
from assessor.dispatching.messages import (
    Order,
    compressed_parts,
    make_order,
    order_id,
    part_messages,
)
from assessor.evidence.deliveries import Delivery
from assessor.evidence.journal import TargetJournal
from assessor.evidence.signing import SigningKey
from assessor.evidence.store import RunFolder
from assessor.model.capture import Capture, NotCaptured
from assessor.model.plan import Plan, TargetPlan
from tests.factories import (
    AT,
    make_captured,
    make_probe,
    make_run_facts,
    make_target,
    make_target_plan,
)

NOW = AT + timedelta(minutes=3)
HUB, SITE, STRANGER = SigningKey.new(), SigningKey.new(), SigningKey.new()


def at_site(name: str = "web", site: str = "noord") -> TargetPlan:
    """What one target at a site is asked: two questions."""
    return make_target_plan(
        replace(make_target(name), site=site), {"p": make_probe(), "q": make_probe("other")}
    )


def order(plan: TargetPlan | None = None) -> Order:
    """The order for it."""
    return make_order(
        plan or at_site(),
        make_run_facts().id,
        deadline_s=60.0,
        issued_at=AT,
        valid=timedelta(hours=2),
    )


@dataclass(slots=True)
class Exchange:
    """A run of one target at the site ``noord``, and the worker's journal of it."""

    folder: Path
    plans: tuple[TargetPlan, ...] = field(default_factory=lambda: (at_site(),))

    def hub(self) -> Inbox:
        """The hub's side, with a new run's folder."""
        run = RunFolder(self.folder / make_run_facts().id)
        run.create(make_run_facts(), Plan(self.plans))
        return Inbox(run, self.plans, HUB.public, {"noord": SITE.public})

    @property
    def run(self) -> RunFolder:
        """The run's folder."""
        return RunFolder(self.folder / make_run_facts().id)

    def journal(
        self,
        *captures: Capture,
        target: str = "web",
        ends: bool = True,
        gap: NotCaptured | None = None,
    ) -> bytes:
        """What a worker's journal of those captures is."""
        path = self.folder / "worker.jsonl"
        path.unlink(missing_ok=True)
        kept = TargetJournal(path, target, AT, str)
        for capture in captures or (make_captured("p", "a\n"), make_captured("q", "b\n")):
            kept.keep(capture)
        if ends:
            kept.end(clock_skew_s=0.5, gap=gap)
        kept.close()
        return path.read_bytes()


def delivery(journal: bytes, **more: str) -> Delivery:
    """A worker's honest word for ``journal``."""
    run = make_run_facts().id
    honest = Delivery(
        order=order_id(HUB.public, run, more.get("target", "web")),
        run=run,
        site="noord",
        target="web",
        journal=hashlib.sha256(journal).hexdigest(),
        parts=tuple(hashlib.sha256(part).hexdigest() for part in compressed_parts(journal)),
        assess_version="0.1.0",
        finished_at=NOW,
    )
    return replace(honest, **more)  # type: ignore[arg-type] # texts only


def messages(
    journal: bytes, said: Delivery | None = None, key: SigningKey = SITE
) -> Iterator[dict[str, object]]:
    """The messages in which a worker hands ``journal`` over."""
    envelope = (said or delivery(journal)).signed(key)
    return part_messages(envelope, compressed_parts(journal))

"""What a worker's journal comes to is, byte for byte, what it would have come to here."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assessor import concluding, pipeline
from assessor.dispatching.acceptance import Inbox
from assessor.dispatching.messages import compressed_parts, make_order, open_order, part_messages
from assessor.dispatching.permission import allowed
from assessor.evidence.manifest import verify
from assessor.evidence.store import RunFolder
from assessor.model.capture import Capture, NotCaptured
from assessor.model.limits import Limits
from assessor.model.plan import Plan, TargetPlan
from tests.unit.dispatching.deliveries import HUB, SITE, delivery


class _Quiet:
    def begun(self, plan: TargetPlan) -> None: ...
    def answered(self, plan: TargetPlan, capture: Capture) -> None: ...
    def ended(self, plan: TargetPlan, gap: NotCaptured | None) -> None: ...


def test_the_same_journal_comes_to_the_same_bytes(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    checks = pipeline.Checks()
    prepared = pipeline.prepare(here, checks, profile="mkb")
    (planned,) = prepared.plan.targets
    at_site = replace(planned, target=replace(planned.target, site="noord"))
    prepared = replace(prepared, plan=Plan((at_site,)))
    run = pipeline.begin(prepared)
    shutil.copytree(here, there)

    # Here: all in one process.
    pipeline.gather(prepared, run, _Quiet(), threading.Event(), Limits(1, 300.0))
    concluding.keep_conclusions(run, concluding.conclude(run, checks), HUB)

    # There: ordered, allowed by the worker's own inventory and checks, handed over, taken in.
    now = datetime.now(UTC)
    order = make_order(at_site, run.id, deadline_s=300.0, issued_at=now, valid=timedelta(hours=1))
    signed = open_order(order.signed(HUB), [HUB.public], "noord", now)
    may = allowed(signed.order, [planned.target], checks.catalogue.infos, now)
    assert may.refused == ()
    assert may.plan is not None
    assert may.plan.probes == planned.probes, "the same questions, to the letter"
    journal = (run.path / "observations" / f"{planned.target.name}.jsonl").read_bytes()
    other = RunFolder(there / "runs" / run.id)
    hub = Inbox(other, [at_site], HUB.public, {"noord": SITE.public})
    said = replace(delivery(journal), order=signed.id, run=run.id, target=planned.target.name)
    for body in part_messages(said.signed(SITE), compressed_parts(journal)):
        hub.take(body, datetime.now(UTC))
    assert not hub.refused
    concluding.keep_conclusions(other, concluding.conclude(other, checks), HUB)

    assert (other.path / "findings.json").read_bytes() == (run.path / "findings.json").read_bytes()
    assert (other.path / "plan.json").read_bytes() == (run.path / "plan.json").read_bytes()
    assert verify(other).faults == verify(run).faults == ()

"""What does an order to a worker weigh, and what does it cost a hub to take in what comes back?

::

    .venv/bin/python benchmarks/orders.py             # --copies 50

This machine is asked all that the profile mkb has for a Linux server, once. What it said becomes
the journal of as many targets of a site: their orders are made, their journals packed and signed as
a worker does, and a hub takes them in. No broker is involved. It prints bytes of a message as it
travels, and CPU time. There is no bar; the figures are for ``docs/scale.md``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE.parent))

from assessor import pipeline  # noqa: E402
from assessor.dispatching.acceptance import Inbox  # noqa: E402
from assessor.dispatching.messages import (  # noqa: E402
    Order,
    compressed_parts,
    make_order,
    order_id,
    part_messages,
)
from assessor.evidence.deliveries import Delivery  # noqa: E402
from assessor.evidence.signing import SigningKey  # noqa: E402
from assessor.evidence.store import RunFolder  # noqa: E402
from assessor.model.evidence import TargetEvidence  # noqa: E402
from assessor.model.limits import Limits  # noqa: E402
from assessor.model.plan import Plan, TargetPlan  # noqa: E402
from benchmarks.fleet_parts.bare import Quiet  # noqa: E402

SITE = "bakker"


def asked(folder: Path) -> tuple[TargetPlan, TargetEvidence, RunFolder]:
    """What this machine was asked, what it said, and the run."""
    (folder / "assessment.yaml").write_text(
        "organisation: Benchmark\ntargets: [{name: here, role: server, transport: local}]\n"
    )
    prepared = pipeline.prepare(folder, pipeline.Checks(), profile="mkb")
    run = pipeline.begin(prepared)
    pipeline.gather(prepared, run, Quiet(), threading.Event(), Limits())
    return run.plan().targets[0], run.evidence()["here"], run


def journal_of(run: RunFolder, name: str, said: TargetEvidence) -> bytes:
    """What was said as the journal of a target called ``name``."""
    journal = run.journal(name, said.at, str)
    for stored in said.captures.values():
        journal.keep(stored.capture)
    journal.end(clock_skew_s=said.clock_skew_s, gap=None)
    path = run.path / "observations" / f"{name}.jsonl"
    raw = path.read_bytes()
    path.unlink()
    return raw


def delivered(order: Order, hub: SigningKey, worker: SigningKey, journal: bytes) -> Sequence[str]:
    """The messages that bring a journal."""
    parts = compressed_parts(journal)
    delivery = Delivery(
        order=order_id(hub.public, order.run, order.target),
        run=order.run,
        site=SITE,
        target=order.target,
        journal=hashlib.sha256(journal).hexdigest(),
        parts=tuple(hashlib.sha256(part).hexdigest() for part in parts),
        assess_version="0",
        finished_at=datetime.now(UTC),
    )
    return [json.dumps(each) for each in part_messages(delivery.signed(worker), parts)]


def main() -> int:
    """Runs the benchmark; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--copies", type=int, default=50)
    copies = parser.parse_args().copies
    hub, worker = SigningKey.new(), SigningKey.new()
    with tempfile.TemporaryDirectory(prefix="orders-") as place:
        first, said, run = asked(Path(place))
        plans = [
            replace(first, target=replace(first.target, name=f"host{number:03d}", site=SITE))
            for number in range(copies)
        ]
        journals = {each.target.name: journal_of(run, each.target.name, said) for each in plans}
        target = RunFolder(Path(place) / "runs" / run.id)
        begun = time.process_time()
        orders = [
            make_order(
                plan, target.id, deadline_s=120.0, issued_at=datetime.now(UTC),
                valid=timedelta(hours=1),
            )
            for plan in plans
        ]  # fmt: skip
        envelopes = [order.signed(hub) for order in orders]
        ordering_s = time.process_time() - begun
        messages = [
            message
            for order in orders
            for message in delivered(order, hub, worker, journals[order.target])
        ]
        inbox = Inbox(target, Plan(tuple(plans)).targets, hub.public, {SITE: worker.public})
        begun = time.process_time()
        for message in messages:
            inbox.take(json.loads(message), datetime.now(UTC))
        taking_s = time.process_time() - begun
    if inbox.waiting or inbox.refused:
        raise RuntimeError(f"{len(inbox.waiting)} are missing: {dict(inbox.refused)}")
    print(f"{copies} targets, {len(first.probes)} questions each")
    print(f"an order: {len(envelopes[0]) / 1000:.1f} kB, {ordering_s * 1000 / copies:.2f} ms CPU")
    size = len(next(iter(journals.values())))
    print(f"a journal: {size / 1000:.0f} kB, {sum(map(len, messages)) / copies / 1000:.1f} kB sent")
    print(f"taking it in: {taking_s * 1000 / copies:.2f} ms CPU")
    return 0


if __name__ == "__main__":
    sys.exit(main())

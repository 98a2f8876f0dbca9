"""What a hub takes from a worker: only what it ordered, whole, unaltered, and once."""

from __future__ import annotations

import hashlib
import math
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from assessor.dispatching.messages import (
    CLOCKS_APART,
    PART_BYTES,
    RefusedError,
    decompressed,
    most_journal_bytes,
    order_id,
    read_part,
)
from assessor.errors import EvidenceError
from assessor.evidence.deliveries import Delivery, keep_delivery, read_delivery
from assessor.evidence.journal import read_journal
from assessor.evidence.signing import PublicKey
from assessor.evidence.store import RunFolder
from assessor.model.capture import Captured, NotCaptured
from assessor.model.evidence import TargetEvidence
from assessor.model.plan import TargetPlan

_DAY = timedelta(days=1)


@dataclass(slots=True)
class _Assembly:
    """The parts of a journal that have come in."""

    envelope: bytes
    delivery: Delivery
    parts: dict[int, bytes] = field(default_factory=dict)


class Inbox:
    """Takes in the journals of one run.

    Args:
        run: where they are kept.
        plans: what was ordered.
        hub: the public part of the key that signed the orders.
        keys: of each site, the key of its worker.
    """

    def __init__(
        self,
        run: RunFolder,
        plans: Iterable[TargetPlan],
        hub: PublicKey,
        keys: Mapping[str, PublicKey],
    ) -> None:
        self._run = run
        self._hub = hub
        self._keys = keys
        self._ordered = {plan.target.name: plan for plan in plans}
        self._began = run.facts().started_at
        self._assemblies: dict[str, _Assembly] = {}
        self.waiting = dict(self._ordered)
        self.refused: Counter[str] = Counter()

    def take(self, body: object, now: datetime) -> tuple[TargetPlan, TargetEvidence] | None:
        """Takes a message; gives the target that is complete with it.

        A message that is refused is counted in ``refused``; a second copy is let go.

        Raises:
            EvidenceError: the disk refuses what was accepted.
        """
        try:
            assembly = self._assembled(body)
            if assembly is None:
                return None
            journal, evidence = self._checked(assembly, now)
        except RefusedError as error:
            self.refused[str(error)] += 1
            return None
        delivery = assembly.delivery
        key = self._keys[delivery.site]
        keep_delivery(self._run, delivery, assembly.envelope, key, journal)
        return self.waiting.pop(delivery.target), evidence

    def _assembled(self, body: object) -> _Assembly | None:
        """All parts of a journal, once the last of them has come in."""
        part = read_part(body)
        delivery = self._opened(part.envelope)
        plan = self._ordered.get(delivery.target)
        if plan is None or plan.target.site != delivery.site:
            raise RefusedError("nothing was ordered of that target at that site")
        if delivery.run != self._run.id:
            raise RefusedError("it belongs to another run")
        if delivery.order != order_id(self._hub, self._run.id, delivery.target):
            raise RefusedError("it answers an order that is not ours")
        if delivery.target not in self.waiting:
            return None
        if len(delivery.parts) > 1 + most_journal_bytes(plan.probes) // PART_BYTES:
            raise RefusedError("it is larger than all that was asked can be")
        wanted = dict(enumerate(delivery.parts)).get(part.number)
        if wanted is None or hashlib.sha256(part.data).hexdigest() != wanted:
            raise RefusedError("a part of it was altered")
        assembly = self._assemblies.get(delivery.target)
        if assembly is None or assembly.envelope != part.envelope:
            # The same worker's newer word takes the place of what was not finished.
            assembly = self._assemblies[delivery.target] = _Assembly(part.envelope, delivery)
        assembly.parts[part.number] = part.data
        if len(assembly.parts) < len(delivery.parts):
            return None
        return self._assemblies.pop(delivery.target)

    def _opened(self, envelope: bytes) -> Delivery:
        for site, key in self._keys.items():
            try:
                delivery = read_delivery(envelope, key)
            except EvidenceError:
                continue
            if delivery.site == site:
                return delivery
        raise RefusedError("its signature is false, or by none of the workers that are named")

    def _checked(self, assembly: _Assembly, now: datetime) -> tuple[bytes, TargetEvidence]:
        delivery = assembly.delivery
        plan = self._ordered[delivery.target]
        parts = [assembly.parts[number] for number in range(len(delivery.parts))]
        journal = decompressed(parts, most_journal_bytes(plan.probes))
        if hashlib.sha256(journal).hexdigest() != delivery.journal:
            raise RefusedError("it is not the journal that was signed")
        evidence = _read(journal)
        if evidence.target != delivery.target or not evidence.complete:
            raise RefusedError("its journal is not of that target, or not finished")
        limits = {each.key: each.probe.limit_bytes for each in plan.probes}
        if not evidence.captures.keys() <= limits.keys():
            raise RefusedError("it answers what was not asked")
        _require_sound(evidence, self._began, now)
        return journal, evidence


def _read(journal: bytes) -> TargetEvidence:
    """The journal as the stages after this will read it."""
    with tempfile.TemporaryDirectory(prefix="assess-") as folder:
        path = Path(folder, "journal.jsonl")
        path.write_bytes(journal)
        try:
            if journal.endswith(b"\n") and (evidence := read_journal(path)) is not None:
                return evidence
            raise EvidenceError("torn")
        except (EvidenceError, RecursionError, KeyError, TypeError, ValueError, AttributeError):
            raise RefusedError("its journal is damaged, or its chain is broken") from None


def _require_sound(evidence: TargetEvidence, began: datetime, now: datetime) -> None:
    """Refuses values of a kind that no collector writes: judging and reporting rely on it."""
    moments = [evidence.at]
    texts = [evidence.target]
    numbers: list[object] = [] if evidence.clock_skew_s is None else [evidence.clock_skew_s]
    captures = [stored.capture for stored in evidence.captures.values()]
    for capture in [*captures, *([evidence.gap] if evidence.gap else [])]:
        moments.append(capture.at)
        match capture:
            case Captured():
                texts += [capture.stdout, capture.stderr]
                numbers += [capture.duration_s, capture.exit_status]
            case NotCaptured():
                texts += [capture.detail, capture.mend]
    # A worker may have begun before its clock was set right, but not in another month.
    if any(
        at.tzinfo is None or not began - _DAY <= at <= now + CLOCKS_APART + _DAY for at in moments
    ):
        raise RefusedError("its times cannot be true; compare the clocks of both machines")
    if not all(map(_is_number, numbers)) or not all(map(_is_plain, texts)):
        raise RefusedError("it holds what no collector writes")


def _is_number(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and abs(value) < 1e12
    )


def _is_plain(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)

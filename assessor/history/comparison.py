"""What changed from one run to a later one: pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from assessor.history.drift import Change, Drift, drift
from assessor.history.outlook import Outlook, outlook
from assessor.history.promises import Promise, Reworded, matched, promises
from assessor.history.records import RunRecord, TargetRow
from assessor.history.trend import SHOWN
from assessor.model.statement import Verdict

_RANKS = {
    Verdict.KEPT: 3,
    Verdict.ATTESTED: 3,
    Verdict.PARTLY: 2,
    Verdict.EXPIRED: 1,
    Verdict.UNPROVEN: 1,
    Verdict.BROKEN: 0,
}


@dataclass(frozen=True, slots=True)
class PromiseChange:
    """A promise of which something else is concluded, or that is new or gone.

    Attributes:
        text: its words; in the later run, unless it is gone there.
        measures: what it promises.
        before: ``None`` where the earlier run did not know it.
        after: ``None`` where the later run does not.
        was: its words in the earlier run where they were others; empty where they were not.
    """

    text: str
    measures: tuple[str, ...]
    change: Change
    before: Verdict | None
    after: Verdict | None
    was: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that is not as it was, the worse first.

    Attributes:
        before: the id of the earlier run.
        after: the id of the later one.
        findings: those that changed.
        findings_same: how many did not.
        promises: those of which something else is concluded, that are reworded, new or gone.
        promises_same: how many have the same words and the same verdict.
        new_targets: asked now and not before.
        lost_targets: asked before and not now.
        silent_targets: gave something to judge before, and nothing now.
        outlook: what ends before the next run.
    """

    before: str
    after: str
    findings: tuple[Drift, ...]
    findings_same: int
    promises: tuple[PromiseChange, ...]
    promises_same: int
    new_targets: tuple[TargetRow, ...]
    lost_targets: tuple[TargetRow, ...]
    silent_targets: tuple[TargetRow, ...]
    outlook: Outlook

    def told(self, change: Change) -> int:
        """How many promises and findings changed in this way."""
        changes = [item.change for item in self.findings] + [item.change for item in self.promises]
        return changes.count(change)


def compare(
    before: RunRecord, after: RunRecord, reworded: Reworded, next_run: date | None = None
) -> Comparison:
    """Compares two runs; ``next_run`` is a month after the later one unless said."""
    findings = drift(before.findings, after.findings)
    places = {(row.target, row.measure, row.check) for row in after.findings}
    came_or_differ = sum(item.change is not Change.GONE for item in findings)
    old, new = promises(before.summary), promises(after.summary)
    changes = _promise_changes(old, new, reworded)
    there = sum(item.change is not Change.GONE for item in changes)
    were = {row.name: row for row in before.summary.targets}
    are = {row.name: row for row in after.summary.targets}
    return Comparison(
        before.summary.run,
        after.summary.run,
        findings,
        len(places) - came_or_differ,
        changes,
        len(new) - there,
        tuple(row for name, row in are.items() if name not in were),
        tuple(row for name, row in were.items() if name not in are),
        tuple(
            row for name, row in are.items() if not row.seen and name in were and were[name].seen
        ),
        outlook(after.summary, next_run),
    )


def _promise_changes(
    old: Iterable[Promise], new: Iterable[Promise], reworded: Reworded
) -> tuple[PromiseChange, ...]:
    old, new = tuple(old), tuple(new)
    was = matched(old, new, reworded)
    found = [_change(was.get(item.key), item) for item in new]
    kept = {item.key for item in was.values()}
    found += [
        PromiseChange(item.text, item.measures, Change.GONE, item.verdict, None)
        for item in old
        if item.key not in kept
    ]
    order = list(Change)
    changed = [item for item in found if item is not None]
    return tuple(sorted(changed, key=lambda item: order.index(item.change)))


def _change(before: Promise | None, after: Promise) -> PromiseChange | None:
    if before is None:
        return PromiseChange(after.text, after.measures, Change.NEW, None, after.verdict)
    same_words = before.key == after.key
    if same_words and before.verdict is after.verdict:
        return None
    return PromiseChange(
        after.text,
        after.measures,
        direction(before.verdict, after.verdict),
        before.verdict,
        after.verdict,
        "" if same_words else before.text,
    )


def direction(before: Verdict, after: Verdict) -> Change:
    """How what is concluded of a promise changed.

    Mended is what is kept or attested and was not; less is worse; all else is other.
    """
    if after in SHOWN and before not in SHOWN:
        return Change.MENDED
    if _RANKS[after] < _RANKS[before]:
        return Change.WORSE
    return Change.OTHER

"""How much of a run's evidence fits in one page, and what goes first: what is not in order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import escape

from assessor.model.capture import Captured
from assessor.model.finding import Finding, Outcome
from assessor.report.context import OUTCOMES, Context

OUTPUT_BUDGET = 700_000
"""Bytes that all raw outputs together may take in the page."""
OUTPUT_MOST = 16_000
OUTPUT_LEAST = 400
"""Bytes below which a piece of an output says nothing."""
ANSWERS_MOST = 1_000
"""Raw answers in the page of a run of many systems; each takes half a kilobyte beside its output,
and many share the budget of outputs."""
ROWS_MOST = 1_200
"""Different things that findings say, in the page of a run of many systems."""
ROWS_OF_OTHERS = 400
"""Of these, what is kept for findings that are in order."""
TELLING = (Outcome.FAIL, Outcome.UNKNOWN)

Place = tuple[str, str]
"""An answer: its target's name and its digest."""


def rows_that_fit(context: Context, groups: Sequence[tuple[Finding, int]]) -> Sequence[int]:
    """How many rows of each group of like findings the page shows, at least one.

    Args:
        context: of the report.
        groups: a finding of each group, and the number of its rows.
    """
    if not context.many:
        return [rows for _, rows in groups]
    wrong = [rows for finding, rows in groups if finding.outcome in TELLING]
    others = [rows for finding, rows in groups if finding.outcome not in TELLING]
    first, left = share(wrong, ROWS_MOST - ROWS_OF_OTHERS, ROWS_MOST)
    then, _ = share(others, left + ROWS_OF_OTHERS, ROWS_MOST)
    return [
        min(rows, max(1, first if finding.outcome in TELLING else then)) for finding, rows in groups
    ]


def places(context: Context) -> Iterator[Place]:
    """Every answer of the run."""
    for name, evidence in context.result.evidence.items():
        for stored in evidence.captures.values():
            yield name, stored.digest


def answers_that_fit(
    context: Context, rows: Iterable[Sequence[Finding]]
) -> Collection[Place] | None:
    """The raw answers that the page shows; ``None`` where it shows them all.

    Each row gets those of its first target before any gets those of a second one; what is not in
    order or could not be told goes first.

    Args:
        context: of the report.
        rows: the findings of each row that the page shows.
    """
    known = set(places(context))
    if not context.many or len(known) <= ANSWERS_MOST:
        return None
    waiting = sorted(rows, key=lambda row: OUTCOMES.index(row[0].outcome))
    chosen: set[Place] = set()
    turn = 0
    while waiting:
        for row in waiting:
            wanted = {(row[turn].target, digest) for digest in row[turn].evidence} & known
            if len(chosen) + len(wanted - chosen) > ANSWERS_MOST:
                return chosen
            chosen |= wanted
        turn += 1
        waiting = [row for row in waiting if len(row) > turn]
    return chosen


@dataclass(frozen=True, slots=True)
class Limits:
    """How many bytes each output may take in the page: what is wrong goes first.

    Attributes:
        telling: the digests of the answers behind what was not in order or could not be told.
        first: bytes for each of those.
        others: bytes for each other answer; 0 where there is no room left.
    """

    telling: frozenset[str]
    first: int
    others: int

    def of(self, digest: str) -> int:
        """Bytes for the answer with ``digest``."""
        return self.first if digest in self.telling else self.others


def limits(context: Context, chosen: Collection[Place] | None) -> Limits:
    """The limits for the answers that are ``chosen``; for all where it is ``None``."""
    telling = frozenset(
        digest
        for finding in context.findings
        if finding.outcome in TELLING
        for digest in finding.evidence
    )
    outputs: dict[bool, set[str]] = {True: set(), False: set()}
    for target in context.result.evidence.values():
        for stored in target.captures.values():
            shown = chosen is None or (target.target, stored.digest) in chosen
            if shown and isinstance(stored.capture, Captured):
                outputs[stored.digest in telling].add(stored.capture.stdout)
    first, left = share(_sizes(outputs[True]), OUTPUT_BUDGET, OUTPUT_MOST)
    others, _ = share(_sizes(outputs[False] - outputs[True]), left, OUTPUT_MOST)
    return Limits(telling, max(first, OUTPUT_LEAST), others if others >= OUTPUT_LEAST else 0)


def _sizes(outputs: Iterable[str]) -> list[int]:
    return [weight(output[:OUTPUT_MOST]) for output in outputs]


def share(sizes: Iterable[int], budget: int, most: int) -> tuple[int, int]:
    """A limit for each of ``sizes``, at most ``most``, and what is left of ``budget``.

    Small ones leave their share to large ones.
    """
    ordered = sorted(sizes)
    left = budget
    for position, size in enumerate(ordered):
        piece = min(left // (len(ordered) - position), most)
        if size > piece:
            return piece, max(0, left - piece * (len(ordered) - position))
        left -= size
    return most, left


def weight(text: str) -> int:
    """The bytes that ``text`` takes in a page."""
    return len(str(escape(text)).encode("utf-8", "replace"))

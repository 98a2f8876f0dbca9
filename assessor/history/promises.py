"""Recognising a promise in the run after: pure.

A promise is the same one while its words are (white space and capitals do not matter); a sentence
that stands twice is told apart by which of them it is. Of those that are left over, the statement's
own code says which sentence was reworded into which (``statement.decisions.changes``); it is handed
in, since stages do not import each other. Without a statement, the measures take their place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from assessor.history.records import ClaimRow, RunSummary
from assessor.model.statement import Claim, Verdict

Reworded = Callable[[Sequence[Claim], Sequence[Claim]], Iterable[tuple[Claim, Claim]]]
"""Which of the first sentences were changed into which of the second."""

Key = tuple[str, int]
"""The words of a promise as they are compared, and which one of the same words it is."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What is followed from run to run: a promise, or a measure where there is no statement.

    Attributes:
        key: what it is recognised by.
        text: its words; the measure's id where there is no statement.
        measures: what it promises.
        row: the claim; ``None`` for a measure.
    """

    key: Key
    text: str
    measures: tuple[str, ...]
    verdict: Verdict
    rule: str
    row: ClaimRow | None


def normal(quote: str) -> str:
    """What two quotes must share to be the same sentence, as in ``statement.decisions``."""
    return " ".join(quote.split()).casefold()


def promises(run: RunSummary) -> tuple[Promise, ...]:
    """What ``run`` concluded of, in the statement's order."""
    if not run.claims:
        return tuple(
            # No sentence has this key: it holds a line feed.
            Promise((f"measure\n{row.measure}", 0), row.measure, (row.measure,), row.verdict,
                    row.rule, None)
            for row in run.measures
        )  # fmt: skip
    counts: dict[str, int] = {}
    found = []
    for row in run.claims:
        words = normal(row.quote)
        number = counts[words] = counts.get(words, -1) + 1
        text = " ".join(row.quote.split())
        found.append(Promise((words, number), text, row.measures, row.verdict, row.rule, row))
    return tuple(found)


def matched(
    before: Iterable[Promise], after: Iterable[Promise], reworded: Reworded
) -> dict[Key, Promise]:
    """The promise of before that each one of after was, by the key of the latter."""
    old = {item.key: item for item in before}
    new = {item.key: item for item in after}
    found = {key: old[key] for key in new if key in old}
    left = [item for key, item in old.items() if key not in found and item.row]
    more = [item for key, item in new.items() if key not in found and item.row]
    if left and more:
        # Claims hold dictionaries, so that they can be found again by where they stand only.
        were = {item.row.start: item for item in left if item.row}
        are = {item.row.start: item for item in more if item.row}
        pairs = reworded(
            [item.row.claim() for item in were.values() if item.row],
            [item.row.claim() for item in are.values() if item.row],
        )
        for was, now in pairs:
            found[are[now.start].key] = were[was.start]
    return found

"""People's decisions over the mapper's, and what became of them when the text changed: pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from assessor.model.decision import Decision
from assessor.model.statement import Claim, Reading, StatementText

REVIEWED = "review"
"""The rule that a reading names when a person decided."""

SURE = 0.8
"""A reading below this score wants a person's eye."""


def normal(quote: str) -> str:
    """What two quotes must share to be the same sentence."""
    return " ".join(quote.split()).casefold()


def decide(
    statement: StatementText, claims: Iterable[Claim], decisions: Iterable[Decision]
) -> tuple[Claim, ...]:
    """The claims as people decided them, in the statement's order.

    A decision may also be about a sentence in which the mapper saw no promise. One whose sentence
    is no longer in the text does nothing (see :func:`stale`).
    """
    latest = {normal(decision.quote): decision for decision in decisions}
    found = [
        _decided(claim, latest[normal(claim.quote)]) if normal(claim.quote) in latest else claim
        for claim in claims
    ]
    known = {normal(claim.quote) for claim in found}
    for key, decision in latest.items():
        if key not in known and decision.measures:
            found += _missed(statement.text, decision)
    return tuple(sorted(found, key=lambda claim: claim.start))


def _decided(claim: Claim, decision: Decision) -> Claim:
    return replace(
        claim,
        measures=decision.measures,
        parameters={
            measure: values
            for measure, values in claim.parameters.items()
            if measure in decision.measures
        },
        readings=tuple(_reading(measure, decision) for measure in decision.measures),
    )


def _missed(text: str, decision: Decision) -> Iterator[Claim]:
    words = [re.escape(word) for word in decision.quote.split()]
    pattern = re.compile(r"\s+".join(words), re.IGNORECASE)
    for number, match in enumerate(pattern.finditer(text)):
        name = hashlib.sha256(f"{normal(decision.quote)}\0{number}".encode()).hexdigest()[:12]
        yield Claim(
            id=name,
            quote=match.group(),
            start=match.start(),
            end=match.end(),
            heading="",
            measures=decision.measures,
            readings=tuple(_reading(measure, decision) for measure in decision.measures),
        )


def _reading(measure: str, decision: Decision) -> Reading:
    return Reading(measure, f"{decision.by}, {decision.at:%Y-%m-%d}", REVIEWED, 1.0)


def to_review(claims: Iterable[Claim], decisions: Iterable[Decision]) -> tuple[Claim, ...]:
    """The claims that nobody decided on and that are unmapped or not mapped surely."""
    done = {normal(decision.quote) for decision in decisions}
    return tuple(
        claim
        for claim in claims
        if normal(claim.quote) not in done
        and (not claim.measures or any(reading.score < SURE for reading in claim.readings))
    )


def stale(statement: StatementText, decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """The decisions whose sentence is no longer in the text."""
    text = normal(statement.text)
    return tuple(decision for decision in decisions if normal(decision.quote) not in text)


@dataclass(frozen=True, slots=True)
class Changes:
    """How the promises of one version of a statement differ from those of another.

    Attributes:
        added: promises that are new.
        removed: promises that are gone.
        changed: pairs of a promise as it was and as it is now.
        unchanged: how many are the same.
    """

    added: tuple[Claim, ...]
    removed: tuple[Claim, ...]
    changed: tuple[tuple[Claim, Claim], ...]
    unchanged: int


ALIKE = 0.5
"""Two sentences that share this part of their words are one sentence that was changed."""


def changes(before: Iterable[Claim], after: Iterable[Claim]) -> Changes:
    """Compares the promises of two versions; claims without measures are left out."""
    old = [claim for claim in before if claim.measures]
    new = [claim for claim in after if claim.measures]
    removed, added = _without(old, new), _without(new, old)
    pairs = sorted(
        (
            (likeness, one, two)
            for one in removed
            for two in added
            if (likeness := _likeness(one.quote, two.quote)) >= ALIKE
        ),
        key=lambda pair: (-pair[0], pair[1].start, pair[2].start),
    )
    changed: list[tuple[Claim, Claim]] = []
    for _, one, two in pairs:
        if one in removed and two in added:
            removed.remove(one)
            added.remove(two)
            changed.append((one, two))
    return Changes(
        tuple(added),
        tuple(removed),
        tuple(sorted(changed, key=lambda pair: pair[1].start)),
        len(new) - len(added) - len(changed),
    )


def _without(claims: Iterable[Claim], others: Iterable[Claim]) -> list[Claim]:
    """The claims that ``others`` do not hold; a sentence that stands twice counts twice."""
    left = [normal(claim.quote) for claim in others]
    result = []
    for claim in claims:
        if normal(claim.quote) in left:
            left.remove(normal(claim.quote))
        else:
            result.append(claim)
    return result


def _likeness(one: str, two: str) -> float:
    first, second = (set(re.findall(r"\w+", normal(quote))) for quote in (one, two))
    return len(first & second) / max(1, len(first | second))

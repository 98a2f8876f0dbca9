"""What one way of locking comes to, before it is weighed against the others."""

from __future__ import annotations

from dataclasses import dataclass, field

from assessor.api import NO_FACTS, Facts, Message, Outcome

_WORST_FIRST = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One way of locking, judged."""

    outcome: Outcome
    message: str
    facts: Facts = field(default_factory=lambda: NO_FACTS)
    advice: tuple[Message, ...] = ()


def worst(verdicts: list[Verdict]) -> Verdict:
    """The verdict that decides where each way is one by which people use the machine."""
    return min(verdicts, key=lambda verdict: _WORST_FIRST.index(verdict.outcome))

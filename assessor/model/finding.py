"""Judgements and findings: what a check says of a measure on a target."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from assessor.model.facts import NO_FACTS, Facts


class Outcome(StrEnum):
    """A check's verdict. The words appear in evidence files: never rename one."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class Message:
    """A text of the check's ``texts.yaml`` by its id, with the facts that fill it in."""

    id: str
    facts: Facts = field(default_factory=lambda: NO_FACTS)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a check concludes of one of its measures, from the facts it observed.

    Attributes:
        measure: an id of the catalogue, one that ``check.yaml`` names.
        outcome: the verdict.
        message: the reason in one message id with facts; never prose.
        expected: the values the criterion asks for.
        observed: the values that were seen.
        advice: good practice beside the promise, where they differ.
    """

    measure: str
    outcome: Outcome
    message: Message
    expected: Facts = field(default_factory=lambda: NO_FACTS)
    observed: Facts = field(default_factory=lambda: NO_FACTS)
    advice: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A judgement on a target, with what it rests on.

    Attributes:
        check: the check's id; the empty string where no check exists for the measure.
        check_version: the version of the check that judged.
        target: the target's name.
        judgement: what was concluded.
        parameters: the parameter values it was judged with.
        evidence: SHA-256 digests (hex) of the captures it rests on, as the store keeps them.
        error: a traceback, only when the check itself failed.
    """

    check: str
    check_version: int
    target: str
    judgement: Judgement
    parameters: Facts = field(default_factory=lambda: NO_FACTS)
    evidence: tuple[str, ...] = ()
    error: str = ""

    @property
    def measure(self) -> str:
        """The measure that was judged."""
        return self.judgement.measure

    @property
    def outcome(self) -> Outcome:
        """The verdict."""
        return self.judgement.outcome

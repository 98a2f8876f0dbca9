"""Which questions a statement raises, and which of them are answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from assessor.model.attestation import WARN_BEFORE, Attestation, Question, Words
from assessor.model.measure import Measure, MeasureKind


class State(StrEnum):
    """How a question stands on a day."""

    MISSING = "missing"
    """Nobody answered it."""
    EXPIRED = "expired"
    """It was answered, and that counts no more."""
    SOON = "soon"
    """The answer counts, and expires within ``WARN_BEFORE``."""
    VALID = "valid"
    """The answer counts."""

    @property
    def asks(self) -> bool:
        """Whether an answer is needed today."""
        return self in (State.MISSING, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class DueQuestion:
    """A question that the statement raises, and how it stands.

    Attributes:
        measure: what is promised; its titles are for people.
        question: what is asked of a person about it.
        state: whether that is answered.
        attestation: the newest answer, whether or not it still counts; ``None`` where there is
            none. It may say ``no``: that is an answer too.
        days_left: days until it expires, 0 on its last day, below 0 afterwards; ``None`` where
            there is no answer.
    """

    measure: Measure
    question: Question
    state: State
    attestation: Attestation | None
    days_left: int | None


def due_questions(
    promised: Iterable[str],
    catalogue: Mapping[str, Measure],
    questions: Mapping[str, Question],
    words: Words,
    day: date,
    *,
    unproven: Collection[str] = (),
) -> tuple[DueQuestion, ...]:
    """The questions about what is promised and machines cannot show wholly.

    Args:
        promised: ids of measures; each is asked once, in the catalogue's order.
        catalogue: the measures, by id.
        questions: by measure; a measure without a question is not asked.
        words: what people said already.
        day: the day on which an answer must count.
        unproven: technical measures that no machine showed; they are asked too.
    """
    wanted = set(promised)
    return tuple(
        _due(measure, questions[measure.id], words, day)
        for measure in catalogue.values()
        if measure.id in wanted
        and measure.id in questions
        and (measure.kind is not MeasureKind.TECHNICAL or measure.id in unproven)
    )


def newest(attestations: Iterable[Attestation], measure: str, day: date) -> Attestation | None:
    """The last word on ``measure`` that was given by ``day``, whether or not it still counts."""
    return max(
        (each for each in attestations if each.measure == measure and each.given <= day),
        key=lambda each: (each.given, each.recorded_at),
        default=None,
    )


def _due(measure: Measure, question: Question, words: Words, day: date) -> DueQuestion:
    attestation = newest(words.attestations, measure.id, day)
    if attestation is None:
        return DueQuestion(measure, question, State.MISSING, None, None)
    left = attestation.expires - day
    return DueQuestion(measure, question, _state(left), attestation, left.days)


def _state(left: timedelta) -> State:
    if left < timedelta(0):
        return State.EXPIRED
    return State.SOON if left <= WARN_BEFORE else State.VALID

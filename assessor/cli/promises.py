"""What the statement of an assessment promises, and which of it people must answer for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assessor.model.assessment import Assessment
    from assessor.model.attestation import Words
    from assessor.model.language import Language
    from assessor.model.measure import Measure
    from assessor.model.statement import MeasureVerdict
    from assessor.statement.questionnaire import DueQuestion


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """The questions of an assessment and how they stand.

    Attributes:
        folder: the assessment folder.
        organisation: the company whose promises are assessed; may be empty.
        language: in which people are asked.
        day: the day on which answers must count.
        due: the questions that are asked, in the catalogue's order.
        promised: each promised measure with the sentences that promise it, verbatim.
        catalogue: the measures, by id.
        words: what people said already.
        wording: the words around the questions in ``language``, by key.
    """

    folder: Path
    organisation: str
    language: Language
    day: date
    due: tuple[DueQuestion, ...]
    promised: Mapping[str, tuple[str, ...]]
    catalogue: Mapping[str, Measure]
    words: Words
    wording: Mapping[str, str]

    @property
    def open(self) -> tuple[DueQuestion, ...]:
        """The questions that need an answer today."""
        return tuple(item for item in self.due if item.state.asks)


def read_questionnaire(
    folder: Path,
    *,
    everything: bool = False,
    only: str | None = None,
    language: Language | None = None,
) -> Questionnaire:
    """The questions that the statement of the assessment ``folder`` raises.

    Args:
        folder: the assessment folder.
        everything: also what the statement does not promise.
        only: ask about this measure alone, promised or not; the statement is not read.
        language: goes before the assessment's own.

    Raises:
        UsageError: the settings, the statement, an attestation or a waiver are broken.
        EvidenceError: the last run is damaged.
    """
    from assessor import bundled
    from assessor.inputs.assessment import load_assessment
    from assessor.inputs.measures import load_measures
    from assessor.inputs.questions import load_questions, load_wording
    from assessor.inputs.words import load_words
    from assessor.model.measure import MeasureKind
    from assessor.statement.questionnaire import due_questions

    profiles = bundled.folder("profiles")
    catalogue = load_measures(profiles / "measures.yaml")
    questions = load_questions(profiles / "questions.yaml", catalogue)
    assessment = load_assessment(folder, known_measures=tuple(catalogue))
    words = load_words(folder, known_measures=catalogue)
    promised = {} if only else promised_measures(assessment, catalogue)
    chosen = language or assessment.language
    day = date.today()  # noqa: DTZ011 - the day on the calendar of whoever answers
    attested = {item.measure for item in words.attestations}
    asked: Collection[str] = {*promised, *attested}
    unproven: Collection[str] = attested
    if only or everything:
        asked = unproven = {only} if only else questions
    elif any(catalogue[name].kind is MeasureKind.TECHNICAL for name in asked):
        unproven = attested | _not_shown(assessment, catalogue)
    return Questionnaire(
        folder=folder,
        organisation=assessment.organisation,
        language=chosen,
        day=day,
        due=due_questions(asked, catalogue, questions, words, day, unproven=unproven),
        promised=promised,
        catalogue=catalogue,
        words=words,
        wording=load_wording(profiles / "questionnaire.yaml")[chosen],
    )


def promised_measures(
    assessment: Assessment, catalogue: Mapping[str, Measure]
) -> Mapping[str, tuple[str, ...]]:
    """Each measure that the statement promises, with the sentences that promise it.

    What people decided about its sentences is taken into account. In the statement's order; empty
    where the assessment has no statement.

    Raises:
        UsageError: the statement or the decisions cannot be read.
    """
    from assessor import pipeline

    read = pipeline.read_own_statement(assessment, tuple(catalogue))
    promised: dict[str, tuple[str, ...]] = {}
    for claim in read.claims if read else ():
        for measure in claim.measures:
            promised[measure] = (*promised.get(measure, ()), claim.quote)
    return promised


def _not_shown(assessment: Assessment, catalogue: Mapping[str, Measure]) -> frozenset[str]:
    """Measures that no machine showed wholly in the last run.

    Of what that run did not judge: the measures for which the profile has no check.

    Raises:
        EvidenceError: the last run is damaged.
    """
    from assessor import pipeline
    from assessor.model.statement import Verdict

    infos = pipeline.Checks(measures=catalogue).read(assessment.profile.packages).infos
    shown = {
        measure
        for name in assessment.profile.checks
        if name in infos
        for measure in infos[name].measures
    }
    for item in _last_verdicts(assessment.folder):
        if item.verdict in (Verdict.UNPROVEN, Verdict.ATTESTED, Verdict.EXPIRED) or item.rule in (
            "some-unknown",
            "attested-partly",
            "attested-no",
        ):
            shown.discard(item.measure)
        else:
            shown.add(item.measure)
    return frozenset(catalogue) - shown


def _last_verdicts(folder: Path) -> tuple[MeasureVerdict, ...]:
    """Of the newest run that was judged; nothing where there is none."""
    from assessor.evidence.store import list_runs

    for run in reversed(list_runs(folder)):
        if conclusions := run.conclusions():
            return conclusions.measures
    return ()

"""Reads the questions that are asked of people, ``profiles/questions.yaml``, and their wording."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from assessor import bundled
from assessor.errors import InputError
from assessor.inputs.measures import load_measures
from assessor.inputs.problems import Problems, did_you_mean
from assessor.inputs.settings import Settings
from assessor.inputs.validation import validate
from assessor.model.attestation import Question
from assessor.model.language import Language
from assessor.yamlfile import Located, read_yaml

LONGEST_DAYS = 1827
"""The longest that a person's word may hold: five years."""

_Line = Annotated[str, Field(min_length=1, max_length=1000)]


class _Texts(Settings):
    question: _Line
    help: _Line
    evidence: _Line


class _QuestionSettings(Settings):
    valid_days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)]
    nl: _Texts
    en: _Texts


def load_questions(
    path: Path, known_measures: Collection[str] | None = None
) -> Mapping[str, Question]:
    """The questions of the file ``path`` by measure, in its order.

    Args:
        path: ``profiles/questions.yaml``.
        known_measures: ids of the catalogue; those of the bundled catalogue unless said.

    Raises:
        InputError: the file is broken.
    """
    known = _known_measures() if known_measures is None else known_measures
    located = read_yaml(path)
    problems = Problems()
    questions: dict[str, Question] = {}
    for measure in _mapping(located):
        if measure not in known:
            problems.add(
                f"the catalogue has no measure {measure!r}",
                located,
                measure,
                mend=did_you_mean(measure, known),
            )
        settings = validate(_QuestionSettings, located.at(measure), problems)
        if settings is not None:
            questions[measure] = Question(
                measure=measure,
                text=_by_language(settings.nl.question, settings.en.question),
                help=_by_language(settings.nl.help, settings.en.help),
                evidence=_by_language(settings.nl.evidence, settings.en.evidence),
                valid_days=settings.valid_days,
            )
    problems.raise_any()
    return MappingProxyType(questions)


def load_wording(path: Path) -> Mapping[Language, Mapping[str, str]]:
    """The words around the questions, ``profiles/questionnaire.yaml``: key to text, per language.

    Raises:
        InputError: the file is broken, or a language lacks a text that another one has.
    """
    located = read_yaml(path)
    languages = {name: _mapping(located.at(name)) for name in _mapping(located)}
    if set(languages) != set(Language):
        raise InputError(f"must hold {' and '.join(Language)}", path=path)
    problems = Problems()
    for name, texts in languages.items():
        for key, text in texts.items():
            if not isinstance(text, str) or not text:
                problems.add("must be a text", located, name, key)
            for other in Language:
                if key not in languages[other]:
                    problems.add(f"is missing in {other}", located, name, key)
    problems.raise_any()
    return MappingProxyType(
        {
            Language(name): MappingProxyType({key: str(text) for key, text in texts.items()})
            for name, texts in languages.items()
        }
    )


def default_expiry(question: Question, given: date) -> date:
    """The last day on which an answer of ``given`` counts, unless said otherwise."""
    return given + timedelta(days=question.valid_days)


def _mapping(located: Located) -> dict[str, object]:
    if not isinstance(located.value, dict) or not located.value:
        raise InputError("must be a mapping", path=located.path, line=located.line())
    return located.value


def _known_measures() -> Collection[str]:
    return load_measures(bundled.folder("profiles") / "measures.yaml")


def _by_language(nl: str, en: str) -> Mapping[Language, str]:
    return MappingProxyType({Language.NL: nl, Language.EN: en})

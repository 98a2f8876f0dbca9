"""The bundled questions are whole, and a broken file is told with its line."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from assessor import bundled
from assessor.errors import InputError, InputErrors
from assessor.inputs.measures import load_measures
from assessor.inputs.questions import default_expiry, load_questions, load_wording
from assessor.model.language import Language
from assessor.model.measure import MeasureKind

PROFILES = bundled.folder("profiles")
MEASURES = load_measures(PROFILES / "measures.yaml")
QUESTIONS = load_questions(PROFILES / "questions.yaml", MEASURES)
WORDING = load_wording(PROFILES / "questionnaire.yaml")
SEEN_FROM_OUTSIDE = {"tls", "mail-authentication", "dnssec", "cookie-consent"}

ONE = """\
ups:
  valid_days: 365
  nl: {question: "Is er een UPS?", help: "Uitleg.", evidence: "Een foto."}
  en: {question: "Is there a UPS?", help: "Help.", evidence: "A photo."}
"""


def test_every_measure_has_a_question_unless_anyone_can_see_it() -> None:
    assert MEASURES.keys() - QUESTIONS.keys() == SEEN_FROM_OUTSIDE
    assert all(MEASURES[name].kind is MeasureKind.TECHNICAL for name in SEEN_FROM_OUTSIDE)


@pytest.mark.parametrize("measure", QUESTIONS)
def test_a_question_asks_one_thing_and_explains_the_rest(measure: str) -> None:
    question = QUESTIONS[measure]

    for language in Language:
        text = question.text[language]
        assert text.count("?") == 1, "one thing is asked"
        assert text.endswith("?")
        assert len(text) <= 130
        for explanation in (question.help[language], question.evidence[language]):
            assert explanation.endswith(".")
            assert len(explanation) <= 330
        assert question.help[language] != question.evidence[language]
    assert question.text[Language.NL] != question.text[Language.EN]
    assert 30 <= question.valid_days <= 1827


def test_every_period_is_argued() -> None:
    text = (PROFILES / "questions.yaml").read_text("utf-8")

    unargued = re.findall(r"^([a-z-]+):\n  valid_days", text, re.MULTILINE)
    assert unargued == []


def test_the_wording_says_the_same_in_both_languages() -> None:
    dutch, english = WORDING[Language.NL], WORDING[Language.EN]

    assert dutch.keys() == english.keys()
    for key in dutch:
        assert set(re.findall(r"\{\w+\}", dutch[key])) == set(re.findall(r"\{\w+\}", english[key]))


def test_every_refusal_has_its_text() -> None:
    sources = Path(bundled.__file__).parent / "inputs"
    codes = {
        code
        for path in sources.glob("*.py")
        for code in re.findall(r'code="([a-z-]+)"', path.read_text("utf-8"))
    }

    assert len(codes) > 10
    assert {f"refused.{code}" for code in codes} == {
        key for key in WORDING[Language.NL] if key.startswith("refused.")
    }


def test_an_answer_holds_for_the_days_that_the_question_says() -> None:
    assert default_expiry(QUESTIONS["fire-safety"], date(2026, 3, 1)) == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("ups:", "upss:", 1),
        ("365", "0", 2),
        ("365", "5000", 2),
        ("valid_days", "valid", 2),
        (', evidence: "Een foto."', "", 3),
        ('"A photo."', '""', 4),
        (ONE, "[]", 1),
        (ONE, "", 1),
        (ONE, "ups:\n", 1),
    ],
)
def test_a_broken_file_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    path = tmp_path / "questions.yaml"
    path.write_text(ONE.replace(old, new), encoding="utf-8")

    with pytest.raises(InputError) as caught:
        load_questions(path, MEASURES)

    error = caught.value
    problems = error.problems if isinstance(error, InputErrors) else (error,)
    assert line in [problem.line for problem in problems]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nl: {a: b}\n", "must hold nl and en"),
        ("nl: {a: b}\nen: {c: d}\n", "is missing in"),
        ("nl: {a: b}\nen: {a: 1}\n", "must be a text"),
        ("nl: {a: b}\nen: text\n", "must be a mapping"),
    ],
)
def test_broken_wording(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "questionnaire.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(InputError, match=told):
        load_wording(path)

"""Wording and guidance: whole in both languages, sourced, and broken files told with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor.bundled import folder
from assessor.errors import InputError, InputErrors
from assessor.inputs.guidance import load_guidance, load_wording
from assessor.inputs.measures import load_measures
from assessor.model.guidance import Guidance
from assessor.model.language import Language
from assessor.model.statement import Claim
from assessor.statement.advice import Background, advise
from assessor.statement.claims import find_claims
from assessor.statement.lexicon import Lexicon, load_lexicon
from assessor.statement.verdicts import judge_claim
from tests.factories import make_statement

PROFILES = folder("profiles")
MEASURES = load_measures(PROFILES / "measures.yaml")
WORDING = load_wording(PROFILES / "wording.yaml", tuple(MEASURES))
GUIDANCE = load_guidance(PROFILES / "guidance.yaml", tuple(MEASURES))
LEXICONS = {language: load_lexicon(PROFILES / "lexicon", language) for language in Language}
FILLED = {
    Language.NL: {"{every}": "elke dag", "{period}": "2 jaar"},
    Language.EN: {"{every}": "every day", "{period}": "2 years"},
}
ALSO = {
    # a copy of a backup is a backup
    "offsite-backup": {"backup"},
    # who changed what is kept in a log
    "input-control": {"access-logging"},
    # a limit on a database's accounts is a limit on users' rights
    "database-rights": {"user-rights"},
}
"""What a sentence promises besides its own measure, and rightly so."""

UNPROVEN_RULES = (
    "all-fail",
    "some-fail",
    "some-waived",
    "all-waived",
    "some-unknown",
    "machine-part-only",
    "all-unknown",
    "not-applicable",
    "no-check",
    "no-target",
    "needs-attestation",
    "attested-partly",
    "attested-no",
    "attestation-expired",
)


def read(text: str, language: Language) -> tuple[Claim, ...]:
    lexicon: Lexicon = LEXICONS[language]
    return find_claims(make_statement(text, language=language), lexicon)


def sentence(measure: str, language: Language) -> str:
    text = WORDING.sentences[measure][language]
    for place, value in FILLED[language].items():
        text = text.replace(place, value)
    return text


def discouraged(claims: tuple[Claim, ...]) -> list[str]:
    verdicts = [judge_claim(claim, ()) for claim in claims]
    advice = advise(verdicts, (), WORDING, GUIDANCE, Language.EN, Background(MEASURES))
    return [item.guidance.id for item in advice.discouraged]


def test_every_measure_has_a_sentence_in_the_catalogues_order() -> None:
    assert list(WORDING.sentences) == list(MEASURES)
    assert all(set(texts) == set(Language) for texts in WORDING.sentences.values())


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("measure", MEASURES)
def test_our_own_mapper_reads_in_each_sentence_what_it_promises(
    measure: str, language: Language
) -> None:
    found = {
        each for claim in read(sentence(measure, language), language) for each in claim.measures
    }
    assert measure in found
    assert found - {measure} <= ALSO.get(measure, set())


@pytest.mark.parametrize("language", Language)
def test_no_sentence_is_advised_against(language: Language) -> None:
    whole = {measure for item in GUIDANCE if item.whole for measure in item.measures}
    for measure in MEASURES.keys() - whole:
        assert discouraged(read(sentence(measure, language), language)) == [], measure


@pytest.mark.parametrize("item", GUIDANCE, ids=lambda item: item.id)
def test_what_guidance_proposes_is_not_advised_against_itself(item: Guidance) -> None:
    for language in Language:
        assert discouraged(read(item.instead[language], language)) == []


@pytest.mark.parametrize("item", GUIDANCE, ids=lambda item: item.id)
def test_every_entry_of_guidance_has_a_source_and_both_languages(item: Guidance) -> None:
    assert item.sources
    assert all(source.url.startswith("https://") and source.title for source in item.sources)
    assert set(item.why) == set(item.instead) == set(Language)


def test_both_languages_have_the_same_texts() -> None:
    assert WORDING.texts[Language.NL].keys() == WORDING.texts[Language.EN].keys()


@pytest.mark.parametrize("rule", UNPROVEN_RULES)
def test_every_rule_that_leaves_a_measure_unproven_says_what_is_needed(rule: str) -> None:
    assert f"need.{rule}" in WORDING.texts[Language.NL]


# --- broken files --------------------------------------------------------------------------

TEXTS = "texts:\n  nl: {a: 'x {n}'}\n  en: {a: 'y {n}'}\n"


def wording_of(tmp_path: Path, text: str) -> InputError:
    path = tmp_path / "wording.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_wording(path, ["tls", "backup"])
    return caught.value


def guidance_of(tmp_path: Path, text: str) -> InputError:
    path = tmp_path / "guidance.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_guidance(path, ["tls", "backup"])
    return caught.value


def test_a_measure_without_a_sentence_is_told(tmp_path: Path) -> None:
    error = wording_of(tmp_path, f"{TEXTS}measures:\n  tls: {{nl: a, en: b}}\n")
    assert "'backup'" in error.message
    assert error.line == 4


def test_an_unknown_measure_is_told_with_its_line_and_the_nearest(tmp_path: Path) -> None:
    error = wording_of(
        tmp_path,
        f"{TEXTS}measures:\n  tls: {{nl: a, en: b}}\n  backup: {{nl: a, en: b}}\n"
        "  backups: {nl: a, en: b}\n",
    )
    assert (error.line, error.mend) == (7, "did you mean 'backup'?")


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{nl: a}", "is missing"),
        ("{nl: 'a {days}', en: 'b {days}'}", "nothing fills in days"),
        ("{nl: 'a {every}', en: b}", "the languages fill in different things"),
        ("{nl: a, en: b, fr: c}", "is no setting of this place"),
    ],
)
def test_a_broken_sentence_is_told_with_its_line(tmp_path: Path, entry: str, told: str) -> None:
    error = wording_of(tmp_path, f"{TEXTS}measures:\n  backup: {{nl: a, en: b}}\n  tls: {entry}\n")
    assert told in error.message
    assert error.line == 6


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ("  nl: {a: x}\n  en: {b: x}\n", "is missing in"),
        ("  nl: {a: x}\n", "must hold nl and en"),
        ("  nl: {a: 1}\n  en: {a: x}\n", "must be a text"),
        ("  nl: {a: 'x {n}'}\n  en: {a: x}\n", "nothing fills in n"),
    ],
)
def test_texts_that_differ_between_languages_are_told(
    tmp_path: Path, texts: str, told: str
) -> None:
    sentences = "measures:\n  tls: {nl: a, en: b}\n  backup: {nl: a, en: b}\n"
    assert told in wording_of(tmp_path, f"{sentences}texts:\n{texts}").message


ENTRY = """\
old:
  {}
  why: {{nl: a, en: b}}
  instead: {{nl: a, en: b}}
  sources: [{{title: t, url: 'https://example.org/'}}]
"""


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("measures: [tsl]", "the catalogue has no measure 'tsl'"),
        ("unless: {nl: [a], en: [b]}", "meets every promise"),
        ("parameters: {days: {below: 1}}", "meets every promise"),
        ("{measures: [tls], parameters: {days: {}}}", "not valid YAML"),
        ("say: {nl: ['(a|b'], en: [b]}", "is no phrase"),
        ("say: {nl: ['a.*b'], en: [b]}", "is no phrase"),
        ("say: {nl: ['~ a'], en: [b]}", "is no phrase"),
        ("say: {nl: ['@group'], en: [b]}", "is no phrase"),
        ("say: {nl: [a]}", "is missing"),
        ("pattern: '(a+)+'", "is no setting of this place"),
    ],
)
def test_a_broken_entry_is_told(tmp_path: Path, line: str, told: str) -> None:
    error = guidance_of(tmp_path, ENTRY.format(line))
    problems = error.problems if isinstance(error, InputErrors) else (error,)
    assert any(told in problem.message for problem in problems)
    assert all(problem.line is not None for problem in problems)


def test_parameters_without_a_measure_or_a_bound_are_told(tmp_path: Path) -> None:
    line = "say: {nl: [a], en: [b]}\n  parameters: {days: {}}"
    error = guidance_of(tmp_path, ENTRY.format(line))
    assert isinstance(error, InputErrors)
    assert {problem.message for problem in error.problems} == {
        "are those of a measure",
        "give below, above or any_of",
    }


def test_an_entry_without_a_source_is_told(tmp_path: Path) -> None:
    text = "old:\n  measures: [tls]\n  why: {nl: a, en: b}\n  instead: {nl: a, en: b}\n"
    assert guidance_of(tmp_path, text).field == "old.sources"
    assert guidance_of(tmp_path, f"{text}  sources: []\n").field == "old.sources"

# ruff: noqa: E501 -- tables of wordings read best one to a line
"""The phrase language, and the complaints about a lexicon that breaks its rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor.bundled import folder
from assessor.errors import InputError
from assessor.model.language import Language
from assessor.statement.lexicon import load_lexicon
from assessor.statement.phrases import PhraseError, PhraseSet, Vocabulary

SMALL = """\
language: nl
threshold: 0.6
words: {articles: [de, het, een], data: ["*gegevens"]}
numbers: {twee: 2}
units: {dag: 1}
intervals: {dagelijks: 1}
every: [elke]
times: [keer]
characters: [tekens]
regions: {nederland: NL}
review: ["wij beloven"]
negation: {words: [geen], ends: [maar]}
contexts:
  - {id: security, adds: 0.3, say: [beveiliging]}
promise: {adds: 0.2, say: [wij]}
guards:
  - {id: right, adds: -1, say: [recht]}
points-back: [deze]
same: [hetzelfde geldt]
measures:
  backup:
    - id: made
      score: 0.8
      say: ["back-up*"]
subjects:
  means: [via]
  places: [op]
  of: [van]
  yours: [uw]
  verbs: [is]
  copies: [backup]
  back: [deze]
  things:
    - {id: router, roles: [router], say: [router*]}
"""


def found(phrase: str, text: str) -> bool:
    vocabulary = Vocabulary({"articles": ["de", "een"], "data": ["*gegevens", "bestand*"], "numbers": ["twee"]})  # fmt: skip
    phrases = PhraseSet(vocabulary.compile(phrase))
    return phrases.in_(vocabulary.read(text))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("back-up", "onze Backup"),
        ("backup", "onze back-up"),
        ("geupload", "Geüpload"),
        ("versleutel*", "versleuteling"),
        ("*gegevens", "persoonsgegevens"),
        ("*slot*", "hangslotje"),
        ("tls*", "TLS-verbinding"),
        ("verbinding", "TLS-verbinding"),
        ("(kat|hond)", "een hond"),
        ("op (hoogte|de weg|twee wegen)", "op weg"),
        ("op [korte] termijn", "op korte termijn"),
        ("op [korte] termijn", "op termijn"),
        ("@data gewist", "klantgegevens gewist"),
        ("(@data|mappen) gewist", "mappen gewist"),
        ("# jaar", "7 jaar"),
        ("# jaar", "twee jaar"),
        ("wij ~ gegevens", "wij wissen al uw gegevens"),
        ("wij ~1 gegevens", "wij wissen de gegevens"),
        ("op schijf", "op een schijf"),
    ],
)
def test_a_phrase_matches(phrase: str, text: str) -> None:
    assert found(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("back-up", "back-ups"),
        ("ups", "onze back-ups"),
        ("*gegevens", "gegevensdrager"),
        ("wij ~1 gegevens", "wij wissen al uw gegevens"),
        ("wij gegevens", "gegevens wij"),
        ("# jaar", "een jaar"),
        ("op (de weg|zolder)", "weg op"),
    ],
)
def test_a_phrase_does_not_match(phrase: str, text: str) -> None:
    assert not found(phrase, text)


@pytest.mark.parametrize("phrase", ["", "~3", "de een", "(a", "a)", "@nothing", "a!b", "(a ~3 b)"])
def test_a_phrase_that_is_none_is_refused(phrase: str) -> None:
    with pytest.raises(PhraseError):
        Vocabulary({"articles": ["de", "een"]}).compile(phrase)


def test_the_bundled_lexicons_load() -> None:
    for language in Language:
        assert load_lexicon(folder("profiles") / "lexicon", language).language is language


def test_a_small_lexicon_loads(tmp_path: Path) -> None:
    (tmp_path / "nl.yaml").write_text(SMALL)
    assert load_lexicon(tmp_path, Language.NL).threshold == 0.6


@pytest.mark.parametrize(
    ("old", "new", "line", "complaint"),
    [
        ("threshold: 0.6", "threshold: high", 2, "valid number"),
        ("threshold: 0.6", "treshold: 0.6", None, "required"),
        ("language: nl", "language: en", None, "another language"),
        ('say: ["back-up*"]', 'say: ["@nothing"]', 24, "no group of words"),
        ('say: ["back-up*"]', 'say: ["(back"]', 24, "brackets"),
        ('say: ["back-up*"]', "say: []", 24, "at least 1"),
        ("      score: 0.8", "      score: 8", 23, "less than or equal to 1"),
        ("      score: 0.8", "      score: 0.8\n      under: [nowhere]", 22, "no context 'nowhere'"),
        ("say: [recht]}", "say: [recht], spares: [nothing]}", 17, "no measure 'nothing'"),
        ("    - id: made", "    - id: made\n      score: 1\n      say: [a]\n    - id: made", 25, "twice"),
        ("roles: [router]", "roles: [toaster]", 34, "Input should be"),
        ("roles: [router]", "roles: [router], only: [nothing]", 34, "no measure 'nothing'"),
        ("copies: [backup]", "copies: [nothing]", 31, "no measure 'nothing'"),
        ("words: {articles", "words: [articles", 3, "is no YAML"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int | None, complaint: str
) -> None:
    assert old in SMALL
    path = tmp_path / "nl.yaml"
    path.write_text(SMALL.replace(old, new))
    with pytest.raises(InputError, match=complaint) as caught:
        load_lexicon(tmp_path, Language.NL)
    assert caught.value.path == path
    if line is not None:
        assert caught.value.line == line


def test_a_missing_lexicon_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_lexicon(tmp_path, Language.EN)

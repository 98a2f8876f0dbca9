"""The report's own texts: complete, and the same in both languages."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from assessor.errors import InputError
from assessor.model.language import Language
from assessor.report.html import render_html
from assessor.report.phrases import Phrases
from assessor.report.texts import ReportTexts, load_texts
from assessor.report.view import build_view
from assessor.yamlfile import flat_texts, read_yaml
from tests.unit.report.example import TEMPLATES, example_reference, example_result

SOURCE = Path(__file__).resolve().parents[3] / "assessor" / "report"
RULES = Path(__file__).resolve().parents[3] / "docs" / "verdicts.md"


def test_both_languages_have_the_same_keys_and_placeholders(
    texts: Mapping[Language, ReportTexts],
) -> None:
    nl, en = texts[Language.NL].entries, texts[Language.EN].entries

    assert set(nl) == set(en)
    assert {key: _places(text) for key, text in nl.items()} == {
        key: _places(text) for key, text in en.items()
    }


def _places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_no_text_is_left_in_the_other_language(texts: Mapping[Language, ReportTexts]) -> None:
    """Long texts that are equal in both languages were forgotten by the translator."""
    nl, en = texts[Language.NL].entries, texts[Language.EN].entries

    assert [key for key in nl if nl[key] == en[key] and len(nl[key].split()) > 3] == []


def test_templates_and_labels_fit(texts: Mapping[Language, ReportTexts]) -> None:
    """Every label that a template asks for exists, and none is there for nothing."""
    templates = "".join(path.read_text("utf-8") for path in TEMPLATES.rglob("*.j2"))
    code = "".join(path.read_text("utf-8") for path in SOURCE.parent.rglob("*.py"))
    asked = set(re.findall(r"\blabel\.(\w+)", templates))
    in_code = set(re.findall(r'"label\.(\w+)"', code)) | set(
        re.findall(r"""labels?\[["'](\w+)["']\]""", code)
    )
    labels = set(texts[Language.NL].section("label"))

    assert asked - labels == set()
    assert labels - asked - in_code == set()
    assert not labels & set(dir(dict)), "a template would find the method, not the text"


def test_every_rule_has_a_text(texts: Mapping[Language, ReportTexts]) -> None:
    table = [line for line in RULES.read_text("utf-8").splitlines() if line.startswith("| ")]
    rules = set(re.findall(r"`([a-z]+-[a-z-]+)`", "".join(table)))
    assert {"all-pass", "none-proven", "needs-attestation", "attested-no"} <= rules

    known = texts[Language.NL].entries
    for rule in rules:
        found = [key for key in known if re.match(rf"rule\.\w+\.{rule}(\.|$)", key)]
        assert found, f"no text for the rule {rule}"


def test_a_missing_text_is_an_error_that_names_it(tmp_path: Path) -> None:
    _copy(tmp_path)
    path = tmp_path / "texts.en.yaml"
    path.write_text(path.read_text("utf-8").replace("  skip: Skip to the content\n", ""), "utf-8")

    with pytest.raises(InputError, match=r"label\.skip"):
        load_texts(tmp_path, Language.EN)
    with pytest.raises(InputError, match=r"texts that en lacks: label\.skip"):
        load_texts(tmp_path, Language.NL)


def test_a_word_of_the_model_without_a_text_is_an_error(tmp_path: Path) -> None:
    _copy(tmp_path)
    for path in tmp_path.glob("*.yaml"):
        text = path.read_text("utf-8")
        path.write_text(re.sub(r"(?m)^  dropped:\n(    .*\n)+", "", text), "utf-8")

    with pytest.raises(InputError, match=r"reason\.dropped\.what"):
        load_texts(tmp_path, Language.NL)


@pytest.mark.parametrize("broken", ["", "- a list", "title:\n  claims: 5\n", "title: {claims: ''}"])
def test_a_broken_file_is_an_error(tmp_path: Path, broken: str) -> None:
    _copy(tmp_path)
    (tmp_path / "texts.nl.yaml").write_text(broken, "utf-8")

    with pytest.raises(InputError, match="must"):
        load_texts(tmp_path, Language.NL)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_texts(tmp_path, Language.NL)


@pytest.fixture(name="flemish", scope="module")
def _flemish() -> ReportTexts:
    return load_texts(TEMPLATES, Language.NL, "BE")


def test_flanders_has_words_of_its_own_and_the_rest_of_the_language(
    flemish: ReportTexts, texts: Mapping[Language, ReportTexts]
) -> None:
    dutch = texts[Language.NL].entries
    own = flat_texts(read_yaml(TEMPLATES / "texts.nl-BE.yaml"), ())

    assert flemish.tag == "nl-BE"
    assert flemish["who.premises"] == "de beheerder van het gebouw"
    assert dict(flemish.entries) == {**dutch, **own}
    assert [key for key in own if own[key] == dutch[key]] == [], "these need not stand there"
    assert {key: _places(own[key]) for key in own} == {key: _places(dutch[key]) for key in own}


def test_a_word_that_flanders_finds_foreign_is_nowhere(flemish: ReportTexts) -> None:
    foreign = re.compile(
        r"\b(mkb|pand|de directie|inloggen|in te loggen|erover gaat|regel (het|wat))\b", re.I
    )
    # With what a client reads in the place of other texts, which stands under client.instead.
    assert [key for key, text in flemish.entries.items() if foreign.search(text)] == []


def test_a_region_without_texts_changes_nothing(texts: Mapping[Language, ReportTexts]) -> None:
    english = load_texts(TEMPLATES, Language.EN, "BE")

    assert english == texts[Language.EN]
    assert english.tag == "en"


def test_a_text_of_a_region_that_the_language_lacks_is_an_error(tmp_path: Path) -> None:
    _copy(tmp_path)
    path = tmp_path / "texts.nl-BE.yaml"
    path.write_text("who:\n  management: x\n  nobody: y\n", "utf-8")

    with pytest.raises(InputError, match=r"texts that nl lacks: who\.nobody") as caught:
        load_texts(tmp_path, Language.NL, "BE")

    assert (caught.value.path, caught.value.line) == (path, 3)
    load_texts(tmp_path, Language.NL)


def test_a_flemish_page_says_that_it_is_one(flemish: ReportTexts) -> None:
    view = build_view(example_result(), example_reference(), Language.NL, flemish)
    page = render_html(view, TEMPLATES)

    assert '<html lang="nl-BE">' in page
    assert Phrases(flemish).day(date(2026, 3, 1)) == "1 maart 2026"
    assert Phrases(flemish).whole(12345) == "12.345"


def _copy(folder: Path) -> None:
    for path in TEMPLATES.glob("texts.*.yaml"):
        shutil.copy(path, folder)

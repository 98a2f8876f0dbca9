"""Words on the command line: with commas, repeated, and wrong."""

from __future__ import annotations

import pytest

from assessor.cli.comma_lists import language_tag, language_tags, several
from assessor.errors import UsageError
from assessor.model.language import TAGS, Language, LanguageTag
from assessor.model.report_settings import Format


@pytest.mark.parametrize(
    "given", [["html,pdf"], ["html", "pdf"], ["html, pdf"], ["html,pdf", "pdf,html"]]
)
def test_commas_and_repetition_say_the_same(given: list[str]) -> None:
    assert several("--format", given, Format, Format) == (Format.HTML, Format.PDF)


def test_nothing_said_is_nothing() -> None:
    assert several("--format", None, Format, Format) == ()
    assert language_tags(None) == ()


@pytest.mark.parametrize("given", ["htlm", "html,", "", "HTML", "html;pdf"])
def test_a_wrong_word_is_told_with_those_that_there_are(given: str) -> None:
    with pytest.raises(UsageError) as caught:
        several("--format", [given], Format, Format)

    assert caught.value.message.startswith("--format: there is no ")
    assert caught.value.message.endswith("choose from html, pdf, json, md, docx, summary")


def test_a_word_that_is_near_is_named() -> None:
    with pytest.raises(UsageError, match="did you mean 'html'"):
        several("--format", ["htlm"], Format, Format)


@pytest.mark.parametrize(
    ("text", "language", "region"),
    [
        ("nl", Language.NL, None),
        ("nl-BE", Language.NL, "BE"),
        ("nl_be", Language.NL, "BE"),
        ("NL-nl", Language.NL, ""),
        ("en", Language.EN, None),
    ],
)
def test_a_language_may_have_a_region(text: str, language: Language, region: str | None) -> None:
    assert language_tag(text) == LanguageTag(language, region)


def test_a_tag_is_written_as_it_is_read() -> None:
    assert [str(LanguageTag.parse(word)) for word in TAGS] == list(TAGS)


@pytest.mark.parametrize("text", ["fr", "en-GB", "nl-", "", "nl-BE,en"])
def test_another_language_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="choose from nl, nl-BE, nl-NL, en"):
        language_tag(text)


def test_two_of_one_language_would_be_one_file() -> None:
    with pytest.raises(UsageError, match="nl and nl-BE are written to the same file"):
        language_tags(["nl,en", "nl-BE"])

"""The names of reports in a run's folder, and which of them is for who reads it here."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor.model.language import Language, LanguageTag
from assessor.model.report_settings import Audience, Format, ReportSettings
from assessor.reporting import file_name, page_of, region_of


def test_no_two_reports_have_one_name() -> None:
    names = [
        file_name(language, audience, form, pseudonyms=pseudonyms)
        for language in Language
        for audience in Audience
        for form in Format
        for pseudonyms in (False, True)
    ]

    assert len(set(names)) == len(names)
    assert file_name(Language.NL, Audience.INTERNAL, Format.HTML) == "report.nl.html"
    assert file_name(Language.NL, Audience.CLIENT, Format.PDF) == "report.nl.client.pdf"


@pytest.mark.parametrize(
    ("there", "language", "found"),
    [
        ([], None, None),
        (["report.nl.json", "report.nl.pseudonyms.html", "summary.nl.html"], None, None),
        (["report.en.client.html", "report.en.html"], Language.EN, "report.en.html"),
        (["report.en.html", "report.nl.html"], Language.EN, "report.en.html"),
        (["report.en.html", "report.nl.html"], Language.NL, "report.nl.html"),
        (["report.en.html", "report.nl.client.html"], Language.NL, "report.en.html"),
        (["report.nl.client.html"], Language.EN, "report.nl.client.html"),
    ],
)
def test_the_page_that_is_named_is_for_who_assesses_in_their_language(
    tmp_path: Path, there: list[str], language: Language | None, found: str | None
) -> None:
    for name in there:
        (tmp_path / name).touch()

    assert page_of(tmp_path, language) == (tmp_path / found if found else None)


@pytest.mark.parametrize(("tag", "region"), [("nl", "BE"), ("nl-NL", ""), ("nl-BE", "BE")])
def test_a_region_is_that_of_the_settings_unless_it_is_said(tag: str, region: str) -> None:
    assert region_of(LanguageTag.parse(tag), ReportSettings(region="BE")) == region
    assert region_of(LanguageTag.parse("nl"), ReportSettings()) == ""

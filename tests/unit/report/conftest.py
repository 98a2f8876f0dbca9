"""The report's texts and a rendered page, read once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from bs4 import BeautifulSoup

from assessor.model.language import Language
from assessor.model.run import Reference, RunResult
from assessor.report.html import render_html
from assessor.report.parts.report import ReportView
from assessor.report.texts import ReportTexts, load_texts
from assessor.report.view import build_view
from tests.unit.report.example import TEMPLATES, example_reference, example_result

Render = Callable[[RunResult, Reference], str]


@pytest.fixture(scope="session")
def texts() -> Mapping[Language, ReportTexts]:
    return {language: load_texts(TEMPLATES, language) for language in Language}


@pytest.fixture(scope="session")
def views(texts: Mapping[Language, ReportTexts]) -> Mapping[Language, ReportView]:
    """The example run in both languages."""
    return {
        language: build_view(example_result(), example_reference(), language, texts[language])
        for language in Language
    }


@pytest.fixture(scope="session")
def pages(views: Mapping[Language, ReportView]) -> Mapping[Language, str]:
    """The example run as a page in both languages."""
    return {language: render_html(view, TEMPLATES) for language, view in views.items()}


@pytest.fixture(scope="session")
def page(pages: Mapping[Language, str]) -> BeautifulSoup:
    """The example run's Dutch page."""
    return BeautifulSoup(pages[Language.NL], "html.parser")


@pytest.fixture(scope="session")
def render(texts: Mapping[Language, ReportTexts]) -> Render:
    """Renders a run in Dutch."""

    def dutch(result: RunResult, reference: Reference) -> str:
        view = build_view(result, reference, Language.NL, texts[Language.NL])
        return render_html(view, TEMPLATES)

    return dutch

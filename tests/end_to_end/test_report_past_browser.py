"""A report with a year of months before it, in a real browser and on paper."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from assessor.model.attestation import Words
from assessor.model.language import Language
from assessor.model.presentation import Presentation
from assessor.model.report_settings import Audience
from assessor.report.html import render_html
from assessor.report.texts import load_texts
from assessor.report.view import build_view
from tests.end_to_end.test_report_accessible import OPEN_ALL, violations
from tests.end_to_end.test_report_browser import STICKING_OUT, WIDTHS
from tests.factories import make_waiver
from tests.unit.report.example import TEMPLATES, example_reference, example_result
from tests.unit.report.pasts import example_past

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# How far the middle of each bar is from the middle of the words below it, in pixels.
OFF = """() => {
  const middle = (each) => {
    const box = each.getBoundingClientRect();
    return box.left + box.width / 2;
  };
  const bars = [...new Set([...document.querySelectorAll('.months .bar rect')].map(middle))];
  const words = [...document.querySelectorAll('.axis li')].map(middle);
  return bars.map((bar) => Math.min(...words.map((word) => Math.abs(word - bar))));
}"""


@pytest.fixture(scope="module", params=list(Audience))
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    waivers = (
        make_waiver("disk_encryption", "kassa", until=date(2027, 1, 15)),
        make_waiver("host_firewall", "old-pc", until=date(2026, 5, 1)),
    )
    result = replace(example_result(), words=Words(waivers=waivers))
    view = build_view(
        result,
        example_reference(),
        Language.NL,
        load_texts(TEMPLATES, Language.NL),
        Presentation(request.param, past=example_past(result)),
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render_html(view, TEMPLATES), "utf-8")
    return path


@pytest.fixture
def page(browser: Browser, report: Path) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(report.as_uri())
    yield page
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_and_axe_finds_nothing(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(OPEN_ALL)

    assert page.evaluate(STICKING_OUT) == [0, []]
    assert violations(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_each_month_stands_below_its_bar(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})

    off = page.evaluate(OFF)

    assert len(off) == 11  # there was no run in July
    assert max(off) < 1


def test_the_numbers_unfold_by_keyboard_without_scripts(browser: Browser, report: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    table = page.locator("#summary table.numbers")

    assert not table.is_visible()
    page.locator("#summary .figures > summary").focus()
    page.keyboard.press("Enter")
    assert table.is_visible()
    page.locator("#timeline .turns a").first.click()
    assert page.url.endswith("#claim-6")
    context.close()


def test_the_months_are_on_paper_with_their_numbers(page: Page) -> None:
    paper = PdfReader(io.BytesIO(page.pdf(format="A4")))
    text = " ".join(" ".join(each.extract_text() for each in paper.pages).split())

    for words in ("De maanden tot nu toe", "juli 2026 geen meting", "Loopt binnenkort af",
                  "10 december 2026", "Sinds de meting van 2 september 2026"):  # fmt: skip
        assert words in text

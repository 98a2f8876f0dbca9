"""The summary on one page, printed by a real browser: always exactly one sheet of A4."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from assessor.model.language import Language
from assessor.model.presentation import Presentation
from assessor.model.report_settings import Audience, Contact, HouseStyle
from assessor.model.run import Reference, RunResult
from assessor.report.one_page import render_one_page
from assessor.report.texts import load_texts
from assessor.report.view import build_view
from tests.end_to_end.test_report_accessible import violations
from tests.end_to_end.test_report_browser import watched
from tests.unit.report.example import TEMPLATES, example_reference, example_result
from tests.unit.report.promises import QUOTE, promises
from tests.unit.report.test_html import HOSTILE, MISLEADING, hostile_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Run = tuple[RunResult, Reference]

A4 = (595.28, 841.89)
"""In points."""
STYLE = HouseStyle(
    colour="#7a1f5c",
    accent="#7a1f5c",
    contact=Contact("K. Koek", "info@koek.example", "+31 20 555 01 23", "https://koek.example"),
)
# What the sheet has to show must not be hidden below its lists or beyond its foot.
HIDDEN = """() => {
  const sheet = document.querySelector('.sheet'), out = [];
  for (const name of ['.sheet', 'main', 'footer', '.headline', '.counts', '.counts li',
                      '.cells li']) {
    for (const e of document.querySelectorAll(name)) {
      if (e.scrollHeight > e.clientHeight + 1) out.push(name + ': ' + e.textContent.slice(0, 60));
    }
  }
  const foot = document.querySelector('footer').getBoundingClientRect().bottom;
  if (foot > sheet.getBoundingClientRect().bottom) out.push('the foot sticks out');
  return out;
}"""


# Names as long as they come do not end in an ellipsis; only promises and titles of measures may.
CUT_SHORT = """() => [...document.querySelectorAll(
    'h1, h3, .facts dd, .counts .word, .note, .kicker, footer p, .cells b')]
  .filter((e) => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)
  .map((e) => e.className + ': ' + e.textContent)"""


def written(
    folder: Path, run: Run, language: Language = Language.NL, style: HouseStyle = STYLE
) -> Path:
    presentation = Presentation(Audience.CLIENT, style)
    view = build_view(*run, language, load_texts(TEMPLATES, language), presentation)
    path = folder / "summary.html"
    path.write_text(render_one_page(view, TEMPLATES), "utf-8")
    return path


def prints_on_one_sheet(page: Page) -> bool:
    """Whether it is one sheet of A4, by the page's own size and by the size of the printer."""
    for paper in (page.pdf(prefer_css_page_size=True), page.pdf(format="A4")):
        boxes = [each.mediabox for each in PdfReader(io.BytesIO(paper)).pages]
        sizes = [(float(box.width), float(box.height)) for box in boxes]
        if len(sizes) != 1 or sizes[0] != pytest.approx(A4, abs=1):
            return False
    return True


def opened(browser: Browser, path: Path) -> tuple[Page, list[str]]:
    context = browser.new_context(viewport={"width": 1280, "height": 1200})
    return watched(context, path)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("number", [0, 1, 5, 8, 12, 18, 25, 40, 80, 300])
def test_it_is_one_sheet_and_nothing_on_it_is_hidden(
    browser: Browser, tmp_path: Path, number: int, language: Language
) -> None:
    page, wrong = opened(browser, written(tmp_path, promises(number), language))

    assert page.evaluate(HIDDEN) == []
    assert page.evaluate(CUT_SHORT) == []
    assert prints_on_one_sheet(page)
    assert wrong == []
    page.context.close()


@pytest.mark.parametrize("number", [5, 25, 80])
@pytest.mark.parametrize(
    "wide", ["W" * 200, "Wij " * 50, "\U0001f512" * 200, "漢" * 200, "\u0e01\u0e34\u0e49" * 70]
)
def test_wide_words_make_it_no_longer(
    browser: Browser, tmp_path: Path, number: int, wide: str
) -> None:
    run = promises(number, words=wide, wide=wide, left_out=20)
    page, wrong = opened(browser, written(tmp_path, run))

    assert page.evaluate(HIDDEN) == []
    assert prints_on_one_sheet(page)
    assert page.locator(".disclaimer").is_visible()
    assert wrong == []
    page.context.close()


def test_hostile_words_run_nothing_and_stay_on_the_sheet(browser: Browser, tmp_path: Path) -> None:
    page, wrong = opened(browser, written(tmp_path, hostile_run(" ".join([*HOSTILE, MISLEADING]))))

    assert page.evaluate(HIDDEN) == []
    assert prints_on_one_sheet(page)
    assert wrong == []
    page.context.close()


def test_the_words_of_the_print_are_text(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, written(tmp_path, (example_result(), example_reference())))

    paper = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    text = " ".join(paper.pages[0].extract_text().split())

    for part in ("Bakkerij Zoet", "niet nagekomen", "Externe back-upopslag", "geen certificaat"):
        assert part in text
    page.context.close()


@pytest.mark.parametrize("width", [390, 768])
def test_on_a_narrow_screen_it_flows_and_cuts_nothing(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    path = written(tmp_path, promises(12))
    context = browser.new_context(viewport={"width": width, "height": 900})
    page, wrong = watched(context, path)

    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(
        """() => [...document.querySelectorAll('.sheet *')].filter((e) =>
             !e.closest('svg') && (e.scrollWidth > e.clientWidth + 1 && e.clientWidth)).length"""
    ) == 0  # fmt: skip
    assert QUOTE in page.locator(".cells .text").first.inner_text()
    assert wrong == []
    context.close()


@pytest.mark.parametrize("number", [5, 80])
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_axe_finds_nothing(browser: Browser, tmp_path: Path, width: int, number: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page, _ = watched(context, written(tmp_path, promises(number, left_out=5)))

    assert violations(page) == []
    context.close()

"""The report for everybody: by axe-core's rules, by keyboard alone, and on paper."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from assessor.model.language import Language
from assessor.model.presentation import Presentation
from assessor.model.report_settings import Audience
from assessor.report.html import render_html
from assessor.report.texts import load_texts
from assessor.report.view import build_view
from tests.unit.report.example import TEMPLATES, example_reference, example_result

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

AUDIENCES = list(Audience)
WIDTHS = (390, 768, 1280)
OPEN_ALL = "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
# Everything that a mouse can do something with: all of it must be reached by the Tab key as well.
FOR_A_MOUSE = """() => [
  ...document.querySelectorAll('a[href], summary, button, input, select, .scroll')]
  .filter((each) => each.checkVisibility() && !each.closest('.skip'))
  .map((each, number) => { each.dataset.number = number; return number; })"""
FOCUSED = "() => Number(document.activeElement.dataset.number ?? -1)"


@pytest.fixture(scope="module", params=AUDIENCES)
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = load_texts(TEMPLATES, Language.NL)
    view = build_view(
        example_result(), example_reference(), Language.NL, texts, Presentation(request.param)
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


def violations(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA and its best practices, with the places."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found: dict[str, Any] = axe.run(page).response
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate(OPEN_ALL)
    assert violations(page) == []


def test_axe_would_find_something(page: Page) -> None:
    page.evaluate("document.body.append(document.createElement('img'))")
    assert any(each.startswith("image-alt") for each in violations(page))


def test_the_tab_key_reaches_all_that_a_mouse_reaches(page: Page) -> None:
    page.evaluate(OPEN_ALL)
    wanted = set(page.evaluate(FOR_A_MOUSE))
    assert len(wanted) > 100
    reached = set()
    for _ in range(3 * len(wanted)):
        page.keyboard.press("Tab")
        reached.add(page.evaluate(FOCUSED))
        if wanted <= reached:
            break
    assert wanted - reached == set()


def test_every_foldable_row_opens_and_closes_by_keyboard(page: Page) -> None:
    rows = page.locator("details")
    assert rows.count() > 10
    for number in range(rows.count()):
        row = rows.nth(number)
        summary = row.locator("> summary")
        if not summary.is_visible():
            continue  # within a row that is folded
        summary.focus()
        page.keyboard.press("Enter")
        assert row.get_attribute("open") is not None
        page.keyboard.press("Space")
        assert row.get_attribute("open") is None


def test_on_paper_all_promises_and_what_was_found_can_be_read(page: Page) -> None:
    paper = PdfReader(io.BytesIO(page.pdf(format="A4")))
    text = " ".join(" ".join(each.extract_text() for each in paper.pages).split())
    for claim in example_result().claims:
        assert " ".join(claim.claim.quote.split())[:40] in text
    assert "Antivirus" in text

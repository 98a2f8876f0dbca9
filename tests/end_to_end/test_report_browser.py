"""The report in a real browser: nothing fails, nothing leaves the page, it fits every screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assessor.model.statement import Language
from assessor.report.html import render_html
from assessor.report.texts import load_texts
from assessor.report.view import build_view
from tests.unit.report.example import TEMPLATES, example_reference, example_result
from tests.unit.report.test_html import HOSTILE, MISLEADING, hostile_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

WIDTHS = (390, 768, 1280)

# What sticks out of the page, and where it is: the matrix scrolls inside its own frame.
STICKING_OUT = """() => {
  const width = document.documentElement.clientWidth;
  const out = [...document.querySelectorAll('body *')].filter(
    (e) => !e.closest('.scroll *, .skip, .signs') && e.getBoundingClientRect().right > width + 1);
  return [document.documentElement.scrollWidth - width,
          out.map((e) => e.tagName + '.' + e.getAttribute('class'))];
}"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = load_texts(TEMPLATES, Language.NL)
    view = build_view(example_result(), example_reference(), Language.NL, texts)
    path = tmp_path_factory.mktemp("report") / "report.nl.html"
    path.write_text(render_html(view, TEMPLATES), "utf-8")
    return path


def watched(context: BrowserContext, path: Path) -> tuple[Page, list[str]]:
    """The page, and all that it said, asked for, or ran that it should not."""
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
    page.on(
        "request",
        lambda request: (
            wrong.append(f"request: {request.url}") if request.url != path.as_uri() else None
        ),
    )
    page.goto(path.as_uri())
    return page, wrong


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_asks_for_nothing_and_complains_of_nothing(
    browser: Browser, report: Path, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page, wrong = watched(context, report)

    assert page.evaluate(STICKING_OUT) == [0, []]
    page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    assert page.evaluate(STICKING_OUT) == [0, []]
    assert wrong == []
    context.close()


def test_it_reads_and_unfolds_without_scripts(browser: Browser, report: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page, wrong = watched(context, report)

    assert page.locator("h1").inner_text() == "Bakkerij Zoet"
    answer = page.locator(".finding .rows").first
    assert not answer.is_visible()
    page.locator(".finding > summary").first.click()
    assert answer.is_visible()
    page.locator("mark#place-4 a").click()
    assert page.url.endswith("#claim-4")
    assert wrong == []
    context.close()


def test_the_style_sheet_is_applied_under_the_policy(browser: Browser, report: Path) -> None:
    """A wrong hash would leave the page bare, which no other test would see."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, _ = watched(context, report)

    ground = page.locator(".masthead").evaluate("(e) => getComputedStyle(e).backgroundColor")

    assert ground == "rgb(22, 48, 63)"
    context.close()


def test_the_keyboard_reaches_the_content_and_the_foldable_rows(
    browser: Browser, report: Path
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, _ = watched(context, report)

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("details.measure > summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.measure").first.get_attribute("open") is not None
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_hostile_targets_run_nothing_and_push_nothing_out(
    browser: Browser, tmp_path: Path, scripts: bool
) -> None:
    texts = load_texts(TEMPLATES, Language.NL)
    hostile = " ".join([*HOSTILE, MISLEADING, "W" * 2000])
    view = build_view(*hostile_run(hostile), Language.NL, texts)
    path = tmp_path / "report.html"
    path.write_text(render_html(view, TEMPLATES), "utf-8")
    context = browser.new_context(
        viewport={"width": 390, "height": 900}, java_script_enabled=scripts
    )

    page, wrong = watched(context, path)

    assert page.locator("h1").count() == 1
    if scripts:
        assert page.evaluate(STICKING_OUT) == [0, []]
    assert wrong == []
    context.close()

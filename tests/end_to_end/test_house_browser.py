"""A house style in a real browser: the logo is seen, the colours are applied, all of it fits."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assessor.model.language import Language
from assessor.model.presentation import Presentation
from assessor.model.report_settings import Contact, HouseStyle, Logo
from assessor.report.colours import ENOUGH, contrast
from assessor.report.html import render_html
from assessor.report.texts import load_texts
from assessor.report.view import build_view
from tests.end_to_end.test_report_browser import STICKING_OUT, WIDTHS, watched
from tests.unit.inputs.pictures import svg
from tests.unit.report.example import TEMPLATES, example_reference, example_result

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

STYLE = HouseStyle(
    colour="#ffe08a",
    accent="#ff8800",
    logo=Logo("image/svg+xml", svg("<rect width='40' height='20' fill='#16303f'/>")),
    contact=Contact(
        "Helpdesk " + "W" * 60,
        f"{'w' * 60}@{'koek-' * 20}ict.example",
        "+32 2 555 01 23",
        f"https://www.koek.example/{'contact' * 30}",
        "Kerkstraat 1\n9000 Gent",
    ),
)


@pytest.fixture(name="styled", scope="module")
def _styled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    view = build_view(
        example_result(),
        example_reference(),
        Language.NL,
        load_texts(TEMPLATES, Language.NL, "BE"),
        Presentation(style=STYLE),
    )
    path = tmp_path_factory.mktemp("styled") / "report.nl.html"
    path.write_text(render_html(view, TEMPLATES), "utf-8")
    return path


def colour(page: Page, selector: str, name: str) -> str:
    """A computed colour, as ``#rrggbb``."""
    told = page.locator(selector).first.evaluate(f"(e) => getComputedStyle(e).{name}")
    red, green, blue = map(int, re.findall(r"\d+", told)[:3])
    return f"#{red:02x}{green:02x}{blue:02x}"


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_with_the_longest_of_contacts(browser: Browser, styled: Path, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page, wrong = watched(context, styled)

    assert page.evaluate(STICKING_OUT) == [0, []]
    assert page.locator(".masthead img").evaluate("(e) => e.complete && e.naturalWidth > 0")
    box = page.locator(".masthead img").bounding_box()
    assert box
    assert (box["height"], box["width"]) == (64, 128), "twice as wide as high, as it was drawn"
    assert [line for line in wrong if not line.startswith("request: data:")] == []
    context.close()


def test_the_head_and_the_links_can_be_read(browser: Browser, styled: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, _ = watched(context, styled)

    ground = colour(page, ".masthead", "backgroundColor")
    assert ground == "#ffe08a"
    for text in (".masthead h1", ".masthead .kicker"):
        assert contrast(colour(page, text, "color"), ground) >= ENOUGH
    link = colour(page, "footer .contact a", "color")
    assert link != "#1a5276"
    assert contrast(link, "#ffffff") >= ENOUGH
    assert page.locator("html").get_attribute("lang") == "nl-BE"
    context.close()


def test_in_print_the_head_is_ink_on_white(browser: Browser, styled: Path) -> None:
    context = browser.new_context(viewport={"width": 794, "height": 1123})
    page, _ = watched(context, styled)
    page.emulate_media(media="print")

    assert colour(page, ".masthead h1", "color") == "#1b2530"
    assert page.locator(".masthead img").is_visible()
    assert page.locator("footer .contact").is_visible()
    context.close()

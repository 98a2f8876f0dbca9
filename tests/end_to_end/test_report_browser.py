"""The report in a real browser: nothing fails, nothing leaves the page, it fits every screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assessor.model.language import Language
from assessor.report.html import render_html
from assessor.report.texts import load_texts
from assessor.report.view import build_view
from tests.end_to_end.test_report_accessible import violations
from tests.unit.report.example import TEMPLATES, example_reference, example_result
from tests.unit.report.fleets import sampled_fleet
from tests.unit.report.test_html import HOSTILE, MISLEADING, hostile_run

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

WIDTHS = (390, 768, 1280)

# What sticks out of the page, and where it is: the matrix and the contents scroll by themselves.
STICKING_OUT = """() => {
  const width = document.documentElement.clientWidth;
  const out = [...document.querySelectorAll('body *')].filter(
    (e) => !e.closest('.scroll *, .contents *, .skip, .signs') &&
      e.getBoundingClientRect().right > width + 1);
  return [document.documentElement.scrollWidth - width,
          out.map((e) => e.tagName + '.' + e.getAttribute('class'))];
}"""


# What can be seen of the page: its words, as far as they are not folded away or filtered out.
SHOWN = "document.querySelector('main').innerText"
# All that the script could have changed and did not put back.
STATE = """() => [...document.querySelectorAll('main, main *')].map(
  (e) => [e.localName, e.className.toString(), e.open, e.childNodes.length].join())"""


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
        for word in ("<img src=x onerror=alert(1)>", "__class__", "\u202e", "WWW"):
            search(page, word)
        press(page, "Alles open")
        press(page, "Verberg wat in orde is")
        page.locator(".finding a:visible").first.click()
    assert wrong == []
    context.close()


def search(page: Page, words: str) -> str:
    """Types ``words``; gives what is told when they have been looked for."""
    page.get_by_role("searchbox", name="Zoek in dit rapport").fill(words)
    page.wait_for_selector(".tools:not([aria-busy])")
    return str(page.get_by_role("status").inner_text())


def press(page: Page, name: str) -> Locator:
    """Presses a button by its name."""
    button = page.get_by_role("button", name=name)
    button.click()
    return button


@pytest.fixture
def read(browser: Browser, report: Path) -> Iterator[Page]:
    """The report, opened; whatever is wrong with it fails the test at its end."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page, wrong = watched(context, report)
    yield page
    assert wrong == []
    context.close()


def rows(page: Page, selector: str) -> list[str]:
    """The texts of the rows that can be seen."""
    return [row.inner_text() for row in page.locator(selector).all() if row.is_visible()]


def test_a_search_shows_only_what_has_the_words_and_clearing_restores_the_page(
    read: Page,
) -> None:
    read.locator("#measure-tls > summary").click()  # what a reader unfolded stays so
    state, shown = read.evaluate(STATE), read.evaluate(SHOWN)

    told = search(read, "VIRUSSCANNER")

    assert rows(read, "article.claim") == rows(read, "#claim-6")
    assert "Op iedere computer draait een virusscanner." in rows(read, "#claim-6")[0]
    (paragraph,) = rows(read, ".paper > p")
    assert "virusscanner" in paragraph
    assert rows(read, "#summary") == []
    assert told.endswith(" gevonden; de rest is nu verborgen.")
    assert int(told.split()[0]) > 3

    read.get_by_role("searchbox").press("Escape")

    assert read.get_by_role("searchbox").input_value() == ""
    assert read.get_by_role("status").inner_text() == ""
    assert read.evaluate(SHOWN) == shown
    assert read.evaluate(STATE) == state


def test_words_may_stand_in_a_heading_and_in_what_is_under_it(read: Page) -> None:
    """A finding of one system, under the heading of its check."""
    search(read, "schijven volumes")

    (finding,) = rows(read, "details.finding")
    assert "Niet versleuteld" in finding
    assert read.locator("details.finding[open]").count() == 1
    assert read.locator("details.finding[open] .rows").is_visible()


def test_accents_do_not_matter_and_words_may_be_parts(read: Page) -> None:
    assert search(read, "reservekopieen") != "Niets gevonden."
    assert search(read, "beveiligingsup") != "Niets gevonden."
    assert search(read, "beveiligingsup qqqq") == "Niets gevonden."
    assert rows(read, "main > section") == []


def test_what_is_in_order_can_be_hidden(read: Page) -> None:
    state, shown = read.evaluate(STATE), read.evaluate(SHOWN)
    button = press(read, "Verberg wat in orde is")

    assert button.get_attribute("aria-pressed") == "true"
    assert read.get_by_role("status").inner_text() == "Wat in orde is, is nu verborgen."
    words = set(rows(read, ".claim-head .badge, .measure > summary .badge"))
    assert words == {"deels nagekomen", "niet nagekomen", "verlopen", "niet aangetoond",
                     "deels in orde", "niet in orde"}  # fmt: skip
    assert {each.split("\n")[0] for each in rows(read, "details.finding")} == {
        "niet in orde", "onbekend",
    }  # fmt: skip
    assert rows(read, "#check-tls-certificate") == []
    assert not any(row.startswith("website") for row in rows(read, "article.target"))
    assert len(rows(read, "#summary")) == 1

    search(read, "certificaat")
    assert rows(read, "#claim-8") == []

    press(read, "Toon alles weer")
    assert button.get_attribute("aria-pressed") == "false"
    assert read.evaluate(SHOWN) == shown
    assert read.evaluate(STATE) == state


def test_all_can_be_unfolded_and_folded(read: Page) -> None:
    folded = read.locator("main details").count()

    press(read, "Alles open")
    assert read.locator("main details[open]").count() == folded > 30
    press(read, "Alles dicht")
    assert read.locator("main details[open]").count() == 0


def test_the_keyboard_alone_searches(read: Page) -> None:
    read.keyboard.press("Tab")  # the link to the content
    read.keyboard.press("Tab")
    read.keyboard.type("firewall")
    read.wait_for_selector(".tools:not([aria-busy])")
    assert "gevonden" in read.get_by_role("status").inner_text()

    reached = []
    for _ in range(4):
        read.keyboard.press("Tab")
        reached.append(read.evaluate("document.activeElement.textContent"))
    assert reached == ["Verberg wat in orde is", "Alles open", "Alles dicht", "Toon alles weer"]

    read.keyboard.press("Enter")
    assert read.evaluate("document.activeElement.type") == "search"
    assert read.locator("main .out").count() == 0


def test_without_scripts_no_control_is_there_and_no_room_is_kept_for_one(
    browser: Browser, report: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page, wrong = watched(context, report)

    assert page.locator("input, button, [role=search], [role=status]").count() == 0
    box = page.locator(".tools").bounding_box()
    assert box is not None
    assert box["height"] == 0
    assert wrong == []
    context.close()


def test_a_script_that_is_not_ours_to_the_letter_does_not_run(
    browser: Browser, report: Path, tmp_path: Path
) -> None:
    """The policy has the hash of the script as it stands in the page."""
    path = tmp_path / "changed.html"
    path.write_text(report.read_text("utf-8").replace('"use strict";', '"use strict" ;'), "utf-8")
    context = browser.new_context()

    page, wrong = watched(context, path)

    assert page.get_by_role("searchbox").count() == 0
    (complaint,) = wrong
    assert "Content Security Policy" in complaint
    context.close()


def test_a_link_unfolds_what_it_leads_to(read: Page, report: Path) -> None:
    answer = read.locator(".rows a[href$='-a1']").first
    place = str(answer.get_attribute("href"))
    assert not read.locator(place).is_visible()

    read.locator("details.finding:has(.rows a[href$='-a1']) > summary").first.click()
    answer.click()
    assert read.locator(place).is_visible()

    read.goto(f"{report.as_uri()}#measure-tls")
    assert read.locator("#measure-tls[open]").count() == 1


def test_a_link_to_what_is_filtered_out_shows_all_again(read: Page) -> None:
    search(read, "virusscanner")
    assert rows(read, "#gaps") == []

    read.locator(".contents a[href='#gaps']").click()

    assert read.locator("#gaps").is_visible()
    assert read.get_by_role("searchbox").input_value() == ""


def test_paper_has_all_whatever_is_searched_for(read: Page) -> None:
    """Who prints a page that is filtered must not hand over less than the report."""
    search(read, "virusscanner")
    read.emulate_media(media="print")

    assert len(rows(read, "article.claim")) == 12
    assert len(rows(read, "#gaps")) == 1


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = load_texts(TEMPLATES, Language.NL)
    view = build_view(*sampled_fleet(60), Language.NL, texts)
    path = tmp_path_factory.mktemp("large") / "report.nl.html"
    path.write_text(render_html(view, TEMPLATES), "utf-8")
    return path


@pytest.mark.parametrize("width", WIDTHS)
def test_a_report_of_many_systems_fits_and_finds_each(
    browser: Browser, large: Path, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    page, wrong = watched(context, large)

    assert page.evaluate(STICKING_OUT) == [0, []]
    page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    assert page.evaluate(STICKING_OUT) == [0, []]
    press(page, "Alles dicht")

    search(page, "server-013")
    assert [each.split()[0] for each in rows(page, "details.system")] == ["server-013"]

    page.goto(f"{large.as_uri()}#target-13")
    assert page.locator("#target-13").is_visible()
    assert wrong == []
    context.close()


@pytest.mark.parametrize("filtered", [False, True])
def test_axe_finds_nothing_in_a_report_of_many_systems(
    browser: Browser, large: Path, filtered: bool
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, _ = watched(context, large)

    if filtered:
        press(page, "Verberg wat in orde is")
        assert search(page, "server-013") != "Niets gevonden."
    page.locator("details.system:visible > summary").first.click()

    assert violations(page) == []
    context.close()

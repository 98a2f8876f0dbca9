"""The summary on one page: what it says, and that nothing is left out in silence."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from bs4 import BeautifulSoup, Tag

from assessor.model.language import Language
from assessor.model.statement import Verdict
from assessor.report.one_page import LINE_MM, ROOM_MM, fill, render_one_page
from assessor.report.parts.report import ReportView
from assessor.report.texts import ReportTexts
from assessor.report.view import build_view
from tests import factories as make
from tests.unit.report.example import TEMPLATES
from tests.unit.report.promises import promises

Texts = Mapping[Language, ReportTexts]


@pytest.fixture(scope="module")
def page(views: Mapping[Language, ReportView]) -> BeautifulSoup:
    return read(views[Language.NL])


def read(view: ReportView) -> BeautifulSoup:
    return BeautifulSoup(render_one_page(view, TEMPLATES), "html.parser")


def view_of(texts: Texts, number: int, left_out: int = 0) -> ReportView:
    run = promises(number, left_out=left_out)
    return build_view(*run, Language.NL, texts[Language.NL])


def test_it_says_whose_which_when_by_whom_and_with_what(page: BeautifulSoup) -> None:
    text = page.get_text(" ", strip=True)

    assert page.title is not None
    assert page.title.get_text() == (
        "Bakkerij Zoet – Controle van de privacyverklaring – Samenvatting op één blad"
    )
    for part in (
        "Uitgevoerd door Koek ICT",
        "Gemeten op 24 november 2026, 09:05 UTC",
        "Verklaring https://bakkerijzoet.example/privacy",
        "Gelezen op 24 november 2026",
        "bb1386e08beb297fdc61742e574c3f5cb061d90d2530da782a1dccc64660e31c",
        "1 van de 12 beloften wordt niet nagekomen, 5 maar deels, 3 zijn nagekomen",
        "Gemeten vanaf beheer-laptop",
        "Gemaakt met assess 0.1.0.",
        "horen bij meting 20261124T090500Z-4f2a",
        "Dit is geen certificaat en geen garantie.",
    ):
        assert part in text


def test_every_verdict_is_counted_beside_the_total(page: BeautifulSoup) -> None:
    tiles = [tile.get_text(" ", strip=True) for tile in page.select(".counts li")]

    assert tiles == [
        "3 van 12 nagekomen", "1 van 12 verklaard", "5 van 12 deels nagekomen",
        "1 van 12 verlopen", "1 van 12 niet aangetoond", "1 van 12 niet nagekomen",
    ]  # fmt: skip


def test_every_promise_stands_there_with_sign_and_word(page: BeautifulSoup) -> None:
    lines = page.select("section[aria-labelledby=promises] li")

    assert len(lines) == 12
    assert [line.b.get_text() for line in lines if line.b] == [str(n) for n in range(1, 13)]
    for line in lines:
        note = line.select_one(".note")
        use = line.select_one("svg use")
        assert note is not None
        assert use is not None
        assert str(use["href"]) == f"#i-{line['class'][0]}"
        assert note.get_text() in {
            "nagekomen", "deels nagekomen", "niet nagekomen", "verklaard", "verlopen",
            "niet aangetoond",
        }  # fmt: skip


def test_what_was_and_was_not_shown_stands_in_four_groups(page: BeautifulSoup) -> None:
    groups = {
        box.h3.get_text(" ", strip=True): [
            line.get_text(" ", strip=True) for line in box.select("li")
        ]
        for box in page.select(".box")
        if isinstance(box.h3, Tag)
    }

    assert [re.sub(r" van 15.*", " van 15", title) for title in groups] == [
        "Gezien, en in orde 9 van 15", "Door mensen getekend 2 van 15", "Niet in orde 4 van 15",
        "Niet aangetoond 6 van 15",
    ]  # fmt: skip
    seen, signed, wrong, missing = groups.values()
    assert "4 Periodiek wijzigen van wachtwoorden 1 van de 3 systemen" in seen
    assert signed == ["10 Fysieke toegangsbeveiliging", "10 Brandveiligheid"]
    assert "9 Externe back-upopslag 1 van 1 systeem" in wrong
    assert "11 Geheimhouding getekend, maar verlopen" in missing


def test_headings_go_down_one_step_at_a_time(page: BeautifulSoup) -> None:
    levels = [int(heading.name[1]) for heading in page.find_all(re.compile("^h[1-6]$"))]

    assert levels == [1, 2, 2, 3, 3, 3, 3, 2]


def test_nothing_runs_and_nothing_loads(page: BeautifulSoup) -> None:
    policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})

    assert isinstance(policy, Tag)
    assert "script" not in str(policy["content"])
    assert page.find_all(["script", "img", "iframe", "link", "object", "embed", "form", "a"]) == []
    assert page.find_all(style=True) == []
    assert page.find_all(src=True) == []


@pytest.mark.parametrize("left_out", [0, 1, 20])
@pytest.mark.parametrize("number", [0, 1, 5, 12, 13, 25, 40, 80, 300])
def test_it_is_filled_to_the_brim_and_no_further(texts: Texts, number: int, left_out: int) -> None:
    view = view_of(texts, number, left_out)
    sheet = fill(view)
    boxes = (*sheet.promises, *sheet.shown)
    warned = min(left_out, 4) * LINE_MM["large"]

    assert sheet.height_mm + warned <= ROOM_MM
    if any(box.rest for box in boxes):
        row = LINE_MM["small"]
        assert ROOM_MM - sheet.height_mm - warned < row + 1.4 * LINE_MM["large"]


@pytest.mark.parametrize("number", [0, 1, 5, 12, 25, 80, 300])
def test_nothing_is_left_out_in_silence(texts: Texts, number: int) -> None:
    view = view_of(texts, number)
    sheet = fill(view)
    page = read(view)

    assert sum(box.number for box in sheet.promises) == number
    assert sum(len(box.cells) + box.rest for box in sheet.promises) == number
    assert [len(box.cells) + box.rest for box in sheet.shown] == [
        len(group.lines) for group in view.shown.groups
    ]
    left_out = [box.rest for box in (*sheet.promises, *sheet.shown) if box.rest]
    assert [line.get_text() for line in page.select(".rest")] == [f"+{n} meer" for n in left_out]
    assert bool(left_out) == (number > 25)


def test_many_promises_stand_under_their_verdicts(texts: Texts) -> None:
    page = read(view_of(texts, 80))
    section = page.select_one("section[aria-labelledby=promises]")
    assert section is not None

    titles = [heading.get_text(" ", strip=True) for heading in section.select("h3")]
    assert titles == [
        "nagekomen 14 van 80", "verklaard 13 van 80", "deels nagekomen 14 van 80",
        "verlopen 13 van 80", "niet aangetoond 13 van 80", "niet nagekomen 13 van 80",
    ]  # fmt: skip
    assert len(section.select("h3 svg use")) == 6


def test_broken_checks_are_told(texts: Texts) -> None:
    few, many = read(view_of(texts, 5, 2)), read(view_of(texts, 5, 9))

    assert len(few.select(".warnings li")) == 2
    assert "check_0" in few.select(".warnings li")[0].get_text()
    assert [line.get_text() for line in many.select(".warnings li")][-1] == "+6 meer"


def test_without_a_statement_it_is_about_the_measures(texts: Texts) -> None:
    line = make.make_measure_verdict("firewall", Verdict.KEPT, "all-pass", [make.make_finding()])
    result = make.make_result(measures=[line])
    page = read(build_view(result, make.make_reference(), Language.EN, texts[Language.EN]))

    text = page.get_text(" ", strip=True)
    assert "1 of 1 in order" in text
    assert "1 firewall in order" in text
    assert "firewall 1 of 1 system" in text


def test_an_empty_run_is_a_page_too(texts: Texts) -> None:
    view = build_view(make.make_result(), make.make_reference(), Language.EN, texts[Language.EN])

    assert "Nothing was assessed." in read(view).get_text(" ", strip=True)

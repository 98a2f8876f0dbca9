"""The house style of who hands the report over: logo, colours, whom to ask."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from assessor.model.language import Language
from assessor.model.presentation import Presentation
from assessor.model.report_settings import Contact, HouseStyle, Logo
from assessor.report.house_view import house_css
from assessor.report.html import render_html
from assessor.report.parts.house import HouseView
from assessor.report.parts.report import ReportView
from assessor.report.texts import ReportTexts
from assessor.report.view import build_view
from tests.unit.inputs.pictures import PNG, svg
from tests.unit.report.example import TEMPLATES, example_reference, example_result

CONTACT = Contact(
    "Helpdesk",
    "help+rapport@zoet.example",
    "+32 (2) 555.01-23",
    "https://www.zoet.example/contact/",
    "Kerkstraat 1\n9000 Gent",
)
Styled = Callable[[HouseStyle], ReportView]


@pytest.fixture(name="styled", scope="module")
def _styled(texts: Mapping[Language, ReportTexts]) -> Styled:
    def view(style: HouseStyle) -> ReportView:
        return build_view(
            example_result(),
            example_reference(),
            Language.NL,
            texts[Language.NL],
            Presentation(style=style),
        )

    return view


def page(view: ReportView) -> BeautifulSoup:
    return BeautifulSoup(render_html(view, TEMPLATES), "html.parser")


def policy(soup: BeautifulSoup) -> str:
    (meta,) = soup.find_all("meta", {"http-equiv": "Content-Security-Policy"})
    return str(meta["content"])


def test_without_a_house_style_nothing_of_one_is_there(styled: Styled) -> None:
    view = styled(HouseStyle())

    assert view.house == HouseView(None, "", "", "", "", ())
    assert house_css(view.house) == ""
    soup = page(view)
    assert not soup.find("img")
    assert not soup.find(class_="contact")
    assert "img-src" not in policy(soup)


@pytest.mark.parametrize(
    "logo", [Logo("image/png", PNG), Logo("image/svg+xml", svg("<path d='M0 0'/>"))]
)
def test_a_logo_stands_in_the_page_itself_and_has_words(styled: Styled, logo: Logo) -> None:
    soup = page(styled(HouseStyle(logo=logo)))

    (image,) = soup.find_all("img")
    head, _, data = str(image["src"]).partition(",")
    assert head == f"data:{logo.media_type};base64"
    assert base64.b64decode(data) == logo.data
    assert image["alt"] == f"Logo van {example_result().facts.assessor}"
    assert "img-src data:" in policy(soup).split("; ")


def test_a_logo_of_nobody_in_particular_has_words_too(
    styled: Styled, texts: Mapping[Language, ReportTexts]
) -> None:
    result = example_result()
    nobody = replace(result, facts=replace(result.facts, assessor=""))
    style = HouseStyle(logo=Logo("image/png", PNG))
    view = build_view(
        nobody, example_reference(), Language.NL, texts[Language.NL], Presentation(style=style)
    )

    assert view.house.logo
    assert view.house.logo.alt == "Logo"


def test_the_foot_says_whom_to_ask(styled: Styled) -> None:
    soup = page(styled(HouseStyle(contact=CONTACT)))

    (foot,) = soup.select("footer .contact")
    assert foot.h2
    assert foot.h2.text == "Vragen over dit rapport?"
    told = {row.dt.text: row.dd for row in foot.select("dl > div") if row.dt and row.dd}
    assert {label: value.text for label, value in told.items()} == {
        "E-mail": "help+rapport@zoet.example",
        "Telefoon": "+32 (2) 555.01-23",
        "Website": "www.zoet.example/contact",
        "Adres": "Kerkstraat 1\n9000 Gent",
    }
    links = [str(link["href"]) for link in foot.find_all("a")]
    assert links == [
        "mailto:help%2Brapport@zoet.example",
        "tel:+3225550123",
        "https://www.zoet.example/contact/",
    ]


def test_an_address_that_is_none_leads_nowhere(styled: Styled) -> None:
    hostile = Contact("<b>x</b>\u202e", "a@b.example?cc=c@d.example", "", "javascript:alert(1)", "")
    view = styled(HouseStyle(contact=hostile))
    soup = page(view)

    assert [line.address for line in view.house.contact] == [
        "mailto:a@b.example%3Fcc%3Dc@d.example",
        "",
    ]
    assert not soup.find("b")
    assert "\u202e" not in str(soup)


def test_the_colours_go_over_the_style_sheet_under_its_hash(styled: Styled) -> None:
    view = styled(HouseStyle(colour="#ffe08a", accent="#ff8800"))
    soup = page(view)

    assert soup.style
    rules = soup.style.text
    assert rules.endswith(
        ":root { --house: #ffe08a; --on-house: #1b2530; --on-house-soft: #1b2530;"
        f" --link: {view.house.accent}; }}\n"
    )
    import hashlib

    digest = base64.b64encode(hashlib.sha256(rules.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy(soup)


@pytest.mark.parametrize(
    "text",
    ["red", "#fff", "#16303f; } body { display: none", "</style><script>x</script>", "#16303f\n"],
)
def test_nothing_but_a_colour_reaches_the_style_sheet(styled: Styled, text: str) -> None:
    view = styled(HouseStyle(colour=text, accent=text))

    assert house_css(view.house) == ""
    loose = HouseView(None, text, text, text, "", ())
    assert house_css(loose) == ""

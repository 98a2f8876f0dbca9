"""Laws and standards beside the verdicts: what is touched, of how much, and that it is no more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup, Tag

from assessor.model.framework import Framework, FrameworkPart, Requirement
from assessor.model.language import Language
from assessor.model.run import Reference, RunResult
from assessor.model.statement import Verdict
from assessor.report.parts.frameworks import FrameworkView
from assessor.report.parts.report import ReportView
from assessor.report.texts import ReportTexts
from assessor.report.view import build_view
from tests import factories as make
from tests.unit.report.conftest import Render
from tests.unit.report.example import example_reference, example_result

Texts = Mapping[Language, ReportTexts]


def both(nl: str, en: str) -> Mapping[Language, str]:
    return {Language.NL: nl, Language.EN: en}


def requirement(identifier: str, *measures: str) -> Requirement:
    return Requirement(
        identifier, both(f"art. {identifier}", f"Art. {identifier}"), both("Slot", "Lock"), measures
    )


def part(*requirements: Requirement, number: int = 10, title: str = "") -> FrameworkPart:
    return FrameworkPart(both(title, title), number, both("artikelen", "articles"), requirements)


def law(*parts: FrameworkPart) -> Framework:
    return Framework(
        "law", both("De wet", "The law"), both("Een wet.", "A law."), both("Wet 1", "Law 1"),
        both("Parlement", "Parliament"), "2024-01-31", "https://law.example/1", parts,
    )  # fmt: skip


def told(
    texts: Texts, *parts: FrameworkPart, language: Language = Language.NL
) -> tuple[FrameworkView, ...]:
    """A law as told beside a run of which the backup is kept and the firewall is not."""
    result = make.make_result(
        measures=[
            make.make_measure_verdict("backup", Verdict.KEPT, "all-pass"),
            make.make_measure_verdict("firewall", Verdict.BROKEN, "all-fail"),
        ]
    )
    reference = make.make_reference(
        [make.make_measure("backup", nl="Back-ups"), make.make_measure("firewall", nl="Muur")],
        frameworks={"law": law(*parts)},
    )
    return build_view(result, reference, language, texts[language]).frameworks


def test_a_requirement_shows_the_measures_that_touch_it_each_with_its_own_verdict(
    texts: Texts,
) -> None:
    (view,) = told(
        texts, part(requirement("1", "firewall", "tls", "backup"), requirement("2", "tls"))
    )

    assert (view.anchor, view.title, view.about) == ("framework-law", "De wet", "Een wet.")
    assert (view.source.title, view.source.section, view.source.date, view.source.url) == (
        "Wet 1", "Parlement", "31 januari 2024", "https://law.example/1",
    )  # fmt: skip
    ((row,),) = [each.requirements for each in view.parts]
    assert (row.cited, row.heading) == ("art. 1", "Slot")
    assert [(each.link.anchor, each.link.text, each.badge.code) for each in row.measures] == [
        ("measure-backup", "Back-ups", "kept"),
        ("measure-firewall", "Muur", "broken"),
    ]


def test_a_law_that_the_run_does_not_touch_is_left_out(texts: Texts) -> None:
    assert told(texts, part(requirement("1", "tls"))) == ()


def test_without_frameworks_there_is_no_section(render: Render) -> None:
    result = make.make_result(measures=[make.make_measure_verdict("firewall")])

    page = BeautifulSoup(render(result, make.make_reference()), "html.parser")

    assert page.find(id="frameworks") is None
    assert page.select('a[href="#frameworks"]') == []


ONE = requirement("1", "backup")


@pytest.mark.parametrize(
    ("number", "nl", "en", "extent"),
    [
        (10, "Deze controle raakt 1 van de 10 artikelen. Over de andere 9 zegt zij niets.",
         "This assessment touches 1 of the 10 articles. It says nothing about the other 9.",
         "1 van 10 geraakt"),
        (2, "Deze controle raakt 1 van de 2 artikelen. Over de andere zegt zij niets.",
         "This assessment touches 1 of the 2 articles. It says nothing about the other one.",
         "1 van 2 geraakt"),
    ],
)  # fmt: skip
def test_how_much_is_touched_is_said_with_its_whole(
    texts: Texts, number: int, nl: str, en: str, extent: str
) -> None:
    (dutch,) = told(texts, part(ONE, number=number))
    (english,) = told(texts, part(ONE, number=number), language=Language.EN)

    assert (dutch.parts[0].touched, english.parts[0].touched) == (nl, en)
    assert dutch.extent == extent


def test_a_list_that_is_touched_as_a_whole_is_not_called_met(texts: Texts) -> None:
    (view,) = told(texts, part(ONE, requirement("2", "firewall"), number=2))

    assert view.parts[0].touched == (
        "Deze controle raakt alle 2 artikelen. Dat is niet hetzelfde als eraan voldoen."
    )
    assert view.extent == "2 van 2 geraakt"


def test_a_part_of_which_nothing_is_touched_says_so(texts: Texts) -> None:
    (view,) = told(
        texts, part(ONE, title="Basis"), part(requirement("2", "tls"), number=7, title="Meer")
    )

    assert [each.title for each in view.parts] == ["Basis", "Meer"]
    assert view.parts[1].touched == "Deze controle raakt geen van de 7 artikelen."
    assert view.parts[1].requirements == ()
    assert view.extent == "1 van 10 geraakt"


def test_parts_are_counted_apart(texts: Texts) -> None:
    (view,) = told(
        texts,
        part(ONE, title="Basis"),
        part(requirement("2", "firewall"), number=7, title="Meer"),
    )

    assert view.extent == "1 van 10 en 1 van 7 geraakt"


def test_of_the_example_every_touched_requirement_names_measures_of_the_run_only(
    views: Mapping[Language, ReportView],
) -> None:
    measured = {line.measure for line in example_result().measures}
    frameworks = example_reference().frameworks
    for language, report in views.items():
        shown = {
            (framework.anchor, row.cited)
            for framework in report.frameworks
            for each in framework.parts
            for row in each.requirements
        }
        assert shown == {
            (f"framework-{framework.id}", each.cited[language])
            for framework in frameworks.values()
            for piece in framework.parts
            for each in piece.requirements
            if measured & set(each.measures)
        }
        assert len(report.frameworks) == 5


def test_the_sentence_counts_the_rows_of_its_table(page: BeautifulSoup) -> None:
    for fold in page.select("#frameworks > details"):
        rows = [len(table.select("tbody tr")) for table in fold.select("table")]
        said = [
            int(number)
            for sentence in fold.select(".body > p")
            for number in re.findall(r"raakt (\d+) van de \d+", sentence.get_text())
        ]
        assert said == rows


def test_each_law_is_folded_and_tells_its_edition_and_source(page: BeautifulSoup) -> None:
    folds = page.select("#frameworks > details.framework")

    assert len(folds) == 5
    for fold in folds:
        assert "open" not in fold.attrs
        summary, source = fold.summary, fold.select_one(".meta")
        assert isinstance(summary, Tag)
        assert isinstance(source, Tag)
        assert re.search(r"\d+ van \d+.* geraakt", summary.get_text())
        assert source.a is not None
        assert str(source.a["href"]).startswith("https://")
        assert source.a.get_text() in summary.get_text()
        assert re.search(r"\d{1,2} \w+ 20\d\d$", source.get_text(strip=True))
    link = page.select_one('nav a[href="#frameworks"]')
    assert link is not None


def test_the_tables_can_be_read_by_header_and_reached_by_keyboard(page: BeautifulSoup) -> None:
    regions = page.select("#frameworks .scroll")
    names = [str(region["aria-label"]) for region in regions]

    assert len(set(names)) == len(names) > 4
    for region in regions:
        assert (region["role"], region["tabindex"]) == ("region", "0")
        assert region.table is not None
        assert len(region.table.select("thead th[scope=col]")) == 2
        for row in region.table.select("tbody tr"):
            assert [cell.name for cell in row.find_all(["th", "td"])] == ["th", "td"]
            assert row.select("td li a")
            assert len(row.select("td li a")) == len(row.select("td li .badge svg"))


BARE = {
    Language.NL: re.compile(r"\bvold(?:oe|aa)\w*|\bconform\w*|\bgehaald\b", re.IGNORECASE),
    Language.EN: re.compile(r"\bcompl(?:y|ie|ia)\w*|\bconform\w*|\bmet\b", re.IGNORECASE),
}
DENIED = {
    Language.NL: re.compile(r"staat daarmee niet vast|niet hetzelfde als|Of een eis is"),
    Language.EN: re.compile(r"does not establish|not the same as|Whether a requirement is"),
}


@pytest.mark.parametrize("language", Language)
def test_nothing_says_that_the_company_complies(
    pages: Mapping[Language, str], language: Language
) -> None:
    section = BeautifulSoup(pages[language], "html.parser").find(id="frameworks")
    assert isinstance(section, Tag)
    words = section.get_text(" ", strip=True)

    said = [
        words[max(0, found.start() - 90) : found.end()] for found in BARE[language].finditer(words)
    ]
    assert said
    assert [each for each in said if not DENIED[language].search(each)] == []


def test_each_table_repeats_that_the_verdict_is_about_the_measure(page: BeautifulSoup) -> None:
    for table in page.select("#frameworks table"):
        assert table.caption is not None
        assert table.caption.get_text() == "Het oordeel gaat over de maatregel, niet over de eis."


def test_names_of_measures_are_escaped_and_made_visible(texts: Texts, render: Render) -> None:
    odd = "<b>x</b>\u202egpj"
    result = make.make_result(measures=[make.make_measure_verdict(odd)])
    reference = make.make_reference(frameworks={"law": law(part(requirement("1", odd)))})

    page = BeautifulSoup(render(result, reference), "html.parser")

    link = page.select_one("#frameworks td a")
    assert link is not None
    assert link.get_text() == "<b>x</b>[U+202E]gpj"
    assert page.find(id=str(link["href"]).removeprefix("#")) is not None


def everything(reference: Reference) -> RunResult:
    """A run in which every measure of the catalogue was judged."""
    named = {
        measure
        for framework in reference.frameworks.values()
        for each in framework.parts
        for row in each.requirements
        for measure in row.measures
    }
    return replace(
        example_result(),
        measures=tuple(make.make_measure_verdict(name) for name in sorted(named)),
    )


def test_when_every_measure_is_kept_the_words_stay_the_same_careful_ones(texts: Texts) -> None:
    reference = example_reference()

    view = build_view(everything(reference), reference, Language.NL, texts[Language.NL])

    said = {each.anchor: [part.touched for part in each.parts] for each in view.frameworks}
    assert [text.partition(". ")[2] for text in said["framework-gdpr"]] == [
        "Dat is niet hetzelfde als eraan voldoen."
    ]
    assert [text.partition(". ")[2] for text in said["framework-iso-27001"]] == [
        "Over de andere 38 zegt zij niets."
    ]

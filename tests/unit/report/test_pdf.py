"""The report and its summary as PDF: what they say, how they are found and read."""

from __future__ import annotations

import builtins
import itertools
import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from assessor.errors import FormatError
from assessor.evidence.store import RunFolder
from assessor.model.language import Language
from assessor.model.presentation import Presentation
from assessor.model.report_settings import (
    Audience,
    Contact,
    Format,
    HouseStyle,
    Logo,
    ReportSettings,
)
from assessor.report.parts.report import ReportView
from assessor.report.pdf import DEBIAN, render_one_page_pdf, render_pdf
from assessor.report.texts import ReportTexts, load_texts
from assessor.report.view import build_view
from assessor.reporting import Report, write_reports
from tests.unit.inputs.pictures import svg
from tests.unit.report.example import TEMPLATES, example_reference, example_result
from tests.unit.report.pasts import example_past
from tests.unit.report.pdf_reading import Printed, letters
from tests.unit.report.promises import promises

try:
    import weasyprint  # noqa: F401 - whether it loads
except OSError as error:
    pytest.skip(f"WeasyPrint lacks libraries ({error}): {DEBIAN}", allow_module_level=True)

Texts = Mapping[Language, ReportTexts]

STYLE = HouseStyle(
    "#5a1846",
    "#7a2860",
    Logo("image/svg+xml", svg("<circle cx='20' cy='10' r='9'/>")),
    Contact("Koek ICT", "info@koek.example", "+31 182 555 012", "https://koek.example"),
)
VERDICTS = ("nagekomen", "deels nagekomen", "niet nagekomen", "verklaard", "verlopen",
            "niet aangetoond")  # fmt: skip


@pytest.fixture(name="view", scope="module")
def _view(texts: Texts) -> ReportView:
    """The example run, with a past and a house style."""
    result = example_result()
    return build_view(
        result,
        example_reference(),
        Language.NL,
        texts[Language.NL],
        Presentation(style=STYLE, past=example_past(result)),
    )


@pytest.fixture(name="data", scope="module")
def _data(view: ReportView) -> bytes:
    return render_pdf(view, TEMPLATES)


@pytest.fixture(name="printed", scope="module")
def _printed(data: bytes) -> Printed:
    return Printed(data)


def test_every_promise_and_every_verdict_is_printed(view: ReportView, printed: Printed) -> None:
    assert len(view.claims) == 12
    for claim in view.claims:
        assert letters(claim.quote) in printed.letters
        assert letters(claim.name + claim.heading + claim.badge.word) in printed.letters
    for word in VERDICTS:
        assert letters(word) in printed.letters
    assert view.statement is not None
    for paragraph in view.statement.paragraphs:
        assert letters(paragraph.segments[0].text) in printed.letters


def test_every_page_says_which_of_how_many_it_is(printed: Printed) -> None:
    total = len(printed.pages)

    assert total > 10
    for number, text in enumerate(printed.pages, 1):
        assert f"{number} van {total}" in text


def test_pages_after_the_first_say_of_whom_and_when(printed: Printed) -> None:
    for text in printed.pages[1:]:
        assert "Bakkerij Zoet – Controle van de privacyverklaring" in text
        assert "24 november 2026" in text


def test_it_is_numbered_and_dated_in_english_too(views: Mapping[Language, ReportView]) -> None:
    printed = Printed(render_pdf(views[Language.EN], TEMPLATES))

    assert printed.catalogue["/Lang"] == "en"
    assert f"2 of {len(printed.pages)}" in printed.pages[1]
    assert "24 November 2026" in printed.pages[1]


def test_bookmarks_lead_through_the_report_in_its_order(view: ReportView, printed: Printed) -> None:
    label = view.labels
    sections = [title for depth, title, _ in printed.outline if depth == 1]
    under_claims = itertools.takewhile(
        lambda entry: entry[0] > 1,
        itertools.islice(
            itertools.dropwhile(lambda entry: entry[1] != label["claims"], printed.outline), 1, None
        ),
    )

    assert printed.outline[0] == (0, "Bakkerij Zoet", 1)
    assert sections == [
        label[name]
        for name in ("summary", "claims", "statement", "measures", "targets", "timeline", "ends",
                     "gaps", "frameworks", "evidence", "questions_about")
    ]  # fmt: skip
    assert [title for _, title, _ in under_claims] == [claim.name for claim in view.claims]
    pages = [page for _, _, page in printed.outline]
    assert pages == sorted(pages)


def test_the_contents_name_the_pages_where_the_sections_are(
    view: ReportView, printed: Printed
) -> None:
    begin = f"{view.labels['contents']}\n{view.labels['claims']}"
    contents = next(text for text in printed.pages if begin in text)

    for depth, title, page in printed.outline:
        if depth == 1 and title not in (view.labels["summary"], view.labels["questions_about"]):
            assert re.search(rf"{re.escape(title)}[ .]*{page}\b", contents), title


def test_it_is_tagged_for_who_hears_it(printed: Printed) -> None:
    catalogue = printed.catalogue

    assert catalogue["/MarkInfo"]["/Marked"].value is True
    assert catalogue["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert catalogue["/Lang"] == "nl"
    assert b'pdfuaid:part="1"' in catalogue["/Metadata"].get_data()
    assert printed.faults == []
    kinds = {tag.kind for tag in printed.tags}
    assert {"H1", "H2", "H3", "P", "L", "LI", "Table", "TH", "TD", "Figure", "Link"} <= kinds


def test_pictures_are_told_in_words_and_signs_are_not_read_out(
    view: ReportView, printed: Printed
) -> None:
    told = [str(tag.entries["/Alt"]) for tag in printed.tags if tag.kind == "Figure"]

    assert view.months is not None
    assert view.house.logo is not None
    assert told == [
        view.house.logo.alt,
        f"{view.summary.whole}: {view.summary.picture}",
        view.months.alternative,
    ]


def test_cells_of_tables_know_their_headers(printed: Printed) -> None:
    headers = {str(tag.entries["/ID"]) for tag in printed.tags if tag.kind == "TH"}
    cells = [tag.entries["/A"]["/Headers"] for tag in printed.tags if tag.kind == "TD"]

    assert cells
    assert all(cell and headers.issuperset(map(str, cell)) for cell in cells)


def test_the_file_says_what_it_is_by_whom_and_of_when(printed: Printed) -> None:
    about = printed.reader.metadata

    assert about is not None
    assert about.title == "Bakkerij Zoet – Controle van de privacyverklaring"
    assert about.author == "Koek ICT"
    assert about.creator == "assess"
    assert about.creation_date == example_result().facts.started_at


def test_the_same_report_is_the_same_file(view: ReportView, data: bytes) -> None:
    assert render_pdf(view, TEMPLATES) == data


def test_its_links_lead_to_the_sources_and_to_whom_to_ask(
    view: ReportView, printed: Printed
) -> None:
    sources = {source.url for check in view.evidence.checks for source in check.sources}
    sources |= {framework.source.url for framework in view.frameworks}
    asked = {line.address for line in view.house.contact if line.address}

    assert printed.acts == sorted(f"/URI {address}" for address in sources | asked)


def test_what_is_not_printed_is_counted_in_its_place(view: ReportView, printed: Printed) -> None:
    answers = [answer for target in view.evidence.targets for answer in target.answers]
    outputs = [answer.output for answer in answers if len(answer.output) > 40]

    assert len(answers) == 16
    assert letters("de ruwe antwoorden van de systemen (16)") in printed.letters
    assert outputs
    assert [each for each in outputs if letters(each) in printed.letters] == []


def test_the_style_sheet_is_understood_to_the_last_word(
    view: ReportView, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "weasyprint"):
        render_pdf(view, TEMPLATES)
        render_one_page_pdf(view, TEMPLATES)

    assert [record.getMessage() for record in caplog.records] == []


def test_its_colours_are_those_of_the_page() -> None:
    page, paper, figures = (
        (TEMPLATES / name).read_text("utf-8") for name in ("style.css", "print.css", "figures.css")
    )
    colours = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", page))
    grounds = dict(re.findall(r"--tone: var\(--([a-z]+)\); --tint: (#[0-9a-f]{6})", page))

    assert dict(re.findall(r"--tone: var\(--([a-z]+)\); --tint: (#[0-9a-f]{6})", paper)) == grounds
    assert len(grounds) == 6
    same = {*grounds, "ink", "soft", "line", "wash", "link", "house"}
    assert same <= set(colours)
    assert {name: colours[name] for name in same} == {
        name: re.findall(rf"--{name}: (#[0-9a-f]{{6}});", paper)[0] for name in same
    }
    for name in grounds:
        assert f"{{ color: {colours[name]}; fill: {colours[name]} }}" in figures
        assert re.search(rf"^\.{name}\b.*{colours[name]}", figures, re.MULTILINE)


def test_every_part_of_the_page_is_printed() -> None:
    """A part that is added to the page is not forgotten on paper."""
    page, paper = (
        re.findall(r"\{% include \"(parts/[^\"]+)\" %\}", (TEMPLATES / name).read_text("utf-8"))
        for name in ("report.html.j2", "report.pdf.html.j2")
    )

    assert [name.replace(".pdf.html", ".html") for name in paper] == page
    for name in ("parts/measures.pdf.html.j2", "parts/evidence.pdf.html.j2"):
        assert name in paper


@pytest.mark.parametrize("number", [1, 12, 45, 200])
def test_the_summary_is_one_sheet(texts: Texts, number: int) -> None:
    view = build_view(*promises(number), Language.NL, texts[Language.NL])

    printed = Printed(render_one_page_pdf(view, TEMPLATES))

    assert len(printed.pages) == 1
    assert printed.faults == []
    assert printed.acts == []
    about = printed.reader.metadata
    assert about is not None
    assert str(about.title).endswith(" – Samenvatting op één blad")
    for count in view.shown.counts:
        assert letters(f"{count.number} van {number}{count.word}") in printed.letters
    for sentence in (view.shown.disclaimer, view.shown.whereabouts, *view.summary.scope):
        assert letters(sentence) in printed.letters


def test_names_as_long_as_they_come_stay_on_the_sheet(texts: Texts) -> None:
    run = promises(80, wide="W" * 200, left_out=20)
    view = build_view(*run, Language.NL, texts[Language.NL], Presentation(style=STYLE))

    printed = Printed(render_one_page_pdf(view, TEMPLATES))

    assert len(printed.pages) == 1
    assert letters(view.shown.disclaimer) in printed.letters


def test_in_flemish_it_is_hyphenated_and_dated_as_well() -> None:
    texts = load_texts(TEMPLATES, Language.NL, "BE")
    view = build_view(example_result(), example_reference(), Language.NL, texts)

    printed = Printed(render_pdf(view, TEMPLATES))

    assert printed.catalogue["/Lang"] == "nl-BE"
    assert "24 november 2026" in printed.pages[1]


@pytest.mark.parametrize(
    "missing",
    [
        ModuleNotFoundError("No module named 'weasyprint'"),
        OSError("cannot load library 'libpango-1.0-0': libpango-1.0-0: cannot open\nmore"),
    ],
)
def test_without_weasyprint_the_other_forms_are_written_and_the_mend_is_told(
    view: ReportView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: Exception
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "weasyprint":
            raise missing
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    report = Report(Language.NL, Audience.INTERNAL, view, lambda: iter(["{}"]))
    settings = ReportSettings((Format.PDF, Format.SUMMARY, Format.HTML, Format.JSON))
    run = RunFolder(tmp_path)

    with pytest.raises(FormatError, match="WeasyPrint") as raised:
        write_reports(run, [report], settings)

    assert "-m pip install 'weasyprint>=69.0'" in raised.value.mend
    assert DEBIAN in raised.value.mend
    assert "\n" not in raised.value.message
    assert {path.name for path in tmp_path.iterdir()} == {
        "report.nl.html", "report.nl.json", "summary.nl.html",
    }  # fmt: skip


def test_with_both_forms_the_summary_is_written_in_pdf_as_well(
    view: ReportView, tmp_path: Path
) -> None:
    report = Report(Language.NL, Audience.CLIENT, view, lambda: iter(["{}"]))
    settings = ReportSettings((Format.SUMMARY, Format.PDF))

    paths = write_reports(RunFolder(tmp_path), [report], settings)

    assert [path.name for path in paths] == [
        "summary.nl.client.html", "summary.nl.client.pdf", "report.nl.client.pdf",
    ]  # fmt: skip
    assert len(Printed(paths[1].read_bytes()).pages) == 1


def test_the_packages_that_it_names_are_those_that_our_tests_install() -> None:
    listed = (TEMPLATES.parent / ".ci" / "packages.txt").read_text("utf-8").split()

    assert set(DEBIAN.split()) <= set(listed)


def test_an_organisation_prints_in_its_own_style(view: ReportView, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    own = "<header><h1>Van Koek</h1></header>"
    (tmp_path / "parts" / "masthead.html.j2").write_text(own, "utf-8")
    style = (TEMPLATES / "print.css").read_text("utf-8")
    (tmp_path / "print.css").write_text(f"{style}\n@page {{ size: A5 }}", "utf-8")

    printed = Printed(render_pdf(view, TEMPLATES, tmp_path))

    assert printed.outline[0][1] == "Van Koek"
    assert round(float(printed.reader.pages[0].mediabox.width)) == 420

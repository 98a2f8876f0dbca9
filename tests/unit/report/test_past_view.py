"""The months before, since when, and what changed: as a reader sees it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup, Tag

from assessor.model.language import Language
from assessor.model.past import Course, Past, PastRun, PromiseTurn, Turn
from assessor.model.presentation import Presentation
from assessor.model.run import RunResult
from assessor.model.statement import Verdict
from assessor.report.html import render_html
from assessor.report.parts.report import ReportView
from assessor.report.past_view import MAX_RUNS, MAX_TURNS
from assessor.report.texts import ReportTexts
from assessor.report.view import build_view
from tests import factories as make
from tests.unit.report.example import TEMPLATES, example_reference, example_result
from tests.unit.report.pasts import (
    A,
    B,
    K,
    P,
    U,
    example_past,
    make_course,
    make_months,
    make_past_run,
)

Texts = Mapping[Language, ReportTexts]
QUOTE = "Wij hebben een firewall."
CLAIM = make.make_claim(QUOTE)
BEFORE = datetime(2026, 10, 2, 9, tzinfo=UTC)


def promised(verdict: Verdict = K) -> RunResult:
    """A run of one promise."""
    line = make.make_measure_verdict("firewall", verdict)
    return make.make_result(
        statement=make.make_statement(QUOTE),
        claims=[make.make_claim_verdict(CLAIM, verdict, measures=[line])],
        measures=[line],
    )


def view_of(
    texts: Texts, past: Past, result: RunResult | None = None, language: Language = Language.NL
) -> ReportView:
    return build_view(
        result or promised(),
        make.make_reference([make.make_measure(nl="Firewall", en="Firewall")]),
        language,
        texts[language],
        Presentation(past=past),
    )


def this_run(*turns: PromiseTurn, of_claims: bool = True) -> PastRun:
    facts = make.make_run_facts()
    return make_past_run(make.AT, {K: 1}, turns, run=facts.id, of_claims=of_claims)


def past_of_one(course: Course, number: int = 1) -> Past:
    """The past of the one promise; of so many months."""
    return Past(
        (make_past_run(BEFORE), this_run()),
        make_months(number, *[{K: 1}] * number),
        {CLAIM.id: course},
    )


@pytest.fixture(scope="module")
def page(texts: Texts) -> BeautifulSoup:
    """The example run with a year of months before it, in Dutch."""
    result = example_result()
    view = build_view(
        result,
        example_reference(),
        Language.NL,
        texts[Language.NL],
        Presentation(past=example_past(result)),
    )
    return BeautifulSoup(render_html(view, TEMPLATES), "html.parser")


# --- the picture -------------------------------------------------------------------------------


def test_nothing_is_told_of_a_past_that_is_not_known(texts: Texts) -> None:
    view = view_of(texts, Past())

    assert (view.months, view.timeline, view.claims[0].course) == (None, None, None)


@pytest.mark.parametrize(
    ("runs", "sentence"),
    [
        ([this_run()],
         "Dit is de eerste meting. Vanaf de volgende maand staat hier hoe het per maand gaat."),
        ([make_past_run(make.AT - timedelta(days=2)), this_run()],
         ("Alle metingen tot nu toe zijn van deze maand. "
          "Vanaf de volgende maand staat hier hoe het per maand gaat.")),
    ],
)  # fmt: skip
def test_one_month_is_no_picture_but_a_sentence(
    texts: Texts, runs: Sequence[PastRun], sentence: str
) -> None:
    view = view_of(texts, Past(tuple(runs), make_months(1, {K: 1})))

    assert view.months is not None
    assert (view.months.sentence, view.months.pieces) == (sentence, ())
    page = BeautifulSoup(render_html(view, TEMPLATES), "html.parser")
    assert sentence in page.get_text()
    assert page.select(".months") == []


def test_the_bars_are_as_high_as_there_are_promises(texts: Texts) -> None:
    past = Past((make_past_run(BEFORE), this_run()), make_months(3, {K: 2, B: 1}, {}, {K: 1, B: 3}))

    view = view_of(texts, past).months

    assert view is not None
    columns = [[each for each in view.pieces if each.x // 100 == number] for number in range(3)]
    assert [[each.code for each in pieces] for pieces in columns] == [
        ["kept", "broken"], [], ["kept", "broken"],
    ]  # fmt: skip
    assert [sum(each.height for each in pieces) for pieces in columns] == [750, 0, 1000]
    # The best stands on the ground, and every other piece on the one below it.
    for pieces in columns:
        ground = view.height
        for each in pieces:
            assert each.y + each.height == ground
            ground = each.y
    assert view.width == 1200


def test_every_number_of_the_picture_stands_in_the_table(texts: Texts) -> None:
    past = Past((make_past_run(BEFORE), this_run()), make_months(3, {K: 2, B: 1}, {}, {A: 1, B: 3}))

    view = view_of(texts, past).months

    assert view is not None
    assert [each.code for each in view.badges] == ["kept", "attested", "broken"]
    assert [(each.name, each.numbers, each.good, each.total) for each in view.columns] == [
        ("september 2026", ("2", "0", "1"), "2", "3"),
        ("oktober 2026", (), "", ""),
        ("november 2026", ("0", "1", "3"), "1", "4"),
    ]
    assert [(each.short, each.year) for each in view.columns] == [
        ("sep", "2026"), ("okt", ""), ("nov", ""),
    ]  # fmt: skip


def test_the_picture_has_words_for_who_cannot_see_it(texts: Texts) -> None:
    past = Past((make_past_run(BEFORE), this_run()), make_months(4, {K: 2, B: 1}, {}, {K: 3}))

    dutch, english = (view_of(texts, past, language=each).months for each in Language)

    assert dutch is not None
    assert dutch.alternative == (
        "De oordelen per maand als kolommen, van september 2026 tot en met november 2026. In "
        "september 2026: 2 nagekomen en 1 niet nagekomen. In november 2026: 3 nagekomen. De tabel "
        "met aantallen per maand noemt ze alle."
    )
    assert english is not None
    assert english.alternative.startswith("The verdicts by month as columns, from September 2026")


def test_without_a_statement_it_is_about_measures(texts: Texts) -> None:
    result = make.make_result(measures=[make.make_measure_verdict("firewall", B, "all-fail")])
    past = Past(
        (
            make_past_run(BEFORE, {K: 1}, of_claims=False),
            this_run(PromiseTurn("firewall", "firewall", Turn.WORSE, K, B), of_claims=False),
        ),
        make_months(2, {K: 1}, {B: 1}),
        {"firewall": make_course(K, B, since=make.AT, before=K, runs=2)},
    )

    view = view_of(texts, past, result)

    assert view.months is not None
    assert view.months.intro.endswith(
        "hoeveel maatregelen in orde zijn of verklaard, en van hoeveel."
    )
    assert [each.word for each in view.months.badges] == ["in orde", "niet in orde"]
    (measure,) = view.measures
    assert measure.course is not None
    assert measure.course.since == "Sinds deze meting; daarvoor in orde"
    assert view.timeline is not None
    (turn,) = view.timeline.runs[0].turns
    assert (turn.subject and turn.subject.anchor, turn.text, turn.quoted, turn.said) == (
        "measure-firewall", "Firewall", False, "was in orde, nu niet in orde",
    )  # fmt: skip


# --- since when --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("course", "nl", "en"),
    [
        (make_course(K, since=make.AT, runs=1),
         "Voor het eerst gemeten", "Measured for the first time"),
        (make_course(K, runs=5),
         "Sinds dit voor het eerst is gemeten, op 3 juli 2026",
         "Since this was first measured, on 3 July 2026"),
        (make_course(K, before=P, runs=5),
         "Sinds de meting van 3 juli 2026; daarvoor deels nagekomen",
         "Since the run of 3 July 2026; before that partly kept"),
        (make_course(K, since=make.AT, before=B, runs=5),
         "Sinds deze meting; daarvoor niet nagekomen", "Since this run; before that broken"),
    ],
)  # fmt: skip
def test_since_when(texts: Texts, course: Course, nl: str, en: str) -> None:
    told = [
        view_of(texts, past_of_one(course), language=language).claims[0].course
        for language in Language
    ]

    assert [each and each.since for each in told] == [nl, en]


def test_a_strip_tells_the_months_in_signs_and_in_words(texts: Texts) -> None:
    course = make_course(K, K, None, P, B, B, runs=5)

    told = view_of(texts, past_of_one(course, 6)).claims[0].course

    assert told is not None
    assert told.strip == ("kept", "kept", "", "partly", "broken", "broken")
    assert told.span == "juni 2026 tot en met november 2026"
    assert told.alternative == (
        "juni 2026 tot en met juli 2026: nagekomen; augustus 2026: geen meting; september 2026: "
        "deels nagekomen; oktober 2026 tot en met november 2026: niet nagekomen"
    )


@pytest.mark.parametrize("months", [(K,), (None, None, K)])
def test_there_is_no_strip_of_one_month(texts: Texts, months: tuple[Verdict | None, ...]) -> None:
    told = view_of(texts, past_of_one(make_course(*months), len(months))).claims[0].course

    assert told is not None
    assert told.strip == ()


# --- the timeline ------------------------------------------------------------------------------


def test_the_timeline_tells_what_changed_the_newest_first(texts: Texts) -> None:
    turns = [
        PromiseTurn(CLAIM.id, QUOTE, Turn.WORSE, K, B),
        PromiseTurn("", "Wij wissen alles.", Turn.GONE, P, None),
        PromiseTurn(CLAIM.id, QUOTE, Turn.OTHER, K, K, "Wij hebben firewalls."),
        PromiseTurn(CLAIM.id, QUOTE, Turn.NEW, None, U),
    ]

    told = view_of(texts, Past((make_past_run(BEFORE, {K: 2}), this_run(*turns)))).timeline

    assert told is not None
    newest, oldest = told.runs
    assert (newest.when, newest.current, newest.whole) == (
        "24 november 2026, 09:05 UTC", True, "1 belofte",
    )  # fmt: skip
    assert [(each.badge.code, each.number) for each in oldest.counts] == [("kept", 2)]
    assert oldest.systems == "4 van de 5 systemen gaven iets om te beoordelen."
    assert (oldest.current, oldest.remark) == (False, "De eerste meting.")
    assert [
        (each.word, each.subject and each.subject.anchor, each.said) for each in newest.turns
    ] == [
        ("Slechter", "claim-1", "was nagekomen, nu niet nagekomen"),
        ("Vervallen", None, "was deels nagekomen"),
        ("Anders", "claim-1", "anders verwoord; nog steeds nagekomen"),
        ("Nieuw", "claim-1", "niet aangetoond"),
    ]
    assert newest.turns[2].was == "Wij hebben firewalls."


def test_one_run_is_no_timeline(texts: Texts) -> None:
    assert view_of(texts, Past((this_run(),))).timeline is None


@pytest.mark.parametrize(
    ("before", "remark"),
    [
        (make_past_run(BEFORE), "Er is niets veranderd sinds de meting ervoor."),
        (make_past_run(BEFORE, of_claims=False),
         "Vanaf hier gaat het over de beloften in de verklaring, daarvoor over losse maatregelen."),
    ],
)  # fmt: skip
def test_what_is_said_where_nothing_changed(texts: Texts, before: PastRun, remark: str) -> None:
    told = view_of(texts, Past((before, this_run()))).timeline

    assert told is not None
    assert told.runs[0].remark == remark


def test_a_long_past_is_counted(texts: Texts) -> None:
    runs = [make_past_run(BEFORE - timedelta(days=each)) for each in range(MAX_RUNS + 2, 0, -1)]
    turns = [
        PromiseTurn("", f"Belofte {each}.", Turn.GONE, K, None) for each in range(MAX_TURNS + 1)
    ]

    told = view_of(texts, Past((*runs, this_run(*turns)))).timeline

    assert told is not None
    assert (len(told.runs), told.rest) == (
        MAX_RUNS, "Daarvoor is nog 3 keer gemeten; dat staat hier niet.",
    )  # fmt: skip
    assert (len(told.runs[0].turns), told.runs[0].remark) == (
        MAX_TURNS, "Er veranderde nog 1 ander punt.",
    )  # fmt: skip


# --- the page ----------------------------------------------------------------------------------


def test_the_page_holds_the_picture_and_a_table_beside_it(page: BeautifulSoup) -> None:
    picture = page.select_one("#summary .months svg.bar")
    assert isinstance(picture, Tag)
    assert picture["role"] == "img"
    assert str(picture["aria-label"]).startswith("De oordelen per maand als kolommen")
    table = page.select_one("#summary table.numbers")
    assert isinstance(table, Tag)
    rows = [
        [cell.get_text(strip=True) for cell in row.select("th, td")] for row in table.select("tr")
    ]
    assert rows[0] == [
        "Maand", "nagekomen", "verklaard", "deels nagekomen", "verlopen", "niet aangetoond",
        "niet nagekomen", "in totaal",
    ]  # fmt: skip
    assert len(rows) == 13
    assert rows[8] == ["juli 2026", "geen meting", ""]
    assert rows[12] == ["november 2026", "3", "1", "5", "1", "1", "1", "12"]


def test_each_claim_says_since_when(page: BeautifulSoup) -> None:
    since = [each.get_text() for each in page.select("#claims .since")]

    assert len(since) == 12
    assert since[2] == "Sinds de meting van 2 september 2026; daarvoor niet nagekomen"
    assert since[5] == "Sinds deze meting; daarvoor niet aangetoond"
    assert since[6] == "Voor het eerst gemeten"
    strips = page.select("#claims .strip")
    assert len(strips) == 11  # the one that is new has none
    assert all(strip["role"] == "img" and strip["aria-label"] for strip in strips)
    assert all(len(strip.select("svg.i")) == 12 for strip in strips)


def test_links_and_headings_still_hold(page: BeautifulSoup) -> None:
    places = [str(tag["id"]) for tag in page.find_all(id=True)]
    inside = {str(tag["href"]) for tag in page.find_all("a") if str(tag["href"]).startswith("#")}
    assert {link[1:] for link in inside} - set(places) == set()
    contents = [str(link["href"]) for link in page.select("nav.contents a")]
    assert {"#timeline", "#ends"} <= set(contents)
    assert [str(each["id"]) for each in page.select("main > section")] == [
        link[1:] for link in contents
    ]
    levels = [int(each.name[1]) for each in page.select("h1, h2, h3, h4, h5, h6")]
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{{ 7*7 }}", "a\u202egpj\x1b[31m"])
def test_hostile_words_of_earlier_statements_are_text(texts: Texts, text: str) -> None:
    turn = PromiseTurn("", text, Turn.GONE, K, None)
    again = replace(turn, subject=CLAIM.id, turn=Turn.OTHER, after=K, was=text)
    past = Past((make_past_run(BEFORE, run=text), this_run(turn, again)))

    html = render_html(view_of(texts, past), TEMPLATES)

    page = BeautifulSoup(html, "html.parser")
    assert page.select("main script") == []
    assert len(page.select("#timeline q")) == 3
    assert not set("\u202e\x1b") & set(html)
    shown = page.select("#timeline q")[0].get_text()
    assert shown == text.replace("\u202e", "[U+202E]").replace("\x1b", "␛")

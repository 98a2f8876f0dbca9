"""What ends within ninety days after the run, and the deviations that were accepted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup

from assessor.model.attestation import Attestation, Waiver, Words
from assessor.model.facts import Facts
from assessor.model.finding import Finding, Message, Outcome
from assessor.model.language import Language
from assessor.model.measure import MeasureKind
from assessor.model.presentation import Presentation
from assessor.model.report_settings import Audience
from assessor.model.run import Reference, RunResult
from assessor.model.statement import Verdict
from assessor.model.target import Platform, Role
from assessor.report.context import Context
from assessor.report.ends_view import MAX_ENDS, build_ends
from assessor.report.html import render_html
from assessor.report.parts.past import EndsView, WaiversView
from assessor.report.texts import ReportTexts
from assessor.report.view import build_view
from assessor.report.waivers_view import MAX_WAIVERS, build_waivers
from tests import factories as make
from tests.unit.report.example import TEMPLATES

Texts = Mapping[Language, ReportTexts]
DAY = make.AT.date()
REFERENCE = make.make_reference(
    [
        make.make_measure("firewall", nl="Firewall"),
        make.make_measure("tls", nl="Versleutelde verbindingen"),
        make.make_measure("fire-safety", MeasureKind.PHYSICAL, nl="Brandveiligheid"),
        make.make_measure("training", MeasureKind.ORGANISATIONAL, nl="Opleiding"),
    ]
)


def in_days(days: int) -> date:
    """A day, so many after that of the run."""
    return DAY + timedelta(days=days)


def context_of(
    texts: Texts,
    result: RunResult,
    *,
    language: Language = Language.NL,
    audience: Audience = Audience.INTERNAL,
    reference: Reference = REFERENCE,
) -> Context:
    return Context(result, reference, language, texts[language], Presentation(audience))


def ends(texts: Texts, result: RunResult) -> EndsView:
    return build_ends(context_of(texts, result))


def certificate(target: str, days: int, *, name: str = "", measure: str = "tls") -> Finding:
    """A site's certificate that ends so many days after the run."""
    observed: Facts = {
        "name": name or f"{target}.example",
        "ends": in_days(days).isoformat(),
        "days_left": days,
    }
    outcome = Outcome.PASS if days > 0 else Outcome.FAIL
    return make.make_finding(
        outcome, target=target, check="tls_certificate", measure=measure, observed=observed
    )


def run_of(findings: Iterable[Finding], **roles: Role) -> RunResult:
    found = tuple(findings)
    names = dict.fromkeys(each.target for each in found)
    return make.make_result(
        plan=[
            make.make_target_plan(make.make_target(name, role=roles.get(name, Role.SITE)))
            for name in names
        ],
        findings=found,
        measures=[make.make_measure_verdict("tls", findings=found)],
    )


def attested(
    *words: Attestation, rule: str = "attested", measure: str = "fire-safety"
) -> RunResult:
    return make.make_result(
        measures=[make.make_measure_verdict(measure, Verdict.ATTESTED, rule, attestations=words)]
    )


def days_left(view: EndsView) -> list[tuple[str, str]]:
    return [(each.kind, each.day) for each in view.ends]


# --- certificates ------------------------------------------------------------------------------


def test_certificates_come_in_order_with_who_must_act(texts: Texts) -> None:
    found = [
        certificate("later", 90), certificate("shop", 12), certificate("gone", -1),
        certificate("mailserver", 0), certificate("far", 91),
    ]  # fmt: skip

    view = ends(texts, run_of(found, mailserver=Role.SERVER))

    assert [(each.what, each.day, each.left, each.past, each.who) for each in view.ends] == [
        ("gone.example", "23 november 2026", "1 dag voor de meting", True,
         "de beheerder van de website"),
        ("mailserver.example", "24 november 2026", "op de dag van de meting", False,
         "de systeembeheerder"),
        ("shop.example", "6 december 2026", "12 dagen na de meting", False,
         "de beheerder van de website"),
        ("later.example", "22 februari 2027", "90 dagen na de meting", False,
         "de beheerder van de website"),
    ]  # fmt: skip
    assert [each.todo for each in view.ends[:2]] == [
        "Vernieuw het certificaat meteen.", "Vernieuw het certificaat vóór die dag.",
    ]  # fmt: skip
    assert {each.kind for each in view.ends} == {"Certificaat"}
    assert [link.text for link in view.ends[2].where] == ["shop"]
    assert [link.anchor for link in view.ends[2].links] == ["measure-tls"]


def test_a_certificate_leads_to_the_promise_it_belongs_to(texts: Texts) -> None:
    found = certificate("shop", 12)
    line = make.make_measure_verdict("tls", findings=[found])
    claims = [
        make.make_claim_verdict(make.make_claim(measures=("firewall",))),
        make.make_claim_verdict(make.make_claim(start=30, measures=("tls",)), measures=[line]),
    ]
    result = replace(run_of([found]), claims=tuple(claims), statement=make.make_statement())

    (end,) = ends(texts, result).ends

    assert [(link.anchor, link.text) for link in end.links] == [("claim-2", "Belofte 2")]


def test_one_certificate_on_many_systems_is_told_once(texts: Texts) -> None:
    found = [certificate(f"web{n}", 5, name="*.shop.example") for n in range(8)]
    # Two measures rest on what one check saw.
    found.append(certificate("web0", 5, name="*.shop.example", measure="firewall"))

    view = ends(texts, run_of(found))

    (end,) = view.ends
    assert (len(end.where), end.more) == (6, "nog 2")
    assert [link.text for link in end.links] == ["Versleutelde verbindingen", "Firewall"]


def test_a_certificate_that_is_near_on_windows_is_told(texts: Texts) -> None:
    near = make.make_finding(
        target="win", check="windows_tls", measure="tls",
        advice=(
            Message(
                "certificate_expires",
                {"certificates": (f"0.0.0.0:443 (CN=mail.example, {in_days(9)})",)},
            ),
        ),
    )  # fmt: skip

    (end,) = ends(texts, run_of([near], win=Role.SERVER)).ends

    assert (end.day, end.what) == ("3 december 2026", "0.0.0.0:443 (CN=mail.example)")


def test_a_client_is_told_the_days_of_certificates_on_windows(texts: Texts) -> None:
    days = tuple(in_days(each).isoformat() for each in (9, 12))
    told = tuple(f"10.0.0.7:443 (CN=mail.shop.example, {day})" for day in days)
    near = make.make_finding(
        target="win", check="windows_tls", measure="tls",
        advice=(Message("certificate_expires", {"certificates": told, "days": days}),),
    )  # fmt: skip
    result = run_of([near], win=Role.SERVER)

    names, bare = (
        build_ends(context_of(texts, result, audience=each))
        for each in (Audience.INTERNAL, Audience.CLIENT)
    )

    assert [(each.day, each.what) for each in names.ends] == [
        ("3 december 2026", "10.0.0.7:443 (CN=mail.shop.example)"),
        ("6 december 2026", "10.0.0.7:443 (CN=mail.shop.example)"),
    ]
    assert [(each.day, each.what, [link.text for link in each.where]) for each in bare.ends] == [
        ("3 december 2026", "", ["server 1"]), ("6 december 2026", "", ["server 1"]),
    ]  # fmt: skip


def test_a_client_is_told_no_name_and_no_address(texts: Texts) -> None:
    result = run_of([certificate("shop", 5, name="10.0.0.7"), certificate("web", 5)])

    (end,) = build_ends(context_of(texts, result, audience=Audience.CLIENT)).ends

    assert end.what == ""
    assert len(end.where) == 2


def test_what_cannot_be_known_is_said(texts: Texts) -> None:
    plain = make.make_result()
    windows = make.make_result(
        plan=[make.make_target_plan(replace(make.make_target(), platform=Platform.WINDOWS))]
    )

    assert ends(texts, plain).intro == (
        "In de 90 dagen na deze meting, dus tot en met 22 februari 2027, loopt er voor zover "
        "bekend niets af."
    )
    assert ends(texts, windows).intro.endswith(
        "Van certificaten op Windows-computers is de laatste dag pas bekend als die dichtbij is."
    )


def test_many_ends_are_counted(texts: Texts) -> None:
    found = [certificate(f"web{n}", n % 80 + 1) for n in range(MAX_ENDS + 30)]

    view = ends(texts, run_of(found))

    assert (len(view.ends), view.rest) == (MAX_ENDS, "nog 30")


# --- attestations ------------------------------------------------------------------------------


def word(given: int, expires: int, *, measure: str = "fire-safety") -> Attestation:
    """A word by its days, counted from that of the run."""
    return make.make_attestation(measure, given=in_days(given), expires=in_days(expires))


@pytest.mark.parametrize(
    ("words", "last"),
    [
        ([word(-100, 40)], 40),
        ([word(-100, 0)], 0),
        ([word(-100, 90)], 90),
        ([word(-100, 91)], None),
        ([word(-100, -1)], None),  # it has expired: the promise says so
        ([word(1, 30)], None),  # it does not count yet
        ([word(-100, 10), word(-50, 30)], 30),  # the newest counts alone ...
        ([word(-100, 80), word(-50, 30)], 30),
        ([word(-100, 10), word(-50, 300)], None),  # ... and for long
        ([word(-100, -50), word(-50, -20)], None),
        ([word(-100, 10), word(11, 60)], 60),  # one takes over without a gap
        ([word(-100, 10), word(11, 400)], None),
        ([word(-100, 10), word(12, 400)], 10),  # one comes a day too late
        ([word(-100, 60), word(5, 20), word(21, 50)], 50),
    ],
)
def test_the_word_that_lasts_longest_ends(
    texts: Texts, words: list[Attestation], last: int | None
) -> None:
    view = ends(texts, attested(*words))

    expected = [] if last is None else [("Getekende verklaring", _said(last))]
    assert days_left(view) == expected


def _said(days: int) -> str:
    months = {11: "november", 12: "december", 1: "januari", 2: "februari"}
    day = in_days(days)
    return f"{day.day} {months[day.month]} {day.year}"


def test_a_word_that_decides_nothing_does_not_matter(texts: Texts) -> None:
    """What machines saw alone is not undone when somebody's word ends."""
    assert ends(texts, attested(word(-10, 10), rule="all-pass")).ends == ()
    assert ends(texts, attested(word(-10, 10), rule="kept-and-attested")).ends != ()


def test_who_signed_and_who_signs_again(texts: Texts) -> None:
    office = attested(word(-10, 10, measure="training"), measure="training")

    (premises,) = ends(texts, attested(word(-10, 10))).ends
    (management,) = ends(texts, office).ends

    assert (premises.what, premises.who) == (
        "van Jo (owner), 14 november 2026", "de beheerder van het pand",
    )  # fmt: skip
    assert management.who == "de directie"
    assert [link.anchor for link in management.links] == ["measure-training"]


def test_words_of_one_day_by_one_person_are_told_at_once(texts: Texts) -> None:
    words = {name: word(-10, 10, measure=name) for name in ("training", "firewall")}
    result = make.make_result(
        measures=[
            make.make_measure_verdict(name, Verdict.ATTESTED, "attested", attestations=[each])
            for name, each in words.items()
        ]
    )

    (end,) = ends(texts, result).ends

    assert [link.text for link in end.links] == ["Opleiding", "Firewall"]


# --- waivers -----------------------------------------------------------------------------------


def deviating(*waivers: Waiver, outcome: Outcome = Outcome.FAIL) -> RunResult:
    """A firewall that is not in order on srv1, and what was accepted."""
    found = make.make_finding(outcome, facts={"name": "x"})
    mine = [each for each in waivers if (each.check, each.target) == ("host_firewall", "srv1")]
    return replace(
        make.make_result(
            findings=[found],
            measures=[
                make.make_measure_verdict(
                    "firewall", Verdict.BROKEN, "all-waived", [found], waivers=mine
                )
            ],
        ),
        words=Words(waivers=waivers),
    )


def waivers(texts: Texts, result: RunResult) -> WaiversView:
    view = build_waivers(context_of(texts, result))
    assert view is not None
    return view


@pytest.mark.parametrize(
    ("days", "outcome", "told"),
    [
        ([20], Outcome.FAIL, [20]),
        ([90], Outcome.FAIL, [90]),
        ([91], Outcome.FAIL, []),
        ([-1], Outcome.FAIL, []),
        ([20, 50], Outcome.FAIL, [50]),
        ([20, 300], Outcome.FAIL, []),
        ([20], Outcome.PASS, []),  # the deviation is not there any more
    ],
)
def test_waivers_that_end_where_the_deviation_is_there(
    texts: Texts, days: list[int], outcome: Outcome, told: list[int]
) -> None:
    accepted = [make.make_waiver(until=in_days(each)) for each in days]

    view = ends(texts, deviating(*accepted, outcome=outcome))

    assert days_left(view) == [("Aanvaarde afwijking", _said(each)) for each in told]


def test_what_ends_comes_by_day_whatever_it_is(texts: Texts) -> None:
    found = [certificate("shop", 30), make.make_finding(Outcome.FAIL, target="shop")]
    result = replace(
        run_of(found),
        words=Words(waivers=(make.make_waiver(target="shop", until=in_days(40)),)),
        measures=(
            make.make_measure_verdict("tls", findings=found),
            make.make_measure_verdict(
                "fire-safety", Verdict.ATTESTED, "attested", attestations=[word(-5, 20)]
            ),
        ),
    )

    assert [each.kind for each in ends(texts, result).ends] == [
        "Getekende verklaring", "Certificaat", "Aanvaarde afwijking",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("until", "outcome", "badge", "state"),
    [
        (20, Outcome.FAIL, "attested", "De afwijking is er nog."),
        (-1, Outcome.FAIL, "expired", "De afwijking is er nog, en is niet meer aanvaard."),
        (20, Outcome.PASS, "attested", "De afwijking is er niet meer."),
        (-1, Outcome.NOT_APPLICABLE, "expired", "De afwijking is er niet meer."),
        (20, Outcome.UNKNOWN, "attested",
         "Het was niet te zien of de afwijking er nog is."),
    ],
)  # fmt: skip
def test_what_became_of_an_accepted_deviation(
    texts: Texts, until: int, outcome: Outcome, badge: str, state: str
) -> None:
    accepted = make.make_waiver(
        until=in_days(until), reason="Wordt vervangen.\nIn mei.", by="Jo Zoet"
    )

    (told,) = waivers(texts, deviating(accepted, outcome=outcome)).waivers

    assert (told.badge.code, told.state) == (badge, state)
    assert (told.reason, told.by) == (
        "Wordt vervangen.\nIn mei.", "Jo Zoet, 24 november 2026",
    )  # fmt: skip
    assert told.target.anchor == "target-1"
    assert [link.anchor for link in told.links] == ["measure-firewall"]


def test_a_deviation_on_what_was_not_looked_at_is_shown_too(texts: Texts) -> None:
    elsewhere = make.make_waiver("other_check", "old-pc", until=in_days(-30))
    here = make.make_waiver(until=in_days(30))

    first, second = waivers(texts, deviating(elsewhere, here)).waivers

    assert (first.badge.word, first.until) == (
        "aanvaard", "Verloopt binnenkort: geldt tot en met 24 december 2026.",
    )  # fmt: skip
    assert (second.badge.word, second.target.text, second.links, second.state) == (
        "verlopen", "old-pc", (), "Dit is deze keer niet gecontroleerd.",
    )  # fmt: skip


def test_without_deviations_there_is_no_section(texts: Texts) -> None:
    assert build_waivers(context_of(texts, make.make_result())) is None
    view = build_view(make.make_result(), REFERENCE, Language.NL, texts[Language.NL])
    page = BeautifulSoup(render_html(view, TEMPLATES), "html.parser")
    assert page.select("#waivers, a[href='#waivers']") == []
    assert len(page.select("#ends")) == 1


def test_many_deviations_are_counted(texts: Texts) -> None:
    many = [make.make_waiver(target=f"pc{n}") for n in range(MAX_WAIVERS + 3)]

    view = waivers(texts, deviating(*many))

    assert (len(view.waivers), view.rest) == (MAX_WAIVERS, "nog 3")


def test_both_sections_are_on_the_page(texts: Texts) -> None:
    result = deviating(make.make_waiver(until=in_days(30), reason="<b>Oud</b>"))
    view = build_view(result, REFERENCE, Language.NL, texts[Language.NL])

    page = BeautifulSoup(render_html(view, TEMPLATES), "html.parser")

    (end,) = page.select("#ends .ends > li")
    assert "24 december 2026" in end.get_text()
    assert [str(link["href"]) for link in end.select("a")] == ["#target-1", "#measure-firewall"]
    (waiver,) = page.select("#waivers .waiver")
    assert "<b>Oud</b>" in waiver.get_text()
    assert waiver.select("b") == []

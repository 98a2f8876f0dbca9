"""What a report says, from what a run found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pytest

from assessor.model.attestation import EvidenceFile
from assessor.model.capture import Reason
from assessor.model.check import ParameterInfo, Severity, Source
from assessor.model.finding import Message, Outcome
from assessor.model.language import Language
from assessor.model.measure import MeasureKind
from assessor.model.run import Reference, RunResult
from assessor.model.statement import Verdict
from assessor.report.parts.report import ReportView
from assessor.report.texts import ReportTexts
from assessor.report.view import build_view
from tests import factories as make
from tests.unit.report.example import STATEMENT

Texts = Mapping[Language, ReportTexts]


def dutch(texts: Texts, result: RunResult, reference: Reference | None = None) -> ReportView:
    return build_view(result, reference or make.make_reference(), Language.NL, texts[Language.NL])


def with_verdicts(verdicts: Sequence[Verdict]) -> RunResult:
    """A run of which only the claims' verdicts matter."""
    return make.make_result(
        statement=make.make_statement("x" * 100),
        claims=[
            make.make_claim_verdict(
                make.make_claim("x", start=at, measures=()), verdict, "no-measure"
            )
            for at, verdict in enumerate(verdicts)
        ],
    )


K, P, B, A, X, U = (
    Verdict.KEPT, Verdict.PARTLY, Verdict.BROKEN, Verdict.ATTESTED, Verdict.EXPIRED,
    Verdict.UNPROVEN,
)  # fmt: skip


@pytest.mark.parametrize(
    ("verdicts", "headline"),
    [
        ([], "In deze verklaring is geen belofte over beveiliging gevonden."),
        ([B], "De enige belofte over beveiliging is niet nagekomen."),
        ([K, K], "Alle 2 beloften zijn nagekomen."),
        ([K, A], "Alle 2 beloften zijn nagekomen, of er is voor getekend."),
        ([U, U, X], "Van de 3 beloften is er nog geen aangetoond."),
        ([K, B, P, P], "1 van de 4 beloften wordt niet nagekomen, 2 maar deels en 1 is nagekomen."),
        ([B, B], "2 van de 2 beloften worden niet nagekomen."),
        ([P, U], "1 van de 2 beloften wordt maar deels nagekomen en 1 is niet aangetoond."),
        ([U, K], "1 van de 2 beloften is niet aangetoond en 1 is nagekomen."),
        ([X, K], "Van 1 van de 2 beloften is het bewijs verlopen en 1 is nagekomen."),
        ([B, A, A], "1 van de 3 beloften wordt niet nagekomen en voor 2 is getekend."),
    ],
)  # fmt: skip
def test_the_headline_is_one_sentence_that_starts_with_the_worst(
    texts: Texts, verdicts: list[Verdict], headline: str
) -> None:
    assert dutch(texts, with_verdicts(verdicts)).summary.headline == headline


def test_every_claim_is_counted_and_the_bar_is_full(texts: Texts) -> None:
    summary = dutch(texts, with_verdicts([K] * 3 + [B] * 3 + [U])).summary

    assert {count.badge.code: count.number for count in summary.counts} == {
        "kept": 3, "unproven": 1, "broken": 3,
    }  # fmt: skip
    assert summary.total == 7
    assert sum(count.width for count in summary.counts) == 1000
    assert [mark.badge.code for mark in summary.marks] == ["kept"] * 3 + ["broken"] * 3 + [
        "unproven"
    ]


def test_without_a_statement_the_report_is_about_the_measures(texts: Texts) -> None:
    result = make.make_result(
        measures=[make.make_measure_verdict("firewall", B, "all-fail"),
                  make.make_measure_verdict("backup", K, "all-pass")],
    )  # fmt: skip

    view = dutch(texts, result)

    assert view.statement is None
    assert view.claims == ()
    assert view.summary.subtitle == "Controle van de beveiliging"
    assert view.summary.headline == "1 van de 2 maatregelen is niet in orde en 1 is in orde."
    assert [mark.link.anchor for mark in view.summary.marks] == [
        "measure-firewall", "measure-backup",
    ]  # fmt: skip


def test_a_statement_without_promises_still_gives_a_report(texts: Texts) -> None:
    result = make.make_result(statement=make.make_statement("Wij bewaren uw naam."))

    view = dutch(texts, result)

    assert view.summary.headline.startswith("In deze verklaring is geen belofte")
    assert view.statement is not None
    assert view.statement.paragraphs[0].segments[0].text == "Wij bewaren uw naam."


def test_facts_fill_in_the_text_of_the_check(texts: Texts) -> None:
    finding = make.make_finding(Outcome.FAIL, facts={"name": ("eth0", "eth1")})

    view = dutch(texts, make.make_result(findings=[finding]))

    assert view.evidence.checks[0].findings[0].message == "It is bad: eth0 en eth1."


def test_a_missing_fact_shows_as_an_ellipsis(texts: Texts) -> None:
    view = dutch(texts, make.make_result(findings=[make.make_finding(Outcome.FAIL)]))

    assert view.evidence.checks[0].findings[0].message == "It is bad: …."


def test_a_message_or_check_without_text_is_shown_as_it_is(texts: Texts) -> None:
    strange = make.make_finding(Outcome.FAIL, message="strange", facts={"port": 22})
    foreign = make.make_finding(Outcome.FAIL, check="gone", facts={"name": "x"})

    checks = dutch(texts, make.make_result(findings=[strange, foreign])).evidence.checks

    assert {check.findings[0].message for check in checks} == {
        "Zonder uitleg: strange (port: 22)",
        "Zonder uitleg: bad (name: x)",
    }


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_explained_with_what_to_do(texts: Texts, reason: Reason) -> None:
    finding = make.make_not_observed(reason, detail="the detail", mend="the line")
    result = make.make_result(
        findings=[finding],
        measures=[make.make_measure_verdict("firewall", U, "all-unknown", [finding])],
    )

    view = dutch(texts, result)

    (gap,) = view.gaps
    assert gap.title == texts[Language.NL][f"reason.{reason}.what"]
    assert gap.mend == texts[Language.NL][f"reason.{reason}.mend"]
    assert gap.hints == ("the line",)
    assert gap.notes[0].detail == "the detail"
    (action,) = view.summary.actions
    assert action.hint == "the line"
    assert action.todo == gap.mend


def test_a_check_that_failed_says_nothing_about_the_target(texts: Texts) -> None:
    finding = make.make_finding(
        Outcome.UNKNOWN, message="check_failed", facts={"error": "KeyError"}, error="Traceback\nE"
    )

    view = dutch(texts, make.make_result(findings=[finding]))

    (shown,) = view.evidence.checks[0].findings
    assert shown.badge.code == "unknown"
    assert shown.message == "De controle zelf is misgegaan. Dit zegt niets over het systeem."
    assert shown.rows[0].error == "Traceback\nE"
    assert view.gaps[0].title == "De controle zelf ging mis"


def test_a_target_that_gave_nothing_is_listed_even_without_findings(texts: Texts) -> None:
    gone = make.make_not_captured("", Reason.HOST_KEY_UNKNOWN, "SHA256:abc", "ssh-keyscan host")
    result = make.make_result(evidence=[make.make_evidence(gap=gone, complete=False)])

    view = dutch(texts, result)

    assert view.gaps[0].hints == ("ssh-keyscan host",)
    assert view.gaps[0].notes[0].detail == "SHA256:abc"
    assert view.targets[0].problem.startswith("De sleutel van het systeem was nog niet bekend")
    assert view.summary.scope[0] == "Gemeten vanaf beheer-laptop; 0 van 1 systeem heeft geantwoord."


def test_a_target_that_was_never_asked_is_no_silent_success(texts: Texts) -> None:
    view = dutch(texts, make.make_result(evidence=[]))

    assert view.targets[0].problem == "Dit systeem is niet bevraagd."
    assert view.gaps[0].title == texts[Language.NL]["reason.not-run.what"]


def test_equal_findings_of_many_targets_are_shown_once(texts: Texts) -> None:
    findings = [make.make_finding(target=f"srv{number}") for number in range(40)]
    findings.append(make.make_finding(Outcome.FAIL, target="srv40", facts={"name": "x"}))

    (check,) = dutch(texts, make.make_result(findings=findings)).evidence.checks

    assert [each.badge.code for each in check.findings] == ["fail", "pass"]
    assert [[len(row.proofs) for row in each.rows] for each in check.findings] == [[1], [40]]


@pytest.mark.parametrize("claimed", ["interval_days", "firewall.interval_days"])
def test_a_claim_shows_what_was_promised_beside_what_was_tested(texts: Texts, claimed: str) -> None:
    info = make.make_check_info(
        parameters={
            "max_days": ParameterInfo(365, "days", claimed, {"nl": "Hoogste leeftijd"}),
            "others": ParameterInfo(7, "days", "backup.interval_days", {"nl": "Van een ander"}),
            "unseen": ParameterInfo(1),
        }
    )
    advice = (Message("good"),)
    finding = make.make_finding(
        parameters={"max_days": 92, "others": 7, "unseen": 1}, advice=advice
    )
    line = make.make_measure_verdict(findings=[finding])
    promised = make.make_claim(parameters={"firewall": {"interval_days": 92}})
    silent = make.make_claim(start=1)
    result = make.make_result(
        statement=make.make_statement(),
        claims=[make.make_claim_verdict(promised, measures=[line]),
                make.make_claim_verdict(silent, measures=[line])],
    )  # fmt: skip

    first, second = dutch(texts, result, make.make_reference(checks=[info])).claims

    (setting,) = first.measures[0].settings
    assert (setting.label, setting.promised, setting.used) == ("Hoe vaak", "92 dagen", "92 dagen")
    assert second.measures[0].settings[0].promised == ""
    assert first.measures[0].advice == ("It is good.",)


def test_a_promised_parameter_that_nothing_tests_is_shown_as_such(texts: Texts) -> None:
    claim = make.make_claim(parameters={"firewall": {"within_hours": 24, "other_thing": "x"}})
    line = make.make_measure_verdict("firewall", U, "no-check")
    result = make.make_result(
        statement=make.make_statement(), claims=[make.make_claim_verdict(claim, measures=[line])]
    )

    settings = dutch(texts, result).claims[0].measures[0].settings

    assert [(each.label, each.promised, each.used) for each in settings] == [
        ("Binnen welke tijd", "24 uur", ""), ("other thing", "x", ""),
    ]  # fmt: skip


def test_a_parameter_that_is_not_set_is_no_setting(texts: Texts) -> None:
    info = make.make_check_info(
        parameters={"max_days": ParameterInfo(None, "days", "max_days", {"nl": "Leeftijd"})}
    )
    line = make.make_measure_verdict(findings=[make.make_finding(parameters={"max_days": None})])
    result = make.make_result(measures=[line])

    (measure,) = dutch(texts, result, make.make_reference(checks=[info])).measures

    assert measure.line.settings == ()


def test_what_it_rests_on_counts_each_target_once(texts: Texts) -> None:
    """Two checks judge one measure: the target counts by its worst."""
    findings = [
        make.make_finding(target="a"),
        make.make_finding(Outcome.FAIL, target="a", check="other"),
        make.make_finding(target="b"),
        make.make_finding(Outcome.NOT_APPLICABLE, target="c"),
        make.make_not_observed(target="d"),
    ]
    line = make.make_measure_verdict("firewall", P, "some-fail", findings)

    shown = dutch(texts, make.make_result(measures=[line])).measures[0].line

    assert shown.rests_on == "1 van 3 systemen in orde"
    assert shown.why == "Op 1 van de 3 systemen niet in orde: a."


def test_an_unknown_rule_has_a_neutral_text(texts: Texts) -> None:
    line = make.make_measure_verdict(rule="a-new-rule")

    shown = dutch(texts, make.make_result(measures=[line])).measures[0].line

    assert shown.why == "Beoordeeld volgens de regel a-new-rule."


def test_actions_come_in_order_of_weight_with_who_can_do_them(texts: Texts) -> None:
    severities = {"light": Severity.LOW, "heavy": Severity.CRITICAL}
    reference = make.make_reference(
        measures=[
            make.make_measure("light"), make.make_measure("heavy"), make.make_measure("unseen"),
            make.make_measure("fire-safety", MeasureKind.PHYSICAL, nl="Brandveiligheid"),
            make.make_measure("training", MeasureKind.ORGANISATIONAL),
        ],
        checks=[make.make_check_info(name, severity=each) for name, each in severities.items()],
    )  # fmt: skip
    measures = [
        make.make_measure_verdict("fire-safety", U, "needs-attestation"),
        make.make_measure_verdict(
            "unseen", U, "all-unknown", [make.make_not_observed(Reason.TIMED_OUT)]
        ),
        *(
            make.make_measure_verdict(
                name, B, "all-fail",
                [make.make_finding(Outcome.FAIL, check=name, measure=name, facts={"name": name})],
            )
            for name in severities
        ),
        make.make_measure_verdict("training", X, "attestation-expired"),
    ]  # fmt: skip

    summary = dutch(texts, make.make_result(measures=measures), reference).summary

    assert [(each.title, each.weight, each.who) for each in summary.actions] == [
        ("heavy", "Gewicht: zeer hoog", "de systeembeheerder"),
        ("light", "Gewicht: laag", "de systeembeheerder"),
        ("training", "Verlopen", "de directie"),
    ]
    assert summary.actions[0].todo == "Mend heavy."
    assert summary.more.startswith("Daarna zijn er nog 2 punten")


def test_one_deed_that_settles_two_claims_is_one_action(texts: Texts) -> None:
    finding = make.make_finding(Outcome.FAIL, facts={"name": "x"})
    line = make.make_measure_verdict("firewall", B, "all-fail", [finding])
    claims = [
        make.make_claim_verdict(make.make_claim(start=at), B, "all-fail", [line]) for at in (0, 1)
    ]

    result = make.make_result(statement=make.make_statement(), claims=claims)

    (action,) = dutch(texts, result).summary.actions
    assert [link.anchor for link in action.links] == ["claim-1", "claim-2"]


def test_the_statement_keeps_every_word_in_place(
    views: Mapping[Language, ReportView],
) -> None:
    statement = views[Language.NL].statement
    assert statement is not None

    shown = [
        "".join(segment.text for segment in paragraph.segments)
        for paragraph in statement.paragraphs
    ]

    assert shown == [part.lstrip("# ") for part in STATEMENT.split("\n\n")]
    marked = [
        segment for paragraph in statement.paragraphs for segment in paragraph.segments
        if segment.claim
    ]  # fmt: skip
    assert [segment.anchor for segment in marked] == [f"place-{n}" for n in range(1, 13)]
    assert marked[0].text == "Ons netwerk en onze computers zijn beschermd met een firewall."
    assert [paragraph.heading for paragraph in statement.paragraphs][:3] == [True, False, True]


@pytest.mark.parametrize(
    ("spans", "marked"),
    [
        ([(0, 5), (3, 8)], ["abcde", "fgh"]),
        ([(2, 90)], ["cdefgh\n\nij"]),
        ([(4, 4), (6, 2)], []),
        ([(5, 8), (0, 3)], ["fgh", "abc"]),
    ],
)
def test_spans_that_overlap_or_leave_the_text_break_nothing(
    texts: Texts, spans: list[tuple[int, int]], marked: list[str]
) -> None:
    text = "abcdefgh\n\nij"
    claims = [
        make.make_claim_verdict(
            make.make_claim(text[start:end], start=start, measures=()), U, "no-measure"
        )
        for start, end in spans
    ]
    for claim, (_, end) in zip(claims, spans, strict=True):
        object.__setattr__(claim.claim, "end", end)

    view = dutch(texts, make.make_result(statement=make.make_statement(text), claims=claims))

    assert view.statement is not None
    segments = [each for part in view.statement.paragraphs for each in part.segments]
    assert "".join(each.text for each in segments) == text.replace("\n\n", "")
    found = {
        number: "".join(each.text for each in segments if each.claim and
                        each.claim.anchor == f"claim-{number}")
        for number in range(1, len(spans) + 1)
    }  # fmt: skip
    assert [each for each in found.values() if each] == [
        each.replace("\n\n", "") for each in marked
    ]


def test_a_very_long_statement_is_cut_with_a_note(texts: Texts) -> None:
    statement = make.make_statement("woord " * 60_000)

    view = dutch(texts, make.make_result(statement=statement))

    assert view.statement is not None
    assert view.statement.cut == (
        "De verklaring gaat nog 60.000 tekens door; dat deel is hier niet getoond."
    )


def test_the_matrix_is_cut_in_tables_that_fit(texts: Texts) -> None:
    names = [f"srv{number}" for number in range(14)]
    findings = [make.make_finding(target=name) for name in names[:13]]
    result = make.make_result(
        plan=[make.make_target_plan(make.make_target(name)) for name in names],
        findings=findings,
        measures=[make.make_measure_verdict(findings=findings)],
    )

    matrix = dutch(texts, result).matrix

    assert [len(table.targets) for table in matrix] == [6, 6, 2]
    assert matrix[2].caption == "Maatregelen per systeem, deel 3 van 3"
    cells = [cell.badge.code if cell.badge else None for cell in matrix[2].rows[0].cells]
    assert cells == ["pass", None]


def test_outputs_are_shared_and_cut(texts: Texts) -> None:
    long = "".join(f"line {number}\n" for number in range(5000))
    plan = [
        make.make_target_plan(make.make_target(name), {"p": make.make_probe("p")})
        for name in ("a", "b")
    ]
    result = make.make_result(
        plan=plan,
        evidence=[make.make_evidence(name, [make.make_captured("p", long)]) for name in "ab"],
    )

    first, second = (each.answers[0] for each in dutch(texts, result).evidence.targets)

    assert len(first.output) < 17_000
    assert long.startswith(first.output)
    assert first.cut.startswith("De eerste 16.000 van 48.890 tekens")
    assert first.cut.endswith("tekens; het hele antwoord is bewaard onder dit controlegetal.")
    assert first.command == "sudo /usr/sbin/nft -j list ruleset"
    assert second.output == ""
    assert second.same is not None
    assert second.same.anchor == first.anchor


def test_damaged_answers_say_so(texts: Texts) -> None:
    evidence = make.make_evidence(
        captures=[
            make.make_captured("cut", truncated=True),
            make.make_captured("binary", undecodable=True),
            make.make_not_captured("missing"),
        ]
    )

    answers = dutch(texts, make.make_result(evidence=[evidence])).evidence.targets[0].answers

    assert [len(each.warnings) for each in answers] == [1, 1, 0]
    assert answers[2].missing == texts[Language.NL]["reason.no-privilege.what"]


def test_only_web_addresses_become_links(texts: Texts) -> None:
    info = make.make_check_info(
        sources=tuple(Source("t", url=url) for url in (
            "https://www.example.org/", "javascript:alert(1)", "file:///etc/passwd", ""))
    )  # fmt: skip
    result = make.make_result(findings=[make.make_finding()])

    (check,) = dutch(texts, result, make.make_reference(checks=[info])).evidence.checks

    assert [source.url for source in check.sources] == ["https://www.example.org/", "", "", ""]


def test_an_attestation_is_shown_with_who_when_and_until(texts: Texts) -> None:
    photo = EvidenceFile("rookmelder.jpg", make.make_digest("photo"), 1000)
    line = make.make_measure_verdict(
        "fire-safety", A, "attested",
        attestations=[
            make.make_attestation(given=date(2024, 3, 1), expires=date(2026, 2, 28)),
            make.make_attestation(text="De rookmelder is getest.", files=(photo,)),
            make.make_attestation(given=date(2027, 1, 1), expires=date(2028, 1, 1)),
        ],
    )  # fmt: skip

    words = dutch(texts, make.make_result(measures=[line])).measures[0].line.words

    assert [(each.badge.word, each.until) for each in words] == [
        ("Verklaard", "Geldt tot en met 28 februari 2027."),
        ("Telt niet mee", "Geldt pas vanaf 1 januari 2027."),
        ("Telt niet mee", "Gold tot en met 28 februari 2026."),
    ]
    assert words[0].said == "De rookmelder is getest."
    assert words[0].by == "Jo (owner), 1 maart 2026"
    assert words[0].files[0].value == photo.sha256


def test_a_word_that_expires_soon_says_so(texts: Texts) -> None:
    line = make.make_measure_verdict(
        "fire-safety", A, "attested",
        attestations=[make.make_attestation(expires=date(2026, 12, 10))],
    )  # fmt: skip

    (word,) = dutch(texts, make.make_result(measures=[line])).measures[0].line.words

    assert word.until == "Verloopt binnenkort: geldt tot en met 10 december 2026."


@pytest.mark.parametrize(("until", "accepted"), [("2027-01-01", True), ("2026-11-23", False)])
def test_an_accepted_deviation_is_shown_and_asks_for_nothing_until_it_expires(
    texts: Texts, until: str, accepted: bool
) -> None:
    finding = make.make_finding(Outcome.FAIL, facts={"name": "x"})
    line = make.make_measure_verdict(
        "firewall", B, "all-waived" if accepted else "all-fail", [finding],
        waivers=[make.make_waiver(until=date.fromisoformat(until))],
    )  # fmt: skip

    view = dutch(texts, make.make_result(findings=[finding], measures=[line]))

    shown = view.measures[0].line
    assert shown.words[0].badge.word == ("Aanvaarde afwijking" if accepted else "Telt niet mee")
    assert shown.words[0].subject == "srv1, Firewall"
    assert bool(shown.failures) is not accepted
    assert bool(view.summary.actions) is not accepted


def test_what_is_attested_not_to_be_so_needs_doing(texts: Texts) -> None:
    line = make.make_measure_verdict("fire-safety", B, "attested-no")
    reference = make.make_reference([make.make_measure("fire-safety", MeasureKind.PHYSICAL)])

    (action,) = dutch(texts, make.make_result(measures=[line]), reference).summary.actions

    assert action.problem == "Er is verklaard dat dit niet zo is."
    assert action.who == "de beheerder van het pand"


def test_a_check_that_had_no_target_is_told_from_one_that_does_not_exist(texts: Texts) -> None:
    reference = make.make_reference([make.make_measure("firewall"), make.make_measure("ups")])
    lines = [make.make_measure_verdict(each, U, "no-check") for each in ("firewall", "ups")]

    view = dutch(texts, make.make_result(measures=lines), reference)

    assert [each.line.why for each in view.measures] == [
        texts[Language.NL]["rule.measure.no-target"],
        texts[Language.NL]["rule.measure.no-check"],
    ]
    assert len(view.gaps) == len(view.summary.actions) == 2


def test_what_does_not_apply_says_why(texts: Texts) -> None:
    finding = make.make_finding(Outcome.NOT_APPLICABLE, facts={"name": "x"})
    line = make.make_measure_verdict("firewall", U, "not-applicable", [finding])

    shown = dutch(texts, make.make_result(measures=[line])).measures[0].line

    assert [note.text for note in shown.gaps] == ["It is bad: x."]
    assert shown.rests_on == ""

"""Exactly what was shown and what was not: every part of a measure stands where it belongs."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from assessor.model.facts import Fact
from assessor.model.finding import Outcome
from assessor.model.language import Language
from assessor.model.run import RunResult
from assessor.model.statement import MeasureVerdict, Verdict
from assessor.report.parts.shown import ShownView
from assessor.report.texts import ReportTexts
from assessor.report.view import build_view
from tests import factories as make
from tests.unit.report.example import example_reference, example_result

Texts = Mapping[Language, ReportTexts]


def shown(texts: Texts, result: RunResult) -> ShownView:
    reference = make.make_reference(checks=[make.make_check_info(measures=("other",))])
    return build_view(result, reference, Language.EN, texts[Language.EN]).shown


def places(view: ShownView) -> dict[str, list[tuple[str, str, str]]]:
    return {
        group.code: [(line.title, line.promises, line.extent) for line in group.lines]
        for group in view.groups
        if group.lines
    }


def judged(
    rule: str, verdict: Verdict, kept: int = 0, broken: int = 0, waived: int = 0, unknown: int = 0
) -> MeasureVerdict:
    facts: dict[str, Fact] = {"kept": kept, "broken": broken, "waived": waived, "unknown": unknown}
    facts["total"] = kept + broken + waived + unknown
    return make.make_measure_verdict("firewall", verdict, rule, facts=facts)


# Each row of docs/verdicts.md, with an example of the systems that it is about.
ROWS: tuple[tuple[MeasureVerdict, dict[str, str]], ...] = (
    (judged("all-fail", Verdict.BROKEN, broken=2, unknown=1),
     {"broken": "2 of the 3 systems", "unproven": "1 of the 3 systems"}),
    (judged("some-fail", Verdict.PARTLY, kept=1, broken=1, unknown=1),
     {"kept": "1 of the 3 systems", "broken": "1 of the 3 systems",
      "unproven": "1 of the 3 systems"}),
    (judged("some-waived", Verdict.PARTLY, kept=2, waived=1),
     {"kept": "2 of the 3 systems", "broken": "accepted on 1 of 3"}),
    (judged("all-waived", Verdict.BROKEN, waived=1),
     {"broken": "accepted on 1 of 1"}),
    (judged("some-unknown", Verdict.PARTLY, kept=2, unknown=2),
     {"kept": "2 of the 4 systems", "unproven": "2 of the 4 systems"}),
    (judged("all-pass", Verdict.KEPT, kept=1), {"kept": "1 of 1 system"}),
    (judged("machine-part-only", Verdict.PARTLY, kept=2),
     {"kept": "2 of the 2 systems", "unproven": "not signed for yet"}),
    (judged("all-unknown", Verdict.UNPROVEN, unknown=2), {"unproven": "2 of the 2 systems"}),
    (judged("needs-attestation", Verdict.UNPROVEN),
     {"unproven": "not signed for yet"}),
    (judged("not-applicable", Verdict.UNPROVEN),
     {"unproven": "does not apply"}),
    (judged("no-check", Verdict.UNPROVEN), {"unproven": "no check for it yet"}),
    (judged("no-target", Verdict.UNPROVEN), {"unproven": "system not listed"}),
    (judged("kept-and-attested", Verdict.ATTESTED, kept=1, unknown=1),
     {"kept": "1 of the 2 systems", "attested": "for the rest"}),
    (judged("attested", Verdict.ATTESTED, unknown=2), {"attested": ""}),
    (judged("attested-partly", Verdict.PARTLY, kept=1, unknown=1),
     {"kept": "1 of the 2 systems", "attested": "in part", "unproven": "the rest"}),
    (judged("attested-no", Verdict.PARTLY, kept=1, unknown=1),
     {"kept": "1 of the 2 systems", "broken": "stated as such", "unproven": "1 of the 2 systems"}),
    (judged("attestation-expired", Verdict.EXPIRED, kept=1, unknown=1),
     {"kept": "1 of the 2 systems", "unproven": "signed for, but expired"}),
    # a rule of a later version: the verdict alone tells where it belongs, and it is never green
    (judged("unheard-of", Verdict.PARTLY), {"unproven": ""}),
    (judged("unheard-of", Verdict.EXPIRED), {"unproven": ""}),
    (judged("unheard-of", Verdict.BROKEN), {"broken": ""}),
)  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), ROWS, ids=lambda row: getattr(row, "rule", ""))
def test_every_part_of_a_measure_stands_where_it_belongs(
    texts: Texts, line: MeasureVerdict, expected: dict[str, str]
) -> None:
    found = places(shown(texts, make.make_result(measures=[line])))

    assert found == {code: [("firewall", "", extent)] for code, extent in expected.items()}


def test_a_measure_that_two_promises_share_is_named_once_with_both(texts: Texts) -> None:
    kept = judged("all-pass", Verdict.KEPT, kept=2)
    late = judged("all-fail", Verdict.BROKEN, broken=2)
    result = make.make_result(
        statement=make.make_statement(),
        claims=[make.make_claim_verdict(measures=[line]) for line in (kept, late, kept)],
    )

    assert places(shown(texts, result)) == {
        "kept": [("firewall", "promises 1 and 3", "2 of the 2 systems")],
        "broken": [("firewall", "promise 2", "2 of the 2 systems")],
    }


def test_a_promise_without_a_measure_is_not_lost(texts: Texts) -> None:
    claim = make.make_claim_verdict(None, Verdict.UNPROVEN, "no-measure")
    result = make.make_result(statement=make.make_statement(), claims=[claim])

    assert places(shown(texts, result)) == {
        "unproven": [("Promise 1", "", "not clear what is promised")]
    }


def test_findings_are_counted_where_the_verdict_did_not(texts: Texts) -> None:
    findings = [
        make.make_finding(),
        make.make_finding(Outcome.FAIL, target="srv2"),
        make.make_not_observed(target="srv3"),
    ]
    line = make.make_measure_verdict("firewall", Verdict.PARTLY, "some-fail", findings)

    assert set(places(shown(texts, make.make_result(measures=[line])))) == {
        "kept", "broken", "unproven",
    }  # fmt: skip


def test_every_verdict_is_counted_and_none_is_a_number_too(texts: Texts) -> None:
    view = build_view(
        example_result(), example_reference(), Language.EN, texts[Language.EN]
    )  # fmt: skip
    nothing = shown(texts, make.make_result(measures=[judged("all-pass", Verdict.KEPT, kept=1)]))

    assert [(each.word, each.number) for each in view.shown.counts] == [
        ("kept", 3), ("attested", 1), ("partly kept", 5), ("expired", 1), ("not shown", 1),
        ("broken", 1),
    ]  # fmt: skip
    assert [each.number for each in nothing.counts] == [1, 0, 0, 0, 0, 0]


def test_no_measure_of_a_promise_is_left_out_and_nothing_unproven_is_green(texts: Texts) -> None:
    result = example_result()
    view = build_view(result, example_reference(), Language.EN, texts[Language.EN])
    named = {line.title for group in view.shown.groups for line in group.lines}
    green = {line.title for line in view.shown.groups[0].lines}

    for claim in view.claims:
        for line in claim.measures:
            assert line.link.text in named
            if line.badge.code in {"broken", "unproven", "attested"}:
                assert line.link.text not in green

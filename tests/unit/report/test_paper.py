"""What of a view is printed: what is wrong in full, the rest counted in its place."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from assessor.model.language import Language
from assessor.model.presentation import Presentation
from assessor.model.report_settings import Audience
from assessor.report.paper import (
    MAX_FINDINGS,
    MAX_GROUPS,
    MAX_MEMBERS,
    MAX_PROOFS,
    MAX_ROWS,
    MAX_ROWS_WRONG,
    Paper,
    on_paper,
)
from assessor.report.parts.report import ReportView
from assessor.report.texts import ReportTexts
from assessor.report.view import build_view
from tests.unit.report.example import example_reference, example_result
from tests.unit.report.fleets import sampled_fleet

Texts = Mapping[Language, ReportTexts]


@pytest.fixture(name="fleet", scope="module")
def _fleet(texts: Texts) -> ReportView:
    return build_view(*sampled_fleet(300), Language.NL, texts[Language.NL])


@pytest.fixture(name="paper", scope="module")
def _paper(fleet: ReportView) -> Paper:
    return on_paper(fleet)


def test_of_a_small_run_only_questions_and_answers_are_left_out(texts: Texts) -> None:
    view = build_view(example_result(), example_reference(), Language.EN, texts[Language.EN])

    paper = on_paper(view)

    assert set(paper.left_out) == {"evidence"}
    assert "(16)" in paper.left_out["evidence"]
    assert "(6)" in paper.left_out["evidence"]
    assert paper.view.evidence.probes == ()
    assert paper.view.evidence.targets == ()
    assert paper.view.evidence.checks == view.evidence.checks
    assert paper.view.claims == view.claims
    assert paper.view.targets == view.targets
    assert paper.view.matrix == view.matrix


def test_a_client_is_not_sent_to_answers_that_a_client_is_not_shown(texts: Texts) -> None:
    view = build_view(
        example_result(),
        example_reference(),
        Language.EN,
        texts[Language.EN],
        Presentation(Audience.CLIENT),
    )

    said = on_paper(view).left_out["evidence"]

    assert "(16)" in said
    assert "are not in this report" in said


def test_of_many_systems_the_worst_groups_are_told(fleet: ReportView, paper: Paper) -> None:
    assert fleet.fleet is not None
    assert paper.view.fleet is not None
    total = len(fleet.fleet.groups)
    assert total > MAX_GROUPS

    assert [each.title for each in paper.view.fleet.groups] == [
        each.title for each in fleet.fleet.groups[:MAX_GROUPS]
    ]
    assert f"de eerste {MAX_GROUPS} van de {total}" in paper.left_out["groups"]
    groups = [*paper.view.fleet.groups, paper.view.fleet.in_order]
    assert all(len(each.members) <= MAX_MEMBERS for each in groups if each)


def test_of_each_check_the_exceptions_are_told_and_the_rest_is_counted(
    fleet: ReportView, paper: Paper
) -> None:
    for before, after in zip(fleet.evidence.checks, paper.view.evidence.checks, strict=True):
        assert [each.anchor for each in after.findings] == [
            each.anchor for each in before.findings[:MAX_FINDINGS]
        ]
        total = len(before.findings)
        assert (after.link.anchor in paper.left_out) == (total > MAX_FINDINGS)
        if total > MAX_FINDINGS:
            assert f"{MAX_FINDINGS} van de {total}" in paper.left_out[after.link.anchor]


def test_of_each_finding_some_rows_are_told_and_all_are_counted(
    fleet: ReportView, paper: Paper
) -> None:
    before = {each.anchor: each for check in fleet.evidence.checks for each in check.findings}
    cut = 0
    for check in paper.view.evidence.checks:
        for finding in check.findings:
            most = MAX_ROWS_WRONG if finding.badge.code == "fail" else MAX_ROWS
            whole = before[finding.anchor]
            assert len(finding.rows) == min(most, len(whole.rows))
            assert all(len(row.proofs) <= MAX_PROOFS for row in finding.rows)
            if len(whole.rows) > most:
                cut += 1
                shown = f"{most} van de {whole.said:,}".replace(",", ".")
                assert shown in paper.left_out[finding.anchor]
            for number, row in enumerate(whole.rows[:most], 1):
                rest = len(row.proofs) - MAX_PROOFS
                place = f"{finding.anchor}/{number}"
                assert paper.left_out.get(place) == (f"en nog {rest}" if rest > 0 else None)
    assert cut > 5


def test_what_is_left_out_is_said_with_all_its_numbers(paper: Paper) -> None:
    assert [said for said in paper.left_out.values() if "{" in said] == []


def test_paper_hardly_grows_with_the_number_of_systems(texts: Texts) -> None:
    """What is printed of ten times as many systems is not twice as much."""

    def printed(hosts: int) -> int:
        view = on_paper(build_view(*sampled_fleet(hosts), Language.NL, texts[Language.NL])).view
        assert view.fleet is not None
        notes = sum(len(group.exceptions) for group in view.fleet.groups)
        rows = sum(
            len(finding.rows) for check in view.evidence.checks for finding in check.findings
        )
        return notes + rows + len(view.register)

    assert printed(600) < 2 * printed(60)

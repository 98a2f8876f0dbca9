"""People's account names get a pseudonym in a report, wherever they stand in it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assessor.model.capture import Captured
from assessor.model.finding import Message, Outcome
from assessor.model.run import RunResult
from assessor.report.pseudonyms import pseudonym, pseudonymised
from tests.factories import (
    make_captured,
    make_check_info,
    make_claim_verdict,
    make_evidence,
    make_finding,
    make_measure_verdict,
    make_reference,
    make_result,
)
from tests.unit.report.conftest import Render

KEY = b"k" * 32
CHECKS = {
    "access_rights": replace(make_check_info("access_rights"), personal=frozenset({"people"}))
}
JAN, SMIT = pseudonym("jan", KEY), pseudonym("jan.smit", KEY)


def run(output: str = "") -> RunResult:
    finding = make_finding(
        Outcome.FAIL,
        check="access_rights",
        measure="authorisation-register",
        facts={"people": ("jan", "jan.smit", "root"), "rights": "sudo rule of jan", "number": 2},
        observed={"people": ("jan",), "names": "els, jan, … (+2)"},
        advice=(Message("stale", {"people": ("els",)}),),
        error="KeyError: jan",
    )
    captured = replace(make_captured(), stdout=output)
    return make_result(
        findings=[finding],
        evidence=[make_evidence("srv1", [captured])],
        claims=[make_claim_verdict(measures=(make_measure_verdict(findings=(finding,)),))],
    )


def test_every_fact_has_the_pseudonym() -> None:
    result = pseudonymised(run(), CHECKS, KEY)
    promised = result.claims[0].measures[0].findings[0]
    for finding in (result.findings[0], promised):
        judgement = finding.judgement
        assert judgement.message.facts["people"] == (JAN, SMIT, "root")
        assert judgement.message.facts["rights"] == f"sudo rule of {JAN}"
        assert judgement.message.facts["number"] == 2
        assert judgement.observed["people"] == (JAN,)
        assert judgement.observed["names"] == f"{pseudonym('els', KEY)}, {JAN}, … (+2)"
        assert judgement.advice[0].facts["people"] == (pseudonym("els", KEY),)
        assert finding.error == f"KeyError: {JAN}"


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ("jan:x:1000:/home/jan", f"{JAN}:x:1000:/home/{JAN}"),
        ("jan.smit ALL", f"{SMIT} ALL"),
        ("by jan.", f"by {JAN}."),
        ("january jan-2 old-jan janet x.jan", "january jan-2 old-jan janet x.jan"),
    ],
)
def test_raw_output_shows_no_name_and_keeps_what_is_none(output: str, shown: str) -> None:
    result = pseudonymised(run(output), CHECKS, KEY)
    (stored,) = result.evidence["srv1"].captures.values()
    assert isinstance(stored.capture, Captured)
    assert stored.capture.stdout == shown


def test_a_pseudonym_is_the_same_in_every_run_and_differs_by_key() -> None:
    assert pseudonym("jan", KEY) == JAN
    assert pseudonym("jan", b"o" * 32) != JAN
    assert pseudonym("els", KEY) != JAN


def test_a_check_that_names_nobody_changes_nothing() -> None:
    checks = {"access_rights": make_check_info("access_rights")}
    result = run("jan")
    assert pseudonymised(result, checks, KEY) is result


def test_the_register_names_each_administrator_with_machine_and_right(render: Render) -> None:
    finding = make_finding(
        Outcome.UNKNOWN,
        check="access_rights",
        measure="authorisation-register",
        observed={"administrators": ("els", "jan"), "rights": ("group sudo", "sudo: <b>ALL")},
    )
    page = render(make_result(findings=[finding]), make_reference())
    assert 'id="register"' in page
    assert "els" in page
    assert "sudo: &lt;b&gt;ALL" in page
    assert 'id="register"' not in render(make_result(), make_reference())

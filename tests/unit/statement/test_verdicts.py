"""The table of ``docs/verdicts.md``, row by row."""

from __future__ import annotations

import pytest

from assessor.model.finding import Finding, Judgement, Message, Outcome
from assessor.model.statement import Claim, Measure, MeasureKind, MeasureVerdict, Verdict
from assessor.statement.verdicts import judge_claim, judge_measure

PASS, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NOT_APPLICABLE
TECHNICAL, MIXED = MeasureKind.TECHNICAL, MeasureKind.MIXED


def finding(target: str, outcome: Outcome, check: str = "c") -> Finding:
    return Finding(check, 1, target, Judgement("m", outcome, Message("x")))


def measure(kind: MeasureKind) -> Measure:
    return Measure("m", kind, {"nl": "m", "en": "m"}, "")


@pytest.mark.parametrize(
    ("kind", "outcomes", "verdict", "rule"),
    [
        (TECHNICAL, [], Verdict.UNPROVEN, "no-check"),
        (MIXED, [], Verdict.UNPROVEN, "no-check"),
        (MeasureKind.PHYSICAL, [], Verdict.UNPROVEN, "needs-attestation"),
        (MeasureKind.ORGANISATIONAL, [], Verdict.UNPROVEN, "needs-attestation"),
        (TECHNICAL, [PASS, PASS], Verdict.KEPT, "all-pass"),
        (MIXED, [PASS, PASS], Verdict.PARTLY, "machine-part-only"),
        (TECHNICAL, [PASS, NA], Verdict.KEPT, "all-pass"),
        (TECHNICAL, [PASS, FAIL], Verdict.PARTLY, "some-fail"),
        (TECHNICAL, [PASS, FAIL, UNKNOWN], Verdict.PARTLY, "some-fail"),
        (TECHNICAL, [FAIL], Verdict.BROKEN, "all-fail"),
        (TECHNICAL, [FAIL, UNKNOWN], Verdict.BROKEN, "all-fail"),
        (TECHNICAL, [PASS, UNKNOWN], Verdict.PARTLY, "some-unknown"),
        (TECHNICAL, [UNKNOWN, UNKNOWN], Verdict.UNPROVEN, "all-unknown"),
        (TECHNICAL, [NA, NA], Verdict.UNPROVEN, "not-applicable"),
    ],
)
def test_measure(kind: MeasureKind, outcomes: list[Outcome], verdict: Verdict, rule: str) -> None:
    findings = tuple(finding(f"t{number}", outcome) for number, outcome in enumerate(outcomes))
    judged = judge_measure(measure(kind), findings)
    assert (judged.verdict, judged.rule) == (verdict, rule)
    assert judged.findings == findings


@pytest.mark.parametrize("other", [FAIL, UNKNOWN])
def test_a_target_keeps_a_measure_only_when_all_its_checks_pass(other: Outcome) -> None:
    judged = judge_measure(
        measure(TECHNICAL), (finding("t", PASS, "one"), finding("t", other, "two"))
    )
    assert judged.facts["kept"] == 0
    assert judged.verdict is not Verdict.KEPT
    assert judged.facts["total"] == 1


def test_facts_name_the_exceptions() -> None:
    judged = judge_measure(
        measure(TECHNICAL), (finding("a", PASS), finding("b", FAIL), finding("c", UNKNOWN))
    )
    assert judged.facts["broken_targets"] == ("b",)
    assert judged.facts["unknown_targets"] == ("c",)
    assert (judged.facts["kept"], judged.facts["total"]) == (1, 3)


def verdicts(*pairs: tuple[Verdict, str]) -> tuple[MeasureVerdict, ...]:
    return tuple(MeasureVerdict(f"m{n}", verdict, rule) for n, (verdict, rule) in enumerate(pairs))


KEPT = (Verdict.KEPT, "all-pass")
BROKEN = (Verdict.BROKEN, "all-fail")
PARTLY_BROKEN = (Verdict.PARTLY, "some-fail")
PARTLY_UNKNOWN = (Verdict.PARTLY, "some-unknown")
UNPROVEN = (Verdict.UNPROVEN, "all-unknown")
ATTESTED = (Verdict.ATTESTED, "attested")
EXPIRED = (Verdict.EXPIRED, "attestation-expired")


@pytest.mark.parametrize(
    ("measures", "verdict", "rule"),
    [
        ([], Verdict.UNPROVEN, "no-measure"),
        ([KEPT], Verdict.KEPT, "all-pass"),
        ([PARTLY_BROKEN], Verdict.PARTLY, "some-fail"),
        ([KEPT, KEPT], Verdict.KEPT, "all-kept"),
        ([BROKEN, BROKEN], Verdict.BROKEN, "all-broken"),
        ([KEPT, BROKEN], Verdict.PARTLY, "some-broken"),
        ([UNPROVEN, BROKEN], Verdict.PARTLY, "some-broken"),
        ([PARTLY_BROKEN, KEPT], Verdict.PARTLY, "some-broken"),
        ([KEPT, ATTESTED], Verdict.ATTESTED, "kept-or-attested"),
        ([KEPT, EXPIRED], Verdict.EXPIRED, "some-expired"),
        ([UNPROVEN, UNPROVEN], Verdict.UNPROVEN, "none-proven"),
        ([KEPT, UNPROVEN], Verdict.PARTLY, "some-unproven"),
        ([KEPT, PARTLY_UNKNOWN], Verdict.PARTLY, "some-unproven"),
    ],
)
def test_claim(measures: list[tuple[Verdict, str]], verdict: Verdict, rule: str) -> None:
    claim = Claim("id", "quote", 0, 5, "", ("m",))
    judged = judge_claim(claim, verdicts(*measures))
    assert (judged.verdict, judged.rule) == (verdict, rule)


def test_nothing_but_passes_and_attestations_ever_gives_a_good_verdict() -> None:
    good = {Verdict.KEPT, Verdict.ATTESTED}
    everything = [KEPT, BROKEN, PARTLY_BROKEN, PARTLY_UNKNOWN, UNPROVEN, ATTESTED, EXPIRED]
    for one in everything:
        for two in everything:
            judged = judge_claim(Claim("i", "q", 0, 1, "", ("m",)), verdicts(one, two))
            assert (judged.verdict in good) == ({one[0], two[0]} <= good)

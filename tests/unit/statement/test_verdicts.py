"""The table of ``docs/verdicts.md``, row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from assessor.model.attestation import Answer, Attestation, Waiver, Words
from assessor.model.facts import Facts
from assessor.model.finding import Finding, Judgement, Message, Outcome
from assessor.model.measure import Measure, MeasureKind
from assessor.model.plan import PlannedCheck, TargetPlan
from assessor.model.statement import Claim, MeasureVerdict, Verdict
from assessor.model.target import Role
from assessor.statement.verdicts import Court, is_broken, judge_claim, judge_measure, unseen
from tests.factories import make_target

PASS, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NOT_APPLICABLE
TECHNICAL, MIXED = MeasureKind.TECHNICAL, MeasureKind.MIXED


DAY = date(2026, 11, 1)
RECORDED = datetime(2026, 1, 1, tzinfo=UTC)


def attestation(answer: Answer, *, given: int = 0, expires: int = 30) -> Attestation:
    """An attestation of measure ``m``; the days count from ``DAY``."""
    return Attestation(
        f"a{given}",
        "m",
        answer,
        "Jo",
        "owner",
        "so it is",
        DAY + timedelta(days=given),
        DAY + timedelta(days=expires),
        RECORDED,
    )


def waiver(target: str, *, check: str = "c", until: int = 30) -> Waiver:
    return Waiver(check, target, "old machine", "Jo", DAY + timedelta(days=until), RECORDED)


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
        (MeasureKind.PHYSICAL, [PASS], Verdict.PARTLY, "machine-part-only"),
        (MeasureKind.PHYSICAL, [NA, NA], Verdict.UNPROVEN, "needs-attestation"),
        (MeasureKind.PHYSICAL, [FAIL], Verdict.BROKEN, "all-fail"),
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
    judged = judge_measure(measure(kind), findings, Words(), DAY)
    assert (judged.verdict, judged.rule) == (verdict, rule)
    assert judged.findings == findings


@pytest.mark.parametrize("other", [FAIL, UNKNOWN])
def test_a_target_keeps_a_measure_only_when_all_its_checks_pass(other: Outcome) -> None:
    judged = judge_measure(
        measure(TECHNICAL),
        (finding("t", PASS, "one"), finding("t", other, "two")),
        Words(),
        DAY,
    )
    assert judged.facts["kept"] == 0
    assert judged.verdict is not Verdict.KEPT
    assert judged.facts["total"] == 1


def test_a_claim_about_the_router_is_not_shown_by_a_server() -> None:
    asked: list[object] = []

    def findings_for(measure: str, promised: Facts, roles: object) -> list[Finding]:
        asked.append((measure, dict(promised), roles))
        return []

    claim = Claim(
        "i", "our router ...", 0, 9, "", ("m",), {"m": {"interval_days": 92}}, (), (Role.ROUTER,)
    )
    court = Court({"m": measure(TECHNICAL)}, findings_for, Words(), DAY)
    (judged,) = court.claims([claim])
    assert asked == [("m", {"interval_days": 92}, (Role.ROUTER,))]
    assert (judged.verdict, judged.rule) == (Verdict.UNPROVEN, "no-target")


@pytest.mark.parametrize(
    ("kind", "outcomes", "verdict", "rule"),
    [
        (TECHNICAL, [PASS], Verdict.PARTLY, "some-unknown"),
        (MIXED, [PASS], Verdict.PARTLY, "some-unknown"),
        (TECHNICAL, [NA], Verdict.UNPROVEN, "all-unknown"),
        (TECHNICAL, [], Verdict.UNPROVEN, "all-unknown"),
        (TECHNICAL, [PASS, FAIL], Verdict.PARTLY, "some-fail"),
        (TECHNICAL, [FAIL], Verdict.BROKEN, "all-fail"),
    ],
)
def test_what_was_not_asked_never_passes_for_kept(
    kind: MeasureKind, outcomes: list[Outcome], verdict: Verdict, rule: str
) -> None:
    findings = tuple(finding(f"t{number}", outcome) for number, outcome in enumerate(outcomes))
    judged = judge_measure(measure(kind), findings, Words(), DAY, others=("nas",))
    assert (judged.verdict, judged.rule) == (verdict, rule)
    assert judged.facts["unknown_targets"] == ("nas",)
    assert judged.facts["total"] == 1 + sum(outcome is not NA for outcome in outcomes)


def test_of_what_was_not_asked_only_what_the_measure_is_about_counts() -> None:
    def planned(name: str, role: Role, *measures: str) -> TargetPlan:
        return TargetPlan(make_target(name, role=role), (), (PlannedCheck("c", measures, {}, {}),))

    others = (
        planned("srv", Role.SERVER, "m"),
        planned("gate", Role.ROUTER, "m", "n"),
        planned("site", Role.SITE, "n"),
    )
    assert unseen(others, "m") == ("srv", "gate")
    assert unseen(others, "m", (Role.ROUTER,)) == ("gate",)
    assert unseen(others, "other") == ()

    def findings_for(measure: str, promised: Facts, roles: object) -> list[Finding]:
        return [finding("t", PASS)]

    def claim(*about: Role) -> Claim:
        return Claim("i", "...", 0, 3, "", ("m",), {}, (), about or None)

    court = Court({"m": measure(TECHNICAL)}, findings_for, Words(), DAY, others)
    everywhere, workstations = court.claims([claim(), claim(Role.WORKSTATION)])
    assert (everywhere.verdict, everywhere.rule) == (Verdict.PARTLY, "some-unknown")
    assert workstations.verdict is Verdict.KEPT


def test_facts_name_the_exceptions() -> None:
    judged = judge_measure(
        measure(TECHNICAL),
        (finding("a", PASS), finding("b", FAIL), finding("c", UNKNOWN)),
        Words(),
        DAY,
    )
    assert judged.facts["broken_targets"] == ("b",)
    assert judged.facts["unknown_targets"] == ("c",)
    assert (judged.facts["kept"], judged.facts["total"]) == (1, 3)


YES, PARTLY, NO = attestation(Answer.YES), attestation(Answer.PARTLY), attestation(Answer.NO)
STALE = attestation(Answer.YES, given=-400, expires=-1)
FUTURE = attestation(Answer.YES, given=1)
PHYSICAL = MeasureKind.PHYSICAL


@pytest.mark.parametrize(
    ("kind", "outcomes", "said", "verdict", "rule"),
    [
        (PHYSICAL, [], [YES], Verdict.ATTESTED, "attested"),
        (PHYSICAL, [], [PARTLY], Verdict.PARTLY, "attested-partly"),
        (PHYSICAL, [], [NO], Verdict.BROKEN, "attested-no"),
        (PHYSICAL, [], [STALE], Verdict.EXPIRED, "attestation-expired"),
        (PHYSICAL, [], [STALE, YES], Verdict.ATTESTED, "attested"),
        (PHYSICAL, [], [attestation(Answer.NO, given=-5), YES], Verdict.ATTESTED, "attested"),
        (PHYSICAL, [], [attestation(Answer.YES, given=-5), NO], Verdict.BROKEN, "attested-no"),
        (
            PHYSICAL,
            [],
            [
                attestation(Answer.YES, given=-90, expires=90),
                attestation(Answer.NO, given=-60, expires=-1),
            ],
            Verdict.EXPIRED,
            "attestation-expired",
        ),
        (MIXED, [PASS], [YES], Verdict.ATTESTED, "kept-and-attested"),
        (MIXED, [PASS], [NO], Verdict.PARTLY, "attested-no"),
        (MIXED, [PASS], [STALE], Verdict.EXPIRED, "attestation-expired"),
        (TECHNICAL, [UNKNOWN], [YES], Verdict.ATTESTED, "attested"),
        (TECHNICAL, [PASS, UNKNOWN], [YES], Verdict.ATTESTED, "kept-and-attested"),
        (TECHNICAL, [], [YES], Verdict.ATTESTED, "attested"),
        (TECHNICAL, [FAIL], [YES], Verdict.BROKEN, "all-fail"),
        (TECHNICAL, [PASS, FAIL], [YES], Verdict.PARTLY, "some-fail"),
        (TECHNICAL, [PASS], [NO], Verdict.KEPT, "all-pass"),
        (TECHNICAL, [PASS], [STALE], Verdict.KEPT, "all-pass"),
    ],
)
def test_words_count_only_where_nothing_was_seen(
    kind: MeasureKind,
    outcomes: list[Outcome],
    said: list[Attestation],
    verdict: Verdict,
    rule: str,
) -> None:
    findings = tuple(finding(f"t{number}", outcome) for number, outcome in enumerate(outcomes))
    judged = judge_measure(measure(kind), findings, Words(tuple(said)), DAY)
    assert (judged.verdict, judged.rule) == (verdict, rule)
    assert judged.attestations == tuple(said)


def test_a_word_that_holds_later_or_is_of_another_measure_counts_for_nothing() -> None:
    other = replace(YES, measure="other")
    judged = judge_measure(measure(PHYSICAL), (), Words((other,)), DAY)
    assert judged.rule == "needs-attestation"
    judged = judge_measure(measure(PHYSICAL), (), Words((FUTURE,)), DAY)
    assert judged.rule == "needs-attestation"


@pytest.mark.parametrize(
    ("outcomes", "waived", "verdict", "rule"),
    [
        ([FAIL], [waiver("t0")], Verdict.BROKEN, "all-waived"),
        ([PASS, FAIL], [waiver("t1")], Verdict.PARTLY, "some-waived"),
        ([PASS, FAIL], [waiver("t1", until=-1)], Verdict.PARTLY, "some-fail"),
        ([PASS, FAIL], [waiver("t0")], Verdict.PARTLY, "some-fail"),
        ([PASS, FAIL], [waiver("t1", check="other")], Verdict.PARTLY, "some-fail"),
        ([PASS, FAIL, FAIL], [waiver("t1")], Verdict.PARTLY, "some-fail"),
        ([UNKNOWN], [waiver("t0")], Verdict.UNPROVEN, "all-unknown"),
    ],
)
def test_a_waiver_is_shown_and_never_makes_a_promise_kept(
    outcomes: list[Outcome], waived: list[Waiver], verdict: Verdict, rule: str
) -> None:
    findings = tuple(finding(f"t{number}", outcome) for number, outcome in enumerate(outcomes))
    judged = judge_measure(measure(TECHNICAL), findings, Words((), tuple(waived)), DAY)
    assert (judged.verdict, judged.rule) == (verdict, rule)
    assert is_broken(judged) == (rule == "some-fail")


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

"""The bench: whatever a check does, there is a finding, and it is honest."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assessor.api import Captures, Judgement, Parameters, failed, not_observed, passed
from assessor.errors import CheckError
from assessor.evaluate.judge import Bench, promise
from assessor.model.capture import Captured, NotCaptured, Reason
from assessor.model.check import Check, CheckInfo, Criterion, ParameterInfo, Severity
from assessor.model.evidence import Stored, TargetEvidence
from assessor.model.facts import Facts
from assessor.model.finding import Outcome
from assessor.model.plan import Plan, PlannedCheck, TargetPlan
from assessor.model.target import Platform, Role, Target, TransportKind

AT = datetime(2026, 11, 1, tzinfo=UTC)
TARGET = Target("host", Role.SERVER, TransportKind.SSH, Platform.LINUX, "host.example")
PLAN = Plan((TargetPlan(TARGET, (), (PlannedCheck("c", ("m",), {"p": "key"}, {"days": 30}),)),))
INFO = CheckInfo(
    "c",
    3,
    Path("c"),
    "test",
    ("m",),
    Severity.HIGH,
    frozenset(Role),
    {Platform.LINUX: ()},
    {"days": ParameterInfo(30, "days", "interval_days")},
    Criterion({}, ()),
)


class Seen:
    """Facts of a check."""


Evaluate = Callable[[Any, Parameters], Iterable[Judgement]]


def bench(
    evaluate: Evaluate,
    *,
    captured: bool = True,
    observe: Callable[[Captures], Any] = lambda captures: captures,
    evidence: bool = True,
) -> Bench:
    capture = (
        Captured("key", "output", "", 0, AT)
        if captured
        else NotCaptured("key", Reason.TIMED_OUT, "too slow", AT)
    )
    stored = {"key": Stored(capture, "d" * 64)}
    return Bench(
        PLAN,
        {"host": TargetEvidence("host", AT, stored, complete=True)} if evidence else {},
        {"c": INFO},
        lambda _: Check(observe, evaluate),
        AT,
    )


def test_a_judgement_becomes_a_finding_that_names_its_evidence() -> None:
    (finding,) = bench(lambda *_: [passed("m", "fine")]).findings()
    assert (finding.check, finding.check_version, finding.target) == ("c", 3, "host")
    assert finding.outcome is Outcome.PASS
    assert finding.evidence == ("d" * 64,)
    assert finding.parameters == {"days": 30}


def raising(*_: object) -> list[Judgement]:
    raise ValueError("no such luck")


@pytest.mark.parametrize(
    ("evaluate", "says"),
    [
        (raising, "no such luck"),
        (lambda *_: [], "check.yaml names"),
        (lambda *_: [passed("other", "fine")], "check.yaml names"),
        (lambda *_: [passed("m", "fine"), failed("m", "bad")], "check.yaml names"),
        (lambda *_: None, "NoneType"),
    ],
)
def test_a_check_that_breaks_gives_unknown_with_the_traceback(
    evaluate: Evaluate, says: str
) -> None:
    (finding,) = bench(evaluate).findings()
    assert finding.outcome is Outcome.UNKNOWN
    assert finding.judgement.message.id == "check_failed"
    assert says in finding.error


def test_a_pass_that_rests_on_nothing_is_not_believed() -> None:
    (finding,) = bench(lambda *_: [passed("m", "fine")], captured=False).findings()
    assert finding.outcome is Outcome.UNKNOWN


def test_a_check_that_is_gone_or_cannot_be_loaded_leaves_a_finding() -> None:
    def broken(_: str) -> Check[Any]:
        raise CheckError("cannot be imported")

    evidence = {"host": TargetEvidence("host", AT, {}, complete=True)}
    for infos in ({}, {"c": INFO}):
        (finding,) = Bench(PLAN, evidence, infos, broken, AT).findings()
        assert finding.measure == "m"
        assert finding.outcome is Outcome.UNKNOWN


def test_a_target_that_was_never_asked_is_unknown_not_missing() -> None:
    def evaluate(captures: Captures, _: Parameters) -> list[Judgement]:
        gap = captures.gap("p")
        assert gap is not None
        return [not_observed("m", gap)]

    (finding,) = bench(evaluate, evidence=False).findings()
    assert finding.outcome is Outcome.UNKNOWN
    assert finding.judgement.message.facts["reason"] == "not-run"


def test_a_claims_own_interval_goes_before_the_profiles() -> None:
    def evaluate(_: Captures, parameters: Parameters) -> list[Judgement]:
        days = parameters.integer("days")
        return [passed("m", "fine", {"days": days})]

    table = bench(evaluate)
    (promised,) = table.findings_for("m", {"interval_days": 92, "other": 1})
    (usual,) = table.findings_for("m", {})
    assert promised.parameters == {"days": 92}
    assert usual.parameters == {"days": 30}
    assert table.findings_for("another", {}) == ()
    assert table.findings_for("m", {}, (Role.ROUTER,)) == ()
    assert len(table.findings_for("m", {}, (Role.SERVER, Role.ROUTER))) == 1


def test_an_interval_goes_to_the_parameter_of_its_own_measure() -> None:
    info = replace(
        INFO,
        parameters={
            "interval": ParameterInfo(1, claim="backup.interval_days"),
            "restore": ParameterInfo(92, claim="restore-test.interval_days"),
            "slack": ParameterInfo(12),
            "days": ParameterInfo(3, claim="interval_days"),
        },
    )
    usual = {"interval": 1, "restore": 92, "slack": 12, "days": 3, "gone": 5}
    promised = {"interval_days": 7}
    assert promise(info, usual, "backup", promised) == {**usual, "interval": 7, "days": 7}
    assert promise(info, usual, "restore-test", promised) == {**usual, "restore": 7, "days": 7}
    assert promise(info, usual, "backup", {}) == usual


@pytest.mark.parametrize(
    ("promised", "judged_with"),
    [
        ({"within_days": 2}, 2),
        ({"interval_days": 31}, 31),
        ({"interval_days": 31, "within_days": 2}, 2),
        ({"max_days": 1}, 14),
    ],
)
def test_of_several_promises_the_first_that_the_check_names_counts(
    promised: Facts, judged_with: int
) -> None:
    open_days = ParameterInfo(14, claim=("within_days", "patching.interval_days"))
    info = replace(INFO, parameters={"open": open_days})
    assert promise(info, {"open": 14}, "patching", promised) == {"open": judged_with}


@pytest.mark.parametrize(("again", "kept"), [({"m"}, 1), ({"other"}, 0), ((), 0)])
def test_what_claims_ask_for_again_is_observed_once_and_the_rest_is_not_kept(
    again: Collection[str], kept: int
) -> None:
    calls = []
    facts: weakref.WeakSet[Seen] = weakref.WeakSet()

    def observe(captures: Captures) -> Seen:
        calls.append(captures)
        seen = Seen()
        facts.add(seen)
        return seen

    table = bench(lambda *_: [passed("m", "fine")], observe=observe)
    table.again = again
    table.findings()
    assert len(facts) == kept
    table.findings_for("m", {"interval_days": 1})
    assert len(calls) == 2 - kept


def test_a_check_judges_once_what_no_claim_promises_anything_else_of() -> None:
    judged = []

    def evaluate(_: Captures, parameters: Parameters) -> list[Judgement]:
        judged.append(parameters["days"])
        return [passed("m", "fine")]

    table = bench(evaluate)
    usual = table.findings_for("m", {})
    also = table.findings_for("m", {"other": 1})
    own = table.findings_for("m", {"interval_days": 30.0})
    assert judged == [30, 30.0]
    assert usual == also == table.findings()
    # Equal to the profile's value, but written otherwise.
    assert repr(own[0].parameters) == "{'days': 30.0}"


def together(compare: Callable[[Any], Any], *, broken: str = "") -> Bench:
    """Two targets of a check that compares them; one of them may break it."""

    def observe(captures: Captures) -> str:
        if captures.target.name == broken:
            raise ValueError("no such luck")
        return captures.target.name

    def evaluate(facts: str, _: Parameters) -> list[Judgement]:
        return [failed("m", "shared", {"with": facts})]

    planned = PlannedCheck("c", ("m",), {"p": "key"}, {})
    targets = [replace(TARGET, name=name) for name in ("one", "two")]
    return Bench(
        Plan(tuple(TargetPlan(target, (), (planned,)) for target in targets)),
        {},
        {"c": INFO},
        lambda _: Check(observe, evaluate, compare),
        AT,
    )


def test_a_check_that_compares_is_shown_all_its_targets_once() -> None:
    shown: list[dict[str, str]] = []

    def compare(facts: dict[str, str]) -> dict[str, str]:
        shown.append(facts)
        return {name: " ".join(sorted(facts.keys() - {name})) for name in facts}

    findings = together(compare).findings()

    assert shown == [{"one": "one", "two": "two"}]
    assert [f.judgement.message.facts["with"] for f in findings] == ["two", "one"]


def test_where_one_target_cannot_be_read_none_is_compared() -> None:
    findings = together(lambda facts: facts, broken="two").findings()
    assert [finding.outcome for finding in findings] == [Outcome.UNKNOWN] * 2


def test_a_comparison_that_forgets_a_target_leaves_it_unknown() -> None:
    findings = together(lambda facts: {"one": facts["one"]}).findings()
    assert [finding.outcome for finding in findings] == [Outcome.FAIL, Outcome.UNKNOWN]

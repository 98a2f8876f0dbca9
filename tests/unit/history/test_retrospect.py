"""What a report is told of the runs before: only those up to its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor.evidence.store import RunFolder
from assessor.history.records import MeasureRow, RunSummary, TargetRow
from assessor.model.past import Month, Past, PastRun, PromiseTurn, Turn
from assessor.model.run import RunResult
from assessor.model.statement import Verdict
from assessor.retrospect import Retrospect, past, past_of, summary_of
from tests import factories as make
from tests.unit.history.months import Company, starts, write_months, write_run
from tests.unit.history.rows import BROKEN, KEPT, PARTLY, UNPROVEN, claims, run

ATTESTED, EXPIRED = Verdict.ATTESTED, Verdict.EXPIRED
DAILY = "Wij maken elke dag een reservekopie van alle gegevens."
NIGHTLY = "Wij maken elke nacht een reservekopie van alle gegevens."
LOCKED = "De serverruimte is altijd op slot."


def month(number: int, *told: tuple[str, Verdict], day: int = 3) -> RunSummary:
    """A run in a month of 2026; the ids of its claims are those of their words."""
    rows = tuple(replace(row, id=f"id of {row.quote}") for row in claims(*told))
    return run(datetime(2026, number, day, 9, tzinfo=UTC), claims=rows).summary


def measured(number: int, **verdicts: Verdict) -> RunSummary:
    """A run without a statement."""
    rows = [MeasureRow(measure, verdict, "rule") for measure, verdict in verdicts.items()]
    return run(datetime(2026, number, 3, 9, tzinfo=UTC), measures=rows).summary


def turns(told: Past) -> list[list[tuple[Turn, Verdict | None, Verdict | None]]]:
    return [[(each.turn, each.before, each.after) for each in one.turns] for one in told.runs]


def test_the_first_run_has_no_past() -> None:
    told = past([month(3, (DAILY, KEPT))])

    assert told.months == (Month(2026, 3, {KEPT: 1}),)
    (course,) = told.courses.values()
    assert (course.since, course.before, course.runs, course.months) == (
        datetime(2026, 3, 3, 9, tzinfo=UTC), None, 1, (KEPT,),
    )  # fmt: skip
    assert turns(told) == [[]]


def test_since_when_and_what_it_was_before() -> None:
    told = past([month(1, (DAILY, KEPT)), month(2, (DAILY, BROKEN)), month(3, (DAILY, BROKEN))])

    course = told.courses[f"id of {DAILY}"]
    assert (course.since.month, course.before, course.runs) == (2, KEPT, 3)
    assert course.months == (KEPT, BROKEN, BROKEN)


def test_the_last_run_of_a_month_counts_and_a_month_without_one_is_empty() -> None:
    told = past([
        month(1, (DAILY, KEPT)), month(1, (DAILY, BROKEN), day=9), month(3, (DAILY, KEPT)),
    ])  # fmt: skip

    assert told.months == (
        Month(2026, 1, {BROKEN: 1}), Month(2026, 2, {}), Month(2026, 3, {KEPT: 1}),
    )  # fmt: skip
    assert told.courses[f"id of {DAILY}"].months == (BROKEN, None, KEPT)


def test_twelve_months_are_told_and_since_reaches_further_back() -> None:
    runs = [
        replace(month(1, (DAILY, KEPT)), run=f"{at:%Y%m}", started_at=at)
        for at in starts(20, datetime(2025, 1, 3, 9, tzinfo=UTC))
    ]

    told = past(runs)

    assert [(each.year, each.month) for each in told.months][::11] == [(2025, 9), (2026, 8)]
    assert len(told.months) == 12
    course = told.courses[f"id of {DAILY}"]
    assert (course.since, course.runs) == (datetime(2025, 1, 3, 9, tzinfo=UTC), 20)


def test_a_reworded_promise_goes_on_under_its_new_id() -> None:
    told = past(
        [month(1, (DAILY, KEPT), (LOCKED, KEPT)), month(2, (LOCKED, KEPT), (NIGHTLY, KEPT))]
    )

    assert told.courses[f"id of {NIGHTLY}"].months == (KEPT, KEPT)
    assert told.runs[1].turns == (
        PromiseTurn(f"id of {NIGHTLY}", NIGHTLY, Turn.OTHER, KEPT, KEPT, DAILY),
    )


def test_capitals_and_white_space_are_no_other_words() -> None:
    shouted = DAILY.upper().replace(" ", "  ")

    told = past([month(1, (DAILY, KEPT)), month(2, (shouted, KEPT))])

    assert told.runs[1].turns == ()


def test_what_came_and_what_went() -> None:
    told = past([
        month(1, (DAILY, KEPT), (LOCKED, PARTLY)), month(2, (DAILY, KEPT)),
        month(3, (DAILY, KEPT), (LOCKED, KEPT)),
    ])  # fmt: skip

    assert turns(told) == [[], [(Turn.GONE, PARTLY, None)], [(Turn.NEW, None, KEPT)]]
    # It is in the report again, so what is told of the past leads to it.
    assert told.runs[1].turns[0].subject == f"id of {LOCKED}"
    assert told.courses[f"id of {LOCKED}"].months == (PARTLY, None, KEPT)


def test_what_is_gone_for_good_leads_nowhere() -> None:
    told = past([month(1, (DAILY, KEPT), (LOCKED, PARTLY)), month(2, (DAILY, KEPT))])

    assert told.runs[1].turns == (PromiseTurn("", LOCKED, Turn.GONE, PARTLY, None),)
    assert list(told.courses) == [f"id of {DAILY}"]


@pytest.mark.parametrize(
    ("before", "after", "turn"),
    [
        (KEPT, PARTLY, Turn.WORSE), (KEPT, BROKEN, Turn.WORSE), (ATTESTED, EXPIRED, Turn.WORSE),
        (PARTLY, UNPROVEN, Turn.WORSE), (UNPROVEN, BROKEN, Turn.WORSE),
        (BROKEN, KEPT, Turn.BETTER), (PARTLY, ATTESTED, Turn.BETTER),
        (BROKEN, PARTLY, Turn.BETTER), (UNPROVEN, PARTLY, Turn.BETTER),
        (KEPT, ATTESTED, Turn.OTHER), (EXPIRED, UNPROVEN, Turn.OTHER),
        # What is broken and cannot be seen any more did not get better.
        (BROKEN, UNPROVEN, Turn.OTHER), (BROKEN, EXPIRED, Turn.OTHER),
    ],
)  # fmt: skip
def test_in_which_direction_it_went(before: Verdict, after: Verdict, turn: Turn) -> None:
    told = past([month(1, (DAILY, before)), month(2, (DAILY, after))])

    assert turns(told)[1] == [(turn, before, after)]


def test_the_worse_comes_first() -> None:
    told = past([
        month(1, (DAILY, BROKEN), (LOCKED, KEPT)), month(2, (DAILY, KEPT), (LOCKED, BROKEN)),
    ])  # fmt: skip

    assert [each.turn for each in told.runs[1].turns] == [Turn.WORSE, Turn.BETTER]


def test_without_a_statement_the_measures_are_followed() -> None:
    told = past([measured(1, firewall=KEPT, mfa=KEPT), measured(2, mfa=BROKEN, firewall=KEPT)])

    assert {name: each.months for name, each in told.courses.items()} == {
        "mfa": (KEPT, BROKEN), "firewall": (KEPT, KEPT),
    }  # fmt: skip
    assert told.runs[1].turns == (PromiseTurn("mfa", "mfa", Turn.WORSE, KEPT, BROKEN),)
    assert not told.runs[1].of_claims


def test_measures_are_not_told_as_if_they_were_promises() -> None:
    """When a statement comes, what was measured before is no part of the promises' months."""
    told = past([measured(1, firewall=KEPT), month(2, (DAILY, KEPT)), month(3, (DAILY, BROKEN))])

    assert told.months == (Month(2026, 2, {KEPT: 1}), Month(2026, 3, {BROKEN: 1}))
    assert turns(told) == [[], [], [(Turn.WORSE, KEPT, BROKEN)]]
    assert [each.of_claims for each in told.runs] == [False, True, True]


def test_systems_are_counted() -> None:
    rows = [
        TargetRow("a", "server", "linux", seen=True),
        TargetRow("b", "nas", "linux", seen=False),
    ]

    (told,) = past([run(targets=rows, claims=claims((DAILY, KEPT))).summary]).runs

    assert (told.targets, told.seen, told.verdicts) == (2, 1, {KEPT: 1})


# --- of a folder -------------------------------------------------------------------------------


def result_of(folder: RunFolder) -> RunResult:
    """What is told of a run: what it concluded itself."""
    stored = folder.conclusions()
    assert stored is not None
    record = folder.statement()
    return make.make_result(
        facts=folder.facts(),
        plan=folder.plan().targets,
        findings=stored.findings,
        statement=record.statement if record else None,
        claims=stored.claims,
        measures=stored.measures,
    )


def told_of(folder: Path, one: RunFolder) -> Retrospect:
    return past_of(folder, one, result_of(one))


def ids(runs: Iterable[PastRun]) -> list[str]:
    return [each.run for each in runs]


def test_an_older_run_does_not_know_later_ones(tmp_path: Path) -> None:
    runs = write_months(tmp_path, 5, hosts=2, checks=2)

    then, now = told_of(tmp_path, runs[2]), told_of(tmp_path, runs[4])

    assert (then.notes, now.notes) == ((), ())
    assert ids(then.past.runs) == [each.id for each in runs[:3]]
    assert ids(now.past.runs) == [each.id for each in runs]
    assert [without_links(each) for each in then.past.runs] == [
        without_links(each) for each in now.past.runs[:3]
    ]
    assert then.past.months == now.past.months[:3]


def without_links(run: PastRun) -> PastRun:
    """The links lead into the report, so that they differ from one to the other."""
    return replace(run, turns=tuple(replace(each, subject="") for each in run.turns))


def test_the_run_itself_need_not_be_sealed_or_known(tmp_path: Path) -> None:
    (earlier,) = write_months(tmp_path, 1, hosts=2, checks=2)
    here = write_run(tmp_path, Company(2, 2, 2), starts(2)[1], sealed=False)

    told = told_of(tmp_path, here)

    assert (ids(told.past.runs), told.notes) == ([earlier.id, here.id], ())


def test_it_is_told_as_it_is_judged_now(tmp_path: Path) -> None:
    """A run that is judged again with a newer check has other verdicts than are stored."""
    runs = write_months(tmp_path, 2, hosts=2, checks=2)
    result = result_of(runs[1])
    again = replace(result, claims=tuple(replace(each, verdict=UNPROVEN) for each in result.claims))

    told = past_of(tmp_path, runs[1], again)

    assert told.past.runs[-1].verdicts == {UNPROVEN: 25}
    assert told.past.months[-1].verdicts == {UNPROVEN: 25}


def test_a_summary_of_what_is_told_is_that_of_the_history(tmp_path: Path) -> None:
    from assessor.chronicle import record_of

    (one,) = write_months(tmp_path, 1, hosts=5, checks=4)
    kept, told = record_of(one).summary, summary_of(result_of(one))

    assert replace(kept, manifest="", attestations=(), finished_at=told.finished_at) == told


def test_a_history_that_cannot_be_read_costs_nothing_but_a_note(tmp_path: Path) -> None:
    runs = write_months(tmp_path, 3, hosts=2, checks=2)
    whole = told_of(tmp_path, runs[2]).past
    database = tmp_path / ".assess" / "history.sqlite"
    database.unlink()
    database.mkdir()

    told = told_of(tmp_path, runs[2])

    assert told.past == whole
    assert "the run folders were read instead" in told.notes[0]


def test_a_password_is_not_asked_for(tmp_path: Path) -> None:
    runs = write_months(tmp_path, 2, hosts=2, checks=2)
    (tmp_path / "assessment.yaml").write_text(
        "targets: [{name: here, role: server, transport: local}]\n"
        "history: {url: 'postgresql+psycopg://a@db.example.nl/a', password: ask}\n"
    )

    told = told_of(tmp_path, runs[1])

    assert ids(told.past.runs) == [each.id for each in runs]
    (note,) = told.notes
    assert "the run folders were read instead" in note


def test_a_damaged_earlier_run_is_left_out_with_a_note(tmp_path: Path) -> None:
    runs = write_months(tmp_path, 3, hosts=2, checks=2)
    (runs[0].path / "findings.json").write_text("{}")

    told = told_of(tmp_path, runs[2])

    assert ids(told.past.runs) == [each.id for each in runs[1:]]
    assert runs[0].id in told.notes[0]


def test_settings_that_are_broken_cost_nothing_but_a_note(tmp_path: Path) -> None:
    runs = write_months(tmp_path, 2, hosts=1, checks=1)
    (tmp_path / "assessment.yaml").write_text("history: {url: 3}\n")

    told = told_of(tmp_path, runs[1])

    assert ids(told.past.runs) == [each.id for each in runs]
    assert "assessment.yaml:1" in told.notes[0]


def test_a_fault_of_ours_costs_no_report(tmp_path: Path) -> None:
    (one,) = write_months(tmp_path, 1, hosts=1, checks=1)
    broken = replace(result_of(one), facts=None)  # type: ignore[arg-type] # as a fault would

    told = past_of(tmp_path, one, broken)

    assert told.past == Past()
    assert told.notes[0].startswith(f"what was before run {one.id} is left out of its report:")


def test_a_run_of_another_folder_has_no_past_here(tmp_path: Path) -> None:
    (one,) = write_months(tmp_path / "there", 1, hosts=1, checks=1)
    (tmp_path / "here").mkdir()

    told = told_of(tmp_path / "here", one)

    assert told.past == Past()
    assert "is no run of" in told.notes[0]
    assert not (tmp_path / "here" / ".assess").exists()

"""Whether a run is due, and in which words that is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from assessor.errors import EvidenceError
from assessor.history.schedule.cadence import weekly
from assessor.history.schedule.due import Attempt, Ending, State, due, settled
from assessor.history.schedule.job import Manager, Scope, name_of
from assessor.history.schedule.record import (
    KEPT,
    Installed,
    attempts_text,
    installed_text,
    read_attempts,
    read_installed,
)
from assessor.history.schedule.told import Standing, lines

TUESDAY = datetime(2026, 11, 3, 10, tzinfo=UTC)
EVERY = weekly("tue", "10:00")
LONG_AGO = TUESDAY - timedelta(30)
MINUTE = timedelta(minutes=1)
ENDED = Attempt(TUESDAY + MINUTE, TUESDAY + 3 * MINUTE, 1, "20261103T100100Z-aaaa")
FAILED = Attempt(TUESDAY + MINUTE, TUESDAY + 2 * MINUTE, 2)
KILLED = Attempt(TUESDAY + MINUTE)
STOPPED = Attempt(TUESDAY + MINUTE, TUESDAY + 2 * MINUTE, 143)
SOON, LATER = TUESDAY + 5 * MINUTE, TUESDAY + timedelta(days=3)


@pytest.mark.parametrize(
    ("attempts", "now", "state"),
    [
        pytest.param([], TUESDAY, State.DUE, id="its-time-has-come"),
        pytest.param([], SOON, State.DUE, id="a-little-later"),
        pytest.param([], LATER, State.OVERDUE, id="missed"),
        pytest.param([ENDED], SOON, State.NOT_DUE, id="made"),
        pytest.param([ENDED], TUESDAY + timedelta(7), State.DUE, id="made-a-week-ago"),
        pytest.param([FAILED], SOON, State.NOT_DUE, id="failed-would-fail-again"),
        pytest.param([KILLED], SOON, State.DUE, id="killed"),
        pytest.param([STOPPED], LATER, State.OVERDUE, id="stopped-by-a-signal"),
        pytest.param([KILLED, STOPPED, KILLED], LATER, State.GIVEN_UP, id="thrice"),
        pytest.param([KILLED, ENDED], SOON, State.NOT_DUE, id="killed-and-made-up-for"),
        pytest.param([KILLED] * 3, TUESDAY + timedelta(7, 60), State.DUE, id="given-up-a-week-ago"),
    ],
)
def test_what_is_due(attempts: list[Attempt], now: datetime, state: State) -> None:
    found = due(EVERY, LONG_AGO, attempts, now, zone=UTC)
    assert found.state is state
    assert found.wanted is (state in {State.DUE, State.OVERDUE})
    assert found.next == EVERY.after(now, UTC)


def test_times_before_the_installation_are_not_owed() -> None:
    found = due(EVERY, SOON, [], LATER, zone=UTC)
    assert (found.state, found.since) == (State.NOT_DUE, None)
    assert due(EVERY, SOON, [], TUESDAY + timedelta(7), zone=UTC).state is State.DUE


def test_while_a_run_works_none_is_due() -> None:
    assert due(EVERY, LONG_AGO, [KILLED], LATER, going=True, zone=UTC).state is State.GOING


@pytest.mark.parametrize(
    ("attempt", "ending"),
    [
        (ENDED, Ending.ENDED),
        (replace(ENDED, code=None), Ending.ENDED),
        (replace(ENDED, code=4), Ending.FAILED),  # it left a run, and then a fault of ours
        (FAILED, Ending.FAILED),
        (replace(FAILED, code=5), Ending.FAILED),
        (KILLED, Ending.BROKEN_OFF),
        (STOPPED, Ending.BROKEN_OFF),
    ],
)
def test_how_an_attempt_ended(attempt: Attempt, ending: Ending) -> None:
    assert attempt.ending(going=False) is ending


def test_a_run_whose_end_nobody_saw_is_taken_for_what_it_left() -> None:
    first, second = KILLED, replace(KILLED, started_at=TUESDAY + timedelta(7))
    of_first, of_second = ("a", first.started_at + MINUTE), ("b", second.started_at)
    early = ("z", TUESDAY - MINUTE)
    found = settled([first, second], [early, of_second, of_first], going=False)
    assert [each.run for each in found] == ["a", "b"]
    assert [each.run for each in settled([first, second], [early], going=False)] == ["", ""]
    assert [each.run for each in settled([first], [of_first], going=True)] == [""]
    assert [each.run for each in settled([FAILED], [of_first], going=False)] == [""]
    resumed = replace(second, resumes="z")
    assert settled([resumed], [early], going=False)[0].run == "z"


INSTALLED = Installed(
    name=name_of("/srv/bakker"),
    folder="/srv/bakker",
    manager=Manager.SYSTEMD,
    scope=Scope.SYSTEM,
    cadence=EVERY,
    options=("--lang", "en"),
    user="assess",
    environment_file="/etc/assess.env",
    at=LONG_AGO,
)


@pytest.mark.parametrize(
    ("attempts", "now", "active", "sound", "told"),
    [
        ([], SOON, True, True, ["Last:      there was none yet", "yes, since Tue 3 Nov"]),
        ([ENDED], LATER, True, True, ["a promise is broken (run 2026", "took 2 min", "  no"]),
        ([FAILED], LATER, True, False, ["failed: wrong usage or settings (exit code 2)", "60 s"]),
        ([KILLED], LATER, True, False, ["killed, or the machine went down", "overdue since"]),
        ([STOPPED], LATER, True, False, ["broken off by signal 15"]),
        ([KILLED] * 3, LATER, True, False, ["broken off 3 times", "run-now"]),
        ([ENDED], LATER, False, False, ["but it does not work"]),
        ([ENDED], LATER, None, True, ["every Tuesday at 10:00, by a timer of this machine's"]),
    ],
)  # fmt: skip
def test_it_is_told_in_plain_words(
    attempts: list[Attempt], now: datetime, active: bool | None, sound: bool, told: list[str]
) -> None:
    standing = Standing(
        INSTALLED, tuple(attempts), due(EVERY, LONG_AGO, attempts, now, zone=UTC), active
    )
    text = "\n".join(lines(standing, UTC))
    for words in told:
        assert words in text
    assert standing.sound is sound
    assert "Next:      Tue 10 Nov 2026 10:00, up to 30 minutes later" in text


def test_what_is_written_down_is_read_back() -> None:
    assert read_installed(installed_text(INSTALLED), "x") == INSTALLED
    attempts = (KILLED, STOPPED, FAILED, ENDED, replace(KILLED, resumes="a", told=True))
    assert read_attempts(attempts_text(attempts), "x") == attempts


def test_only_the_last_attempts_are_kept() -> None:
    assert read_attempts(attempts_text([KILLED] * 100 + [ENDED]), "x")[-1] == ENDED
    assert len(read_attempts(attempts_text([KILLED] * 100), "x")) == KEPT


GOOD = installed_text(INSTALLED)


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "null", "{}", GOOD[:-20], GOOD.replace('"format": 1', '"format": 2'),
        GOOD.replace("assess-bakker", "ssh"),  # never another unit's name
        GOOD.replace('"/srv/bakker"', '"/srv/other"'),
        GOOD.replace("+00:00", ""), GOOD.replace("systemd", "at"), GOOD.replace("weekly", "never"),
        GOOD.replace('"--lang"', "1"), GOOD.replace('"/etc/assess.env"', "null"),
    ],
)  # fmt: skip
def test_what_is_damaged_is_refused(text: str) -> None:
    with pytest.raises(EvidenceError, match=r"schedule\.json: damaged"):
        read_installed(text, "schedule.json")


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"attempts": 1}', '{"attempts": [{}]}', attempts_text([ENDED]).replace('"20', "2")],
)
def test_damaged_attempts_are_refused(text: str) -> None:
    with pytest.raises(EvidenceError, match=r"runs\.json: damaged"):
        read_attempts(text, "runs.json")

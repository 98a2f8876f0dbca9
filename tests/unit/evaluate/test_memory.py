"""Since when a secret has been known, from run to run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from assessor.evidence.codec import decode, encode
from assessor.model.memory import Known, Memory

FIRST = datetime(2026, 1, 5, tzinfo=UTC)
PLACE = ("router", "device_passwords")


def after(*marks: str | None) -> Known:
    """What is known after monthly runs that saw these marks; ``None`` where the device was off."""
    memory = Memory()
    for month, mark in enumerate(marks):
        seen = {PLACE: {"wifi": mark}} if mark else {}
        memory = memory.after(seen, FIRST + timedelta(days=30 * month))
    return memory.of(*PLACE)["wifi"]


def test_the_same_mark_has_been_in_use_since_it_was_first_seen() -> None:
    assert after("a", "a", "a") == Known("a", FIRST, FIRST + timedelta(days=60))


def test_a_change_lies_between_two_runs() -> None:
    last_old, first_new = FIRST + timedelta(days=30), FIRST + timedelta(days=60)
    assert after("a", "a", "b") == Known("b", first_new, first_new, last_old)


def test_a_run_that_saw_nothing_takes_nothing_away() -> None:
    last_old, first_new = FIRST, FIRST + timedelta(days=60)
    assert after("a", None, "b") == Known("b", first_new, first_new, last_old)


def test_back_to_an_old_secret_is_a_change_too() -> None:
    assert after("a", "b", "a").since == FIRST + timedelta(days=60)


def test_an_older_run_changes_nothing() -> None:
    memory = Memory().after({PLACE: {"wifi": "b"}}, FIRST)
    assert memory.after({PLACE: {"wifi": "a"}}, FIRST - timedelta(days=1)) == memory


def test_it_is_kept_and_read_again() -> None:
    memory = Memory().after({PLACE: {"wifi": "a", "account x": "b"}}, FIRST)
    assert decode(Memory, encode(memory)) == memory

"""The watch ends what is over, and says why."""

from __future__ import annotations

import threading

import pytest

from assessor.collect.transports.base import Deadline
from assessor.collect.transports.watch import FOREVER, Watch
from assessor.errors import TransportError
from assessor.model.capture import Reason


def _ended_by(abandoned: threading.Event, deadline: Deadline, at_most: float) -> TransportError:
    """Waits, as a stuck call would, until the watch ends it."""
    watch = Watch(abandoned)
    guard = watch.open(deadline)
    ended = threading.Event()
    try:
        with guard.ending(ended.set):
            guard.step("waiting", at_most)
            assert ended.wait(30)
        assert guard.verdict is not None
        return guard.verdict
    finally:
        watch.close(guard)


def test_the_deadline_ends_a_call() -> None:
    error = _ended_by(threading.Event(), Deadline.after(0.2), 100)

    assert error.reason is Reason.DEADLINE
    assert error.detail == "no time left after 0 s, while waiting"


def test_the_limit_of_a_step_ends_a_call() -> None:
    error = _ended_by(threading.Event(), Deadline.after(100), 0.2)

    assert error.reason is Reason.TIMED_OUT


def test_an_interruption_ends_a_call() -> None:
    abandoned = threading.Event()
    threading.Timer(0.1, abandoned.set).start()

    assert _ended_by(abandoned, FOREVER, 100).reason is Reason.INTERRUPTED


def test_a_new_step_has_a_limit_of_its_own() -> None:
    watch = Watch(threading.Event())
    guard = watch.open(Deadline.after(100))
    try:
        guard.step("first", 0.001)
        guard.step("second", 50)
        guard.check()

        assert 0 < guard.left(at_most=1000) <= 50
        assert guard.left(at_most=5) <= 5
    finally:
        watch.close(guard)


def test_a_guard_that_is_over_lets_no_step_begin() -> None:
    watch = Watch(threading.Event())
    guard = watch.open(Deadline.after(0))
    try:
        with pytest.raises(TransportError) as raised:
            guard.step("too late")
        assert raised.value.reason is Reason.DEADLINE
    finally:
        watch.close(guard)


def test_what_has_been_left_is_not_ended() -> None:
    watch = Watch(threading.Event())
    guard, other = watch.open(Deadline.after(0.1)), watch.open(Deadline.after(0.3))
    left, still_there = threading.Event(), threading.Event()
    try:
        with guard.ending(left.set):
            pass
        with other.ending(still_there.set):
            assert still_there.wait(30)
        assert not left.is_set()
    finally:
        watch.close(guard)
        watch.close(other)


def test_the_thread_ends_with_the_last_guard_and_comes_back() -> None:
    watch = Watch(threading.Event())
    before = {thread for thread in threading.enumerate() if thread.name == "watch"}

    for _ in range(2):
        guard = watch.open(FOREVER)
        mine = [
            thread
            for thread in threading.enumerate()
            if thread.name == "watch" and thread not in before
        ]
        watch.close(guard)
        assert len(mine) == 1
        mine[0].join(30)
        assert not mine[0].is_alive()

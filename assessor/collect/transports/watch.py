"""Ends connections whose time is up, from outside, whatever call they are stuck in.

Most waiting in paramiko has a limit of its own or none at all, and none of it hears of an
interrupted run. So one thread looks after all connections of a run: when a guard is over, it ends
the connection, which makes every call on it return with an error; the guard then says why.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable, Iterator

from assessor.collect.transports.base import Abandoned, Deadline
from assessor.errors import TransportError
from assessor.model.capture import Reason

FOREVER = Deadline(math.inf, math.inf)
"""The deadline of a connection that the targets of a whole run share."""

TICK_S = 0.2
"""How often the watch looks, in seconds."""


class Guard:
    """The time of one connection: a deadline, and a limit for the step at hand.

    Args:
        abandoned: whether the run was interrupted.
        deadline: by when all must be over.
    """

    def __init__(self, abandoned: Abandoned, deadline: Deadline) -> None:
        self.abandoned = abandoned
        self.deadline = deadline
        self._doing = "connecting"
        self._step_s = 0.0
        self._step_ends = math.inf
        self._ends: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self.verdict: TransportError | None = None
        """Why the connection was ended from here; ``None`` while it was not."""

    def step(self, doing: str, at_most: float = math.inf) -> None:
        """Says what is being done now, and how many seconds it may take by itself.

        Raises:
            TransportError: it is over already.
        """
        with self._lock:
            self._doing = doing
            self._step_s = at_most
            self._step_ends = time.monotonic() + at_most
        self.check()

    def check(self) -> None:
        """Returns while there is time.

        Raises:
            TransportError: the time is up (``deadline``, ``timed-out``) or the run was
                interrupted.
        """
        self.verdict = self.verdict or self._over()
        if self.verdict is not None:
            raise self.verdict

    def left(self, at_most: float) -> float:
        """Seconds left for the step at hand, at most ``at_most``; raises like ``check``."""
        self.check()
        return max(0.0, min(at_most, min(self._step_ends, self.deadline.at) - time.monotonic()))

    def hold(self, end: Callable[[], None]) -> None:
        """Calls ``end`` when the guard is over."""
        with self._lock:
            self._ends.append(end)

    @contextlib.contextmanager
    def ending(self, end: Callable[[], None]) -> Iterator[None]:
        """Calls ``end`` if the guard is over before this context is left."""
        self.hold(end)
        try:
            yield
        finally:
            with self._lock:
                self._ends.remove(end)

    def look(self) -> None:
        """Ends the connection if it is over; the watch calls this."""
        verdict = self._over()
        if verdict is None:
            return
        with self._lock:
            self.verdict = self.verdict or verdict
            ends = list(self._ends)
        for end in ends:
            end()

    def _over(self) -> TransportError | None:
        if self.abandoned.is_set():
            return TransportError(Reason.INTERRUPTED, f"interrupted while {self._doing}")
        if self.deadline.remaining() <= 0:
            return TransportError(
                Reason.DEADLINE,
                f"no time left after {self.deadline.seconds:.0f} s, while {self._doing}",
            )
        if time.monotonic() >= self._step_ends:
            return TransportError(
                Reason.TIMED_OUT, f"no answer within {self._step_s:.0f} s, while {self._doing}"
            )
        return None


class Watch:
    """The thread that looks after the guards of a run. It lives while there are any."""

    def __init__(self, abandoned: Abandoned) -> None:
        self._abandoned = abandoned
        self._guards: set[Guard] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._empty = threading.Event()

    def open(self, deadline: Deadline) -> Guard:
        """A guard that is looked after until it is closed."""
        guard = Guard(self._abandoned, deadline)
        with self._lock:
            self._guards.add(guard)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
                self._thread.start()
        return guard

    def close(self, guard: Guard) -> None:
        """Looks after ``guard`` no longer."""
        with self._lock:
            self._guards.discard(guard)
            if not self._guards:
                self._empty.set()

    def _run(self) -> None:
        while True:
            self._empty.wait(TICK_S)
            with self._lock:
                self._empty.clear()
                if not self._guards:
                    self._thread = None
                    return
                guards = list(self._guards)
            for guard in guards:
                guard.look()

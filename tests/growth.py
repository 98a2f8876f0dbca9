"""How the work of a piece of code grows with what it is given."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

TIMES = 8
LINEAR = 3.0 * TIMES
"""More than this, and it grows faster than what is read; by the square it would be 64."""


def growth(work: Callable[[int], Callable[[], object]], few: int) -> float:
    """How many times the processor time is with ``TIMES`` as much.

    Args:
        work: prepares work on so many things; only doing it is timed, by this thread's own clock.
        few: how many things it is compared with: enough to take more than a few milliseconds.
    """
    return _seconds(work(few * TIMES)) / max(_seconds(work(few)), 1e-9)


def _seconds(done: Callable[[], object]) -> float:
    """The best of three: a collection of garbage is of everything that other tests left."""
    best = float("inf")
    collects = gc.isenabled()
    gc.disable()
    try:
        for _ in range(3):
            began = time.thread_time()
            done()
            best = min(best, time.thread_time() - began)
    finally:
        if collects:
            gc.enable()
    return best

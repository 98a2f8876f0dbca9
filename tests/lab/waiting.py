"""Waits for what other processes do, without knowing how long it takes them."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

_LONG_S = 120.0


def until(condition: Callable[[], bool], what: Callable[[], str]) -> None:
    """Returns when ``condition`` holds; fails with ``what`` where it does not come to hold."""
    end = time.monotonic() + _LONG_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"it did not come to hold within {_LONG_S:.0f} s:\n{what()}")
        time.sleep(0.05)  # between two looks, not in the place of one


def alive(word: str) -> bool:
    """Whether a process runs that has ``word`` among those of its command."""
    return any(word in (each.info["cmdline"] or ()) for each in psutil.process_iter(["cmdline"]))

"""How long to wait before what failed is tried again."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

FIRST_S = 2.0
"""The most seconds before the first repetition; they double with each."""

LONGEST_S = 30.0

_DRAW = random.SystemRandom().random


def pauses(retries: int, draw: Callable[[], float] = _DRAW) -> Iterator[float]:
    """The seconds to wait before each repetition: exponential, with full jitter.

    Many that were refused at one moment must not all come back at another. See M. Brooker,
    "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

    Args:
        retries: how many repetitions there are.
        draw: gives a number from 0 to 1.
    """
    for number in range(retries):
        yield draw() * min(LONGEST_S, FIRST_S * 2**number)

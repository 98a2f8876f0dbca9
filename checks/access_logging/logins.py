"""Since when it is noted who was logged in: ``wtmp``, or ``wtmpdb`` that came after it (Y2038)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from assessor.api import Record

_EPOCH_2000 = 946_684_800


def oldest_log_in(found: tuple[Record, ...], now: int) -> int | None:
    """When the oldest such record was made, in seconds since 1970; ``None`` when not seen."""
    return min(_times(found, now), default=None)


def _times(found: tuple[Record, ...], now: int) -> Iterable[int]:
    for kind, text in found:
        if kind == "wtmp":
            # The path, then bytes 340 to 347 as two numbers; which holds the time is told by its
            # size: the other one is a part of another field, and small.
            for number in text.split()[1:]:
                if number.isdecimal() and _EPOCH_2000 < int(number) <= now:
                    yield int(number)
                    break
        elif kind == "wtmpdb":
            try:
                yield int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp())
            except ValueError:
                continue

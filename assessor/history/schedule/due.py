"""Whether a scheduled run is due, from what is written down of those before: pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from assessor.history.schedule.cadence import Cadence

MOST_TRIES = 3
"""How often a run that is broken off is begun again before a person must look."""
OVERDUE = timedelta(hours=2)
"""Longer than any scheduler's delay (half an hour, or a machine that just started)."""
RESUMABLE = timedelta(hours=24)
"""What was broken off longer ago is begun anew: evidence of two days is not one picture."""

ENDED_CODES = frozenset({0, 1, 3})
"""The exit codes of a run that came to its end, whatever it found."""
NO_RUN = 5
"""Written down where ``assess run`` said that it ended and left no finished run."""


class Ending(StrEnum):
    """How a scheduled run ended."""

    ENDED = "ended"
    FAILED = "failed"
    BROKEN_OFF = "broken-off"
    GOING = "going"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One scheduled run, written down when it begins and again when it ends.

    Attributes:
        started_at: in UTC.
        ended_at: in UTC; ``None`` where it was killed, or still works.
        code: its exit code; a signal's is 128 and its number.
        run: the id of the finished run that it left; empty for none.
        resumes: the id of the run that it goes on with; empty for a new one.
        told: its failure was told.
    """

    started_at: datetime
    ended_at: datetime | None = None
    code: int | None = None
    run: str = ""
    resumes: str = ""
    told: bool = False

    def ending(self, *, going: bool) -> Ending:
        """How it ended; ``going`` is whether somebody holds the folder's lock."""
        if self.run and (self.code is None or self.code in ENDED_CODES):
            return Ending.ENDED
        if self.ended_at is None:
            return Ending.GOING if going else Ending.BROKEN_OFF
        # 128 and more: a signal, such as that of a machine that is shut down, or of a full memory.
        return Ending.BROKEN_OFF if (self.code or 0) >= 128 else Ending.FAILED


class State(StrEnum):
    """Whether a run is due."""

    NOT_DUE = "not-due"
    DUE = "due"
    OVERDUE = "overdue"
    GIVEN_UP = "given-up"
    GOING = "going"


@dataclass(frozen=True, slots=True)
class Due:
    """Whether a run is due.

    Attributes:
        since: when the last one was to begin, in UTC; ``None`` before the first.
        next: when the next one is to begin, in UTC.
    """

    state: State
    since: datetime | None
    next: datetime

    @property
    def wanted(self) -> bool:
        """Whether a run is to begin now."""
        return self.state in {State.DUE, State.OVERDUE}


def due(
    cadence: Cadence,
    installed_at: datetime,
    attempts: Sequence[Attempt],
    now: datetime,
    *,
    going: bool = False,
    zone: tzinfo | None = None,
) -> Due:
    """Whether a run is due at ``now``.

    A time counts once a run that began at or after it has come to its end, or has failed in a way
    that would be the same again (a wrong setting). One that was broken off is begun again.

    Args:
        cadence: how often.
        installed_at: times before it are nobody's debt.
        attempts: the oldest first.
        now: in any zone.
        going: whether a run works now.
        zone: the machine's, unless said.
    """
    since = cadence.before(now, zone)
    coming = cadence.after(now, zone)
    if going:
        return Due(State.GOING, since if since > installed_at else None, coming)
    if since <= installed_at:
        return Due(State.NOT_DUE, None, coming)
    tries = [each for each in attempts if each.started_at >= since]
    if any(each.ending(going=False) is not Ending.BROKEN_OFF for each in tries):
        return Due(State.NOT_DUE, since, coming)
    if len(tries) >= MOST_TRIES:
        return Due(State.GIVEN_UP, since, coming)
    return Due(State.OVERDUE if now - since >= OVERDUE else State.DUE, since, coming)


def settled(
    attempts: Iterable[Attempt], finished: Iterable[tuple[str, datetime]], *, going: bool
) -> tuple[Attempt, ...]:
    """The attempts, where one that nobody saw the end of takes the run that it left.

    Args:
        attempts: the oldest first.
        finished: the id of each finished run and when it began (UTC).
        going: a run works now, so that the last attempt has no end yet.
    """
    kept = list(attempts)
    runs = sorted(finished, key=lambda item: item[1])
    for place, each in enumerate(kept):
        last = place == len(kept) - 1
        if each.ended_at is not None or (last and going):
            continue
        until = None if last else kept[place + 1].started_at
        left = [run for run, _ in runs if run == each.resumes] or [
            run for run, at in runs if at >= each.started_at and (until is None or at < until)
        ]
        if left:
            kept[place] = replace(each, run=left[0])
    return tuple(kept)

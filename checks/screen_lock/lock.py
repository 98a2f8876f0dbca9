"""When a screen locks, by the settings of its desktop, and who may change that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessor.api import Facts, Message, Outcome

from .people import People
from .verdict import Verdict


@dataclass(frozen=True, slots=True)
class Timing:
    """When a screen locks.

    Attributes:
        seconds: of idleness after which the password is asked for; ``None`` for never.
    """

    seconds: int | None

    def late(self, limit: int) -> bool:
        """Whether that is never, or later than ``limit`` seconds."""
        return self.seconds is None or self.seconds > limit


def judge_settings(
    desktop: str,
    standard: Timing,
    free: tuple[str, ...],
    own: Mapping[str, Timing],
    people: People,
    limit: int,
) -> Verdict:
    """What the settings of a desktop come to.

    Args:
        desktop: its name, for the report.
        standard: for somebody who chose nothing.
        free: the settings that a user may change.
        own: what the people chose of whom that was seen.
        people: who may use the desktop.
        limit: the most seconds that are allowed.
    """
    facts: Facts = {"desktop": desktop}
    if standard.seconds is None:
        return Verdict(Outcome.FAIL, "standard_never", facts)
    allowed: Facts = {
        "desktop": desktop,
        "minutes": minutes(standard.seconds),
        "limit": minutes(limit),
    }
    if standard.late(limit):
        return Verdict(Outcome.FAIL, "standard_too_late", allowed)
    if not free:
        return Verdict(Outcome.PASS, "locked_for_all", allowed)
    for name, timing in own.items():
        if timing.seconds is None:
            return Verdict(Outcome.FAIL, "own_never", {"desktop": desktop, "account": name})
        if timing.late(limit):
            chosen: Facts = {
                "desktop": desktop,
                "account": name,
                "minutes": minutes(timing.seconds),
                "limit": minutes(limit),
            }
            return Verdict(Outcome.FAIL, "own_too_late", chosen)
    others = people.others(frozenset(own))
    rest: Facts = {"desktop": desktop, "settings": free}
    if others:
        return Verdict(Outcome.UNKNOWN, "users_may_change", {**rest, "accounts": others})
    if people.directory or not own:
        return Verdict(Outcome.UNKNOWN, "unseen_may_change", rest)
    longest = max(timing.seconds or 0 for timing in own.values())
    passing: Facts = {"desktop": desktop, "minutes": minutes(longest), "limit": minutes(limit)}
    return Verdict(
        Outcome.PASS, "everyone_locks", passing, (Message("may_change", {"settings": free}),)
    )


def minutes(seconds: int) -> int:
    """Whole minutes, rounded up."""
    return -(-seconds // 60)

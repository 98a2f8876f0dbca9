"""A backup that was made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Success:
    """A backup that was made.

    Attributes:
        source: what shows it: a repository, a log, a listing, a unit.
        tool: the program.
        time: when, in seconds since 1970.
        destinations: where it went, as far as known.
    """

    source: str
    tool: str
    time: int
    destinations: tuple[str, ...] = ()

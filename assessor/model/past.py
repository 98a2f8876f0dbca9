"""What the runs before tell of the promises: verdicts by month, since when, what changed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of the months before a run; empty for a first one."""

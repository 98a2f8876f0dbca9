"""What protects the collector, the targets and what lies between."""

from __future__ import annotations

from dataclasses import dataclass

RETRIES = 2
"""How often what could not be reached is tried again, unless said."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a run goes on at once, and how long. ``docs/limits.md`` explains.

    Attributes:
        jobs: targets collected at the same time.
        deadline_s: seconds after which a target is given up, connecting and repetitions included.
        per_jump: targets at the same time through one jump host.
        per_site: targets at the same time in one site.
        connections_per_s: targets begun per second, repetitions included; 0 for no limit.
        run_deadline_s: seconds after which nothing more is asked; ``None`` for no limit.
        retries: how often a target is tried again that could not be reached, where that may pass.
    """

    jobs: int = 16
    deadline_s: float = 120.0
    per_jump: int = 10
    per_site: int = 10
    connections_per_s: float = 0.0
    run_deadline_s: float | None = None
    retries: int = RETRIES

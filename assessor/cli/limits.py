"""The limits of a run, as the settings and the options of a command say them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assessor.model.limits import Limits


def limits_of(
    settings: Limits,
    *,
    jobs: int | None = None,
    deadline_s: int | None = None,
    run_deadline_s: int | None = None,
    most_jobs: int | None = None,
) -> Limits:
    """The limits of a run: those of the settings, and before them what was said for this run.

    Args:
        settings: of the assessment.
        jobs: targets side by side.
        deadline_s: seconds for one target.
        run_deadline_s: seconds for all.
        most_jobs: where several runs go side by side, this one's share: it may only lower.
    """
    wanted = jobs or settings.jobs
    return replace(
        settings,
        jobs=wanted if most_jobs is None else min(wanted, most_jobs),
        deadline_s=float(deadline_s or settings.deadline_s),
        run_deadline_s=run_deadline_s or settings.run_deadline_s,
    )


def limit_lines(limits: Limits) -> Iterator[str]:
    """The limits in words."""
    yield (
        f"At most {limits.jobs} targets side by side, {limits.per_jump} of them through one jump "
        f"host and {limits.per_site} in one site."
    )
    if limits.connections_per_s:
        yield f"At most {limits.connections_per_s:g} are begun in a second."
    yield f"Each is given up after {limits.deadline_s:g} s."
    if limits.run_deadline_s is not None:
        yield f"Nothing more is asked after {limits.run_deadline_s:g} s."
    if limits.retries:
        times = "once more" if limits.retries == 1 else f"{limits.retries} times more"
        yield f"One that cannot be reached for the moment is tried {times}; a log-in never is."

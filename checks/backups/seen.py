"""What was seen of backups on one machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assessor.api import Facts, Message, NotCaptured

from .commands import Level
from .jobs import Job
from .places import Whereabouts, nearest
from .restores import Tried
from .success import Success
from .traces import Traces


@dataclass(frozen=True, slots=True)
class Backups:
    """What was seen of backups.

    Attributes:
        now: the machine's clock, in seconds since 1970.
        uptime: seconds since it started.
        clock_off: its clock differs from ours, so that ages mean nothing.
        tools: backup programs that are installed.
        jobs: what makes or tests backups.
        traces: what backups left behind.
        destinations: every destination that is known, with how far it is.
        tried: tests of backups that succeeded.
        failed_tests: jobs that test, and failed.
        unread: files that could not be read.
        agents: programs that run here and by which a server fetches backups.
        kept: for how long backups are kept, in the words of the settings.
        hidden: why something could not be looked at, where rights are lacking.
        warned: jobs whose last run ended with a warning, and when.
        advice: what is good to know beside the judgement.
        windows: it is a Windows.
    """

    now: int
    uptime: int
    clock_off: bool
    tools: tuple[str, ...]
    jobs: tuple[Job, ...]
    traces: Traces
    destinations: tuple[tuple[str, Whereabouts], ...]
    tried: tuple[Tried, ...]
    failed_tests: tuple[str, ...]
    unread: tuple[str, ...]
    agents: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    hidden: NotCaptured | None = None
    warned: tuple[tuple[str, int], ...] = ()
    advice: tuple[Message, ...] = ()
    windows: bool = False

    @property
    def may_be_served(self) -> bool:
        """Whether a program is there that makes backups by itself and keeps their results."""
        return self.windows and bool(self.tools or self.agents)

    @property
    def makers(self) -> tuple[Job, ...]:
        """The jobs that make backups."""
        return tuple(job for job in self.jobs if job.makes_backups)

    def successes(self) -> tuple[Success, ...]:
        """Every backup that was seen to be made, the newest first; none from the future."""
        # Where the repository itself can be seen, it has the last word.
        seen = {path for s in self.traces.successes for path in s.destinations}
        by_jobs = [
            Success(job.name, ", ".join(job.tools), job.finished, job.destinations)
            for job in self.jobs
            if job.shown(Level.COPY_MADE)
            and job.finished is not None
            and not seen.intersection(job.destinations)
        ]
        known = [s for s in (*by_jobs, *self.traces.successes) if s.time <= self.now + 300]
        return tuple(sorted(known, key=lambda success: -success.time))

    def far(self, destinations: Iterable[str]) -> Whereabouts | None:
        """How far the farthest of ``destinations`` is."""
        known = dict(self.destinations)
        return nearest(known[place] for place in destinations if place in known)

    def facts(self) -> Facts:
        """The facts for a finding."""
        return {
            "jobs": tuple(job.name for job in self.jobs),
            "tools": self.tools,
            "destinations": tuple(f"{place} ({far})" for place, far in self.destinations),
            "not_readable": self.unread,
            "kept": self.kept,
        }

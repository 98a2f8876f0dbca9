"""A schedule as one line of a crontab: pure.

The line comes every hour and asks whether a run is due, so that what a machine that was off has
missed is caught up within an hour. ``assess`` itself holds the lock (``flock(2)``): a tick beside
a run that still works ends at once.
"""

from __future__ import annotations

import shlex

from assessor.history.schedule.job import Job, Scope


def line(job: Job) -> str:
    """The line; it ends in the schedule's name, by which it is found again."""
    minute = (job.cadence.minute + job.spread) % 60
    user = f" {job.user}" if job.scope is Scope.SYSTEM else ""
    # In a crontab an unescaped % ends the command.
    command = shlex.join(job.words("run", "--if-due")).replace("%", "\\%")
    return f"{minute} * * * *{user} {command} {_mark(job.name)}"


def system_file(job: Job) -> str:
    """A file for ``/etc/cron.d``."""
    return (
        "# Written by 'assess schedule install'; 'assess schedule remove' takes it away.\n"
        f"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n{line(job)}\n"
    )


def holds(crontab: str, name: str) -> bool:
    """Whether a crontab has the line of the schedule called ``name``."""
    return any(_is_ours(each, name) for each in crontab.splitlines())


def without(crontab: str, name: str) -> str:
    """A crontab without that line, and otherwise to the letter as it was."""
    return "".join(
        each for each in crontab.splitlines(keepends=True) if not _is_ours(each.rstrip("\n"), name)
    )


def with_line(crontab: str, job: Job) -> str:
    """A crontab with the job's line, in the place of one that was there before."""
    rest = without(crontab, job.name)
    gap = "\n" if rest and not rest.endswith("\n") else ""
    return f"{rest}{gap}{line(job)}\n"


def _mark(name: str) -> str:
    return f"# {name}"


def _is_ours(text: str, name: str) -> bool:
    return text.endswith(f" {_mark(name)}") and not text.lstrip().startswith("#")

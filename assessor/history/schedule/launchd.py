"""A schedule as a property list for macOS's launchd: pure.

It comes every hour, and when the Mac starts (or the user logs in), and asks whether a run is due.
"""

from __future__ import annotations

import plistlib

from assessor.history.schedule.job import Job, Scope


def label(name: str) -> str:
    """The job's label; its file is called after it."""
    return f"org.assess.{name}"


def plist(job: Job) -> str:
    """The property list."""
    value: dict[str, object] = {
        "Label": label(job.name),
        "ProgramArguments": list(job.words("run", "--if-due")),
        "StartCalendarInterval": {"Minute": (job.cadence.minute + job.spread) % 60},
        "RunAtLoad": True,
        "ProcessType": "Background",
        "Umask": 0o077,
    }
    if job.scope is Scope.SYSTEM:
        value["UserName"] = job.user
    return plistlib.dumps(value, sort_keys=True).decode()

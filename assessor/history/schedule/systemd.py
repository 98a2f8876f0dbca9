"""The units of a schedule under systemd: pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from assessor.history.schedule.hardening import directives
from assessor.history.schedule.job import Job, Scope

DELAY_MIN = 30
"""How much later than due a run may begin, in minutes, so that machines do not act all at once."""
_LONGEST = "6h"
_AFTER_BOOT = "10min"


def units(job: Job) -> Mapping[str, str]:
    """The unit files, by name: the service, what tells that it failed, and the timer."""
    name = job.name
    return {
        f"{name}.service": _service(job),
        f"{name}-failed.service": _failed(job),
        f"{name}.timer": _timer(job),
    }


def _service(job: Job) -> str:
    return _text(
        *_head(job),
        "[Unit]",
        f"Description=assess: the scheduled run of {job.name}",
        f"OnFailure={job.name}-failed.service",
        *_network(job),
        "",
        "[Service]",
        *_common(job),
        f"ExecStart={command(job.words('run', '--if-due'))}",
        f"TimeoutStartSec={_LONGEST}",
        # Both assess and the helpers it started get the signal to stop, and time to write it down.
        "TimeoutStopSec=30s",
        *directives(job),
    )


def _failed(job: Job) -> str:
    return _text(
        *_head(job),
        "[Unit]",
        f"Description=assess: tells that the scheduled run of {job.name} failed",
        "",
        "[Service]",
        *_common(job),
        f"ExecStart={command(job.words('tell-failed'))}",
        "TimeoutStartSec=10min",
        *directives(job),
    )


def _timer(job: Job) -> str:
    # A run that a power cut broke off is due, and the calendar would leave it until next month.
    boot = "OnStartupSec" if job.scope is Scope.USER else "OnBootSec"
    return _text(
        *_head(job),
        "[Unit]",
        f"Description=assess: starts the run of {job.name} every {_bare(job.cadence.words)}",
        "",
        "[Timer]",
        *(f"OnCalendar={each}" for each in job.cadence.on_calendar()),
        f"{boot}={_AFTER_BOOT}",
        "Persistent=true",
        f"RandomizedDelaySec={DELAY_MIN}min",
        "AccuracySec=1min",
        "",
        "[Install]",
        "WantedBy=timers.target",
    )


def _head(job: Job) -> Iterable[str]:
    yield f"# folder: {marker(job.folder)}"
    yield "# Written by 'assess schedule install'; 'assess schedule remove' takes it away."


def marker(folder: str) -> str:
    """The folder as a unit's first line names it: JSON, which cannot end in a backslash."""
    return json.dumps(folder)


def _common(job: Job) -> Iterable[str]:
    yield "Type=oneshot"
    if job.scope is Scope.SYSTEM:
        yield f"User={job.user}"
    if job.environment_file:
        yield f"EnvironmentFile={_bare(job.environment_file)}"
    for name, path in job.credentials:
        yield f"LoadCredential={name}:{_bare(path)}"


def _network(job: Job) -> Iterable[str]:
    if job.scope is Scope.SYSTEM:  # a user's systemd knows no such target
        yield "Wants=network-online.target"
        yield "After=network-online.target"


def command(words: Iterable[str]) -> str:
    """The words as ``ExecStart=`` reads them: each quoted, with ``%`` and ``$`` doubled."""
    return " ".join(f'"{_bare(word).replace("$", "$$")}"' for word in words)


def _bare(text: str) -> str:
    return text.replace("%", "%%")


def _text(*lines: str) -> str:
    return "\n".join(lines) + "\n"

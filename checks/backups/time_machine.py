"""Time Machine of macOS: where it backs up to, and when it last did (``tmutil(8)``).

The destinations can be seen by anyone. The date of the last backup asks for Full Disk Access, which
the programs of a remote log-in have only where that is allowed in the settings of Remote Login.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assessor.api import Captures, read_plist

from .commands import Action, Level
from .jobs import Job, Result
from .places import Whereabouts

NAME = "Time Machine"
_NO_ZONE = "%Y-%m-%d-%H%M%S"


@dataclass(frozen=True, slots=True)
class TimeMachine:
    """Time Machine as a job, and how far its destinations are from the Mac."""

    job: Job
    places: Mapping[str, Whereabouts]


def read_time_machine(captures: Captures) -> TimeMachine | None:
    """What it is set to and has done; ``None`` where it has no destination or was not seen."""
    answer = captures.answered("destinations")
    if answer is None or answer.exit_status:
        return None
    places = _destinations(answer.stdout)
    if not places:
        return None
    latest = _latest(captures)
    goals = tuple(places)
    # A disk at the Mac's own cable or a NAS in the same room: neither is known to be elsewhere.
    return TimeMachine(
        Job(
            name=NAME,
            actions=(Action(NAME, Level.COPY_MADE, goals),),
            scheduled=None,
            result=Result.SUCCESS if latest is not None else Result.UNSEEN,
            finished=latest,
            destinations=goals,
        ),
        places,
    )


def _destinations(xml: str) -> dict[str, Whereabouts]:
    """The destinations of ``tmutil destinationinfo -X`` by their names."""
    found: Any = read_plist(xml)
    try:
        listed = [(str(item["Name"]), str(item["Kind"])) for item in found["Destinations"]]
    except (KeyError, TypeError):
        return {}  # none, or a list of another shape
    kinds = {"Network": Whereabouts.NEARBY, "Local": Whereabouts.UNCLEAR}
    return {name: kinds.get(kind, Whereabouts.UNCLEAR) for name, kind in listed}


def _latest(captures: Captures) -> int | None:
    """The time of ``tmutil latestbackup -t``, which is local and has no zone."""
    answer = captures.answered("latest_backup")
    if answer is None or answer.exit_status:
        return None
    found = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{6})\n", answer.stdout)
    if found is None:
        return None
    try:
        time = datetime.strptime(found[1], _NO_ZONE).replace(tzinfo=UTC)
    except ValueError:
        return None
    return min(int(time.timestamp()), int(captures.at.timestamp()))

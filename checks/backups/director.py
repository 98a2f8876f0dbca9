"""What a director of Bacula or Bareos notes of each job in its log ("Running a Job" of the manual).

Its times are local; a difference of hours is within the slack that every interval has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from assessor.api import Record

_FIELD = re.compile(r"(/\S+) +(Job|Client|End time|Termination): +(.*)")


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that ended: the log, the machine's client, when, and how."""

    log: str
    client: str
    time: int
    termination: str


def ended_jobs(found: tuple[Record, ...], host: str) -> tuple[Ended, ...]:
    """The jobs of this machine's own client, in the order of the log."""
    mine = re.compile(rf'"?{re.escape(host.partition(".")[0])}([.-].*|"|\Z)', re.IGNORECASE)
    return tuple(job for job in _jobs(found) if mine.match(job.client))


def _jobs(found: tuple[Record, ...]) -> Iterable[Ended]:
    fields: dict[str, str] = {}
    for kind, text in found:
        entry = _FIELD.fullmatch(text) if kind == "bacula" else None
        if entry is None:
            continue
        if entry[2] == "Job":
            fields = {}
        fields[entry[2]] = entry[3].strip()
        if entry[2] == "Termination" and fields.keys() >= {"Client", "End time"}:
            time = _time(fields["End time"])
            if time is not None:
                yield Ended(entry[1], fields["Client"], time, fields["Termination"])
            fields = {}


def _time(text: str) -> int | None:
    for form in ("%d-%b-%Y %H:%M:%S", "%d-%b-%y %H:%M:%S", "%d-%b-%Y %H:%M"):
        try:
            return int(datetime.strptime(text, form).replace(tzinfo=UTC).timestamp())
        except ValueError:
            continue
    return None

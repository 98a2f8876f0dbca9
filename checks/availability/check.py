"""Whether the data survive the loss of a disk, and something watches over this machine.

Decisions:

* A set of disks that misses one, or a disk that says it is failing: the promise does not hold, even
  where everything still works.
* Pass: every file system stands on redundant disks that are all there, and a program that watches
  the machine runs.
* All else is unknown. A single disk may be copied elsewhere all the time; a virtual machine's disks
  lie with its host; a watcher from outside leaves no trace here. The message says what would show
  it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assessor.api import (
    Captures,
    Check,
    Fact,
    Judgement,
    Message,
    NotCaptured,
    Parameters,
    failed,
    not_observed,
    passed,
    unknown,
    values,
    whole_lines,
)

from .arrays import Health
from .storage import Standing, Storage, read_storage
from .watchers import Watchers, read_watchers

MEASURE = "availability"
_DISKS = {
    "disk_sda": "sda",
    "disk_sdb": "sdb",
    "disk_nvme0": "nvme0",
    "disk_nvme1": "nvme1",
}


@dataclass(frozen=True, slots=True)
class Machine:
    """All that the judgement rests on.

    Attributes:
        healthy: what each disk that was asked says of itself: sound or not.
        bonds: network links that should be double and of which one is down.
        uptime_days: since the last start.
    """

    storage: Storage
    watchers: Watchers
    healthy: Mapping[str, bool]
    bonds_down: tuple[str, ...]
    virtual: bool
    uptime_days: int | None


def observe(captures: Captures) -> Machine | NotCaptured | None:
    """The facts; why there are none; or ``None`` when the answer was not understood."""
    gap = captures.gap("availability")
    if gap is not None:
        return gap
    answer = captures.answered("availability")
    lines = whole_lines(answer.stdout) if answer is not None else None
    if lines is None:
        return None
    virtual = values(lines, "virtual") == ["yes"]
    uptime = [int(text) for text in values(lines, "uptime") if text.isdecimal()]
    return Machine(
        storage=read_storage(lines, virtual=virtual),
        watchers=read_watchers(lines),
        healthy={
            disk: sound
            for probe, disk in _DISKS.items()
            if (sound := _sound(captures, probe)) is not None
        },
        bonds_down=tuple(line for line in values(lines, "bond") if not line.endswith(" up")),
        virtual=virtual,
        uptime_days=uptime[0] // 86_400 if uptime else None,
    )


def _sound(captures: Captures, probe: str) -> bool | None:
    """What a disk says of its own health; ``None`` where it says nothing."""
    answer = captures.answered(probe)
    if answer is None:
        return None
    said = re.search(
        r"^SMART (?:overall-health self-assessment test result|Health Status): (.*)",
        answer.stdout,
        re.MULTILINE,
    )
    if said is None:
        return None
    if said[1] in ("PASSED", "OK"):
        return True
    # A SCSI disk gives its reason, with the code of it.
    return False if said[1] == "FAILED!" or "[asc=" in said[1] else None


def evaluate(seen: Machine | NotCaptured | None, parameters: Parameters) -> list[Judgement]:
    """One judgement, from the worst that was seen to the best."""
    del parameters
    match seen:
        case NotCaptured() as gap:
            return [not_observed(MEASURE, gap)]
        case None:
            return [unknown(MEASURE, "unparsed")]
        case _:
            return [_judge(seen)]


def _judge(seen: Machine) -> Judgement:
    observed: dict[str, Fact] = {
        "arrays": tuple(f"{a.name} ({a.level}): {a.health}" for a in seen.storage.arrays),
        "volumes": tuple(f"{path}: {how}" for path, how in seen.storage.standing.items()),
        "disks": seen.storage.disks,
        "watched_by": seen.watchers.names,
        "uptime_days": seen.uptime_days,
    }
    fault = _fault(seen)
    if fault is not None:
        return failed(MEASURE, fault.id, fault.facts, observed=observed)
    doubt = _doubt_of_storage(seen) or _doubt_of_watchers(seen.watchers)
    advice = _advice(seen)
    if doubt is not None:
        return unknown(MEASURE, doubt.id, doubt.facts, observed=observed, advice=advice)
    volumes = tuple(seen.storage.standing)
    said: dict[str, Fact] = {"volumes": volumes, "watched_by": seen.watchers.names}
    return passed(MEASURE, "redundant_and_watched", said, observed=observed, advice=advice)


def _fault(seen: Machine) -> Message | None:
    broken = tuple(array.name for array in seen.storage.arrays if array.health is Health.DEGRADED)
    if broken:
        return Message("disk_missing", {"arrays": broken})
    failing = tuple(f"/dev/{disk}" for disk, sound in seen.healthy.items() if not sound)
    if failing:
        return Message("disk_failing", {"disks": failing})
    return None


def _doubt_of_storage(seen: Machine) -> Message | None:
    """Why it cannot be said that the data survive the loss of a disk."""
    for health, message in (
        (Health.REBUILDING, "rebuilding"),
        (Health.UNCLEAR, "array_unclear"),
    ):
        arrays = tuple(array.name for array in seen.storage.arrays if array.health is health)
        if arrays:
            return Message(message, {"arrays": arrays})
    if not seen.storage.standing:
        return Message("no_storage_seen")
    watched: dict[str, Fact] = {"watched_by": seen.watchers.names or ("-",)}
    for standing, message in (
        (Standing.SINGLE, "one_disk"),
        (Standing.UNSEEN, "volumes_unclear"),
        (Standing.ELSEWHERE, "disks_elsewhere"),
        (Standing.CONTROLLER, "raid_controller"),
    ):
        volumes = tuple(path for path, how in seen.storage.standing.items() if how is standing)
        if volumes:
            return Message(message, {"volumes": volumes, **watched})
    return None


def _doubt_of_watchers(watchers: Watchers) -> Message | None:
    if watchers.names:
        return None
    return Message("not_watched" if watchers.seen else "watchers_hidden")


def _advice(seen: Machine) -> tuple[Message, ...]:
    advice = []
    if seen.bonds_down:
        advice.append(Message("link_down", {"links": seen.bonds_down}))
    if seen.storage.disks and not seen.virtual and not seen.watchers.disks and not seen.healthy:
        advice.append(Message("disks_not_watched"))
    return tuple(advice)


CHECK = Check(observe=observe, evaluate=evaluate)

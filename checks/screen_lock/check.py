"""Whether a machine locks, or ends idle sessions, when nobody works at it.

A workstation is judged by the lock of its desktop; one without any desktop by its shells, as a
server is. A server is judged by its shells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assessor.api import (
    Captures,
    Check,
    Facts,
    Judgement,
    Message,
    NotCaptured,
    Parameters,
    Platform,
    Record,
    Role,
    Told,
    not_observed,
    nothing_told,
    records,
    unknown,
)

from . import desktop, macos, sessions, windows
from .desktop import Desktop
from .macos import Mac
from .sessions import Sessions
from .verdict import Verdict
from .windows import Windows

MEASURE = "screen-lock"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Nothing can be said: a probe gave nothing, or something damaged."""

    gap: NotCaptured | None


def observe(captures: Captures) -> Desktop | Sessions | Mac | Windows | Doubt:
    """What this machine is judged by."""
    if captures.target.platform is Platform.WINDOWS:
        return windows.observe(captures)
    if captures.target.platform is Platform.MACOS:
        screen = _records(captures, "screen")
        return screen if isinstance(screen, Doubt) else macos.read_mac(screen)
    if captures.target.role is Role.WORKSTATION:
        found = _records(captures, "desktop")
        if isinstance(found, Doubt):
            return found
        seen = desktop.read_desktop(found)
        if seen.names:
            return seen
    shells = _records(captures, "shells")
    return shells if isinstance(shells, Doubt) else sessions.read_sessions(captures, shells)


def _records(captures: Captures, probe: str) -> tuple[Record, ...] | Doubt:
    answer = captures.answered(probe)
    found = records(answer.stdout) if answer is not None else None
    return Doubt(captures.gap(probe)) if found is None else found


def evaluate(
    seen: Desktop | Sessions | Mac | Windows | Doubt, parameters: Parameters
) -> list[Judgement]:
    """One judgement, against the most minutes that are allowed."""
    limit = parameters.integer("idle_minutes")
    verdict: Verdict | NotCaptured | Told[Any]
    match seen:
        case Doubt(gap=NotCaptured() as gap):
            return [not_observed(MEASURE, gap)]
        case Doubt():
            return [unknown(MEASURE, "unparsed")]
        case Desktop():
            verdict = desktop.judge(seen, limit)
        case Sessions():
            verdict = sessions.judge(seen, limit)
        case Mac():
            verdict = macos.judge(seen, limit)
        case Windows():
            verdict = windows.judge(seen, limit)
    if isinstance(verdict, NotCaptured):
        return [not_observed(MEASURE, verdict)]
    if isinstance(verdict, Told):
        return [nothing_told(MEASURE, verdict)]
    return [_judgement(verdict, seen.facts(), limit)]


def _judgement(verdict: Verdict, observed: Facts, limit: int) -> Judgement:
    return Judgement(
        MEASURE,
        verdict.outcome,
        Message(verdict.message, verdict.facts),
        {"idle_minutes": limit},
        observed,
        verdict.advice,
    )


CHECK = Check(observe=observe, evaluate=evaluate)

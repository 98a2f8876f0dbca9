"""Whether USB sticks and other things that are plugged in are refused or controlled."""

from __future__ import annotations

from assessor.api import (
    Captures,
    Check,
    Judgement,
    NotCaptured,
    Parameters,
    Platform,
    not_observed,
    unknown,
)

from . import linux, macos, windows
from .linux import MEASURE, Linux
from .macos import Mac
from .windows import Windows


def observe(captures: Captures) -> Linux | Mac | Windows | NotCaptured | None:
    """What was seen; ``None`` when it is damaged."""
    if captures.target.platform is Platform.WINDOWS:
        return windows.observe(captures)
    if captures.target.platform is Platform.MACOS:
        return macos.observe(captures)
    return linux.observe(captures)


def evaluate(
    seen: Linux | Mac | Windows | NotCaptured | None, parameters: Parameters
) -> list[Judgement]:
    """One judgement; each platform has its own ways to refuse what is plugged in."""
    match seen:
        case Linux():
            return [linux.evaluate(seen)]
        case Mac():
            return [macos.evaluate(seen)]
        case Windows():
            return [windows.evaluate(seen)]
        case NotCaptured():
            return [not_observed(MEASURE, seen)]
        case None:
            return [unknown(MEASURE, "unparsed")]


CHECK = Check(observe=observe, evaluate=evaluate)

"""What is concluded of one database engine, and how messages say it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assessor.api import Fact, Message, NotCaptured


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is concluded of one engine.

    Attributes:
        faults: what breaks the promise, worst first.
        gaps: what could not be seen; while there is one, the engine does not pass.
        missing: the probe that could not be run, where a gap comes from that.
        advice: good practice beside the promise.
        observed: what the report shows of it.
    """

    engine: str
    faults: tuple[Message, ...] = ()
    gaps: tuple[Message, ...] = ()
    missing: NotCaptured | None = None
    advice: tuple[Message, ...] = ()
    observed: tuple[tuple[str, Fact], ...] = ()


def said(message: str, engine: str, **facts: Fact) -> Message:
    """A message about ``engine``."""
    return Message(message, {"engine": engine, **facts})


def named(names: Iterable[str]) -> str:
    """Names in one text, each once and at most eight of them."""
    every = list(dict.fromkeys(names))
    return ", ".join(every if len(every) <= 8 else [*every[:8], f"… ({len(every)})"])

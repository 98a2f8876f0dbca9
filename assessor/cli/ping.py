"""``assess ping``: tests every connection and the rights, and says what will be observable."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import typer

from assessor.cli import options
from assessor.cli.console import say
from assessor.cli.device_words import understood
from assessor.cli.exit_codes import ExitCode
from assessor.model.capture import Capture, NotCaptured
from assessor.model.plan import TargetPlan


@dataclass(slots=True)
class _Heard:
    """Keeps in memory what one target answered; nothing is written."""

    captures: dict[str, Capture] = field(default_factory=dict)
    gap: NotCaptured | None = None

    def keep(self, *captures: Capture) -> None:
        self.captures.update((capture.probe, capture) for capture in captures)

    def end(self, *, clock_skew_s: float | None, gap: NotCaptured | None) -> None:
        self.gap = gap


@dataclass(slots=True)
class _Memory:
    heard: dict[str, _Heard] = field(default_factory=dict)

    def journal(self, target: str, at: datetime) -> _Heard:
        return self.heard.setdefault(target, _Heard())


def ping(
    profile: options.Profile = None,
    folder: options.Folder = Path(),
    limit: options.Limit = None,
    checks: options.ChecksFolders = None,
    quiet: options.Quiet = False,
) -> None:
    """Connect to every target and say what will be observable there, and what not.

    The same questions are asked as in a run, in the same way; nothing is stored.
    """
    from assessor import pipeline
    from assessor.cli.progress import RunProgress

    prepared = pipeline.prepare(
        folder, pipeline.Checks(tuple(checks or ())), profile=profile, limit=tuple(limit or ())
    )
    memory = _Memory()
    limits = prepared.assessment.limits
    with RunProgress(len(prepared.plan.targets), quiet=True) as progress:
        pipeline.ask(prepared, memory, progress, threading.Event(), limits)
    whole = True
    for planned in prepared.plan.targets:
        whole &= _tell(planned, memory.heard.get(planned.target.name, _Heard()))
    if not whole:
        raise typer.Exit(ExitCode.INCOMPLETE)


def _tell(planned: TargetPlan, heard: _Heard) -> bool:
    """Prints what is observable on a target; gives whether everything is."""
    name = planned.target.name
    if not planned.checks:
        say(f"{name}: no check of the profile fits this target")
        return True
    if heard.gap is not None:
        say(f"{name}: NOT REACHED ({heard.gap.reason}): {heard.gap.detail}")
        if heard.gap.mend:
            say(f"    {heard.gap.mend}")
    else:
        say(f"{name}: reached")
    whole = heard.gap is None
    for line in understood(planned.target, heard.captures):
        say(f"  {line}")
    for check in planned.checks:
        missing = [
            capture
            for key in check.keys.values()
            if isinstance(capture := heard.captures.get(key), NotCaptured)
        ]
        seen = sum(key in heard.captures for key in check.keys.values()) - len(missing)
        whole &= not missing
        word = "observable" if not missing else "in part" if seen else "NOT observable"
        say(f"  {check.check}: {word} ({seen} of {len(check.keys)} questions answered)")
        if heard.gap is None:
            for capture in missing:
                say(f"      {capture.reason}: {capture.detail}")
                if capture.mend:
                    say(f"      {capture.mend}")
    return whole

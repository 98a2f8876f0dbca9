"""A program that puts the twenty commands to a fleet, run as its users run it."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import psutil

from benchmarks.fleet_parts.bars import Cost
from benchmarks.fleet_parts.commands import Answers
from benchmarks.fleet_parts.scene import Reach

_LOOK_S, _IDLE_PERCENT, _PATIENCE_S = 0.5, 10.0, 30.0


class Runnable(Protocol):
    """Something that is timed."""

    name: str

    def prepare(self, folder: Path, reach: Reach) -> None:
        """Writes what it needs into an empty folder."""

    def command(self) -> Sequence[str]:
        """The command, which is run in the folder."""


class Contender(Runnable, Protocol):
    """One of the tools that are set side by side."""

    def answers(self) -> Answers:
        """What the last run of it brought home."""

    def finish(self) -> None:
        """Leaves nothing for the next run: neither answers nor open connections."""


def run(contender: Runnable, folder: Path) -> Cost:
    """Runs the command; gives its wall time, and the CPU time of all processes that it waited for.

    It waits until the machine is idle: servers take a moment to end the sessions of the last one.

    Raises:
        RuntimeError: it failed; with the end of what it said.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while psutil.cpu_percent(_LOOK_S) > _IDLE_PERCENT and time.monotonic() < deadline:
        pass
    log = folder / "said.log"
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with log.open("wb") as sink:
        ended = subprocess.run(
            contender.command(),
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            check=False,
        )
    wall_s = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode != 0:
        said = log.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{contender.name} ended with {ended.returncode}:\n{said}")
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall_s, cpu_s)

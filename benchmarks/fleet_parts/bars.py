"""What was measured beside what it may be at most or must be at least, and what it cost."""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import paramiko

MB = 1_000_000
"""A megabyte, in bytes: a million, as on a disk's box; a mebibyte is 5 % more."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure with its bar.

    Attributes:
        what: what was measured, with its unit.
        measured: the figure.
        bar: what it is held against.
        at_least: more is better; otherwise less is.
    """

    what: str
    measured: float
    bar: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the figure is on the right side of its bar, or on it."""
        return self.measured >= self.bar if self.at_least else self.measured <= self.bar


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of wall time and of CPU time."""

    wall_s: float
    cpu_s: float

    def told(self, hosts: int) -> str:
        """The cost in a line of a table, with the CPU time of each of so many hosts."""
        per_host = self.cpu_s * 1000 / hosts
        return f"{self.wall_s:8.2f} s wall {per_host:8.1f} ms CPU per host"


@contextlib.contextmanager
def measured(into: list[Cost]) -> Iterator[None]:
    """Adds what the block costs this process, with all its threads."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    into.append(Cost(time.perf_counter() - wall, time.process_time() - cpu))


def machine() -> str:
    """Where and when this is measured, and how busy the machine is with anything at all."""
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load {load}, "
        f"Linux {platform.release()}, Python {platform.python_version()}, "
        f"paramiko {paramiko.__version__}"
    )


def show(bars: Sequence[Bar]) -> bool:
    """Prints the table of all bars; gives whether all are met."""
    width = max(len(bar.what) for bar in bars)
    print(f"\n{'':{width}}  measured      bar")
    for bar in bars:
        side = "at least" if bar.at_least else "at most"
        verdict = "met" if bar.met else "MISSED"
        print(f"{bar.what:{width}}  {bar.measured:8.2f}  {side:>8} {bar.bar:g}  {verdict}")
    return all(bar.met for bar in bars)

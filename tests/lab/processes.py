"""Processes of the tests, as the kernel knows them."""

from __future__ import annotations

from pathlib import Path


def descendants(pid: int) -> list[int]:
    """The processes below ``pid``, the nearest first.

    Not by psutil, which leaves out those that seem older than their parent: the clock of a virtual
    machine is set back at times, and with it what psutil takes for their birth.
    """
    found: list[int] = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, listed.read_text().split())
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended
    return [*found, *(below for child in found for below in descendants(child))]

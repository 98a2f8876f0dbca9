"""How time and memory grow with the number of hosts: ``assess collect`` and ``assess evaluate``.

Each is a process of its own, measured from its start to its end. The smaller fleet is measured
before and after the larger one, and the mean of both counts, because a machine that others use is
not as fast at the end as it was at the beginning.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from assessor.evidence.store import list_runs
from benchmarks.fleet_parts.bars import MB, Bar
from benchmarks.fleet_parts.scene import Reach, fleet, write_assessment, write_profile
from benchmarks.fleet_parts.tool_ours import CHECK, write_check, write_small_profile

MEMORY_BAR_MB = 120.0
RATIO_BAR = 5.3
STAGES = ("collect", "evaluate")
SCRIPTS = ("first", "small", "mkb")
"""What is asked: the first seven checks, the twenty commands, or all of the profile ``mkb``."""
_WRITTEN: Mapping[str, Callable[[Path], str]] = {
    "first": write_profile,
    "small": write_small_profile,
    "mkb": lambda folder: "mkb",
}
_PROGRAM = Path(__file__).with_name("measured_command.py")
_ROOT = Path(__file__).resolve().parents[2]
_ENDED = {0, 1, 3}
"""Exit codes of a command that did its work: a broken or unproven promise is not a fault."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one command took."""

    wall_s: float
    cpu_s: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Run:
    """What a run took, by command, and what it left on the disk, in bytes."""

    stages: dict[str, Taken]
    size_bytes: int


def compare(small: int, large: int, jobs: int, script: str) -> list[Bar]:
    """Measures both sizes; gives the bars.

    Args:
        small: a number of hosts.
        large: a larger one.
        jobs: hosts side by side.
        script: one of ``SCRIPTS``.
    """
    print(f"\ngrowth: script {script}, {jobs} jobs, MB = 1,000,000 bytes")
    with fleet(large) as (hosts, folder):
        straight = Reach.straight(hosts)
        checks = folder / "checks" if script == "small" else None
        if checks is not None:
            write_check(checks / CHECK)
        runs: list[Run] = []
        for number, count in enumerate((small, large, small)):
            place = folder / f"{number}-{count}"
            profile = _WRITTEN[script](place)
            write_assessment(place, straight.first(count), profile, jobs)
            runs.append(_run(place, checks, count))
            _tell(count, runs[-1])
            shutil.rmtree(place)
    before, most, after = runs
    bars = []
    for stage in STAGES:
        few = (before.stages[stage], after.stages[stage])
        many = most.stages[stage]
        ratio = many.wall_s / (sum(each.wall_s for each in few) / 2)
        grown = (many.peak_bytes - few[0].peak_bytes) / (large - small)
        cpu = many.cpu_s / (sum(each.cpu_s for each in few) / 2)
        print(
            f"  {stage}: {grown / 1000:.1f} kB of memory for each further host;"
            f" {cpu:.2f} times the CPU time"
        )
        bars += [
            Bar(f"{stage}, N={large}: MB of memory", many.peak_bytes / MB, MEMORY_BAR_MB),
            Bar(f"{stage}: wall time, N={large} to N={small}", ratio, RATIO_BAR),
        ]
    return bars


def _tell(count: int, run: Run) -> None:
    for stage, taken in run.stages.items():
        print(
            f"  N={count} {stage:<9} {taken.wall_s:7.2f} s wall {taken.cpu_s * 1000 / count:6.1f}"
            f" ms CPU per host {taken.peak_bytes / MB:6.1f} MB"
        )
    print(
        f"  N={count} the run's folder: {run.size_bytes / 1000 / count:.1f} kB per host", flush=True
    )


def _run(folder: Path, checks: Path | None, count: int) -> Run:
    own = [] if checks is None else ["--checks", str(checks)]
    stages = {
        "collect": _taken(folder, "collect", "--quiet", *own),
        "evaluate": _taken(folder, "evaluate", *own),
    }
    run = list_runs(folder)[-1]
    evidence = run.evidence().values()
    whole = sum(item.complete and item.gap is None for item in evidence)
    if whole != count:
        raise RuntimeError(f"{count - whole} of {count} hosts were not collected from in full")
    return Run(stages, _size(run.path))


def _taken(folder: Path, *words: str) -> Taken:
    figures = folder / "figures.json"
    command = [sys.executable, str(_PROGRAM), str(figures), *words]
    began = time.perf_counter()
    ended = subprocess.run(
        command,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(_ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    wall_s = time.perf_counter() - began
    if ended.returncode not in _ENDED:
        raise RuntimeError(f"{' '.join(words)} ended with {ended.returncode}:\n{ended.stderr}")
    read = json.loads(figures.read_text())
    return Taken(wall_s, read["cpu_s"], read["peak_bytes"])


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

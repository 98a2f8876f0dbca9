"""Ours beside ansible-core and pytest-testinfra: the same twenty commands on the same hosts.

Each tool is a whole command, its imports included. The answers of all three are compared, so that
none can be fast by leaving something out. With a round trip, all of them go through the relay of
the benchmark; without one, straight to the servers.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.fleet_parts.bars import Bar, Cost
from benchmarks.fleet_parts.commands import differences
from benchmarks.fleet_parts.contender import Contender, run
from benchmarks.fleet_parts.floor import Floor, floors
from benchmarks.fleet_parts.relay import relay
from benchmarks.fleet_parts.scene import Reach, fleet
from benchmarks.fleet_parts.tool_ansible import FORKS, Ansible
from benchmarks.fleet_parts.tool_ours import Ours
from benchmarks.fleet_parts.tool_testinfra import Testinfra

BARS = {0: 8.0, 20: 15.0}
"""By the round trip in milliseconds: how many times as fast ours must be."""
WORKERS = ("auto", "16")
"""Numbers of processes of testinfra."""
_SHORT_S, _TIMES = 5.0, 3
_PACKAGES = ("ansible-core", "pytest-testinfra", "pytest-xdist", "paramiko", "ssh2-python")


def programs() -> Path:
    """The folder with the other tools' programs; they are installed where they are missing."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    venv = cache / "assess-benchmarks" / "tools"
    pip = [str(venv / "bin" / "pip"), "--disable-pip-version-check", "--quiet"]
    versions = _installed(pip)
    if len(versions) < len(_PACKAGES):
        print(f"installing {', '.join(_PACKAGES)} in {venv}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([*pip, "install", *_PACKAGES], check=True)
        versions = _installed(pip)
    print(f"\ntools: {', '.join(versions)}")
    return venv / "bin"


def _installed(pip: Sequence[str]) -> list[str]:
    """The tools that are there, with their versions."""
    if not Path(pip[0]).exists():
        return []
    listed = subprocess.run(
        [*pip, "freeze"], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    return [line for line in listed.stdout.split() if line.partition("==")[0] in _PACKAGES]


def compare(counts: Sequence[int], trips_ms: Sequence[int], rounds: int, jobs: int) -> list[Bar]:
    """Measures all of them at each size and round trip; gives the bars."""
    where = programs()
    print(f"tools: assess with {jobs} jobs, ansible-core with {FORKS} forks")
    bars = []
    with fleet(max(counts)) as (hosts, folder):
        straight = Reach.straight(hosts)
        for count in counts:
            for trip_ms in trips_ms:
                scene = folder / f"{count}-{trip_ms}"
                tools: list[Contender] = [
                    Ours(jobs),
                    Ansible(where),
                    *(Testinfra(where, workers) for workers in WORKERS),
                ]
                title = f"N={count}, {trip_ms} ms"
                print(f"\ntools: {title}", flush=True)
                with _reach(straight.first(count), trip_ms) as (reach, relayed_s):
                    costs = _measure(tools, scene, reach, relayed_s, rounds)
                    floor = min(_floor(each, scene, reach, rounds) for each in floors(where, jobs))
                bars += _bars(title, tools, costs, floor, BARS.get(trip_ms))
    return bars


@contextlib.contextmanager
def _reach(straight: Reach, trip_ms: int) -> Iterator[tuple[Reach, Callable[[], float]]]:
    """The way to the hosts, and what tells how much CPU time the relay on it has taken so far."""
    if not trip_ms:
        yield straight, lambda: 0.0
        return
    with relay(trip_ms / 1000, straight.port, straight.addresses) as running:
        yield straight.through(running.port), running.cpu_s


def _measure(
    tools: Sequence[Contender],
    scene: Path,
    reach: Reach,
    relayed_s: Callable[[], float],
    rounds: int,
) -> Mapping[str, Sequence[Cost]]:
    folders = {tool.name: scene / tool.name.replace(" ", "_") for tool in tools}
    for tool in tools:
        folders[tool.name].mkdir(parents=True)
        tool.prepare(folders[tool.name], reach)
    costs: dict[str, list[Cost]] = {tool.name: [] for tool in tools}
    for number in range(rounds):
        answers = {}
        # Whoever goes first in a round goes last in the next.
        for tool in tools if number % 2 == 0 else tools[::-1]:
            before_s = relayed_s()
            taken: list[Cost] = []
            while not taken or _is_short(taken):
                taken.append(run(tool, folders[tool.name]))
                answers[tool.name] = tool.answers()
                tool.finish()
            relay_s = (relayed_s() - before_s) / len(taken)
            cost = _middle(taken)
            costs[tool.name].append(cost)
            said = cost.told(len(reach.addresses))
            relayed = f", relay {relay_s:.2f} s CPU" if relay_s else ""
            print(f"  round {number + 1} {tool.name:<18} {said}{relayed}", flush=True)
        if different := differences(reach.addresses, answers):
            raise RuntimeError(f"{len(different)} differences:\n" + "\n".join(different[:5]))
    return costs


def _is_short(taken: Sequence[Cost]) -> bool:
    """Whether it wants another run: a second is too short to be timed once on a busy machine."""
    return len(taken) < _TIMES and taken[-1].wall_s < _SHORT_S


def _middle(taken: Sequence[Cost]) -> Cost:
    """The run of which the wall time is the median."""
    return sorted(taken, key=lambda cost: cost.wall_s)[len(taken) // 2]


def _floor(floor: Floor, scene: Path, reach: Reach, rounds: int) -> float:
    """The median of its wall times, in seconds."""
    folder = scene / floor.name.replace(" ", "_")
    folder.mkdir()
    floor.prepare(folder, reach)
    costs = []
    for number in range(1, rounds + 1):
        taken: list[Cost] = []
        said = ""
        while not taken or _is_short(taken):
            taken.append(run(floor, folder))
            said += (folder / "said.log").read_text()
        cost = _middle(taken)
        costs.append(cost)
        print(f"  round {number} {floor.name:<18} {cost.told(len(reach.addresses))}", flush=True)
        for line in said.splitlines():
            print(f"    {line}")
    return statistics.median(cost.wall_s for cost in costs)


def _bars(
    title: str,
    tools: Sequence[Contender],
    costs: Mapping[str, Sequence[Cost]],
    floor_s: float,
    bar: float | None,
) -> list[Bar]:
    """How many times as fast ours is as each, in the same round, and how many the floor is."""
    ours = costs[tools[0].name]
    bars = []
    for tool in tools[1:]:
        theirs = costs[tool.name]
        ratio = statistics.median(
            their.wall_s / mine.wall_s for mine, their in zip(ours, theirs, strict=True)
        )
        most = statistics.median(cost.wall_s for cost in theirs) / floor_s
        print(f"  {tool.name} takes {ratio:.1f} times as long; {most:.1f} times the floor")
        if bar is not None:
            what = f"{title}: times as fast as {tool.name} (the floor: {most:.1f})"
            bars.append(Bar(what, ratio, bar, at_least=True))
    return bars

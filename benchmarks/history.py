"""Do ``assess history`` and ``assess diff`` answer within a second after three years of months?

Run it in a checkout::

    .venv/bin/python benchmarks/history.py            # --months 36 --hosts 50 --rounds 7 --seed 1

It makes the run folders of as many months by a seed (35 findings a machine, 25 promises, one site
in five), lets ``assess history --rebuild`` read them all into a new database, and then times both
commands as programs, each in turn. Beside them it times what they cannot do without: Python with
SQLAlchemy loaded (*bare*). What is told is the median, and the ratio to bare; the CPU time is told
too, since other work on the machine does not count in it.

It also times adding one month to a full database, and the same question answered from the run
folders without a database: that is what the database is for.

It ends with 1 when the bar is not met: a second for either command, by the clock or, where other
work shares the cores, by the CPU time.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(_ROOT))

from assessor import chronicle  # noqa: E402
from assessor.chronicle import DATABASE, open_history, record_of  # noqa: E402
from assessor.evidence.store import list_runs  # noqa: E402
from assessor.history.trend import trends  # noqa: E402
from assessor.statement.decisions import changes  # noqa: E402
from tests.unit.history.months import write_months  # noqa: E402

BAR_S = 1.0
ASSESS = (sys.executable, "-m", "assessor")
BARE = (sys.executable, "-c", "import typer, sqlalchemy, sqlite3")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock, and of CPU."""

    wall: float
    cpu: float


def programme(words: Sequence[str], folder: Path) -> Cost:
    """What one start of a programme costs."""
    began, before = time.perf_counter(), os.times()
    done = subprocess.run(
        words,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    wall, after = time.perf_counter() - began, os.times()
    if done.returncode or done.stderr:
        raise SystemExit(f"{' '.join(words)}: {done.stderr}")
    cpu = after.children_user + after.children_system
    return Cost(wall, cpu - before.children_user - before.children_system)


def within(work: Callable[[], object]) -> Cost:
    """What some work costs in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(each.wall for each in costs),
        statistics.median(each.cpu for each in costs),
    )


def from_folders(folder: Path) -> None:
    """The trends without a database."""
    records = [record_of(run) for run in list_runs(folder)]
    trends([each.summary for each in records], lambda old, new: changes(old, new).changed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    for name, value in (("months", 36), ("hosts", 50), ("rounds", 7), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="assess-history-") as place:
        folder = Path(place)
        runs = write_months(folder, given.months, seed=given.seed, hosts=given.hosts)
        rebuilt = programme([*ASSESS, "history", "--rebuild"], folder)
        commands = {
            "assess history": [*ASSESS, "history"],
            "assess diff": [*ASSESS, "diff"],
            "bare": BARE,
        }
        told: dict[str, list[Cost]] = {name: [] for name in commands}
        for _ in range(given.rounds):
            for name, words in commands.items():
                told[name].append(programme(words, folder))
        costs = {name: median(each) for name, each in told.items()}
        history = open_history(folder, None)
        last = record_of(runs[-1])
        adding = median([within(lambda: history.add(last)) for _ in range(given.rounds)])
        reading = within(lambda: history.read(last=2))
        nothing_new = within(lambda: chronicle.update(folder, history))
        without = within(lambda: from_folders(folder))
        size = (folder / DATABASE).stat().st_size / 1e6
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"{given.months} months of {given.hosts} hosts, seed {given.seed}: {size:.1f} MB\n")
    bare = costs.pop("bare")
    print(f"{'':34}{'clock':>9}{'CPU':>9}{'CPU/bare':>10}")
    rows = {
        **costs,
        "bare (Python, typer, SQLAlchemy)": bare,
        "history --rebuild": rebuilt,
        "of these: seeing that nothing is new": nothing_new,
        "of these: all summaries, two runs": reading,
        "adding a run": adding,
        "the trends without a database": without,
    }
    for name, cost in rows.items():
        ratio = cost.cpu / bare.cpu
        print(f"{name:34.34}{cost.wall:8.3f}s{cost.cpu:8.3f}s{ratio:9.2f}x")
    slow = [name for name, cost in costs.items() if min(cost.wall, cost.cpu) > BAR_S]
    print(f"\nthe bar, {BAR_S:.0f} s: {'not met by ' + ', '.join(slow) if slow else 'met'}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())

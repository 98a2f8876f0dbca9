"""How long does ``assess --help`` take beside an empty Python; what does ``collect`` begin with?

::

    .venv/bin/python benchmarks/startup.py               # --times 30

It starts them in turn and prints the medians. Of the help the wall time, and what it takes of it
more than Python's own start: it ends with 1 above the bar of 150 ms. Of ``assess collect`` the CPU
time (the rest is waiting): one SSH target where nobody listens and a check of twenty commands, so
that nothing but starting, planning and storing is left. It has no bar.
"""

from __future__ import annotations

import argparse
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.fleet_parts.scene import Reach
from benchmarks.fleet_parts.tool_ours import Ours

BAR_MS = 150.0
HELP = (sys.executable, "-m", "assessor", "--help")
NOTHING = (sys.executable, "-c", "pass")


def taken_ms(words: Sequence[str]) -> float:
    """Milliseconds of wall time that a command takes."""
    begun = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - begun) * 1000


def worked_ms(words: Sequence[str], folder: Path) -> float:
    """Milliseconds of CPU time that a command takes in a folder."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, check=True, cwd=folder, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def collecting_ms(folder: Path, times: int) -> list[float]:
    """CPU time of ``assess collect``, so many times."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    ours = Ours(jobs=1)
    ours.prepare(folder, Reach(["127.0.0.1"], port, "nobody", folder / "no_key", folder / "none"))
    taken = []
    for _ in range(times):
        taken.append(worked_ms(ours.command(), folder))
        ours.finish()
    return taken


def main() -> int:
    """Runs the benchmark; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=30)
    times = parser.parse_args().times
    taken = [(taken_ms(HELP), taken_ms(NOTHING)) for _ in range(times)]
    helped, empty = (statistics.median(each) for each in zip(*taken, strict=True))
    print(f"assess --help: {helped:.0f} ms (bar {BAR_MS:.0f} ms)")
    print(f"an empty Python: {empty:.0f} ms; ratio {helped / empty:.1f}")
    with tempfile.TemporaryDirectory(prefix="startup-") as folder:
        worked = statistics.median(collecting_ms(Path(folder), times))
    print(f"assess collect of a host that is not there: {worked:.0f} ms of CPU")
    return 0 if helped <= BAR_MS else 1


if __name__ == "__main__":
    sys.exit(main())

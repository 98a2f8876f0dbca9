"""How long does ``assess --help`` take, beside an empty Python?

::

    .venv/bin/python benchmarks/startup.py               # --times 30

It starts both in turn and prints the medians, and what the help takes of them: the rest is
Python's own start. It ends with 1 above the bar of 150 ms.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

BAR_MS = 150.0
HELP = (sys.executable, "-m", "assessor", "--help")
NOTHING = (sys.executable, "-c", "pass")


def taken_ms(words: tuple[str, ...]) -> float:
    """Milliseconds of wall time that a command takes."""
    begun = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - begun) * 1000


def main() -> int:
    """Runs the benchmark; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=30)
    times = parser.parse_args().times
    taken = [(taken_ms(HELP), taken_ms(NOTHING)) for _ in range(times)]
    helped, empty = (statistics.median(each) for each in zip(*taken, strict=True))
    print(f"assess --help: {helped:.0f} ms (bar {BAR_MS:.0f} ms)")
    print(f"an empty Python: {empty:.0f} ms; ratio {helped / empty:.1f}")
    return 0 if helped <= BAR_MS else 1


if __name__ == "__main__":
    sys.exit(main())

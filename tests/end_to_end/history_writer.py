"""Writes to a history until it is killed, again and again: run by ``test_history_kills.py``.

It loads once and forks for every line on standard input: starting Python anew 50 times would take
longer than all of the test. A line says how to write; the child says what it has written.
"""

from __future__ import annotations

import itertools
import os
import random
import sys
from pathlib import Path

# What a child needs is loaded before it is forked.
from alembic import command as _command  # noqa: F401
from alembic.config import Config as _config  # noqa: F401, N813

from assessor import chronicle
from assessor.evidence.store import list_runs


def write(folder: Path, how: str, seed: int) -> None:
    """Writes without end."""
    history = chronicle.open_history(folder, None)
    runs = list(list_runs(folder))
    chance = random.Random(seed)
    for _ in itertools.count():
        if how == "rebuild":
            chronicle.rebuild(folder, history)
            print("rebuilt", flush=True)
            continue
        chance.shuffle(runs)
        for run in runs:
            history.add(chronicle.record_of(run))
            print(f"added {run.id}", flush=True)


def main() -> None:
    """Forks a writer for every line."""
    folder = Path(sys.argv[1])
    for number, line in enumerate(sys.stdin):
        child = os.fork()
        if child == 0:
            write(folder, line.strip(), number)
        print(f"pid {child}", flush=True)
        os.waitpid(child, 0)
        print("dead", flush=True)


if __name__ == "__main__":
    main()

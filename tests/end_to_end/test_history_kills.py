"""``kill -9`` while the history is written, and several who write at once: nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assessor import chronicle
from assessor.chronicle import DATABASE, nobody, read_history, record_of
from assessor.evidence.seals import manifest_digest
from assessor.evidence.store import RunFolder, list_runs
from assessor.history.records import RunRecord
from tests.end_to_end.assess import PROGRAM, ROOT, assess, environment
from tests.unit.history.months import write_months

KILLS = 50
LONGEST_S = 0.05


class Writers:
    """Processes that write until they are killed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._chance = random.Random(seed)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end.history_writer", str(folder)],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def kill_one(self, how: str) -> list[str]:
        """Lets one write for a random while and kills it; gives what it said it had written."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{how}\n")
        self._process.stdin.flush()
        said: list[str] = []
        pid = 0
        # The child and the one who forked it write to the same pipe, in any order.
        wanted = self._chance.randrange(4)
        while not pid or len(said) < wanted:
            word, _, rest = self._process.stdout.readline().rstrip("\n").partition(" ")
            if word == "pid":
                pid = int(rest)
            else:
                said.append(rest)
        # The moment is to be any: this waits for nothing.
        time.sleep(self._chance.random() * LONGEST_S)
        os.kill(pid, signal.SIGKILL)
        for line in self._process.stdout:
            if line == "dead\n":
                return said
            said.append(line.rstrip("\n").partition(" ")[2])
        pytest.fail("the writers are gone")

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture
def runs(tmp_path: Path) -> list[RunFolder]:
    return write_months(tmp_path, 5, hosts=8, checks=10)


@pytest.fixture
def writers(tmp_path: Path, runs: list[RunFolder]) -> Iterator[Writers]:
    assert runs
    found = Writers(tmp_path, 8)
    yield found
    found.close()


def told(folder: Path) -> list[RunRecord]:
    """The history as the next command sees it; it has nothing to complain of."""
    found = read_history(folder, None, nobody, [run.id for run in list_runs(folder)])
    assert found.notes == ()
    return [found.record(each.run) for each in found.runs]


def test_kill_9_loses_nothing_that_was_added(
    tmp_path: Path, runs: list[RunFolder], writers: Writers
) -> None:
    history = chronicle.open_history(tmp_path, None)
    truth = [record_of(run) for run in runs]
    manifests = {run.id: manifest_digest(run) for run in runs}
    kept: set[str] = set()
    broken_off = 0
    for number in range(KILLS):
        rebuilding = number % 5 == 4
        said = writers.kill_one("rebuild" if rebuilding else "add")
        broken_off += (tmp_path / DATABASE).with_name("history.sqlite-journal").exists()
        # Whatever a rebuild was killed at, the one who looks next makes it whole.
        kept = set() if rebuilding else kept | set(said)
        known = history.known()
        assert kept <= known.keys(), number
        assert all(manifests[run] == digest for run, digest in known.items())
        with closing(sqlite3.connect(tmp_path / DATABASE)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        kept &= known.keys()
        if number % 10 == 9:
            assert told(tmp_path) == truth
    assert broken_off, "no kill came in the middle of a write"
    incremental = told(tmp_path)
    chronicle.rebuild(tmp_path, history)
    assert told(tmp_path) == incremental == truth


def test_several_at_once_tell_the_same(tmp_path: Path, runs: list[RunFolder]) -> None:
    """Some list, some compare, some throw it all away: each tells the whole truth."""
    words = [["history"], ["history", "--rebuild"], ["diff"]] * 2
    processes = [
        subprocess.Popen(
            [*PROGRAM, *each],
            cwd=tmp_path,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for each in words
    ]
    answers = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0] * len(words), answers
    assert {error for _, error in answers} == {""}
    lists = {answer for (answer, _), each in zip(answers, words, strict=True) if "diff" not in each}
    assert len(lists) == 1
    assert all(run.id in next(iter(lists)) for run in runs)
    assert answers[2] == answers[5]
    assert assess(tmp_path, "history").stdout in lists

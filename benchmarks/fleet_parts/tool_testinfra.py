"""pytest-testinfra over paramiko, spread over processes by xdist.

It does not check host keys: its paramiko backend warns where it does not know one. That is left as
it is, for it costs it nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.fleet_parts.commands import COMMANDS, Answer, Answers
from benchmarks.fleet_parts.scene import Reach

_TEST = '''"""Puts every command to every host, and keeps what comes back."""

import json
import os

import pytest

COMMANDS = {commands!r}
FILE = open(f"answers-{{os.getpid()}}.jsonl", "w")


@pytest.mark.parametrize("command", COMMANDS, ids=range(len(COMMANDS)))
def test_command(host, command):
    said = host.run(command)
    kept = [host.backend.get_hostname(), command, said.rc, said.stdout]
    FILE.write(json.dumps(kept) + "\\n")
'''


class Testinfra:
    """As many processes as ``workers`` says: a number, or ``auto`` for one a core."""

    __test__ = False

    def __init__(self, programs: Path, workers: str) -> None:
        self.name = f"testinfra -n {workers}"
        self._programs, self._workers = programs, workers
        self._folder = Path()
        self._reach: Reach | None = None

    def prepare(self, folder: Path, reach: Reach) -> None:
        """Writes the test."""
        self._folder, self._reach = folder, reach
        (folder / "test_fleet.py").write_text(_TEST.format(commands=COMMANDS))

    def command(self) -> Sequence[str]:
        """As a user says it, without what it prints and keeps for a next time."""
        reach = self._reach
        assert reach is not None
        hosts = ",".join(f"{reach.user}@{address}:{reach.port}" for address in reach.addresses)
        return [
            str(self._programs / "pytest"),
            *("-q", "-p", "no:cacheprovider", "-n", self._workers, "--connection", "paramiko"),
            *("--ssh-identity-file", str(reach.identity_file), "--hosts", hosts, "test_fleet.py"),
        ]

    def answers(self) -> Answers:
        """Reads what the processes kept."""
        found = {}
        for path in self._folder.glob("answers-*.jsonl"):
            for line in path.read_text().splitlines():
                address, command, status, text = json.loads(line)
                found[address, command] = Answer(status, text.rstrip())
        return found

    def finish(self) -> None:
        """Removes the answers."""
        for path in self._folder.glob("answers-*.jsonl"):
            path.unlink()

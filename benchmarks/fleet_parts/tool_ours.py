"""``assess collect`` with a check folder that asks the twenty commands."""

from __future__ import annotations

import copy
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from assessor.evidence.store import list_runs
from assessor.model.capture import Captured
from benchmarks.fleet_parts.commands import COMMANDS, Answer, Answers
from benchmarks.fleet_parts.scene import Reach, write_assessment, write_yaml

CHECK = "twenty_commands"
_TEXTS = {
    "title": "Twenty commands",
    "why": "To be timed.",
    "messages": {"not_judged": "Nothing is judged."},
}
_CHECK_PY = '''"""Asks, and judges nothing."""

from assessor.api import Captures, Check, Judgement, Parameters, unknown


def observe(captures: Captures) -> None:
    return None


def evaluate(seen: None, parameters: Parameters) -> list[Judgement]:
    return [unknown("firewall", "not_judged")]


CHECK = Check(observe=observe, evaluate=evaluate)
'''


class Ours:
    """The whole command: its imports, planning, collecting and storing."""

    name = "assess"

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._folder = Path()

    def prepare(self, folder: Path, reach: Reach) -> None:
        """Writes an assessment, a profile and the check."""
        self._folder = folder
        write_assessment(folder, reach, write_small_profile(folder), self._jobs)
        write_check(folder / "checks" / CHECK)

    def command(self) -> Sequence[str]:
        """As a user says it, but for the progress."""
        return [sys.executable, "-m", "assessor", "collect", "--checks", "checks", "--quiet"]

    def answers(self) -> Answers:
        """Reads them from the evidence."""
        run = list_runs(self._folder)[-1]
        evidence = run.evidence()
        found = {}
        for planned in run.plan().targets:
            keys = planned.checks[0].keys
            for number, command in enumerate(COMMANDS):
                capture = evidence[planned.target.name].captures[keys[_probe(number)]].capture
                if isinstance(capture, Captured):
                    answer = Answer(capture.exit_status, capture.stdout.rstrip())
                    found[planned.target.address, command] = answer
        return found

    def finish(self) -> None:
        """Removes the run."""
        shutil.rmtree(self._folder / "runs")


def write_small_profile(folder: Path) -> str:
    """A profile with that check alone; gives its id."""
    profile = {
        "id": CHECK,
        "title": {"nl": "Twintig vragen", "en": "Twenty commands"},
        "checks": {CHECK: {}},
        "measures": ["firewall"],
    }
    write_yaml(folder / "profiles" / f"{CHECK}.yaml", profile)
    return CHECK


def write_check(folder: Path) -> None:
    """Writes a check folder whose probes are the twenty commands."""
    probes = {_probe(number): {"command": command} for number, command in enumerate(COMMANDS)}
    about = {
        "id": CHECK,
        "version": 1,
        "measures": ["firewall"],
        "severity": "low",
        "roles": ["server", "workstation"],
        "probes": {"linux": probes},
        "criterion": {
            "text": {"nl": "Geen.", "en": "None."},
            "sources": [{"title": "benchmarks/fleet.py", "url": "https://example.org/"}],
        },
    }
    write_yaml(folder / "check.yaml", about)
    write_yaml(folder / "texts.yaml", {"nl": copy.deepcopy(_TEXTS), "en": _TEXTS})
    (folder / "check.py").write_text(_CHECK_PY)


def _probe(number: int) -> str:
    return f"command_{number}"

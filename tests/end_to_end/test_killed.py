"""kill -9 at random moments of runs and bundles, and a disk that fills up: nothing stored is lost.

``KILLS=200 pytest tests/end_to_end/test_killed.py`` kills more often than the daily tests do.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assessor.catalogue.scaffold import write_check
from assessor.evidence.bundle import open_bundle
from assessor.evidence.manifest import chain_faults, verify
from assessor.evidence.seals import is_sealed
from assessor.evidence.store import RunFolder, list_runs
from tests.end_to_end.assess import assess, environment

KILLS = int(os.environ.get("KILLS", "10"))
SETTINGS = "language: en\nprofile: few\ntargets: [{name: here, role: server, transport: local}]\n"
PROFILE = """
id: few
title: {nl: Enkele, en: Few}
checks: {quick_check: {}}
measures: [patching]
"""
# One run and its bundle after the other, as the commands do them, and a word for each that is done.
CHILD = """
import sys, threading
from pathlib import Path
from assessor import bundling, concluding, pipeline, reporting
from assessor.model.limits import Limits
from assessor.evidence.bundle import write_bundle
from assessor.evidence.signing import SigningKey
from assessor.model.statement import Language

class Quiet:
    def begun(self, plan): pass
    def answered(self, plan, capture): print("stored", plan.target.name, flush=True)
    def ended(self, plan, gap): pass

folder = Path(sys.argv[1])
key = SigningKey.new()
print("begun", flush=True)
while True:
    checks = pipeline.Checks((folder / "checks",))
    prepared = pipeline.prepare(folder, checks)
    run = pipeline.begin(prepared)
    lock = run.lock()
    print("run", run.id, flush=True)
    pipeline.gather(prepared, run, Quiet(), threading.Event(), Limits())
    result = concluding.conclude(run, checks)
    concluding.keep_conclusions(run, result, key)
    print("sealed", run.id, flush=True)
    report = reporting.make_report(result, checks, Language.EN)
    reporting.write_reports(run, [report])
    from assessor.evidence.bundle import make_bundle
    data = make_bundle(run, [run.path / "report.en.html"], "", key)
    write_bundle(folder / f"{run.id}.assess.zip", data)
    print("bundled", run.id, flush=True)
"""


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    write_check(tmp_path / "checks", "quick_check", "patching", frozenset({"patching"}))
    (tmp_path / "assessment.yaml").write_text(SETTINGS)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "few.yaml").write_text(PROFILE)
    return tmp_path


def _killed(folder: Path, words: int, after: float) -> list[str]:
    """What a child said before it was killed, some words and a moment after it began."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    begun = child.stdout.readline()
    if begun != "begun\n":
        raise AssertionError(child.communicate()[1])
    heard = [child.stdout.readline().rstrip("\n") for _ in range(words)]
    try:
        # Not to wait for something, but to hit another moment each time.
        child.wait(after)
    except subprocess.TimeoutExpired:
        os.kill(child.pid, signal.SIGKILL)
    rest, errors = child.communicate()
    assert child.returncode == -signal.SIGKILL, errors
    return heard + rest.splitlines()


def _nothing_is_lost(folder: Path, said: list[str]) -> None:
    runs = {run.id: run for run in list_runs(folder)}
    current = ""
    for line in said:
        word, _, name = line.partition(" ")
        if word == "run":
            current = name
        elif word == "stored":
            assert len(runs[current].evidence()[name].captures) == 1, line
        elif word == "sealed":
            assert is_sealed(runs[name])
        elif word == "bundled":
            assert open_bundle(folder / f"{name}.assess.zip").run == name
    for run in runs.values():
        if is_sealed(run):
            assert verify(run).faults == ()
    sealed = [run for run in runs.values() if is_sealed(run)]
    if sealed:
        assert list(chain_faults(folder, max(sealed, key=lambda run: run.facts().started_at))) == []
    for path in folder.glob("*.assess.zip"):
        open_bundle(path)


@pytest.mark.timeout(120 + 6 * KILLS)
def test_killed_at_random_moments(folder: Path) -> None:
    chance = random.Random(KILLS)
    words: set[str] = set()
    for _ in range(KILLS):
        said = _killed(folder, chance.randrange(9), chance.random() * 0.03)
        words |= {line.split(" ")[0] for line in said}
        _nothing_is_lost(folder, said)
    assert {"run", "stored", "sealed"} <= words, "the moments were all over a run"
    again = assess(folder, "run", "-q", "--checks", "checks")
    assert again.returncode in {0, 1}, again.stderr
    assert assess(folder, "verify").returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small disk")
def test_a_disk_that_fills_up_loses_nothing(folder: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("needs mounts (CAP_SYS_ADMIN)")
    try:
        for name in ("assessment.yaml", "profiles", "checks"):
            source = folder / name
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, disk / name)
        assert assess(disk, "run", "-q", "--checks", "checks").returncode in {0, 1}
        first = sum(path.stat().st_size for path in (disk / "runs").rglob("*") if path.is_file())
        filler = disk / "filler"
        filler.write_bytes(bytes(shutil.disk_usage(disk).free - first * 5 // 2))
        complaint = ""
        for _ in range(5):
            done = assess(disk, "run", "-q", "--checks", "checks")
            if done.returncode not in {0, 1}:
                complaint = done.stderr
                break
        assert "No space left on device" in complaint
        assert "Traceback" not in complaint
        for run in list_runs(disk):
            if is_sealed(run):
                assert verify(run).faults == ()
        filler.unlink()
        again = assess(disk, "run", "-q", "--checks", "checks")
        assert again.returncode in {0, 1}, again.stderr
        assert verify(RunFolder(list_runs(disk)[-1].path)).faults == ()
    finally:
        subprocess.run(["umount", disk], check=False)


def test_the_words_of_the_child_are_those_that_are_looked_for() -> None:
    assert {"begun", "run", "sealed", "bundled", "stored"} <= set(
        re.findall(r'print\("(\w+)', CHILD)
    )

"""Runs that end before their end: nothing that was stored is lost, and they can be finished."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assessor.catalogue.scaffold import write_check
from assessor.evidence.store import RunFolder
from assessor.model.capture import Captured
from tests.end_to_end.assess import PROGRAM, assess, environment, last_run, report

SETTINGS = """
language: en
profile: slow
targets:
  - {name: quick, role: server, transport: local}
  - {name: stuck, role: workstation, transport: local}
"""
PROFILE = """
id: slow
title: {nl: Traag, en: Slow}
checks: {quick_check: {}, slow_check: {}}
measures: [patching]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An assessment whose second target waits until somebody writes to the pipe ``gate``."""
    checks = tmp_path / "checks"
    for name in ("quick_check", "slow_check"):
        write_check(checks, name, "patching", frozenset({"patching"}))
    slow = checks / "slow_check"
    manifest = (slow / "check.yaml").read_text()
    slow_manifest = manifest.replace("[server, workstation]", "[workstation]")
    (slow / "check.yaml").write_text(slow_manifest.replace("timeout: 5", "timeout: 100"))
    script = (slow / "linux_release.sh").read_text()
    (slow / "linux_release.sh").write_text(f"read line < {tmp_path / 'gate'}\n{script}")
    os.mkfifo(tmp_path / "gate")
    (tmp_path / "assessment.yaml").write_text(SETTINGS)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "slow.yaml").write_text(PROFILE)
    return tmp_path


@contextmanager
def stuck_run(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A run that has stored what can be had and waits for the gate."""
    process = subprocess.Popen(
        [*PROGRAM, "run", "--checks", "checks", *words],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr
    waiting = {"quick: done", "stuck: 1/2 quick_check"}
    seen = ""
    while waiting:
        line = process.stderr.readline()
        assert line, seen
        seen += line
        waiting -= {word for word in waiting if word in line}
    try:
        yield process
    finally:
        with_gate = os.open(folder / "gate", os.O_RDWR | os.O_NONBLOCK)
        os.write(with_gate, b"go\n" * 50)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        os.close(with_gate)


def resume(folder: Path) -> subprocess.CompletedProcess[str]:
    """Finishes the run, with the gate open."""
    gate = os.open(folder / "gate", os.O_RDWR)
    os.write(gate, b"go\n" * 50)
    try:
        return assess(folder, "run", "--resume", "--checks", "checks")
    finally:
        os.close(gate)


def captured(run: Path, target: str) -> int:
    """How many answers of ``target`` are stored and readable."""
    evidence = RunFolder(run).evidence()[target]
    return sum(isinstance(stored.capture, Captured) for stored in evidence.captures.values())


def test_kill_9_loses_nothing_that_was_stored_and_resume_finishes(folder: Path) -> None:
    with stuck_run(folder) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        run = last_run(folder)
        assert captured(run, "quick") == 1
        assert captured(run, "stuck") == 1
        assert not (run / "manifest.json").exists()

    history = assess(folder, "history").stdout
    assert "broken off" in history

    done = resume(folder)

    assert done.returncode in {0, 1}, done.stderr
    assert "quick:" not in done.stderr, "what was complete is not asked again"
    assert last_run(folder) == run
    assert {finding["outcome"] for finding in report(folder, "en")["findings"]} == {"pass"}
    assert assess(folder, "verify").returncode == 0


def test_a_journal_that_the_disk_or_a_kill_left_empty_is_begun_anew(folder: Path) -> None:
    with stuck_run(folder) as process:
        process.kill()
        process.wait()
    run = last_run(folder)
    for name in ("quick", "stuck"):
        (run / "observations" / f"{name}.jsonl").write_bytes(b"")

    done = resume(folder)

    assert done.returncode in {0, 1}, done.stderr
    assert {finding["outcome"] for finding in report(folder, "en")["findings"]} == {"pass"}
    assert assess(folder, "verify").returncode == 0


def test_after_a_kill_the_next_run_works(folder: Path) -> None:
    with stuck_run(folder) as process:
        process.kill()
        process.wait()
    done = assess(folder, "run", "--checks", "checks", "-t", "quick", "--fail-on", "broken")
    assert done.returncode in {0, 1}, done.stderr
    assert len(list((folder / "runs").iterdir())) == 2


def test_ctrl_c_keeps_what_came_in_and_says_how_to_go_on(folder: Path) -> None:
    with stuck_run(folder) as process:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "assess run --resume" in errors
        assert captured(last_run(folder), "stuck") == 1
    assert resume(folder).returncode in {0, 1}


def test_a_run_that_is_under_way_is_not_resumed_by_another(folder: Path) -> None:
    with stuck_run(folder):
        done = assess(folder, "run", "--resume", "--checks", "checks")
        assert done.returncode == 3
        assert "another assess is working on it" in done.stderr


def test_there_must_be_something_to_resume(folder: Path) -> None:
    done = assess(folder, "run", "--resume", "--checks", "checks")
    assert done.returncode == 3
    assert "no run was broken off" in done.stderr

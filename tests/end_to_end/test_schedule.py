"""Scheduled runs beside others, killed, and failing: with real processes and real locks.

The schedulers themselves are in ``tests/machines``; here a schedule is written
down as if it was cron's.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from assessor.history.schedule.cadence import weekly
from assessor.history.schedule.job import Manager, Scope, name_of
from assessor.history.schedule.record import Installed, installed_text
from tests.end_to_end.assess import PROGRAM, assess, environment
from tests.end_to_end.test_broken_off import folder, stuck_run
from tests.lab.processes import descendants

__all__ = ["folder"]  # a fixture: an assessment whose run waits at a gate


def schedule(folder: Path, *, options: tuple[str, ...] = ("--checks", "checks")) -> None:
    """A schedule of cron's, installed 40 days ago."""
    value = Installed(
        name=name_of(str(folder.resolve())),
        folder=str(folder.resolve()),
        manager=Manager.CRON,
        scope=Scope.USER,
        cadence=weekly(),
        options=options,
        user="nobody in particular",
        environment_file="",
        at=datetime.now(UTC) - timedelta(40),
    )
    (folder / ".assess").mkdir(mode=0o700, exist_ok=True)
    (folder / ".assess/schedule.json").write_text(installed_text(value))


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    """``assess schedule run``, in the background."""
    return subprocess.Popen(
        [*PROGRAM, "schedule", "run", *words],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def status(folder: Path) -> Any:
    return json.loads(assess(folder, "schedule", "status", "--json").stdout)


def attempts(folder: Path) -> Any:
    return json.loads((folder / ".assess/schedule-runs.json").read_text())["attempts"]


def finished(folder: Path) -> list[str]:
    return sorted(path.parent.name for path in (folder / "runs").glob("*/manifest.json"))


def until_free(folder: Path) -> None:
    """Returns when nobody holds the folder."""
    with (folder / ".assess/schedule.lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)


def until_waiting(process: subprocess.Popen[str]) -> None:
    """Returns when ``process`` waits for a lock, as the kernel says (``-> FLOCK``)."""
    while not any(
        "->" in line and f" {process.pid} " in line
        for line in Path("/proc/locks").read_text().splitlines()
    ):
        assert process.poll() is None


def test_a_run_by_hand_is_refused_beside_another_and_a_scheduled_one_waits(folder: Path) -> None:
    schedule(folder)
    with stuck_run(folder) as first:
        second = assess(folder, "run", "--checks", "checks")
        assert second.returncode == 3
        assert "another assess is working on it" in second.stderr
        by_hand = assess(folder, "schedule", "run")
        assert by_hand.returncode == 3
        assert "another assess is working on it (by hand)" in by_hand.stderr
        assert status(folder)["state"] == "overdue"
        due = start(folder, "--if-due")
        until_waiting(due)
        # The next one finds the gate open; the first is killed before it does.
        gate = os.open(folder / "gate", os.O_RDWR | os.O_NONBLOCK)
        (folder / "open").write_text("go\n")
        (folder / "open").replace(folder / "gate")
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
        os.write(gate, b"go\n")
        out, _ = due.communicate()
        os.close(gate)
    assert due.returncode == 0, out
    assert len(finished(folder)) == 1
    assert status(folder)["last"]["run"] == finished(folder)[0]


def test_a_run_whose_starter_is_killed_goes_on_and_still_holds_the_folder(folder: Path) -> None:
    schedule(folder)
    starter = start(folder, "--if-due")
    gate = os.open(folder / "gate", os.O_WRONLY)  # waits until the run reads
    starter.kill()
    starter.communicate()
    assert assess(folder, "run", "--checks", "checks").returncode == 3
    refused = assess(folder, "schedule", "run")
    assert (refused.returncode, "(scheduled)" in refused.stderr) == (3, True)
    assert assess(folder, "schedule", "run", "--if-due").returncode == 0
    assert status(folder)["state"] == "going"
    os.write(gate, b"go\n")
    os.close(gate)
    until_free(folder)
    after = status(folder)
    assert (after["state"], after["last"]["ending"]) == ("not-due", "ended")
    assert [after["last"]["run"]] == finished(folder)


def test_a_run_that_is_killed_is_told_gone_on_with_and_given_up_after_the_third_time(
    folder: Path,
) -> None:
    schedule(folder)
    with (folder / "assessment.yaml").open("a") as settings:
        settings.write("notify:\n  - slack: {url: {env: LAB_SLACK}}\n")
    for _ in range(3):
        starter = start(folder, "--if-due")
        gate = os.open(folder / "gate", os.O_WRONLY)
        # The run first; what it asked by then ends by itself, sooner or later than we come to it.
        for child in descendants(starter.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        out, _ = starter.communicate()
        os.close(gate)
        assert starter.returncode == 137, out
        assert "went wrong" in out
        assert "broken off by signal 9" in out
        assert "the variable LAB_SLACK is not set" in out  # who was to be told, by assess notify
    assert len(list((folder / "runs").iterdir())) == 1  # the same one was gone on with
    assert [each["resumes"] != "" for each in attempts(folder)] == [False, True, True]
    given_up = assess(folder, "schedule", "run", "--if-due")
    assert (given_up.returncode, given_up.stdout + given_up.stderr) == (0, "")
    told = assess(folder, "schedule", "status")
    assert told.returncode == 1
    assert "broken off 3 times, and not begun again by itself" in told.stdout


def test_a_run_that_is_stopped_lets_the_one_that_it_started_end(folder: Path) -> None:
    schedule(folder)
    starter = start(folder)
    gate = os.open(folder / "gate", os.O_WRONLY)
    starter.terminate()
    starter.communicate()
    os.close(gate)
    until_free(folder)
    assert starter.returncode == 143
    (attempt,) = attempts(folder)
    assert (attempt["code"], attempt["run"]) == (143, "")


@pytest.mark.parametrize(
    ("spoil", "code", "words"),
    [
        pytest.param(
            lambda folder: (folder / "assessment.yaml").write_text("targets: 1\n"),
            2,
            "wrong usage or settings",
            id="settings",
        ),
        pytest.param(
            lambda folder: (folder / "runs").write_text(""), 5, "it left no finished run", id="disk"
        ),
    ],
)
def test_a_run_that_fails_is_told_once_and_not_tried_again(
    folder: Path, spoil: Callable[[Path], object], code: int, words: str
) -> None:
    schedule(folder)
    spoil(folder)
    failed = assess(folder, "schedule", "run", "--if-due")
    assert failed.returncode == code
    assert words in failed.stderr
    again = assess(folder, "schedule", "run", "--if-due")
    assert (again.returncode, again.stdout + again.stderr) == (0, "")
    told = assess(folder, "schedule", "status")
    assert told.returncode == 1
    assert words in told.stdout
    assert len(attempts(folder)) == 1


def test_variables_come_from_the_file_and_nobody_is_asked(folder: Path) -> None:
    (folder / "env").write_text("LAB_VALUE='it came'\n")
    (folder / "env").chmod(0o600)
    schedule(folder)
    kept = json.loads((folder / ".assess/schedule.json").read_text())
    kept["environment_file"] = str(folder / "env")
    (folder / ".assess/schedule.json").write_text(json.dumps(kept))
    starter = start(folder)
    gate = os.open(folder / "gate", os.O_WRONLY)
    child = psutil.Process(descendants(starter.pid)[0])
    assert child.environ()["LAB_VALUE"] == "it came"
    assert "LAB_VALUE" not in psutil.Process(starter.pid).environ()
    assert Path(f"/proc/{child.pid}/fd/0").resolve() == Path("/dev/null")
    os.write(gate, b"go\n")
    os.close(gate)
    out, _ = starter.communicate()
    assert starter.returncode in {0, 1, 3}, out
    (folder / "env").chmod(0o640)
    refused = assess(folder, "schedule", "run")
    assert (refused.returncode, "chmod 600" in refused.stderr) == (2, True)


def test_what_would_be_written_is_printed_and_nothing_is_written(tmp_path: Path) -> None:
    words = ("schedule", "install", "--dry-run", "--user", "--with")
    told = {name: assess(tmp_path, *words, name) for name in ("systemd", "cron", "windows")}
    assert {done.returncode for done in told.values()} == {0}
    assert "[Timer]\nOnCalendar=Tue *-*-01..07 10:00:00\n" in told["systemd"].stdout
    assert told["cron"].stdout.count("\n") == 2
    assert told["windows"].stdout.startswith('<?xml version="1.0" encoding="UTF-16"?>')
    assert "this machine is a target without a connection" in told["systemd"].stderr
    assert "No schedule is installed" in assess(tmp_path, "schedule", "status").stdout
    assert list(tmp_path.iterdir()) == []


def test_a_programme_is_called_so_that_the_folder_it_starts_in_cannot_be_it(tmp_path: Path) -> None:
    done = assess(tmp_path, "schedule", "install", "--dry-run", "--with", "cron", "--user")
    assert f"{sys.executable} -P -m assessor schedule run --if-due" in done.stdout


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--monthly", "--weekly"), "choose one of"),
        (("--cron", "* * * * *"), "more than once an hour"),
        (("--cron", "0 1 * * *", "--at", "10:00"), "says the day and the time itself"),
        (("--user", "--system"), "choose one of"),
        (("--with", "windows", "--system"), "leave out --system"),
        (("--with", "cron", "--credential", "a=/b"), "only systemd hands over"),
        (("--with", "systemd", "--credential", "hunter2"), "not NAME=/PATH"),
        (("--with", "cron", "--environment-file", "nowhere"), "nowhere"),
        (("--with", "cron", "--", "--resume"), "is not for a scheduled run"),
        (("--with", "cron", "--", "-C", "elsewhere"), "is not for a scheduled run"),
        (("--with", "cron", "--", "--nonsense"), "No such option"),
        (("--with", "cron", "--", "--profile", "nonsense"), "nonsense"),
        (("--with", "windows", "--user"), "schtasks /Create"),
        (("--with", "launchd", "--user"), "there is no launchd here"),
    ],
)
def test_what_cannot_be_installed_is_refused_and_leaves_nothing(
    tmp_path: Path, words: tuple[str, ...], complaint: str
) -> None:
    done = assess(tmp_path, "schedule", "install", *words)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


SECRETS = """
language: en
targets:
  - name: a
    role: server
    transport: ssh
    address: 127.0.0.1
    secrets: {password: {env: LAB_ONE}, sudo_password: ask}
notify:
  - slack: {url: {env: LAB_TWO}}
"""


def test_what_nobody_will_be_there_for_is_told_beforehand(tmp_path: Path) -> None:
    (tmp_path / "assessment.yaml").write_text(SECRETS)
    (tmp_path / "env").write_text("LAB_ONE=hunter2\n")
    (tmp_path / "env").chmod(0o600)
    words = ("schedule", "install", "--dry-run", "--with", "systemd", "--system")
    done = assess(tmp_path, *words, "--environment-file", "env")
    assert done.returncode == 0, done.stderr
    assert "not set there: LAB_TWO" in done.stderr
    assert "LAB_ONE" not in done.stderr
    assert "the sudo_password of a is asked for on a terminal" in done.stderr
    assert f"EnvironmentFile={tmp_path}/env\n" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


STAND_IN = """#!/bin/sh
echo "$0 $*" >>"$LAB_CALLS"
case "$*" in
  *Query*|*print*) test -e "$LAB_CALLS.there" ;;
  *Create*) touch "$LAB_CALLS.there"; cp "$6" "$LAB_CALLS.task" ;;
  *bootstrap*) touch "$LAB_CALLS.there" ;;
  *Delete*|*bootout*) rm "$LAB_CALLS.there" ;;
esac
"""


@pytest.mark.parametrize(
    ("manager", "tool"), [("windows", "schtasks.exe"), ("launchd", "launchctl")]
)
def test_what_is_not_here_is_called_as_its_manual_says(
    tmp_path: Path, manager: str, tool: str
) -> None:
    """Neither Windows nor macOS is here: their tools are stood in for by one that takes notes."""
    place, tools = tmp_path / "folder", tmp_path / "tools"
    place.mkdir()
    tools.mkdir()
    (tools / tool).write_text(STAND_IN)
    (tools / tool).chmod(0o755)
    more = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "LAB_CALLS": str(tmp_path / "calls"),
        "HOME": str(tmp_path),
    }
    done = assess(place, "schedule", "install", "--user", "--with", manager, **more)
    assert done.returncode == 0, done.stderr
    assert assess(place, "schedule", "status", **more).returncode == 0
    if manager == "windows":
        assert (tmp_path / "calls.task").read_text("utf-16").startswith("<?xml")
    assert assess(place, "schedule", "remove", **more).stdout == "Removed.\n"
    left = [path for path in tmp_path.rglob("*assess-*") if path.is_file()]
    assert left == []
    calls = [line.split()[1:3] for line in (tmp_path / "calls").read_text().splitlines()]
    domain = f"gui/{os.getuid()}"
    name = name_of(str(place))
    assert (
        calls
        == {
            "windows": [["/Create", "/F"], ["/Query", "/TN"], ["/Query", "/TN"], ["/Delete", "/F"]],
            "launchd": [
                ["bootstrap", domain],
                ["print", f"{domain}/org.assess.{name}"],
                ["bootout", f"{domain}/org.assess.{name}"],
            ],
        }[manager]
    )

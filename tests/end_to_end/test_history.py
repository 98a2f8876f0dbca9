"""``assess history`` and ``assess diff``, and a run that is added when it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from assessor.catalogue.scaffold import write_check
from assessor.history.schedule.cadence import read_cadence
from assessor.history.schedule.job import Manager, Scope, name_of
from assessor.history.schedule.record import Installed, installed_text
from tests.end_to_end.assess import ROOT, assess, environment, last_run
from tests.unit.history.months import Company, starts, write_months, write_run
from tests.unit.history.postgres import PASSWORD, postgres

PROFILE = """
id: quick
title: {nl: Snel, en: Quick}
checks: {quick_check: {}}
measures: [patching]
"""
SETTINGS = """
language: en
profile: quick
targets:
  - {name: here, role: server, transport: local}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An assessment of this machine by one check that is soon done."""
    write_check(tmp_path / "checks", "quick_check", "patching", frozenset({"patching"}))
    (tmp_path / "assessment.yaml").write_text(SETTINGS)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "quick.yaml").write_text(PROFILE)
    return tmp_path


def run(folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return assess(folder, "run", "--checks", "checks", "--quiet", **more)


def lines(done: subprocess.CompletedProcess[str]) -> list[Any]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


# --- runs that are added ----------------------------------------------------------------------


def test_a_run_is_in_the_history_when_it_ends(folder: Path) -> None:
    assert run(folder).returncode == 0
    database = folder / ".assess" / "history.sqlite"
    before = database.read_bytes()
    promise, told = lines(assess(folder, "history", "--json"))
    assert (promise["promise"], promise["verdict"]) == ("patching", "kept")
    assert (told["run"], told["findings"]["pass"]) == (last_run(folder).name, 1)
    assert database.read_bytes() == before, "it was there already"


def test_a_database_that_cannot_be_written_costs_no_run(folder: Path) -> None:
    (folder / ".assess" / "history.sqlite").mkdir(parents=True)
    done = run(folder)
    assert done.returncode == 0, done.stderr
    assert "is not in the history yet" in done.stderr
    assert (last_run(folder) / "report.en.html").exists()
    assert assess(folder, "verify").returncode == 0
    told = assess(folder, "history")
    assert (told.returncode, last_run(folder).name in told.stdout) == (0, True)
    assert "the run folders were read instead" in told.stderr
    (folder / ".assess" / "history.sqlite").rmdir()
    again = assess(folder, "history")
    assert (again.stdout, again.stderr) == (told.stdout, "")


def test_a_run_reaches_postgresql(folder: Path) -> None:
    with postgres() as server:
        settings = f"{SETTINGS}history: {{url: '{server.url}', password: {{env: HISTORY}}}}\n"
        (folder / "assessment.yaml").write_text(settings)
        done = run(folder, HISTORY=PASSWORD)
        assert (done.returncode, "warning" in done.stderr) == (0, False), done.stderr
        kept = server.sql("select run from history_runs", "assess")
        assert kept.split() == [last_run(folder).name]
        assert lines(assess(folder, "history", "--json", HISTORY=PASSWORD))
        silent = run(folder)
        assert silent.returncode == 0
        assert "the variable HISTORY is not set" in silent.stderr
        assert lines(assess(folder, "history", "--json", HISTORY=PASSWORD))
        kept = server.sql("select run from history_runs order by run", "assess")
        assert kept.split() == sorted(each.name for each in (folder / "runs").iterdir())
        refused = assess(folder, "history", HISTORY="not-to-be-seen")
        assert "password authentication failed" in refused.stderr
    away = run(folder, HISTORY=PASSWORD)
    assert away.returncode == 0
    assert "is not in the history yet" in away.stderr
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert PASSWORD.encode() not in everything
    assert PASSWORD not in done.stderr + away.stderr + refused.stderr


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://assess:not-to-be-seen@db.example.nl/x",
        "postgresql://assess@db.example.nl/x?password=not-to-be-seen",
        "postgresql://assess@db.example.nl/x?sslpassword=not-to-be-seen",
        "postgresql://assess:not-to-be-seen@db.example.nl:port/x",
        "mysql://not-to-be-seen@db.example.nl/x",
        "postgresql://not-to-be-seen@db.example.nl",
        "sqlite:///not-to-be-seen",
        "not-to-be-seen",
    ],
)
def test_an_address_that_may_not_stand_there_is_refused(folder: Path, url: str) -> None:
    (folder / "assessment.yaml").write_text(f"{SETTINGS}history: {{url: '{url}'}}\n")
    done = run(folder)
    assert done.returncode == 2
    assert "history.url" in done.stderr
    assert "not-to-be-seen" not in done.stderr


# --- what is told -----------------------------------------------------------------------------


def test_history_lists_runs_and_trends(tmp_path: Path) -> None:
    runs = write_months(tmp_path, 4, hosts=5, checks=5)
    write_run(tmp_path, Company(1, 1, 1), starts(6)[5], sealed=False)
    told = assess(tmp_path, "history")
    assert (told.returncode, told.stderr) == (0, "")
    listed = told.stdout.split("\n\n")[0].splitlines()
    assert [line.split()[0] for line in listed[:4]] == [each.id for each in runs]
    assert listed[4].endswith("broken off: assess run --resume")
    assert "2023-12 to 2024-03, a month a sign: █ kept" in told.stdout
    assert "▇▇▇▇  attested since 2023-12" in told.stdout
    assert "Since the run before: " in told.stdout

    narrow = assess(tmp_path, "history", "--months", "2", "--promise", "MEASURE-25").stdout
    assert "2024-02 to 2024-03" in narrow
    assert "▇▇  attested since 2023-12  Wij beloven measure-25" in narrow
    assert "Wij beloven measure-24" not in narrow


def test_a_terminal_without_bars_gets_letters(tmp_path: Path) -> None:
    write_months(tmp_path, 2, hosts=1, checks=1)
    told = assess(tmp_path, "history", PYTHONIOENCODING="latin-1:strict")
    assert told.returncode == 0, told.stderr
    assert "AA  attested since 2023-12" in told.stdout


def test_history_in_json(tmp_path: Path) -> None:
    runs = write_months(tmp_path, 3, hosts=3, checks=4)
    told = lines(assess(tmp_path, "history", "--json"))
    promises, listed = told[:-3], told[-3:]
    assert [each["run"] for each in listed] == [each.id for each in runs]
    assert {each["targets"] for each in listed} == {3}
    assert sum(listed[0]["findings"].values()) == 12
    assert len(promises) == 25
    for each in promises:
        assert [point["run"] for point in each["trend"]] == [one.id for one in runs]
        assert each["trend"][-1]["verdict"] == each["verdict"]


def test_rebuild_makes_the_same_again(tmp_path: Path) -> None:
    write_months(tmp_path, 3, hosts=3, checks=4)
    told = assess(tmp_path, "history", "--json")
    again = assess(tmp_path, "history", "--json", "--rebuild")
    assert (again.returncode, again.stdout) == (0, told.stdout)


def test_a_damaged_database_is_made_again_with_a_note(tmp_path: Path) -> None:
    write_months(tmp_path, 2, hosts=2, checks=2)
    told = assess(tmp_path, "history")
    path = tmp_path / ".assess" / "history.sqlite"
    path.write_bytes(path.read_bytes()[:5000])
    again = assess(tmp_path, "history")
    assert (again.returncode, again.stdout) == (0, told.stdout)
    assert "made again from the run folders" in again.stderr
    assert assess(tmp_path, "history").stderr == ""


def test_no_runs_and_one_run(tmp_path: Path) -> None:
    for words in (["history"], ["diff"]):
        assert assess(tmp_path, *words).returncode == 3
    write_months(tmp_path, 1, hosts=1, checks=1)
    assert assess(tmp_path, "history").returncode == 0
    alone = assess(tmp_path, "diff")
    assert (alone.returncode, "no two finished runs" in alone.stderr) == (3, True)


# --- what changed -----------------------------------------------------------------------------


def test_diff_tells_what_changed_and_what_ends(tmp_path: Path) -> None:
    runs = write_months(tmp_path, 12, hosts=20, checks=12)
    found = json.loads(assess(tmp_path, "diff", runs[0].id[:6], "latest", "--json").stdout)
    assert (found["before"], found["after"]) == (runs[0].id, runs[-1].id)
    assert {each["change"] for each in found["findings"]["changed"]} >= {"worse", "new", "gone"}
    assert found["new_targets"]
    assert len(found["new_targets"]) == len(found["lost_targets"])
    assert any(each["was"] for each in found["promises"]["changed"])
    assert found["findings"]["unchanged"] + len(found["findings"]["changed"]) > 200

    told = assess(tmp_path, "diff", runs[0].id, runs[-1].id).stdout
    assert told.startswith(f"From {runs[0].id} to {runs[-1].id}\n")
    for name in found["new_targets"]:
        assert f"New here: {name} (" in told
    for name in found["lost_targets"]:
        assert f"No longer asked: {name} (" in told
    assert "was: Wij beloven" in told
    # The order in which the two are named does not matter.
    assert assess(tmp_path, "diff", runs[-1].id, runs[0].id).stdout == told


def test_diff_says_what_expires_before_the_next_run(tmp_path: Path) -> None:
    runs = write_months(tmp_path, 4, hosts=20, checks=3)
    found = json.loads(assess(tmp_path, "diff", "--json").stdout)
    assert (found["before"], found["next_run"]) == (runs[-2].id, "2024-04-01")
    ends = [each["ends"] for each in found["expire"]["certificates"]]
    assert ends == sorted(ends)
    assert ends
    assert all("2024-03-01" <= day <= "2024-04-01" for day in ends)
    assert [each["measure"] for each in found["expire"]["attestations"]] == ["measure-22"]
    told = assess(tmp_path, "diff").stdout
    assert "Before the next run (2024-04-01):" in told
    assert "the word of Jo for measure-22 counts until 2024-03-31" in told
    assert told.count("the certificate of") == len(ends)


def test_the_next_run_is_when_the_schedule_says(tmp_path: Path) -> None:
    runs = write_months(tmp_path, 2, hosts=5, checks=1)
    at = starts(2)[1]
    installed = Installed(
        name=name_of(str(tmp_path.resolve())),
        folder=str(tmp_path.resolve()),
        manager=Manager.CRON,
        scope=Scope.USER,
        cadence=read_cadence("weekly tue 10:00"),
        options=(),
        user="",
        environment_file="",
        at=at,
    )
    (tmp_path / ".assess").mkdir()
    (tmp_path / ".assess" / "schedule.json").write_text(installed_text(installed))
    found = json.loads(assess(tmp_path, "diff", "--json", TZ="UTC").stdout)
    assert (found["after"], found["next_run"]) == (runs[-1].id, "2024-01-02")
    (tmp_path / ".assess" / "schedule.json").write_text("damaged")
    assert json.loads(assess(tmp_path, "diff", "--json").stdout)["next_run"] == "2024-02-01"


def test_diff_of_what_is_not_there(tmp_path: Path) -> None:
    runs = write_months(tmp_path, 2, hosts=1, checks=1)
    broken_off = write_run(tmp_path, Company(1, 1, 1), starts(3)[2], sealed=False)
    same = assess(tmp_path, "diff", runs[0].id, runs[0].id)
    assert (same.returncode, "both are the same run" in same.stderr) == (2, True)
    unknown = assess(tmp_path, "diff", "1999")
    assert (unknown.returncode, "no run begins with '1999'" in unknown.stderr) == (3, True)
    unfinished = assess(tmp_path, "diff", runs[0].id, broken_off.id)
    assert (unfinished.returncode, "was not finished" in unfinished.stderr) == (3, True)
    (runs[0].path / "findings.json").write_text("{}")
    damaged = assess(tmp_path, "diff", runs[0].id, runs[1].id)
    assert (damaged.returncode, f"assess verify {runs[0].id}" in damaged.stderr) == (3, True)


# --- the wheel --------------------------------------------------------------------------------


def test_the_migrations_travel_in_the_wheel(tmp_path: Path) -> None:
    """The history of an installed wheel makes its own tables."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "100% installed")
    folder = tmp_path / "client"
    write_months(folder, 2, hosts=1, checks=1)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "assessor", "history"],
        cwd=folder,
        env=environment() | {"PYTHONPATH": os.fspath(tmp_path / "100% installed")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / ".assess" / "history.sqlite").stat().st_size > 0

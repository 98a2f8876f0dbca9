"""The texts for the schedulers, read as each of them reads."""

from __future__ import annotations

import plistlib
import re
import shlex
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from assessor.errors import InputError, UsageError
from assessor.history.schedule import cron as crontab
from assessor.history.schedule.cadence import Cadence, cron, monthly, weekly
from assessor.history.schedule.envfile import parse
from assessor.history.schedule.job import Job, Manager, Sandbox, Scope, check_path, name_of
from assessor.history.schedule.launchd import plist
from assessor.history.schedule.systemd import units
from assessor.history.schedule.windows import NAMESPACE, task

FOLDER = "/srv/100% Bakker's $HOME; %h"
JOB = Job(
    folder=FOLDER,
    programme=("/opt/a b/assess",),
    user="assess",
    manager=Manager.SYSTEMD,
    scope=Scope.SYSTEM,
    cadence=monthly(),
)
WORDS = ["/opt/a b/assess", "schedule", "run", "--if-due", "-C", FOLDER]


def test_a_name_is_of_the_folder_and_of_no_other() -> None:
    names = {name_of(f"/srv/{client}/assessment") for client in ("a", "b", "A", "a ")}
    assert len(names) == 4
    assert all(re.fullmatch(r"assess-assessment-[0-9a-f]{10}", name) for name in names)
    for odd in ("/", "/srv/ÉÉ", "/srv/" + "x" * 300, "/srv/-", "/srv/\udcff"):
        assert re.fullmatch(r"assess-[a-z0-9-]{1,40}-[0-9a-f]{10}", name_of(odd)), odd


@pytest.mark.parametrize(
    "path", ["relative", "/a\nb", "/a\x1b", "/a ", '/a"b', "/a\\", "/\udcff", "/a\u2028b"]
)
def test_a_path_that_would_mean_something_else_in_a_unit_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match="cannot stand in a file for systemd"):
        check_path(path, Manager.SYSTEMD)


def test_a_unit_says_what_the_job_says() -> None:
    job = replace(JOB, environment_file="/etc/100%.env", credentials=(("key", "/etc/%k"),))
    service, failed, timer = units(job).values()
    assert (
        'ExecStart="/opt/a b/assess" "schedule" "run" "--if-due" "-C" '
        '"/srv/100%% Bakker\'s $$HOME; %%h"\n'
    ) in service
    assert 'ReadWritePaths="/srv/100%% Bakker\'s $HOME; %%h"\n' in service
    for unit in (service, failed):
        assert "\nUser=assess\n" in unit
        assert "\nEnvironmentFile=/etc/100%%.env\nLoadCredential=key:/etc/%%k\n" in unit
        assert "\nProtectSystem=strict\n" in unit
    assert f"\nOnFailure={job.name}-failed.service\n" in service
    assert "\nPersistent=true\nRandomizedDelaySec=30min\n" in timer
    assert "\nOnCalendar=Tue *-*-01..07 10:00:00\nOnBootSec=10min\n" in timer


def test_a_day_or_a_weekday_becomes_two_calendars() -> None:
    timer = units(replace(JOB, cadence=cron("30 9 1,15 * 1")))[f"{JOB.name}.timer"]
    assert "\nOnCalendar=*-*-01,15 09:30:00\nOnCalendar=Mon *-*-* 09:30:00\n" in timer


def walls(job: Job) -> set[str]:
    service = units(job)[f"{job.name}.service"]
    return {line.partition("=")[0] for line in service.splitlines() if "=" in line}


def test_how_far_a_run_is_walled_in_depends_on_what_it_needs() -> None:
    full = walls(JOB)
    assert {"ProtectSystem", "PrivateTmp", "MemoryDenyWriteExecute", "NoNewPrivileges"} <= full
    user = walls(replace(JOB, scope=Scope.USER, user=""))
    assert "NoNewPrivileges" in user
    assert not {"User", "ProtectSystem", "PrivateDevices", "CapabilityBoundingSet"} & user
    assert full - walls(replace(JOB, jit=True)) == {"MemoryDenyWriteExecute"}
    assert full - walls(replace(JOB, folder="/tmp/demo")) == {"PrivateTmp"}
    # What is observed on this machine itself must be the machine, not the sandbox.
    local = walls(replace(JOB, sandbox=Sandbox.NONE))
    assert not {name for name in local if re.match("Protect|Private|Restrict|NoNew|System", name)}


def test_a_crontab_keeps_every_other_line() -> None:
    job = replace(JOB, scope=Scope.USER)
    before = "# mine\nMAILTO=me\n5 5 * * * true # assess-other-0123456789\n\x0bodd\udcff\r\n* * * *"
    after = crontab.with_line(before, job)
    assert crontab.holds(after, job.name)
    assert crontab.with_line(after, job) == after
    assert crontab.without(after, job.name) == before + "\n"
    assert not crontab.holds(before, job.name)
    assert not crontab.holds(f"# {crontab.line(job)}\n", job.name)


def test_a_line_of_a_crontab_is_what_cron_and_the_shell_make_of_it() -> None:
    line = crontab.line(replace(JOB, scope=Scope.USER))
    assert not re.search(r"(?<!\\)%", line)
    minute, *stars = line.split(" ", 5)[:5]
    assert 0 <= int(minute) < 60
    assert stars == ["*"] * 4
    command = line.split(" ", 5)[5].replace("\\%", "%")
    assert shlex.split(command, comments=True) == WORDS
    assert crontab.system_file(JOB).splitlines()[-1].split(" ")[5] == "assess"


def test_folders_do_not_start_all_at_once() -> None:
    minutes = {replace(JOB, folder=f"/srv/{client}").spread for client in range(40)}
    assert len(minutes) > 10
    assert minutes <= set(range(1, 31))


def test_a_property_list_says_what_the_job_says() -> None:
    read = plistlib.loads(plist(JOB).encode())
    assert read["ProgramArguments"] == WORDS
    assert read["RunAtLoad"] is True
    assert read["UserName"] == "assess"
    assert read["Label"] == f"org.assess.{JOB.name}"
    assert "UserName" not in plistlib.loads(plist(replace(JOB, scope=Scope.USER)).encode())


@pytest.mark.parametrize(
    ("cadence", "schedule"),
    [
        (monthly(), "ScheduleByMonthDayOfWeek Weeks Week=1 DaysOfWeek Tuesday Months 12"),
        (monthly("15"), "ScheduleByMonth DaysOfMonth Day=15 Months 12"),
        (cron("0 8 1,2 3,4 *"), "ScheduleByMonth DaysOfMonth Day=1 Day=2 Months March April"),
        (weekly("sun"), "ScheduleByWeek WeeksInterval=1 DaysOfWeek Sunday"),
        (cron("0 8 * * *"), "ScheduleByDay DaysInterval=1"),
        (cron("0 8 1 * 1"), "ScheduleByDay DaysInterval=1"),
    ],
    ids=lambda each: each.said if isinstance(each, Cadence) else "",
)
def test_a_task_comes_on_the_days_of_the_cadence(cadence: Cadence, schedule: str) -> None:
    text = task(replace(JOB, cadence=cadence), date(2026, 11, 1), "Debian")
    trigger = etree.XML(text.split("\n", 1)[1]).find(f".//{{{NAMESPACE}}}CalendarTrigger")
    assert trigger is not None
    names = [each.tag.removeprefix(f"{{{NAMESPACE}}}") for each in trigger]
    assert names[:3] == ["StartBoundary", "Enabled", "RandomDelay"]
    told = []
    for each in trigger[3].iter():
        name = each.tag.removeprefix(f"{{{NAMESPACE}}}")
        told.append(f"{name}={each.text}" if (each.text or "").strip() else name)
    assert " ".join(told).replace(ALL_MONTHS, "Months 12") == schedule


ALL_MONTHS = (
    "Months January February March April May June July August September October November December"
)


def test_a_task_enters_wsl_and_catches_up() -> None:
    text = task(replace(JOB, cadence=cron("5 8,20 * * *")), date(2026, 11, 1), "Debian")
    root = etree.XML(text.split("\n", 1)[1])
    found = {each.tag.removeprefix(f"{{{NAMESPACE}}}"): each.text for each in root.iter()}
    assert found["StartWhenAvailable"] == "true"
    assert found["MultipleInstancesPolicy"] == "IgnoreNew"
    assert found["Command"] == "wsl.exe"
    assert found["Arguments"] == (
        '--distribution Debian --exec "/opt/a b/assess" schedule run --if-due -C '
        '"/srv/100% Bakker\'s $HOME; %h"'
    )
    assert len(root.findall(f".//{{{NAMESPACE}}}CalendarTrigger")) == 2
    assert found["StartBoundary"] == "2026-11-01T20:05:00"


def test_a_file_of_variables_is_read() -> None:
    text = "\n# c\n ; c\nA=1\nB= two words \nC='#$`\"'\nD=\"'\"\nE=\n_f2=x=y\r\n"
    assert parse(text, Path("env")) == {
        "A": "1", "B": "two words", "C": "#$`\"", "D": "'", "E": "", "_f2": "x=y",
    }  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "export A=hunter2", "A", "A =hunter2", "1A=hunter2", "A='hunter2", 'A="hunter2',
        "A=hun'ter2",
        "A=hunter2\\", "A='hun'ter2'", "A=hunter2\x1b", 'A="hunter\\"2"', "A='",
    ],
)  # fmt: skip
def test_what_others_would_read_differently_is_refused_and_not_repeated(line: str) -> None:
    with pytest.raises(InputError, match=r"env:2: ") as refused:
        parse(f"# first\n{line}\n", Path("env"))
    assert "hun" not in str(refused.value)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse(text, Path("env"))
    except InputError:
        return
    assert all("\n" not in value for value in found.values())

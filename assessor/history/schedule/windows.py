"""A schedule as a task for Windows' Task Scheduler: pure.

``assess`` runs on Windows inside WSL, and WSL is not there when nobody uses it. So it is Windows
that starts the run, through ``wsl.exe``. The elements are those of the task schema 1.2 (MS-TSCH).
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from datetime import date
from xml.etree import ElementTree as ET

from assessor.history.schedule.cadence import Cadence
from assessor.history.schedule.job import Job

NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_FIRST_WEEK = tuple(range(1, 8))
_SETTINGS = {
    "MultipleInstancesPolicy": "IgnoreNew",
    "DisallowStartIfOnBatteries": "false",
    "StopIfGoingOnBatteries": "false",
    "StartWhenAvailable": "true",
    "RunOnlyIfNetworkAvailable": "true",
    "Enabled": "true",
    "WakeToRun": "false",
    "ExecutionTimeLimit": "PT6H",
}


def task(job: Job, start: date, distribution: str = "") -> str:
    """The task.

    Args:
        job: what is to be run, as it is called inside WSL.
        start: the first day on which it may come.
        distribution: the name that Windows gives to this Linux; its default one if empty.
    """
    root = ET.Element("Task", {"version": "1.2", "xmlns": NAMESPACE})
    info = ET.SubElement(root, "RegistrationInfo")
    _add(info, "Author", "assess")
    _add(info, "Description", f"The run of {job.folder}, every {job.cadence.words}")
    triggers = ET.SubElement(root, "Triggers")
    for hour in job.cadence.hours:
        trigger = ET.SubElement(triggers, "CalendarTrigger")
        _add(trigger, "StartBoundary", f"{start}T{hour:02}:{job.cadence.minute:02}:00")
        _add(trigger, "Enabled", "true")
        _add(trigger, "RandomDelay", "PT30M")
        trigger.append(_schedule(job.cadence))
    principal = ET.SubElement(ET.SubElement(root, "Principals"), "Principal", {"id": "Author"})
    _add(principal, "LogonType", "InteractiveToken")
    _add(principal, "RunLevel", "LeastPrivilege")
    settings = ET.SubElement(root, "Settings")
    for name, value in _SETTINGS.items():
        _add(settings, name, value)
    action = ET.SubElement(ET.SubElement(root, "Actions", {"Context": "Author"}), "Exec")
    _add(action, "Command", "wsl.exe")
    chosen = ["--distribution", distribution] if distribution else []
    words = [*chosen, "--exec", *job.words("run", "--if-due")]
    _add(action, "Arguments", subprocess.list2cmdline(words))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-16"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _schedule(cadence: Cadence) -> ET.Element:
    """The days of a trigger; where Windows cannot say them, every day, and ``assess`` decides."""
    months = [_MONTHS[month - 1] for month in cadence.months] or _MONTHS
    days = [_DAYS[day] for day in cadence.weekdays]
    if cadence.days and not days:
        schedule = ET.Element("ScheduleByMonth")
        _list(schedule, "DaysOfMonth", ("Day", map(str, cadence.days)))
        _names(schedule, "Months", months)
    elif days and cadence.both and cadence.days == _FIRST_WEEK:
        schedule = ET.Element("ScheduleByMonthDayOfWeek")
        _list(schedule, "Weeks", ("Week", ["1"]))
        _names(schedule, "DaysOfWeek", days)
        _names(schedule, "Months", months)
    elif days and not cadence.days and not cadence.months:
        schedule = ET.Element("ScheduleByWeek")
        _add(schedule, "WeeksInterval", "1")
        _names(schedule, "DaysOfWeek", days)
    else:
        schedule = ET.Element("ScheduleByDay")
        _add(schedule, "DaysInterval", "1")
    return schedule


def _names(parent: ET.Element, name: str, values: Iterable[str]) -> None:
    child = ET.SubElement(parent, name)
    for value in values:
        ET.SubElement(child, value)


def _list(parent: ET.Element, name: str, items: tuple[str, Iterable[str]]) -> None:
    child = ET.SubElement(parent, name)
    for value in items[1]:
        _add(child, items[0], value)


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text

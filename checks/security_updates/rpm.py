"""Reads what dnf and zypper say: advisories with the day on which they came out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time

from assessor.api import Captured, values, whole_lines

from .facts import Machine, PackageList, Pending, Updates
from .times import day, moment

STARTS = re.compile(r"\s*(?:Update ID|Name)\s*:\s*(\S+)\s*\Z")
DATES = re.compile(r"\s*(?:Updated|Issued)\s*:\s*(\d{4}-\d\d-\d\d)\b")
SETTLED = re.compile(r"^Nothing to do\.\s*\Z|^Nothing to do\.\s*^Complete!\s*\Z", re.MULTILINE)
DNF4 = "Dependencies resolved."
"""dnf 4 says so first, and ends with "Complete!"; dnf 5 ends with "Nothing to do."."""
WAITING = re.compile(r"^Transaction Summary:?$", re.MULTILINE)
PATCH = re.compile(r"<update\s([^>]*)>(.*?)</update>", re.DOTALL)
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
ISSUED = re.compile(r'<issue-date time_t="(\d{1,11})"')


def read_dnf(machine: Machine, upgrade: Captured, advisories: Captured | None) -> Updates:
    """What dnf says: ``upgrade`` tells whether anything waits, ``advisories`` since when."""
    lists = [entry for entry in machine.lists if "/dnf/" in entry.path or "libdnf5" in entry.path]
    checked = _checked(lists)
    automatic = _automatic(machine)
    if not lists:
        return Updates("dnf", problem="no_lists", automatic=automatic)
    if not any(entry.advisories for entry in lists):
        return Updates("dnf", problem="no_advisories", checked=checked, automatic=automatic)
    settled = bool(SETTLED.search(upgrade.stdout)) and (
        DNF4 not in upgrade.stdout or upgrade.stdout.rstrip().endswith("Complete!")
    )
    waiting = bool(WAITING.search(upgrade.stdout))
    if settled == waiting or (settled and upgrade.exit_status != 0):
        return Updates("dnf", problem="manager_error", checked=checked, automatic=automatic)
    pending, whole = _advisories(advisories.stdout if advisories is not None else "")
    if settled:
        # An advisory for what cannot be upgraded contradicts "nothing to do".
        problem = "unparsed" if pending else ""
        return Updates(
            "dnf",
            problem=problem,
            checked=checked,
            last_install=machine.last_installs.get("dnf"),
            automatic=automatic,
        )
    return Updates(
        "dnf",
        pending=pending or (Pending("?"),),
        checked=checked,
        last_install=machine.last_installs.get("dnf"),
        automatic=automatic,
        complete=bool(pending) and whole and advisories is not None and advisories.whole,
    )


def _checked(lists: list[PackageList]) -> datetime | None:
    """When the lists with advisories were last renewed; those of disabled sources stay behind."""
    moments = [entry.renewed for entry in lists if entry.advisories and entry.renewed]
    return max(moments, default=None)


def _advisories(text: str) -> tuple[tuple[Pending, ...], bool]:
    """The advisories of ``updateinfo info`` (dnf 4) or ``advisory info`` (dnf 5).

    The second value says whether each has exactly one date: else a line is missing.
    """
    names: list[str] = []
    dates: dict[str, datetime] = {}
    found = 0
    for line in text.split("\n"):
        start = STARTS.match(line)
        if start:
            names.append(start[1])
            continue
        issued = DATES.match(line)
        if issued and (when := day(issued[1])):
            found += 1
            if names:
                dates[names[-1]] = datetime.combine(when, time.min, UTC)
    pending = tuple(Pending(name, dates.get(name), exact=name in dates) for name in names)
    return pending, len(dates) == found == len(names)


def _automatic(machine: Machine) -> bool:
    installs = "dnf-automatic-install.timer" in machine.timers
    plain = {"dnf-automatic.timer", "dnf5-automatic.timer"} & machine.timers
    return installs or (bool(plain) and machine.applies_updates)


def read_zypper(machine: Machine, text: str) -> Updates:
    """What zypper says in XML; read by pattern, because a target's XML is not to be trusted."""
    automatic = bool({"transactional-update.timer", "os-update.timer"} & machine.timers)
    lines = whole_lines(text)
    if lines is None:
        return Updates("zypper", problem="unparsed")
    lists = [entry for entry in machine.lists if "/zypp/" in entry.path]
    if not lists:
        return Updates("zypper", problem="no_lists", automatic=automatic)
    xml = "\n".join(values(lines, "zypper"))
    if "status zypper 0" not in lines:
        return Updates("zypper", problem="manager_error", automatic=automatic)
    body = re.search(
        r"<update-list>(.*)</update-list>\s*</update-status>\s*</stream>", xml, re.DOTALL
    )
    if body is None or "<update-list>" in body[1]:
        empty = re.search(r"<update-list\s*/>\s*</update-status>\s*</stream>", xml)
        if empty is None:
            return Updates("zypper", problem="unparsed")
    pending = []
    other = 0
    for attributes, content in PATCH.findall(body[1] if body else ""):
        fields = dict(ATTRIBUTE.findall(attributes))
        if fields.get("category") != "security":
            other += 1
            continue
        issued = ISSUED.search(content)
        when = moment(issued[1]) if issued else None
        pending.append(Pending(fields.get("name", "?"), when, exact=when is not None))
    if body and body[1].count("<update ") != len(pending) + other:
        return Updates("zypper", problem="unparsed")
    return Updates(
        "zypper",
        pending=tuple(pending),
        other=other,
        checked=_checked(lists),
        last_install=machine.last_installs.get("zypper"),
        has_source=any(entry.advisories for entry in lists),
        automatic=automatic,
    )

"""One uninterruptible power supply (UPS), whichever program reported it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

ON_LINE = "OL"
ON_BATTERY = "OB"
CHARGING = "CHRG"
LOW_BATTERY = "LB"
FAULTS = {
    "RB": "replace_battery",
    "OFF": "switched_off",
    "BYPASS": "bypassed",
    "OVER": "overloaded",
    "ALARM": "alarm",
    "FSD": "shutting_down",
}
"""The words of NUT's ups.status that say that it does not protect, or soon will not, with the id of
their message. In bypass no battery stands behind the socket."""
_FIRST_YEAR = 2005
"""Dates before it are what a device was born with ("2001/01/01")."""
HARMLESS = frozenset(
    {ON_LINE, ON_BATTERY, CHARGING, LOW_BATTERY, "DISCHRG", "HB", "TRIM", "BOOST", "CAL", "ECO"}
)


@dataclass(frozen=True, slots=True)
class Supply:
    """What one UPS reports.

    Attributes:
        name: its name for people.
        status: the words of its status, in NUT's terms; empty when it has none.
        contact: the program on this machine has contact with it.
        runtime_s: how long its battery would last now, in seconds.
        test: how its last self-test ended, in its own words; empty when there was none.
        battery_made: when its battery was made or put in, as far as it says so believably.
        guarded: this machine is told, and shuts down, when the battery runs out; ``None`` when
            that cannot be seen.
        simulated: it is no device but a file that plays one.
        alarm: its own words about what is wrong.
    """

    name: str
    status: tuple[str, ...]
    contact: bool
    runtime_s: int | None
    test: str
    battery_made: datetime | None
    guarded: bool | None
    simulated: bool = False
    alarm: str = ""


def self_test_failed(result: str) -> bool:
    """Whether a self-test ended badly, by any maker's words for it.

    Cases from drivers of NUT ("Done and error", "test failed", "Bad battery pack") and apcupsd's
    codes NG (overload) and BT (battery capacity).
    """
    words = set(re.findall(r"[a-z]+", result.lower()))
    return bool(words & {"fail", "failed", "failure", "error", "bad", "ng", "bt"})


def self_test_passed(result: str) -> bool:
    """Whether a self-test ended well: "Done and passed", "OK", "Passed at 2022/07/21"."""
    words = set(re.findall(r"[a-z]+", result.lower()))
    return not self_test_failed(result) and bool(words & {"pass", "passed", "ok", "success"})


def believable_date(texts: Iterable[str], at: datetime) -> datetime | None:
    """The first date that can be a battery's: many devices tell one that they were born with."""
    for text in texts:
        for form in ("%Y/%m/%d", "%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y"):
            try:
                found = datetime.strptime(text, form).replace(tzinfo=UTC)
            except ValueError:
                continue
            if found.year >= _FIRST_YEAR and found <= at:
                return found
    return None


def whole_number(text: str) -> int | None:
    """The number at the start of ``text``, without its fraction."""
    match = re.match(r"[0-9]{1,9}(?=[. ]|\Z)", text)
    return int(match[0]) if match is not None else None

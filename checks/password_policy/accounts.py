"""Local accounts: who has a password, and when it was last changed. No hash is ever read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

NOBODY = 65534


class Password(Enum):
    """What an account's password field allows."""

    USABLE = "usable"
    NONE = "none"
    """Locked or never set: no password opens it."""
    EMPTY = "empty"
    """No password is asked for."""


@dataclass(frozen=True, slots=True)
class Account:
    """A local account.

    Attributes:
        changed: the day of the last change; ``None`` where the system does not know it.
        longest: days after which the system demands a change; ``None`` where it never does.
    """

    name: str
    uid: int
    password: Password
    changed: date | None
    longest: int | None

    def human(self, first: int) -> bool:
        """Root, or an account in the range for people (from ``UID_MIN`` on)."""
        return self.uid == 0 or (self.uid >= first and self.uid != NOBODY)


STATUS = re.compile(r"(\S+) (P|PS|L|LK|NP) (\S+) (-?\d{1,6}) (-?\d{1,6}) (-?\d{1,6}) (-?\d{1,6})")
STATES = {
    "P": Password.USABLE,
    "PS": Password.USABLE,
    "L": Password.NONE,
    "LK": Password.NONE,
    "NP": Password.EMPTY,
}
SIGN = re.compile(r"([^:\s]+):([!*:$_]?)")
SIGNS = {":": Password.EMPTY, "!": Password.NONE, "*": Password.NONE}
DAYS = re.compile(r"([^:\s]+):(\d{0,6}):(-?\d{0,6})")
AGE = re.compile(r"\d{1,6}")
NEVER = 10000
"""A maximum age from here on (27 years) means that no change is demanded; 99999 is the default."""


def read_status(text: str, uids: Mapping[str, int]) -> tuple[Account, ...] | None:
    """The accounts of ``passwd -Sa``; ``None`` unless every local account has one good line."""
    accounts = []
    days: dict[str, date | None] = {}  # most accounts came with the system, on one day
    for line in text.splitlines():
        match = STATUS.match(line)
        if match is None or match[1] not in uids:
            return None
        name, state, day, age = match[1], match[2], match[3], match[5]
        if day not in days:
            days[day] = _day(day)
        accounts.append(Account(name, uids[name], STATES[state], days[day], _age(age)))
    names = [account.name for account in accounts]
    complete = sorted(names) == sorted(uids) and text.endswith("\n")
    return tuple(accounts) if complete else None


def read_shadow(signs: str, days: str, uids: Mapping[str, int]) -> tuple[Account, ...] | None:
    """The accounts of shadow(5); ``None`` unless every local account has one good line in both.

    Args:
        signs: each name and the first sign of its password.
        days: each name, the day of the last change and the days after which one is demanded.
        uids: the local accounts.
    """
    states = {}
    for line in signs.splitlines():
        match = SIGN.fullmatch(line)
        if match is None or match[1] in states:
            return None
        states[match[1]] = SIGNS.get(match[2], Password.USABLE)
    accounts = {}
    for line in days.splitlines():
        match = DAYS.fullmatch(line)
        if match is None or match[1] in accounts or match[1] not in states:
            return None
        if match[1] in uids:  # a line that belongs to no account lets nobody in
            changed = date(1970, 1, 1) + timedelta(int(match[2])) if int(match[2] or 0) else None
            accounts[match[1]] = Account(
                match[1], uids[match[1]], states[match[1]], changed, _age(match[3])
            )
    whole = signs.endswith("\n") and days.endswith("\n") and set(accounts) == set(uids)
    return tuple(accounts.values()) if whole else None


def _day(text: str) -> date | None:
    """The day of a change; ``never`` and the first days of 1970 (0, -1) say that none is known."""
    for form in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return day if day.year > 1970 else None
    return None


def _age(text: str) -> int | None:
    days = int(text) if AGE.fullmatch(text) else -1
    return days if 0 <= days < NEVER else None

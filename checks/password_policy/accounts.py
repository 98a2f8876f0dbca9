"""Local accounts: who has a password, and when it was last changed. No hash is ever read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
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
NEVER = 10000
"""A maximum age from here on (27 years) means that no change is demanded; 99999 is the default."""


def read_status(text: str, uids: Mapping[str, int]) -> tuple[Account, ...] | None:
    """The accounts of ``passwd -Sa``; ``None`` unless every local account has one good line."""
    accounts = []
    for line in text.splitlines():
        match = STATUS.match(line)
        if match is None or match[1] not in uids:
            return None
        accounts.append(
            Account(match[1], uids[match[1]], STATES[match[2]], _day(match[3]), _age(match[5]))
        )
    names = [account.name for account in accounts]
    complete = sorted(names) == sorted(uids) and text.endswith("\n")
    return tuple(accounts) if complete else None


def read_logins(text: str, uids: Mapping[str, int]) -> tuple[Account, ...] | None:
    """The accounts of ``lslogins --export``; ``None`` unless every local account is whole.

    lslogins does not tell an empty password from one that was never set: both count as none.
    """
    accounts = []
    for line in text.splitlines():
        fields = {name.replace("_", "-"): value for name, value in _pairs(line)}
        flags = [fields.get(name, "") for name in ("PWD-EMPTY", "PWD-LOCK", "PWD-DENY")]
        name = fields.get("USER", "")
        if any(flag not in ("0", "1") for flag in flags) or not {"PWD-CHANGE", "PWD-MAX"} <= set(
            fields
        ):
            return None
        if name not in uids:
            continue  # from a directory
        state = Password.USABLE if flags == ["0", "0", "0"] else Password.NONE
        accounts.append(
            Account(name, uids[name], state, _day(fields["PWD-CHANGE"]), _age(fields["PWD-MAX"]))
        )
    names = [account.name for account in accounts]
    complete = sorted(names) == sorted(uids) and text.endswith("\n")
    return tuple(accounts) if complete else None


def _pairs(line: str) -> list[tuple[str, str]]:
    return re.findall(r'([A-Z_-]+)="([^"]*)"', line)


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
    days = int(text) if re.fullmatch(r"\d{1,6}", text) else -1
    return days if 0 <= days < NEVER else None

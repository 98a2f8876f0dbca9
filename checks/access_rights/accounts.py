"""Accounts and groups as the scripts print them, and whether each account has a password."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum

from assessor.api import Record

from .keys import Key

NOBODY = frozenset({65534, 4294967294})
ADMIN_GROUPS = ("sudo", "wheel", "admin")
"""Whose members polkit takes for administrators: on Debian, on Red Hat, on older Ubuntu."""
ROOT_GROUPS = ("docker", "lxd", "incus-admin", "libvirt", "disk", "kmem")
"""Whose members can become root without being asked: they start containers or machines as root, or
write to the disks or the memory themselves (base-passwd, "Users and Groups in the Debian System").
"""
_NO_SHELLS = frozenset({"nologin", "false", "true", "sync", "shutdown", "halt", "null", "uucico"})
_FIRST_PERSON = 1000
_USUAL_KEYS = re.compile(r"none|(?:%h/)?\.ssh/authorized_keys2?", re.IGNORECASE)


class Password(Enum):
    """What an account's password field allows."""

    USABLE = "usable"
    LOCKED = "locked"
    """No password opens it."""
    EMPTY = "empty"
    """No password is asked for."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account; ``local`` when it stands in the machine's own passwd file."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str
    local: bool

    @property
    def has_shell(self) -> bool:
        """Whether a log-in gets it anywhere; an empty field means ``/bin/sh``."""
        return self.shell.rpartition("/")[2] not in _NO_SHELLS


@dataclass(frozen=True, slots=True)
class Host:
    """What the script says of a machine.

    Attributes:
        name: its own name, as sudo compares it.
        now: its clock.
        groups: the groups of each account, names and numbers, also its first one.
        first_uid: from here on accounts are people's.
        servers: where more accounts and rights come from.
        sudo: sudo is installed.
        polkit: polkit is installed, which gives the administrators' groups root's rights.
        doas: the lines of doas.conf.
        unread: files of rules that could not be read.
        states: what only root can see of passwords, where the log-in was root's.
        changed: when each password was last changed, where that is known.
        last: when each account last logged in.
        never: accounts that the system's own record says never logged in.
        recorded: log-ins are recorded at all.
        keys: the authorised keys that could be read, by account.
        key_files: when the file of keys last changed, by account.
        keys_hidden: accounts whose keys could not be seen.
        keys_elsewhere: sshd also takes keys from another place than ``~/.ssh/authorized_keys``.
        guest: a Mac lets anyone in as a guest.
        automatic: the account that a Mac logs in by itself.
    """

    name: str
    now: datetime
    accounts: tuple[Account, ...]
    groups: Mapping[str, frozenset[str]]
    first_uid: int = _FIRST_PERSON
    servers: tuple[str, ...] = ()
    sudo: bool = False
    polkit: bool = False
    doas: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    states: Mapping[str, Password] = field(default_factory=dict)
    changed: Mapping[str, date] = field(default_factory=dict)
    last: Mapping[str, datetime] = field(default_factory=dict)
    never: frozenset[str] = frozenset()
    recorded: bool = False
    keys: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)
    key_files: Mapping[str, datetime] = field(default_factory=dict)
    keys_hidden: frozenset[str] = frozenset()
    keys_elsewhere: bool = False
    guest: bool = False
    automatic: str = ""

    def person(self, account: Account) -> bool:
        """Whether the account is in the range for people; root is nobody's."""
        return account.uid >= self.first_uid and account.uid not in NOBODY

    def service(self, account: Account) -> bool:
        """Whether the account is in the range for services."""
        return 0 < account.uid < self.first_uid


def read_host(found: Iterable[Record]) -> Host | None:
    """Sorts the records of a script; ``None`` when an account or group is not of the known form."""
    said: dict[str, list[str]] = {}
    for kind, text in found:
        said.setdefault(kind, []).append(text)
    accounts = _accounts(said)
    groups = _groups(said.get("group", []))
    now = _seconds(_first(said, "now"))
    if not accounts or not groups or now is None:
        return None
    members = {
        name: listed | {a.name for a in accounts if a.gid == gid}
        for name, (gid, listed) in groups.items()
    }
    numbers = {name: str(gid) for name, (gid, _) in groups.items()}
    last, never = _log_ins(said)
    states, changed = _states(said.get("state", []))
    first = _first(said, "uid_min")
    return Host(
        name=_first(said, "host"),
        now=now,
        accounts=accounts,
        groups={
            a.name: frozenset(
                word
                for name, names in members.items()
                if a.name in names
                for word in (name, numbers[name])
            )
            for a in accounts
        },
        first_uid=int(first) if re.fullmatch(r"[0-9]{1,9}", first) else _FIRST_PERSON,
        servers=tuple(dict.fromkeys(said.get("directory", []))),
        sudo="sudo" in said,
        polkit="polkit" in said,
        doas=tuple(said.get("doas", [])),
        unread=tuple(said.get("unreadable", [])),
        states=states,
        changed=changed,
        last=last,
        never=frozenset(never),
        recorded="records" in said,
        keys=_keys(said.get("key", [])),
        key_files=_times(said.get("key_file", [])),
        keys_hidden=frozenset(said.get("keys_hidden", [])),
        keys_elsewhere=any(not _USUAL_KEYS.fullmatch(t) for t in said.get("keys_setting", [])),
        guest="on" in said.get("guest", []),
        automatic=_first(said, "auto_login"),
    )


def read_status(
    text: str, accounts: Iterable[Account]
) -> tuple[dict[str, Password], dict[str, date]] | None:
    """The states and days of ``passwd -Sa``; ``None`` unless it has a line for each account."""
    states, changed = {}, {}
    for line in text.splitlines():
        entry = re.match(r"(\S+) (P|PS|L|LK|NP) (\S+) -?\d+ -?\d+ -?\d+ -?\d+", line)
        if entry is None or entry[1] in states:
            return None
        states[entry[1]] = _STATES[entry[2]]
        day = _day(entry[3])
        if day is not None:
            changed[entry[1]] = day
    return (states, changed) if _complete(text, states, accounts) else None


def read_signs(text: str, accounts: Iterable[Account]) -> dict[str, Password] | None:
    """The states by the one sign after each name; ``None`` unless each local account has one."""
    states = {}
    for line in text.splitlines():
        entry = re.fullmatch(r"([^:\s]+):([!*:$_]?)", line)
        if entry is None or entry[1] in states:
            return None
        states[entry[1]] = _SIGNS.get(entry[2], Password.USABLE)
    return states if _complete(text, states, accounts) else None


_STATES = {
    "P": Password.USABLE,
    "PS": Password.USABLE,
    "L": Password.LOCKED,
    "LK": Password.LOCKED,
    "NP": Password.EMPTY,
}
_SIGNS = {":": Password.EMPTY, "!": Password.LOCKED, "*": Password.LOCKED}


def _complete(text: str, states: Iterable[str], accounts: Iterable[Account]) -> bool:
    return text.endswith("\n") and {a.name for a in accounts if a.local} <= set(states)


def _accounts(said: Mapping[str, list[str]]) -> tuple[Account, ...]:
    accounts = []
    for kind in ("account", "other"):
        for text in said.get(kind, []):
            entry = re.fullmatch(
                r"([^:\s]+):(?:empty|set):(-?[0-9]{1,10}):(-?[0-9]{1,10}):([^:]*):([^:]*)", text
            )
            if entry is None:
                return ()
            accounts.append(
                Account(
                    entry[1], int(entry[2]), int(entry[3]), entry[4], entry[5], kind == "account"
                )
            )
    return tuple(accounts)


def _groups(lines: list[str]) -> dict[str, tuple[int, set[str]]]:
    groups: dict[str, tuple[int, set[str]]] = {}
    for text in lines:
        entry = re.fullmatch(r"([^:]+):(-?[0-9]{1,10}):([^:]*)", text)
        if entry is None:
            return {}
        names = {name for name in entry[3].split(",") if name}
        groups[entry[1]] = (int(entry[2]), names | groups.get(entry[1], (0, set()))[1])
    return groups


def _states(lines: list[str]) -> tuple[dict[str, Password], dict[str, date]]:
    states, changed = {}, {}
    for text in lines:
        entry = re.fullmatch(r"(\S+) (P|L|NP)(?: ([0-9]{0,6}))?", text)
        if entry is not None:
            states[entry[1]] = _STATES[entry[2]]
            if entry[3] and int(entry[3]) > 0:
                changed[entry[1]] = date.fromordinal(date(1970, 1, 1).toordinal() + int(entry[3]))
    return states, changed


def _log_ins(said: Mapping[str, list[str]]) -> tuple[dict[str, datetime], set[str]]:
    last: dict[str, datetime] = {}
    for text in said.get("last", []):
        name, _, moment = text.partition(" ")
        for form in ("%b %d %H:%M:%S %z %Y", "%Y-%m-%dT%H:%M:%S%z"):
            try:
                at = datetime.strptime(moment, form).astimezone(UTC)
            except (ValueError, OverflowError):
                continue
            last[name] = max(at, last.get(name, at))
    return last, {name for name in said.get("never", []) if name not in last}


def _keys(lines: list[str]) -> dict[str, tuple[Key, ...]]:
    keys: dict[str, tuple[Key, ...]] = {}
    for text in lines:
        name, _, blob = text.partition(" ")
        keys[name] = (*keys.get(name, ()), Key.read(blob))
    return keys


def _times(lines: list[str]) -> dict[str, datetime]:
    times = {}
    for text in lines:
        name, _, seconds = text.partition(" ")
        moment = _seconds(seconds)
        if moment is not None:
            times[name] = moment
    return times


def _seconds(text: str) -> datetime | None:
    return datetime.fromtimestamp(int(text), UTC) if re.fullmatch(r"[0-9]{1,11}", text) else None


def _day(text: str) -> date | None:
    """The day of a change; ``never`` and the first days of 1970 (0, -1) say that none is known."""
    for form in ("%Y-%m-%d", "%m/%d/%Y"):
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return day if day.year > 1970 else None
    return None


def _first(said: Mapping[str, list[str]], kind: str) -> str:
    return said.get(kind, [""])[0]

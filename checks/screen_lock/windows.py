"""Whether a Windows locks by itself.

The machine's own limit holds for everybody (InactivityTimeoutSecs; with management by MDM,
MaxInactivityTimeDeviceLock). Without it each person's screen saver counts, by policy or by choice.
On a server, ending idle sessions of remote desktop counts as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from assessor.api import (
    Captures,
    Fact,
    Facts,
    Fields,
    Message,
    Outcome,
    Registry,
    Role,
    Told,
    UnparsedError,
    read_object,
    read_registry,
    told,
)

from .lock import minutes
from .verdict import Verdict
from .windows_people import Person, read_people

_SYSTEM = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System"
_MDM = r"HKLM\SOFTWARE\Microsoft\PolicyManager\current\device\DeviceLock"
_POWER = r"HKLM\SOFTWARE\Policies\Microsoft\Power\PowerSettings"
_SCHEMES = r"HKLM\SYSTEM\CurrentControlSet\Control\Power\User\PowerSchemes"
_ASKS = "0e796bdb-100d-47d6-a2d5-f7d2daa51f51"
_ASKS_GROUP = "fea3413e-7e05-4911-9a71-700331f1c294"
_SLEEPS = "29f6c1db-86da-48c5-9fdb-f2b67b1f44da"
_SLEEPS_GROUP = "238c9fa8-0aad-41ed-83f4-97be242c8f20"
_DYNAMIC = r"HKLM\SOFTWARE\Policies\Microsoft\PassportForWork\DynamicLock"
_RDP_POLICY = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services"
_RDP_OWN = r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp"
_RDP_ALL = r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server"
_MS = 1000


@dataclass(frozen=True, slots=True)
class Machine:
    """What holds for everybody.

    Attributes:
        limit_s: seconds after which the machine locks; ``None`` for no limit.
        managed_s: the same, by MDM.
        lock_barred: nobody may lock the screen.
        asks: whether the password is asked for on waking up, plugged in and on battery;
            ``None`` where nothing says so, which is yes.
        sleeps_s: seconds after which it goes to sleep when plugged in; 0 for never, ``None`` where
            nothing says so.
        dynamic: Windows locks when a person's telephone is out of reach.
        remote: remote desktop is open.
        idle_s: seconds after which an idle session of remote desktop is cut; ``None`` for never.
        left_s: seconds after which a session that was cut ends; ``None`` for never.
    """

    limit_s: int | None
    managed_s: int | None
    lock_barred: bool
    asks: tuple[int | None, int | None]
    sleeps_s: int | None
    dynamic: bool
    remote: bool
    idle_s: int | None
    left_s: int | None

    @property
    def wakes_open(self) -> bool:
        """Whether the password is not asked for on waking up, at least in one case."""
        return 0 in self.asks


@dataclass(frozen=True, slots=True)
class Windows:
    """What was seen of a Windows."""

    server: bool
    machine: Told[Machine]
    people: Told[tuple[Person, ...]]
    self: str

    def facts(self) -> Facts:
        """The facts for a finding."""
        facts: dict[str, Fact] = {}
        machine, people = self.machine.answer, self.people.answer
        if machine is not None:
            facts |= {
                "machine_limit_seconds": machine.limit_s,
                "managed_limit_seconds": machine.managed_s,
                "sleeps_after_seconds": machine.sleeps_s,
                "remote_idle_seconds": machine.idle_s if machine.remote else None,
            }
        if people is not None:
            seen = tuple(person.name for person in self.judged() if person.loaded)
            facts |= {"accounts": seen}
        return {name: value for name, value in facts.items() if value is not None}

    def judged(self) -> tuple[Person, ...]:
        """The people, without the account that looks unless it sits there itself."""
        people = self.people.answer or ()
        return tuple(each for each in people if each.sits or each.sid != self.self)


def observe(captures: Captures) -> Windows:
    """Reads the answers of a Windows."""
    own = told(captures, "self", _self).answer
    return Windows(
        captures.target.role is Role.SERVER,
        told(captures, "machine", lambda text: _machine(read_registry(text))),
        told(captures, "people", lambda text: read_people(read_registry(text))),
        own or "",
    )


def _self(text: str) -> str:
    found: Fields = read_object(text)
    return found.text("sid")


def _machine(found: Registry) -> Machine:
    remote = found.number(_RDP_POLICY, "fDenyTSConnections")
    if remote is None:
        remote = found.number(_RDP_ALL, "fDenyTSConnections")
    return Machine(
        limit_s=found.number(_SYSTEM, "InactivityTimeoutSecs") or None,
        managed_s=_managed(found),
        lock_barred=found.number(_SYSTEM, "DisableLockWorkstation") == 1,
        asks=_power(found, _ASKS, _ASKS_GROUP),
        sleeps_s=_power(found, _SLEEPS, _SLEEPS_GROUP)[0],
        dynamic=found.number(_DYNAMIC, "DynamicLock") == 1,
        # Without the value remote desktop is closed, as it is on a new Windows.
        remote=remote == 0,
        idle_s=_session(found, "MaxIdleTime", "fInheritMaxIdleTime"),
        left_s=_session(found, "MaxDisconnectionTime", "fInheritMaxDisconnectionTime"),
    )


def _managed(found: Registry) -> int | None:
    """Minutes, in force only where DevicePasswordEnabled is 0, which means that it is enabled."""
    enabled = found.number(_MDM, "DevicePasswordEnabled")
    time = found.number(_MDM, "MaxInactivityTimeDeviceLock")
    if enabled not in (None, 0, 1) or (time or 0) > 999:
        raise UnparsedError("DeviceLock")
    return time * 60 if time and enabled == 0 else None


def _power(found: Registry, setting: str, group: str) -> tuple[int | None, int | None]:
    """Plugged in and on battery: policy first, then what is set in the plan that is in use."""
    active = (found.text(_SCHEMES, "ActivePowerScheme") or "").lower()
    paths = [f"{_POWER}\\{setting}"]
    schemes = {
        key.path.split("\\")[-3].lower(): key
        for key in found.keys(f"{_SCHEMES}\\*\\{group}\\{setting}")
    }
    keys = [*(found.key(path) for path in paths), schemes.get(active)]
    values: list[int | None] = []
    for name in ("ACSettingIndex", "DCSettingIndex"):
        said = [key.number(name) for key in keys if key is not None]
        values.append(next((value for value in said if value is not None), None))
    return values[0], values[1]


def _session(found: Registry, name: str, inherits: str) -> int | None:
    """Seconds: by policy, else as the listener has it where it does not leave it to the users."""
    value = found.number(_RDP_POLICY, name)
    if value is None and found.number(_RDP_OWN, inherits) == 0:
        value = found.number(_RDP_OWN, name)
    return -(-value // _MS) if value else None


def judge(seen: Windows, limit_minutes: int) -> Verdict | Told[Any]:
    """The machine's limit; on a server its sessions; else the people, one by one.

    An answer is given back where it is none to judge.
    """
    limit = limit_minutes * 60
    machine = seen.machine.answer
    if machine is None:
        return seen.machine
    barred = tuple(person.name for person in seen.judged() if person.lock_barred)
    if machine.lock_barred or barred:
        return Verdict(Outcome.UNKNOWN, "win_lock_barred")
    for seconds, message in (
        (machine.limit_s, "win_machine_locks"),
        (machine.managed_s, "win_managed_locks"),
    ):
        if seconds is not None and seconds <= limit:
            return _with_advice(Verdict(Outcome.PASS, message, _said(seconds, limit)), seen)
    closed = machine.remote and machine.idle_s is not None and machine.idle_s <= limit
    if seen.server and closed:
        advice = [Message("console_not_limited")]
        if machine.left_s is None:
            advice.append(Message("win_sessions_stay"))
        said = _said(machine.idle_s or 0, limit)
        return Verdict(Outcome.PASS, "win_remote_closed", said, tuple(advice))
    if seen.people.answer is None:
        return seen.people
    return _with_advice(_people(seen, machine, limit), seen)


def _said(seconds: int, limit: int) -> Facts:
    return {"minutes": minutes(seconds), "limit": minutes(limit)}


def _people(seen: Windows, machine: Machine, limit: int) -> Verdict:
    people = seen.judged()
    if not people:
        return Verdict(Outcome.UNKNOWN, "win_nobody")
    loaded = [person for person in people if person.loaded]
    bounds = [each for each in (machine.limit_s, machine.managed_s) if each is not None]
    bad = [person for person in loaded if not _in_time(person, limit)]
    for person in bad:
        if person.sits and not (person.seconds is not None and not person.program):
            return _fails(seen, person, bounds, limit)
    for person in bad:
        if person.sits:
            return Verdict(Outcome.UNKNOWN, "win_no_program", {"account": person.name})
    # Settings of somebody without a session may be those of a service that never has one.
    unseen = [person for person in people if not person.loaded or person in bad]
    if unseen:
        return Verdict(Outcome.UNKNOWN, "win_users_unseen", {"accounts": _names(unseen)})
    longest = max(person.seconds or 0 for person in loaded)
    advice = () if all(person.fixed for person in loaded) else (Message("win_may_change"),)
    said: Facts = {**_said(longest, limit), "accounts": _names(loaded)}
    return Verdict(Outcome.PASS, "win_people_lock", said, advice)


def _in_time(person: Person, limit: int) -> bool:
    return person.locks and person.seconds is not None and person.seconds <= limit


def _fails(seen: Windows, person: Person, bounds: list[int], limit: int) -> Verdict:
    """Somebody whose screen saver never asks for the password, or asks too late."""
    times = [*bounds, *([person.seconds] if person.seconds is not None else [])]
    said: dict[str, Fact] = {"account": person.name}
    if times:
        facts: Facts = {**said, **_said(min(times), limit)}
        return Verdict(Outcome.FAIL, "win_too_late", facts)
    machine = seen.machine.answer
    if not seen.server and machine is not None and _may_sleep(machine, limit):
        return Verdict(Outcome.UNKNOWN, "win_only_sleep", said)
    return Verdict(Outcome.FAIL, "win_never", said)


def _may_sleep(machine: Machine, limit: int) -> bool:
    """Whether going to sleep might lock it in time: unless settings say that it does not."""
    if machine.asks[0] == 0 or machine.sleeps_s == 0:
        return False
    return machine.sleeps_s is None or machine.sleeps_s <= limit


def _names(people: Iterable[Person]) -> tuple[str, ...]:
    return tuple(person.name for person in people)


def _with_advice(verdict: Verdict, seen: Windows) -> Verdict:
    machine = seen.machine.answer
    advice = list(verdict.advice)
    off = tuple(person.name for person in seen.judged() if person.saver_off)
    if verdict.outcome is Outcome.PASS and off and verdict.message != "win_people_lock":
        # Microsoft's page on the limit: the screen saver should be active.
        advice.append(Message("win_saver_off", {"accounts": off}))
    if machine is not None and machine.wakes_open:
        advice.append(Message("win_wakes_open"))
    dynamic = machine is not None and machine.dynamic
    if verdict.outcome is not Outcome.PASS and (
        dynamic or any(person.dynamic for person in seen.judged())
    ):
        advice.append(Message("win_dynamic_lock"))
    return Verdict(verdict.outcome, verdict.message, verdict.facts, tuple(advice))

"""Programs that lock the screen of a desktop without a lock of its own: Xfce, MATE, i3, sway.

Only what a program was started with, and xscreensaver's settings, say after how long it locks. The
others take that from the X server or from a user's settings, which nobody else sees.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assessor.api import Facts, Outcome, Record

from .lock import Timing, minutes
from .verdict import Verdict

_XAUTOLOCK_MINUTES = 10
"""xautolock(1): ``-time`` where it is not given."""
_XSCREENSAVER_SECONDS = 600
"""xscreensaver(1): ``timeout`` where it is not given; ``lock`` is off then."""


@dataclass(frozen=True, slots=True)
class Locker:
    """A running locker; ``timing`` is ``None`` where its settings are not to be seen."""

    uid: str
    name: str
    timing: Timing | None


@dataclass(frozen=True, slots=True)
class Lockers:
    """The lockers and the sessions of this machine.

    Attributes:
        sessions: users (by number) who have a desktop open, of the kinds that need a locker.
        installed: lockers that are installed, whether they start or not.
        starting: lockers that start with every session.
    """

    running: tuple[Locker, ...]
    sessions: tuple[str, ...]
    installed: tuple[str, ...]
    starting: tuple[str, ...]
    processes_seen: bool


def judge_lockers(desktops: Sequence[str], seen: Lockers, limit: int) -> Verdict:
    """Every open session needs a locker that is in time."""
    named: Facts = {"desktop": ", ".join(desktops)}
    if not seen.installed and not seen.running:
        return Verdict(Outcome.FAIL, "no_locker", named)
    if not seen.processes_seen:
        return Verdict(Outcome.UNKNOWN, "processes_hidden", named)
    users = tuple(dict.fromkeys((*seen.sessions, *(locker.uid for locker in seen.running))))
    longest = 0
    for uid in users:
        lockers = [locker for locker in seen.running if locker.uid == uid]
        if not lockers:
            return Verdict(Outcome.FAIL, "session_without_locker", {**named, "uid": uid})
        known = [locker.timing for locker in lockers if locker.timing is not None]
        best = min((t.seconds for t in known if t.seconds is not None), default=None)
        if best is not None and best <= limit:
            longest = max(longest, best)
        elif len(known) < len(lockers):
            unread = next(locker.name for locker in lockers if locker.timing is None)
            return Verdict(Outcome.UNKNOWN, "locker_unread", {**named, "program": unread})
        elif best is None:
            return Verdict(Outcome.FAIL, "locker_never", {**named, "program": lockers[0].name})
        else:
            late: Facts = {
                **named,
                "program": lockers[0].name,
                "minutes": minutes(best),
                "limit": minutes(limit),
            }
            return Verdict(Outcome.FAIL, "locker_too_late", late)
    if not users:
        programs = seen.starting or seen.installed
        return Verdict(Outcome.UNKNOWN, "nobody_there", {**named, "programs": programs})
    return Verdict(Outcome.PASS, "locker_runs", {**named, "minutes": minutes(longest)})


def read_lockers(found: Sequence[Record]) -> Lockers:
    """The lockers as ``linux_desktop.sh`` prints them."""
    settings = _xscreensaver(found)
    own = next((text for kind, text in found if kind == "self_uid"), "")
    running = []
    for kind, text in found:
        words = text.split()
        if kind == "locker" and len(words) >= 2:
            # Another user's settings of xscreensaver are not seen.
            seen = settings if words[0] == own else {}
            running.append(Locker(words[0], words[1], _timing(words[1], words[3:], seen)))
    return Lockers(
        running=tuple(running),
        sessions=tuple(
            text.split(" ")[0] for kind, text in found if kind == "session" and " " in text
        ),
        installed=tuple(text for kind, text in found if kind == "installed"),
        starting=tuple(text for kind, text in found if kind == "autostart"),
        processes_seen=("processes", "seen") in found,
    )


def _timing(name: str, words: Sequence[str], settings: Mapping[str, str]) -> Timing | None:
    """After how long a locker that was started with ``words`` locks."""
    if name == "xautolock":
        return _xautolock(words)
    if name == "swayidle":
        return _swayidle(words)
    if name == "xscreensaver" and settings:
        lock = settings.get("lock", "false").lower() in ("true", "on", "yes", "1")
        seconds = _clock(settings.get("timeout", "")) or _XSCREENSAVER_SECONDS
        grace = _clock(settings.get("lockTimeout", "0:00:00")) or 0
        return Timing(seconds + grace if lock and settings.get("mode") != "off" else None)
    return None


def _xautolock(words: Sequence[str]) -> Timing | None:
    number = str(_XAUTOLOCK_MINUTES)
    for option, value in pairwise(words):
        if option == "-time":
            number = value
    return Timing(int(number) * 60 or None) if number.isdecimal() else None


def _swayidle(words: Sequence[str]) -> Timing | None:
    """``timeout 300 'swaylock -f'``; ``None`` when it takes its settings from a file."""
    best: int | None = None
    for place, word in enumerate(words[:-2]):
        number = words[place + 1]
        if word != "timeout" or not number.isdecimal():
            continue
        command = _until(words[place + 2 :], ("timeout", "resume", "before-sleep", "idlehint"))
        if any(re.search(r"lock", part) for part in command):
            best = min(best or int(number), int(number))
    if best is None and not any(word == "timeout" for word in words):
        return None
    return Timing(best)


def _until(words: Sequence[str], ends: Sequence[str]) -> Sequence[str]:
    for place, word in enumerate(words):
        if word in ends:
            return words[:place]
    return words


def _xscreensaver(found: Sequence[Record]) -> Mapping[str, str]:
    """Its settings: the system's, and over those the ones of the account that looked."""
    values: dict[str, str] = {}
    for kind, text in found:
        parts = text.split(" ", 2)
        if kind == "xscreensaver" and len(parts) == 3:
            values[parts[1]] = parts[2].strip()
    return values


def _clock(text: str) -> int | None:
    """``0:10:00`` in seconds."""
    found = re.fullmatch(r"(\d{1,3}):(\d\d):(\d\d)", text)
    return int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3]) if found else None

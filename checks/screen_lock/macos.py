"""Whether the screen of a Mac locks by itself.

A Mac asks for the password a while after the screen saver starts or the display goes off. What its
management fixes (com.apple.screensaver) holds for everybody. Without it each user chooses, and only
the account that looks can see its own choice: that is a pass where nobody else has an account.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assessor.api import Fact, Facts, Message, Outcome, Record

from .lock import minutes
from .verdict import Verdict


@dataclass(frozen=True, slots=True)
class Choice:
    """What asks for the password.

    Attributes:
        idle_s: seconds after which the screen saver starts; 0 for never, ``None`` if not said.
        asks: whether a password is asked for; ``None`` if not said.
        delay_s: seconds after which it is asked for; ``None`` if not said.
    """

    idle_s: int | None
    asks: bool | None
    delay_s: int | None


@dataclass(frozen=True, slots=True)
class Mac:
    """What was seen of a Mac.

    Attributes:
        managed: what its management fixes.
        own: what the account that looked has chosen.
        display_s: seconds after which the display goes off, on the power source that waits longest;
            0 for never, ``None`` if not seen.
        console: who sits at the Mac, or who did last.
    """

    version: str
    managed: Choice
    own: Choice
    display_s: int | None
    people: tuple[str, ...]
    self: str
    console: str

    def facts(self) -> Facts:
        """The facts for a finding."""
        facts: dict[str, Fact] = {"version": self.version}
        values = {
            "managed_idle_seconds": self.managed.idle_s,
            "managed_asks": self.managed.asks,
            "managed_delay_seconds": self.managed.delay_s,
            "own_idle_seconds": self.own.idle_s,
            "own_asks": self.own.asks,
            "own_delay_seconds": self.own.delay_s,
            "display_off_seconds": self.display_s,
        }
        facts.update({name: value for name, value in values.items() if value is not None})
        return facts


def read_mac(found: Sequence[Record]) -> Mac:
    """The settings as ``macos_screen.sh`` prints them."""
    every = {
        kind: [text for name, text in found if name == kind] for kind in {name for name, _ in found}
    }
    managed = dict(_pair(text) for text in every.get("managed", []))
    # What is managed for one user only counts as that user's choice.
    own = dict(_pair(text) for text in (*every.get("own", []), *every.get("managed_user", [])))
    asks, delay = _screen_lock(every.get("screen_lock", []))
    sleeps = [int(text) * 60 for text in every.get("display_sleep", []) if text.isdecimal()]
    return Mac(
        version=" ".join(every.get("version", [])),
        managed=Choice(
            _number(managed.get("idleTime")),
            {"1": True, "0": False}.get(managed.get("askForPassword", "")),
            _number(managed.get("askForPasswordDelay")),
        ),
        own=Choice(_number(own.get("idleTime")), asks, delay),
        display_s=(0 if 0 in sleeps else max(sleeps)) if sleeps else None,
        people=tuple(every.get("person", [])),
        self=" ".join(every.get("self", [])),
        console=" ".join(every.get("console", [])),
    )


def _pair(text: str) -> tuple[str, str]:
    key, _, value = text.partition(" ")
    return key, value


def _number(text: str | None) -> int | None:
    found = re.fullmatch(r"(\d{1,9})(?:\.\d+)?", text or "")
    return int(found[1]) if found else None


def _screen_lock(lines: Sequence[str]) -> tuple[bool | None, int | None]:
    """``delay is immediate``, ``delay is 300 seconds`` or ``is off``."""
    for line in lines:
        if line.strip() == "is off":
            return False, None
        if line.strip() == "delay is immediate":
            return True, 0
        found = re.fullmatch(r"delay is (\d{1,7})(?:\.\d+)? seconds?", line.strip())
        if found is not None:
            return True, int(found[1])
    return None, None


def judge(seen: Mac, limit_minutes: int) -> Verdict:
    """Management first; else the account's own choice, where it is the only one."""
    limit = limit_minutes * 60
    managed = seen.managed
    if managed.asks is False:
        return Verdict(Outcome.FAIL, "managed_never")
    if managed.asks and managed.idle_s is not None and managed.delay_s is not None:
        after = _after(managed.idle_s, seen.display_s, managed.delay_s)
        return _timed(after, limit, "managed_locks", "managed_never", "managed_too_late")
    asks = managed.asks or seen.own.asks
    delay = managed.delay_s if managed.delay_s is not None else seen.own.delay_s
    idle = managed.idle_s if managed.idle_s is not None else seen.own.idle_s
    own: Facts = {"account": seen.self}
    others = tuple(name for name in seen.people if name != seen.self)
    if seen.self not in seen.people or others:
        # The account that looks is not the one that sits there.
        accounts = others or (seen.console,)
        return Verdict(Outcome.UNKNOWN, "mac_users_unseen", {"accounts": accounts})
    if seen.own.asks is False and managed.asks is None:
        return Verdict(Outcome.FAIL, "mac_never", own)
    if not asks or delay is None or (idle is None and seen.display_s is None):
        return Verdict(Outcome.UNKNOWN, "mac_unsaid", own)
    after = _after(idle, seen.display_s, delay)
    verdict = _timed(after, limit, "mac_locks", "mac_never", "mac_too_late", own)
    if verdict.outcome is not Outcome.PASS:
        # What was not said may well be sooner.
        return verdict if idle is not None else Verdict(Outcome.UNKNOWN, "mac_unsaid", own)
    advice = (Message("mac_may_change"),)
    return Verdict(verdict.outcome, verdict.message, verdict.facts, advice)


def _after(idle: int | None, display: int | None, delay: int) -> int | None:
    """Seconds until the password is asked for: whichever of the two starts first."""
    starts = [seconds for seconds in (idle, display) if seconds]
    return min(starts) + delay if starts else None


def _timed(
    after: int | None, limit: int, holds: str, never: str, late: str, facts: Facts | None = None
) -> Verdict:
    said = dict(facts or {})
    if after is None:
        return Verdict(Outcome.FAIL, never, said)
    said |= {"minutes": minutes(after), "limit": minutes(limit)}
    if after > limit:
        return Verdict(Outcome.FAIL, late, said)
    return Verdict(Outcome.PASS, holds, said)

"""Whether idle shell sessions on a Linux machine end by themselves.

Each of these is enough:

* logind stops idle sessions (``StopIdleSessionSec``), of every kind;
* every account's shell ends after ``TMOUT``, set for everybody and read-only;
* sshd closes idle shells (``ChannelTimeout``); log-ins at the machine itself are then advice.

A limit that a user can take away is unknown, not kept: whether somebody did cannot be seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assessor.api import Captures, Fact, Facts, Message, NotCaptured, Outcome, Record

from .shells import Account, Kind, Shells, read_shells
from .sshd import Seen, Sshd, read_sshd
from .verdict import Verdict

_NEVER_US = 2**64 - 1
_US_A_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Sessions:
    """What ends an idle session.

    Attributes:
        stopped_s: seconds after which logind stops it; ``None`` where it does not.
    """

    shells: Shells
    sshd: Sshd
    stopped_s: int | None

    def facts(self) -> Facts:
        """The facts for a finding."""
        facts: dict[str, Fact] = {}
        for kind in (Kind.BASH, Kind.PROFILE, Kind.ZSH):
            seconds = self.shells.limits[kind].seconds
            if seconds is not None:
                facts[f"tmout_{kind.value}_seconds"] = seconds
        if self.sshd.idle_s is not None:
            facts["ssh_channel_timeout_seconds"] = self.sshd.idle_s
        if self.sshd.alive_s:
            facts["ssh_dead_after_seconds"] = self.sshd.alive_s
        if self.stopped_s is not None:
            facts["logind_stops_after_seconds"] = self.stopped_s
        return facts


def read_sessions(captures: Captures, found: tuple[Record, ...]) -> Sessions:
    """The sessions as ``linux_shells.sh`` prints them, with what sshd says."""
    stopped = None
    for kind, text in found:
        if kind == "stop_idle" and (value := re.fullmatch(r"t (\d{1,20})", text)):
            number = int(value[1])
            stopped = None if number in (0, _NEVER_US) else number // _US_A_SECOND
    return Sessions(read_shells(found), read_sshd(captures, found), stopped)


def judge(seen: Sessions, minutes: int) -> Verdict | NotCaptured:
    """The best of the ways; where none is enough, what is most certainly wrong."""
    limit = minutes * 60
    if seen.stopped_s is not None and seen.stopped_s <= limit:
        facts: Facts = {"minutes": _minutes(seen.stopped_s)}
        return Verdict(Outcome.PASS, "sessions_stopped", facts)
    shells = _shells(seen.shells, limit)
    if shells.outcome is Outcome.PASS:
        return shells
    closes = seen.sshd.idle_s is not None and seen.sshd.idle_s <= limit
    if seen.sshd.idle_s is not None and closes:
        facts = {"minutes": _minutes(seen.sshd.idle_s)}
        if seen.sshd.matched is None:
            return seen.sshd.files_gap or Verdict(Outcome.UNKNOWN, "sshd_unread")
        if seen.sshd.matched:
            return Verdict(Outcome.UNKNOWN, "channels_by_match", facts)
        if seen.sshd.seen in (Seen.EFFECTIVE, Seen.FILES):
            advice = (Message("console_not_limited"),)
            return Verdict(Outcome.PASS, "channels_closed", facts, advice)
    if seen.sshd.seen is Seen.NOT and seen.sshd.gap is not None:
        return seen.sshd.gap
    if seen.sshd.seen is Seen.NOT:
        return Verdict(Outcome.UNKNOWN, "sshd_unread")
    if seen.sshd.old_meaning:
        return Verdict(Outcome.UNKNOWN, "alive_unclear")
    if shells.outcome is Outcome.FAIL and seen.sshd.alive_s:
        return Verdict(
            shells.outcome, shells.message, shells.facts, (Message("alive_is_no_limit"),)
        )
    return shells


def _shells(shells: Shells, limit: int) -> Verdict:
    """Every account's shell, the worst first."""
    if not shells.accounts:
        return Verdict(Outcome.UNKNOWN, "no_accounts_seen")
    if shells.unreadable:
        return Verdict(Outcome.UNKNOWN, "start_up_unread", {"files": shells.unreadable})
    limited = [(account, shells.limit(account)) for account in shells.accounts]
    set_anywhere = any(found.seconds or found.unclear for found in shells.limits.values())
    long = [(account, found) for account, found in limited if (found.seconds or 0) > limit]
    if long:
        found = long[0][1]
        facts: Facts = {
            "file": found.file,
            "minutes": _minutes(found.seconds or 0),
            "limit": _minutes(limit),
        }
        return Verdict(Outcome.FAIL, "limit_too_long", facts)
    free = [
        account
        for account, found in limited
        if not found.seconds and not found.unclear and account.kind is not Kind.UNKNOWN
    ]
    if free:
        if not set_anywhere:
            return Verdict(Outcome.FAIL, "no_limit")
        return Verdict(Outcome.FAIL, "shell_without_limit", {"accounts": _named(free)})
    other = [account for account, _ in limited if account.kind is Kind.UNKNOWN]
    if other:
        return Verdict(Outcome.UNKNOWN, "other_shell", {"accounts": _named(other)})
    for _, found in limited:
        if found.unclear:
            return Verdict(Outcome.UNKNOWN, "limit_unclear", {"file": found.unclear})
    for _, found in limited:
        if not found.fixed:
            return Verdict(Outcome.UNKNOWN, "limit_changeable", {"file": found.file})
    longest = max(found.seconds or 0 for _, found in limited)
    advice = (Message("directory_accounts"),) if shells.directory else ()
    return Verdict(Outcome.PASS, "shells_limited", {"minutes": _minutes(longest)}, advice)


def _named(accounts: list[Account]) -> tuple[str, ...]:
    return tuple(f"{account.name} ({account.shell})" for account in accounts)


def _minutes(seconds: int) -> int:
    """Whole minutes, rounded up."""
    return -(-seconds // 60)

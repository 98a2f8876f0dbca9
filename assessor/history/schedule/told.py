"""A schedule's state in plain words: pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from assessor.history.schedule.due import MOST_TRIES, Attempt, Due, Ending, State
from assessor.history.schedule.job import Manager, Scope
from assessor.history.schedule.record import Installed
from assessor.history.schedule.systemd import DELAY_MIN

_ENDINGS = {
    0: "everything promised was shown",
    1: "a promise is broken",
    3: "incomplete: something could not be observed",
}
_FAILURES = {
    2: "wrong usage or settings",
    4: "a fault of assess",
    5: "it left no finished run",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a schedule stands.

    Attributes:
        active: the scheduler has it; ``None`` where that cannot be asked.
        trouble: what else would keep it from starting runs; empty for nothing.
    """

    installed: Installed
    attempts: tuple[Attempt, ...]
    due: Due
    active: bool | None
    trouble: tuple[str, ...] = ()

    @property
    def last(self) -> Attempt | None:
        """The last attempt."""
        return self.attempts[-1] if self.attempts else None

    @property
    def ending(self) -> Ending | None:
        """How the last attempt ended."""
        going = self.due.state is State.GOING
        return self.last.ending(going=going) if self.last else None

    @property
    def sound(self) -> bool:
        """Whether nobody needs to look."""
        failed = self.ending in {Ending.FAILED, Ending.BROKEN_OFF}
        late = self.due.state in {State.OVERDUE, State.GIVEN_UP}
        return self.active is not False and not failed and not late


def how(installed: Installed) -> str:
    """How it is installed."""
    whose = "this user's" if installed.scope is Scope.USER else "this machine's"
    kinds = {
        Manager.SYSTEMD: f"a timer of {whose} systemd ({installed.name}.timer)",
        Manager.CRON: f"a line in {whose} crontab ({installed.name})",
        Manager.LAUNCHD: f"a job of {whose} launchd ({installed.name})",
        Manager.WINDOWS: f"a task of Windows' Task Scheduler ({installed.name})",
    }
    runs_as = f", as the user {installed.user}" if installed.scope is Scope.SYSTEM else ""
    return f"every {installed.cadence.words}, by {kinds[installed.manager]}{runs_as}"


def lines(standing: Standing, zone: tzinfo | None = None) -> Iterable[str]:
    """What ``assess schedule status`` prints."""
    yield f"Installed: {how(standing.installed)}"
    if standing.active is False:
        yield "           but it does not work: the scheduler does not have it, or it was stopped"
    for trouble in standing.trouble:
        yield f"           {trouble}"
    later = {Manager.SYSTEMD: DELAY_MIN, Manager.WINDOWS: DELAY_MIN}.get(
        standing.installed.manager, 60
    )
    yield f"Next:      {clock(standing.due.next, zone)}, up to {later} minutes later"
    yield f"Last:      {_last(standing, zone)}"
    yield f"Due:       {_due(standing, zone)}"


def clock(moment: datetime, zone: tzinfo | None = None) -> str:
    """A moment on the machine's clock: ``Tue 3 Nov 2026 10:00``."""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y %H:%M}"


def outcome(attempt: Attempt, ending: Ending) -> str:
    """How an attempt went."""
    code = attempt.code or 0
    match ending:
        case Ending.GOING:
            return "it works now"
        case Ending.ENDED:
            said = "ended" if attempt.code is None else _ENDINGS.get(code, "ended")
            return f"{said} (run {attempt.run})"
        case Ending.BROKEN_OFF if attempt.ended_at is None:
            return "broken off: it was killed, or the machine went down"
        case Ending.BROKEN_OFF:
            return f"broken off by signal {code - 128}"
    return f"failed: {_FAILURES.get(code, 'it did not work')} (exit code {code})"


def _last(standing: Standing, zone: tzinfo | None) -> str:
    last, ending = standing.last, standing.ending
    if last is None or ending is None:
        return "there was none yet"
    took = f", took {_long(last.ended_at - last.started_at)}" if last.ended_at else ""
    return f"{clock(last.started_at, zone)}: {outcome(last, ending)}{took}"


def _due(standing: Standing, zone: tzinfo | None) -> str:
    state = standing.due.state
    since = clock(standing.due.since, zone) if standing.due.since else ""
    return {
        State.NOT_DUE: "no",
        State.GOING: "no: a run works now",
        State.DUE: f"yes, since {since}; it should start by itself soon",
        State.OVERDUE: f"overdue since {since}; start it with: assess schedule run-now",
        State.GIVEN_UP: f"overdue since {since}: broken off {MOST_TRIES} times, and not begun "
        "again by itself; start it with: assess schedule run-now",
    }[state]


def _long(span: timedelta) -> str:
    seconds = max(0, round(span.total_seconds()))
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"

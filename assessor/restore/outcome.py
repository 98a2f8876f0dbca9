"""What a restore test showed: decided here, from what the target told, with nothing asked again."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from assessor.restore.answers import Answers, RestoredFile, Seen
from assessor.restore.faults import Fault, fault_of
from assessor.restore.order import Order, Tool

CLOCK_SLACK_S = 0.02
"""The kernel dates changes by its tick, at most this much behind the clock."""


class State(StrEnum):
    """What became of one file. The words appear in records: never rename one."""

    EQUAL = "equal"
    DIFFERS = "differs"
    NOT_WHOLE = "not-whole"
    CHANGED_SINCE = "changed-since"
    NOT_COMPARED = "not-compared"


class Result(StrEnum):
    """What the test showed. The words appear in records: never rename one."""

    PROVEN = "proven"
    RESTORED = "restored"
    BROKEN = "broken"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The backup that was restored from.

    Attributes:
        name: its id or name; empty where the tool has none.
        time: when it was begun; ``None`` where that is not known.
        host: of which machine it is; empty where that is not known.
        begun: whether ``time`` is when reading the files began, and not when the backup was whole.
    """

    name: str = ""
    time: datetime | None = None
    host: str = ""
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The whole of it.

    Attributes:
        fault: why it broke off; ``None`` where it came to its end.
        foreign: the backup is of another machine, so what is live here says nothing.
        states: each file with what became of it, in the order of the listing.
    """

    result: Result
    snapshot: Snapshot
    states: tuple[tuple[RestoredFile, State], ...] = ()
    fault: Fault | None = None
    foreign: bool = False

    @property
    def counts(self) -> Counter[State]:
        """How many files became what."""
        return Counter(state for _, state in self.states)

    @property
    def restored_bytes(self) -> int:
        """Bytes that came back."""
        return sum(file.came.size for file, _ in self.states if file.came)


def judge(order: Order, answers: Answers, secrets: tuple[str, ...] = ()) -> Outcome:
    """What ``answers`` show.

    Args:
        order: what was asked.
        answers: what the target told.
        secrets: left out of what is quoted of the target.
    """
    snapshot = _snapshot(order.tool, answers.snapshot or "")
    if not answers.done:
        fault = fault_of(order, answers, secrets)
        return Outcome(Result.BROKEN if fault.damage else Result.FAILED, snapshot, fault=fault)
    here = answers.head.host if answers.head else ""
    foreign = bool(snapshot.host) and not same_host(snapshot.host, here) and not order.against
    now = float(answers.head.epoch) if answers.head else 0.0
    judging = _Judging(snapshot, now, foreign, bool(order.against), answers.against_file)
    states = tuple((file, judging.state(file)) for file in answers.files)
    seen = {state for _, state in states}
    if seen & {State.DIFFERS, State.NOT_WHOLE}:
        result = Result.BROKEN
    elif any(state is State.EQUAL and file.size for file, state in states):
        result = Result.PROVEN
    else:
        result = Result.RESTORED
    return Outcome(result, snapshot, states, foreign=foreign)


@dataclass(frozen=True, slots=True)
class _Judging:
    """Judges single files.

    Attributes:
        now: the target's clock, in seconds since 1970.
        set_apart: what the sample is compared with was named by a person.
        single: ... and is one file, which must be equal.
    """

    snapshot: Snapshot
    now: float
    foreign: bool
    set_apart: bool
    single: bool

    def state(self, file: RestoredFile) -> State:
        came, live = file.came, file.live
        if came is None or came.size != file.size:
            return State.NOT_WHOLE
        if self.foreign or live is None:
            return State.NOT_COMPARED
        if came.sha256 == live.sha256:
            return State.EQUAL
        # A copy that was set apart was made later, so when it was put there says nothing.
        same = self.single or (self._kept(came, live) and (self.set_apart or self._untouched(live)))
        return State.DIFFERS if same else State.CHANGED_SINCE

    def _kept(self, came: Seen, live: Seen) -> bool:
        """Whether what is live is of the time of the backup, by the date of its content."""
        if int(live.modified) == int(came.modified):
            return True
        return self.snapshot.begun and self._before(live.modified)

    def _untouched(self, live: Seen) -> bool:
        """Whether nothing of what is live was changed since the backup.

        The date of the content can be set, as programs do that put files back; the date at which
        that was done cannot.
        """
        return self.snapshot.time is None or self._before(live.changed)

    def _before(self, seconds: float) -> bool:
        """Whether it was before the backup; never so when the clock made that of the future."""
        time = self.snapshot.time.timestamp() if self.snapshot.time else 0.0
        return seconds + CLOCK_SLACK_S < time <= self.now + 1


def _snapshot(tool: Tool, told: str) -> Snapshot:
    match tool:
        case Tool.RESTIC:
            return _restic(told)
        case Tool.BORG:
            host, time, name = [*told.split("\t", 2), "", "", ""][:3]
            return Snapshot(name, _time(time), host, begun=True)
        case Tool.TAR:
            changed, _, name = told.partition("\t")
            return Snapshot(name, _moment(changed))
        case Tool.RCLONE:
            return Snapshot()


def _restic(told: str) -> Snapshot:
    try:
        entry = json.loads(told)
    except ValueError:
        return Snapshot()
    if not isinstance(entry, dict):
        return Snapshot()
    name, time, host = (str(entry.get(key, "")) for key in ("id", "time", "hostname"))
    return Snapshot(name, _time(time), host, begun=True)


def _time(text: str) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def same_host(one: str, other: str) -> bool:
    """Whether two host names are of one machine: one may have its domain behind it."""
    short = (one.split(".")[0].casefold(), other.split(".")[0].casefold())
    return short[0] == short[1] and bool(short[0])

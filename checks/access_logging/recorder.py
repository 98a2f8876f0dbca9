"""What records log-ins, and how that stands against the period for which records must be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from assessor.api import Fact, Facts, Message, NotCaptured

from .clock import Clock

DAY = 86_400


class Keeping(StrEnum):
    """How a recorder stands against the period."""

    SHOWN = "shown"
    SET = "set"
    SHORT = "short"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Recorder:
    """Something that records log-ins on disk.

    Attributes:
        name: what people call it: ``auditd``, ``journald`` or the path of a log file.
        oldest_days: age of its oldest record in whole days; ``None`` when that cannot be seen.
        keep_days: days for which its settings keep records, or ``None`` if they do not say.
        drops: ``keep_days`` is also the age at which records go.
        since_days: how long it has been recording; ``None`` when that cannot be seen.
    """

    name: str
    oldest_days: int | None
    keep_days: int | None
    drops: bool
    since_days: int | None

    def against(self, days: int) -> Keeping:
        """Whether records are kept for ``days``."""
        if self.keep_days is not None and self.keep_days < days:
            # Even where older records are still there: the next clean-up takes them away.
            return Keeping.SHORT
        if self.oldest_days is not None and self.oldest_days >= days:
            return Keeping.SHOWN
        if self.keep_days is not None and not self.drops:
            return Keeping.SET
        recording_longer = self.since_days is not None and self.since_days > days
        if self.oldest_days is not None and recording_longer:
            return Keeping.SHORT
        return Keeping.UNCLEAR

    def days(self, keeping: Keeping) -> int:
        """The number of days that goes with a verdict: what was seen, or what is set."""
        seen, told = self.oldest_days or 0, self.keep_days
        if keeping in (Keeping.SHOWN, Keeping.UNCLEAR) or told is None:
            return seen
        return told


@dataclass(frozen=True, slots=True)
class Logging:
    """What was seen of the recording of log-ins on a machine.

    Attributes:
        recorders: what records on disk.
        sent_to: where records are sent to.
        clock: whether the machine's clock is right, and what keeps it right.
        login_records_days: age of the oldest record of who was logged in (``wtmp``), in whole days;
            ``None`` when not seen. These records support the others; they hold no failed attempts
            and anyone with root's rights can leave them out.
        doubts: why nothing can be said where no recorder keeps enough, the weightiest first.
        late_doubts: the same, where not even a recorder is known that may keep enough.
        gap: why a recorder that runs could not be looked at.
        lacking: the message where nothing records for good.
        remarks: advice beside the promise.
        counts: more numbers for the finding.
    """

    recorders: tuple[Recorder, ...]
    sent_to: tuple[str, ...]
    clock: Clock
    login_records_days: int | None
    doubts: tuple[Message, ...] = ()
    late_doubts: tuple[Message, ...] = ()
    gap: NotCaptured | None = None
    lacking: str = "not_recorded"
    remarks: tuple[Message, ...] = ()
    counts: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}))

    def facts(self) -> Facts:
        """The facts for a finding."""
        return {
            "recorders": tuple(recorder.name for recorder in self.recorders),
            "oldest_days": tuple(recorder.oldest_days for recorder in self.recorders),
            "keep_days": tuple(recorder.keep_days for recorder in self.recorders),
            "sent_to": self.sent_to,
            "clock_synchronised": self.clock.synchronised,
            "login_records_days": self.login_records_days,
            **self.counts,
        }


def age_days(time: int, now: int) -> int:
    """Whole days between two times in seconds since 1970."""
    return (now - time) // DAY

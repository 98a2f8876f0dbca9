"""The event logs of Windows: how they are kept, and how far back Security goes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from assessor.api import Fields, Registry, UnparsedError, read_object

POLICY = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\EventLog\Security"
_ARCHIVE = re.compile(r"Archive-Security-(\d{4}(?:-\d\d){5})-\d+\.evtx", re.IGNORECASE)
_NEARLY_FULL = 1_114_112
"""A log file grows in pieces, so that a full one may be a little smaller than its limit: 1 MiB, and
the piece of 64 KiB with which every log file begins."""
_NEW_MACHINE = timedelta(days=2)


class Mode(IntEnum):
    """What happens when a log is full (``EventLogMode`` of .NET)."""

    CIRCULAR = 0
    AUTO_BACKUP = 1
    RETAIN = 2


@dataclass(frozen=True, slots=True)
class EventLogs:
    """What was seen of the event logs.

    Attributes:
        now: the machine's own time.
        enabled, mode, max_bytes, file_bytes, oldest_number, full: of the log Security, as it is set
            on the machine itself. ``oldest_number`` is the number of its oldest event.
        oldest, newest: when its first and last events were recorded; ``None`` where it has none.
        cleared: when it was emptied, where what follows is still all there.
        archives: when its archives were closed; ``None`` where they were not to be seen.
        off: other logs that are switched off.
    """

    now: datetime
    enabled: bool
    mode: Mode
    max_bytes: int
    file_bytes: int | None
    oldest_number: int | None
    full: bool | None
    oldest: datetime | None
    newest: datetime | None
    cleared: datetime | None
    archives: tuple[datetime, ...] | None
    off: tuple[str, ...]

    @property
    def oldest_days(self) -> int | None:
        """The age of the oldest record in whole days, archives included."""
        times = (*((self.oldest,) if self.oldest else ()), *(self.archives or ()))
        return (self.now - min(times)).days if times else None

    def overwriting(self) -> bool:
        """Whether it was seen that old records had to make room for new ones."""
        return (
            self.mode is Mode.CIRCULAR
            and self.cleared is None
            and (self.oldest_number or 0) > 1
            and self.file_bytes is not None
            and self.file_bytes + _NEARLY_FULL >= self.max_bytes
        )

    def emptied(self, installed: datetime | None) -> bool:
        """Whether someone emptied the log; the making of a machine does not count."""
        if self.cleared is None:
            return False
        return installed is None or self.cleared - installed > _NEW_MACHINE


def read_event_logs(text: str) -> EventLogs:
    """Reads the answer of ``windows_event_logs.ps1``.

    Raises:
        UnparsedError: it is no whole answer, or has something that is not known.
    """
    answer = read_object(text)
    logs = {row.text("name"): row for row in answer.rows("logs")}
    security = logs.pop("Security", None)
    if security is None or not security.boolean("there"):
        raise UnparsedError("Security")
    return EventLogs(
        now=answer.moment("now"),
        enabled=security.boolean("enabled"),
        mode=_mode(security.integer("mode")),
        max_bytes=security.integer("max_bytes"),
        file_bytes=security.optional_integer("file_bytes"),
        oldest_number=security.optional_integer("oldest_number"),
        full=security.optional_boolean("full"),
        oldest=_moment(answer, "oldest"),
        newest=_moment(answer, "newest"),
        cleared=_moment(answer, "cleared"),
        archives=_archives(answer),
        off=tuple(n for n, row in logs.items() if row.boolean("there") and not _on(row)),
    )


def read_last(text: str) -> datetime | None:
    """When an event was last recorded, as ``windows_log_ins.ps1`` and its neighbour tell it."""
    return _moment(read_object(text), "last")


def _on(row: Fields) -> bool:
    return row.boolean("enabled")


def _moment(answer: Fields, name: str) -> datetime | None:
    return None if answer.optional_text(name) is None else answer.moment(name)


def _mode(number: int) -> Mode:
    try:
        return Mode(number)
    except ValueError:
        raise UnparsedError(f"mode {number}") from None


def _archives(answer: Fields) -> tuple[datetime, ...] | None:
    if answer.value("archives") is None:
        return None
    found = []
    for name in answer.texts("archives"):
        shape = _ARCHIVE.fullmatch(name)
        if shape is None:
            continue
        try:
            # The time is in UTC (Microsoft, event 1105).
            found.append(datetime.strptime(shape[1], "%Y-%m-%d-%H-%M-%S").replace(tzinfo=UTC))
        except ValueError:
            continue
    return tuple(found)


def mode_by_policy(policies: Registry, local: Mode) -> Mode:
    """What happens when Security is full: group policy comes before the machine's own setting.

    ``AutoBackupLogFiles`` counts only where old events are retained (EventLog.admx).
    """
    key = policies.key(POLICY)
    retention = None if key is None else key.whole("Retention")
    if key is None or retention is None:
        return local
    if not retention:
        return Mode.CIRCULAR
    return Mode.AUTO_BACKUP if key.whole("AutoBackupLogFiles") else Mode.RETAIN


def size_by_policy(policies: Registry, local: int) -> int:
    """The largest size of Security in bytes; policy gives it in kilobytes (EventLog.admx)."""
    kilobytes = policies.number(POLICY, "MaxSize")
    return local if kilobytes is None else kilobytes * 1024

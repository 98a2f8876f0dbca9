"""Linux: auditd, journald and syslog."""

from __future__ import annotations

from collections.abc import Iterable

from assessor.api import Captures, Fact, Message, NotCaptured, Record, records

from .audit import AuditStatus, count_rules, oldest_record, read_status
from .clock import read_clock
from .journald import Journal, read_journal
from .logins import oldest_log_in
from .recorder import Logging, Recorder, age_days
from .syslog import LogFile, Syslog, read_syslog

_STALE_DAYS = 8
"""Days after which a log file that nothing was written to is taken for abandoned: a weekly rotation
and a day more. A log-in of our own, or a timer, writes to it more often."""


def observe_linux(captures: Captures) -> Logging | NotCaptured | None:
    """The facts; why there are none; or ``None`` when the answer was not understood."""
    answer = captures.answered("logging")
    if answer is None:
        return captures.gap("logging")
    found = records(answer.stdout)
    now = time_of(found) if found is not None else None
    if found is None or now is None:
        return None
    status, oldest, gap, audit_unclear = _audit(captures, found)
    journal, syslog = read_journal(found), read_syslog(found, now)
    rules = captures.answered("audit_rules")
    count = count_rules(rules.stdout) if rules is not None and not rules.exit_status else None
    clock = read_clock(captures, found, now)
    first = oldest_log_in(found, now)
    memory_only = syslog.memory_only or (
        journal.running and not journal.lasting and journal.storage != "none"
    )
    return Logging(
        recorders=tuple(_recorders(journal, syslog, status, oldest, now)),
        sent_to=syslog.sent_to,
        clock=clock,
        login_records_days=age_days(first, now) if first is not None else None,
        doubts=(Message("audit_not_understood"),) if audit_unclear else (),
        late_doubts=tuple(_late_doubts(found, syslog, gap)),
        gap=gap,
        lacking="lost_at_restart" if memory_only else "not_recorded",
        remarks=tuple(_remarks(status, count)),
        counts=_counts(count),
    )


def time_of(found: tuple[Record, ...]) -> int | None:
    """The machine's own time, in seconds since 1970."""
    times = [int(text) for kind, text in found if kind == "now" and text.isdecimal()]
    return times[0] if times else None


def _counts(rules: int | None) -> dict[str, Fact]:
    return {} if rules is None else {"audit_rules": rules}


def _late_doubts(
    found: tuple[Record, ...], syslog: Syslog, gap: NotCaptured | None
) -> Iterable[Message]:
    if ("hidden", "") in found and gap is None:
        yield Message("processes_hidden")
    unread = tuple(text for kind, text in found if kind == "unreadable")
    if unread:
        yield Message("files_not_read", {"files": unread})
    if syslog.unclear:
        yield Message("rules_not_understood", {"rules": syslog.unclear})


def _remarks(status: AuditStatus | None, rules: int | None) -> Iterable[Message]:
    if status is None or not status.recording:
        return
    if status.lost:
        yield Message("records_lost", {"lost": status.lost})
    if rules == 0:
        yield Message("audit_without_rules")


def _audit(
    captures: Captures, found: tuple[Record, ...]
) -> tuple[AuditStatus | None, int | None, NotCaptured | None, bool]:
    """The status of auditd and its oldest record, or why they are not known although it runs."""
    if ("process", "auditd") not in found and ("hidden", "") not in found:
        return None, None, None, False
    gap = captures.gap("audit_status", "audit_range")
    answer = captures.answered("audit_status")
    status = read_status(answer.stdout) if answer is not None and not answer.exit_status else None
    ranges = captures.answered("audit_range")
    oldest = oldest_record(ranges.stdout) if ranges is not None and not ranges.exit_status else None
    unclear = gap is None and (status is None or (status.recording and oldest is None))
    return status, oldest, gap, unclear


def _recorders(
    journal: Journal, syslog: Syslog, status: AuditStatus | None, oldest: int | None, now: int
) -> Iterable[Recorder]:
    if status is not None and status.recording and oldest is not None:
        # auditd limits its files by size only (max_log_file, num_logs).
        yield Recorder("auditd", age_days(oldest, now), None, False, None)
    if journal.lasting and age_days(journal.changed, now) <= _STALE_DAYS:
        oldest_days = age_days(journal.oldest, now) if journal.oldest is not None else None
        since = age_days(journal.since, now) if journal.since is not None else None
        yield Recorder("journald", oldest_days, journal.keep_days, True, since)
    for file in syslog.files:
        if age_days(file.changed, now) <= _STALE_DAYS:
            yield _log_file(file, now)


def _log_file(file: LogFile, now: int) -> Recorder:
    oldest_days = age_days(file.oldest, now) if file.oldest is not None else None
    return Recorder(file.path, oldest_days, file.keep_days, False, None)

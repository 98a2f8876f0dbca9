"""Whether log-ins are recorded, whether the records survive a restart, and how long they are kept.

Three recorders are looked at: auditd, journald and syslog. One that keeps its records long enough
will do. How long is shown by the age of the oldest record, or by a setting that keeps them at least
that long. A limit by size promises nothing, and a machine younger than the period cannot show it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from assessor.api import (
    Captures,
    Check,
    Fact,
    Facts,
    Judgement,
    Message,
    NotCaptured,
    Parameters,
    Record,
    failed,
    not_observed,
    passed,
    records,
    unknown,
)

from .audit import AuditStatus, count_rules, oldest_record, read_status
from .journald import Journal, read_journal
from .syslog import LogFile, Syslog, read_syslog

LOGGING = "access-logging"
_DAY = 86_400
_STALE_DAYS = 8
"""Days after which a log file that nothing was written to is taken for abandoned: a weekly rotation
and a day more. A log-in of our own, or a timer, writes to it more often."""
_CLOCK_TOLERANCE_S = 900


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
    """What was seen of the recording of log-ins.

    Attributes:
        recorders: what records on disk.
        sent_to: where records are sent to.
        memory_only: journald records, but only until a restart.
        hidden: processes of others cannot be seen, so that nothing is known of what runs.
        clock_off: the machine's clock differs from ours, so that ages mean nothing.
        audit_gap: auditd runs, but its records could not be looked at: why; else ``None``.
        audit_unclear: auditd runs, and what it said was not understood.
        unread: files that could not be read.
        lost: records that auditd lost.
        rules: the number of auditd's rules; ``None`` when not seen.
        synchronised: whether the clock is kept right by the network; ``None`` when not seen.
    """

    recorders: tuple[Recorder, ...]
    sent_to: tuple[str, ...]
    memory_only: bool
    hidden: bool
    clock_off: bool
    audit_gap: NotCaptured | None
    audit_unclear: bool
    unread: tuple[str, ...]
    lost: int
    rules: int | None
    synchronised: bool | None

    def facts(self) -> Facts:
        """The facts for a finding."""
        facts: dict[str, Fact] = {
            "recorders": tuple(recorder.name for recorder in self.recorders),
            "oldest_days": tuple(recorder.oldest_days for recorder in self.recorders),
            "keep_days": tuple(recorder.keep_days for recorder in self.recorders),
            "sent_to": self.sent_to,
            "clock_synchronised": self.synchronised,
        }
        if self.rules is not None:
            facts["audit_rules"] = self.rules
        return facts


def observe(captures: Captures) -> Logging | NotCaptured | None:
    """The facts; why there are none; or ``None`` when the answer was not understood."""
    answer = captures.answered("logging")
    if answer is None:
        return captures.gap("logging")
    found = records(answer.stdout)
    now = _now(found) if found is not None else None
    if found is None or now is None:
        return None
    status, oldest, audit_gap, audit_unclear = _audit(captures, found)
    journal, syslog = read_journal(found), read_syslog(found)
    skew = abs(now - captures.at.timestamp())
    known_skew = abs(captures.clock_skew_s or 0.0)
    rules = captures.answered("audit_rules")
    return Logging(
        recorders=tuple(_recorders(journal, syslog, status, oldest, now)),
        sent_to=syslog.sent_to,
        memory_only=journal.running and not journal.lasting and journal.storage != "none",
        hidden=("hidden", "") in found,
        clock_off=skew > _CLOCK_TOLERANCE_S or known_skew > 300,
        audit_gap=audit_gap,
        audit_unclear=audit_unclear,
        unread=tuple(text for kind, text in found if kind == "unreadable"),
        lost=status.lost if status is not None else 0,
        rules=count_rules(rules.stdout) if rules is not None and not rules.exit_status else None,
        synchronised=_synchronised(found),
    )


def _now(found: tuple[Record, ...]) -> int | None:
    times = [int(text) for kind, text in found if kind == "now" and text.isdecimal()]
    return times[0] if times else None


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
        yield Recorder("auditd", _age(oldest, now), None, False, None)
    if journal.lasting and _age(journal.changed, now) <= _STALE_DAYS:
        oldest_days = _age(journal.oldest, now) if journal.oldest is not None else None
        since = _age(journal.since, now) if journal.since is not None else None
        yield Recorder("journald", oldest_days, journal.keep_days, True, since)
    for file in syslog.files:
        if _age(file.changed, now) <= _STALE_DAYS:
            yield _log_file(file, now)


def _log_file(file: LogFile, now: int) -> Recorder:
    oldest_days = _age(file.oldest, now) if file.oldest is not None else None
    return Recorder(file.path, oldest_days, file.keep_days, False, None)


def _age(time: int, now: int) -> int:
    return (now - time) // _DAY


def _synchronised(found: tuple[Record, ...]) -> bool | None:
    """Whether timedatectl or chrony says that the clock is kept right."""
    said = [text for kind, text in found if kind == "clock"]
    if not said:
        return None
    return any(
        text in ("NTPSynchronized=yes", "chrony Normal")
        or text.replace(" ", "").lower() in ("ntpsynchronized:yes", "systemclocksynchronized:yes")
        for text in said
    )


def evaluate(seen: Logging | NotCaptured | None, parameters: Parameters) -> Iterable[Judgement]:
    days = parameters.integer("retention_days")
    match seen:
        case NotCaptured() as gap:
            return [not_observed(LOGGING, gap)]
        case None:
            return [unknown(LOGGING, "not_understood", expected={"days": days})]
        case _:
            return [_judge(seen, days)]


def _judge(seen: Logging, days: int) -> Judgement:
    expected: Facts = {"days": days}
    observed = seen.facts()
    if seen.clock_off:
        return unknown(LOGGING, "clock_off", expected=expected, observed=observed)
    by_keeping = {
        keeping: [r for r in seen.recorders if r.against(days) is keeping] for keeping in Keeping
    }
    for keeping, message in ((Keeping.SHOWN, "kept"), (Keeping.SET, "set_to_keep")):
        for recorder in by_keeping[keeping]:
            kept = recorder.days(keeping)
            facts: Facts = {"recorder": recorder.name, "days": kept, "asked": days}
            return passed(
                LOGGING, message, facts, expected=expected, observed=observed, advice=_advice(seen)
            )
    reason = _reason_to_doubt(seen, by_keeping[Keeping.UNCLEAR], days)
    if reason is not None:
        return unknown(LOGGING, reason.id, reason.facts, expected=expected, observed=observed)
    if seen.audit_gap is not None:
        return not_observed(LOGGING, seen.audit_gap)
    short = by_keeping[Keeping.SHORT]
    if short:
        longest = max(short, key=lambda recorder: recorder.days(Keeping.SHORT))
        kept = longest.days(Keeping.SHORT)
        facts = {"recorder": longest.name, "days": kept, "asked": days}
        return failed(LOGGING, "too_short", facts, expected=expected, observed=observed)
    message = "lost_at_restart" if seen.memory_only else "not_recorded"
    return failed(LOGGING, message, {"asked": days}, expected=expected, observed=observed)


def _reason_to_doubt(seen: Logging, unclear: list[Recorder], days: int) -> Message | None:
    """Why no verdict can be given although no recorder was seen to keep enough."""
    if seen.sent_to:
        return Message("kept_elsewhere", {"sent_to": seen.sent_to, "asked": days})
    if seen.audit_unclear:
        return Message("audit_not_understood", {"asked": days})
    if unclear:
        best = max(unclear, key=lambda recorder: recorder.oldest_days or 0)
        if best.oldest_days is None:
            return Message("age_not_seen", {"recorder": best.name, "asked": days})
        return Message(
            "not_yet_shown", {"recorder": best.name, "days": best.oldest_days, "asked": days}
        )
    if seen.hidden and seen.audit_gap is None:
        return Message("processes_hidden", {"asked": days})
    if seen.unread:
        return Message("files_not_read", {"files": seen.unread, "asked": days})
    return None


def _advice(seen: Logging) -> tuple[Message, ...]:
    advice = []
    if seen.synchronised is False:
        advice.append(Message("clock_not_synchronised"))
    if seen.lost:
        advice.append(Message("records_lost", {"lost": seen.lost}))
    if not seen.sent_to:
        advice.append(Message("no_copy_elsewhere"))
    return tuple(advice)


CHECK = Check(observe=observe, evaluate=evaluate)

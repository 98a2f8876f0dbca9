"""Windows: whether log-ins are recorded in the log Security, and that is kept long enough."""

from __future__ import annotations

from datetime import timedelta

from assessor.api import (
    Facts,
    Judgement,
    Message,
    Told,
    failed,
    not_observed,
    nothing_told,
    passed,
    unknown,
)

from .recorder import Keeping, Recorder
from .windows import WindowsLogging
from .windows_audit import FAILURE, SUCCESS
from .windows_log import EventLogs, Mode

_FRESH = timedelta(days=1)
"""How old the last recorded log-in may be: our own is one, and so are those of services."""
_LOG = "Security"


def judge_windows(measure: str, seen: WindowsLogging, days: int) -> Judgement:
    """The judgement on ``measure`` where records must be kept for ``days``."""
    logs = seen.logs
    if logs is None:
        return nothing_told(measure, seen.logs_told)
    if seen.gap is not None or seen.unparsed:
        return nothing_told(measure, Told(seen.logs_told.at, gap=seen.gap, unparsed=seen.unparsed))
    expected: Facts = {"days": days}
    observed = _observed(seen, logs)
    doubt = _not_recorded(measure, seen, logs, expected, observed)
    if doubt is not None:
        return doubt
    recorder = Recorder(_LOG, logs.oldest_days, None, False, None)
    age = logs.oldest_days or 0
    advice = _advice(seen, logs)
    if recorder.against(days) is Keeping.SHOWN:
        facts: Facts = {"recorder": _LOG, "days": age, "asked": days}
        return passed(measure, "kept", facts, expected=expected, observed=observed, advice=advice)
    if seen.sent_to:
        facts = {"sent_to": seen.sent_to, "asked": days}
        return unknown(measure, "kept_elsewhere", facts, expected=expected, observed=observed)
    if logs.cleared is not None and logs.emptied(seen.installed):
        facts = {"date": logs.cleared.date().isoformat(), "asked": days}
        return failed(
            measure, "log_emptied", facts, expected=expected, observed=observed, advice=advice
        )
    if logs.overwriting():
        facts = {"days": age, "asked": days, "megabytes": logs.max_bytes // 1_048_576}
        return failed(
            measure, "log_too_small", facts, expected=expected, observed=observed, advice=advice
        )
    facts = {"days": age, "asked": days}
    return unknown(measure, "log_not_yet_shown", facts, expected=expected, observed=observed)


def _not_recorded(
    measure: str, seen: WindowsLogging, logs: EventLogs, expected: Facts, observed: Facts
) -> Judgement | None:
    """Why it does not hold, or cannot be said, that log-ins are recorded; ``None`` if they are."""
    if seen.clock.off:
        return unknown(measure, "clock_off", expected=expected, observed=observed)
    asked: Facts = {"asked": expected["days"]}
    flags = None if seen.audit is None else seen.audit.log_ins
    message = ""
    if not logs.enabled:
        message = "log_off"
    elif flags is not None and not flags & SUCCESS:
        message = "log_ins_not_audited"
    elif flags is not None and not flags & FAILURE:
        message = "refusals_not_audited"
    elif logs.full and logs.mode is Mode.RETAIN:
        message = "log_full"
    if message:
        return failed(measure, message, asked, expected=expected, observed=observed)
    fresh = _is_fresh(seen, logs)
    if flags is None and not (fresh and seen.last_log_in and seen.last_refusal):
        if seen.audit_gap is not None:
            return not_observed(measure, seen.audit_gap)
        words = seen.audit.unknown_words if seen.audit is not None else ()
        facts: Facts = {"words": words or (seen.audit_unparsed or "Logon",)}
        return unknown(measure, "audit_words", facts, expected=expected, observed=observed)
    if not fresh:
        return unknown(measure, "log_in_not_found", asked, expected=expected, observed=observed)
    return None


def _is_fresh(seen: WindowsLogging, logs: EventLogs) -> bool:
    """Whether something recent is in the log: a log-in, or anything where none was looked for."""
    last = seen.last_log_in if seen.log_ins_seen else logs.newest
    return last is not None and logs.now - last <= _FRESH


def _advice(seen: WindowsLogging, logs: EventLogs) -> tuple[Message, ...]:
    found = [*seen.clock.remarks()]
    lacking = () if seen.audit is None else seen.audit.lacking(seen.controller)
    if lacking:
        found.append(Message("not_audited", {"subcategories": lacking}))
    if logs.off:
        found.append(Message("logs_off", {"logs": logs.off}))
    found += [Message(name) for name in seen.settings]
    if not seen.sent_to:
        found.append(Message("no_copy_elsewhere"))
    return tuple(found)


def _observed(seen: WindowsLogging, logs: EventLogs) -> Facts:
    last, refusal = seen.last_log_in, seen.last_refusal
    return {
        "recorders": (_LOG,),
        "oldest_days": (logs.oldest_days,),
        "mode": logs.mode.name.lower(),
        "max_megabytes": logs.max_bytes // 1_048_576,
        "log_ins_audited": None if seen.audit is None else seen.audit.log_ins,
        "last_log_in": None if last is None else last.date().isoformat(),
        "last_refusal": None if refusal is None else refusal.date().isoformat(),
        "cleared": None if logs.cleared is None else logs.cleared.date().isoformat(),
        "sent_to": seen.sent_to,
        "clock_synchronised": seen.clock.synchronised,
    }

"""Whether log-ins are recorded, whether the records survive a restart, and how long they are kept.

Several recorders are looked at: auditd, journald and syslog; on macOS the audit trail of OpenBSM;
on Windows the log Security. One that keeps its records long enough will do. How long is shown by
the age of the oldest record, or by a setting that keeps them at least that long. A limit by size
promises nothing, and a machine younger than the period cannot show it.
"""

from __future__ import annotations

from collections.abc import Iterable

from assessor.api import (
    Captures,
    Check,
    Facts,
    Judgement,
    Message,
    NotCaptured,
    Parameters,
    Platform,
    failed,
    not_observed,
    passed,
    unknown,
)

from .linux import observe_linux
from .macos import observe_macos
from .recorder import Keeping, Logging, Recorder
from .windows import WindowsLogging, observe_windows
from .windows_judgement import judge_windows

LOGGING = "access-logging"


Seen = Logging | WindowsLogging | NotCaptured | None


def observe(captures: Captures) -> Seen:
    """The facts; why there are none; or ``None`` when the answer was not understood."""
    match captures.target.platform:
        case Platform.WINDOWS:
            return observe_windows(captures)
        case Platform.MACOS:
            return observe_macos(captures)
        case _:
            return observe_linux(captures)


def evaluate(seen: Seen, parameters: Parameters) -> Iterable[Judgement]:
    days = parameters.integer("retention_days")
    match seen:
        case WindowsLogging():
            return [judge_windows(LOGGING, seen, days)]
        case NotCaptured() as gap:
            return [not_observed(LOGGING, gap)]
        case None:
            return [unknown(LOGGING, "not_understood", expected={"days": days})]
        case _:
            return [_judge(seen, days)]


def _judge(seen: Logging, days: int) -> Judgement:
    expected: Facts = {"days": days}
    observed = seen.facts()
    if seen.clock.off:
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
    reason = _reason_to_doubt(seen, by_keeping[Keeping.UNCLEAR])
    if reason is not None:
        facts = {**reason.facts, "asked": days}
        return unknown(LOGGING, reason.id, facts, expected=expected, observed=observed)
    if seen.gap is not None:
        return not_observed(LOGGING, seen.gap)
    short = by_keeping[Keeping.SHORT]
    advice = seen.clock.remarks()
    if short:
        longest = max(short, key=lambda recorder: recorder.days(Keeping.SHORT))
        kept = longest.days(Keeping.SHORT)
        facts = {"recorder": longest.name, "days": kept, "asked": days}
        return failed(
            LOGGING, "too_short", facts, expected=expected, observed=observed, advice=advice
        )
    return failed(
        LOGGING, seen.lacking, {"asked": days}, expected=expected, observed=observed, advice=advice
    )


def _reason_to_doubt(seen: Logging, unclear: list[Recorder]) -> Message | None:
    """Why no verdict can be given although no recorder was seen to keep enough."""
    if seen.sent_to:
        return Message("kept_elsewhere", {"sent_to": seen.sent_to})
    if seen.doubts:
        return seen.doubts[0]
    if unclear:
        best = max(unclear, key=lambda recorder: recorder.oldest_days or 0)
        if best.oldest_days is None:
            return Message("age_not_seen", {"recorder": best.name})
        return Message("not_yet_shown", {"recorder": best.name, "days": best.oldest_days})
    return seen.late_doubts[0] if seen.late_doubts else None


def _advice(seen: Logging) -> tuple[Message, ...]:
    elsewhere = () if seen.sent_to else (Message("no_copy_elsewhere"),)
    return (*seen.clock.remarks(), *seen.remarks, *elsewhere)


CHECK = Check(observe=observe, evaluate=evaluate)

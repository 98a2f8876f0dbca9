"""Is the log of a device kept where an intruder on the device cannot wipe it, and long enough?"""

from __future__ import annotations

from assessor.api import (
    Captures,
    Check,
    Device,
    Fact,
    Judgement,
    Message,
    Parameters,
    Told,
    Topic,
    failed,
    nothing_told,
    passed,
    told_of_device,
    unknown,
)

MEASURE = "access-logging"


def observe(captures: Captures) -> Told[Device]:
    return told_of_device(captures)


def evaluate(told: Told[Device], parameters: Parameters) -> list[Judgement]:
    if told.answer is None:
        return [nothing_told(MEASURE, told)]
    return [_judge(told.answer, parameters.integer("retention_days"))]


def _judge(device: Device, wanted: int) -> Judgement:
    expected: dict[str, Fact] = {"retention_days": wanted}
    log = device.logging
    if lines := [*device.unread.get(Topic.LOGGING, ()), *device.unread.get(Topic.TIME, ())]:
        return unknown(MEASURE, "unread", {"lines": " / ".join(lines[:4])}, expected=expected)
    if log is None:
        return unknown(MEASURE, "not_told", expected=expected)
    advice = (Message("unencrypted"),) if log.remote and log.encrypted is False else ()
    observed: dict[str, Fact] = {"remote": log.remote, "days": log.days, "ntp": device.ntp}
    if not log.remote and (log.days is None or log.days < wanted):
        return failed(MEASURE, "only_here", expected=expected, observed=observed)
    if device.ntp is not None and not device.ntp:
        return failed(MEASURE, "no_clock", expected=expected, observed=observed, advice=advice)
    if device.ntp is None:
        return unknown(MEASURE, "clock_not_told", expected=expected, observed=observed)
    if log.remote:
        # How long the other machine keeps it is that machine's own affair.
        servers: dict[str, Fact] = {"servers": ", ".join(log.remote[:4])}
        return passed(
            MEASURE, "sent_on", servers, expected=expected, observed=observed, advice=advice
        )
    return passed(MEASURE, "kept_here", {"days": log.days}, expected=expected, observed=observed)


CHECK = Check(observe=observe, evaluate=evaluate)

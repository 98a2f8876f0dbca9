"""Whether an uninterruptible power supply (UPS) stands behind this machine, and is in order.

A machine sees only a UPS that reports to it. Where none does, there may be one all the same: then
the machine has nothing to say, and a person must. Decisions:

* Lost contact, or power from the battery at this moment: unknown. Nothing was seen to be wrong with
  the UPS, and nothing to be right.
* An empty or worn-out battery, bypass, overload, an alarm, switched off, a failed self-test, too
  short a runtime on a full battery, or nothing that shuts this machine down: the promise does not
  hold.
* Of several UPSes each must be in order.
* On Windows the battery of a laptop is no UPS, and a program of the maker's keeps what it knows to
  itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from assessor.api import (
    Captures,
    Check,
    Fact,
    Judgement,
    Message,
    NotCaptured,
    Outcome,
    Parameters,
    Platform,
    not_applicable,
    not_observed,
    nothing_told,
    unknown,
)

from . import windows
from .readers import Host, read_host, read_powerpanel
from .supply import (
    CHARGING,
    FAULTS,
    HARMLESS,
    LOW_BATTERY,
    ON_BATTERY,
    ON_LINE,
    Supply,
    self_test_failed,
    self_test_passed,
)

MEASURE = "ups"
_BATTERY_YEARS = 5
"""Most batteries last three to five years (Schneider Electric, FA158934)."""
_ORDER = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the judgement rests on.

    Attributes:
        host: ``None`` when the script's output was not whole.
        powerpanel: PowerPanel is installed: its UPS, why it is not known, or ``None`` when its
            answer was not understood.
    """

    at: datetime
    host: Host | None
    powerpanel: Supply | NotCaptured | None


@dataclass(frozen=True, slots=True)
class OnWindows:
    """What Windows knows, and when it was asked."""

    at: datetime
    power: windows.Power


def observe(captures: Captures) -> Seen | OnWindows | NotCaptured:
    """The UPSes that report to this machine."""
    if captures.target.platform is Platform.WINDOWS:
        return OnWindows(captures.at, windows.observe(captures))
    gap = captures.gap("ups")
    if gap is not None:
        return gap
    answer = captures.answered("ups")
    host = read_host(answer.stdout, captures.at) if answer is not None else None
    report = captures.answered("powerpanel")
    return Seen(
        captures.at,
        host,
        captures.gap("powerpanel")
        or (read_powerpanel(report.stdout) if report and not report.exit_status else None),
    )


def evaluate(seen: Seen | OnWindows | NotCaptured, parameters: Parameters) -> list[Judgement]:
    """One judgement: the worst UPS counts."""
    if isinstance(seen, NotCaptured):
        return [not_observed(MEASURE, seen)]
    if isinstance(seen, OnWindows):
        return [_windows(seen, parameters)]
    host = seen.host
    if host is None:
        return [unknown(MEASURE, "unparsed")]
    supplies = list(host.supplies)
    silent = list(host.silent)
    if "PowerPanel" in host.programs:
        match seen.powerpanel:
            case NotCaptured() as missing if not supplies:
                return [not_observed(MEASURE, missing)]
            case Supply() as supply:
                supplies.append(supply)
            case _:
                silent.append("PowerPanel")
    real = [supply for supply in supplies if not supply.simulated]
    if not real:
        return [_none(host, supplies, silent)]
    return [_worst(real, seen.at, parameters)]


def _worst(real: Sequence[Supply], at: datetime, parameters: Parameters) -> Judgement:
    minutes = parameters.integer("min_runtime_minutes")
    expected: dict[str, Fact] = {"min_runtime_minutes": minutes}
    judged = [(supply, *_judge(supply, minutes)) for supply in real]
    _, outcome, message = min(judged, key=lambda one: _ORDER.index(one[1]))
    observed: dict[str, Fact] = {
        "supplies": tuple(supply.name for supply in real),
        "status": tuple(" ".join(supply.status) for supply in real),
        "runtime_minutes": tuple(
            supply.runtime_s // 60 if supply.runtime_s is not None else None for supply in real
        ),
        "self_test": tuple(supply.test for supply in real),
    }
    advice = tuple(hint for supply in real for hint in _advice(supply, at))
    return Judgement(MEASURE, outcome, message, expected, observed, advice)


_ON_WINDOWS = {"not_guarded": "windows_not_guarded", "guard_unseen": "windows_guard_unseen"}
"""Messages whose remedies differ."""


def _windows(seen: OnWindows, parameters: Parameters) -> Judgement:
    power = seen.power
    if power.batteries.answer is None:
        return nothing_told(MEASURE, power.batteries)
    batteries = power.batteries.answer
    if batteries and power.kinds.answer is None:
        return nothing_told(MEASURE, power.kinds)
    kinds = power.kinds.answer or {}
    strange = [battery.name for battery in batteries if battery.id not in kinds]
    if strange:
        return unknown(MEASURE, "battery_kind_unseen", {"name": strange[0]})
    upses = [battery for battery in batteries if kinds[battery.id]]
    if not upses:
        return _without(power, laptop=bool(batteries))
    if power.programs.answer is None:
        return nothing_told(MEASURE, power.programs)
    guarded = power.shuts_down.answer
    if not guarded and any(program.runs for program in power.programs.answer):
        guarded = None  # the program may do it instead
    judged = _worst([windows.supply(one, guarded) for one in upses], seen.at, parameters)
    message = judged.message
    return replace(judged, message=replace(message, id=_ON_WINDOWS.get(message.id, message.id)))


def _without(power: windows.Power, *, laptop: bool) -> Judgement:
    """The judgement where Windows itself has no UPS."""
    for told in (power.devices, power.serial, power.programs):
        if told.answer is None:
            return nothing_told(MEASURE, told)
    running = [program.name for program in power.programs.answer or () if program.runs]
    stopped = [program.name for program in power.programs.answer or () if not program.runs]
    if running:
        return unknown(MEASURE, "only_its_program", {"program": running[0]})
    if power.serial.answer:
        return unknown(MEASURE, "serial_unread", {"ups": power.serial.answer[0]})
    if power.devices.answer:
        return unknown(MEASURE, "windows_unread", {"device": power.devices.answer[0]})
    if stopped:
        return unknown(MEASURE, "program_stopped", {"program": stopped[0]})
    return not_applicable(MEASURE, "own_battery" if laptop else "none_reports")


def _none(host: Host, supplies: list[Supply], silent: list[str]) -> Judgement:
    """The judgement where no real UPS reports to this machine."""
    if supplies:
        return unknown(MEASURE, "simulated", {"ups": supplies[0].name})
    if host.watcher:
        return unknown(MEASURE, "reports_elsewhere")
    if silent:
        return unknown(MEASURE, "program_silent", {"program": silent[0]})
    if host.usb:
        return unknown(MEASURE, "attached_unread", {"maker": host.usb[0]})
    return not_applicable(MEASURE, "none_reports")


def _judge(supply: Supply, minutes: int) -> tuple[Outcome, Message]:
    said: dict[str, Fact] = {"ups": supply.name}
    if not supply.contact:
        return Outcome.UNKNOWN, Message("no_contact", said)
    fault = _fault(supply)
    if fault is not None:
        return Outcome.FAIL, fault
    status = set(supply.status)
    if ON_BATTERY in status:
        return Outcome.UNKNOWN, Message("on_battery", said)
    if ON_LINE not in status or status - HARMLESS:
        words = " ".join(supply.status) or "-"
        return Outcome.UNKNOWN, Message("status_unknown", {**said, "status": words})
    if supply.runtime_s is None:
        return Outcome.UNKNOWN, Message("runtime_unseen", said)
    lasts = supply.runtime_s // 60
    if lasts < minutes or LOW_BATTERY in status:
        if CHARGING in status:
            return Outcome.UNKNOWN, Message("charging", said)
        short: dict[str, Fact] = {**said, "minutes": lasts, "asked": minutes}
        return Outcome.FAIL, Message("too_short", short)
    if supply.guarded is None:
        return Outcome.UNKNOWN, Message("guard_unseen", said)
    if not supply.guarded:
        return Outcome.FAIL, Message("not_guarded", said)
    return Outcome.PASS, Message("in_order", {**said, "minutes": lasts})


def _fault(supply: Supply) -> Message | None:
    """What the UPS itself says is wrong with it."""
    said: dict[str, Fact] = {"ups": supply.name}
    for word, message in FAULTS.items():
        if word == "ALARM" and word in supply.status:
            return Message(message, {**said, "alarm": supply.alarm or word})
        if word in supply.status:
            return Message(message, said)
    if self_test_failed(supply.test):
        return Message("test_failed", {**said, "result": supply.test})
    if LOW_BATTERY in supply.status and CHARGING not in supply.status:
        return Message("battery_low", said)
    return None


def _advice(supply: Supply, at: datetime) -> list[Message]:
    advice = []
    if not self_test_passed(supply.test) and not self_test_failed(supply.test):
        advice.append(Message("not_tested", {"ups": supply.name}))
    if supply.battery_made is not None:
        years = (at - supply.battery_made).days // 365
        if years >= _BATTERY_YEARS:
            advice.append(Message("battery_old", {"ups": supply.name, "years": years}))
    return advice


CHECK = Check(observe=observe, evaluate=evaluate)

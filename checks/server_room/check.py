"""Whether the air around this machine is within bounds, as far as the machine can measure it.

Only a sensor of the air that comes in, or of the room, tells something about the room. What a
processor or disk measures says how hard it works. Most machines have no such sensor: then the
machine has nothing to say, and a person must. One reading shows this moment; that the climate is
watched needs more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assessor.api import (
    Captured,
    Captures,
    Check,
    Fact,
    Judgement,
    Message,
    NotCaptured,
    Parameters,
    failed,
    not_applicable,
    not_observed,
    passed,
    unknown,
)

from .sensors import Reading, Sensors, read_inlets, read_sensors, split

MEASURE = "climate-control"
_NOT_INSTALLED = 127


@dataclass(frozen=True, slots=True)
class Controller:
    """What the management controller says.

    Attributes:
        inlets: its sensors of the air that comes in; ``None`` when it did not tell.
        installed: the tool to ask it with is there.
    """

    inlets: tuple[Reading, ...] | None
    installed: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the judgement rests on; ``sensors`` is ``None`` when the output was not whole."""

    sensors: Sensors | None
    controller: Controller | NotCaptured


def observe(captures: Captures) -> Seen | NotCaptured:
    """The sensors of the machine, of a UPS and of the management controller."""
    gap = captures.gap("climate")
    if gap is not None:
        return gap
    answer = captures.answered("climate")
    sensors = read_sensors(answer.stdout) if answer is not None else None
    return Seen(sensors, captures.gap("controller") or _controller(captures.answered("controller")))


def _controller(answer: Captured | None) -> Controller:
    if answer is None or answer.exit_status:
        return Controller(None, answer is None or answer.exit_status != _NOT_INSTALLED)
    return Controller(read_inlets(answer.stdout), installed=True)


def evaluate(seen: Seen | NotCaptured, parameters: Parameters) -> list[Judgement]:
    """One judgement: the reading that is furthest out counts."""
    if isinstance(seen, NotCaptured):
        return [not_observed(MEASURE, seen)]
    if seen.sensors is None:
        return [unknown(MEASURE, "unparsed")]
    readings = list(seen.sensors.room)
    asked = seen.controller
    if seen.sensors.controller and isinstance(asked, Controller) and asked.inlets:
        readings += asked.inlets
    if not readings:
        return [_without_sensor(seen.sensors, asked)]
    temperatures, humidities, bogus = split(readings)
    if not temperatures:
        odd = bogus[0] if bogus else humidities[0]
        message = "not_believable" if bogus else "only_humidity"
        return [unknown(MEASURE, message, {"sensor": odd.sensor, "value": odd.value})]
    return [_judge(temperatures, humidities, parameters)]


def _without_sensor(sensors: Sensors, asked: Controller | NotCaptured) -> Judgement:
    if sensors.controller:
        if isinstance(asked, NotCaptured):
            return not_observed(MEASURE, asked)
        if not asked.installed:
            return unknown(MEASURE, "no_ipmitool")
        if asked.inlets is None:
            return unknown(MEASURE, "controller_silent")
    if sensors.inside:
        return not_applicable(MEASURE, "only_inside", {"number": sensors.inside})
    return not_applicable(MEASURE, "no_sensor")


def _judge(
    temperatures: Sequence[Reading], humidities: Sequence[Reading], parameters: Parameters
) -> Judgement:
    expected: dict[str, Fact] = dict(parameters)
    observed: dict[str, Fact] = {
        "sensors": tuple(reading.sensor for reading in (*temperatures, *humidities)),
        "readings": tuple(reading.value for reading in (*temperatures, *humidities)),
    }
    limits = (
        (max(temperatures, key=_value), "max_temperature", "too_warm", 1),
        (min(temperatures, key=_value), "min_temperature", "too_cold", -1),
        *((reading, "max_humidity", "too_humid", 1) for reading in humidities),
        *((reading, "min_humidity", "too_dry", -1) for reading in humidities),
    )
    for reading, parameter, message, sign in limits:
        limit = parameters.integer(parameter)
        if sign * reading.value > sign * limit:
            said: dict[str, Fact] = {
                "sensor": reading.sensor,
                "value": reading.value,
                "limit": limit,
            }
            return failed(MEASURE, message, said, expected=expected, observed=observed)
    warmest = max(temperatures, key=_value)
    advice = [Message("one_reading")]
    low = parameters.integer("recommended_min_temperature")
    high = parameters.integer("recommended_max_temperature")
    if any(not low <= reading.value <= high for reading in temperatures):
        advice.append(Message("not_as_recommended", {"low": low, "high": high}))
    if not humidities:
        advice.append(Message("humidity_unseen"))
    return passed(
        MEASURE,
        "in_bounds",
        {"sensor": warmest.sensor, "value": warmest.value},
        expected=expected,
        observed=observed,
        advice=tuple(advice),
    )


def _value(reading: Reading) -> float:
    return reading.value


CHECK = Check(observe=observe, evaluate=evaluate)

"""Reads the sensors, and tells those of the room from those of the machine's own parts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assessor.api import values, whole_lines

_ROOM_WORDS = re.compile(r"inlet|intake|\broom\b|\bair ?in\b")
"""Not "ambient": many laptops and mainboards call the air within their case so."""
_PART_WORDS = re.compile(r"exhaust|outlet|cpu|core|dimm|mem|gpu|pch|chipset|psu|disk|drive|board")
_ROOM_CHIPS = re.compile(
    r"(sht[0-9]|sts3x|shtc1|shtw1|htu(21|31)|hih6130|hdc|si70[0-9]{2}|chipcap2|aht10|hs3001"
    r"|w1_slave|nut-)"
)
"""Sensors that are sold loose, to hang in a room (drivers of Linux's hwmon), and those of a UPS."""
_TEMPERATURE_C = (-30.0, 80.0)
"""What a room can have. A sensor that is broken or absent reads -128, -127, 127 or 0; a DS18B20
that has not measured yet reads 85."""
_GROUP = re.compile(r"(Inlet|CPU|Baseboard)\b[^:]*: ([0-9]{1,3}) temperature sensors? found:")
_RECORD = re.compile(
    r"Record ID 0x[0-9a-f]{4}: (.+?) *\| *(-?[0-9]{1,3}(?= degrees C)|no reading)(?: degrees C)? *"
    r"\| ([a-z]+)"
)
_STATES = frozenset({"ok", "ns", "nc", "cr", "nr", "lnc", "lcr", "lnr", "unc", "ucr", "unr", "na"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sensor reads: degrees Celsius, or per cent of relative humidity."""

    sensor: str
    value: float
    humidity: bool = False

    @property
    def believable(self) -> bool:
        """Whether a room can have it at all."""
        if self.humidity:
            return 0 < self.value <= 100
        return self.value != 0 and _TEMPERATURE_C[0] < self.value < _TEMPERATURE_C[1]


@dataclass(frozen=True, slots=True)
class Sensors:
    """What the script saw.

    Attributes:
        room: readings of the air around the machine.
        inside: how many temperatures there are of the machine's own parts.
        controller: there is a management controller, which may have more sensors.
    """

    room: tuple[Reading, ...]
    inside: int
    controller: bool


def read_sensors(text: str) -> Sensors | None:
    """What the script saw; ``None`` when its output is not whole."""
    lines = whole_lines(text)
    if lines is None:
        return None
    room, inside = [], 0
    for kind in ("temperature", "humidity"):
        for line in values(lines, kind):
            chip, _, rest = line.partition(" ")
            number, _, label = rest.partition(" ")
            value = _number(number)
            if value is not None and _of_room(chip, label):
                room.append(Reading(f"{chip} {label}".strip(), value, kind == "humidity"))
            elif kind == "temperature":
                inside += 1
    return Sensors(tuple(room), inside, bool(values(lines, "controller")))


def _of_room(chip: str, label: str) -> bool:
    words = label.lower()
    if _PART_WORDS.search(words):
        return False
    return bool(_ROOM_CHIPS.match(chip) or _ROOM_WORDS.search(words))


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?[0-9]{1,6}(\.[0-9]{1,6})?", text) else None


def read_inlets(text: str) -> tuple[Reading, ...] | None:
    """The inlet sensors of ``ipmitool dcmi sensors``; ``None`` when the answer is not whole.

    It counts the sensors of the inlet, the processors and the boards before it lists each.
    """
    groups: dict[str, list[Reading]] = {}
    promised: dict[str, int] = {}
    group = ""
    for line in text.split("\n"):
        head = _GROUP.fullmatch(line)
        if head is not None:
            group = head[1]
            promised[group], groups[group] = int(head[2]), []
            continue
        record = _RECORD.fullmatch(line)
        if record is not None and record[3] in _STATES and group:
            value = float(record[2]) if record[2] != "no reading" else 0.0
            groups[group].append(Reading(record[1], value))
    if set(promised) != {"Inlet", "CPU", "Baseboard"} or not text.endswith("\n"):
        return None
    if any(len(groups[name]) != count for name, count in promised.items()):
        return None
    return tuple(groups["Inlet"])


def split(readings: Iterable[Reading]) -> tuple[list[Reading], list[Reading], list[Reading]]:
    """The believable temperatures and humidities, and the readings that cannot be."""
    temperatures, humidities, bogus = [], [], []
    for reading in readings:
        if not reading.believable:
            bogus.append(reading)
        elif reading.humidity:
            humidities.append(reading)
        else:
            temperatures.append(reading)
    return temperatures, humidities, bogus

"""The readers of the check on the climate of the server room."""

from __future__ import annotations

import pytest

from checks.server_room.sensors import Reading, Sensors, read_inlets, read_sensors, split

INLETS = """
Inlet: 2 temperature sensors found:
Record ID 0x0004: Inlet Temp       | 19 degrees C      | ok
Record ID 0x0005: Inlet Temp 2     | no reading        | ns

CPU: 1 temperature sensor found:
Record ID 0x000e: Temp             | 41 degrees C      | ok

Baseboard: 0 temperature sensor found:
"""


def _sensors(*lines: str) -> Sensors:
    found = read_sensors("\n".join([*lines, "complete", f"end {len(lines) + 1}"]) + "\n")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "room"),
    [
        ("sht3x-i2c-1-44 23.450 temp1", True),
        ("w1_slave_temp 21.5 temp1", True),
        ("nut-shop 22.5 ambient.temperature", True),
        ("nct6779-isa-0290 24.0 Server room", True),
        ("acpitz-acpi-0 27.8 temp1", False),
        ("coretemp-isa-0000 61.0 Package id 0", False),
        ("dell_smm-virtual-0 41.0 Ambient", False),  # within the case
        ("nct6779-isa-0290 24.0 CPU inlet", False),
        ("i5k_amb-isa-0000 45.0 Ch. 0 DIMM 0", False),
        ("nvme-pci-0100 33.0 Composite", False),
        ("bmc 31.0 Exhaust", False),
    ],
)
def test_which_sensors_are_of_the_room(line: str, room: bool) -> None:
    found = _sensors(f"temperature {line}")
    assert (len(found.room), found.inside) == ((1, 0) if room else (0, 1))


@pytest.mark.parametrize("value", [-128.0, -127.0, 127.0, 85.0, 0.0, 255.0, -55.0])
def test_values_that_no_room_has(value: float) -> None:
    assert not Reading("x", value).believable
    assert split([Reading("x", value)])[2]


@pytest.mark.parametrize("value", [0.0, 100.5, 998.0, -6.0])
def test_humidities_that_cannot_be(value: float) -> None:
    assert not Reading("x", value, humidity=True).believable


def test_a_number_that_is_none_is_no_reading() -> None:
    for text in ("nan", "inf", "1e3", "--5", "٣"):
        assert _sensors(f"temperature sht3x {text} temp1").room == ()


def test_inlets() -> None:
    inlets = read_inlets(INLETS)
    assert inlets is not None
    assert [(reading.sensor, reading.value) for reading in inlets] == [
        ("Inlet Temp", 19.0),
        ("Inlet Temp 2", 0.0),
    ]
    lines = INLETS.splitlines(keepends=True)
    for lost, line in enumerate(lines):
        rest = read_inlets("".join(lines[:lost] + lines[lost + 1 :]))
        assert (rest is None) is bool(line.strip()), line
    for cut in range(len(INLETS)):
        assert read_inlets(INLETS[:cut]) is None

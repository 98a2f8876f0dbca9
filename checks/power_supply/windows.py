"""Reads what Windows knows of emergency power.

Windows drives a UPS on a USB port itself (HidBatt) and calls it a battery. It is a UPS where the
driver says that the battery is for fail-safe use (``BATTERY_IS_SHORT_TERM``), or it is a device of
class HID; the battery of a laptop is neither. A program of the maker's takes the UPS over, and then
Windows knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessor.api import (
    Captures,
    CimAnswer,
    Told,
    UnparsedError,
    read_cim,
    read_registry,
    told,
)

from .supply import CHARGING, LOW_BATTERY, ON_BATTERY, ON_LINE, Supply

_STATUS: Mapping[int, tuple[str, ...]] = {
    1: (ON_BATTERY, "DISCHRG"),
    2: (ON_LINE,),  # "the system has access to AC"
    3: (ON_LINE,),
    4: (LOW_BATTERY,),
    5: (LOW_BATTERY,),
    6: (ON_LINE, CHARGING),
    7: (ON_LINE, CHARGING),
    8: (ON_LINE, CHARGING, LOW_BATTERY),
    9: (ON_LINE, CHARGING, LOW_BATTERY),
    10: ("UNDEFINED",),
    11: ("PARTIALLY-CHARGED",),
}
"""``BatteryStatus`` of Win32_Battery in NUT's terms."""
_BROKEN = frozenset({"Error", "Degraded", "Pred Fail", "NonRecover"})
"""Words of ``Status`` (not translated) for a device that does not work, or soon will not."""
_SHORT_TERM = 0x20000000
_UNKNOWN_MINUTES = 0xFFFFFFFF // 60
"""BATTERY_UNKNOWN_TIME, 0xFFFFFFFF seconds, in minutes."""
_POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Power\\PowerSettings"
_ACTION = "637ea02f-bbcb-4015-8e2c-a1c7b9c0b546"
_LEVEL = "9a66d8d7-4ff7-4ef9-b5a2-5a326ca2a469"
_NOTHING, _SLEEP, _HIBERNATE, _SHUT_DOWN = range(4)
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Battery:
    """A battery as Windows tells of it."""

    id: str
    name: str
    status: tuple[str, ...]
    minutes: int | None
    fault: str


@dataclass(frozen=True, slots=True)
class Program:
    """A service of a program for UPSes."""

    name: str
    runs: bool


@dataclass(frozen=True, slots=True)
class Power:
    """All that the judgement rests on.

    Attributes:
        batteries: all that there are, those of laptops too.
        kinds: for each battery by its identifier, whether it is a UPS.
        devices: UPSes on a USB port of which the driver does not work.
        serial: names of UPSes by the class of old.
        programs: services of programs for UPSes.
        shuts_down: Windows ends in good time when a battery runs out; ``None`` where that is not
            set anywhere that can be seen.
    """

    batteries: Told[tuple[Battery, ...]]
    kinds: Told[Mapping[str, bool]]
    devices: Told[tuple[str, ...]]
    serial: Told[tuple[str, ...]]
    programs: Told[tuple[Program, ...]]
    shuts_down: Told[bool | None]


def observe(captures: Captures) -> Power:
    """What Windows knows."""
    return Power(
        told(captures, "batteries", read_batteries),
        told(captures, "kinds", read_kinds),
        told(captures, "devices", read_devices),
        told(captures, "serial", read_serial),
        told(captures, "programs", read_programs),
        _shuts_down(captures),
    )


def _there(text: str, name: str) -> CimAnswer:
    answer = read_cim(text)
    if not answer.there:
        raise UnparsedError(name)
    return answer


def read_batteries(text: str) -> tuple[Battery, ...]:
    """The batteries; a status that Microsoft does not document is no answer."""
    found: list[Battery] = []
    for row in _there(text, "Win32_Battery").rows:
        number = row.integer("BatteryStatus")
        if number not in _STATUS:
            raise UnparsedError(f"BatteryStatus {number}")
        minutes = row.optional_integer("EstimatedRunTime")
        state = row.optional_text("Status") or ""
        # APC writes its firmware behind the model: "Back-UPS RS 900G FW:879.L4 .I USB FW:L4".
        name = (row.optional_text("Name") or row.text("DeviceID")).partition(" FW:")[0]
        # While it charges, Windows calls a sound battery "Service" (forderud/BatterySimulator 3).
        sound = state == "OK" or (state == "Service" and CHARGING in _STATUS[number])
        unclear = () if sound or state in _BROKEN else (state or "no-status",)
        found.append(
            Battery(
                row.text("DeviceID").strip(),
                name.strip(),
                (*_STATUS[number], *unclear),
                None if minutes is None or minutes >= _UNKNOWN_MINUTES else minutes,
                state if state in _BROKEN else "",
            )
        )
    return tuple(found)


def read_kinds(text: str) -> Mapping[str, bool]:
    """Whether each battery is a UPS."""
    kinds: dict[str, bool] = {}
    for row in _there(text, "BatteryStaticData").rows:
        capabilities = row.optional_integer("Capabilities") if row.has("Capabilities") else None
        by_driver = capabilities is not None and bool(capabilities & _SHORT_TERM)
        on_usb = row.text("InstanceName").upper().startswith("HID\\")
        kinds[(row.optional_text("UniqueID") or "").strip()] = by_driver or on_usb
    return kinds


def read_devices(text: str) -> tuple[str, ...]:
    """UPSes on a USB port of which the driver does not work, by maker and model."""
    return tuple(
        "\\".join(row.text("DeviceID").split("\\")[:2])
        for row in _there(text, "Win32_PnPEntity").rows
        if row.optional_integer("ConfigManagerErrorCode") != 0
    )


def read_serial(text: str) -> tuple[str, ...]:
    """UPSes by the class that Windows has no longer had since 2008."""
    return tuple(row.optional_text("Name") or row.text("DeviceID") for row in read_cim(text).rows)


def read_programs(text: str) -> tuple[Program, ...]:
    """Services of programs for UPSes; ``State`` is not translated."""
    return tuple(
        Program(
            row.optional_text("DisplayName") or row.text("Name"), row.text("State") == "Running"
        )
        for row in _there(text, "Win32_Service").rows
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """What is set by policy, and whether Windows can hibernate."""

    action: int | None
    level: int | None
    hibernates: bool | None


def read_settings(text: str) -> Settings:
    """The policies on a battery that runs out; HibernateEnabled is 1 or 0."""
    registry = read_registry(text)
    enabled = registry.number("HKLM\\SYSTEM\\CurrentControlSet\\Control\\Power", "HibernateEnabled")
    if enabled not in (None, 0, 1):
        raise UnparsedError(f"HibernateEnabled {enabled}")
    return Settings(
        registry.number(f"{_POLICY}\\{_ACTION}", "DCSettingIndex"),
        registry.number(f"{_POLICY}\\{_LEVEL}", "DCSettingIndex"),
        None if enabled is None else enabled == 1,
    )


def read_plan(text: str) -> str:
    r"""The identifier of the power plan in use: ``Microsoft:PowerPlan\{381b4222-...}``."""
    rows = _there(text, "Win32_PowerPlan").rows
    if len(rows) != 1:
        raise UnparsedError("Win32_PowerPlan")
    return rows[0].text("InstanceID").rpartition("\\")[2].lower()


def read_indexes(text: str) -> Mapping[str, int]:
    r"""Settings of all plans: ``Microsoft:PowerSettingDataIndex\{plan}\DC\{setting}``."""
    return {
        row.text("InstanceID").partition("\\")[2].lower(): row.integer("SettingIndexValue")
        for row in _there(text, "Win32_PowerSettingDataIndex").rows
    }


def _shuts_down(captures: Captures) -> Told[bool | None]:
    settings = told(captures, "power", read_settings)
    plan = told(captures, "plan", read_plan)
    indexes = told(captures, "at_end", read_indexes)
    if settings.answer is not None and plan.answer is not None and indexes.answer is not None:
        ends = shuts_down(settings.answer, plan.answer, indexes.answer)
        return Told(captures.at, answer=ends)
    missing = next(one for one in (settings, plan, indexes) if one.answer is None)
    return Told(captures.at, gap=missing.gap, unparsed=missing.unparsed)


def shuts_down(settings: Settings, plan: str, indexes: Mapping[str, int]) -> bool | None:
    """Whether Windows hibernates or shuts down when a battery runs out.

    A policy precedes the power plan in use. Sleep needs power itself, so it does not count.
    """
    action = settings.action
    level = settings.level
    if action is None:
        action = indexes.get(f"{plan}\\dc\\{{{_ACTION}}}")
    if level is None:
        level = indexes.get(f"{plan}\\dc\\{{{_LEVEL}}}")
    if action in (_NOTHING, _SLEEP) or level == 0:
        return False
    if level is None or not 0 < level <= _PERCENT:
        return None
    if action == _HIBERNATE:
        return settings.hibernates
    return True if action == _SHUT_DOWN else None


def supply(battery: Battery, guarded: bool | None) -> Supply:
    """A UPS in the words that the judgement knows; Windows tells nothing of self-tests."""
    return Supply(
        name=battery.name,
        status=(*battery.status, *(("ALARM",) if battery.fault else ())),
        contact=True,
        runtime_s=None if battery.minutes is None else battery.minutes * 60,
        test="",
        battery_made=None,
        guarded=guarded,
        alarm=battery.fault,
    )

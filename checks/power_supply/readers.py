"""Reads what NUT, apcupsd and PowerPanel say of their UPSes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from assessor.api import values, whole_lines

from .supply import LOW_BATTERY, ON_BATTERY, ON_LINE, Supply, believable_date, whole_number

_APC = {
    "ONLINE": ON_LINE,
    "ONBATT": ON_BATTERY,
    "LOWBATT": LOW_BATTERY,
    "REPLACEBATT": "RB",
    "NOBATT": "RB",
    "OVERLOAD": "OVER",
    "SHUTTING": "FSD",
    "DOWN": "FSD",
}
"""apcupsd's words in NUT's terms; the others are the same, or are shown as they are."""
_POWERPANEL = frozenset(
    {"State", "Power Supply by", "Remaining Runtime", "Test Result", "Last Power Event"}
)


@dataclass(frozen=True, slots=True)
class Host:
    """What the script saw.

    Attributes:
        supplies: the UPSes that report to this machine.
        programs: the programs for a UPS that are installed.
        silent: those of them that did not answer.
        watcher: upsmon runs, and so watches a UPS here or elsewhere; ``None`` when unseen.
        usb: makers of UPSes of which a device hangs on a USB port.
    """

    supplies: tuple[Supply, ...]
    programs: tuple[str, ...]
    silent: tuple[str, ...]
    watcher: bool | None
    usb: tuple[str, ...]


def read_host(text: str, at: datetime) -> Host | None:
    """What the script saw; ``None`` when its output is not whole."""
    lines = whole_lines(text)
    if lines is None:
        return None
    running = set(values(lines, "process"))
    seen = values(lines, "processes") == ["seen"]
    watcher = "upsmon" in running or (None if not seen else False)
    tools = values(lines, "tool")
    silent = []
    supplies = []
    for name in values(lines, "nut"):
        if name == "silent":
            silent.append("NUT")
        else:
            supplies.append(_nut(name, lines, _guarded(lines, watcher), at))
    if "upsc" in tools and not silent and not supplies:
        silent.append("NUT")
    if "apcaccess" in tools:
        reported = dict(_pair(line) for line in values(lines, "apc"))
        if "END" in reported:
            supplies.append(_apcupsd(reported, at))
        else:
            silent.append("apcupsd")
    names = {"upsc": "NUT", "apcaccess": "apcupsd", "pwrstat": "PowerPanel"}
    return Host(
        supplies=tuple(supplies),
        programs=tuple(names[tool] for tool in tools if tool in names),
        silent=tuple(silent),
        watcher=watcher,
        usb=tuple(values(lines, "usb")),
    )


def _pair(line: str) -> tuple[str, str]:
    key, _, value = line.partition(" ")
    return key, value


def _guarded(lines: tuple[str, ...], watcher: bool | None) -> bool | None:
    """Whether NUT has this machine shut down.

    A program of this machine is logged in at the server of NUT, which is what upsmon does; NUT
    before 2.6 does not tell who is. upsmon may also be logged in from another address of this
    machine, or at another server: then it is not known what it watches.
    """
    clients = [line.rpartition(" ")[2] for line in values(lines, "clients")]
    if any(count.isdecimal() and int(count) for count in clients):
        return True
    return None if watcher and clients else watcher


def _nut(name: str, lines: tuple[str, ...], guarded: bool | None, at: datetime) -> Supply:
    said = dict(_pair(line) for line in values(lines, f"value {name}"))
    port = said.get("driver.parameter.port", "")
    model = said.get("ups.model") or said.get("device.model") or ""
    return Supply(
        name=f"{name} ({model})" if model else name,
        status=tuple(said.get("ups.status", "").split()),
        contact=not values(lines, f"error {name}"),
        runtime_s=whole_number(said.get("battery.runtime", "")),
        test=said.get("ups.test.result", ""),
        battery_made=believable_date(
            (said.get("battery.date", ""), said.get("battery.mfr.date", "")), at
        ),
        guarded=guarded,
        simulated=said.get("driver.name") == "dummy-ups"
        and (
            said.get("driver.parameter.mode", "").startswith("dummy")
            or port.endswith((".dev", ".seq"))
        ),
        alarm=said.get("ups.alarm", ""),
    )


def _apcupsd(reported: dict[str, str], at: datetime) -> Supply:
    """It answers, so apcupsd runs, and shuts the machine down when the battery runs out."""
    words = reported.get("STATUS", "").split()
    minutes = whole_number(reported.get("TIMELEFT", ""))
    test = reported.get("SELFTEST", "")
    return Supply(
        name=reported.get("MODEL", "") or "apcupsd",
        status=tuple(_APC.get(word, word) for word in words),
        contact="COMMLOST" not in words,
        runtime_s=minutes * 60 if minutes is not None else None,
        test="" if test in ("NO", "None") else test,
        battery_made=believable_date((reported.get("BATTDATE", ""),), at),
        guarded=True,
    )


def read_powerpanel(text: str) -> Supply | None:
    """``pwrstat -status``; ``None`` when it is not whole: its last line is the last event."""
    said = dict(re.findall(r"^\s+([A-Z][A-Za-z ]+?)\.{2,}[ \t]+([^\n]*)\n", text, re.MULTILINE))
    if not _POWERPANEL.issubset(said):
        return None
    state = said["State"].strip()
    source = said.get("Power Supply by", "").strip()
    status = [state] if state not in ("Normal", "Power Failure") else []
    status += {"Utility Power": [ON_LINE], "Battery Power": [ON_BATTERY]}.get(source, [source])
    minutes = whole_number(said.get("Remaining Runtime", ""))
    test = said.get("Test Result", "").strip()
    return Supply(
        name=said.get("Model Name", "").strip() or "PowerPanel",
        status=tuple(status),
        contact=state != "Lost Communication",
        runtime_s=minutes * 60 if minutes is not None else None,
        test="" if test in ("Unknown", "None") else test,
        battery_made=None,
        guarded=True,
    )

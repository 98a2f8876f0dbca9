"""Which generation answers, and what it runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from assessor.devices.answers import FILE
from assessor.devices.aruba.cx import read_cx
from assessor.devices.aruba.provision import read_provision
from assessor.devices.aruba.tree import refused, tree_of
from assessor.devices.device import Device, Firmware
from assessor.model.answers import UnparsedError

# "; J9729A Configuration Editor; Created on release #WB.16.10.0009", "; hpStack_WC ..."
_PROVISION = re.compile(
    r"^[ \t]*;[ \t]*(?P<model>\S{1,40}) Configuration Editor;"
    r" Created on release #(?P<version>[A-Z0-9.]+)",
    re.MULTILINE,
)
# "!Version ArubaOS-CX FL.10.10.1100"
_CX = re.compile(
    r"^![ \t]*Version (?:ArubaOS|AOS)-CX (?P<version>[A-Z]{2}\.[0-9A-Za-z.]+)", re.MULTILINE
)
_CX_VERSION = re.compile(
    r"^[ \t]*Version[ \t]*:[ \t]*(?P<version>[A-Z]{2}\.[0-9A-Za-z.]+)", re.MULTILINE
)
_CX_BUILT = re.compile(r"^[ \t]*Build Date[ \t]*:[ \t]*(?P<date>\d{4}-\d{2}-\d{2})", re.MULTILINE)
# "Image stamp: ...", then the version alone on its line: "WB.16.10.0009"
_STAMP = re.compile(
    r"Image stamp:[\s\S]{0,400}?^[ \t]*(?P<version>[A-Z]{1,2}\.\d\d\.\d\d\.\w{4,6})", re.M
)


def read(answers: Mapping[str, str]) -> Device:
    """The switch that gave these answers; see ``DeviceSystem.read``."""
    configuration = answers.get("show running-config", answers.get(FILE, ""))
    firmware = _told_version(answers.get("show version", ""))
    if refused(configuration):
        if firmware is None:
            raise UnparsedError("neither the configuration nor the version was shown")
        return Device(firmware=firmware)
    device = _configured(configuration)
    if firmware is not None and device.firmware is not None:
        # What runs counts; the head of a configuration names what wrote it.
        firmware = replace(firmware, model=device.firmware.model)
    return replace(device, firmware=firmware or device.firmware)


def _configured(text: str) -> Device:
    if head := _PROVISION.search(text):
        device = read_provision(tree_of(text[head.start() :], ";"))
        return replace(device, firmware=Firmware(head["model"], head["version"]))
    if head := _CX.search(text):
        return read_cx(tree_of(text[head.start() :], "!"), head["version"])
    raise UnparsedError("no configuration of ArubaOS-Switch or AOS-CX")


def _told_version(text: str) -> Firmware | None:
    if found := _CX_VERSION.search(text):
        built = _CX_BUILT.search(text)
        return Firmware("", found["version"], _day(built["date"]) if built else None)
    if found := _STAMP.search(text):
        return Firmware("", found["version"])
    return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

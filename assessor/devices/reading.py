"""Any device's answers to the neutral form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import import_module

from assessor.devices.answers import parted
from assessor.devices.device import Device
from assessor.devices.system import DeviceSystem
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs

_FOLDERS: Mapping[DeviceOs, str] = {os: os.value.replace("-", "_") for os in DeviceOs}


@cache
def system(os: DeviceOs) -> DeviceSystem:
    """What is known of ``os``; its folder is only loaded when a target runs it."""
    found: DeviceSystem = import_module(f"assessor.devices.{_FOLDERS[os]}").SYSTEM
    return found


def systems() -> Iterator[DeviceSystem]:
    """Every system, in the order of ``DeviceOs``."""
    return (system(os) for os in DeviceOs)


@lru_cache(maxsize=4)
def read_device(os: DeviceOs, text: str) -> Device:
    """The device that gave these answers; several checks of one target share the reading.

    Raises:
        UnparsedError: the answers are not whole, or not those of such a device.
    """
    try:
        return system(os).read(parted(text))
    except RecursionError as error:
        raise UnparsedError("nested too deeply") from error

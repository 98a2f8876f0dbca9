"""What the command line says of devices: what they are asked, and what of it was understood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assessor.devices.reading import read_device, system
from assessor.model.answers import UnparsedError
from assessor.model.capture import Capture, Captured
from assessor.model.target import Platform, Target, TransportKind


def questions(target: Target) -> tuple[str, ...]:
    """What a device is asked, to the letter."""
    if target.transport is TransportKind.FILE:
        return (f"read the file {target.file}",)
    return () if target.device is None else system(target.device).questions


def understood(target: Target, captures: Mapping[str, Capture]) -> Iterator[str]:
    """Lines about what a device's answers tell; nothing for other targets."""
    if target.platform is not Platform.DEVICE or target.device is None:
        return
    for capture in captures.values():
        if not isinstance(capture, Captured):
            continue
        try:
            device = read_device(target.device, capture.stdout)
        except UnparsedError as error:
            yield f"not understood as {system(target.device).title}: {error}"
            return
        silent = [
            name
            for name in ("firmware", "accounts", "services", "firewall", "wifi", "logging", "vpns")
            if getattr(device, name) is None
        ]
        if silent:
            yield f"the answers say nothing of: {', '.join(silent)}"
        for topic, lines in device.unread.items():
            yield f"{topic}: not understood in full: {lines[0]}" if lines else f"{topic}: unread"

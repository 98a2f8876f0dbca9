"""What runs on the device: from the state, or from the head of an export."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from assessor.devices.device import Firmware
from assessor.devices.fortios.configuration import Configuration

# "Version: FortiGate-60F v7.4.7,build2731,250120 (GA.M)", also behind "# " or "#config-version=".
_STATE = re.compile(
    r"(?:[# ]*Version: |#config-version=)(?P<model>\S{1,40})"
    r" v(?P<version>\d{1,3}(?:\.\d{1,4}){1,3})(?:,build\d{1,6})?(?:,(?P<built>\d{6}))?"
)
# "#config-version=FGT60F-7.4.7-FW-build2731-250120:opmode=0:vdom=0:user=admin"
_HEAD = re.compile(
    r"#config-version=(?P<model>[\w-]{1,40}?)-(?P<version>\d{1,3}(?:\.\d{1,4}){1,3})-FW"
    r"(?:-build\d{1,6})?(?:-(?P<built>\d{6}))?"
)
_BACKUP = re.compile(r"execute\s+backup\s+(?:full-)?config\b", re.IGNORECASE)


def told_version(lines: Iterable[str]) -> Firmware | None:
    """What the lines of a state or the comments of an export tell of the version."""
    found = None
    for line in lines:
        if match := _STATE.match(line.strip()) or _HEAD.match(line.strip()):
            firmware = Firmware(match["model"], match["version"], _day(match["built"]))
            if match.re is _STATE:
                return firmware  # it has the model in full
            found = found or firmware
    return found


def _day(text: str | None) -> date | None:
    """The day of a build, written YYMMDD."""
    if text is None:
        return None
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        return None


def updates_itself(config: Configuration) -> bool | None:
    """Whether it installs new versions by itself; the default depends on model and version."""
    block = config.table("system fortiguard")
    values = block.all("auto-firmware-upgrade") if block is not None else ()
    return None if not values else values[0] == "enable"


def saves_itself(config: Configuration) -> bool | None:
    """Whether a script or a stitch of the device sends the configuration somewhere."""
    scripts = [
        entry.one("script")
        for part in config.parts()
        for name in ("system auto-script", "system automation-action")
        for entry in part.part(name).entries.values()
    ]
    return True if any(_BACKUP.search(script) for script in scripts) else None

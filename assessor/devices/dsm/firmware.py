"""Which DSM runs, on what, and whether it updates itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from assessor.devices.device import Firmware
from assessor.devices.dsm.parts import Parts
from assessor.devices.dsm.questions import Api, Ask
from assessor.model.answers import UnparsedError

_LINE = re.compile(r"\s*(?P<key>[A-Za-z_]\w{0,60})=(?:\"(?P<quoted>[^\"]*)\"|(?P<bare>\S*))\s*")
# What it downloads, it does not install (Control Panel > Update & Restore > Update Settings).
_AUTOMATIC = {
    "hotfix-security": True,
    "hotfix": True,
    "security": True,
    "smart": True,
    "all": True,
    "download": False,
    "notify": False,
}


def settings(text: str) -> Mapping[str, str]:
    """The settings of a file of ``key="value"`` lines."""
    found = {}
    for line in text.splitlines():
        if match := _LINE.fullmatch(line):
            found[match["key"]] = match["quoted"] if match["quoted"] is not None else match["bare"]
    return found


def read_firmware(parts: Parts) -> Firmware | None:
    """What runs; ``None`` where nothing was told of it.

    Raises:
        UnparsedError: the answer is not DSM's.
    """
    told = settings(parts.text(Ask.SETTINGS) or "")
    model = told.get("upnpmodelname", "")
    text = parts.text(Ask.VERSION)
    if text is None:
        return _by_system(parts, model)
    version = settings(text)
    # BeeStation OS and the router's SRM have the file too, with other versions.
    if version.get("os_name", "DSM") != "DSM" or not version.get("buildnumber", "").isdigit():
        raise UnparsedError("not the version of a Synology DSM")
    if not version.get("majorversion", "").isdigit():
        raise UnparsedError("not the version of a Synology DSM")
    number = version.get("productversion") or ".".join(
        (version["majorversion"], version.get("minorversion", "0"))
    )
    small = version.get("smallfixnumber", "0")
    update = f" Update {small}" if small.isdigit() and int(small) else ""
    return Firmware(
        model=model,
        version=f"{number}-{version['buildnumber']}{update}",
        built=_day(version.get("builddate", "")),
        automatic=_automatic(parts, told),
    )


def _by_system(parts: Parts, model: str) -> Firmware | None:
    data = parts.data(Api.SYSTEM) or {}
    told = data.get("firmware_ver") or data.get("version_string")
    if isinstance(data.get("model"), str):
        model = str(data["model"])
    match = re.fullmatch(r"DSM (\d[\w.]{0,20}-\d{1,8}(?: Update \d{1,4})?)", str(told))
    if match is None and not model:
        return None
    return Firmware(model=model, version=match[1] if match else "")


def _day(text: str) -> date | None:
    try:
        year, month, day = (int(word) for word in text.split("/"))
        return date(year, month, day)
    except ValueError:
        return None


def _automatic(parts: Parts, told: Mapping[str, str]) -> bool | None:
    data = parts.data(Api.UPDATES)
    if data is None:
        return _AUTOMATIC.get(told.get("dsm_autoupdate_type", ""))
    enabled, kind = data.get("autoupdate_enable"), data.get("autoupdate_type")
    automatic = _AUTOMATIC.get(kind) if isinstance(kind, str) else None
    if isinstance(enabled, bool):
        return enabled and automatic is not False
    return automatic

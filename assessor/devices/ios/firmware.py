"""What runs on the device, by ``show version`` or by what backup programs write of it."""

from __future__ import annotations

import re
from datetime import date

from assessor.devices.device import Firmware

# "Cisco IOS Software [Amsterdam], ISR Software (X86_64_...), Version 17.3.4a, RELEASE SOFTWARE"
_RELEASE = re.compile(r"\bVersion (?P<version>\d{1,2}\.[\w.()]{1,30}), RELEASE\b")
# "! Image: Software: CAT9K_LITE_IOSXE, 17.9.4a, RELEASE SOFTWARE (fc3)" (RANCID, Oxidized)
_IMAGE = re.compile(r"\bSoftware: \S+, (?P<version>\d{1,2}\.[\w.()]{1,30}), RELEASE\b")
_XE = re.compile(r"\bCisco IOS[ -]XE Software, Version (?P<version>\d[\w.()]{1,30})")
_BUILT = re.compile(r"\bCompiled:? \w{3} (?P<day>\d{1,2})-(?P<month>\w{3})-(?P<year>\d{2,4})\b")
_MODELS = (
    re.compile(r"^Model [Nn]umber +: (?P<model>\S+)", re.MULTILINE),
    re.compile(r"^[Cc]isco (?P<model>[\w/+-]+) \([^)\n]*\) (?:processor|with)", re.MULTILINE),
    re.compile(r"^! Chassis type: (?P<model>\S+)", re.MULTILINE),
    re.compile(r"^[Cc]isco (?P<model>[\w/+-]+) \([^)\n]*\)", re.MULTILINE),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def read_firmware(said: str) -> Firmware | None:
    """The version as the maker writes it without leading zeros: ``17.9.4a``, ``15.4(3)M``."""
    match = _RELEASE.search(said) or _IMAGE.search(said)
    version = match["version"] if match else ""
    if not version and (match := _XE.search(said)):
        version = re.sub(r"(?<=\.)0+(?=\d)", "", match["version"])
    if not version:
        return None
    model = next((found["model"] for one in _MODELS if (found := one.search(said))), "")
    return Firmware(model, version, _built(said))


def _built(said: str) -> date | None:
    match = _BUILT.search(said)
    if match is None or match["month"] not in _MONTHS:
        return None
    year = int(match["year"])
    try:
        return date(
            year + 2000 if year < 100 else year,
            _MONTHS.index(match["month"]) + 1,
            int(match["day"]),
        )
    except ValueError:
        return None

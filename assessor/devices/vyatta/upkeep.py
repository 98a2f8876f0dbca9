"""The software that runs, the log, the clock, and when the configuration was last changed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from assessor.devices.device import Firmware, Logging
from assessor.devices.vyatta.grammar import Node

_TRAILER = re.compile(
    r"^\s*(?:/\*|//)\s*Release version:\s*(?P<version>[^*\n]{1,120})", re.MULTILINE
)
_SAID = re.compile(
    r"^(?P<key>[A-Za-z][A-Za-z /]{2,30}?)[ \t]*:[ \t]*(?P<value>\S[^\n]{0,120})$", re.MULTILINE
)
# "v2.0.9-hotfix.6.5574652.221230.1020": the build's number, day and minute follow the version.
_EDGEOS = re.compile(
    r"v(?P<version>\d+(?:\.\d+){2}(?:[-.](?:hotfix|rc|beta|alpha)\.?\d+)?)"
    r"(?:\.\d{6,8}\.(?P<day>\d{6})\.\d{4})?"
)
_COMMIT = re.compile(
    r"^\s*(?P<number>\d{1,4})\s+(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) by (?P<by>\S{1,64})"
    r" via (?P<via>\S{1,64})",
    re.MULTILINE,
)


def read_firmware(configuration: str, said: str | None) -> Firmware | None:
    """What runs; by the answer to ``show version``, or the last lines of a file."""
    if said is not None:
        words = {
            found["key"].strip().lower(): found["value"].strip() for found in _SAID.finditer(said)
        }
        version = words.get("version", "")
        if version:
            model = words.get("hw model") or words.get("hardware model") or ""
            built = words.get("build on") or words.get("built on") or ""
            return _firmware(version, model, _day(built))
    found = _TRAILER.search(configuration)
    return _firmware(found["version"].strip(), "", None) if found else None


def _firmware(text: str, model: str, built: date | None) -> Firmware:
    """Neither system updates itself."""
    edgeos = _EDGEOS.fullmatch(text)
    if edgeos is not None:
        day = _parsed(edgeos["day"], "%y%m%d") if edgeos["day"] else None
        return Firmware(model, f"v{edgeos['version']}", built or day, automatic=False)
    return Firmware(model, text.removeprefix("VyOS").strip(), built, automatic=False)


def _day(text: str) -> date | None:
    """``07/08/19 06:11`` in EdgeOS, ``Mon 06 Dec 2021 15:44 UTC`` in VyOS."""
    return _parsed(text.split(" ")[0], "%m/%d/%y") or _parsed(
        " ".join(text.split(" ")[1:4]), "%d %b %Y"
    )


def _parsed(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC).date()
    except ValueError:
        return None


def read_changed_at(said: str | None, root: Node) -> datetime | None:
    """When somebody last changed the configuration, by ``show system commit``.

    What is loaded when the router starts is no change. The list gives the router's own time.
    """
    if said is None:
        return None
    for found in _COMMIT.finditer(said):
        if found["via"] in ("init", "boot-config-loader", "vyos-boot-config-loader"):
            continue
        try:
            local = datetime.strptime(found["at"], "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - see below
        except ValueError:
            return None
        return _in_utc(local, root.value("system", "time-zone"))
    return None


def _in_utc(local: datetime, zone: str | None) -> datetime:
    try:
        return local.replace(tzinfo=ZoneInfo(zone or "UTC")).astimezone(UTC)
    except (ZoneInfoNotFoundError, ValueError, OSError, OverflowError):
        # A zone that is not known here: the latest moment that this can have been.
        return local.replace(tzinfo=UTC) + timedelta(hours=12)


def read_logging(root: Node) -> Logging:
    """Where the log goes; what stays here is turned over by its size."""
    node = root.at("system", "syslog")
    remote = []
    encrypted = True
    for word in ("host", "remote"):
        for name, below in node.items(word):
            if below.has("facility"):
                remote.append(name)
                encrypted = encrypted and below.has("tls")
    return Logging(tuple(remote), None, encrypted if remote else None)


def read_ntp(root: Node) -> tuple[str, ...]:
    """The time servers: below ``system`` up to VyOS 1.3 and in EdgeOS, below ``service`` since."""
    servers = (*root.items("system", "ntp", "server"), *root.items("service", "ntp", "server"))
    return tuple(name for name, below in servers if not below.has("noselect"))


def read_config_backup(root: Node) -> bool | None:
    """Whether it copies its configuration away at each change."""
    if root.has("system", "config-management", "commit-archive", "location"):
        return True
    # UISP (UNMS) keeps copies too, but says so nowhere here.
    return None if root.has("service", "unms", "connection") else False

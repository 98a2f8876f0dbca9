"""Reads ``macos_updates.sh``: what Software Update knows, and since when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from assessor.api import read_plist, values, whole_lines

from .facts import Machine, Pending, Updates
from .releases import support_of
from .times import moment

LABEL = re.compile(r"\s*\* Label: (.+)")
TITLE = re.compile(r"\s*Title: (?P<title>.+?), Version: (?P<version>[^,]*),")
NOTHING = "No new software available."
BUILD = re.compile(r"-(\d+[A-Z]\d+[a-z]?)\Z")
OFFERED = re.compile(r"MSU_UPDATE_(?P<build>[0-9A-Za-z]+)_patch_(?P<version>[0-9.]+)")
SECURITY = re.compile(r"macOS|Safari|Security", re.IGNORECASE)
"""What Apple's security releases name; command line tools and printers are other updates."""

CHECKED = ("LastFullSuccessfulDate", "LastSuccessfulDate", "LastSuccessfulBackgroundMSUScanDate")
SWITCHES = (
    "AutomaticCheckEnabled",
    "AutomaticDownload",
    "AutomaticallyInstallMacOSUpdates",
    "ConfigDataInstall",
    "CriticalUpdateInstall",
)
"""Apple's switches for automatic updates; of an absent one macOS decides, and nothing is known."""

Properties = Mapping[str, Any]


def read_macos(text: str) -> tuple[Machine, Updates] | None:
    """The machine and its updates; ``None`` when the output is not whole or names no release."""
    lines = whole_lines(text)
    if lines is None:
        return None
    fields = dict(
        re.split(r":\s*", line, maxsplit=1) for line in values(lines, "os") if ":" in line
    )
    version = fields.get("ProductVersion", "").strip()
    if not re.match(r"\d+(\.\d+)*\Z", version):
        return None
    return _machine(version, values(lines, "boot")), _updates(lines, version)


def _machine(version: str, boot: Sequence[str]) -> Machine:
    release = {"ID": "macos", "VERSION_ID": version}
    started = next((m[1] for line in boot if (m := re.search(r"\bsec = (\d+)", line))), "")
    return Machine(
        name=f"macOS {version}",
        release=release,
        support=support_of(release),
        started=moment(started),
    )


def _updates(lines: Sequence[str], version: str) -> Updates:
    kept = _properties(values(lines, "preferences"))
    managed = _properties(values(lines, "managed"))
    automatic = _automatic(kept, managed, unread="managed" in values(lines, "unread"))
    listed = _listed(values(lines, "listed"))
    if listed is None:
        return Updates("softwareupdate", problem="unparsed", automatic=automatic)
    if kept is None:
        return Updates("softwareupdate", problem="lists_undated", automatic=automatic)
    offers = _dates(kept.get("FirstOfferDateDictionary"))
    told = {number for title, number in listed.values() if title.startswith("macOS")}
    found = {k: v for k, v in _recommended(kept, version).items() if v[1] not in told} | listed
    pending, other = [], 0
    for label, (title, number) in sorted(found.items()):
        if title.startswith("macOS") and _order(number)[:1] > _order(version)[:1]:
            other += 1  # the next release is a choice, as long as this one gets updates
        elif not SECURITY.search(title):
            other += 1
        elif not (title.startswith("macOS") and _order(number) <= _order(version)):
            since = _offered(label, number, offers)
            pending.append(Pending(title, since, exact=since is not None))
    dates = [kept[name] for name in CHECKED if isinstance(kept.get(name), datetime)]
    return Updates(
        "softwareupdate",
        pending=tuple(pending),
        other=other,
        checked=max((date.replace(tzinfo=UTC) for date in dates), default=None),
        automatic=automatic,
    )


def _properties(lines: Sequence[str]) -> Properties | None:
    """A property list in XML; ``None`` where there is none that can be read."""
    found = read_plist("\n".join(lines))
    return found if isinstance(found, dict) else None


def _listed(lines: Sequence[str]) -> dict[str, tuple[str, str]] | None:
    """Title and version by label; ``None`` where neither updates nor their absence is told."""
    found: dict[str, tuple[str, str]] = {}
    label = ""
    for line in lines:
        if start := LABEL.match(line):
            if label:
                return None
            label = start[1].strip()
        elif label and (named := TITLE.match(line)):
            found[label] = (named["title"], named["version"])
            label = ""
    settled = any(NOTHING in line for line in lines)
    return None if label or settled == bool(found) else found


def _recommended(kept: Properties, version: str) -> dict[str, tuple[str, str]]:
    """Updates of this release that macOS recommends; what has been installed since is left out."""
    found = {}
    entries = kept.get("RecommendedUpdates")
    for entry in entries if isinstance(entries, list) else []:
        match = (
            OFFERED.match(str(entry.get("Product Key", ""))) if isinstance(entry, dict) else None
        )
        if match is None:
            continue
        number = match["version"]
        if _order(number)[:1] == _order(version)[:1] and _order(number) > _order(version):
            name = str(entry.get("Display Name") or f"macOS {number}").replace("\u00a0", " ")
            found[f"{name}-{match['build']}"] = (name, number)
    return found


def _offered(label: str, number: str, offers: Mapping[str, datetime]) -> datetime | None:
    """Since when this Mac has been offered the update, by its build or else by its version."""
    build = BUILD.search(label)
    for key, date in offers.items():
        match = OFFERED.match(key)
        if match and (match["version"] == number or (build and match["build"] == build[1])):
            return date
    return None


def _dates(value: object) -> dict[str, datetime]:
    if not isinstance(value, dict):
        return {}
    return {
        str(key): date.replace(tzinfo=UTC)
        for key, date in value.items()
        if isinstance(date, datetime)
    }


def _automatic(kept: Properties | None, managed: Properties | None, *, unread: bool) -> bool | None:
    """Whether macOS installs updates by itself; a managed setting goes before the Mac's own."""
    settings = {
        name: bool(source[name])
        for source in (kept or {}, managed or {})
        for name in SWITCHES
        if isinstance(source.get(name), bool | int)
    }
    if not all(settings.values()):
        return False
    if unread or "AutomaticallyInstallMacOSUpdates" not in settings:
        return None
    return True


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d{1,6}", version)[:6])

"""What the device says of itself: its software, its clock, and what was changed when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from assessor.devices.device import Firmware
from assessor.devices.releases import older

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MOMENT = re.compile(
    r"(?:(?P<month>[a-z]{3})/(?P<day>\d\d)/(?P<year>\d{4})|(?P<iso>\d{4}-\d\d-\d\d))"
    r" (?P<time>\d\d:\d\d:\d\d)",
    re.IGNORECASE,
)
_BUILT = re.compile(r"(?P<month>[a-z]{3})/(?P<day>\d\d)/(?P<year>\d{4})", re.IGNORECASE)
_OFFSET = re.compile(r"(?P<sign>[+-])(?P<hours>\d\d):(?P<minutes>\d\d)$")
_EARLIEST = 2015
"""A device without a clock of its own begins in 1970 (in 2000, the oldest)."""
_ENTRY = re.compile(r"^ {0,4}[URF]{0,3} *redo=", re.MULTILINE)
_SECRET = re.compile(r"(?:password|passphrase|pre-shared-key)=")
_USER = re.compile(r"/user (?:set|add) \[? ?(?:find name=)?\"?(?P<name>[\w.@-]+)")
_PROFILE = re.compile(
    r"/(?:interface wireless security-profiles|interface wifi security|caps-man security"
    r"|interface wifi|interface wifi configuration) set \"?(?P<name>[\w.@ -]+?)\"? (?=[\w.-]+=)"
)


def firmware(
    resource: Mapping[str, str],
    board: Mapping[str, str],
    update: Mapping[str, str],
    about: Mapping[str, str],
    version: str,
) -> Firmware | None:
    """What runs on the device, by its answers or by the head of an export."""
    told = resource.get("version", "").partition(" ")[0] or version
    model = board.get("model") or about.get("model") or resource.get("board-name")
    model = model or about.get("board-name") or ""
    if not told and not model:
        return None
    latest = update.get("latest-version", "")
    # That nothing newer was known when it last looked says nothing of today.
    offered = update.get("status") == "New version is available"
    newer = True if offered or (latest and told and older(told, latest) is True) else None
    built = resource.get("build-time", "")
    return Firmware(model, told, _built(built), newer, None)


def _built(text: str) -> date | None:
    try:
        if (match := _BUILT.search(text)) is not None:
            month = _MONTHS.index(match["month"].lower()) + 1
            return date(int(match["year"]), month, int(match["day"]))
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


def offset(clock: Mapping[str, str]) -> timedelta | None:
    """How far the device's time is from UTC; ``None`` where it does not tell."""
    match = _OFFSET.match(clock.get("gmt-offset", ""))
    if match is None:
        return None
    found = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]))
    return -found if match["sign"] == "-" else found


def moment(text: str, zone: timedelta | None) -> datetime | None:
    """A moment as RouterOS writes it; without a zone the latest that it may have been."""
    match = _MOMENT.search(text)
    if match is None:
        return None
    try:
        if match["iso"]:
            day = date.fromisoformat(match["iso"])
        else:
            month = _MONTHS.index(match["month"].lower()) + 1
            day = date(int(match["year"]), month, int(match["day"]))
        found = datetime.fromisoformat(f"{day.isoformat()}T{match['time']}").replace(tzinfo=UTC)
    except ValueError:
        return None
    if found.year < _EARLIEST or found.year > 9000:
        return None
    return found - (zone if zone is not None else timedelta(hours=-12))


def changed_at(history: str, comments: Sequence[str], zone: timedelta | None) -> datetime | None:
    """When the configuration was last changed, by ``/system history``.

    The history is short, and gone after a restart, but what is newest in it was the last change.
    """
    found = [moment(match[0], zone) for match in _MOMENT.finditer(history)]
    # Oxidized puts the history before an export, as comments.
    found += [moment(line, zone) for line in comments if re.match(r"[URF]{1,2} ", line)]
    known = [one for one in found if one is not None]
    return max(known, default=None)


def secret_changes(
    history: str, log: str, zone: timedelta | None
) -> Iterator[tuple[str, str, datetime]]:
    """``user`` or ``profile``, its name, and when its secret was changed, newest last.

    Version 7 keeps the command of a change in its history, and says it in its log; what names no
    password in it was another change.
    """
    found = []
    starts = [match.start() for match in _ENTRY.finditer(history)]
    ends = [*starts[1:], len(history)]
    pieces = [history[begin:end] for begin, end in zip(starts, ends, strict=False)]
    for piece in (*pieces, *log.split("\n")):
        command, _, _ = piece.partition("undo=")
        at = moment(piece, zone)
        if at is None or _SECRET.search(command) is None:
            continue
        joined = re.sub(r"\\\n\s*|\s+", " ", command)
        for kind, pattern in (("user", _USER), ("profile", _PROFILE)):
            if (match := pattern.search(joined)) is not None:
                found.append((kind, match["name"], at))
    yield from sorted(found, key=lambda each: each[2])

"""Reads ``linux_apt.sh``: what apt would upgrade, and since when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from assessor.api import values, whole_lines

from .facts import Pending, Updates
from .times import day, moment

SUMMARY = re.compile(
    r"(\d{1,6}) upgraded, (\d{1,6}) newly installed, (?:(\d{1,6}) reinstalled, )?"
    r"(?:(\d{1,6}) downgraded, )?(\d{1,6}) to remove and (\d{1,6}) not upgraded\.\Z"
)
INSTALL = re.compile(r"Inst (\S+) (\[\S+\] )?\((\S+) (.+) \[\S+\]\)( \[.*\])?\Z")


@dataclass(frozen=True, slots=True)
class _Source:
    """A package source, as its release file names it."""

    label: str
    version: str
    suite: str
    codename: str
    published: datetime | None

    @property
    def security(self) -> bool:
        return "security" in f"{self.label} {self.suite} {self.codename}".lower()

    @property
    def name(self) -> str:
        """As apt writes it behind a package: ``Debian-Security:12/oldstable-security``."""
        return f"{self.label}:{self.version}/{self.suite}"


def read_apt(text: str, *, split: bool) -> Updates:
    """What apt says.

    Args:
        text: the script's output.
        split: the distribution publishes security updates apart from others (Debian, Ubuntu);
            where it does not, every update counts as one.
    """
    lines = whole_lines(text)
    if lines is None or "absent" in lines:
        return Updates("apt", problem="unparsed")
    if values(lines, "status") != ["0"]:
        return Updates("apt", problem="manager_error")
    sources = [_source(value) for value in values(lines, "source")]
    if not sources:
        return Updates("apt", problem="no_lists")
    held = frozenset(values(lines, "hold"))
    waiting = _waiting(values(lines, "apt"), {s.name: s.published for s in sources}, held, split)
    if waiting is None:
        return Updates("apt", problem="unparsed")
    pending, other = waiting
    secure = [source for source in sources if source.security]
    runs = [_run(value) for value in values(lines, "history")]
    days = [found for value in values(lines, "last-upgrade") if (found := day(value))]
    return Updates(
        "apt",
        pending=pending,
        other=other,
        checked=_checked(values(lines, "updated"), secure or sources),
        last_run=max((at for at, full in runs if at and full), default=None),
        last_install=max([*days, *(at for at, _ in runs if at)], default=None),
        has_source=bool(secure) or not split,
        automatic=_automatic(lines),
        paid=any(source.label.startswith("UbuntuESM") for source in sources),
    )


def _source(value: str) -> _Source:
    label, version, suite, codename, published = [*value.split("|"), "", "", "", "", ""][:5]
    try:
        when = parsedate_to_datetime(published)
    except (ValueError, IndexError, OverflowError):
        return _Source(label, version, suite, codename, None)
    return _Source(
        label, version, suite, codename, when if when.tzinfo else when.replace(tzinfo=UTC)
    )


def _waiting(
    lines: list[str], published: dict[str, datetime | None], held: frozenset[str], split: bool
) -> tuple[tuple[Pending, ...], int] | None:
    """Security updates and the number of others; ``None`` when apt's own count differs."""
    summaries = [match for line in lines if (match := SUMMARY.match(line))]
    if len(summaries) != 1:
        return None
    upgraded, new, again, down = (int(group or 0) for group in summaries[0].groups()[:4])
    installs = [line for line in lines if line.startswith("Inst ")]
    settled = [line for line in lines if line.startswith("Conf ")]
    if not len(installs) == len(settled) == upgraded + new + again + down:
        return None
    pending = []
    other = 0
    for line in installs:
        match = INSTALL.match(line)
        if match is None:
            return None
        name, replaces, origins = match[1], match[2], match[4].split(", ")
        if split and not any("security" in origin.lower() for origin in origins):
            other += bool(replaces)
            continue
        # It was there at the latest when a source that offers it was published.
        dates = [date for origin in origins if (date := published.get(origin)) is not None]
        pending.append(Pending(name, min(dates, default=None), held=name in held))
    return tuple(pending), other


def _run(value: str) -> tuple[date | None, bool]:
    """The day of an entry in apt's history, and whether it upgraded all that waited."""
    start, _, rest = value.partition(" ")
    return day(start), rest.split(" ")[1:] == ["ok", "upgrade"]


def _checked(stamps: list[str], sources: list[_Source]) -> datetime | None:
    """When the lists were last renewed: by the stamp, else no later than they were published.

    File times are no proof: a copied or restored machine has new ones on old lists.
    """
    moments = [found for stamp in stamps if (found := moment(stamp))]
    moments += [source.published for source in sources if source.published]
    return max(moments, default=None)


def _automatic(lines: Sequence[str]) -> bool:
    settings = values(lines, "setting")
    on = any(
        re.match(r'APT::Periodic::Unattended-Upgrade "([1-9]\d*|always)', line) for line in settings
    )
    return on and "unattended-upgrade" in values(lines, "tool")

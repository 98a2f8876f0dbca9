"""Reads ``linux_apt.sh``: which security updates wait, and since when."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from assessor.api import values, whole_lines

from .facts import Pending, Updates
from .policy import Origin, Package, Version, read_policy
from .times import day, moment


@dataclass(frozen=True, slots=True)
class _Source:
    """A package source, as its release file names it; ``file`` is that file's own name."""

    file: str
    label: str
    suite: str
    codename: str
    published: datetime | None

    @property
    def security(self) -> bool:
        return "security" in f"{self.label} {self.suite} {self.codename}".lower()


@dataclass(frozen=True, slots=True)
class _Sources:
    """The package sources by the name of their file.

    Attributes:
        codename: the release's own codename (``bookworm``).
        split: the distribution publishes security updates apart from others (Debian, Ubuntu).
    """

    by_file: Mapping[str, _Source]
    codename: str
    split: bool

    def security(self, origin: Origin) -> bool:
        known = self.by_file.get(origin.file)
        return (known is not None and known.security) or "security" in (
            f"{origin.address} {origin.distribution}".lower()
        )

    def of_this_release(self, origin: Origin) -> bool:
        known = self.by_file.get(origin.file)
        named = f"{origin.distribution} {known.codename if known else ''}"
        return bool(self.codename) and self.codename in named

    def published(self, versions: Sequence[Version]) -> datetime | None:
        """The first day of which it is certain that one of ``versions`` was there already."""
        known = (self.by_file.get(o.file) for version in versions for o in version.origins)
        dates = (source.published for source in known if source is not None)
        return min((date for date in dates if date is not None), default=None)


def read_apt(text: str, *, codename: str, split: bool) -> Updates:
    """What apt says.

    Args:
        text: the script's output.
        codename: the release's codename in ``os-release``; may be empty.
        split: the distribution publishes security updates apart from others (Debian, Ubuntu);
            where it does not, every update counts as one.
    """
    lines = whole_lines(text)
    if lines is None or "absent" in lines:
        return Updates("apt", problem="unparsed")
    if values(lines, "status") != ["0"]:
        return Updates("apt", problem="manager_error")
    listed = [_source(value) for value in values(lines, "source")]
    if not listed:
        return Updates("apt", problem="no_lists")
    asked, answered = values(lines, "asked"), values(lines, "answered")
    packages = read_policy(values(lines, "policy"))
    if packages is None or asked != answered or not asked or asked == ["0"]:
        return Updates("apt", problem="unparsed")
    sources = _Sources({source.file: source for source in listed}, codename, split)
    held = frozenset(values(lines, "hold"))
    pending = [p for package in packages if (p := _pending(package, sources, held)) is not None]
    waiting = {update.name for update in pending}
    secure = [source for source in listed if source.security]
    runs = [_run(value) for value in values(lines, "history")]
    installed = [found for value in values(lines, "last-upgrade") if (found := day(value))]
    return Updates(
        "apt",
        pending=tuple(pending),
        other=sum(p.candidate != p.installed for p in packages if p.name not in waiting),
        checked=_checked(values(lines, "update-success-stamp"), secure or listed),
        last_run=_last_run(lines, runs, secure or listed),
        last_install=max([*installed, *(at for at, _ in runs if at)], default=None),
        has_source=bool(secure) or not split,
        vendor_source=_vendor_source(values(lines, "product"), listed),
        automatic=_automatic(lines),
        paid=any(source.label.startswith("UbuntuESM") for source in listed),
        products=tuple(
            (name, version)
            for value in values(lines, "product")
            for name, _, version in [value.partition(" ")]
        ),
    )


def _source(value: str) -> _Source:
    file, label, _, suite, codename, published = [*value.split("|"), *[""] * 6][:6]
    name = re.sub(r"_(In)?Release\Z", "", file)
    try:
        when = parsedate_to_datetime(published)
    except (ValueError, IndexError, OverflowError):
        return _Source(name, label, suite, codename, None)
    return _Source(name, label, suite, codename, when if when.tzinfo else when.replace(tzinfo=UTC))


def _vendor_source(products: Sequence[str], sources: Sequence[_Source]) -> bool | None:
    """Whether Proxmox's own source is set up; ``None`` where no product of theirs is installed."""
    if not products:
        return None
    return any("proxmox" in f"{source.file} {source.label}".lower() for source in sources)


def _pending(package: Package, sources: _Sources, held: frozenset[str]) -> Pending | None:
    """The security update that waits for ``package``, if any does.

    What apt would install need not come from the security source to mend a hole: a later version
    of the main archive holds the mend as well. So the question is whether any security version lies
    between the installed one and apt's choice. Where a pin or a hold keeps apt from it, it is held.
    """
    newer = package.newer
    numbers = [version.number for version in newer]
    chosen = numbers.index(package.candidate) if package.candidate in numbers else len(newer)
    reach = newer[chosen:]
    last = max((i for i, v in enumerate(reach) if _mends(v, sources)), default=None)
    if last is not None:
        name = package.name.partition(":")[0]
        mending = reach[: last + 1]
        return Pending(package.name, sources.published(mending), held=name in held)
    if not sources.split:
        return None
    beyond = [
        version
        for version in newer[:chosen]
        if any(
            sources.security(origin) and (package.pinned or sources.of_this_release(origin))
            for origin in version.origins
        )
    ]
    if not beyond:
        return None
    return Pending(package.name, sources.published(beyond), held=True)


def _mends(version: Version, sources: _Sources) -> bool:
    return not sources.split or any(sources.security(origin) for origin in version.origins)


def _run(value: str) -> tuple[date | None, str]:
    """The day of an entry in apt's history, and what it did: ``upgrade`` took all that waited."""
    start, _, rest = value.partition(" ")
    _, result, how = [*rest.split(" "), "", "", ""][:3]
    return day(start), how if result == "ok" else ""


def _last_run(
    lines: Sequence[str], runs: Sequence[tuple[date | None, str]], sources: Sequence[_Source]
) -> date | None:
    """The last day on which everything that waited was installed.

    unattended-upgrade leaves what is on its own list of exceptions, and what asks a question. So
    its runs count only where it has no such list, and only where the package lists are newer: what
    waits in older lists is what that run left.
    """
    days = [at for at, how in runs if at and how == "upgrade"]
    newest = max((s.published for s in sources if s.published), default=None)
    excepts = any("Package-Blacklist" in line for line in values(lines, "setting"))
    if newest is not None and not excepts:
        stamps = [found for stamp in values(lines, "upgrade-stamp") if (found := moment(stamp))]
        days += [stamp.date() for stamp in stamps if stamp < newest]
        days += [at for at, how in runs if at and how == "unattended" and at < newest.date()]
    return max(days, default=None)


def _checked(stamps: list[str], sources: list[_Source]) -> datetime | None:
    """When the lists were last renewed: by the stamp, else no later than they were published.

    File times are no proof: a copied or restored machine has new ones on old lists.
    """
    moments = [found for stamp in stamps if (found := moment(stamp))]
    moments += [source.published for source in sources if source.published]
    return max(moments, default=None)


def _automatic(lines: Sequence[str]) -> bool:
    """Whether unattended-upgrades is installed, on, started by something, and may do security."""
    settings = values(lines, "setting")
    on = any(
        re.match(r'APT::Periodic::Unattended-Upgrade "([1-9]\d*|always)', line) for line in settings
    )
    origins = [
        line
        for line in settings
        if line.startswith(("Unattended-Upgrade::Allowed-", "Unattended-Upgrade::Origins-"))
    ]
    secure = any(re.search(r'security|"origin=[^,"]*"|\*', line, re.IGNORECASE) for line in origins)
    triggers = [value.rpartition(" ") for value in values(lines, "trigger")]
    started = any(
        state in ("enabled", "cron") and "apt-daily.timer" not in unit
        for unit, _, state in triggers
    )
    return on and secure and started and "unattended-upgrade" in values(lines, "tool")

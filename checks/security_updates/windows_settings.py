"""How this Windows is told to update, and whether it waits for a restart: from the registry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from assessor.api import Registry, UnparsedError, read_registry

POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate"
AUTOMATIC = f"{POLICY}\\AU"
MANAGED = "HKLM\\SOFTWARE\\Microsoft\\PolicyManager\\current\\device\\Update"
OWN = "HKLM\\SOFTWARE\\Microsoft\\WindowsUpdate\\UX\\Settings"
SYSTEM = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion"
RESTARTS = (
    f"{SYSTEM}\\WindowsUpdate\\Auto Update\\RebootRequired",
    f"{SYSTEM}\\Component Based Servicing\\RebootPending",
)
"""Keys that are there for as long as an update waits for a restart."""
SERVICES = ("wuauserv", "UsoSvc")
DISABLED = 4
OFFICE = "HKLM\\SOFTWARE\\Microsoft\\Office\\ClickToRun\\Configuration"
OFFICE_POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Office\\16.0\\Common\\OfficeUpdate"
ESU = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform\\ESU"
PAUSE = timedelta(days=35)
"""As long as a policy may hold updates back (Microsoft, policy CSP "PauseQualityUpdates")."""
INSTALLS, ASKS = 4, (2, 3, 7)
"""AUOptions: installs by itself; asks before it downloads or installs (ADMX, "Configure Automatic
Updates"). 5 leaves it to the local administrator."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What is set.

    Attributes:
        own_server: updates come from a server of the organisation (WSUS).
        deferred: the days by which security updates are put off.
        paused_since: since when updates are held back; ``None`` where they are not.
        automatic: updates install themselves; ``None`` where neither Windows nor a policy says so.
        disabled: services of Windows Update that are switched off.
        restart: an update waits for a restart.
        office: Office renews itself; ``None`` where it is not there.
        office_version: the version of Office.
        subscribed: Extended Security Updates come with a subscription (Windows 365).
    """

    own_server: bool
    deferred: int
    paused_since: datetime | None
    automatic: bool | None
    disabled: tuple[str, ...]
    restart: bool
    office: bool | None
    office_version: str
    subscribed: bool

    @property
    def direct(self) -> bool:
        """Updates come from Microsoft itself, on the day they are published."""
        return not self.own_server and not self.deferred and self.paused_since is None


def read_settings(text: str, at: datetime) -> Settings:
    """The settings; raises ``UnparsedError``.

    What is not set means Windows' own way: no server of the organisation, no delay, no pause
    (Microsoft, "Manage additional Windows Update settings").
    """
    registry = read_registry(text)
    restarts = [registry.key(path) for path in RESTARTS]
    return Settings(
        # Windows wants both; one of them is enough not to take dates for Microsoft's.
        own_server=registry.number(AUTOMATIC, "UseWUServer") == 1
        or bool(registry.text(POLICY, "WUServer")),
        deferred=_deferred(registry),
        paused_since=_paused_since(registry, at),
        automatic=_automatic(registry),
        disabled=tuple(
            name
            for name in SERVICES
            if registry.number(f"HKLM\\SYSTEM\\CurrentControlSet\\Services\\{name}", "Start")
            == DISABLED
        ),
        restart=any(key is not None for key in restarts),
        office=_office(registry),
        office_version=registry.text(OFFICE, "VersionToReport") or "",
        subscribed=registry.number(ESU, "Win10CommercialW365ESUEligible") == 1,
    )


def _deferred(registry: Registry) -> int:
    days = 0
    if registry.number(POLICY, "DeferQualityUpdates") == 1:
        days = registry.number(POLICY, "DeferQualityUpdatesPeriodInDays") or 0
    return max(days, registry.number(MANAGED, "DeferQualityUpdatesPeriodInDays") or 0)


def _paused_since(registry: Registry, at: datetime) -> datetime | None:
    """The start of a pause that has not ended yet; a person sets its end, a policy does not."""
    spans = []
    begun = _moment(registry, OWN, "PauseQualityUpdatesStartTime")
    ends = [
        _moment(registry, OWN, name)
        for name in ("PauseQualityUpdatesEndTime", "PauseUpdatesExpiryTime")
    ]
    if begun is not None:
        spans += [(begun, end) for end in ends if end is not None]
    for path in (POLICY, MANAGED):
        start = _moment(registry, path, "PauseQualityUpdatesStartTime")
        if start is not None:
            spans.append((start, start + PAUSE))
    return min((start for start, end in spans if start <= at < end), default=None)


def _moment(registry: Registry, path: str, name: str) -> datetime | None:
    text = registry.text(path, name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UnparsedError(name) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _automatic(registry: Registry) -> bool | None:
    if registry.number(AUTOMATIC, "NoAutoUpdate") == 1:
        return False
    options = registry.number(AUTOMATIC, "AUOptions")
    if options is None:
        return False if registry.number(MANAGED, "AllowAutoUpdate") == 5 else None
    return {INSTALLS: True, **dict.fromkeys(ASKS, False)}.get(options)


def _office(registry: Registry) -> bool | None:
    """Whether Office of today (Click-to-Run) renews itself: so unless it was told otherwise."""
    if registry.key(OFFICE) is None:
        return None
    policy = registry.number(OFFICE_POLICY, "EnableAutomaticUpdates")
    own = (registry.text(OFFICE, "UpdatesEnabled") or "True").strip().lower()
    return own != "false" if policy is None else policy != 0

"""Programs that let someone in from elsewhere, by the names of their services and installers.

The names of services are those of PingCastle's RemoteScanner, LOLRMM and removal scripts of
administrators; see check.yaml. None of them is translated in a Dutch Windows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .services import Service
from .software import Program


@dataclass(frozen=True, slots=True)
class Tool:
    """A program for taking over a computer remotely.

    Attributes:
        service: matches the whole name of its service, in small letters.
        installed: matches the beginning of the name it is installed under, in small letters.
        agent: it is made to let people in while nobody sits at the computer.
    """

    name: str
    service: str
    installed: str
    agent: bool = False


TOOLS = (
    Tool("TeamViewer", r"teamviewer\d*", r"teamviewer"),
    Tool("AnyDesk", r"anydesk.*", r"anydesk"),
    Tool("Splashtop", r"splashtopremoteservice", r"splashtop streamer", agent=True),
    Tool("RustDesk", r"rustdesk", r"rustdesk"),
    Tool(
        "ScreenConnect",
        r"screenconnect client \(.*\)",
        r"screenconnect client|connectwise control",
        agent=True,
    ),
    Tool("LogMeIn", r"logmein|lmiguardiansvc", r"logmein", agent=True),
    Tool("Chrome Remote Desktop", r"chromoting", r"chrome remote desktop", agent=True),
    Tool("UltraVNC", r"uvnc_service", r"ultravnc"),
    Tool("TightVNC", r"tvnserver", r"tightvnc"),
    Tool("RealVNC", r"vncserver", r"realvnc server|vnc server|vnc connect"),
    Tool("TigerVNC", r"tigervnc|winvnc4", r"tigervnc"),
    Tool("Supremo", r"supremoservice", r"supremo"),
    Tool("ISL Online", r"isl ?(alwayson|light).*", r"isl (alwayson|light|online)"),
    Tool("Zoho Assist", r"zoho assist.*", r"zoho assist", agent=True),
    Tool(
        "N-able Take Control",
        r"basupportexpress(standaloneservice|srvcupdater).*",
        r"(n-able )?take control|beanywhere",
        agent=True,
    ),
    Tool("Atera", r"ateraagent", r"ateraagent|atera agent", agent=True),
    Tool("NinjaOne", r"ninjarmmagent", r"ninjarmmagent|ninjaone", agent=True),
    Tool("Datto RMM", r"cagservice", r"datto rmm|centrastage", agent=True),
    Tool("DameWare", r"dwmrcs|dntus26", r"dameware (mini )?remote", agent=True),
    Tool("NetSupport", r"client32", r"netsupport", agent=True),
    Tool("Remote Utilities", r"rmanservice", r"remote utilities", agent=True),
    Tool("Ammyy Admin", r"ammyyadmin", r"ammyy"),
    Tool("AeroAdmin", r"aeroadminservice", r"aeroadmin"),
)

VPN = (
    ("WireGuard", r"wireguard(tunnel\$.*|manager)"),
    ("OpenVPN", r"openvpnservice.*|ovpnhelper_service"),
    ("FortiClient", r"fa_scheduler|forticlient.*"),
    ("Cisco Secure Client", r"vpnagent|csc_vpnagent"),
    ("GlobalProtect", r"pangps"),
    ("Tailscale", r"tailscale"),
    ("Routing and Remote Access", r"remoteaccess"),
)
"""Services of a VPN; the last is Windows' own."""


@dataclass(frozen=True, slots=True)
class Found:
    """A tool on this computer.

    Attributes:
        version: as it is installed; empty where that is not said.
        runs: its service does, so that it can be reached at any time.
        unattended: nobody has to sit at the computer; ``None`` where that cannot be told.
    """

    name: str
    version: str
    runs: bool
    unattended: bool | None


def find_tools(
    services: Iterable[Service], software: Iterable[Program], *, windows_log_in: bool
) -> tuple[Found, ...]:
    """The tools that are installed or have a service.

    Args:
        services: all services.
        software: what is installed.
        windows_log_in: TeamViewer takes the log-in of a Windows account for its password.
    """
    services, software = tuple(services), tuple(software)
    found = []
    for tool in TOOLS:
        own = [s for s in services if re.fullmatch(tool.service, s.name.lower())]
        versions = [p.version for p in software if re.match(tool.installed, p.name.lower())]
        if not own and not versions:
            continue
        unattended = True if tool.agent else None
        if tool.name == "TeamViewer" and windows_log_in:
            unattended = True
        version = next((text for text in versions if text), "")
        found.append(Found(tool.name, version, any(s.runs for s in own), unattended))
    return tuple(found)


def find_vpn(services: Iterable[Service]) -> tuple[str, ...]:
    """The VPNs whose service runs."""
    running = [service.name.lower() for service in services if service.runs]
    return tuple(
        name for name, pattern in VPN if any(re.fullmatch(pattern, each) for each in running)
    )

"""Whether others can only get at a Windows computer over an encrypted connection.

What listens decides: remote desktop without its protections, remote management in clear, Telnet,
VNC and a PPTP server fail the promise. A remote-control program encrypts by itself; whether it may
be there is for the owner to say. Who can reach a port is for the check of the firewall.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assessor.api import (
    Captures,
    Check,
    Facts,
    Judgement,
    Message,
    Parameters,
    Told,
    failed,
    nothing_told,
    passed,
    read_cim,
    read_object,
    read_registry,
    told,
    unknown,
)

from .advice import advice
from .services import Listener, Service, read_listeners, read_processes, read_services
from .settings import (
    Desktop,
    Member,
    Settings,
    read_members,
    read_self_signed,
    read_settings,
    read_ssh_passwords,
)
from .software import Program, read_software
from .tools import Found, find_tools, find_vpn

MEASURE = "remote-access"
_FTP, _TELNET, _PPTP = 21, 23, 1723
_VNC_PORTS = range(5900, 5910)
_VNC_PROGRAMS = {
    "tvnserver.exe": "TightVNC",
    "winvnc.exe": "UltraVNC",
    "winvnc4.exe": "TigerVNC",
    "vncserver.exe": "RealVNC",
    "vncservice.exe": "RealVNC",
}
_CLEAR_VNC = ("TightVNC",)
"""Of these it is known that they do not encrypt what passes."""
_SURE_ENCRYPTION = ("alwayson", "alwaysmaximum")


@dataclass(frozen=True, slots=True)
class Observation:
    """What each probe told."""

    settings: Told[Settings]
    listeners: Told[tuple[Listener, ...]]
    processes: Told[Mapping[int, str]]
    services: Told[tuple[Service, ...]]
    software: Told[tuple[Program, ...]]
    self_signed: Told[bool]
    members: Told[tuple[Member, ...]]
    ssh_passwords: Told[bool | None]


def observe(captures: Captures) -> Observation:
    """Reads what is set, what listens and what is installed."""
    return Observation(
        told(captures, "settings", lambda text: read_settings(read_registry(text))),
        told(captures, "listeners", lambda text: read_listeners(read_cim(text))),
        told(captures, "processes", lambda text: read_processes(read_cim(text))),
        told(captures, "services", lambda text: read_services(read_cim(text))),
        told(captures, "software", lambda text: read_software(read_registry(text))),
        told(captures, "rdp_listener", lambda text: read_self_signed(read_cim(text))),
        told(captures, "remote_users", lambda text: read_members(read_object(text))),
        told(captures, "sshd", lambda text: read_ssh_passwords(read_object(text))),
    )


def evaluate(seen: Observation, parameters: Parameters) -> list[Judgement]:
    """Fails on what was seen; passes only where all that is judged was read."""
    allowed = parameters.texts("allowed_tools")
    tools = _tools(seen)
    faults = [*_faults(seen), *_tool_faults(tools, allowed)]
    hints = advice(
        settings=seen.settings.answer,
        tools=tools,
        allowed=allowed,
        self_signed=seen.self_signed.answer is True,
        members=seen.members.answer or (),
        ssh_passwords=seen.ssh_passwords.answer is True and _runs(seen, "sshd"),
        winrm_runs=_runs(seen, "winrm"),
    )
    observed = _observed(seen, tools)
    expected: Facts = {"tools": allowed} if allowed else {}
    if faults:
        first, *rest = faults
        return [
            failed(
                MEASURE,
                first.id,
                first.facts,
                expected=expected,
                observed=observed,
                advice=(*rest, *hints),
            )
        ]
    for part in _judged(seen):
        if part.answer is None:
            return [nothing_told(MEASURE, part)]
    unsure = next(_unsure(seen), None)
    if unsure is not None:
        return [
            unknown(
                MEASURE,
                unsure.id,
                unsure.facts,
                expected=expected,
                observed=observed,
                advice=hints,
            )
        ]
    settings = seen.settings.answer
    on = settings is not None and settings.desktop.on
    message = "only_encrypted" if on else "no_remote_desktop"
    return [passed(MEASURE, message, expected=expected, observed=observed, advice=hints)]


def _judged(seen: Observation) -> Iterator[Told[Any]]:
    yield seen.settings
    yield seen.listeners
    yield seen.services
    yield seen.software


def _runs(seen: Observation, name: str) -> bool:
    return any(each.runs and each.name.lower() == name for each in seen.services.answer or ())


def _tools(seen: Observation) -> tuple[Found, ...]:
    settings = seen.settings.answer
    return find_tools(
        seen.services.answer or (),
        seen.software.answer or (),
        windows_log_in=settings is not None and settings.teamviewer_log_in,
    )


def _tool_faults(tools: tuple[Found, ...], allowed: tuple[str, ...]) -> Iterator[Message]:
    names = {name.lower() for name in allowed}
    extra = [tool for tool in tools if tool.runs and tool.name.lower() not in names]
    if allowed and extra:
        yield Message("tool_not_allowed", {"tools": tuple(tool.name for tool in extra)})


def _faults(seen: Observation) -> Iterator[Message]:
    settings = seen.settings.answer
    if settings is not None and settings.desktop.on:
        yield from _desktop_faults(settings.desktop)
    if settings is not None and settings.winrm.in_clear and _runs(seen, "winrm"):
        yield Message("winrm_unencrypted")
    ports = {listener.port for listener in seen.listeners.answer or ()}
    if _TELNET in ports or _runs(seen, "tlntsvr"):
        yield Message("telnet")
    if _PPTP in ports and _runs(seen, "remoteaccess"):
        yield Message("pptp")
    for name, port in _vnc(seen):
        if name in _CLEAR_VNC:
            yield Message("vnc_in_clear", {"program": name, "port": port})


def _desktop_faults(desktop: Desktop) -> Iterator[Message]:
    if desktop.layer == 0:
        yield Message("rdp_old_security", {"port": desktop.port})
    elif desktop.nla is False:
        yield Message("rdp_without_nla", {"port": desktop.port})


def _vnc(seen: Observation) -> Iterator[tuple[str, int]]:
    """The VNC programs that others can reach, each with its first port; "?" for an unknown one."""
    processes = seen.processes.answer or {}
    named: dict[str, int] = {}
    for listener in seen.listeners.answer or ():
        name = _VNC_PROGRAMS.get(processes.get(listener.process, ""), "")
        if not name and listener.port in _VNC_PORTS:
            name = processes.get(listener.process, "?")
        if name:
            named.setdefault(name, listener.port)
    yield from named.items()


def _unsure(seen: Observation) -> Iterator[Message]:
    settings = seen.settings.answer
    if settings is None:
        return
    desktop = settings.desktop
    if desktop.on and desktop.nla is None:
        yield Message("rdp_unsaid", {"port": desktop.port})
    for name, port in _vnc(seen):
        sure = name == "RealVNC" and settings.realvnc.lower() in _SURE_ENCRYPTION
        if not sure:
            yield Message("vnc_unsure", {"program": name, "port": port})
    if any(listener.port == _FTP for listener in seen.listeners.answer or ()):
        yield Message("ftp_unsure")


def _observed(seen: Observation, tools: tuple[Found, ...]) -> Facts:
    facts: dict[str, Any] = {}
    settings = seen.settings.answer
    if settings is not None:
        desktop = settings.desktop
        facts |= {"remote_desktop": desktop.on}
        if desktop.on:
            facts |= {
                "rdp_nla": desktop.nla,
                "rdp_security_layer": desktop.layer,
                "rdp_encryption_level": desktop.level,
                "rdp_port": desktop.port,
            }
        facts |= {
            "winrm_http": settings.winrm.http,
            "winrm_unencrypted": settings.winrm.unencrypted,
            "winrm_basic": settings.winrm.basic,
        }
    if seen.self_signed.answer is not None:
        facts["rdp_self_signed"] = seen.self_signed.answer
    if seen.members.answer is not None:
        facts["people"] = tuple(member.name for member in seen.members.answer)
    if seen.services.answer is not None:
        facts["winrm_runs"] = _runs(seen, "winrm")
        facts["ssh_runs"] = _runs(seen, "sshd")
        facts["vpn"] = find_vpn(seen.services.answer)
        facts["tools"] = tuple(tool.name for tool in tools)
        facts["versions"] = tuple(tool.version for tool in tools)
        facts["running"] = tuple(tool.runs for tool in tools)
        facts["unattended"] = tuple(tool.unattended for tool in tools)
    if seen.ssh_passwords.answer is not None:
        facts["ssh_passwords"] = seen.ssh_passwords.answer
    return facts


CHECK = Check(observe=observe, evaluate=evaluate)

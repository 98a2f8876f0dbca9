"""What could be better about getting in from elsewhere, without breaking the promise."""

from __future__ import annotations

from collections.abc import Iterator

from assessor.api import Message

from .settings import Desktop, Member, Settings
from .tools import Found

_HIGH = 3


def advice(
    *,
    settings: Settings | None,
    tools: tuple[Found, ...],
    allowed: tuple[str, ...],
    self_signed: bool,
    members: tuple[Member, ...],
    ssh_passwords: bool,
    winrm_runs: bool,
) -> tuple[Message, ...]:
    """Hints, each from what was read."""
    hints = [*_tools(tools, allowed)]
    if settings is not None:
        if settings.desktop.on:
            hints += _desktop(settings.desktop, members, self_signed=self_signed)
        if winrm_runs and settings.winrm.basic:
            hints.append(Message("winrm_basic"))
        if settings.help_offered:
            hints.append(Message("help_offered"))
        elif settings.help_asked:
            hints.append(Message("help_asked"))
    if ssh_passwords:
        hints.append(Message("ssh_passwords"))
    return tuple(hints)


def _tools(tools: tuple[Found, ...], allowed: tuple[str, ...]) -> Iterator[Message]:
    names = {name.lower() for name in allowed}
    unnamed = [tool for tool in tools if tool.name.lower() not in names]
    running = [tool for tool in unnamed if tool.runs]
    if running and not allowed:
        yield Message("tools_not_named", {"tools": tuple(tool.name for tool in running)})
    idle = [tool for tool in unnamed if not tool.runs]
    if idle:
        yield Message("tools_idle", {"tools": tuple(tool.name for tool in idle)})
    unattended = [tool for tool in tools if tool.runs and tool.unattended]
    if unattended:
        yield Message("tools_unattended", {"tools": tuple(tool.name for tool in unattended)})


def _desktop(
    desktop: Desktop, members: tuple[Member, ...], *, self_signed: bool
) -> Iterator[Message]:
    if self_signed:
        yield Message("rdp_self_signed")
    if desktop.layer == 1:
        yield Message("rdp_negotiates")
    if desktop.level is not None and desktop.level < _HIGH:
        yield Message("rdp_low_level", {"level": desktop.level})
    if any(member.everybody for member in members):
        yield Message("rdp_for_everybody")
    if desktop.restricted_admin:
        yield Message("restricted_admin")

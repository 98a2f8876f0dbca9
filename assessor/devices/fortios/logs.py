"""Where the log goes, and whether the clock is set by others."""

from __future__ import annotations

from collections.abc import Iterator

from assessor.devices.device import Logging, Topic
from assessor.devices.fortios.configuration import Configuration
from assessor.devices.fortios.grammar import Block
from assessor.devices.fortios.schema import Unread

_SYSLOG = ("syslogd", "syslogd2", "syslogd3", "syslogd4")
_ANALYZERS = ("fortianalyzer", "fortianalyzer2", "fortianalyzer3")
_CLOUDS = {
    "fortianalyzer-cloud": "FortiAnalyzer Cloud",
    "fortiguard": "FortiGate Cloud",
}
# A log-in is told at the level "information" (log reference, 0100032001); a destination that only
# takes what is graver does not get it.
_TOO_GRAVE = frozenset({"emergency", "alert", "critical", "error", "warning", "notification"})
_DAYS = 7
"""CLI reference, "config log disk setting": maximum-log-age."""


def logging(config: Configuration, unread: Unread) -> Logging | None:
    """Where the log goes; ``None`` where the export shows nothing of it."""
    shown = [name for part in config.parts() for name in part.parts if name.startswith("log ")]
    if not any(name.endswith(" setting") for name in shown):
        return None
    if any(_silent(part.part("log eventfilter")) for part in config.parts()):
        return Logging()  # what happens to the device itself is not logged at all
    remote: dict[str, bool] = {}
    for part in config.parts():
        remote.update(_remote(part))
        for name in ("syslog-override", "faz-override"):
            settings = part.part("log setting")
            if settings.on(name) and not _overridden(part, name):
                unread.add((Topic.LOGGING,), f"log setting: set {name} enable")
    disk = [part.part("log disk setting") for part in config.parts()]
    days = [_days(block) for block in disk if block.on("status")]
    return Logging(
        remote=tuple(remote),
        days=min(days) if days else None,
        encrypted=all(remote.values()) if remote else None,
    )


def _silent(block: Block) -> bool:
    return any(block.one(name) == "disable" for name in ("event", "system", "user"))


def _remote(part: Block) -> Iterator[tuple[str, bool]]:
    """The other machines, and whether the way there is encrypted."""
    for kind in ("setting", "override-setting"):
        for name in _SYSLOG:
            block = part.part(f"log {name} {kind}")
            if _sends(part, name, block) and block.one("server"):
                secure = block.one("enc-algorithm", "disable") != "disable"
                yield block.one("server"), secure and block.one("mode", "udp") == "reliable"
        for name in _ANALYZERS:
            block = part.part(f"log {name} {kind}")
            if _sends(part, name, block) and block.one("server"):
                yield block.one("server"), block.one("enc-algorithm", "high") != "disable"
        for name, title in _CLOUDS.items():
            if _sends(part, name, part.part(f"log {name} {kind}")):
                yield title, True


def _sends(part: Block, name: str, block: Block) -> bool:
    severity = part.part(f"log {name} filter").one("severity", "information")
    return block.on("status") and severity not in _TOO_GRAVE


def _overridden(part: Block, name: str) -> bool:
    kinds = _SYSLOG if name == "syslog-override" else _ANALYZERS
    return any(part.part(f"log {kind} override-setting").on("status") for kind in kinds)


def _days(block: Block) -> int:
    days = block.one("maximum-log-age")
    return int(days[:5]) if days.isdecimal() else _DAYS


def time_servers(config: Configuration, state: str | None) -> tuple[str, ...] | None:
    """The time servers; none where the clock is not set by others, ``None`` where untold."""
    block = config.table("system ntp")
    synced = block.one("ntpsync") if block is not None else ""
    kind = block.one("type", "fortiguard") if block is not None else "fortiguard"
    if not synced and state:
        synced, kind = _state(state, "ntpsync"), _state(state, "type") or kind
    if synced != "enable":
        # The default is "disable", which an export leaves out (CLI reference, "system ntp").
        off = synced == "disable" or block is not None
        return () if off else None
    if kind != "custom":
        return ("FortiGuard",)
    servers = block.part("ntpserver").entries.values() if block is not None else ()
    return tuple(one.one("server") for one in servers if one.one("server"))


def _state(text: str, name: str) -> str:
    """A value of what ``get`` says: ``name    : value``."""
    for line in text.splitlines():
        found, colon, value = line.partition(":")
        if colon and found.strip() == name:
            return value.strip()
    return ""


def resolvers(config: Configuration) -> tuple[str, ...] | None:
    """The resolvers; FortiGuard's where none is set."""
    block = config.table("system dns")
    if block is None:
        return None
    named = tuple(block.one(name) for name in ("primary", "secondary") if block.one(name))
    return named or ("FortiGuard",)

"""Advice on a Windows beside the promise: doors that are open, logs, and what else was seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assessor.api import Message

from .ports import ALL_PORTS
from .windows_facts import YES, Profile, State, Windows, working
from .windows_rules import SYSTEM, TCP, UDP, Doubt, Rule, blocked_by

SERVICES: Mapping[int, str] = {
    445: "SMB",
    1433: "SQL Server",
    3389: "RDP",
    5985: "WinRM",
    5986: "WinRM",
}
"""Services that belong in no public network, by TCP port."""

LOG_KILOBYTES = 16_384
"""What CIS asks of the log of each profile."""

_OWN_SERVER = {1433: "\\sqlservr.exe"}
_SERVICE_HOST = "\\svchost.exe"
_SHOWN = 10


def advice_on(
    seen: Windows, state: State, counting: tuple[Profile, ...], public: tuple[Rule, ...]
) -> Iterable[Message]:
    """Advice on the profiles that count, and on the rules that count in public networks."""
    exposed = tuple(_exposed(public, seen.listening.answer))
    if exposed:
        yield Message("windows_exposed", {"services": exposed})
    free = [rule for rule in public if _on_every_port(rule)]
    system = tuple(rule.id for rule in free if _is_windows(rule))
    if system:
        yield Message("windows_system_rules", {"rules": system[:_SHOWN]})
    # Apps of the shop bring such rules themselves, for one user and one app.
    programs = {rule.program for rule in free if rule.program and not rule.app} - {SYSTEM}
    programs = {one for one in programs if not one.endswith(_SERVICE_HOST)}
    if programs:
        yield Message("windows_programs", {"count": len(programs)})
    aside = [one for one in state.profiles if one not in counting]
    if any(not one.on or not one.closed_by_default for one in aside):
        yield Message("windows_domain_open")
    silent = tuple(one.name for one in counting if one.log_blocked != YES)
    small = tuple(one.name for one in counting if one.log_kilobytes < LOG_KILOBYTES)
    if silent:
        yield Message("windows_no_log", {"profiles": silent})
    elif small:
        yield Message("windows_small_log", {"profiles": small})
    others = working(seen.others.answer or ())
    if others:
        yield Message("windows_other_beside", {"products": others})
    disabled = seen.policies.answer.disabled if seen.policies.answer is not None else ()
    if disabled:
        yield Message("windows_never_starts", {"services": disabled})


def _exposed(rules: tuple[Rule, ...], listening: frozenset[int] | None) -> Iterable[str]:
    """The services that anybody in a public network reaches, as ``RDP (3389)``."""
    blocked = blocked_by(rules, TCP)
    for port, name in SERVICES.items():
        if port in blocked or (listening is not None and port not in listening):
            continue
        if any(_lets_in(rule, port) for rule in rules):
            yield f"{name} ({port})"


def _on_every_port(rule: Rule) -> bool:
    return (
        rule.allow and rule.doubt is Doubt.NONE and ALL_PORTS in (rule.opens(TCP), rule.opens(UDP))
    )


def _lets_in(rule: Rule, port: int) -> bool:
    if not rule.allow or rule.doubt is not Doubt.NONE or port not in rule.opens(TCP):
        return False
    if rule.ports != ALL_PORTS or rule.for_all_programs or _is_windows(rule):
        return True
    # A program that may receive on every port: only its own service is meant.
    return rule.program.endswith(_OWN_SERVER.get(port, "\\\\"))


def _is_windows(rule: Rule) -> bool:
    """It is for the kernel, or for whatever service a host process holds."""
    return rule.program == SYSTEM or (rule.program.endswith(_SERVICE_HOST) and not rule.service)

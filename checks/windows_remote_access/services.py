"""Services, processes and what listens, by CIM."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from assessor.api import CimAnswer, UnparsedError

_STATES = frozenset(
    {
        "Stopped",
        "Start Pending",
        "Stop Pending",
        "Running",
        "Continue Pending",
        "Pause Pending",
        "Paused",
        "Unknown",
    }
)


@dataclass(frozen=True, slots=True)
class Service:
    """A service of Windows; one that is not stopped counts as running."""

    name: str
    runs: bool


@dataclass(frozen=True, slots=True)
class Listener:
    """A TCP port that can be reached from another computer."""

    port: int
    process: int


def read_services(answer: CimAnswer) -> tuple[Service, ...]:
    """All services; a Windows without any does not exist."""
    found = []
    for row in answer.rows:
        state = row.text("State")
        if state not in _STATES:
            raise UnparsedError(f"service {state}")
        found.append(Service(row.text("Name"), state != "Stopped"))
    if not found:
        raise UnparsedError("Win32_Service")
    return tuple(found)


def read_processes(answer: CimAnswer) -> Mapping[int, str]:
    """The names of programs, in small letters, by the numbers of their processes."""
    if not answer.rows:
        raise UnparsedError("Win32_Process")
    return {row.integer("ProcessId"): row.text("Name").lower() for row in answer.rows}


def read_listeners(answer: CimAnswer) -> tuple[Listener, ...]:
    """What listens to others than this computer itself.

    Every Windows has something that listens (RPC, port 135), so that none means not seen.
    """
    if not answer.rows:
        raise UnparsedError("MSFT_NetTCPConnection")
    found = []
    for row in answer.rows:
        try:
            address = ipaddress.ip_address(row.text("LocalAddress").partition("%")[0])
        except ValueError as error:
            raise UnparsedError("LocalAddress") from error
        if not address.is_loopback:
            found.append(Listener(row.integer("LocalPort"), row.integer("OwningProcess")))
    return tuple(dict.fromkeys(found))

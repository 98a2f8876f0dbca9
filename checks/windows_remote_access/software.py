"""What is installed for all users, from the list of Windows itself (64 and 32 bit)."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.api import Registry, UnparsedError

_UNINSTALL = "Microsoft\\Windows\\CurrentVersion\\Uninstall\\*"
_MOST = 1000
"""So many keys the engine's probe reads; as many as that may not be all."""


@dataclass(frozen=True, slots=True)
class Program:
    """An installed program."""

    name: str
    version: str


def read_software(found: Registry) -> tuple[Program, ...]:
    """The programs that have a name; the rest are updates and parts of others."""
    programs = []
    for root in ("HKLM\\SOFTWARE", "HKLM\\SOFTWARE\\Wow6432Node"):
        keys = found.keys(f"{root}\\{_UNINSTALL}")
        if len(keys) >= _MOST:
            raise UnparsedError("Uninstall")
        for key in keys:
            name = key.text("DisplayName")
            if name:
                programs.append(Program(name, key.text("DisplayVersion") or ""))
    return tuple(programs)

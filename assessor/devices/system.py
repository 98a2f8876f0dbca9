"""What ``assess`` knows of one device system: what it is asked, and how its answers are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from assessor.devices.device import Device
from assessor.model.target import DeviceOs


class Session(StrEnum):
    """How a device is talked with over SSH."""

    CLI = "cli"
    """A command line of its own, with a prompt and pages (Netmiko)."""
    EXEC = "exec"
    """Each question is one command of a shell."""
    NONE = "none"
    """Not over SSH at all."""


@dataclass(frozen=True, slots=True)
class DeviceSystem:
    """One system.

    Attributes:
        title: the makers' name for it, for people.
        session: how it is talked with.
        driver: Netmiko's name for it, or one of our own drivers; for ``Session.CLI``.
        questions: commands that only read. The first is the one that must be answered.
        alternatives: for a question that a device refuses: another that says as much.
        read: its answers, by question (or by ``answers.FILE``), to the neutral form; raises
            ``UnparsedError`` where they are not of this system.
        user: what is added to the name of the user at log-in (RouterOS' console options).
    """

    os: DeviceOs
    title: str
    session: Session
    questions: tuple[str, ...]
    read: Callable[[Mapping[str, str]], Device]
    driver: str = ""
    alternatives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    user: str = ""

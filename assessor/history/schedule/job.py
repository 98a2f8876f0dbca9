"""What a scheduler is to start: pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from assessor.errors import UsageError
from assessor.history.schedule.cadence import Cadence


class Manager(StrEnum):
    """Who starts the runs."""

    SYSTEMD = "systemd"
    CRON = "cron"
    LAUNCHD = "launchd"
    WINDOWS = "windows"


class Scope(StrEnum):
    """Whose scheduler it is: the user's own, or the machine's."""

    USER = "user"
    SYSTEM = "system"


class Sandbox(StrEnum):
    """How far a run can be walled in.

    ``FULL``: it only goes over the network. ``NONE``: this machine is itself a target without a
    connection (``transport: local``); inside a sandbox the checks would see the sandbox's mounts,
    devices and processes, and take them for the machine's.
    """

    FULL = "full"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Job:
    """Everything that the texts for a scheduler are made from.

    Attributes:
        folder: the assessment folder, absolute.
        programme: the words that call this ``assess``, the first one absolute.
        user: as whom the machine's scheduler starts it; empty for the user's own scheduler.
        manager: who starts it.
        sandbox: how far it is walled in.
        environment_file: variables for the run; empty for none.
        credentials: name and path of what systemd hands over (``LoadCredential=``).
        jit: a helper such as a password manager may make code at run time.
    """

    folder: str
    programme: tuple[str, ...]
    user: str
    manager: Manager
    scope: Scope
    cadence: Cadence
    sandbox: Sandbox = Sandbox.FULL
    environment_file: str = ""
    credentials: tuple[tuple[str, str], ...] = ()
    jit: bool = False

    @property
    def name(self) -> str:
        """See :func:`name_of`."""
        return name_of(self.folder)

    @property
    def spread(self) -> int:
        """Minutes from 1 to 30 by which this folder's runs start later than others'."""
        return 1 + int(_digest(self.folder), 16) % 30

    def words(self, *more: str) -> tuple[str, ...]:
        """The command that the scheduler starts: ``schedule MORE -C FOLDER``."""
        return (*self.programme, "schedule", *more, "-C", self.folder)


def name_of(folder: str) -> str:
    """The name of the folder's unit, line or task: of its last part, and a digest of its path."""
    slug = re.sub(r"[^a-z0-9]+", "-", PurePath(folder).name.lower()).strip("-")[:40].strip("-")
    return f"assess-{slug or 'folder'}-{_digest(folder)}"


def _digest(folder: str) -> str:
    return hashlib.sha256(folder.encode("utf-8", errors="surrogateescape")).hexdigest()[:10]


def check_path(path: str, manager: Manager) -> None:
    """Refuses a path that a scheduler's file cannot hold as it is.

    Raises:
        UsageError: it is relative, or has characters that would mean something else there.
    """
    refused = {Manager.SYSTEMD: '"\\', Manager.WINDOWS: '"'}.get(manager, "")
    absolute = path.startswith("/")
    if not absolute or not path.isprintable() or path != path.strip() or set(refused) & set(path):
        raise UsageError(
            f"{path!r} cannot stand in a file for {manager}",
            mend="use an absolute path without control characters, quotes and backslashes",
        )

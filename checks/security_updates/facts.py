"""The typed facts that the parsers give and the judgement reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from assessor.api import NotCaptured

from .releases import Support


@dataclass(frozen=True, slots=True)
class Pending:
    """A security update that waits to be installed.

    Attributes:
        name: the package or the advisory.
        published: when it came out, or a moment at which it was certainly there already;
            ``None`` where nothing is known.
        exact: ``published`` is the date itself and not only the latest it can be.
        held: the package is pinned to its version, so that nothing will install it.
    """

    name: str
    published: datetime | None = None
    exact: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True)
class Updates:
    """What a package manager says of the updates of a machine.

    Attributes:
        manager: ``apt``, ``dnf``, ``zypper``, ``apk`` or ``pacman``.
        problem: why nothing can be concluded from it, as a message id; else the empty string.
        pending: the security updates that wait.
        other: how many other updates wait.
        checked: when the package lists were last renewed.
        last_run: the last day on which everything that waited was installed.
        last_install: the last day on which any update was installed.
        has_source: a source of security updates is set up.
        automatic: updates are installed by themselves; ``None`` where that is not known.
        paid: a source of paid extended support is set up.
        complete: nothing is missing from ``pending``.
    """

    manager: str
    problem: str = ""
    pending: tuple[Pending, ...] = ()
    other: int = 0
    checked: datetime | None = None
    last_run: date | None = None
    last_install: date | None = None
    has_source: bool = True
    automatic: bool | None = None
    paid: bool = False
    complete: bool = True


@dataclass(frozen=True, slots=True)
class PackageList:
    """A repository's metadata as dnf or zypper keeps it."""

    path: str
    renewed: datetime | None
    advisories: bool


@dataclass(frozen=True, slots=True)
class Machine:
    """What the release and the kernel say.

    Attributes:
        name: the release for people.
        release: the fields of ``os-release``.
        running: the running kernel's version.
        newer_kernel: the newest installed kernel of the running one's kind, if that is newer.
        restart_since: since when a restart is waited for, by either sign.
        container: it shares its host's kernel.
        tools: the package managers that are there.
    """

    name: str
    release: dict[str, str]
    support: Support | None
    running: str
    newer_kernel: str
    restart_since: datetime | None
    restart_needed: bool
    container: bool
    tools: frozenset[str]
    lists: tuple[PackageList, ...]
    timers: frozenset[str]
    applies_updates: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the judgement rests on.

    Attributes:
        at: "now".
        gap: why the machine could not be read; the rest is then absent.
    """

    at: datetime
    machine: Machine | None
    updates: Updates | None
    gap: NotCaptured | None = None

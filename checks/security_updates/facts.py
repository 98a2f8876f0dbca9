"""The typed facts that the parsers give and the judgement reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
        manager: ``apt``, ``dnf``, ``zypper``, ``apk``, ``pacman`` or ``softwareupdate``.
        problem: why nothing can be concluded from it, as a message id; else the empty string.
        pending: the security updates that wait.
        other: how many other updates wait.
        checked: when the package lists were last renewed.
        last_run: the last day on which everything that waited was installed.
        last_install: the last day on which any update was installed.
        has_source: a source of security updates is set up.
        vendor_source: so is the source of a product that is installed on top (Proxmox); ``None``
            where there is none.
        automatic: updates are installed by themselves; ``None`` where that is not known.
        paid: a source of paid extended support is set up.
        products: what else is installed that has a support of its own, with its version.
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
    vendor_source: bool | None = None
    automatic: bool | None = None
    paid: bool = False
    products: tuple[tuple[str, str], ...] = ()
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
        started: when the machine was last started, where that is known.
        newer_kernel: the newest installed kernel of the running one's kind, if that is newer.
        restart_since: since when a restart is waited for, by either sign.
        container: it shares its host's kernel.
        tools: the package managers that are there.
        last_installs: the last day on which a package manager installed anything, by its name.
    """

    name: str
    release: dict[str, str]
    support: Support | None
    running: str = ""
    newer_kernel: str = ""
    restart_since: datetime | None = None
    restart_needed: bool = False
    container: bool = False
    tools: frozenset[str] = frozenset()
    lists: tuple[PackageList, ...] = ()
    timers: frozenset[str] = frozenset()
    applies_updates: bool = False
    last_installs: Mapping[str, date] = field(default_factory=dict)
    started: datetime | None = None


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

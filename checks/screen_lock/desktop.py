"""Whether the screen of a Linux machine with a desktop locks by itself.

Every desktop that is installed must do so, for people choose one at log-in. A setting that users
cannot change holds for all. One that they can change holds only where the choice of everybody who
may sit at the machine was seen; otherwise it is unknown. A standard setting that does not lock
fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assessor.api import Fact, Facts, Record

from .dconf import Dconf, judge_dconf, read_dconf
from .kde import Kde, judge_kde, read_kde
from .lockers import Lockers, judge_lockers, read_lockers
from .people import People, read_people
from .verdict import Verdict, worst

_GNOME = ("gnome", "ubuntu", "unity", "budgie", "pop", "zorin")
_CINNAMON = ("cinnamon",)
_KDE = ("plasma", "kde", "startplasma")
_ALIASES = frozenset({"default", "xsession", "lightdm-xsession", "user-session", "custom"})
"""Entries at log-in that start another session of the machine."""


@dataclass(frozen=True, slots=True)
class Desktop:
    """The desktops of a machine, with what locks them.

    Attributes:
        names: the sessions that can be chosen at log-in.
    """

    names: tuple[str, ...]
    people: People
    dconf: Dconf
    kde: Kde
    lockers: Lockers

    def facts(self) -> Facts:
        """The facts for a finding."""
        facts: dict[str, Fact] = {"desktops": self.names}
        if self.lockers.running:
            facts["lockers"] = tuple(locker.name for locker in self.lockers.running)
        return facts


def read_desktop(found: Sequence[Record]) -> Desktop:
    """The desktops as ``linux_desktop.sh`` prints them."""
    return Desktop(
        names=_names(tuple(dict.fromkeys(text for kind, text in found if kind == "desktop"))),
        people=read_people(found),
        dconf=read_dconf(found),
        kde=read_kde(found),
        lockers=read_lockers(found),
    )


def _names(every: tuple[str, ...]) -> tuple[str, ...]:
    real = tuple(name for name in every if name.lower() not in _ALIASES)
    return real or every


def judge(seen: Desktop, minutes: int) -> Verdict:
    """The worst of the desktops decides."""
    limit = minutes * 60
    verdicts = []
    if _of(seen.names, _GNOME):
        verdicts.append(judge_dconf("GNOME", "org/gnome/desktop", seen.dconf, seen.people, limit))
    if _of(seen.names, _CINNAMON):
        verdicts.append(
            judge_dconf("Cinnamon", "org/cinnamon/desktop", seen.dconf, seen.people, limit)
        )
    if _of(seen.names, _KDE):
        verdicts.append(judge_kde(seen.kde, seen.people, limit))
    others = [
        name for name in seen.names if not name.lower().startswith((*_GNOME, *_CINNAMON, *_KDE))
    ]
    if others:
        verdicts.append(judge_lockers(others, seen.lockers, limit))
    return worst(verdicts)


def _of(names: Sequence[str], family: tuple[str, ...]) -> bool:
    return any(name.lower().startswith(family) for name in names)

"""Whether a machine's clock is right, and whether something keeps it right.

Records with a wrong time prove little: NCSC asks that their time is accurate, and CIS Controls
8.4 that it is synchronised. A clock seen to be wrong by more than five minutes makes every age
meaningless, so that nothing is concluded. A clock that is right today but that nothing keeps right
breaks no promise; it is advised on. In a container the clock is the host's.
"""

from __future__ import annotations

from dataclasses import dataclass

from assessor.api import Captures, Message, Record

_TOLERANCE_S = 900
"""How much the script's own time may differ from ours: it may have waited for its turn."""
_WRONG_S = 300
_DEVIATES_S = 30
_GUESTS = frozenset({"vmtoolsd", "VBoxService", "xe-daemon"})
"""Programs by which the host of a virtual machine sets its clock, where it is set up so."""
_RIGHT = frozenset(
    {
        "ntpsynchronized=yes",
        "ntpsynchronized:yes",
        "systemclocksynchronized:yes",
        "chronynormal",
        "ntpq1",
        "kernel(clear)",
        "networktime:on",
    }
)


@dataclass(frozen=True, slots=True)
class Clock:
    """A machine's clock.

    Attributes:
        off: it differs so much from ours that ages mean nothing.
        skew_s: how much it is ahead of ours, in seconds, where that was measured.
        synchronised: whether it is kept right; ``None`` where that was not seen.
    """

    off: bool
    skew_s: float | None
    synchronised: bool | None

    def remarks(self) -> tuple[Message, ...]:
        """Advice on the clock."""
        found = []
        if self.synchronised is False:
            found.append(Message("clock_not_synchronised"))
        if self.skew_s is not None and _DEVIATES_S < abs(self.skew_s) <= _WRONG_S:
            found.append(Message("clock_deviates", {"seconds": round(abs(self.skew_s))}))
        return tuple(found)


def read_clock(captures: Captures, found: tuple[Record, ...], now: int) -> Clock:
    """Sorts the records of a script that concern the clock."""
    measured = captures.clock_skew_s
    skew = abs(now - captures.at.timestamp())
    off = skew > _TOLERANCE_S or abs(measured or 0.0) > _WRONG_S
    return Clock(off, measured, _synchronised(found))


def _synchronised(found: tuple[Record, ...]) -> bool | None:
    said = ["".join(text.lower().split()) for kind, text in found if kind == "clock"]
    if any(text in _RIGHT for text in said):
        return True
    if ("container", "") in found or ("hidden", "") in found:
        return None
    programs = {text for kind, text in found if kind == "time_process"}
    if programs & _GUESTS:
        return None
    # A program that runs but was not asked, such as OpenNTPD, may well keep it right.
    return False if said or not programs else None

"""Where a backup of a Windows goes: a drive, a share, a service."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from assessor.api import Captures, Fields, UnparsedError, read_cim, told

from .places import Whereabouts, whereabouts

# MSFT_Disk.BusType. Disks on the others can be taken away or stand in another box (USB, iSCSI,
# Fibre Channel, memory cards), or are not known.
_INSIDE = frozenset({1, 3, 8, 10, 11, 17, 18, 19})
"""SCSI, ATA, RAID, SAS, SATA, NVMe, storage-class memory, UFS: within the machine."""


@dataclass(frozen=True, slots=True)
class Drives:
    """The bus of the disk below a drive's letter or a volume's path, both in small letters."""

    buses: dict[str, int]

    def bus(self, place: str) -> int | None:
        """The bus below ``place``; ``None`` where that is not known."""
        text = place.lower().rstrip("\\")
        if re.fullmatch(r"[a-z]:.*", text):
            text = text[:2]
        return self.buses.get(text)


def read_drives(captures: Captures) -> Drives:
    """The drives; none where the account may not see them."""
    disks = told(captures, "disks", read_cim).answer
    partitions = told(captures, "partitions", read_cim).answer
    if disks is None or partitions is None:
        return Drives({})
    try:
        by_number = {each.integer("Number"): each.integer("BusType") for each in disks.rows}
        buses: dict[str, int] = {}
        for partition in partitions.rows:
            bus = by_number.get(partition.integer("DiskNumber"))
            if bus is not None:
                buses.update((path, bus) for path in _paths(partition))
    except UnparsedError:
        return Drives({})
    return Drives(buses)


def _paths(partition: Fields) -> list[str]:
    """Its letter's path and its volume's path, without the last stroke."""
    if not partition.has("AccessPaths") or partition.value("AccessPaths") is None:
        return []
    return [path.lower().rstrip("\\") for path in partition.texts("AccessPaths")]


def where(place: str, drives: Drives, host: str) -> Whereabouts:
    """How far ``place`` is from the machine.

    A share is another machine, which may stand beside this one. Its name tells nothing: a domain
    of Windows often has the name of the company's website. Azure Files is elsewhere.
    """
    share = re.fullmatch(r"\\\\([^\\?]+)\\.*|//([^/?]+)/.*", place)
    if share is not None:
        return _share((share[1] or share[2]).partition("@")[0], host)
    if re.match(r"[A-Za-z]:|\\\\\?\\", place):
        bus = drives.bus(place)
        if bus in _INSIDE:
            return Whereabouts.SAME_MACHINE
        return Whereabouts.UNCLEAR
    if ":" in place:
        return whereabouts(place, {}, host)
    return Whereabouts.UNCLEAR


def _share(name: str, host: str) -> Whereabouts:
    lower = name.lower().rstrip(".")
    try:
        address = ipaddress.ip_address(lower)
    except ValueError:
        if lower in ("localhost", host.lower()):
            return Whereabouts.SAME_MACHINE
        is_azure = lower.endswith(".file.core.windows.net")
        return Whereabouts.ELSEWHERE if is_azure else Whereabouts.NEARBY
    if address.is_loopback:
        return Whereabouts.SAME_MACHINE
    return Whereabouts.ELSEWHERE if address.is_global else Whereabouts.NEARBY

r"""Observes Windows: what BitLocker says of each volume, set beside the volumes that there are.

BitLocker lists only what it can encrypt. So every volume that somebody can write to is looked up
in its list, and one that it does not list is never taken for encrypted. What counts as a volume:
it has a letter or is mounted in a folder. Recovery, EFI and reserved partitions have neither; they
hold what is needed to boot.

A volume in a file (VHD) counts where that file lies, as disk images do on a Mac.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from assessor.api import (
    Captures,
    CimAnswer,
    Fields,
    Told,
    UnparsedError,
    read_cim,
    read_object,
    told,
)

from .windows_machine import Others, read_others, read_virtual

Answer = TypeVar("Answer")

REMOVABLE, FIXED, NETWORK = 2, 3, 4
_ELSEWHERE = frozenset({NETWORK, 5, 6})
"""``DriveType`` of Win32_Volume and Win32_LogicalDisk: 0 and 1 are unknown, 5 a compact disc, 6 a
disk in memory."""
USB, ISCSI, IN_A_FILE = 7, 9, 15
"""``BusType`` of MSFT_Disk."""
_SYSTEM_VOLUME, _PORTABLE = 0, 2
"""``VolumeType``: OSVolume 0, FixedDataVolume 1, PortableDataVolume 2."""
METHODS: Mapping[int, str] = {
    0: "none",
    1: "AES-CBC 128 + diffuser",
    2: "AES-CBC 256 + diffuser",
    3: "AES-CBC 128",
    4: "AES-CBC 256",
    5: "the drive's own",
    6: "XTS-AES 128",
    7: "XTS-AES 256",
}
"""``EncryptionMethod``; -1 is Microsoft's word for one that it does not know either."""
PROTECTORS: Mapping[int, str] = {
    0: "other",
    1: "TPM",
    2: "external key",
    3: "recovery password",
    4: "TPM and PIN",
    5: "TPM and startup key",
    6: "TPM, PIN and startup key",
    7: "public key",
    8: "password",
    9: "TPM certificate",
    10: "CNG",
}
"""``KeyProtectorType``."""
_PROTECTION_UNKNOWN = 2
LARGE = 64 * 1024**3
"""Larger than any partition that a maker puts recovery files on."""


class State(StrEnum):
    """What BitLocker says of one volume."""

    ENCRYPTED = "encrypted"
    PLAIN = "not encrypted"
    ENCRYPTING = "being encrypted"
    DECRYPTING = "being decrypted"
    OPEN_KEY = "encrypted, key in the open"
    LOCKED = "locked"
    UNLISTED = "not in BitLocker's list"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume of this Windows.

    Attributes:
        name: its letter, or the folder that it is mounted in.
        state: what BitLocker says of it.
        method: the number of its encryption method; ``None`` where BitLocker does not list it.
        boot: Windows runs from it.
        bus: how its disk is attached; ``None`` where that is not known.
        protectors: kinds of what opens it; ``None`` where they were not told.
        percentage: how far it has been encrypted or decrypted.
    """

    name: str
    state: State
    method: int | None = None
    boot: bool = False
    bus: int | None = None
    protectors: tuple[int, ...] | None = None
    percentage: int | None = None


@dataclass(frozen=True, slots=True)
class Windows:
    """All that the judgement rests on.

    Attributes:
        silent: the first answer that the judgement cannot do without; ``None`` when all were given.
        bitlocker: this Windows has BitLocker at all.
        volumes: those that count.
        removable: those that can be taken out, which are advice only.
        unmounted: names of large volumes without a letter that are not encrypted.
        absent: volumes that the inventory names and that are not there.
        elsewhere: volumes that the inventory names and that lie on another machine.
        placement: how disks are attached, or why that is not known.
        virtual: the kind of virtual machine this is; empty for a real machine.
        others: encryption by other makers.
    """

    silent: Told[CimAnswer] | None
    bitlocker: bool
    volumes: tuple[Volume, ...]
    removable: tuple[Volume, ...]
    unmounted: tuple[str, ...]
    absent: tuple[str, ...]
    elsewhere: tuple[str, ...]
    placement: Told[Mapping[str, int]]
    virtual: Told[str]
    others: Told[Others]


@dataclass(frozen=True, slots=True)
class _Row:
    """A volume in BitLocker's list."""

    letter: str
    state: State
    method: int | None
    kind: int


@dataclass(frozen=True, slots=True)
class _Guard:
    protectors: tuple[int, ...] | None
    percentage: int | None


@dataclass(frozen=True, slots=True)
class _Place:
    """A volume that Windows has."""

    device: str
    name: str
    drive_type: int
    capacity: int
    boot: bool
    reserved: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    rows: Mapping[str, _Row]
    guards: Mapping[str, _Guard]
    places: Sequence[_Place]
    letters: Mapping[str, int]
    buses: Mapping[str, int] = field(default_factory=dict)


def observe_windows(captures: Captures) -> Windows:
    """What BitLocker says, and what there is."""
    listed = told(captures, "disks", _read_with(read_rows))
    places = told(captures, "volumes", _read_with(read_places))
    letters = told(captures, "letters", _read_with(read_letters))
    guards = told(captures, "protectors", read_guards).answer or _Guards()
    placement = _placement(captures)
    raw = told(captures, "disks", read_cim)
    silent: Told[CimAnswer] | None = next(
        (
            Told(captures.at, gap=one.gap, unparsed=one.unparsed)
            for one in (listed, places, letters)
            if one.answer is None
        ),
        None,
    )
    seen = _Seen(
        listed.answer or {},
        guards.by_volume,
        places.answer or (),
        {**dict.fromkeys(guards.letters, FIXED), **(letters.answer or {})},
        placement.answer or {},
    )
    counted, removable = _volumes(seen)
    names = {volume.name.lower() for volume in (*counted, *removable)}
    named = _named(captures)
    network = {name.lower() for name, kind in seen.letters.items() if kind == NETWORK}
    return Windows(
        silent=silent,
        bitlocker=raw.answer is not None and raw.answer.there,
        volumes=counted,
        removable=removable,
        unmounted=_unmounted(seen),
        absent=tuple(name for name in named if name.lower() not in names | network),
        elsewhere=tuple(name for name in named if name.lower() in network),
        placement=placement,
        virtual=told(captures, "machine", _read_with(read_virtual)),
        others=told(captures, "other_programs", read_others),
    )


def _read_with(read: Callable[[CimAnswer], Answer]) -> Callable[[str], Answer]:
    return lambda text: read(read_cim(text))


def read_rows(answer: CimAnswer) -> Mapping[str, _Row]:
    """BitLocker's list, by the volumes' identifiers in small letters."""
    found: dict[str, _Row] = {}
    for row in answer.rows:
        device = row.text("DeviceID").lower()
        if device in found:
            raise UnparsedError(device)
        kind = row.integer("VolumeType")
        method = row.optional_integer("EncryptionMethod")
        found[device] = _Row(
            (row.optional_text("DriveLetter") or "").upper(),
            _state(row, method) if kind in (0, 1, 2) else State.UNKNOWN,
            method,
            kind,
        )
    return found


def _state(row: Fields, method: int | None) -> State:
    """By ProtectionStatus and ConversionStatus; a pair that contradicts itself is unknown."""
    protection = row.integer("ProtectionStatus")
    conversion = row.optional_integer("ConversionStatus")
    if protection == _PROTECTION_UNKNOWN:  # as for a locked volume
        return State.LOCKED
    match protection, conversion:
        case 0 | 1, 2 | 4:
            return State.ENCRYPTING
        case 0 | 1, 3 | 5:
            return State.DECRYPTING
        case 0, 0:
            return State.PLAIN
        case 0, 1:
            return State.OPEN_KEY
        case 1, 1:
            return State.ENCRYPTED if method in METHODS and method else State.UNKNOWN
    return State.UNKNOWN


def read_places(answer: CimAnswer) -> Sequence[_Place]:
    """The volumes that Windows has, with or without a letter."""
    found: list[_Place] = []
    for row in answer.rows:
        letter = (row.optional_text("DriveLetter") or "").upper()
        path = row.optional_text("Name") or ""
        folder = "" if path.startswith("\\\\?\\") else path.rstrip("\\")
        boot = row.has("BootVolume") and row.optional_boolean("BootVolume") is True
        system = row.has("SystemVolume") and row.optional_boolean("SystemVolume") is True
        found.append(
            _Place(
                row.text("DeviceID").lower(),
                letter or folder,
                _drive_type(row.integer("DriveType")),
                row.optional_integer("Capacity") or 0,
                boot,
                system and not boot,
            )
        )
    # Windows itself stands on one, and starts from one.
    if not found or sum(place.reserved for place in found) > 1:
        raise UnparsedError("Win32_Volume")
    return found


def _drive_type(number: int) -> int:
    if number not in range(7):
        raise UnparsedError(f"DriveType {number}")
    return number


def read_letters(answer: CimAnswer) -> Mapping[str, int]:
    """The kind of drive behind each letter."""
    letters = {
        row.text("DeviceID").upper(): _drive_type(row.integer("DriveType")) for row in answer.rows
    }
    if not letters:
        raise UnparsedError("Win32_LogicalDisk")
    return letters


@dataclass(frozen=True, slots=True)
class _Guards:
    """What the check's own script tells.

    Attributes:
        by_volume: what opens each volume, by the volumes' identifiers.
        letters: the letters of local disks, by another way than Win32_LogicalDisk.
    """

    by_volume: Mapping[str, _Guard] = field(default_factory=dict)
    letters: tuple[str, ...] = ()


def read_guards(text: str) -> _Guards:
    """What opens each volume, and which letters there are."""
    guards: dict[str, _Guard] = {}
    answer = read_object(text)
    for row in answer.parts("volumes"):
        kinds: tuple[int, ...] | None = None
        if row.value("protectors") is not None:
            listed = row.list("protectors")
            kinds = tuple(one for one in listed if isinstance(one, int))
            if len(kinds) != len(listed) or not set(kinds) <= PROTECTORS.keys():
                raise UnparsedError("protectors")
        guards[row.text("device").lower()] = _Guard(kinds, row.optional_integer("percentage"))
    letters = tuple(
        row.text("name").rstrip("\\").upper()
        for row in answer.parts("drives")
        if _drive_type(row.integer("kind")) == FIXED
    )
    return _Guards(guards, letters)


def _placement(captures: Captures) -> Told[Mapping[str, int]]:
    """How the disk of each volume is attached, by the volumes' identifiers."""
    disks = told(captures, "attached", _read_with(_read_disks))
    if disks.answer is None:
        return Told(captures.at, gap=disks.gap, unparsed=disks.unparsed)
    numbers = disks.answer

    def read(answer: CimAnswer) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for row in answer.rows:
            there = row.has("AccessPaths") and row.value("AccessPaths") is not None
            paths = row.texts("AccessPaths") if there else ()
            bus = numbers.get(row.integer("DiskNumber"))
            if bus is not None:
                found |= {path.lower(): bus for path in paths if path.startswith("\\\\?\\")}
        return found

    return told(captures, "partitions", _read_with(read))


def _read_disks(answer: CimAnswer) -> Mapping[int, int]:
    return {row.integer("Number"): row.integer("BusType") for row in answer.rows}


def _volumes(seen: _Seen) -> tuple[tuple[Volume, ...], tuple[Volume, ...]]:
    """Those that count, and those that can be taken out."""
    counted: list[Volume] = []
    removable: list[Volume] = []
    for place in seen.places:
        row = seen.rows.get(place.device)
        bus = seen.buses.get(place.device)
        if not place.name or place.reserved or place.drive_type in _ELSEWHERE:
            continue
        if bus == IN_A_FILE and not place.boot:
            continue
        volume = _volume(place, row, bus, seen.guards.get(place.device))
        portable = place.drive_type == REMOVABLE or bus == USB or _is_portable(row)
        (removable if portable and not place.boot else counted).append(volume)
    names = {place.name for place in seen.places}
    # A letter that only one of them knows is no less a volume.
    for letter, kind in seen.letters.items():
        if letter not in names and kind == FIXED:
            counted.append(Volume(letter, State.UNLISTED))
    for device, row in seen.rows.items():
        unseen = row.letter and row.letter not in names and row.letter not in seen.letters
        if unseen and not _is_portable(row):
            place = _Place(device, row.letter, FIXED, 0, row.kind == _SYSTEM_VOLUME, False)
            counted.append(_volume(place, row, None, seen.guards.get(device)))
    return tuple(counted), tuple(removable)


def _is_portable(row: _Row | None) -> bool:
    return row is not None and row.kind == _PORTABLE


def _volume(place: _Place, row: _Row | None, bus: int | None, guard: _Guard | None) -> Volume:
    return Volume(
        place.name,
        State.UNLISTED if row is None else row.state,
        None if row is None else row.method,
        place.boot,
        bus,
        None if guard is None else guard.protectors,
        None if guard is None else guard.percentage,
    )


def _unmounted(seen: _Seen) -> tuple[str, ...]:
    return tuple(
        place.device
        for place in seen.places
        if not place.name
        and not place.reserved
        and place.drive_type == FIXED
        and place.capacity >= LARGE
        and place.device in seen.rows
        and seen.rows[place.device].state is State.PLAIN
    )


def _named(captures: Captures) -> tuple[str, ...]:
    r"""The volumes that the inventory says must be there, such as ``D:`` or ``C:\Data``."""
    value = captures.target.options.get("data_volumes", ())
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple):
        return ()
    return tuple(str(item).replace("/", "\\").rstrip("\\") for item in listed)

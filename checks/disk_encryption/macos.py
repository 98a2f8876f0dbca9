"""Observes macOS: FileVault, and every other volume that is mounted.

On a Mac with a T2 chip or Apple silicon the inner disk is always encrypted by the chip. Without
FileVault that needs no password, so it does not count here (Apple Platform Security, "Volume
encryption with FileVault in macOS").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assessor.api import Captures, read_plist, values, whole_lines

from .volumes import Observed, Shield, Volume, named_volumes

DATA = "/System/Volumes/Data"
NETWORK_KINDS = ("smbfs", "nfs", "afpfs", "webdav", "cifs", "macfuse", "osxfuse")
DISK_KINDS = ("apfs", "hfs", "exfat", "msdos", "ntfs", "ufsd_NTFS", "tuxera_ntfs")
# start-up, recovery and firmware; what is swapped out lies on VM, which "swap" tells of
SYSTEM_ROLES = frozenset({"System", "Preboot", "Recovery", "VM", "Update", "xART", "Hardware"})
MOUNT = re.compile(r"(?P<device>\S+) on (?P<point>/.*) \((?P<kind>[^,()]+)(?P<options>[^()]*)\)\Z")


@dataclass(frozen=True, slots=True)
class ApfsVolume:
    """A volume as ``diskutil apfs list`` tells of it."""

    encrypted: bool
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class FileVault:
    """What ``fdesetup status`` says.

    Attributes:
        on: ``None`` where its words are not known.
        changing: why it is not complete, as a message id; else the empty string.
    """

    on: bool | None
    changing: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Mount:
    device: str
    point: str
    kind: str
    options: str


def observe_macos(captures: Captures) -> Observed:
    """The start-up volume by FileVault's own word, the others by APFS."""
    answer = captures.answered("disks")
    if answer is None:
        return Observed(missing=captures.gap("disks"), complete=False)
    lines = whole_lines(answer.stdout)
    vault = read_filevault(values(lines, "filevault")) if lines is not None else FileVault(None)
    apfs = read_apfs(values(lines, "apfs")) if lines is not None else None
    mounts = [m for line in values(lines or (), "mount") if (m := _mount(line)) is not None]
    root = next((mount for mount in mounts if mount.point == "/"), None)
    if lines is None or vault.on is None or apfs is None or root is None:
        return Observed(missing=None, complete=False)
    volumes = _volumes(mounts, vault, apfs, frozenset(values(lines, "image")))
    swaps = values(lines, "swap")
    named = named_volumes(captures)
    kinds = {mount.point: mount.kind for mount in mounts}
    return Observed(
        missing=None,
        complete=True,
        volumes=(*volumes, *_swap(swaps)),
        swaps_known=any(line.startswith("total = ") for line in swaps),
        swap_by_system=True,
        absent=tuple(name for name in named if name not in kinds),
        elsewhere=tuple(n for n in named if n in kinds and kinds[n].startswith(NETWORK_KINDS)),
        changing=vault.changing,
        changing_detail=vault.detail,
        virtual="vm" if values(lines, "virtual") == ["1"] else "",
    )


def read_filevault(lines: Sequence[str]) -> FileVault:
    """Apple's words, of which any that is not known makes the state unknown."""
    words = " ".join(line.strip() for line in lines)
    progress = re.search(r"(En|De)cryption in progress[:;]? ?(?P<detail>.*)", words)
    if progress is not None:
        message = "encrypting" if progress[1] == "En" else "decrypting"
        return FileVault(False, message, progress["detail"] or "?")
    if "Deferred enablement appears to be active" in words:
        return FileVault("FileVault is On." in words, "deferred")
    if re.match(r"FileVault is (Off|On), but ", words):
        return FileVault(False, "after_restart")
    plain = re.sub(r"FileVault master keychain appears to be installed\. ?", "", words).strip()
    return FileVault({"FileVault is On.": True, "FileVault is Off.": False}.get(plain))


def read_apfs(lines: Sequence[str]) -> Mapping[str, ApfsVolume] | None:
    """APFS volumes by their device (``disk3s5``); ``None`` when the list is not whole."""
    found: Any = read_plist("\n".join(lines))
    try:
        volumes: list[dict[str, Any]] = [
            volume for container in found["Containers"] for volume in container["Volumes"]
        ]
        return {
            str(volume["DeviceIdentifier"]): ApfsVolume(
                volume["FileVault"] is True and volume.get("CryptoMigrationOn") is not True,
                frozenset(map(str, volume.get("Roles", ()))),
            )
            for volume in volumes
        }
    except (KeyError, AttributeError, TypeError):
        return None  # none, or a list of another shape


def _mount(line: str) -> _Mount | None:
    match = MOUNT.match(line)
    if match is None:
        return None
    return _Mount(match["device"], match["point"], match["kind"], match["options"])


def _volumes(
    mounts: Sequence[_Mount],
    vault: FileVault,
    apfs: Mapping[str, ApfsVolume],
    images: frozenset[str],
) -> list[Volume]:
    found = [Volume(_start_up(mounts), _start_up_shield(vault, mounts, apfs))]
    for mount in mounts:
        device = mount.device.removeprefix("/dev/")
        whole = re.sub(r"(disk\d+).*", r"\1", device)
        if mount.point in ("/", DATA) or not mount.device.startswith("/dev/disk"):
            continue
        if not mount.kind.startswith(DISK_KINDS) or whole in images:
            continue  # of an image counts where its file lies
        volume = _of_device(device, apfs)
        if volume is not None and volume.roles & SYSTEM_ROLES:
            continue
        found.append(Volume(mount.point, _shield(mount, volume)))
    return found


def _start_up(mounts: Sequence[_Mount]) -> str:
    return next((mount.point for mount in mounts if mount.point == DATA), "/")


def _start_up_shield(
    vault: FileVault, mounts: Sequence[_Mount], apfs: Mapping[str, ApfsVolume]
) -> Shield:
    """Where FileVault and APFS say different things of the same volume, neither is believed."""
    point = _start_up(mounts)
    device = next(mount.device for mount in mounts if mount.point == point)
    volume = _of_device(device.removeprefix("/dev/"), apfs)
    if not vault.on:
        return Shield.PLAIN
    if volume is not None and not volume.encrypted and point == DATA:
        return Shield.UNSEEN
    return Shield.ENCRYPTED


def _of_device(device: str, apfs: Mapping[str, ApfsVolume]) -> ApfsVolume | None:
    """The volume of ``disk3s5``, or of its snapshot ``disk3s5s1``."""
    return apfs.get(device) or apfs.get(re.sub(r"^(disk\d+s\d+)s\d+$", r"\1", device))


def _shield(mount: _Mount, volume: ApfsVolume | None) -> Shield:
    if volume is not None:
        return Shield.ENCRYPTED if volume.encrypted else Shield.PLAIN
    if mount.kind in ("apfs", "hfs"):
        # not in the list, or on Core Storage, whose encryption shows elsewhere
        partition = re.search(r"disk\d+s\d+$", mount.device) is not None
        return Shield.PLAIN if mount.kind == "hfs" and partition else Shield.UNSEEN
    return Shield.PLAIN


def _swap(lines: Sequence[str]) -> list[Volume]:
    """``total = 2048.00M  used = 606.00M  free = 1442.00M  (encrypted)``."""
    for line in lines:
        total = re.match(r"total = (\d{1,12}(?:\.\d{1,6})?)M", line)
        if total is not None and (float(total[1]) > 0 or "(encrypted)" in line):
            encrypted = line.rstrip().endswith("(encrypted)")
            shield = Shield.ENCRYPTED if encrypted else Shield.PLAIN
            return [Volume("/System/Volumes/VM", shield, swap=True)]
    return []

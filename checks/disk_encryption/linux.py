"""Observes Linux: sysfs shows what each volume stands on, without rights and without lsblk."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from assessor.api import Captures

from .key_slots import read_key_slots
from .stack import ENCRYPTED_KINDS, Stack
from .system import Mount, System, read
from .volumes import Observed, Shield, Volume, named_volumes

# file systems that lie on a disk of this host
_DISK_KINDS = frozenset(
    {
        "ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "jfs", "reiserfs", "bcachefs",
        "nilfs2", "vfat", "exfat", "msdos", "ntfs", "ntfs3", "fuseblk", "hfsplus", "ocfs2", "gfs2",
    }
)  # fmt: skip
_NETWORK_KINDS = ("nfs", "cifs", "smb", "fuse.sshfs", "ceph", "glusterfs", "fuse.glusterfs", "9p")
# what the firmware and the boot loader must be able to read
_BOOT_POINTS = ("/boot", "/efi")
_NO_KEY_FILES = frozenset({"none", "-", "/dev/urandom", "/dev/random"})


def observe_linux(captures: Captures) -> Observed:
    """Follows every volume down to the disks."""
    answer = captures.answered("disks")
    if answer is None:
        return Observed(missing=captures.gap("disks"), complete=False)
    system = read(answer.stdout)
    if not system.complete:
        return Observed(missing=None, complete=False)
    mappings = _mappings(captures)
    ciphers = {mapping.name: mapping.cipher for mapping in mappings}
    stack = Stack(
        system,
        crypt_names=frozenset(ciphers),
        null_names=frozenset(n for n, cipher in ciphers.items() if "cipher_null" in cipher),
    )
    slots, slots_unread = read_key_slots(captures)
    named = named_volumes(captures)
    points = {mount.point: mount for mount in system.mounts}
    return Observed(
        missing=None,
        complete=True,
        volumes=tuple(_volumes(system, stack, named)),
        swaps_known=system.swaps_known,
        absent=tuple(name for name in named if name not in points and name not in system.folders),
        elsewhere=tuple(
            name
            for name in named
            if name in points and points[name].kind.startswith(_NETWORK_KINDS)
        ),
        keys_in_reach=(*_keys_in_reach(system, stack), *_dataset_keys_in_reach(system, stack)),
        automatic=tuple(
            key.name
            for key in system.keys
            if key.name in stack.mapping_names() and re.search(r"tpm2-device|tang", key.options)
        ),
        ciphers=ciphers,
        mappings=_strengths(mappings, stack),
        old_headers=tuple(
            sorted(name for name, kind in stack.header_kinds().items() if kind == "LUKS1")
        ),
        short_keys=tuple(m.name for m in mappings if m.bits is not None and m.bits < _SHORT_BITS),
        key_slots=tuple(map(str, slots)),
        quick_slots=tuple(
            str(slot)
            for slot in slots
            if slot.iterations is not None and slot.iterations < _FEW_ITERATIONS
        ),
        slots_unread=slots_unread,
        unmounted=_unmounted(captures, system),
        untold=tuple(sorted(set(stack.header_kinds()) - set(ciphers))) if _asked(captures) else (),
        folders=(
            *system.folders,
            *(mount.point for mount in system.mounts if mount.kind in ENCRYPTED_KINDS),
        ),
        fscrypt=system.fscrypt,
        virtual=system.virtual,
        container=system.container,
    )


def _volumes(system: System, stack: Stack, named: Sequence[str]) -> list[Volume]:
    last: dict[str, Mount] = {mount.point: mount for mount in system.mounts}
    found: dict[str, Volume] = {}
    for point, mount in last.items():
        if not _holds_data(mount) and point not in named:
            continue
        if mount.kind.startswith(_NETWORK_KINDS):
            continue
        # bind mounts and subvolumes show the same device many times: the first name is enough
        key = point if point in named else f"{mount.kind} {mount.device} {mount.source}"
        found.setdefault(key, Volume(point, stack.of_mount(mount)))
    swaps = [
        Volume(swap.path, stack.of_swap(swap.kind, swap.path), swap=True) for swap in system.swaps
    ]
    return [*found.values(), *swaps]


def _holds_data(mount: Mount) -> bool:
    if any(mount.point == point or mount.point.startswith(point + "/") for point in _BOOT_POINTS):
        return False
    return mount.point == "/" or mount.kind in _DISK_KINDS


def _keys_in_reach(system: System, stack: Stack) -> list[str]:
    """Mappings in use whose key file lies on a plain volume of this host, beside the lock.

    A key on an encrypted volume is in reach as well where it is copied into the boot image, and
    that lies on a plain one.
    """
    boot_image = stack.of_file("/boot/initrd.img")
    found: list[str] = []
    for entry in system.keys:
        key = entry.key
        if key in _NO_KEY_FILES or not key.startswith("/") or ":" in key:
            continue  # asked for, random, or on a device that is named apart
        copied = boot_image is Shield.PLAIN and any(
            fnmatchcase(key, pattern) for pattern in system.initramfs_keys
        )
        in_use = entry.name in stack.mapping_names()
        if in_use and (copied or stack.of_file(key) is Shield.PLAIN):
            found.append(entry.name)
    return found


def _dataset_keys_in_reach(system: System, stack: Stack) -> list[str]:
    """ZFS datasets in use whose key lies in a file on a plain volume of this host."""
    return [
        name
        for name, location in system.dataset_keys.items()
        if name not in system.locked_datasets
        and stack.of_file(location.removeprefix("file://")) is Shield.PLAIN
    ]


# name: start length "crypt" cipher key; the key as zeros, or as ":bytes:kind:name" in a keyring
_CRYPT_LINE = re.compile(r"^(?P<name>.+?): \d+ \d+ crypt (?P<cipher>\S+) (?P<key>\S*)")
_IN_KEYRING = re.compile(r":(\d{1,4}):")
_SHORT_BITS = 128
_FEW_ITERATIONS = 100_000
"""A bound of our own, for advice only: cryptsetup measures the machine, and makes it several times
this in a fifth of a second on one of 2024."""


@dataclass(frozen=True, slots=True)
class _Mapping:
    """A line of ``dmsetup table --target crypt``; ``bits`` is the length of its key."""

    name: str
    cipher: str
    bits: int | None


def _mappings(captures: Captures) -> tuple[_Mapping, ...]:
    """The mappings that encrypt, with the length of the key; never the key."""
    answer = captures.answered("dm_crypt")
    if answer is None or not _asked(captures):
        return ()
    lines = (_CRYPT_LINE.match(line) for line in answer.stdout.splitlines())
    return tuple(
        _Mapping(line["name"], line["cipher"], _bits(line["key"]))
        for line in lines
        if line is not None
    )


def _bits(key: str) -> int | None:
    kept = _IN_KEYRING.match(key)
    if kept is not None:
        return int(kept[1]) * 8
    return len(key) * 4 if key and not key.strip("0") else None


def _strengths(mappings: Sequence[_Mapping], stack: Stack) -> tuple[str, ...]:
    """``name: LUKS2, aes-xts-plain64, 512 bits``, as far as it is known.

    How a slot hardens its password (PBKDF2, Argon2) stands in the header, which only root may read,
    and only by a command that names the device: no fixed command can ask for it. LUKS1 knows PBKDF2
    alone.
    """
    kinds = stack.header_kinds()
    known = {mapping.name: mapping for mapping in mappings}
    told = []
    for name in sorted({*kinds, *known}):
        mapping = known.get(name)
        parts = [kinds.get(name, "")]
        if mapping is not None:
            parts += [mapping.cipher, "" if mapping.bits is None else f"{mapping.bits} bits"]
        told.append(f"{name}: {', '.join(part for part in parts if part)}")
    return tuple(told)


def _asked(captures: Captures) -> bool:
    answer = captures.answered("dm_crypt")
    return answer is not None and answer.exit_status == 0


def _unmounted(captures: Captures, system: System) -> tuple[str, ...]:
    """Plain file systems that lsblk knows and nothing has mounted: data may lie there too."""
    answer = captures.answered("lsblk")
    if answer is None or answer.exit_status != 0:
        return ()
    try:
        devices = json.loads(answer.stdout)["blockdevices"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ()
    mounted = {mount.device for mount in system.mounts} | {
        system.blocks[name].device
        for members in system.btrfs
        for name in members
        if name in system.blocks
    }
    found: list[str] = []
    waiting: list[Any] = list(devices) if isinstance(devices, list) else []
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict) or node.get("type") in ("crypt", "loop", "rom"):
            continue  # beneath "crypt" nothing is plain
        children = node.get("children")
        waiting.extend(children if isinstance(children, list) else [])
        block = system.blocks.get(str(node.get("kname") or node.get("name")))
        # util-linux 2.37 and later may answer with a list, "mountpoints"
        points = node.get("mountpoints") or [node.get("mountpoint")]
        if (
            node.get("fstype") in _DISK_KINDS - {"vfat", "zfs"}
            and block is not None
            and block.device not in mounted
            and not any(points)
        ):
            found.append(f"/dev/{block.name}")
    return tuple(sorted(found))

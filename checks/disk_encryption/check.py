"""Does every volume that holds data stand on encryption?

sysfs shows what each volume stands on, without rights and without lsblk. A plain volume inside a
virtual machine is a special case: its disk may be encrypted by the host or the storage below,
which no guest can see. The promise is then not *shown*, but not *broken* either: ``unknown``,
with the way to show it (the provider's word). Where the guest does encrypt some of its volumes,
its owner has chosen to encrypt inside the guest, and a volume left plain is what it looks like:
``fail``. A container sees its host's disks: never judged here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assessor.api import (
    Captures,
    Check,
    Fact,
    Judgement,
    Message,
    NotCaptured,
    Parameters,
    failed,
    not_observed,
    passed,
    unknown,
)

from .stack import Shield, Stack
from .system import Mount, System, read

MEASURE = "disk-encryption"
EXPECTED: Mapping[str, Fact] = {"volumes": "encrypted", "swap": "encrypted"}

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
_OLD_MODES = ("-cbc-", "-ecb")


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume that may hold data, or swap."""

    name: str
    shield: Shield
    swap: bool = False


@dataclass(frozen=True, slots=True)
class Observed:
    """What the probes say.

    Attributes:
        missing: why the script gave nothing usable; ``None`` when it did.
        absent: data volumes that the inventory names and that are not mounted.
        elsewhere: data volumes that lie on another machine.
        keys_in_reach: mappings whose key lies on a plain volume.
        automatic: mappings that open without a person.
        ciphers: the cipher of each mapping, where it may be asked.
        unmounted: plain file systems that are not mounted.
        untold: mappings in sysfs that dmsetup, although it answered, does not name.
    """

    missing: NotCaptured | None
    complete: bool
    volumes: tuple[Volume, ...] = ()
    swaps_known: bool = False
    absent: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    keys_in_reach: tuple[str, ...] = ()
    automatic: tuple[str, ...] = ()
    ciphers: Mapping[str, str] = field(default_factory=dict)
    unmounted: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    fscrypt: tuple[str, ...] = ()
    virtual: str = ""
    container: str = ""


# -- observe -------------------------------------------------------------------------------------


def observe(captures: Captures) -> Observed:
    answer = captures.answered("disks")
    if answer is None:
        return Observed(missing=captures.gap("disks"), complete=False)
    system = read(answer.stdout)
    if not system.complete:
        return Observed(missing=None, complete=False)
    ciphers = _ciphers(captures)
    stack = Stack(
        system,
        crypt_names=frozenset(ciphers),
        null_names=frozenset(n for n, cipher in ciphers.items() if "cipher_null" in cipher),
    )
    named = _data_volumes(captures)
    points = {mount.point: mount for mount in system.mounts}
    return Observed(
        missing=None,
        complete=True,
        volumes=tuple(_volumes(system, stack, named)),
        swaps_known=system.swaps_known,
        absent=tuple(name for name in named if name not in points),
        elsewhere=tuple(
            name
            for name in named
            if name in points and points[name].kind.startswith(_NETWORK_KINDS)
        ),
        keys_in_reach=tuple(_keys_in_reach(system, stack)),
        automatic=tuple(
            key.name
            for key in system.keys
            if key.name in stack.mapping_names() and re.search(r"tpm2-device|tang", key.options)
        ),
        ciphers=ciphers,
        unmounted=_unmounted(captures, system),
        untold=tuple(sorted(stack.encrypting() - set(ciphers))) if _asked(captures) else (),
        fscrypt=system.fscrypt,
        virtual=system.virtual,
        container=system.container,
    )


def _data_volumes(captures: Captures) -> tuple[str, ...]:
    value = captures.target.options.get("data_volumes", ())
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple):
        return ()
    return tuple("/" + str(item).strip("/") for item in listed)


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
    """Mappings in use whose key file lies on a plain volume of this host, beside the lock."""
    found: list[str] = []
    for entry in system.keys:
        key = entry.key
        if key in _NO_KEY_FILES or not key.startswith("/") or ":" in key:
            continue  # asked for, random, or on a device that is named apart
        holder = stack.mount_of(key)
        in_use = entry.name in stack.mapping_names()
        if in_use and holder is not None and stack.of_mount(holder) is Shield.PLAIN:
            found.append(entry.name)
    return found


_CRYPT_LINE = re.compile(r"^(?P<name>.+?): \d+ \d+ crypt (?P<cipher>\S+) ")


def _ciphers(captures: Captures) -> dict[str, str]:
    """The cipher of each mapping in ``dmsetup table --target crypt``; never its key."""
    answer = captures.answered("dm_crypt")
    if answer is None or not _asked(captures):
        return {}
    lines = (_CRYPT_LINE.match(line) for line in answer.stdout.splitlines())
    return {line["name"]: line["cipher"] for line in lines if line is not None}


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


# -- evaluate ------------------------------------------------------------------------------------


def evaluate(observed: Observed, parameters: Parameters) -> list[Judgement]:
    return [_judge(observed)]


def _names(volumes: Sequence[Volume]) -> str:
    return ", ".join(volume.name for volume in volumes)


def _judge(observed: Observed) -> Judgement:
    if observed.missing is not None:
        return not_observed(MEASURE, observed.missing)
    if not observed.complete:
        return unknown(MEASURE, "answer_cut_off", expected=EXPECTED)
    seen = _seen(observed)
    if observed.container:
        return unknown(
            MEASURE, "container", {"kind": observed.container}, expected=EXPECTED, observed=seen
        )
    return _plain(observed, seen) or _unseen(observed, seen) or _whole(observed, seen)


def _seen(observed: Observed) -> dict[str, Fact]:
    return {
        "volumes": tuple(
            f"{volume.name}: {volume.shield.value}"
            for volume in observed.volumes
            if not volume.swap
        ),
        "swap": tuple(
            f"{volume.name}: {volume.shield.value}" for volume in observed.volumes if volume.swap
        ),
        "ciphers": tuple(f"{name}: {cipher}" for name, cipher in observed.ciphers.items()),
        "virtual_machine": observed.virtual,
    }


def _plain(observed: Observed, seen: Mapping[str, Fact]) -> Judgement | None:
    """What is plain for sure; see the module's docstring for virtual machines."""
    plain = [volume for volume in observed.volumes if volume.shield is Shield.PLAIN]
    encrypted = [volume for volume in observed.volumes if volume.shield is Shield.ENCRYPTED]
    advice = [Message("fscrypt_seen", {"volumes": ", ".join(observed.fscrypt)})]
    if plain and observed.virtual and not encrypted:
        return unknown(
            MEASURE,
            "plain_in_guest",
            {"volumes": _names(plain)},
            expected=EXPECTED,
            observed=seen,
            advice=tuple(advice if observed.fscrypt else ()),
        )
    if plain:
        only_swap = all(volume.swap for volume in plain)
        return failed(
            MEASURE,
            "plain_swap" if only_swap else "plain_volumes",
            {"volumes": _names(plain), "encrypted": _names(encrypted) or "-"},
            expected=EXPECTED,
            observed=seen,
            advice=tuple(advice if observed.fscrypt else ()),
        )
    if observed.keys_in_reach:
        return failed(
            MEASURE,
            "key_beside_lock",
            {"volumes": ", ".join(observed.keys_in_reach)},
            expected=EXPECTED,
            observed=seen,
        )
    return None


def _unseen(observed: Observed, seen: Mapping[str, Fact]) -> Judgement | None:
    """What keeps the volumes that are seen from being all there is to see."""
    message, facts = "", {}
    unseen = [volume for volume in observed.volumes if volume.shield is Shield.UNSEEN]
    stored = [volume for volume in observed.volumes if volume.shield is Shield.ENCRYPTED]
    if observed.absent:
        message, facts = "not_mounted", {"volumes": ", ".join(observed.absent)}
    elif observed.elsewhere:
        message, facts = "on_another_machine", {"volumes": ", ".join(observed.elsewhere)}
    elif unseen:
        message, facts = "not_seen", {"volumes": _names(unseen)}
    elif observed.untold:
        message, facts = "answers_differ", {"volumes": ", ".join(observed.untold)}
    elif not observed.swaps_known:
        message = "swap_not_seen"
    elif not stored:
        # a system in memory alone, or an answer without any file system
        message = "no_volumes"
    return unknown(MEASURE, message, facts, expected=EXPECTED, observed=seen) if message else None


def _whole(observed: Observed, seen: Mapping[str, Fact]) -> Judgement:
    advice: list[Message] = []
    old = [
        f"{name} ({cipher})"
        for name, cipher in observed.ciphers.items()
        if any(mode in cipher for mode in _OLD_MODES)
    ]
    for message, names in (
        ("old_cipher", old),
        ("opens_by_itself", list(observed.automatic)),
        ("unmounted_plain", list(observed.unmounted)),
    ):
        if names:
            advice.append(Message(message, {"volumes": ", ".join(names)}))
    stored = [volume for volume in observed.volumes if volume.shield is Shield.ENCRYPTED]
    return passed(
        MEASURE,
        "all_encrypted",
        {"volumes": _names(stored)},
        expected=EXPECTED,
        observed=seen,
        advice=tuple(advice),
    )


CHECK = Check(observe=observe, evaluate=evaluate)

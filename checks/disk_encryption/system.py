"""Reads what ``linux_disks.sh`` says: mounts, swap, block devices and what they stand on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted file system; ``device`` is ``major:minor``."""

    device: str
    kind: str
    point: str
    source: str


@dataclass(frozen=True, slots=True)
class Swap:
    """Swap space: a ``partition`` or a ``file``, by path."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Block:
    """A block device.

    Attributes:
        parent: the disk that it is a partition of, or empty.
        members: the devices that it is put together from (LVM, RAID, dm-crypt).
        uuid: device-mapper's identifier, which begins with the kind of mapping.
        label: device-mapper's name.
        backing: where zram writes back to.
        file: the file behind a loop device.
    """

    name: str
    device: str
    parent: str = ""
    members: tuple[str, ...] = ()
    uuid: str = ""
    label: str = ""
    backing: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A line of ``/etc/crypttab``: which mapping is opened, and with what."""

    name: str
    key: str
    options: str


@dataclass(frozen=True, slots=True)
class System:
    """The whole answer; ``complete`` is false when its end is missing.

    Attributes:
        datasets: how each ZFS dataset is encrypted.
        dataset_keys: the file with the key of a dataset, where its key lies in one.
        locked_datasets: datasets whose key is not loaded now.
        zvols: the dataset behind a block device of ZFS (``zd0``).
        initramfs_keys: key files, by name or pattern, that are copied to the boot loader's reach.
        folders: folders that the file system encrypts by themselves.
    """

    complete: bool
    mounts: tuple[Mount, ...] = ()
    swaps: tuple[Swap, ...] = ()
    swaps_known: bool = False
    blocks: Mapping[str, Block] = field(default_factory=dict)
    btrfs: tuple[tuple[str, ...], ...] = ()
    datasets: Mapping[str, str] = field(default_factory=dict)
    pools: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keys: tuple[KeyEntry, ...] = ()
    dataset_keys: Mapping[str, str] = field(default_factory=dict)
    locked_datasets: frozenset[str] = frozenset()
    zvols: Mapping[str, str] = field(default_factory=dict)
    initramfs_keys: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    fscrypt: tuple[str, ...] = ()
    virtual: str = ""
    container: str = ""


_CONTAINERS = frozenset(
    {
        "docker", "podman", "lxc", "lxc-libvirt", "systemd-nspawn", "openvz", "rkt", "wsl",
        "proot", "pouch", "container-other",
    }
)  # fmt: skip


def read(text: str) -> System:
    """Reads the answer of ``linux_disks.sh``."""
    lines = text.splitlines()
    if not lines or lines[-1] != "end":
        return System(complete=False)
    facts: dict[str, list[str]] = {}
    for line in lines:
        kind, _, rest = line.partition(" ")
        facts.setdefault(kind, []).append(rest)
    blocks = [found for rest in facts.get("block", []) if (found := _block(rest)) is not None]
    virtual = next((rest.strip() for rest in facts.get("virt", [])), "")
    container = next(iter(facts.get("container", [])), "")
    if virtual in _CONTAINERS:
        virtual, container = "", container or virtual
    return System(
        complete=True,
        mounts=tuple(m for rest in facts.get("mount", []) if (m := _mount(rest)) is not None),
        swaps=tuple(Swap(*rest.split(" ", 1)) for rest in facts.get("swap", []) if " " in rest),
        swaps_known="readable" in facts.get("swaps", []),
        blocks={found.name: found for found in blocks},
        btrfs=tuple(tuple(rest.split(",")) for rest in facts.get("btrfs", [])),
        datasets=_datasets(facts.get("zfs", [])),
        pools=_pools(facts.get("zpool", [])),
        keys=tuple(k for rest in facts.get("crypttab", []) if (k := _key(rest)) is not None),
        dataset_keys=dict(_two_words(facts.get("zfs-key", []))),
        locked_datasets=frozenset(
            name
            for state, name in _two_words(facts.get("zfs-keystatus", []))
            if state == "unavailable"
        ),
        zvols=dict(_two_words(facts.get("zvol", []))),
        initramfs_keys=tuple(facts.get("initramfs-key", [])),
        folders=tuple(facts.get("folder", [])),
        fscrypt=tuple(facts.get("fscrypt", [])),
        virtual="" if virtual == "none" else virtual,
        container=container,
    )


def _plain(text: str) -> str:
    """A path without the octal escapes that the kernel writes for blanks and backslashes."""
    for escape, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(escape, character)
    return text


def _mount(rest: str) -> Mount | None:
    words = rest.split(" ")
    if len(words) < 4:
        return None
    return Mount(words[0], words[1], _plain(words[2]), _plain(words[3]))


def _block(rest: str) -> Block | None:
    head, marker, file = rest.partition(" file=")
    words = head.split(" ")
    if not marker or len(words) < 2:
        return None
    named = {key: "" if value == "-" else value for key, _, value in _pairs(words[2:])}
    return Block(
        name=words[0],
        device=words[1],
        parent=named.get("parent", ""),
        members=tuple(member for member in named.get("members", "").split(",") if member),
        uuid=named.get("uuid", ""),
        label=named.get("name", ""),
        backing="" if named.get("backing") == "none" else named.get("backing", ""),
        file="" if file == "-" else file,
    )


def _pairs(words: Iterable[str]) -> Iterable[tuple[str, str, str]]:
    return (word.partition("=") for word in words)


def _datasets(lines: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        value, _, name = line.partition(" ")
        found[name] = value
    return found


def _two_words(lines: Iterable[str]) -> list[tuple[str, str]]:
    parts = (line.partition(" ") for line in lines)
    return [(first, rest) for first, space, rest in parts if space]


def _pools(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The devices of every pool in ``zpool list -v -H -P``: members stand behind a tab."""
    pools: dict[str, tuple[str, ...]] = {}
    pool = ""
    for line in lines:
        first = line.strip().split("\t")[0]
        if not line.startswith("\t"):
            pool = first
            pools[pool] = ()
        elif pool and first.startswith("/"):
            pools[pool] = (*pools[pool], first)
    return pools


def _key(rest: str) -> KeyEntry | None:
    words = rest.split(" ")
    return KeyEntry(words[0], words[2], words[3]) if len(words) >= 4 else None

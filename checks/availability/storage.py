"""Follows each file system down to the disks that it stands on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from assessor.api import values

from .arrays import Array, read_btrfs, read_md, read_zpools

_BEHIND_CONTROLLER = re.compile(
    r"PERC|MegaRAID|MR[0-9]{3}|LOGICAL VOLUME|ServeRAID|Adaptec|RAID", re.IGNORECASE
)
_DEPTH = 20
"""Layers of storage after which a description is taken for a circle."""
_VIRTUAL_NODES = ("vd", "xvd", "rbd", "drbd")
"""Disks that a virtual machine's host or the network provides."""
_VIRTUAL = re.compile(r"QEMU|VMware|VBOX|Virtual|Msft|Google|Amazon|Xen", re.IGNORECASE)


class Standing(StrEnum):
    """What a file system stands on, from good to bad."""

    REDUNDANT = "redundant"
    CONTROLLER = "controller"
    ELSEWHERE = "elsewhere"
    UNSEEN = "unseen"
    SINGLE = "single"


@dataclass(frozen=True, slots=True)
class Block:
    """A disk, partition, array or mapping.

    Attributes:
        kind: the maker of a disk, or the kind of a mapping (``dm-LVM``).
        title: the model of a disk, or the name of a mapping.
        below: what it is made of.
    """

    node: str
    kind: str
    title: str
    below: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Storage:
    """All storage of a machine.

    Attributes:
        arrays: the sets of disks, whether used or not.
        standing: each mounted file system and what it stands on.
        disks: the machine's own disks.
    """

    arrays: tuple[Array, ...]
    standing: Mapping[str, Standing]
    disks: tuple[str, ...]


def read_storage(lines: Sequence[str], *, virtual: bool) -> Storage:
    """The storage that the lines of the script describe."""
    blocks, numbers = _blocks(lines)
    mds = {array.name: array for array in read_md(values(lines, "md"))}
    pools = {array.name: array for array in read_zpools(values(lines, "zpool"))}
    btrfs = {
        array.name: array
        for array in read_btrfs(values(lines, "btrfs"), values(lines, "btrfs_missing"))
    }
    owners: dict[str, str] = {}
    for line in values(lines, "btrfs_device"):
        uuid, _, node = line.partition(" ")
        owners[node] = uuid
    beneath = _Beneath(blocks, mds, virtual=virtual, controller=bool(values(lines, "controller")))
    standing: dict[str, Standing] = {}
    for line in values(lines, "mount"):
        words = line.split(" ", 3)
        if len(words) != 4 or words[3] == "/boot" or words[3].startswith("/boot/"):
            continue
        number, kind, source, path = words
        if kind == "zfs":
            pool = pools.get(source.partition("/")[0])
            found = _of_array(pool)
        elif kind == "btrfs":
            node = _node(source, blocks)
            own = btrfs.get(owners.get(node, ""))
            nodes = [name for name, uuid in owners.items() if uuid == owners.get(node)]
            redundant = own is not None and own.redundant
            found = Standing.REDUNDANT if redundant else beneath.all_of(nodes)
        else:
            found = beneath.all_of([numbers.get(number, "")])
        standing[path] = found
    return Storage(
        arrays=(*mds.values(), *pools.values(), *btrfs.values()),
        standing=standing,
        disks=tuple(block.node for block in blocks.values() if _is_disk(block)),
    )


def _of_array(array: Array | None) -> Standing:
    if array is None:
        return Standing.UNSEEN
    return Standing.REDUNDANT if array.redundant else Standing.SINGLE


def _is_disk(block: Block) -> bool:
    return not block.below and not block.node.startswith(("md", "dm-"))


def _blocks(lines: Sequence[str]) -> tuple[dict[str, Block], dict[str, str]]:
    """The blocks by their node, and the nodes by their number (``8:1``)."""
    below: dict[str, list[str]] = {}
    for line in values(lines, "slave"):
        node, _, slave = line.partition(" ")
        below.setdefault(node, []).append(slave)
    blocks, numbers = {}, {}
    for line in values(lines, "part"):
        words = line.split(" ")
        if len(words) == 3:
            numbers[words[0]] = words[1]
            blocks[words[1]] = Block(words[1], "part", "", (words[2],))
    for line in values(lines, "block"):
        words = line.split(" ", 3)
        if len(words) == 4:
            number, node, kind, title = words
            numbers[number] = node
            blocks[node] = Block(node, kind, title, tuple(below.get(node, ())))
    return blocks, numbers


def _node(source: str, blocks: Mapping[str, Block]) -> str:
    """The kernel's name for ``/dev/sda2`` or ``/dev/mapper/NAME``."""
    name = source.rpartition("/")[2]
    if name in blocks:
        return name
    return next((block.node for block in blocks.values() if block.title == name), name)


class _Beneath:
    """Walks from a block down to the disks."""

    def __init__(
        self,
        blocks: Mapping[str, Block],
        arrays: Mapping[str, Array],
        *,
        virtual: bool,
        controller: bool,
    ) -> None:
        self._blocks = blocks
        self._arrays = arrays
        self._virtual = virtual
        self._controller = controller

    def all_of(self, nodes: Sequence[str], depth: int = 0) -> Standing:
        """What the worst of ``nodes`` stands on: a volume over several needs each of them."""
        found = [self._of(node, depth) for node in nodes] or [Standing.UNSEEN]
        return max(found, key=list(Standing).index)

    def _of(self, node: str, depth: int) -> Standing:
        block = self._blocks.get(node)
        if block is None or depth > _DEPTH:
            return Standing.UNSEEN
        array = self._arrays.get(node)
        if array is not None and array.redundant and len(self._disks(node, depth)) > 1:
            # Two partitions of one disk are lost together.
            return Standing.REDUNDANT
        if block.kind == "dm-mpath":
            return Standing.ELSEWHERE
        if any(re.search(r"_rimage_[0-9]+$", title) for title in self._titles(block)):
            # A mirror of LVM: whether it is whole, only root may ask (lvs).
            return Standing.UNSEEN
        if block.below:
            return self.all_of(block.below, depth + 1)
        return self._of_disk(block)

    def _disks(self, node: str, depth: int) -> set[str]:
        """The disks beneath ``node``."""
        block = self._blocks.get(node)
        if block is None or depth > _DEPTH:
            return set()
        if not block.below:
            return {node}
        return {disk for name in block.below for disk in self._disks(name, depth + 1)}

    def _titles(self, block: Block) -> Iterator[str]:
        for name in block.below:
            below = self._blocks.get(name)
            if below is not None:
                yield below.title

    def _of_disk(self, block: Block) -> Standing:
        maker = f"{block.kind} {block.title}"
        if self._virtual or block.node.startswith(_VIRTUAL_NODES) or _VIRTUAL.search(maker):
            return Standing.ELSEWHERE
        if self._controller and not block.node.startswith("nvme"):
            return Standing.CONTROLLER
        if _BEHIND_CONTROLLER.search(block.title):
            return Standing.CONTROLLER
        return Standing.SINGLE

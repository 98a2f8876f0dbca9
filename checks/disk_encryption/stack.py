"""What lies beneath a volume: is every path down to the disks encrypted?"""

from __future__ import annotations

from dataclasses import dataclass, field

from .system import Block, Mount, System
from .volumes import Shield, weakest

# device-mapper uuids of mappings that encrypt (cryptsetup, lib/libdevmapper.c: "CRYPT-", the type,
# the volume's uuid and the name). CRYPT-VERITY and CRYPT-INTEGRITY only check, they do not hide;
# lsblk calls those "crypt" all the same.
_ENCRYPTING = tuple(
    f"CRYPT-{kind}-"
    for kind in ("LUKS1", "LUKS2", "PLAIN", "LOOPAES", "TCRYPT", "BITLK", "FVAULT2")
)
ENCRYPTED_KINDS = frozenset(
    {"ecryptfs", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs", "fuse.securefs", "fuse.veracrypt"}
)
# their lower device is not in sysfs, or on another host
_UNSEEN_BLOCKS = ("zd", "nbd", "rbd", "drbd", "bcache", "ublk")
_DEEPEST = 32


@dataclass(frozen=True, slots=True)
class Stack:
    """Follows volumes down to the disks.

    Attributes:
        crypt_names: mappings that ``dmsetup table --target crypt`` names (VeraCrypt's own have no
            telling uuid).
        null_names: mappings whose cipher is no cipher.
    """

    system: System
    crypt_names: frozenset[str] = frozenset()
    null_names: frozenset[str] = frozenset()
    _by_device: dict[str, Block] = field(init=False)
    _known: dict[str, Shield] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        by_device = {block.device: block for block in self.system.blocks.values()}
        object.__setattr__(self, "_by_device", by_device)

    def mount_of(self, path: str) -> Mount | None:
        """The file system that holds ``path``: the deepest, and of equal ones the last mounted."""
        holding = [
            mount
            for mount in self.system.mounts
            if path == mount.point or path.startswith(mount.point.rstrip("/") + "/")
        ]
        return max(
            enumerate(holding), key=lambda item: (len(item[1].point), item[0]), default=(0, None)
        )[1]

    def of_mount(self, mount: Mount, depth: int = 0) -> Shield:
        """The shield of a mounted file system."""
        if mount.kind in ENCRYPTED_KINDS:
            return Shield.ENCRYPTED
        if mount.kind in ("tmpfs", "ramfs", "rootfs"):
            return Shield.MEMORY
        if mount.kind == "zfs":
            return self._of_dataset(mount.source, depth)
        block = self._by_device.get(mount.device)
        if block is None:
            return self.of_path(mount.source, depth)
        return self._of_spread(block, depth)

    def of_swap(self, kind: str, path: str) -> Shield:
        """The shield of a swap partition or file."""
        if kind == "partition":
            return self.of_path(path)
        return self.of_file(path)

    def of_path(self, path: str, depth: int = 0) -> Shield:
        """The shield of a device by its path below ``/dev``."""
        block = self.block_at(path)
        return self._of_spread(block, depth) if block is not None else Shield.UNSEEN

    def block_at(self, path: str) -> Block | None:
        """The device at ``/dev/sda1``, ``/dev/dm-0``, ``/dev/mapper/name`` or ``/dev/vg/lv``."""
        name = path.removeprefix("/dev/")
        block = self.system.blocks.get(name.replace("/", "!"))
        group, slash, rest = name.partition("/")
        if block is not None or not slash:
            return block
        # LVM doubles the hyphens within its own two names
        label = rest
        if group != "mapper":
            label = f"{group.replace('-', '--')}-{rest.replace('-', '--')}"
        return next((found for found in self.system.blocks.values() if found.label == label), None)

    def of_file(self, path: str) -> Shield:
        """The shield of the file system that holds a file or folder."""
        holder = self.mount_of(path)
        return self.of_mount(holder) if holder is not None else Shield.UNSEEN

    def header_kinds(self) -> dict[str, str]:
        """The kind of header (``LUKS2``) of each mapping that encrypts, by the mapping's name."""
        return {
            block.label: block.uuid.split("-")[1]
            for block in self.system.blocks.values()
            if block.label and block.uuid.startswith(_ENCRYPTING)
        }

    def mapping_names(self) -> frozenset[str]:
        """The names of all device-mapper devices that exist now."""
        return frozenset(block.label for block in self.system.blocks.values() if block.label)

    def _of_spread(self, block: Block, depth: int) -> Shield:
        """Of a device, and of all devices that share a btrfs with it."""
        for members in self.system.btrfs:
            if block.name in members:
                return weakest(self._of_name(name, depth + 1) for name in members)
        return self._of_block(block, depth)

    def _of_name(self, name: str, depth: int) -> Shield:
        block = self.system.blocks.get(name)
        return self._of_block(block, depth) if block is not None else Shield.UNSEEN

    def _of_block(self, block: Block, depth: int) -> Shield:
        """Each device is followed once; one that stands on itself is met as unseen."""
        if block.name not in self._known:
            self._known[block.name] = Shield.UNSEEN
            if depth <= _DEEPEST:
                self._known[block.name] = self._follow(block, depth)
        return self._known[block.name]

    def _follow(self, block: Block, depth: int) -> Shield:
        if block.label and block.label in self.null_names:
            return Shield.PLAIN
        if block.uuid.startswith(_ENCRYPTING) or (block.label and block.label in self.crypt_names):
            return Shield.ENCRYPTED
        if block.members:
            return weakest(self._of_name(name, depth + 1) for name in block.members)
        if block.parent:
            return self._of_name(block.parent, depth + 1)
        if block.file:
            holder = self.mount_of(block.file)
            return self.of_mount(holder, depth + 1) if holder is not None else Shield.UNSEEN
        if block.name.startswith("zram"):
            return self.of_path(block.backing, depth + 1) if block.backing else Shield.MEMORY
        whole = self.system.blocks.get(block.parent, block).name
        if whole in self.system.zvols:
            return self._of_dataset(self.system.zvols[whole], depth)
        if block.name.startswith(_UNSEEN_BLOCKS) or block.uuid:
            # a mapping without members: its table points to something that is not shown
            return Shield.UNSEEN
        return Shield.PLAIN

    def _of_dataset(self, name: str, depth: int) -> Shield:
        value = self.system.datasets.get(name, "")
        if value not in ("", "off", "-"):
            return Shield.ENCRYPTED
        devices = self.system.pools.get(name.split("/")[0], ())
        if not devices or not value:
            return Shield.UNSEEN
        return weakest(self.of_path(device, depth + 1) for device in devices)

"""What machine this Windows is, and what other makers' programs may encrypt its disks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessor.api import CimAnswer, UnparsedError, read_registry


@dataclass(frozen=True, slots=True)
class Others:
    """Encryption by other makers, and the edition.

    Attributes:
        whole_disk: products that may encrypt a volume without BitLocker knowing.
        mounting: products that may have put volumes in place that BitLocker does not list.
    """

    whole_disk: tuple[str, ...] = ()
    mounting: tuple[str, ...] = ()
    edition: str = ""


_MACHINES: tuple[tuple[str, str, str], ...] = (
    ("microsoft corporation", "virtual machine", "Hyper-V"),
    ("vmware", "", "VMware"),
    ("innotek", "", "VirtualBox"),
    ("", "virtualbox", "VirtualBox"),
    ("qemu", "", "QEMU"),
    ("", "kvm", "KVM"),
    ("xen", "", "Xen"),
    ("", "hvm domu", "Xen"),
    ("parallels", "", "Parallels"),
    ("amazon ec2", "", "Amazon EC2"),
    ("google", "google compute engine", "Google Compute Engine"),
    ("openstack", "", "OpenStack"),
    ("", "openstack", "OpenStack"),
    ("nutanix", "ahv", "Nutanix"),
    ("hetzner", "vserver", "Hetzner"),
    ("digitalocean", "droplet", "DigitalOcean"),
)
"""Beginnings of the maker and parts of the model, by which virtual machines call themselves. That a
hypervisor is present does not tell: it is on real machines too, where Windows isolates its core."""


def read_virtual(answer: CimAnswer) -> str:
    """The kind of virtual machine that this is; empty for a real machine."""
    if len(answer.rows) != 1:
        raise UnparsedError("Win32_ComputerSystem")
    (row,) = answer.rows
    maker = (row.optional_text("Manufacturer") or "").lower()
    model = (row.optional_text("Model") or "").lower()
    if model.endswith(".metal"):
        return ""  # Amazon's real machines
    for begins, holds, name in _MACHINES:
        if maker.startswith(begins) and holds in model:
            return name
    return ""


_SERVICES = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\"
_DRIVERS: Mapping[str, str] = {
    "MfeEpePc": "Trellix (McAfee) Drive Encryption",
    "PGPwded": "Symantec Endpoint Encryption",
    "SGDisk": "Sophos SafeGuard",
    "SGDisx": "Sophos SafeGuard",
}
"""Drivers by which products encrypt whole disks."""
_PROGRAMS = (
    "full disk encryption",
    "drive encryption",
    "endpoint encryption",
    "deslock",
    "safeguard",
    "securedoc",
    "diskcryptor",
    "bestcrypt",
)
"""Words in the names of programs that encrypt whole disks by themselves. Sophos Device Encryption
and others that only manage BitLocker are not meant: of those, BitLocker itself tells."""
_UNINSTALL = (
    "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\*",
    "HKLM\\SOFTWARE\\WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\*",
)
_STARTED = (0, 1, 2)
_AT_BOOT = 0


def read_others(text: str) -> Others:
    """Encryption by other makers.

    The driver of VeraCrypt starts at boot (0) only where it encrypts the disk that Windows runs
    from (SERVICE_BOOT_START in its BootEncryption); else it mounts containers and other volumes.
    """
    registry = read_registry(text)
    whole: list[str] = []
    veracrypt = registry.number(_SERVICES + "veracrypt", "Start")
    if veracrypt == _AT_BOOT:
        whole.append("VeraCrypt")
    for driver, product in _DRIVERS.items():
        if registry.number(_SERVICES + driver, "Start") in _STARTED:
            whole.append(product)
    for path in _UNINSTALL:
        for key in registry.keys(path):
            name = key.text("DisplayName") or ""
            if any(word in name.lower() for word in _PROGRAMS):
                whole.append(name)
    mounting = whole if veracrypt is None else [*whole, "VeraCrypt"]
    edition = registry.text("HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion", "EditionID")
    return Others(tuple(dict.fromkeys(whole)), tuple(dict.fromkeys(mounting)), edition or "")

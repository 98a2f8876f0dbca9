"""Reads what Windows is told to do with what is plugged in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from assessor.api import CimAnswer, Registry, RegistryKey, UnparsedError, read_cim, read_registry

_SERVICES = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\"
_STORAGE = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\RemovableStorageDevices"
_INSTALL = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\DeviceInstall\\Restrictions"
_USERS = "HKU\\*\\SOFTWARE\\Policies\\Microsoft\\Windows\\RemovableStorageDevices"
_DEFENDER = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Defender\\"
_MANAGED = "HKLM\\SOFTWARE\\Microsoft\\PolicyManager\\current\\device\\"
_DISABLED = 4
"""Start type SERVICE_DISABLED."""
_REMOVABLE_DISKS = "{53f5630d-b6bf-11d0-94f2-00a0c91efb8b}"
_PHONES = ("{6ac27878-a6fa-4155-ba85-f98f491d4f33}", "{f33fdc04-d1ac-4e8e-9a30-19bbd4b108ae}")
"""Classes of RemovableStorage.admx: removable disks, and the two of portable devices (WPD)."""
_STORAGE_CLASSES = frozenset(
    {
        "{4d36e967-e325-11ce-bfc1-08002be10318}",  # DiskDrive
        "{71a27cdd-812a-11d0-bec7-08002be2092f}",  # Volume
        "{36fc9e60-c465-11cf-8056-444553540000}",  # USB
    }
)
"""Setup classes that a USB stick passes through."""
_STORAGE_IDS = ("usb\\class_08", "usbstor\\gendisk", "gendisk")
"""Identifiers that every USB stick bears: mass storage, and the disk in it."""


class Access(IntEnum):
    """What may be done with removable disks; the lower, the less."""

    NONE = 0
    READ = 1
    ALL = 2


@dataclass(frozen=True, slots=True)
class Restrictions:
    """Which new devices may be installed.

    Attributes:
        listed_only: nothing is installed but what is on a list of allowed devices.
        removable: nothing is installed that can be taken out.
        storage: USB storage is on a list of refused devices.
        retroactive: what was installed before is refused as well.
        wide: entries among the allowed that let in any stick.
        admins: administrators may install whatever they like.
    """

    listed_only: bool
    removable: bool
    storage: bool
    retroactive: bool
    wide: tuple[str, ...]
    admins: bool

    @property
    def refuse(self) -> bool:
        """Whether a stick that nobody allowed is refused."""
        return self.listed_only or self.removable or self.storage


@dataclass(frozen=True, slots=True)
class Policies:
    """What the machine is told.

    Attributes:
        driver_off: the driver for USB storage is disabled.
        fast_driver_off: so is the one for fast USB disks (UAS).
        access: what the policies leave of the access to removable disks.
        phones: what they leave of phones and cameras.
        run_denied: programs on removable disks do not run.
        encrypted_only: only disks with BitLocker can be written to.
        own_only: of those, only the organisation's own.
        restrictions: on installing devices.
        defender: Defender's device control is on by policy, covers sticks, and denies by default.
        managed: management says that no storage cards and USB drives may be used.
        autorun: discs and sticks may start something by themselves.
        dma_open: devices that reach the memory are let in at any moment.
    """

    driver_off: bool
    fast_driver_off: bool
    access: Access
    phones: Access
    run_denied: bool
    encrypted_only: bool
    own_only: bool
    restrictions: Restrictions
    defender: bool
    managed: bool
    autorun: bool
    dma_open: bool


def read_policies(text: str) -> Policies:
    """The machine's policies; what is not there is as Windows is without it: allowed."""
    registry = read_registry(text)
    fve = "HKLM\\SYSTEM\\CurrentControlSet\\Policies\\Microsoft\\FVE"
    explorer = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\Explorer"
    dma = "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\Kernel DMA Protection"
    denied = _set(registry, _STORAGE, "Deny_All")
    classes = registry.keys(_STORAGE + "\\*")
    access = Access.NONE if denied else _access(classes, (_REMOVABLE_DISKS,))
    if _set(registry, _MANAGED + "Storage", "RemovableDiskDenyWriteAccess"):
        access = min(access, Access.READ)
    return Policies(
        driver_off=registry.number(_SERVICES + "USBSTOR", "Start") == _DISABLED,
        fast_driver_off=registry.number(_SERVICES + "UASPStor", "Start") == _DISABLED,
        access=access,
        phones=Access.NONE if denied else _access(classes, _PHONES),
        run_denied=denied
        or any(_on(key, "Deny_Execute") for key in classes if key.name.lower() == _REMOVABLE_DISKS),
        encrypted_only=_set(registry, fve, "RDVDenyWriteAccess"),
        own_only=_set(registry, "HKLM\\SOFTWARE\\Policies\\Microsoft\\FVE", "RDVDenyCrossOrg"),
        restrictions=_restrictions(registry),
        defender=_defender(registry),
        managed=registry.number(_MANAGED + "System", "AllowStorageCard") == 0,
        # Without the policy Windows leaves autorun on for some kinds of drives; 0xFF is all kinds.
        autorun=(registry.number(explorer, "NoDriveTypeAutoRun") or 0) & 0xFF != 0xFF,
        # 0 block all, 1 only after log-in (what Windows does by itself), 2 allow all
        dma_open=registry.number(dma, "DeviceEnumerationPolicy") == 2,
    )


def _on(key: RegistryKey, name: str) -> bool:
    """Whether a policy is enabled; one that is not there, or 0, is not."""
    value = key.number(name)
    if value not in (None, 0, 1):
        raise UnparsedError(f"{key.path}: {name}: {value}")
    return value == 1


def _set(registry: Registry, path: str, name: str) -> bool:
    key = registry.key(path)
    return key is not None and _on(key, name)


def _access(keys: tuple[RegistryKey, ...], classes: tuple[str, ...]) -> Access:
    """What is left of the access to all of ``classes`` together."""
    left = dict.fromkeys(classes, Access.ALL)
    for key in keys:
        name = key.name.lower()
        if name in left and _on(key, "Deny_Write"):
            left[name] = Access.NONE if _on(key, "Deny_Read") else Access.READ
    return max(left.values())


def _restrictions(registry: Registry) -> Restrictions:
    layered = _set(registry, _INSTALL, "AllowDenyLayered")
    ids = _listed(registry, "DenyDeviceIDs", _STORAGE_IDS)
    kinds = _listed(registry, "DenyDeviceClasses", tuple(_STORAGE_CLASSES))
    retroactive = (not ids or _set(registry, _INSTALL, "DenyDeviceIDsRetroactive")) and (
        not kinds or _set(registry, _INSTALL, "DenyDeviceClassesRetroactive")
    )
    removable = _set(registry, _INSTALL, "DenyRemovableDevices")
    # With layers, "not described by other policies" is ignored, and what allows more narrowly wins.
    listed_only = not layered and _set(registry, _INSTALL, "DenyUnspecified")
    wide: tuple[str, ...] = ()
    if listed_only or layered:
        wide = (
            *_listed(registry, "AllowDeviceIDs", _STORAGE_IDS),
            *_listed(registry, "AllowDeviceClasses", tuple(_STORAGE_CLASSES)),
        )
    return Restrictions(
        listed_only=listed_only,
        removable=removable,
        storage=bool(ids or kinds),
        retroactive=bool(ids or kinds) and retroactive,
        # A refusal that is not layered precedes whatever allows.
        wide=wide if layered or not (removable or ids or kinds) else (),
        admins=_set(registry, _INSTALL, "AllowAdminInstall"),
    )


def _listed(registry: Registry, name: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The entries of a list that every stick matches; none where the list is not in force."""
    if not _set(registry, _INSTALL, name):
        return ()
    key = registry.key(f"{_INSTALL}\\{name}")
    if key is None:
        return ()
    entries = [key.text(each) or "" for each in key.names]
    return tuple(entry for entry in entries if entry.lower() in wanted)


def _defender(registry: Registry) -> bool:
    control = _DEFENDER + "Device Control"
    devices = registry.text(control, "SecuredDevicesConfiguration")
    return (
        _set(registry, _DEFENDER + "Features", "DeviceControlEnabled")
        and registry.number(control, "DefaultEnforcement") == 2  # DefaultEnforcementDeny
        and (not devices or "removablemediadevices" in devices.lower())
    )


@dataclass(frozen=True, slots=True)
class People:
    """What the policies of those who are logged in leave them.

    Attributes:
        names: their SIDs.
        restricted: those of them who cannot write to removable disks.
    """

    names: tuple[str, ...]
    restricted: tuple[str, ...]


_ACCOUNTS = ("s-1-5-21-", "s-1-12-1-")
"""Beginnings of the SIDs of people: of Windows and its domains, and of Entra ID."""


def read_people(text: str) -> People:
    """The policies of people; services and the default profile do not plug anything in."""
    registry = read_registry(text)
    denied = {_sid(key) for key in registry.keys(_USERS) if _on(key, "Deny_All")}
    by_person: dict[str, list[RegistryKey]] = {}
    for key in registry.keys(_USERS + "\\*"):
        by_person.setdefault(_sid(key), []).append(key)
    people = tuple(
        sid
        for key in registry.keys("HKU\\*\\Environment")
        if (sid := _sid(key)).lower().startswith(_ACCOUNTS)
    )
    return People(
        people,
        tuple(
            sid
            for sid in people
            if sid in denied
            or _access(tuple(by_person.get(sid, ())), (_REMOVABLE_DISKS,)) < Access.ALL
        ),
    )


def _sid(key: RegistryKey) -> str:
    return key.path.split("\\")[1]


def read_earlier(text: str) -> tuple[str, ...]:
    """The names of USB storage that was plugged in before."""
    registry = read_registry(text)
    above = "HKLM\\SYSTEM\\CurrentControlSet\\Enum\\USBSTOR"
    keys = registry.keys(above + "\\*\\*")
    if (registry.key(above) is None) is bool(keys):
        raise UnparsedError(above)
    named = (key.text("FriendlyName") or key.path.split("\\")[-2] for key in keys)
    return tuple(dict.fromkeys(named))


_PRODUCTS = {
    "ekrn": "ESET",
    "Sophos Device Control Service": "Sophos Device Control",
    "CSFalconService": "CrowdStrike Falcon",
    "SentinelAgent": "SentinelOne",
    "SepMasterService": "Symantec Endpoint Protection",
    "EPSecurityService": "Bitdefender",
}
"""Services of programs that can refuse devices, by settings that cannot be seen from outside."""


def read_products(text: str) -> tuple[str, ...]:
    """The programs that may refuse devices."""
    registry = read_registry(text)
    started = {name: registry.number(_SERVICES + name, "Start") for name in _PRODUCTS}
    return tuple(
        product
        for name, product in _PRODUCTS.items()
        if started[name] is not None and started[name] != _DISABLED
    )


def read_controllers(text: str) -> tuple[str, ...]:
    """The USB controllers."""
    answer = read_cim(text)
    if not answer.there:
        raise UnparsedError("Win32_USBController")
    return tuple(row.text("DeviceID") for row in answer.rows)


def read_device_control(text: str) -> str:
    """What Defender's device control does by default; empty where it is off or there is none."""
    answer: CimAnswer = read_cim(text)
    if len(answer.rows) > 1:
        raise UnparsedError("MSFT_MpComputerStatus")
    for row in answer.rows:
        if not row.has("DeviceControlState"):
            return ""  # Defender of before device control
        state = row.optional_text("DeviceControlState") or ""
        if state not in ("", "Disabled"):
            return row.optional_text("DeviceControlDefaultEnforcement") or "Unknown"
    return ""

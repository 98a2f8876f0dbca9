"""A target: a host, router, site or mail domain of the inventory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a target is for its owner."""

    SERVER = "server"
    WORKSTATION = "workstation"
    ROUTER = "router"
    NAS = "nas"
    SITE = "site"
    MAIL_DOMAIN = "mail-domain"


class Platform(StrEnum):
    """What a target runs; decides which probes of a check fit it."""

    LINUX = "linux"
    MACOS = "macos"
    WINDOWS = "windows"
    NETWORK = "network"
    DEVICE = "device"
    """A router, firewall, access point or NAS: it is asked for its configuration."""


class DeviceOs(StrEnum):
    """What a device runs; decides what it is asked and how its answers are read."""

    ROUTEROS = "routeros"
    VYATTA = "vyatta"
    """Ubiquiti EdgeOS and VyOS, which grew from one."""
    UNIFI = "unifi"
    OPENWRT = "openwrt"
    FORTIOS = "fortios"
    DRAYOS = "drayos"
    IOS = "ios"
    """Cisco IOS and IOS-XE."""
    CISCO_SB = "cisco-sb"
    """Cisco's switches for small businesses."""
    ARUBA = "aruba"
    """HPE ProCurve, ArubaOS-Switch and AOS-CX."""
    ZYXEL = "zyxel"
    OPNSENSE = "opnsense"
    PFSENSE = "pfsense"
    FRITZOS = "fritzos"
    DSM = "dsm"
    """Synology."""
    QTS = "qts"
    """QNAP."""


class TransportKind(StrEnum):
    """How a target is reached."""

    LOCAL = "local"
    SSH = "ssh"
    WINRM = "winrm"
    NETWORK = "network"
    TR064 = "tr-064"
    """SOAP over TLS with digest log-in, as AVM's devices offer it."""
    FILE = "file"
    """A configuration that was exported into a file: nothing is connected to."""


class Privilege(StrEnum):
    """How root's rights are had on a target, or that a probe needs none."""

    NONE = "none"
    SUDO = "sudo"


class SecretPurpose(StrEnum):
    """What a secret opens."""

    PASSWORD = "password"  # noqa: S105 - the name of a purpose, not a password
    KEY_PASSPHRASE = "key_passphrase"  # noqa: S105
    ONE_TIME_CODE = "one_time_code"
    SUDO_PASSWORD = "sudo_password"  # noqa: S105


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Where a secret comes from; never the secret itself.

    Attributes:
        kind: ``env`` (environment variable), ``command`` (its first line of output) or ``ask``
            (asked once on the terminal).
        value: the variable's name or the command's words; empty for ``ask``.
    """

    kind: str
    value: tuple[str, ...] = ()


class WinrmLogin(StrEnum):
    """How one logs in to WinRM."""

    NTLM = "ntlm"
    KERBEROS = "kerberos"
    CERTIFICATE = "certificate"
    BASIC = "basic"

    @property
    def seals(self) -> bool:
        """Whether it agrees on a key by which messages can be encrypted without TLS."""
        return self in {WinrmLogin.NTLM, WinrmLogin.KERBEROS}


@dataclass(frozen=True, slots=True)
class Winrm:
    """How a target that is reached over WinRM is entered.

    Attributes:
        login: the way to log in.
        ca_file: a file with the authority that signed its certificate; empty for the system's own.
        certificate_file: the client's certificate, for log-in by certificate.
        key_file: the key of that certificate.
        over_http: HTTP whose messages NTLM or Kerberos encrypts, instead of HTTPS.
    """

    login: WinrmLogin = WinrmLogin.NTLM
    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""
    over_http: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """One target of the inventory, with all group settings already applied.

    Attributes:
        name: unique in the inventory; names the evidence file, so ``[A-Za-z0-9._-]`` only.
        address: host name or IP address as the transport uses it.
        port: TCP port, or ``None`` for the transport's own default.
        user: log-in name, or ``None`` for the user's own settings.
        jump: jump hosts from near to far, each ``[user@]host[:port]``.
        privilege: whether privileged probes may run, and how.
        identity_files: private keys to offer, as paths.
        known_hosts: known-hosts files besides the user's and the system's own.
        secrets: where this target's secrets come from.
        options: settings of a kind that only some checks know (``data_volumes``, ``server_name``).
        winrm: how it is entered, where the transport is WinRM.
        device: what it runs, where the platform is a device.
        file: the exported configuration, where the transport is a file.
        certificate_sha256: the one certificate that is trusted over TR-064; empty for authorities.
        label: what clients call it, such as ``de webwinkel``: their report shows it in the place
            of the name; may be empty.
        groups: the inventory's groups that it is in, without the one that holds every target.
        site: the client's network in which a worker reaches it; empty where this machine does.
    """

    name: str
    role: Role
    transport: TransportKind
    platform: Platform
    address: str
    port: int | None = None
    user: str | None = None
    jump: tuple[str, ...] = ()
    privilege: Privilege = Privilege.NONE
    identity_files: tuple[str, ...] = ()
    known_hosts: tuple[str, ...] = ()
    secrets: Mapping[SecretPurpose, SecretSource] = field(
        default_factory=lambda: MappingProxyType({})
    )
    tags: tuple[str, ...] = ()
    options: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    winrm: Winrm = Winrm()
    device: DeviceOs | None = None
    file: str = ""
    certificate_sha256: str = ""
    label: str = ""
    groups: tuple[str, ...] = ()
    site: str = ""

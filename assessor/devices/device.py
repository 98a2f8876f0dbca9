"""What a device's configuration says, in words that hold for every maker.

``None`` stands for "the configuration does not tell". An empty tuple stands for "it tells that
there are none". What a parser met and does not know goes into ``Device.unread`` under the topics
that it may be about: a check never passes on a topic that was not read in full.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType


class Topic(StrEnum):
    """What a part of a configuration is about; each check names the topics that it rests on."""

    FIREWALL = "firewall"
    MANAGEMENT = "management"
    ACCOUNTS = "accounts"
    WIFI = "wifi"
    SNMP = "snmp"
    VPN = "vpn"
    LOGGING = "logging"
    TIME = "time"
    SEGMENTS = "segments"
    FIRMWARE = "firmware"
    STORAGE = "storage"
    BACKUP = "backup"


class Strength(StrEnum):
    """The class of a secret that was seen in clear, told by the redaction before it hid it."""

    COMMON = "common"
    """On the list of passwords that everybody tries first, a maker's default among them."""
    UNDER_8 = "under-8"
    FROM_8 = "8-11"
    FROM_12 = "12-19"
    FROM_20 = "20-or-more"

    @property
    def least(self) -> int:
        """The characters of the shortest secret of this class; 0 for one that anybody guesses."""
        found = re.match(r"[0-9]+", self)
        return int(found[0]) if found else 0


class Storage(StrEnum):
    """How a configuration keeps a secret."""

    CLEAR = "clear"
    REVERSIBLE = "reversible"
    """Hidden in a way that anyone can undo, such as Cisco's type 7."""
    ENCRYPTED = "encrypted"
    """With a key that is not in the configuration."""
    WEAK_HASH = "weak-hash"
    """MD5 or less, or without salt."""
    HASH = "hash"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Secret:
    """A password or key, of which only a mark is known.

    Attributes:
        mark: the keyed fingerprint, 16 hexadecimal digits; empty where the export left it out.
        storage: how the configuration keeps it.
        strength: its class; ``None`` unless it stood there in clear.
        stable: the same secret gives the same mark at every export (FortiOS' ``ENC`` does not).
        factory: it is known to be the maker's default.
    """

    mark: str = ""
    storage: Storage = Storage.UNKNOWN
    strength: Strength | None = None
    stable: bool = True
    factory: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may log in to the device.

    Attributes:
        administrator: it may change the configuration; ``None`` where that is not told.
        secret: ``None`` where the configuration says nothing of a password.
        empty: it has no password and needs none.
        keys: how many SSH keys it has.
        second_factor: a second factor is demanded; ``None`` where that is not told.
        sources: addresses from which alone it may log in; empty for any.
    """

    name: str
    enabled: bool = True
    administrator: bool | None = True
    secret: Secret | None = None
    empty: bool = False
    keys: int = 0
    second_factor: bool | None = None
    sources: tuple[str, ...] = ()


class Reach(StrEnum):
    """From where a service can be reached."""

    ANYWHERE = "anywhere"
    """From the internet as well."""
    NAMED = "named"
    """From the internet, but from named addresses only."""
    INSIDE = "inside"
    """From the own networks only."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Service:
    """A way into the device itself: its management, or what it offers to the network.

    Attributes:
        name: ``ssh``, ``telnet``, ``http``, ``https``, ``winbox``, ``api``, ``api-tls``, ``ftp``,
            ``tftp``, ``snmp``, ``upnp``, ``tr-069``, ``mac-telnet``, ``cloud``,
            ``smart-install``, ``dns``, ...
        encrypted: what is said over it cannot be overheard.
        enabled: ``False`` is worth telling where people expect it to be on.
        weak: old protocol versions or algorithms that it still offers, as the device writes them.
    """

    name: str
    enabled: bool = True
    encrypted: bool = True
    reach: Reach = Reach.UNKNOWN
    port: int | None = None
    weak: tuple[str, ...] = ()


class Policy(StrEnum):
    """What happens to traffic from outside that no rule names."""

    DENIED = "denied"
    ALLOWED = "allowed"
    OFF = "off"
    """The family of addresses is not in use on the outer side."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Hole:
    """Traffic from outside that a rule lets in.

    Attributes:
        family: ``ipv4``, ``ipv6``, or ``both``.
        to: the address inside, or ``device`` for the device itself; ``any`` for all.
        service: protocol and ports as people write them: ``tcp/443``, ``udp/1194``, ``any``.
        sources: addresses from which alone; empty for any.
        rule: how the device names the rule, so that its owner finds it.
    """

    family: str
    to: str
    service: str
    sources: tuple[str, ...] = ()
    rule: str = ""

    @property
    def wide(self) -> bool:
        """Whether anyone may send anything through it."""
        return self.service == "any" and not self.sources


@dataclass(frozen=True, slots=True)
class Firewall:
    """How the device treats traffic from outside, per family of addresses.

    Attributes:
        to_device: what no rule names and is meant for the device itself.
        forwarded: ... and is meant for the networks behind it.
        holes: what rules let in, port forwards included.
        outside: the interfaces that were taken for the outer side.
    """

    to_device: Mapping[str, Policy]
    forwarded: Mapping[str, Policy]
    holes: tuple[Hole, ...] = ()
    outside: tuple[str, ...] = ()


class Protection(StrEnum):
    """How a wireless network is protected, from worst to best."""

    OPEN = "open"
    WEP = "wep"
    WPA = "wpa"
    WPA_WPA2 = "wpa/wpa2"
    WPA2 = "wpa2"
    WPA2_WPA3 = "wpa2/wpa3"
    WPA3 = "wpa3"
    OWE = "owe"
    """Encrypted without a password (Enhanced Open)."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class WifiNetwork:
    """A wireless network that the device offers.

    Attributes:
        label: tells it from the others on this device in every run: its interface or number.
        enterprise: people log in by name (802.1X).
        tkip: the old cipher is still offered; ``None`` where that is not told.
        wps: joining by a button or PIN is on; ``None`` where that is not told.
        guest: it is meant for guests.
        isolated: who is on it cannot reach the other networks; ``None`` where that is not told.
        secrets: its passphrase; several where each user or device has one.
    """

    ssid: str
    label: str
    enabled: bool = True
    protection: Protection = Protection.UNKNOWN
    enterprise: bool = False
    tkip: bool | None = None
    wps: bool | None = None
    guest: bool = False
    isolated: bool | None = None
    secrets: tuple[Secret, ...] = ()


@dataclass(frozen=True, slots=True)
class Community:
    """A community, or a user of version 3, of SNMP.

    Attributes:
        version: ``1``, ``2c`` or ``3``.
        encrypted: version 3 with privacy.
        secret: the community's name, or the user's passphrase.
    """

    version: str
    writable: bool = False
    encrypted: bool = False
    secret: Secret | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Logging:
    """Where the device's log goes.

    Attributes:
        remote: other machines that it is sent to.
        days: how long the device itself keeps it, where it tells.
        encrypted: it travels over TLS; ``None`` where that is not told.
    """

    remote: tuple[str, ...] = ()
    days: int | None = None
    encrypted: bool | None = None


@dataclass(frozen=True, slots=True)
class Vpn:
    """A virtual private network that ends here.

    Attributes:
        kind: ``ipsec``, ``l2tp-ipsec``, ``l2tp``, ``pptp``, ``openvpn``, ``wireguard``, ``sstp``,
            ``ssl-vpn``, ...
        weak: ciphers, hashes, groups and modes below today's state, as the device writes them.
        second_factor: people need one; ``None`` where that is not told or it joins sites.
    """

    kind: str
    name: str = ""
    enabled: bool = True
    weak: tuple[str, ...] = ()
    secret: Secret | None = None
    second_factor: bool | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A network of the device's own.

    Attributes:
        guest: it is meant for guests.
        isolated: rules or settings keep it from the others; ``None`` where that is not told.
    """

    name: str
    vlan: int | None = None
    guest: bool = False
    isolated: bool | None = None


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume of a NAS.

    Attributes:
        encrypted: ``None`` where that is not told.
        healthy: ``None`` where that is not told.
    """

    name: str
    encrypted: bool | None = None
    healthy: bool | None = None


@dataclass(frozen=True, slots=True)
class BackupJob:
    """A job of a NAS that copies data away.

    Attributes:
        offsite: it goes to another machine or a cloud; ``None`` where that is not told.
        succeeded_at: its last success; ``None`` where that is not told.
        failed: its last run did not succeed.
    """

    name: str
    offsite: bool | None = None
    succeeded_at: datetime | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Firmware:
    """What runs on the device.

    Attributes:
        model: the maker's name for the hardware.
        version: as the maker writes it.
        built: the day of the build, where it is told.
        newer: the device itself knows of a newer version; ``None`` where that is not told.
        automatic: it updates itself; ``None`` where that is not told.
    """

    model: str = ""
    version: str = ""
    built: date | None = None
    newer: bool | None = None
    automatic: bool | None = None


_NOTHING: Mapping[Topic, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Device:
    """A device as its configuration and its answers describe it.

    Attributes:
        name: what it calls itself.
        ntp: the time servers that it asks.
        dns: the resolvers that it asks.
        min_length: how many characters it demands of a new password; ``None`` where not told.
        lockout: repeated wrong passwords lock out for a while; ``None`` where that is not told.
        changed_at: when its configuration was last changed.
        secret_changes: by the label of a secret, when the device's own log saw it change.
        config_backup: it sends its configuration somewhere by itself; ``None`` where not told.
        unread: by topic, what was met and not understood; a few lines of it, shortened.
    """

    name: str = ""
    firmware: Firmware | None = None
    accounts: tuple[Account, ...] | None = None
    services: tuple[Service, ...] | None = None
    firewall: Firewall | None = None
    wifi: tuple[WifiNetwork, ...] | None = None
    snmp: tuple[Community, ...] | None = None
    logging: Logging | None = None
    ntp: tuple[str, ...] | None = None
    dns: tuple[str, ...] | None = None
    vpns: tuple[Vpn, ...] | None = None
    segments: tuple[Segment, ...] | None = None
    volumes: tuple[Volume, ...] | None = None
    backups: tuple[BackupJob, ...] | None = None
    min_length: int | None = None
    lockout: bool | None = None
    changed_at: datetime | None = None
    secret_changes: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))
    config_backup: bool | None = None
    unread: Mapping[Topic, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)

    def secrets(self) -> Mapping[str, Secret]:
        """Every secret that somebody chose, by a label that stays the same over the runs."""
        found: dict[str, Secret] = {}
        for account in self.accounts or ():
            if account.secret is not None and account.enabled:
                found[f"account {account.name}"] = account.secret
        for network in self.wifi or ():
            for position, secret in enumerate(network.secrets if network.enabled else ()):
                suffix = f" #{position + 1}" if len(network.secrets) > 1 else ""
                found[f"wifi {network.label}{suffix}"] = secret
        return found

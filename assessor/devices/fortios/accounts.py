"""Who administers the device: local administrators, those of single sign-on, and their passwords.

An administrator without the profile "super_admin" does not see those who have it, not even in an
export (Fortinet community, "Restrict admin users to take configuration backup"). As there always is
one who has it, a table without any is not the whole of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from assessor.devices.device import Account, Secret, Storage, Topic
from assessor.devices.fortios.configuration import ANY_HOST, ZERO, Configuration
from assessor.devices.fortios.grammar import Block
from assessor.devices.fortios.schema import Unread
from assessor.devices.secrets import secret

_SUPER = "super_admin"
_READERS = frozenset({"super_admin_readonly"})
_SSO_TABLES = (
    "system sso-admin",
    "system sso-forticloud-admin",
    "system sso-fortigate-cloud-admin",
)
# FortiOS CLI reference, "config system password-policy": off by default, and eight characters at
# the least; since 7.6.5 on after an upgrade (community, "FortiGate upgrade to v7.6.5 will change
# the password policy automatically"), so that nothing is known where it is not written.
_POLICY_ON_SINCE = (7, 6, 5)
_LEAST = 8


@dataclass(frozen=True, slots=True)
class Administrators:
    """The administrators.

    Attributes:
        accounts: ``None`` where the export does not show them.
        whole: none is hidden from the account that exported.
        from_hosts: per family, whether all may only log in from named hosts.
    """

    accounts: tuple[Account, ...] | None
    whole: bool
    from_hosts: dict[str, bool]


def stored(block: Block, name: str, encrypted: Storage) -> Secret | None:
    """The secret of a setting; ``None`` where it is not set."""
    values = block.all(name)
    if not values or values == ("",):
        return None
    if values[0] == "ENC":
        # It is encrypted or salted anew at every export, so that its mark says nothing.
        return secret(" ".join(values[1:]), encrypted, stable=False)
    return secret(" ".join(values), Storage.CLEAR)


def reversible(config: Configuration) -> Storage:
    """How secrets other than administrators' passwords are kept.

    Unless ``private-data-encryption`` is on, the key is the same in every FortiGate (Fortinet
    PSIRT, FG-IR-19-007).
    """
    table = config.table("system global")
    private = table is not None and table.on("private-data-encryption")
    return Storage.ENCRYPTED if private else Storage.REVERSIBLE


def administrators(config: Configuration, unread: Unread) -> Administrators:
    """The administrators of the device."""
    table = config.table("system admin")
    if table is None:
        return Administrators(None, False, {"ipv4": False, "ipv6": False})
    profiles = config.whole.part("system accprofile").entries
    accounts = [_account(block, profiles) for block in table.entries.values()]
    single = [block for name in _SSO_TABLES for block in config.whole.part(name).entries.values()]
    accounts += [
        Account(block.name, administrator=_administers(block, profiles)) for block in single
    ]
    whole = any(block.one("accprofile") == _SUPER for block in table.entries.values())
    if not whole:
        line = 'system admin: nobody has "super_admin"; the export hides who does'
        unread.add((Topic.ACCOUNTS,), line)
        accounts.append(Account(f"{_SUPER} (hidden)"))
    tokens = config.whole.part("system api-user").entries
    hosts = {
        family: bool(table.entries)
        and not single
        and all(_hosts(block, prefix) for block in table.entries.values())
        and all(_token_hosts(block, family) for block in tokens.values())
        for family, prefix in (("ipv4", "trusthost"), ("ipv6", "ip6-trusthost"))
    }
    return Administrators(tuple(accounts), whole, hosts)


def _account(block: Block, profiles: dict[str, Block]) -> Account:
    elsewhere = block.on("remote-auth") or block.on("peer-auth")
    # Of those who are known elsewhere, only their own server tells what it demands of them.
    factor = block.one("two-factor", "disable")
    second = factor != "disable" or (None if elsewhere else False)
    password = stored(block, "password", Storage.HASH)
    keys = sum(1 for name in block.settings if name.startswith("ssh-public-key"))
    return Account(
        name=block.name,
        enabled=block.one("status") != "disable",
        administrator=False if block.on("guest-auth") else _administers(block, profiles),
        secret=None if block.on("wildcard") else password,
        # What has no password is not written: an administrator without one needs none.
        empty=password is None and not elsewhere,
        keys=keys + (1 if block.one("ssh-certificate") else 0),
        second_factor=second,
        sources=tuple(_hosts(block, "trusthost")),
    )


def _administers(block: Block, profiles: dict[str, Block]) -> bool:
    name = block.one("accprofile")
    if name in _READERS:
        return False
    profile = profiles.get(name)
    if profile is None or name == _SUPER:
        return True
    return _writes(profile)


def _writes(block: Block) -> bool:
    """Whether a profile, or a part of it, lets change anything."""
    return any("read-write" in values for values in block.settings.values()) or any(
        _writes(part) for part in block.parts.values()
    )


def _hosts(block: Block, prefix: str) -> list[str]:
    """The hosts from which alone an administrator logs in; none where one of them is any."""
    found = []
    for name, values in block.settings.items():
        if name.startswith(prefix) and values:
            if values[0].startswith(ANY_HOST) and values[1:] in {(), (ZERO,)}:
                continue  # not set
            found.append("/".join(values))
    return found


def _token_hosts(block: Block, family: str) -> bool:
    name = "ipv4-trusthost" if family == "ipv4" else "ipv6-trusthost"
    entries = block.part("trusthost").entries.values()
    return any(not entry.one(name, ZERO).startswith(ANY_HOST) for entry in entries)


def least_length(config: Configuration) -> int | None:
    """How many characters a new password of an administrator must have."""
    table = config.table("system password-policy") or Block()
    if config.table("system admin") is None:
        return None
    unsure = not config.version or config.version >= _POLICY_ON_SINCE
    status = table.one("status")
    if status != "enable":
        return None if unsure and not status else 0
    if "admin-password" not in (table.all("apply-to") or ("admin-password",)):
        return 0
    length = table.one("minimum-length")
    if length.isdecimal():
        return int(length[:4])
    return None if unsure else _LEAST


def locks_out(config: Configuration) -> bool | None:
    """Repeated wrong passwords lock out: always, after one to ten (default three)."""
    return None if config.table("system global") is None else True

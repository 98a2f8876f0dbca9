"""Who may log in to a DSM, with what, and what is demanded of a password."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from assessor.devices.device import Account, Community, Storage, Topic
from assessor.devices.dsm.firmware import settings
from assessor.devices.dsm.parts import Parts
from assessor.devices.dsm.questions import Api, Ask
from assessor.devices.dsm.shadow import Password, members, read_shadow, read_users
from assessor.devices.dsm.unread import Unread
from assessor.devices.secrets import secret

# People's accounts; what packages run as is numbered from 100000 or so.
_FIRST_USER, _FIRST_PACKAGE = 1024, 100_000
_ENABLED: Mapping[object, bool] = {"normal": True, "now": False, True: False, False: True}
# 1 and 0, which DSM writes too, are as good as True and False here.
_SECOND_FACTOR: Mapping[object, bool] = {
    True: True,
    False: False,
    "enabled": True,
    "disabled": False,
}
_LOCAL_NAMES = frozenset({"files", "compat", "db"})


@dataclass(frozen=True, slots=True)
class People:
    """Accounts, and what DSM demands of them."""

    accounts: tuple[Account, ...] | None = None
    changes: Mapping[str, datetime] = field(default_factory=dict)
    min_length: int | None = None
    lockout: bool | None = None


@dataclass(frozen=True, slots=True)
class _User:
    name: str
    enabled: bool = True
    second_factor: bool | None = None


def read_people(parts: Parts, unread: Unread) -> People:
    """The accounts and the policy for them."""
    passwords = _passwords(parts, unread)
    listed = _listed(parts, unread)
    users = listed if listed is not None else _of_file(parts, unread)
    if users is not None and parts.text(Ask.SHADOW) is None:
        unread.note(Topic.ACCOUNTS, "/etc/shadow is not told")
    _directories(parts, unread)
    lockout = (parts.data(Api.LOCKOUT) or {}).get("enable")
    people = People(
        accounts=None,
        min_length=_min_length(parts, unread),
        lockout=lockout if isinstance(lockout, bool) else None,
    )
    if users is None:
        return people
    administrators = members(parts.text(Ask.ADMINISTRATORS), "administrators")
    demanded = _demanded(parts)
    accounts = tuple(_account(user, passwords, administrators, demanded) for user in users)
    changes = {
        f"account {account.name}": changed
        for account in accounts
        if account.secret is not None and (changed := passwords[account.name].changed) is not None
    }
    return People(accounts, changes, people.min_length, people.lockout)


def _account(
    user: _User,
    passwords: Mapping[str, Password],
    administrators: frozenset[str] | None,
    demanded: frozenset[str],
) -> Account:
    password = passwords.get(user.name)
    administrator = user.name in administrators if administrators is not None else None
    second_factor = user.second_factor
    kind = "admin" if administrator is not False else "user"
    if second_factor is False and kind in demanded:
        # Whoever has the password may still choose the second factor: nothing is proven.
        second_factor = None
    return Account(
        name=user.name,
        # A password that is locked opens neither DSM nor its files.
        enabled=user.enabled and not (password is not None and password.locked),
        administrator=administrator,
        secret=password.secret if password is not None else None,
        empty=password.empty if password is not None else False,
        second_factor=second_factor,
    )


def _passwords(parts: Parts, unread: Unread) -> Mapping[str, Password]:
    text = parts.text(Ask.SHADOW)
    if text is None:
        return {}
    found, unknown = read_shadow(text)
    for line in unknown:
        unread.note(Topic.ACCOUNTS, line)
    return found


def _listed(parts: Parts, unread: Unread) -> tuple[_User, ...] | None:
    data = parts.data(Api.USERS)
    users = data.get("users") if data is not None else None
    if data is None or not isinstance(users, list):
        return None
    if data.get("total", len(users)) != len(users):
        unread.note(Topic.ACCOUNTS, f"{len(users)} of {data.get('total')} users are listed")
    return tuple(_users(users, unread))


def _users(users: list[object], unread: Unread) -> Iterator[_User]:
    for one in users:
        name = one.get("name") if isinstance(one, dict) else None
        if not isinstance(one, dict) or not isinstance(name, str) or not name:
            unread.note(Topic.ACCOUNTS, one)
            continue
        expired, factor = one.get("expired"), one.get("2fa_status")
        enabled = _ENABLED.get(expired) if isinstance(expired, str | bool) else None
        if enabled is None and not (isinstance(expired, str) and expired.count("/") == 2):
            unread.note(Topic.ACCOUNTS, f"{name}: expired: {expired}")
        second = _SECOND_FACTOR.get(factor) if isinstance(factor, str | int) else None
        # An account that runs out on a day is in use until then.
        yield _User(name, enabled is not False, second)


def _of_file(parts: Parts, unread: Unread) -> tuple[_User, ...] | None:
    text = parts.text(Ask.USERS)
    if text is None:
        return None
    found, unknown = read_users(text)
    for line in unknown:
        unread.note(Topic.ACCOUNTS, line)
    return tuple(_User(name) for name, uid in found if _FIRST_USER <= uid < _FIRST_PACKAGE)


def _directories(parts: Parts, unread: Unread) -> None:
    """Notes where people of a domain or a directory may log in too: they are not listed."""
    for line in (parts.text(Ask.NAMES) or "").splitlines():
        words = line.split()
        if words[:1] != ["passwd:"] or not set(words[1:]) <= _LOCAL_NAMES:
            unread.note(Topic.ACCOUNTS, f"accounts from elsewhere: {line}")


def _demanded(parts: Parts) -> frozenset[str]:
    """Of whom a second factor is, or may be, demanded."""
    told = settings(parts.text(Ask.SETTINGS) or "").get("otp_enforce_option")
    option = (parts.data(Api.SECOND_FACTOR) or {}).get("otp_enforce_option", told)
    adaptive = (parts.data(Api.ADAPTIVE) or {}).get("type", "none")
    if option in (None, "none") and adaptive == "none":
        return frozenset()
    if option in (None, "none", "admin") and adaptive in {"none", "admin"}:
        return frozenset({"admin"})
    return frozenset({"admin", "user"})


def _min_length(parts: Parts, unread: Unread) -> int | None:
    policy = (parts.data(Api.PASSWORDS) or {}).get("strong_password")
    if not isinstance(policy, dict):
        return None
    enabled, length = policy.get("min_length_enable"), policy.get("min_length")
    if enabled is False:
        return 0
    if enabled is True and isinstance(length, int) and not isinstance(length, bool):
        return length
    unread.note(Topic.ACCOUNTS, f"min_length: {length}, min_length_enable: {enabled}")
    return None


def read_snmp(parts: Parts, unread: Unread) -> tuple[Community, ...] | None:
    """The communities of SNMP; none where it is off."""
    data = parts.data(Api.SNMP)
    if data is None:
        if not parts.reply(Api.SNMP).absent:
            unread.note(Topic.SNMP, f"{Api.SNMP.value}: {parts.reply(Api.SNMP).refused}")
        return None
    enabled, old, new = (
        data.get(name) for name in ("enable_snmp", "enable_snmp_v1v2", "enable_snmp_v3")
    )
    if not all(isinstance(one, bool) for one in (enabled, old, new)):
        unread.note(Topic.SNMP, f"enable_snmp: {enabled}, v1v2: {old}, v3: {new}")
        return None
    found = []
    if enabled and old:
        community = data.get("rocommunity")
        if not isinstance(community, str) or not community:
            unread.note(Topic.SNMP, "rocommunity is not told")
        else:
            found.append(Community("2c", secret=secret(community, Storage.CLEAR)))
    if enabled and new:
        # The answer does not tell whether it demands privacy.
        found.append(Community("3"))
    return tuple(found)

"""The accounts of a Windows and the password policy for them, as the two scripts print them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from assessor.api import Fields, UnparsedError, read_object

# Flags of an account: the same numbers in UserFlags of the WinNT provider and in
# userAccountControl of Active Directory (ADS_USER_FLAG_ENUM, iads.h).
DISABLED = 0x2
LOCKED = 0x10
NOT_REQUIRED = 0x20
REVERSIBLE = 0x80
NEVER_EXPIRES = 0x10000
SMART_CARD = 0x40000
EXPIRED = 0x800000

STORE_CLEARTEXT = 16
"""DOMAIN_PASSWORD_STORE_CLEARTEXT of pwdProperties."""
COMPLEX = 1
"""DOMAIN_PASSWORD_COMPLEX of pwdProperties."""
EXCEPTIONS_LEVEL = 3
"""DS_BEHAVIOR_WIN2008: below it no exception has any effect (MS-ADTS, msDS-ResultantPSO)."""

_DAY_S = 86400
_FOREVER = (-1, 0xFFFFFFFF)
"""TIMEQ_FOREVER (lmaccess.h)."""
_NEVER = (0, -(2**63))
"""A maximum age of a domain that is none (MS-SAMR 3.1.5.14.4; MS-ADTS 3.1.1.4.5.31)."""
_TICKS_A_SECOND = 10_000_000
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_ADMINISTRATOR, _GUEST, _KRBTGT = 500, 501, 502
_FIRST = 1000
"""Accounts that people make have a number of 1000 or higher; 503 and 504 are Windows' own."""


class Source(IntEnum):
    """Where a local account's password is kept (``PrincipalSource`` of Get-LocalUser)."""

    UNKNOWN = 0
    LOCAL = 1
    ACTIVE_DIRECTORY = 2
    ENTRA = 3
    MICROSOFT = 4


@dataclass(frozen=True, slots=True)
class Policy:
    """What is demanded of passwords.

    Attributes:
        longest: days after which a change is demanded; ``None`` where it never is.
        attempts: wrong passwords that lock an account; 0 for never.
        complex: kinds of characters are demanded; ``None`` where it cannot be seen.
        reversible: new passwords are kept so that they can be read; ``None`` likewise.
    """

    length: int
    longest: int | None
    attempts: int
    complex: bool | None = None
    reversible: bool | None = None


@dataclass(frozen=True, slots=True)
class User:
    """An account that is not disabled.

    Attributes:
        number: the last part of its SID.
        age: days since the password was changed; ``None`` where Windows does not know it.
        exception: the distinguished name of the policy that holds for it instead of the domain's.
        idle: days since it was last used, to about two weeks; ``None`` where it is not known.
    """

    name: str
    number: int
    flags: int
    age: int | None
    source: Source = Source.LOCAL
    exception: str = ""
    admin: bool = False
    idle: int | None = None

    def has(self, flag: int) -> bool:
        """Whether ``flag`` is set."""
        return bool(self.flags & flag)

    @property
    def human(self) -> bool:
        """A person's, or the built-in administrator."""
        return self.number == _ADMINISTRATOR or self.number >= _FIRST

    @property
    def uses_password(self) -> bool:
        """A person's account that a password opens, kept here."""
        return self.human and self.source is Source.LOCAL and not self.has(SMART_CARD)


@dataclass(frozen=True, slots=True)
class LocalAccounts:
    """The machine's own accounts that are not disabled, and the policy for them."""

    users: tuple[User, ...]
    policy: Policy | None


@dataclass(frozen=True, slots=True)
class Exempt:
    """A fine-grained password policy (msDS-PasswordSettings)."""

    name: str
    dn: str
    policy: Policy
    applies: bool


@dataclass(frozen=True, slots=True)
class DomainAccounts:
    """The domain as one of its machines sees it.

    Attributes:
        controller: it is a domain controller, so that ``users`` are the domain's.
        fault: the error with which the domain did not answer.
        complete: all exceptions are here.
        cut: there are more accounts than these.
    """

    controller: bool
    policy: Policy | None
    fault: str
    exceptions: tuple[Exempt, ...]
    complete: bool
    users: tuple[User, ...]
    cut: bool


def read_local(text: str) -> LocalAccounts:
    """What ``windows_local_passwords.ps1`` prints."""
    found = read_object(text)
    controller = _role(found) >= 4
    parts = found.parts("users")
    policies = {_local_policy(part) for part in parts}
    users = tuple(_local_user(part) for part in parts)
    # The built-in administrator cannot be removed: without it the list is not whole.
    whole = any(user.number == _ADMINISTRATOR for user in users)
    if controller is whole or len(policies) > 1 or _twice(part.text("sid") for part in parts):
        raise UnparsedError("users")
    enabled = tuple(user for user in users if not user.has(DISABLED))
    return LocalAccounts(enabled, policies.pop() if policies else None)


def _twice(values: Iterable[str]) -> bool:
    listed = list(values)
    return len(listed) != len(set(listed))


def _role(found: Fields) -> int:
    """DomainRole of Win32_ComputerSystem; 4 and 5 are controllers."""
    role = found.integer("role")
    if not 0 <= role <= 5:
        raise UnparsedError("role")
    return role


def _local_policy(part: Fields) -> Policy:
    longest, length = part.integer("longest"), part.integer("length")
    attempts = part.integer("attempts")
    if longest in _FOREVER:
        return Policy(_natural(length, "length"), None, _natural(attempts, "attempts"))
    days = _natural(longest, "longest") // _DAY_S
    return Policy(_natural(length, "length"), days, _natural(attempts, "attempts"))


def _natural(value: int, name: str) -> int:
    if value < 0:
        raise UnparsedError(name)
    return value


def _local_user(part: Fields) -> User:
    source = part.optional_integer("source")
    age = part.optional_integer("age")
    if source is not None and source not in set(Source):
        raise UnparsedError("source")
    return User(
        part.text("name"),
        _number(part.text("sid")),
        _natural(part.integer("flags"), "flags"),
        # 0 is what Windows says of a password that was never set, or must be at the next log-in.
        _natural(age, "age") // _DAY_S if age else None,
        Source.UNKNOWN if source is None else Source(source),
    )


def _number(sid: str) -> int:
    match = re.fullmatch(r"S-1-5-21(?:-\d{1,10}){3}-(\d{1,10})", sid)
    if match is None:
        raise UnparsedError("sid")
    return int(match[1])


def read_domain(text: str, now: datetime) -> DomainAccounts:
    """What ``windows_domain_passwords.ps1`` prints."""
    found = read_object(text)
    controller = _role(found) >= 4
    fault = found.optional_text("fault") or ""
    part, level = found.optional_part("policy"), found.optional_integer("level")
    exceptions = tuple(_exempt(each) for each in found.parts("exceptions"))
    users = tuple(_domain_user(each, now) for each in found.parts("accounts"))
    known = {exempt.dn for exempt in exceptions}
    sees_all = found.boolean("may_create") or (level is not None and level < EXCEPTIONS_LEVEL)
    if part is None and (users or exceptions or (controller and not fault)):
        raise UnparsedError("policy")
    if part is not None and controller is not bool(users):
        raise UnparsedError("accounts")
    return DomainAccounts(
        controller,
        None if part is None else _domain_policy(part),
        fault,
        exceptions,
        sees_all and all(not user.exception or user.exception in known for user in users),
        tuple(user for user in users if user.number != _KRBTGT),
        found.boolean("cut"),
    )


def _domain_policy(part: Fields) -> Policy:
    properties = _natural(part.integer("pwdProperties"), "pwdProperties")
    return Policy(
        _natural(part.integer("minPwdLength"), "minPwdLength"),
        _days(part.integer("maxPwdAge"), "maxPwdAge"),
        _natural(part.integer("lockoutThreshold"), "lockoutThreshold"),
        bool(properties & COMPLEX),
        bool(properties & STORE_CLEARTEXT),
    )


def _days(ticks: int, name: str) -> int | None:
    """A time of a domain is a negative number of tenths of a microsecond."""
    if ticks in _NEVER:
        return None
    return _natural(-ticks, name) // _TICKS_A_SECOND // _DAY_S


def _exempt(part: Fields) -> Exempt:
    return Exempt(
        part.text("name"),
        part.text("dn"),
        Policy(
            _natural(part.integer("length"), "length"),
            _days(part.integer("longest"), "longest"),
            _natural(part.integer("attempts"), "attempts"),
            part.boolean("complex"),
            part.boolean("reversible"),
        ),
        part.integer("applies_to") > 0,
    )


def _domain_user(part: Fields, now: datetime) -> User:
    # Locked and expired stand in the attribute that is computed, not in userAccountControl.
    computed = (part.optional_integer("now") or 0) & (LOCKED | EXPIRED)
    return User(
        part.text("name"),
        _number(part.text("sid")),
        _natural(part.integer("flags"), "flags") | computed,
        _since(part.optional_integer("set"), now, "set"),
        exception=part.optional_text("exception") or "",
        admin=part.boolean("admin"),
        idle=_since(part.optional_integer("seen"), now, "seen"),
    )


def _since(ticks: int | None, now: datetime, name: str) -> int | None:
    """Whole days since a moment, in tenths of a microsecond since 1601; 0 is none."""
    if not ticks:
        return None
    try:
        moment = _EPOCH + timedelta(microseconds=_natural(ticks, name) // 10)
    except OverflowError as error:
        raise UnparsedError(name) from error
    days = (now - moment).days
    return days if days >= 0 else None

"""A domain of Active Directory, as ``windows_directory.ps1`` tells it: read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from assessor.api import CimAnswer, Fields, UnparsedError

_CONTROLLERS = (4, 5)
_ROLES = range(6)

# Bits of userAccountControl.
_DISABLED = 0x2
_NO_PASSWORD_NEEDED = 0x20
_SERVER_TRUST = 0x2000
_NEVER_EXPIRES = 0x10000
_TRUSTED_FOR_DELEGATION = 0x80000
_NO_PREAUTHENTICATION = 0x400000

ADMINISTRATORS = "S-1-5-32-544"
_BUILTIN_OPERATORS = tuple(f"S-1-5-32-{rid}" for rid in (548, 549, 550, 551))
_REPLICATOR = "S-1-5-32-552"
_EVERYBODY = ("S-1-1-0", "S-1-5-7", "S-1-5-11", "S-1-5-32-545", "S-1-5-32-546")
"""Everyone, Anonymous, Authenticated Users, Users, Guests."""
_WHOLE_GROUPS = (513, 514, 515)
"""Domain Users, Domain Guests, Domain Computers."""
_FULL = (512, 518, 519, 526, 527)
"""Domain, Schema and Enterprise Admins; the two groups of Key Admins."""
_POLICY_MAKERS, _PROTECTED, _SCHEMA = 520, 525, 518


def is_controller(answer: CimAnswer) -> bool:
    """Whether the computer is a domain controller (``Win32_ComputerSystem.DomainRole`` 4 or 5)."""
    if len(answer.rows) != 1:
        raise UnparsedError("Win32_ComputerSystem")
    role = answer.rows[0].integer("DomainRole")
    if role not in _ROLES:
        raise UnparsedError(f"DomainRole {role}")
    return role in _CONTROLLERS


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a person, a service or a machine.

    Attributes:
        flags: userAccountControl; ``None`` where the account that looks may not see it.
        password_set: ``None`` where it must be changed first.
        last: when it was last used, up to two weeks late; ``None`` if never.
        service: it has a servicePrincipalName, so that anyone can ask for a ticket to crack.
        admin_count: it was once a member of a group that Windows protects.
    """

    sid: str
    name: str
    flags: int | None
    password_set: datetime | None
    last: datetime | None
    created: datetime | None
    service: bool
    admin_count: bool

    def _has(self, bit: int) -> bool:
        return self.flags is not None and bool(self.flags & bit)

    @property
    def rid(self) -> int:
        """The last part of the SID."""
        return rid(self.sid)

    @property
    def enabled(self) -> bool:
        """It is seen to be on."""
        return self.flags is not None and not self.flags & _DISABLED

    @property
    def needs_no_password(self) -> bool:
        """PASSWD_NOTREQD: an empty password is allowed, whatever the policy says."""
        return self._has(_NO_PASSWORD_NEEDED)

    @property
    def never_expires(self) -> bool:
        """Its password is never asked to be changed."""
        return self._has(_NEVER_EXPIRES)

    @property
    def without_preauthentication(self) -> bool:
        """Anyone may ask for something that is encrypted with its password."""
        return self._has(_NO_PREAUTHENTICATION)

    @property
    def takes_any_identity(self) -> bool:
        """Trusted for unconstrained delegation, without being a domain controller."""
        return self._has(_TRUSTED_FOR_DELEGATION) and not self._has(_SERVER_TRUST)


@dataclass(frozen=True, slots=True)
class Member:
    """Who or what is in a group, also by way of another group."""

    sid: str
    name: str
    kind: str
    flags: int | None

    @property
    def is_group(self) -> bool:
        """It stands for those who are in it."""
        return self.kind == "group"

    @property
    def everybody(self) -> bool:
        """It stands for all accounts or machines."""
        return self.sid in _EVERYBODY or (
            self.sid.startswith("S-1-5-21-") and rid(self.sid) in _WHOLE_GROUPS
        )

    @property
    def disabled(self) -> bool:
        """It is seen to be off."""
        return self.flags is not None and bool(self.flags & _DISABLED)


@dataclass(frozen=True, slots=True)
class Group:
    """A group by its SID; the name is in the language of the domain."""

    sid: str
    name: str
    members: tuple[Member, ...]

    @property
    def full(self) -> bool:
        """Its members can do everything in the domain, or get there in one step."""
        return self.sid == ADMINISTRATORS or (self._own and rid(self.sid) in _FULL)

    @property
    def operators(self) -> bool:
        """Account, Server, Print and Backup Operators: meant to be empty."""
        return self.sid in _BUILTIN_OPERATORS

    @property
    def privileged(self) -> bool:
        """One of those, or the group of those who make policies."""
        return self.full or self.operators or (self._own and rid(self.sid) == _POLICY_MAKERS)

    @property
    def protects(self) -> bool:
        """Protected Users."""
        return self._own and rid(self.sid) == _PROTECTED

    @property
    def schema(self) -> bool:
        """Schema Admins."""
        return self._own and rid(self.sid) == _SCHEMA

    @property
    def guarded(self) -> bool:
        """Windows sets adminCount on its members."""
        return self.privileged or self.sid == _REPLICATOR

    @property
    def _own(self) -> bool:
        return self.sid.startswith("S-1-5-21-")


@dataclass(frozen=True, slots=True)
class Directory:
    """A domain.

    Attributes:
        level: functional level of the domain; 7 is Windows Server 2016.
        quota: how many machines any user may add; 10 where nothing else is set.
        interval: days between two notes of the last log-in; 0 for never.
        domains: how many domains the forest has.
        dns_admins: the group DnsAdmins, where there is one.
        cut: there are more accounts than were asked for.
    """

    now: datetime
    level: int | None
    quota: int | None
    interval: int
    forest_level: int | None
    domains: int
    recycle_bin: bool
    users: tuple[Account, ...]
    computers: tuple[Account, ...]
    groups: tuple[Group, ...]
    dns_admins: tuple[Group, ...]
    cut: bool

    @property
    def by_sid(self) -> Mapping[str, Account]:
        """All accounts."""
        return {each.sid: each for each in (*self.users, *self.computers)}

    def user(self, number: int) -> Account | None:
        """The user whose SID ends in ``number``."""
        return next((each for each in self.users if each.rid == number), None)


KRBTGT, ADMINISTRATOR, GUEST = 502, 500, 501
_DEFAULT_INTERVAL = 14


def rid(sid: str) -> int:
    """The last part of a SID."""
    return int(sid.rpartition("-")[2])


def read_directory(found: Fields) -> Directory | None:
    """The answer of the script; ``None`` where this is no domain controller.

    Raises:
        UnparsedError: it is not whole. A domain always has krbtgt, Domain Admins, and members in
            Administrators: who does not see these does not see the rest.
    """
    if not found.boolean("controller"):
        return None
    domain, forest = found.part("domain"), found.part("forest")
    sid = _sid(domain, "sid")
    interval = domain.optional_integer("interval")
    directory = Directory(
        now=found.moment("now"),
        level=domain.optional_integer("level"),
        quota=domain.optional_integer("quota"),
        interval=_DEFAULT_INTERVAL if interval is None else interval,
        forest_level=forest.optional_integer("level"),
        domains=forest.integer("domains"),
        recycle_bin=forest.boolean("recycle_bin"),
        users=tuple(_account(row) for row in found.rows("users")),
        computers=tuple(_account(row) for row in found.rows("computers")),
        groups=tuple(_group(row) for row in found.rows("groups")),
        dns_admins=tuple(_group(row) for row in found.rows("dns_admins")),
        cut=found.boolean("cut"),
    )
    groups = {group.sid: group for group in directory.groups}
    if directory.user(KRBTGT) is None:
        raise UnparsedError("krbtgt")
    for needed in (ADMINISTRATORS, f"{sid}-512"):
        if needed not in groups:
            raise UnparsedError(needed)
    if not groups[ADMINISTRATORS].members or directory.domains < 1 or directory.interval < 0:
        raise UnparsedError(ADMINISTRATORS)
    if len(directory.by_sid) < len(directory.users) + len(directory.computers):
        raise UnparsedError("sid")
    if not directory.cut:
        _check_members(directory, f"{sid}-")
    return directory


def _check_members(directory: Directory, own: str) -> None:
    """Whoever is in a group and is of this domain, stands among its accounts."""
    accounts = directory.by_sid
    for group in directory.groups:
        for each in group.members:
            ours = each.kind in ("user", "computer") and each.sid.startswith(own)
            if ours and each.sid not in accounts:
                raise UnparsedError(each.sid)


def _sid(part: Fields, name: str) -> str:
    text = part.text(name)
    numbers = text.split("-")[1:]
    if not text.startswith("S-1-") or not all(n.isascii() and n.isdecimal() for n in numbers):
        raise UnparsedError(name)
    return text


def _moment(part: Fields, name: str) -> datetime | None:
    return None if part.value(name) is None else part.moment(name)


def _flags(row: Fields) -> int | None:
    flags = row.optional_integer("uac")
    if flags is not None and flags < 0:
        raise UnparsedError("uac")
    return flags


def _account(row: Fields) -> Account:
    return Account(
        _sid(row, "sid"),
        row.text("name"),
        _flags(row),
        _moment(row, "set"),
        _moment(row, "last"),
        _moment(row, "created"),
        row.boolean("spn"),
        row.boolean("protected"),
    )


def _group(row: Fields) -> Group:
    members = tuple(
        Member(_sid(each, "sid"), each.text("name"), each.text("class"), _flags(each))
        for each in row.rows("members")
    )
    return Group(_sid(row, "sid"), row.text("name"), tuple(dict.fromkeys(members)))

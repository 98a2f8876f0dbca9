"""The administrators of a Windows, and who else is in a group that gives power."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .windows import ADMINISTRATORS, AS_GOOD, BUILT_IN, Account, Group, Machine, Member, last_number

_EVERYONE = frozenset(
    {
        "S-1-1-0",  # Everyone
        "S-1-5-2",  # Network
        "S-1-5-4",  # Interactive
        "S-1-5-7",  # Anonymous
        "S-1-5-11",  # Authenticated Users
        "S-1-5-32-545",  # Users
        "S-1-5-32-546",  # Guests
        "S-1-5-113",  # Local account
    }
)
_EVERYONE_OF_DOMAIN = frozenset({513, 514, 515})
"""Domain Users, Domain Guests and Domain Computers (Microsoft, "Security identifiers")."""
_DOMAIN_ADMINS = 512
_ENTRA = "S-1-12-1-"


@dataclass(frozen=True, slots=True)
class Administrator:
    """Someone who can do everything, or a group of them.

    Attributes:
        name: of a local account its name, of others with the domain's; the SID where there is none.
        rights: the groups by which.
        group: a group of another machine, whose members are not seen here.
        account: the local account, if it is one.
        resolved: Windows knows a name.
        equal: the names of groups that only amount to Administrators; empty for Administrators.
    """

    name: str
    sid: str
    rights: tuple[str, ...]
    group: bool
    account: Account | None
    resolved: bool
    equal: tuple[str, ...]

    @property
    def everyone(self) -> bool:
        """Whether that is everybody, or everybody of a domain."""
        return self.sid in _EVERYONE or (
            self.sid.startswith("S-1-5-21-") and last_number(self.sid) in _EVERYONE_OF_DOMAIN
        )

    @property
    def expected(self) -> bool:
        """Made one by Windows itself: its own account, and the administrators of a domain."""
        number = last_number(self.sid)
        return self.sid.startswith("S-1-5-21-") and (
            (self.account is not None and number == BUILT_IN)
            or (self.group and number == _DOMAIN_ADMINS)
        )

    @property
    def in_cloud(self) -> bool:
        """A role or account of Entra that this machine has no name for."""
        return not self.resolved and self.sid.startswith(_ENTRA)


def administrators(machine: Machine) -> tuple[Administrator, ...]:
    """Members of Administrators, then of what amounts to it; without accounts that are off."""
    found: dict[str, tuple[Member, list[Group]]] = {}
    for group in sorted(machine.groups, key=lambda each: each.sid != ADMINISTRATORS):
        if group.sid == ADMINISTRATORS or group.sid in AS_GOOD:
            for member in group.members:
                found.setdefault(member.sid, (member, []))[1].append(group)
    return tuple(
        Administrator(
            name_of(machine, member),
            member.sid,
            tuple(group.name for group in groups),
            member.group,
            machine.account(member.sid),
            member.resolved or machine.account(member.sid) is not None,
            ()
            if any(group.sid == ADMINISTRATORS for group in groups)
            else tuple(group.name for group in groups),
        )
        for member, groups in found.values()
        if counts(machine, member)
    )


def counts(machine: Machine, member: Member) -> bool:
    """Whether somebody can use the membership."""
    account = machine.account(member.sid)
    return not machine.deleted(member) and not (account is not None and account.disabled)


def name_of(machine: Machine, member: Member) -> str:
    """As the owner knows it."""
    account = machine.account(member.sid)
    return member.full_name if account is None else account.name


def others(machine: Machine) -> tuple[tuple[str, str], ...]:
    """Who is in which of the groups that give some power, but not all."""
    return tuple(
        (name_of(machine, member), group.name)
        for group in machine.groups
        if group.sid != ADMINISTRATORS and group.sid not in AS_GOOD
        for member in group.members
        if counts(machine, member)
    )


def deleted(machine: Machine) -> tuple[str, ...]:
    """What is left in groups of accounts of this machine that are gone."""
    left = [m.sid for group in machine.groups for m in group.members if machine.deleted(m)]
    return tuple(dict.fromkeys(left))


def among(machine: Machine, names: Iterable[str], one: Administrator) -> bool:
    r"""Whether the owner named it: by name, for local ones also as ``MACHINE\name``, or by SID."""
    wanted = {name.lower().removeprefix(".\\") for name in names}
    mine = {one.name.lower(), one.sid.lower()}
    if one.account is not None:
        mine.add(f"{machine.name}\\{one.name}".lower())
    return bool(mine & wanted)

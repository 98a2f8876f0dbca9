"""Who can do everything in the domain, and what refutes that only those who need it can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from assessor.api import Fact, Message

from .directory import ADMINISTRATOR, Account, Directory, Member

_ELSEWHERE = "foreignSecurityPrincipal"
"""Stands for an account of another domain, whose flags are not here."""
_RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Administrator:
    """An enabled account that is in a privileged group, by whatever way.

    Attributes:
        account: what the domain says of it; ``None`` where it is no account of this domain.
        full: it can do everything; else it is an operator or makes policies.
        groups: the names of its privileged groups.
    """

    member: Member
    account: Account | None
    full: bool
    operator: bool
    groups: tuple[str, ...]

    @property
    def built_in(self) -> bool:
        """The account that every domain is born with."""
        return self.account is not None and self.account.rid == ADMINISTRATOR


def read_administrators(directory: Directory) -> tuple[Administrator, ...]:
    """All of them, in the order in which the groups tell them."""
    accounts = directory.by_sid
    members: dict[str, Member] = {}
    for group in directory.groups:
        if group.privileged:
            for each in group.members:
                if not each.is_group and not each.everybody:
                    members.setdefault(each.sid, each)
    found = []
    for sid, member in members.items():
        own = [g for g in directory.groups if g.privileged and any(m.sid == sid for m in g.members)]
        if member.disabled:
            continue
        found.append(
            Administrator(
                member,
                accounts.get(sid),
                any(group.full for group in own),
                any(group.operators for group in own),
                tuple(group.name for group in own),
            )
        )
    return tuple(found)


def names(found: Iterable[Administrator]) -> dict[str, Fact]:
    """Names and groups apart, in the same order, so that the names can be covered."""
    listed = tuple(found)
    return {
        "administrators": tuple(each.member.name for each in listed),
        "groups": tuple("; ".join(each.groups) for each in listed),
    }


def faults(
    directory: Directory, administrators: tuple[Administrator, ...], allowed: frozenset[str]
) -> Iterator[Message]:
    """What is not least privilege, each with its guilty accounts."""
    whole = [
        (group.name, each.name)
        for group in directory.groups
        if group.privileged
        for each in group.members
        if each.everybody
    ]
    if whole:
        groups = tuple(dict.fromkeys(name for name, _ in whole))
        members = tuple(dict.fromkeys(name for _, name in whole))
        yield Message("everybody_is_administrator", {"groups": groups, "members": members})
    named = {name.lower() for name in allowed}
    others = [
        each
        for each in administrators
        if not each.built_in and each.member.name.lower() not in named
    ]
    if allowed and others:
        yield Message("not_allowed", names(others))
    operators = [each for each in others if each.operator and not each.full]
    if operators and not allowed:
        yield Message("operators", names(operators))
    services = [
        each for each in administrators if each.account is not None and each.account.service
    ]
    if services:
        yield Message("service_is_administrator", names(services))
    takers = [
        each
        for each in (*directory.users, *directory.computers)
        if each.enabled and each.takes_any_identity
    ]
    if takers:
        yield Message("takes_any_identity", {"accounts": tuple(each.name for each in takers)})


def unsure(directory: Directory, administrators: tuple[Administrator, ...]) -> Iterator[Message]:
    """Why not everybody who has such rights is known."""
    hidden = [
        each
        for each in administrators
        if each.member.flags is None and each.member.kind != _ELSEWHERE
    ]
    if hidden:
        accounts = tuple(each.member.name for each in hidden)
        yield Message("flags_not_seen", {"accounts": accounts, "number": len(accounts)})
    if directory.domains > 1:
        yield Message("other_domains", {"domains": directory.domains})
    if directory.cut:
        yield Message("too_many_accounts")


def advice(
    directory: Directory,
    administrators: tuple[Administrator, ...],
    allowed: frozenset[str],
    *,
    clock_right: bool,
) -> Iterator[Message]:
    """Good practice around the accounts of administrators."""
    if not allowed and administrators:
        yield Message("administrators_not_named")
    full = [each for each in administrators if each.full]
    forever = [each for each in full if each.account is not None and each.account.never_expires]
    if forever:
        yield Message("password_never_expires", {"accounts": _names(forever)})
    shielded = {m.sid for group in directory.groups if group.protects for m in group.members}
    open_ones = [
        each
        for each in full
        if each.account is not None and not each.built_in and each.member.sid not in shielded
    ]
    if open_ones:
        yield Message("not_in_protected_users", {"accounts": _names(open_ones)})
    first = directory.user(ADMINISTRATOR)
    if clock_right and first is not None and first.enabled and _recent(directory, first):
        yield Message("built_in_used", {"accounts": (first.name,)})
    schema = [m.name for g in directory.groups if g.schema for m in g.members if not m.is_group]
    if schema:
        yield Message("schema_admins", {"accounts": tuple(dict.fromkeys(schema))})
    yield from _leftovers(directory)
    dns = [m.name for g in directory.dns_admins for m in g.members if not m.disabled]
    if dns:
        yield Message("dns_admins", {"accounts": tuple(dict.fromkeys(dns))})
    if directory.quota is None or directory.quota > 0:
        # 10 where the attribute was never changed.
        yield Message("anyone_adds_machines", {"number": _or(directory.quota, 10)})


def _recent(directory: Directory, account: Account) -> bool:
    limit = directory.now - _RECENT - timedelta(days=directory.interval)
    return account.last is not None and account.last >= limit


def _names(found: Iterable[Administrator]) -> tuple[str, ...]:
    return tuple(each.member.name for each in found)


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def _leftovers(directory: Directory) -> Iterator[Message]:
    disabled = {
        m.name
        for group in directory.groups
        if group.privileged
        for m in group.members
        if m.disabled and not m.is_group
    }
    if disabled:
        yield Message("disabled_members", {"accounts": tuple(sorted(disabled))})
    guarded = {m.sid for group in directory.groups if group.guarded for m in group.members}
    former = [
        u.name for u in directory.users if u.enabled and u.admin_count and u.sid not in guarded
    ]
    if former:
        yield Message("former_administrators", {"accounts": tuple(former)})

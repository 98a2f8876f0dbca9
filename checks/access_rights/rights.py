"""Who can do everything on a machine, and by which right: the register that a machine can show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .accounts import ADMIN_GROUPS, ROOT_GROUPS, Account, Host
from .doas import Rule, doas_grants
from .sudoers import ALL, Grant, Sudoers

ROOT = "root"


@dataclass(frozen=True, slots=True)
class Administrator:
    """An account, other than root, that can do everything.

    Attributes:
        rights: by which rights, in plain words that hold no name of an account.
        full: it is meant to: by a rule for all commands, by a group, or by its number.
        programs: the programmes by which rules for single commands give everything.
        free: the rights that ask for no password.
        groups: the groups that are as good as root.
    """

    name: str
    rights: tuple[str, ...]
    full: bool
    programs: tuple[str, ...]
    free: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """The administrators, in the order of the passwd file, and what could not be resolved."""

    administrators: tuple[Administrator, ...]
    wildcards: tuple[str, ...] = ()
    unclear: bool = False


def read_register(host: Host, sudoers: Sudoers | None, doas: tuple[Rule, ...]) -> Register:
    """Puts together what all the rules give each account; ``None`` for sudo where it has none."""
    found, wildcards, unclear = [], [], False
    for account in host.accounts:
        if account.name == ROOT and account.uid == 0:
            continue
        groups = host.groups.get(account.name, frozenset())
        rights: list[tuple[str, Grant]] = []
        if sudoers is not None:
            by_sudo = sudoers.rights(account, groups)
            unclear = unclear or by_sudo.unclear
            if by_sudo.wildcards:
                wildcards.append(account.name)
            rights += [("sudo", grant) for grant in by_sudo.grants]
        rights += [("doas", grant) for grant in doas_grants(doas, account, groups)]
        administrator = _administrator(account, rights, groups, polkit=host.polkit)
        if administrator is not None:
            found.append(administrator)
    return Register(tuple(found), tuple(wildcards), unclear)


def _administrator(
    account: Account, rights: Iterable[tuple[str, Grant]], groups: frozenset[str], *, polkit: bool
) -> Administrator | None:
    words = ["uid 0"] if account.uid == 0 else []
    full = bool(words)
    programs, free = [], []
    for tool, grant in rights:
        word = f"{tool}: {grant.program}" + ("" if grant.asks else ", NOPASSWD")
        words.append(word)
        full = full or grant.program == ALL
        if grant.program != ALL:
            programs.append(grant.program)
        if not grant.asks:
            free.append(word)
    by_group = [group for group in ROOT_GROUPS if group in groups]
    by_polkit = [group for group in ADMIN_GROUPS if polkit and group in groups]
    words += [f"group {group}" for group in (*by_group, *by_polkit)]
    if not words:
        return None
    return Administrator(
        account.name,
        tuple(dict.fromkeys(words)),
        full or bool(by_group or by_polkit),
        tuple(dict.fromkeys(programs)),
        tuple(dict.fromkeys(free)),
        tuple(by_group),
    )

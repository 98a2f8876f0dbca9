"""Judges a MySQL or MariaDB server by its accounts, where they may come from, and its settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from assessor.api import Message

from .host import LOOPBACK
from .verdict import Verdict, named, said

NAME = "MySQL/MariaDB"
# Plugins with which an account proves itself by a password kept in the server; with the others the
# password lies elsewhere or there is none (a socket's owner, PAM, LDAP, Kerberos).
BY_PASSWORD = frozenset(
    {"", "mysql_native_password", "mysql_old_password", "sha256_password", "caching_sha2_password"}
    | {"ed25519", "parsec"}
)
_NO, _YES = frozenset({"", "0", "OFF"}), frozenset({"1", "ON"})


@dataclass(frozen=True, slots=True)
class Account:
    """One account that can log in.

    Attributes:
        host: from where; ``%`` and ``_`` stand for anything.
        empty: it logs in by a password, and that is empty.
        encrypts: it may connect encrypted alone.
        administers: it may do anything to all databases, or give itself the right to.
    """

    user: str
    host: str
    empty: bool
    encrypts: bool
    administers: bool

    @property
    def label(self) -> str:
        """As MySQL writes it."""
        return f"{self.user}@{self.host}"

    @property
    def from_anywhere(self) -> bool:
        """Whether no machine or network limits it: ``%``, ``%.%`` and the like."""
        return not re.search(r"[^%_.:]", self.host) and "%" in self.host


@dataclass(frozen=True, slots=True)
class Server:
    """What a server says of itself; ``remote``: it takes connections from other machines."""

    version: str
    port: int
    remote: bool
    encrypts_always: bool
    machine: str
    accounts: tuple[Account, ...]


def read_server(text: str) -> Server | None:
    """What the queries answered; ``None`` where a row is missing or of another form."""
    *rows, last = (line.split("\t") for line in text.removesuffix("\n").split("\n"))
    if len(last) != 9 or last[0] != "settings" or last[8] != str(len(rows)):
        return None
    accounts: list[tuple[Account, bool]] = []
    members: list[tuple[str, str]] = []
    for cells in rows:
        if len(cells) == 9 and cells[0] == "member":
            members.append((cells[1], cells[3]))
        elif len(cells) == 9 and cells[0] == "account" and {cells[4], cells[6]} <= {"0", "1"}:
            accounts.append(_account(cells))
        else:
            return None
    _, version, port, address, no_network, machine, encrypts, x_address, _ = last
    if not port.isdecimal() or no_network not in ("0", "1") or encrypts not in _NO | _YES:
        return None
    by_role = _administrators(accounts, members)
    return Server(
        version,
        int(port),
        no_network == "0" and (_remote(address) or (x_address != "" and _remote(x_address))),
        encrypts in _YES,
        machine,
        tuple(
            replace(account, administers=account.administers or account.user in by_role)
            for account, can_log_in in accounts
            if can_log_in
        ),
    )


def _remote(addresses: str) -> bool:
    """Whether a setting lets in other machines; an empty one lets in all (MariaDB)."""
    return any(not LOOPBACK.match(address.strip()) for address in addresses.split(","))


def _account(cells: list[str]) -> tuple[Account, bool]:
    """``account user host plugin empty ssl_type administers locked is_role``."""
    _, user, host, plugin, empty, ssl, administers, locked, is_role = cells
    can_log_in = is_role != "Y" and locked.upper() not in ("Y", "1", "TRUE")
    account = Account(
        user,
        host,
        empty == "1" and plugin in BY_PASSWORD,
        ssl.upper() in ("ANY", "X509", "SPECIFIED"),
        administers == "1",
    )
    return account, can_log_in


def _administrators(
    accounts: Iterable[tuple[Account, bool]], members: list[tuple[str, str]]
) -> frozenset[str]:
    """Names of accounts that have all rights by a role, or by a role of that role."""
    # What cannot log in is a role, or as good as one.
    strong = {account.user for account, can in accounts if not can and account.administers}
    new = strong
    while new:
        new = {member for member, role in members if role in new} - strong
        strong |= new
    return frozenset(strong)


def judge(server: Server, allowed: Iterable[str]) -> Verdict:
    """The verdict on one server."""
    accounts = server.accounts
    at_home = {"localhost", "127.0.0.1", "::1", "", server.machine.lower()}
    found: Mapping[str, list[str]] = {
        "anonymous": [a.label for a in accounts if not a.user],
        "empty_password": [a.label for a in accounts if a.empty and a.user],
        "superuser_remote": [
            a.label
            for a in accounts
            if a.administers
            and (a.from_anywhere or (a.user == "root" and a.host.lower() not in at_home))
        ],
        "superuser": [a.label for a in accounts if a.administers and a.user not in set(allowed)],
    }
    anywhere = [a.label for a in accounts if a.from_anywhere and not a.encrypts]
    advice: list[Message] = []
    faults = [said(key, NAME, accounts=named(names)) for key, names in found.items() if names]
    if server.remote and anywhere and not server.encrypts_always:
        faults.append(said("accounts_everywhere_plain", NAME, accounts=named(anywhere)))
    elif server.remote and not server.encrypts_always:
        elsewhere = [a.label for a in accounts if not a.encrypts and a.host.lower() not in at_home]
        if elsewhere:
            advice.append(said("plain_allowed", NAME, address=named(elsewhere)))
    return Verdict(
        NAME,
        tuple(faults),
        advice=tuple(advice),
        observed=(
            ("mysql_version", server.version),
            ("mysql_remote", server.remote),
            ("mysql_accounts", tuple(a.label for a in accounts)),
            ("mysql_superusers", tuple(a.label for a in accounts if a.administers)),
        ),
    )

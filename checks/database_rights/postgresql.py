"""Judges a PostgreSQL server by its roles and by the rules of who gets in (``pg_hba.conf``)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_network

from assessor.api import Fact, Message

from .host import LOOPBACK
from .verdict import Verdict, named, said

NAME = "PostgreSQL"
# CIS PostgreSQL 17, 5.4: "METHODs trust password and ident are not to be used for remote logins."
NEVER_REMOTE = frozenset({"trust", "password", "ident"})
POWERFUL = frozenset({"pg_execute_server_program", "pg_write_server_files", "pg_read_server_files"})
"""Roles whose members get at all of the server's files (PostgreSQL, "Predefined Roles")."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of ``pg_hba.conf``.

    Attributes:
        type: ``local``, ``host``, ``hostssl``, ``hostnossl``, ``hostgssenc`` or ``hostnogssenc``.
        address: as written, with its mask; empty for ``local``.
        families: 4 and 6, for the kinds of addresses that it lets in from everywhere.
    """

    line: int
    type: str
    databases: tuple[str, ...]
    users: tuple[str, ...]
    address: str
    families: frozenset[int]
    method: str

    @property
    def of_all(self) -> bool:
        """Whether it is for every account and every database."""
        return "all" in self.users and "all" in self.databases


@dataclass(frozen=True, slots=True)
class Server:
    """What a server says of itself.

    Attributes:
        listens: its ``listen_addresses``; empty where it takes local connections alone.
        superusers: accounts that can log in with all rights, of themselves or as members of a role.
        md5: accounts whose password is kept in the old way.
        broken: the first line of the rules that the server could not read.
    """

    port: int
    listens: tuple[str, ...]
    encrypts: bool
    superusers: tuple[str, ...]
    logins: tuple[str, ...]
    md5: tuple[str, ...]
    databases: tuple[str, ...]
    rules: tuple[Rule, ...]
    broken: int | None


def read_server(text: str) -> Server | None:
    """What the query answered; ``None`` where it is not whole."""
    try:
        answer = json.loads(text)
        if answer["whole"] is not True:
            return None
        settings, roles = answer["settings"], answer["roles"]
        if settings["ssl"] not in ("on", "off"):
            return None
        members = [(str(each["role"]), str(each["member"])) for each in answer["members"] or ()]
        rules = list(answer["rules"] or ())
        broken = [int(rule["line"]) for rule in rules if _truth(rule["broken"])]
        logins = [str(role["name"]) for role in roles if _truth(role["login"])]
        powerful = {str(role["name"]) for role in roles if _truth(role["super"])} | POWERFUL
        return Server(
            port=int(settings["port"]),
            listens=tuple(a.strip() for a in settings["listen_addresses"].split(",") if a.strip()),
            encrypts=settings["ssl"] == "on",
            superusers=tuple(n for n in logins if _reaches(n, powerful, members)),
            logins=tuple(logins),
            md5=tuple(str(r["name"]) for r in roles if _truth(r["login"]) and _truth(r["md5"])),
            databases=tuple(f"{d['name']} ({d['owner']})" for d in answer["databases"] or ()),
            rules=tuple(_rule(rule) for rule in rules if not rule["broken"]),
            broken=min(broken, default=None),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is no truth value")
    return value


def _reaches(
    name: str, powerful: set[str] | frozenset[str], members: list[tuple[str, str]]
) -> bool:
    """Whether ``name`` is, or is a member of a member of, a role in ``powerful``."""
    reached, new = {name}, {name}
    while new:
        new = {role for role, member in members if member in new} - reached
        reached |= new
    return bool(reached & powerful)


def _rule(rule: Mapping[str, object]) -> Rule:
    databases, users = rule["database"], rule["user"]
    kind, method = rule["type"], rule["method"]
    if not (isinstance(databases, list) and isinstance(users, list)):
        raise TypeError("a rule without databases or users")
    if not (isinstance(kind, str) and isinstance(method, str) and isinstance(rule["line"], int)):
        raise TypeError("a rule without type or method")
    address = "" if kind == "local" else str(rule["address"])
    families = frozenset[int]()
    if address == "all":
        families = frozenset({4, 6})
    elif (network := _network(address, rule["netmask"])) is not None:
        address = str(network)
        families = frozenset({network.version} if _wide(network) else ())
    elif not address and kind != "local":
        raise TypeError("a rule without address")
    return Rule(
        rule["line"],
        kind,
        tuple(map(str, databases)),
        tuple(map(str, users)),
        address,
        families,
        method,
    )


def _network(address: str, mask: object) -> IPv4Network | IPv6Network | None:
    """The network of an address with its mask; ``None`` for a name."""
    try:
        if ":" in address:
            bits = bin(int.from_bytes(_packed(str(mask)), "big")).count("1")
            return ip_network(f"{address}/{bits}", strict=False)
        return ip_network(f"{address}/{mask}", strict=False)
    except ValueError:
        return None


def _wide(network: IPv4Network | IPv6Network) -> bool:
    """Wider than any private network: 10.0.0.0/8 (RFC 1918), fc00::/7 (RFC 4193)."""
    return network.prefixlen < (8 if network.version == 4 else 7)


def _packed(mask: str) -> bytes:
    return ip_network(mask).network_address.packed


def judge(server: Server, allowed: Iterable[str]) -> Verdict:
    """The verdict on one server."""
    remote = [address for address in server.listens if not LOOPBACK.match(address)]
    faults = [fault for rule in server.rules if (fault := _local_fault(rule)) is not None]
    dormant: list[Message] = []
    for rule in _remote_rules(server.rules):
        # A rule that asks for encryption lets nobody in where the server has none.
        if rule.method == "reject" or (rule.type == "hostssl" and not server.encrypts):
            continue
        fault = _remote_fault(rule, server)
        if fault is not None:
            (faults if remote else dormant).append(fault)
    others = [name for name in server.superusers if name not in set(allowed)]
    if others:
        faults.append(said("superuser", NAME, accounts=named(others)))
    gaps = () if server.broken is None else (said("rules_broken", NAME, line=server.broken),)
    advice = [said("would_open", NAME, line=dormant[0].facts["line"])] if dormant else []
    if server.md5:
        advice.append(said("md5_passwords", NAME, accounts=named(server.md5)))
    plain = [r for r in _remote_rules(server.rules) if r.type == "host" and r.method != "reject"]
    if remote and plain and not faults:
        advice.append(said("plain_allowed", NAME, address=named(rule.address for rule in plain)))
    return Verdict(
        NAME,
        tuple(faults),
        gaps,
        advice=tuple(advice),
        observed=(
            ("postgresql_listens", server.listens),
            ("postgresql_superusers", server.superusers),
            ("postgresql_accounts", server.logins),
            ("postgresql_databases_and_owners", server.databases),
        ),
    )


def _local_fault(rule: Rule) -> Message | None:
    """Whoever has an account on the machine would be anyone in the database."""
    if rule.method != "trust" or (rule.type != "local" and not _loopback(rule)):
        return None
    return said("trust_local", NAME, line=rule.line, accounts=named(rule.users))


def _loopback(rule: Rule) -> bool:
    host, _, bits = rule.address.partition("/")
    if rule.address == "samehost":
        return True
    if not LOOPBACK.match(host):
        return False
    return not bits or int(bits) >= (128 if ":" in host else 8)


def _remote_rules(rules: Iterable[Rule]) -> list[Rule]:
    """The rules for other machines that still count: the first that fits a connection decides.

    A rule that rejects unencrypted connections from everywhere makes those after it ask for
    encryption, whatever they say themselves.
    """
    closed = dict.fromkeys(("hostssl", "hostnossl"), frozenset[int]())
    found: list[Rule] = []
    for rule in rules:
        if rule.type == "local" or _loopback(rule):
            continue
        kinds = {"host": ("hostssl", "hostnossl")}.get(rule.type, (rule.type,))
        families = _families(rule.address)
        if rule.method == "reject" and rule.of_all and rule.address in _WHOLE:
            for kind in kinds:
                closed[kind] = closed.get(kind, frozenset()) | families
            continue
        left = [kind for kind in kinds if not families <= closed.get(kind, frozenset())]
        if not left:
            continue
        kind = rule.type if len(left) == len(kinds) else left[0]
        found.append(replace(rule, type=kind))
    return found


_WHOLE = frozenset({"all", "0.0.0.0/0", "::/0"})


def _families(address: str) -> frozenset[int]:
    """The kinds of addresses that a rule is about; a name may stand for both."""
    if "/" not in address:
        return frozenset({4, 6})
    return frozenset({6 if ":" in address else 4})


def _remote_fault(rule: Rule, server: Server) -> Message | None:
    facts: dict[str, Fact] = {"address": rule.address, "line": rule.line}
    if rule.method == "trust":
        return said("trust_network", NAME, **facts)
    if rule.method in NEVER_REMOTE:
        return said("weak_method", NAME, method=rule.method, **facts)
    if not rule.families:
        return None
    # With md5 a password that is kept as SCRAM is asked for by SCRAM (PostgreSQL, "Password
    # Authentication").
    if rule.method == "md5" and server.md5:
        return said("weak_method", NAME, method=rule.method, **facts)
    if rule.type not in ("hostssl", "hostgssenc"):
        return said("everyone_plain", NAME, **facts)
    return None

"""Judges an instance of SQL Server on Windows, by its accounts, its databases and its settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from assessor.api import Fact, Message

from .host import EVERYWHERE, LOOPBACK
from .others import MSSQL
from .sqlserver import Inside, Principal, Settings
from .verdict import Verdict, named, said

# Whoever has one of these can give himself all rights (Microsoft: securityadmin "should be treated
# as equivalent to the sysadmin role").
_ALL_RIGHTS = frozenset({"sysadmin", "securityadmin", "CONTROL SERVER"})
_SA = "0X01"
# The bytes of SIDs: S-1-5-80-... (services), S-1-5-18 (the system), S-1-5-32-544 (Administrators).
_SERVICES = "0X010600000000000550000000"
_SYSTEM = "0X010100000000000512000000"
_ADMINISTRATORS = "0X01020000000000052000000020020000"
# S-1-1-0 (Everyone), S-1-5-11 (Authenticated Users), S-1-5-4 (Interactive), S-1-5-32-545 (Users),
# and S-1-5-21-...-513 (Domain Users).
_EVERYONE = re.compile(
    r"0X(010100000000000100000000|01010000000000050B000000|010100000000000504000000"
    r"|01020000000000052000000021020000|010500000000000515000000[0-9A-F]{24}01020000)"
)
_RISKY = (
    "xp_cmdshell",
    "Ole Automation Procedures",
    "Ad Hoc Distributed Queries",
    "cross db ownership chaining",
)
_WEEK = timedelta(days=7)


def judge(
    settings: Settings, inside: Inside | None, allowed: Iterable[str], now: datetime
) -> Verdict:
    """The verdict on one instance; ``inside`` is ``None`` where it was not asked."""
    engine = engine_name(settings.name)
    faults, advice = _network(engine, settings)
    gaps: list[Message] = []
    if not settings.logs_failures:
        advice.append(said("failures_not_logged", engine))
    name = settings.name
    observed: dict[str, Fact] = {
        "sqlserver_version": (f"{name}: {settings.version}",),
        "sqlserver_own_accounts": (f"{name}: {settings.mixed}",),
        "sqlserver_everywhere": (f"{name}: {settings.everywhere}",),
        "sqlserver_encrypts_always": (f"{name}: {settings.encrypts_always}",),
    }
    if inside is None or inside.error:
        number = inside.error if inside is not None else -1
        gaps.append(said("sqlserver_refused", engine, number=number))
    else:
        faults = [*_people(engine, inside, allowed), *_databases(engine, inside), *faults]
        gaps += _gaps(engine, inside)
        advice += _wishes(engine, inside, now)
        observed["sqlserver_all_rights"] = tuple(p.name for p in _strong(inside))
        observed["sqlserver_databases"] = tuple(f"{name}: {d.name}" for d in inside.databases)
    return Verdict(engine, tuple(faults), tuple(gaps), None, tuple(advice), tuple(observed.items()))


def engine_name(instance: str) -> str:
    """How a report calls an instance."""
    return MSSQL if instance == "MSSQLSERVER" else f"{MSSQL} ({instance})"


def _network(engine: str, settings: Settings) -> tuple[list[Message], list[Message]]:
    """Faults and advice on who can reach it over the network. A log-in is always encrypted."""
    if settings.encrypts_always:
        return [], []
    every = [address for address in settings.addresses if address in EVERYWHERE]
    if settings.everywhere or every:
        return [said("listens_everywhere_plain", engine)], []
    far = [address for address in settings.addresses if not LOOPBACK.match(address)]
    return [], [said("plain_allowed", engine, address=named(far))] if far else []


def _strong(inside: Inside) -> tuple[Principal, ...]:
    """Who has all rights, and can log in."""
    return tuple(p for p in inside.principals if not p.disabled and p.roles & _ALL_RIGHTS)


def _people(engine: str, inside: Inside, allowed: Iterable[str]) -> Iterator[Message]:
    known = {name.lower() for name in allowed}
    strong = _strong(inside)
    everyone = [p.name for p in strong if _EVERYONE.fullmatch(p.sid)]
    if everyone:
        yield said("everyone_superuser", engine, accounts=named(everyone))
    own = (_SA, _SYSTEM, _ADMINISTRATORS)
    others = [
        p.name
        for p in strong
        if p.sid not in own
        and not p.sid.startswith(_SERVICES)
        and p.name not in everyone
        and p.name.lower() not in known
    ]
    if others:
        yield said("superuser_windows", engine, people=tuple(others))
    weak = [p.name for p in strong if p.policy is False]
    if weak and not inside.windows_only:
        yield said("password_unchecked", engine, people=tuple(weak))


def _databases(engine: str, inside: Inside) -> Iterator[Message]:
    open_to_all = [d.name for d in inside.databases if d.guest]
    if open_to_all:
        yield said("guest_open", engine, databases=named(open_to_all))
    strong = {p.name.lower() for p in inside.principals if "sysadmin" in p.roles}
    trusted = [
        d.name for d in inside.databases if d.trustworthy and d.owners and d.owner.lower() in strong
    ]
    if trusted:
        yield said("trustworthy", engine, databases=named(trusted))


def _gaps(engine: str, inside: Inside) -> Iterator[Message]:
    if not inside.sees_all:
        yield said("sqlserver_partly", engine)
    closed = [d.name for d in inside.databases if d.online and not d.seen]
    if closed:
        yield said("databases_closed", engine, databases=named(closed))


def _wishes(engine: str, inside: Inside, now: datetime) -> Iterator[Message]:
    names = {p.sid: p for p in _strong(inside)}
    sa = names.get(_SA)
    if sa is not None and not inside.windows_only:
        yield said("sa_enabled", engine, accounts=sa.name)
    loose = [p.name for p in inside.principals if p.policy is False and not p.disabled]
    loose = [name for name in loose if name not in {p.name for p in names.values()}]
    if loose and not inside.windows_only:
        yield said("logins_unchecked", engine, people=tuple(loose))
    if _ADMINISTRATORS in names:
        yield said("local_administrators", engine, accounts=names[_ADMINISTRATORS].name)
    on = [name for name in _RISKY if inside.settings.get(name)]
    if on:
        yield said("risky_settings", engine, settings=named(on))
    public = [d.name for d in inside.databases if d.everyone]
    if public:
        yield said("public_rights", engine, databases=named(public))
    if inside.linked_servers:
        yield said("linked_servers", engine, number=inside.linked_servers)
    plain = [d.name for d in inside.databases if d.online and not d.encrypted]
    if plain:
        yield said("database_not_encrypted", engine, databases=named(plain))
    yield from _backups(engine, inside, now)


def _backups(engine: str, inside: Inside, now: datetime) -> Iterator[Message]:
    """What msdb tells of backups: it knows of those made through SQL Server alone."""
    if inside.full_backups is None:
        return
    late = [
        d.name
        for d in inside.databases
        if d.online and not _recent(inside.full_backups.get(d.name), now)
    ]
    if late:
        yield said("database_backup_old", engine, databases=named(late))
    if inside.last_restore:
        yield said("database_restored", engine, day=inside.last_restore[:10])


def _recent(stamp: str | None, now: datetime) -> bool:
    if stamp is None:
        return False
    try:
        moment = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    except ValueError:
        return False
    return now - moment <= _WEEK

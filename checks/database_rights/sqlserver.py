"""Reads what SQL Server on Windows says of itself, and what the registry says of each instance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessor.api import Fields, Registry, RegistryKey, UnparsedError

_ROOT = r"HKLM\SOFTWARE\Microsoft\Microsoft SQL Server"
NAMES = rf"{_ROOT}\Instance Names\SQL"
_SERVER = rf"{_ROOT}\*\MSSQLServer"
_NET = rf"{_SERVER}\SuperSocketNetLib"
_TCP = rf"{_NET}\Tcp"
_ADDRESSES = rf"{_TCP}\*"
_SETUP = rf"{_ROOT}\*\Setup"
_OWN_OF_WINDOWS = "MICROSOFT##"
"""The beginning of the names of Windows Internal Database, which belongs to parts of Windows."""


@dataclass(frozen=True, slots=True)
class Settings:
    """An instance by the registry.

    Attributes:
        name: as people know it.
        mixed: accounts of its own may log in beside those of Windows.
        encrypts_always: it takes encrypted connections alone.
        everywhere: it listens on every address of the machine.
        addresses: the addresses on which it listens otherwise.
        logs_failures: failed log-ins are written down.
        version: of the program.
    """

    name: str
    mixed: bool
    encrypts_always: bool
    everywhere: bool
    addresses: tuple[str, ...]
    logs_failures: bool
    version: str


def read_settings(registry: Registry) -> tuple[Settings, ...]:
    """The instances on this machine.

    Raises:
        UnparsedError: a value is not as documented, or an instance has no settings.
    """
    listed = registry.key(NAMES)
    if listed is None:
        return ()
    found = []
    for name in listed.names:
        folder = listed.text(name)
        if folder is None:
            raise UnparsedError(f"instance {name}")
        if not name.upper().startswith(_OWN_OF_WINDOWS):
            found.append(_settings(registry, name.upper(), folder))
    return tuple(found)


def _of(registry: Registry, pattern: str, folder: str) -> tuple[RegistryKey, ...]:
    """The keys found for ``pattern`` that belong to the instance in ``folder``."""
    start = f"{_ROOT}\\{folder}\\".lower()
    return tuple(key for key in registry.keys(pattern) if key.path.lower().startswith(start))


def _settings(registry: Registry, name: str, folder: str) -> Settings:
    server = _of(registry, _SERVER, folder)
    net = _of(registry, _NET, folder)
    tcp = _of(registry, _TCP, folder)
    if not (len(server) == len(net) == len(tcp) == 1):
        raise UnparsedError(f"instance {name}")
    mode, audit = server[0].number("LoginMode"), server[0].number("AuditLevel")
    if mode not in (1, 2) or audit not in (None, 0, 1, 2, 3):
        raise UnparsedError(f"instance {name}: LoginMode {mode}, AuditLevel {audit}")
    on = _switch(tcp[0], "Enabled")
    all_addresses = _switch(tcp[0], "ListenOnAllIPs")
    setup = _of(registry, _SETUP, folder)
    return Settings(
        name=name,
        mixed=mode == 2,
        encrypts_always=_switch(net[0], "ForceEncryption"),
        everywhere=on and all_addresses,
        addresses=_addresses(registry, folder) if on and not all_addresses else (),
        logs_failures=audit in (2, 3),
        version=(setup[0].text("PatchLevel") or "") if setup else "",
    )


def _switch(key: RegistryKey, name: str) -> bool:
    """A value that is 0 or 1; where it is missing, off."""
    value = key.number(name)
    if value not in (None, 0, 1):
        raise UnparsedError(f"{key.path}: {name}: {value}")
    return value == 1


def _addresses(registry: Registry, folder: str) -> tuple[str, ...]:
    found = []
    for key in _of(registry, _ADDRESSES, folder):
        address = key.text("IpAddress")
        # IPAll has no address, and counts only where it listens on all.
        if address and _switch(key, "Enabled"):
            found.append(address)
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Principal:
    """An account or group that may log in to the server.

    Attributes:
        sid: in hexadecimal digits, as SQL Server writes it.
        roles: the roles it has, with ``CONTROL SERVER`` for that right.
        policy: Windows' rules for passwords hold for it; ``None`` where it has no password here.
    """

    name: str
    sid: str
    disabled: bool
    roles: frozenset[str]
    policy: bool | None


@dataclass(frozen=True, slots=True)
class Database:
    """A database of people.

    Attributes:
        seen: what holds within it was seen.
        guest: everyone who may log in to the server gets in.
        everyone: rights on its content that everyone in it has.
        owners: accounts that may do all in it, beside its owner.
    """

    name: str
    online: bool
    trustworthy: bool
    encrypted: bool
    owner: str
    seen: bool
    guest: bool = False
    everyone: int = 0
    owners: int = 0


@dataclass(frozen=True, slots=True)
class Inside:
    """What an instance says of itself.

    Attributes:
        error: the number of the error with which it refused; 0 where it let us in.
        windows_only: accounts of Windows alone may log in; ``None`` where that was not told.
        sees_all: the account may see everyone's roles.
        principals: who may log in.
        settings: those that widen what a user of the database can do, by their names.
        linked_servers: other servers that can be reached by way of this one.
        databases: those of people, not of SQL Server itself.
        full_backups: when each was last backed up in full, by name; ``None`` where hidden.
        last_restore: when a backup was last restored; empty where never, ``None`` where hidden.
    """

    name: str
    error: int
    windows_only: bool | None
    sees_all: bool
    principals: tuple[Principal, ...]
    settings: Mapping[str, int]
    linked_servers: int
    databases: tuple[Database, ...]
    full_backups: Mapping[str, str] | None
    last_restore: str | None


def read_inside(answer: Fields) -> tuple[Inside, ...]:
    """Reads the answer of ``windows_sqlserver.ps1``.

    Raises:
        UnparsedError: it is not what the script prints.
    """
    return tuple(_inside(each) for each in answer.rows("instances"))


def _rows(instance: Fields, part: str) -> tuple[Fields, ...] | None:
    """The rows of a query; ``None`` where the server refused it."""
    answer = instance.part(part)
    return None if answer.integer("error") else answer.rows("rows")


def _inside(part: Fields) -> Inside:
    name, error = part.text("name").upper(), part.integer("error")
    server = _rows(part, "server")
    if error or not server:
        return Inside(name, error or -1, None, False, (), {}, 0, (), None, None)
    facts = server[0]
    principals, settings = _rows(part, "principals"), _rows(part, "settings")
    databases = _rows(part, "databases")
    backups, restores = _rows(part, "backups"), _rows(part, "restores")
    # Where the list of databases is hidden, or a part of it, nothing can be said of guests.
    whole = databases is not None and len(databases) == facts.integer("databases")
    return Inside(
        name=name,
        error=0,
        windows_only=facts.integer("windows_only") == 1,
        sees_all=facts.integer("sees_definitions") == 1
        and principals is not None
        and settings is not None
        and whole,
        principals=_principals(principals or ()),
        settings={row.text("name"): row.integer("value") for row in settings or ()},
        linked_servers=facts.integer("linked_servers"),
        databases=_databases(databases or (), part.rows("within")),
        full_backups=None if backups is None else _full(backups),
        last_restore=(restores[0].optional_text("last") or "") if restores else None,
    )


def _principals(rows: tuple[Fields, ...]) -> tuple[Principal, ...]:
    """Each account once, with all its roles; every account has a row without one as well."""
    roles: dict[str, set[str]] = {}
    first: dict[str, Fields] = {}
    for row in rows:
        sid = row.text("sid")
        first.setdefault(sid, row)
        roles.setdefault(sid, set()).add(row.text("role"))
    return tuple(
        Principal(
            row.text("name"),
            sid.upper(),
            row.integer("disabled") == 1,
            frozenset(roles[sid] - {""}),
            None if row.value("policy") is None else row.integer("policy") == 1,
        )
        for sid, row in first.items()
    )


_LAST_OF_ITS_OWN = 4
"""master, tempdb, model and msdb have the numbers 1 to 4."""


def _databases(rows: tuple[Fields, ...], within: tuple[Fields, ...]) -> tuple[Database, ...]:
    inside = {part.text("name"): part for part in within}
    if len(inside) < len(within):
        raise UnparsedError("within")
    return tuple(
        _database(row, inside.get(row.text("name")))
        for row in rows
        if row.integer("id") > _LAST_OF_ITS_OWN
    )


def _database(row: Fields, within: Fields | None) -> Database:
    seen = within is not None and within.integer("error") == 0
    found = within.rows("rows") if within is not None and seen else ()
    if seen and len(found) != 1:
        raise UnparsedError("within")
    return Database(
        name=row.text("name"),
        online=row.integer("state") == 0,
        trustworthy=row.integer("trustworthy") == 1,
        encrypted=row.integer("encrypted") == 1,
        owner=row.optional_text("owner") or "",
        seen=seen,
        guest=seen and found[0].integer("guest") > 0,
        everyone=found[0].integer("everyone") if seen else 0,
        owners=found[0].integer("owners") if seen else 0,
    )


def _full(rows: tuple[Fields, ...]) -> Mapping[str, str]:
    """``D`` is a full backup of a database (msdb.dbo.backupset)."""
    return {row.text("name"): row.text("finished") for row in rows if row.text("type") == "D"}

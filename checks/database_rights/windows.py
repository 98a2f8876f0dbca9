"""Database servers on a Windows: which there are, and what SQL Server says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from assessor.api import (
    Captures,
    Fact,
    Fields,
    Message,
    NotCaptured,
    Told,
    UnparsedError,
    read_object,
    read_registry,
    told,
)

from . import mysql, postgresql
from .others import MONGODB, MSSQL, REDIS
from .sqlserver import Inside, Settings, read_inside, read_settings
from .sqlserver_verdict import engine_name, judge
from .verdict import Verdict, named, said

_SQL_SERVER = "sqlservr.exe"
_OWN_OF_WINDOWS = "MICROSOFT##"
_NAMES = (
    ("mysqld", mysql.NAME),
    ("mariadbd", mysql.NAME),
    ("pg_ctl", postgresql.NAME),
    ("postgres", postgresql.NAME),
    ("mongod", MONGODB),
    ("redis-server", REDIS),
    ("memurai", REDIS),
    ("valkey-server", REDIS),
    (_SQL_SERVER, MSSQL),
)


@dataclass(frozen=True, slots=True)
class Service:
    """A service that is a database server.

    Attributes:
        name: of the service.
        program: the file that it starts, in small letters.
        account: as whom it runs.
        running: a process of that program runs.
    """

    name: str
    program: str
    account: str
    running: bool

    @property
    def engine(self) -> str:
        """Which database it is."""
        return _engine(self.program)


@dataclass(frozen=True, slots=True)
class Servers:
    """What ``windows_databases.ps1`` saw; ``processes`` are the programs that run."""

    services: tuple[Service, ...]
    processes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Windows:
    """All that the judgement of a Windows rests on."""

    now: datetime
    servers: Told[Servers]
    settings: Told[tuple[Settings, ...]]
    inside: Told[tuple[Inside, ...]]

    @property
    def gap(self) -> NotCaptured | None:
        """Why what there is was not seen."""
        return self.servers.gap or self.settings.gap

    @property
    def unparsed(self) -> bool:
        """An answer is not what the probe prints."""
        return bool(self.servers.unparsed or self.settings.unparsed or self.inside.unparsed)


def _engine(program: str) -> str:
    for start, engine in _NAMES:
        if program.startswith(start):
            return engine
    return program.removesuffix(".exe")


def read_servers(answer: Fields) -> Servers:
    """Reads the answer of ``windows_databases.ps1``.

    Raises:
        UnparsedError: it is not what the script prints.
    """
    answer.integer("closed")
    services = []
    for row in answer.rows("services"):
        row.integer("start")
        services.append(
            Service(
                row.text("name"),
                row.text("program").lower(),
                row.text("account"),
                row.boolean("running"),
            )
        )
        if not services[-1].program.endswith(".exe"):
            raise UnparsedError(f"service {row.text('name')}")
    processes = tuple(dict.fromkeys(name.lower() for name in answer.texts("processes")))
    return Servers(tuple(services), processes)


def observe(captures: Captures) -> Windows:
    """Reads what there is."""
    return Windows(
        captures.at,
        told(captures, "databases", lambda text: read_servers(read_object(text))),
        told(captures, "instances", lambda text: read_settings(read_registry(text))),
        told(captures, "sqlserver", lambda text: read_inside(read_object(text))),
    )


def verdicts(seen: Windows, allowed: Iterable[str]) -> list[Verdict]:
    """One for each server; none where there is no database."""
    servers = seen.servers.answer or Servers((), ())
    mine = [s for s in servers.services if not _part_of_windows(s)]
    found = _gathered(list(_sql_servers(seen, mine, tuple(allowed))))
    others = [service for service in mine if service.program != _SQL_SERVER]
    found += [_not_asked(service) for service in others]
    # A server may run without being a service, or in place of one that was not looked at.
    known = {service.engine for service in mine} | {MSSQL}
    found += [
        Verdict(engine, gaps=(said("not_asked_on_windows", engine),))
        for engine in dict.fromkeys(_engine(program) for program in servers.processes)
        if engine not in known
    ]
    return found


def _gathered(found: list[Verdict]) -> list[Verdict]:
    """The same, with what was observed of all instances at the first."""
    together: dict[str, tuple[Fact, ...]] = {}
    for verdict in found:
        for name, value in verdict.observed:
            values = value if isinstance(value, tuple) else (value,)
            together[name] = (*together.get(name, ()), *values)
    return [
        replace(verdict, observed=() if position else tuple(together.items()))
        for position, verdict in enumerate(found)
    ]


def _part_of_windows(service: Service) -> bool:
    return _OWN_OF_WINDOWS in service.name.upper()


def _not_asked(service: Service) -> Verdict:
    message = "not_asked_on_windows" if service.running else "not_running"
    return Verdict(service.engine, gaps=(said(message, service.engine),))


def _sql_servers(
    seen: Windows, services: list[Service], allowed: tuple[str, ...]
) -> Iterator[Verdict]:
    own = [service for service in services if service.program == _SQL_SERVER]
    settings = seen.settings.answer or ()
    asked = {inside.name: inside for inside in seen.inside.answer or ()}
    for instance in settings:
        inside = asked.get(instance.name)
        service = next((s for s in own if _instance(s) == instance.name), None)
        if (inside is None or inside.error) and service is not None and not service.running:
            engine = engine_name(instance.name)
            yield Verdict(engine, gaps=(said("not_running", engine),))
            continue
        verdict = judge(instance, inside, allowed, seen.now)
        if inside is None:
            verdict = replace(verdict, missing=seen.inside.gap)
        yield _with_account(verdict, service)
    known = {instance.name for instance in settings}
    lost = [service.name for service in own if _instance(service) not in known]
    if lost:
        yield Verdict(MSSQL, gaps=(Message("not_judged", {"names": named(lost)}),))


def _instance(service: Service) -> str:
    """``MSSQLSERVER``, or what follows ``MSSQL$``."""
    return service.name.upper().removeprefix("MSSQL$")


def _with_account(verdict: Verdict, service: Service | None) -> Verdict:
    """Advice where the server itself may do anything on the machine."""
    if service is None or service.account.lower() != "localsystem":
        return verdict
    wish = said("runs_as_system", verdict.engine)
    return replace(verdict, advice=(*verdict.advice, wish))

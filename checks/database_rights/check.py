"""Rights on databases: which engines run here, who is let in from where, and who has all rights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from assessor.api import (
    Capture,
    Captured,
    Captures,
    Check,
    Fact,
    Judgement,
    Message,
    NotCaptured,
    Parameters,
    Platform,
    failed,
    not_applicable,
    not_observed,
    passed,
    unknown,
)

from . import mysql, postgresql, windows
from .host import Host, read_host
from .others import MONGODB, MSSQL, REDIS, judge_mongodb, judge_mssql, judge_redis
from .verdict import Verdict, named, said

MEASURE = "database-rights"
NAMES = {
    "postgresql": postgresql.NAME,
    "mysql": mysql.NAME,
    "redis": REDIS,
    "mongodb": MONGODB,
    "mssql": MSSQL,
}
NOT_INSTALLED = 127
CLIENT_MISSING = "client_missing"
REDIS_PORT = 6379


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the judgement rests on.

    Attributes:
        host: ``None`` when the script's output was not whole.
        gap: why the script gave nothing.
        postgresql: what each server said of itself, or why that is not known.
        mysql: the same, by each client.
        redis: the answers to a ping without a password, by port.
        mssql: the settings of SQL Server, or why they are not known.
    """

    host: Host | None
    gap: NotCaptured | None
    postgresql: tuple[postgresql.Server | Verdict, ...]
    mysql: tuple[mysql.Server | Verdict, ...]
    redis: Mapping[int, Captured]
    mssql: Captured | NotCaptured


def observe(captures: Captures) -> Facts | windows.Windows:
    """Reads what runs, and what each engine says of itself."""
    if captures.target.platform is Platform.WINDOWS:
        return windows.observe(captures)
    found = captures.answered("databases")
    servers = (captures["postgresql"], *captures.each("postgresql_at"))
    clients = (captures["mysql"], captures["mariadb"])
    return Facts(
        host=None if found is None else read_host(found.stdout),
        gap=captures.gap("databases"),
        postgresql=tuple(_asked(servers, postgresql.NAME, postgresql.read_server)),
        mysql=tuple(_asked(clients, mysql.NAME, mysql.read_server)),
        redis=_redis_answers(captures),
        mssql=captures["mssql_settings"],
    )


Server = TypeVar("Server")


def _asked(
    probes: Iterable[Capture],
    name: str,
    read: Callable[[str], Server | None],
) -> Iterator[Server | Verdict]:
    for found in probes:
        if isinstance(found, NotCaptured):
            yield Verdict(name, gaps=(said("no_answer", name),), missing=found)
        elif found.exit_status == NOT_INSTALLED:
            yield Verdict(name, gaps=(said(CLIENT_MISSING, name),))
        elif found.exit_status:
            yield Verdict(name, gaps=(said("no_answer", name),))
        else:
            server = read(found.stdout) if found.whole else None
            yield Verdict(name, gaps=(said("not_understood", name),)) if server is None else server


def _redis_answers(captures: Captures) -> Mapping[int, Captured]:
    answers: dict[int, Captured] = {}
    for probe in ("valkey", "redis"):
        found = captures.answered(probe)
        if found is not None and found.exit_status != NOT_INSTALLED:
            answers[REDIS_PORT] = found
    ports = captures.target.options.get("redis_ports", ())
    if isinstance(ports, Sequence):
        for port, capture in zip(ports, captures.each("redis_at"), strict=False):
            if isinstance(port, str) and port.isdecimal() and isinstance(capture, Captured):
                answers[int(port)] = capture
    return answers


def evaluate(facts: Facts | windows.Windows, parameters: Parameters) -> list[Judgement]:
    """One judgement for all engines: one fault is enough to fail, one gap to be unknown."""
    if isinstance(facts, windows.Windows):
        return [_on_windows(facts, parameters)]
    host = facts.host
    if host is None:
        if facts.gap is not None:
            return [not_observed(MEASURE, facts.gap)]
        return [unknown(MEASURE, "unparsed")]
    verdicts = list(_verdicts(facts, host, parameters.texts("allowed_superusers")))
    # What a container holds counts as well, but is asked for within it.
    contained = dict.fromkeys(NAMES[s.engine] for s in host.servers if s.contained)
    verdicts += [Verdict(name, gaps=(said("in_container", name),)) for name in contained]
    if host.others:
        verdicts.append(Verdict("", gaps=(Message("not_judged", {"names": named(host.others)}),)))
    if not verdicts:
        return [_nothing_runs(host)]
    return [_joined(verdicts, parameters, hidden=host.hidden)]


def _on_windows(seen: windows.Windows, parameters: Parameters) -> Judgement:
    if seen.gap is not None:
        return not_observed(MEASURE, seen.gap)
    if seen.unparsed:
        return unknown(MEASURE, "unparsed")
    verdicts = windows.verdicts(seen, parameters.texts("allowed_superusers"))
    if not verdicts:
        return not_applicable(MEASURE, "no_database")
    return _joined(verdicts, parameters, hidden=False)


def _nothing_runs(host: Host) -> Judgement:
    if host.hidden:
        return unknown(MEASURE, "processes_hidden")
    if host.installed:
        engines = named(NAMES.get(engine, engine) for engine in host.installed)
        return unknown(MEASURE, "not_running", {"engine": engines})
    return not_applicable(MEASURE, "no_database")


def _joined(verdicts: list[Verdict], parameters: Parameters, *, hidden: bool) -> Judgement:
    faults = [fault for verdict in verdicts for fault in verdict.faults]
    gaps = [gap for verdict in verdicts for gap in verdict.gaps]
    if hidden:
        gaps.append(Message("processes_hidden", {}))
    advice = [wish for verdict in verdicts for wish in verdict.advice]
    observed: dict[str, Fact] = {
        "engines": tuple(dict.fromkeys(v.engine for v in verdicts if v.engine))
    }
    for verdict in verdicts:
        observed.update(verdict.observed)
    expected: dict[str, Fact] = {"allowed_superusers": parameters.texts("allowed_superusers")}
    if faults:
        first, *rest = faults
        return failed(
            MEASURE,
            first.id,
            first.facts,
            expected=expected,
            observed=observed,
            advice=(*rest, *advice),
        )
    missing = next((v.missing for v in verdicts if v.missing is not None), None)
    if missing is not None:
        return not_observed(MEASURE, missing)
    if gaps:
        first, *rest = gaps
        return unknown(
            MEASURE,
            first.id,
            first.facts,
            expected=expected,
            observed=observed,
            advice=(*rest, *advice),
        )
    engines = named(verdict.engine for verdict in verdicts)
    return passed(
        MEASURE,
        "limited",
        {"engine": engines},
        expected=expected,
        observed=observed,
        advice=tuple(advice),
    )


def _verdicts(facts: Facts, host: Host, allowed: tuple[str, ...]) -> Iterator[Verdict]:
    if number := len(host.of("postgresql")):
        yield from _postgresql(facts.postgresql, number, allowed)
    if number := len(host.of("mysql")):
        yield from _mysql(facts.mysql, number, allowed, host.skip_grant_tables)
    for server in host.of("redis"):
        yield _redis(server.port, facts.redis, host)
    if host.of("mongodb"):
        yield judge_mongodb(host)
    if host.of("mssql"):
        yield judge_mssql(facts.mssql, host)


def _postgresql(
    answers: Iterable[postgresql.Server | Verdict], number: int, allowed: tuple[str, ...]
) -> Iterator[Verdict]:
    ports: set[int] = set()
    for found in answers:
        if isinstance(found, Verdict):
            yield found
        elif found.port not in ports:
            ports.add(found.port)
            yield postgresql.judge(found, allowed)
    if ports and number > len(ports):
        facts: dict[str, Fact] = {"number": number - len(ports), "option": "postgresql_ports"}
        yield Verdict(postgresql.NAME, gaps=(said("more_servers", postgresql.NAME, **facts),))


def _mysql(
    answers: tuple[mysql.Server | Verdict, ...],
    number: int,
    allowed: tuple[str, ...],
    skip_grant_tables: tuple[str, ...],
) -> Iterator[Verdict]:
    """By whichever client answers; where neither does, the reason of the one that is there."""
    if skip_grant_tables:
        fault = said("grant_tables_skipped", mysql.NAME, file=named(skip_grant_tables))
        yield Verdict(mysql.NAME, (fault,))
    server = next((found for found in answers if isinstance(found, mysql.Server)), None)
    if server is None:
        reasons = [found for found in answers if isinstance(found, Verdict)]
        there = [found for found in reasons if found.gaps[0].id != CLIENT_MISSING]
        yield (there or reasons)[0]
        return
    yield mysql.judge(server, allowed)
    if number > 1:
        yield Verdict(mysql.NAME, gaps=(said("more_unasked", mysql.NAME, number=number - 1),))


def _redis(port: int | None, answers: Mapping[int, Captured], host: Host) -> Verdict:
    if port is not None and port != REDIS_PORT and port not in answers:
        facts: dict[str, Fact] = {"number": 1, "option": "redis_ports"}
        return Verdict(REDIS, gaps=(said("more_servers", REDIS, **facts),))
    return judge_redis(port, answers.get(port or 0), host)


CHECK = Check(observe=observe, evaluate=evaluate)

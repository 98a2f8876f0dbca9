"""Judges Redis, MongoDB and SQL Server: by who is let in, and where they listen.

What the accounts of MongoDB and SQL Server may do, they tell an administrator's password alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from assessor.api import Captured, Message, NotCaptured

from .host import EVERYWHERE, LOOPBACK, Host
from .verdict import Verdict, named, said

REDIS, MONGODB, MSSQL = "Redis", "MongoDB", "SQL Server"
_MONGO_PORT, _MSSQL_PORT = 27017, 1433


def _plain(engine: str, addresses: tuple[str, ...]) -> tuple[list[Message], list[Message]]:
    """Faults and advice where what goes over the network is not encrypted."""
    if any(address in EVERYWHERE for address in addresses):
        return [said("listens_everywhere_plain", engine)], []
    if addresses:
        return [], [said("plain_allowed", engine, address=named(addresses))]
    return [], []


def judge_redis(port: int | None, answer: Captured | None, host: Host) -> Verdict:
    """Redis on ``port``; ``answer`` is what it said to a ping without a password."""
    reply = answer.stdout if answer is not None and answer.whole else ""
    needs_proof = reply.startswith("NOAUTH Authentication required.\n")
    if port is None or not (needs_proof or reply == "PONG\n"):
        return Verdict(REDIS, gaps=(said("redis_silent", REDIS, port=port or "?"),))
    seen = host.addresses(port)
    if seen is None:
        return Verdict(REDIS, gaps=(said("listening_unseen", REDIS),))
    faults: list[Message] = []
    advice: list[Message] = []
    if not needs_proof and seen:
        faults.append(said("no_password", REDIS, address=named(seen), port=port))
    elif not needs_proof:
        advice.append(said("open_locally", REDIS, port=port))
    # It answered in plain text.
    plain, wish = _plain(REDIS, seen)
    return Verdict(
        REDIS,
        (*faults, *plain),
        advice=(*advice, *wish),
        observed=(("redis_password", needs_proof), ("redis_listens", seen)),
    )


def judge_mongodb(host: Host) -> Verdict:
    """MongoDB, by its command line and its file of settings."""
    options = host.mongo_options
    settings = _mongo_settings(host.mongo_lines or ())
    closed = [path for path in host.unreadable if "mongo" in path]
    own = options.get("--config") or options.get("-f") or ""
    other_file = own not in ("", "/etc/mongod.conf", "/etc/mongodb.conf")
    if closed or other_file or settings is None:
        path = own if other_file else (closed or ["mongod.conf"])[0]
        return Verdict(MONGODB, gaps=(said("settings_unseen", MONGODB, file=path),))
    if not own:
        # Started without a file: the one in /etc is not its own.
        settings = {}
    guarded = (
        "--auth" in options
        or "--keyFile" in options
        or settings.get("security.authorization") == "enabled"
        or "security.keyFile" in settings
        or settings.get("auth") == "true"
        or "keyFile" in settings
    )
    if settings.get("security.transitionToAuth") == "true" or "--noauth" in options:
        guarded = False
    port = _number(options.get("--port") or settings.get("net.port") or settings.get("port"))
    seen = host.addresses(port or _MONGO_PORT)
    if not guarded:
        return Verdict(MONGODB, (said("no_access_control", MONGODB),))
    if seen is None:
        return Verdict(MONGODB, gaps=(said("listening_unseen", MONGODB),))
    mode = (
        options.get("--tlsMode")
        or options.get("--sslMode")
        or settings.get("net.tls.mode")
        or settings.get("net.ssl.mode")
        or "disabled"
    )
    faults, advice = ([], []) if mode in ("requireTLS", "requireSSL") else _plain(MONGODB, seen)
    return Verdict(
        MONGODB,
        tuple(faults),
        gaps=(said("rights_unseen", MONGODB),),
        advice=tuple(advice),
        observed=(("mongodb_access_control", guarded), ("mongodb_listens", seen)),
    )


def _mongo_settings(lines: tuple[str, ...]) -> Mapping[str, str] | None:
    """``net.tls.mode`` and the like to their values; ``None`` for a form that is not understood."""
    settings: dict[str, str] = {}
    sections: list[tuple[int, str]] = []
    for line in lines:
        match = re.match(r"( *)([A-Za-z_]+)[ \t]*[:=][ \t]*([^#]*?)[ \t]*(#.*)?\Z", line)
        if match is None:
            return None
        depth = len(match[1])
        while sections and sections[-1][0] >= depth:
            sections.pop()
        name = ".".join([*(section for _, section in sections), match[2]])
        value = match[3].strip("\"'")
        if value.startswith(("{", "[")):
            return None
        if value:
            settings[name] = value
        else:
            sections.append((depth, match[2]))
    return settings


def _number(text: str | None) -> int | None:
    return int(text) if text and re.match(r"[0-9]{1,5}\Z", text) else None


def judge_mssql(answer: Captured | NotCaptured, host: Host) -> Verdict:
    """SQL Server on Linux, by its settings and where it listens."""
    if isinstance(answer, NotCaptured):
        return Verdict(MSSQL, gaps=(said("no_answer", MSSQL),), missing=answer)
    # grep: 1 where nothing fits, 2 where there is no file, which leaves all as it comes.
    if answer.exit_status not in (0, 1, 2) or not answer.whole:
        return Verdict(MSSQL, gaps=(said("no_answer", MSSQL),))
    settings: dict[str, str] = {}
    for line in answer.stdout.splitlines():
        name, sign, value = line.partition("=")
        if sign:
            settings[name.strip().lower()] = value.strip().lower()
    addresses = host.addresses(_number(settings.get("tcpport")) or _MSSQL_PORT)
    if addresses is None:
        return Verdict(MSSQL, gaps=(said("listening_unseen", MSSQL),))
    faults, advice = (
        ([], []) if settings.get("forceencryption") == "1" else _plain(MSSQL, addresses)
    )
    return Verdict(
        MSSQL,
        tuple(faults),
        gaps=(said("rights_unseen", MSSQL),),
        advice=tuple(advice),
        observed=(("mssql_listens", tuple(a for a in addresses if not LOOPBACK.match(a))),),
    )

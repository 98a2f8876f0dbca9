"""Syslog in its several makes: into which files log-ins go, and to which other machines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from assessor.api import Record

from . import syslog_ng
from .logrotate import kept_days

DAEMONS = ("rsyslogd", "syslog-ng", "syslogd", "metalog")
_USUAL_FILES = ("/var/log/auth.log", "/var/log/secure", "/var/log/authlog")
SHIPPERS = frozenset(
    {"journal-upload", "filebeat", "promtail", "alloy", "grafana-agent", "fluent-bit", "fluentd"}
    | {"td-agent", "vector", "vector-worker", "wazuh-agentd", "ossec-agentd", "splunkd", "nxlog"}
)
_LOOPBACK = re.compile(r"(127\.[0-9.]+|localhost|\[?::1\]?)")
_DAY = 86_400
_KNOWN_INCLUDES = frozenset(
    {"/etc/rsyslog.d/*.conf", "/etc/rsyslog.d/", "/run/rsyslog/additional-log-sockets.conf"}
)
"""Folders that the script reads, and what only names sockets that are read from (SUSE)."""
_PLAIN_RULE = re.compile(r"\s*(\S+)\s+-?(/\S+)\s*(?:;.*)?")
_ACTION_RULE = re.compile(
    r'\s*(\S+)\s+action\(.*type\s*=\s*"omfile".*\bfile\s*=\s*"([^"]+)".*', re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file into which log-ins go.

    Attributes:
        path: the file that is written now.
        changed: when it, or else the one before it, last changed; seconds since 1970.
        oldest: when its first line was written, or else when the oldest version of it was last
            written; ``None`` where neither was seen.
        keep_days: days for which logrotate keeps it, or ``None`` if that cannot be said.
    """

    path: str
    changed: int
    oldest: int | None
    keep_days: int | None


@dataclass(frozen=True, slots=True)
class Syslog:
    """What is known of syslog.

    Attributes:
        daemons: the programs that run.
        files: the files that hold log-ins.
        sent_to: where records are sent to: hosts, or names of programs that send them.
        unclear: rules that may concern log-ins and were not understood.
        memory_only: records go to the memory of ``syslogd`` (``-C``) and to no file.
    """

    daemons: tuple[str, ...]
    files: tuple[LogFile, ...]
    sent_to: tuple[str, ...]
    unclear: tuple[str, ...] = ()
    memory_only: bool = False


def read_syslog(found: tuple[Record, ...], now: int) -> Syslog:
    """Sorts the records of the script that concern syslog and the sending of logs."""
    running = [text for kind, text in found if kind == "process"]
    daemons = tuple(name for name in DAEMONS if name in running)
    wanted = list(_USUAL_FILES)
    sent_to: list[str] = [name for name in running if name in SHIPPERS]
    unclear: list[str] = []
    memory_only = False
    if "rsyslogd" in daemons:
        wanted += _rule_files(found, "rsyslog")
        sent_to += _rsyslog_hosts(found)
        unclear += _rsyslog_unclear(found)
    if "syslog-ng" in daemons:
        files, hosts = syslog_ng.targets(found)
        wanted += files
        sent_to += [host for host in hosts if not _LOOPBACK.fullmatch(host)]
        if not files and not hosts:
            unclear.append("syslog-ng")
    if "syslogd" in daemons:
        arguments = next((text.split() for kind, text in found if kind == "syslogd"), [])
        wanted += [*_rule_files(found, "syslog_conf"), *_after(arguments, "-O")]
        wanted.append("/var/log/messages")
        sent_to += [_host(word) for word in _after(arguments, "-R")]
        memory_only = any(word.startswith("-C") for word in arguments)
    known = _Known(dict(_sizes(found)), dict(_firsts(found, now)), found)
    log_files = [
        file
        for path in dict.fromkeys(wanted)
        if daemons and not memory_only and (file := _file(path, known)) is not None
    ]
    return Syslog(
        daemons, tuple(log_files), tuple(dict.fromkeys(sent_to)), tuple(unclear), memory_only
    )


@dataclass(frozen=True, slots=True)
class _Known:
    sizes: Mapping[str, tuple[int, int]]
    firsts: Mapping[str, int]
    found: tuple[Record, ...]


def _after(arguments: list[str], option: str) -> list[str]:
    return [after for word, after in pairwise(arguments) if word == option]


def _host(text: str) -> str:
    return text.partition(":")[0]


def _firsts(found: tuple[Record, ...], now: int) -> Iterable[tuple[str, int]]:
    """When the first line of a log was written; a time stamp without a year is of the last one."""
    for kind, text in found:
        if kind != "first":
            continue
        path, _, stamp = text.partition(" ")
        try:
            if stamp[:1].isdecimal():
                time = datetime.fromisoformat(stamp)
                if time.tzinfo is None:
                    continue
            else:
                year = datetime.fromtimestamp(now, UTC).year
                time = datetime.strptime(f"{year} {stamp} +0000", "%Y %b %d %H:%M:%S %z")
                if time.timestamp() > now + _DAY:
                    time = time.replace(year=year - 1)
        except ValueError:
            continue
        yield path, int(time.timestamp())


def _sizes(found: tuple[Record, ...]) -> Iterable[tuple[str, tuple[int, int]]]:
    for kind, text in found:
        if kind == "log":
            entry = re.fullmatch(r"([0-9]+) ([0-9]+) (/.+)", text)
            if entry is not None:
                yield entry[3], (int(entry[1]), int(entry[2]))


def _file(path: str, known: _Known) -> LogFile | None:
    sizes = known.sizes
    if path not in sizes:
        return None
    # auth.log.1, auth.log.2.gz, secure-20261101, secure-20261101.xz
    old = re.compile(re.escape(path) + r"[.-][0-9]+(\.[a-z0-9]+)?")
    before = [time for name, (time, size) in sizes.items() if old.fullmatch(name) and size > 0]
    time, size = sizes[path]
    changed = max([time, *before] if size > 0 else before, default=0)
    if path in known.firsts:
        before.append(known.firsts[path])
    return LogFile(path, changed, min(before, default=None), kept_days(known.found, path))


def _rule_files(found: tuple[Record, ...], source: str) -> Iterable[str]:
    """Files of ``selector /path`` and of ``selector action(type="omfile" file="/path")``."""
    for kind, text in found:
        if kind != source:
            continue
        rule = _PLAIN_RULE.fullmatch(text) or _ACTION_RULE.fullmatch(text)
        if rule is not None and selects_log_ins(rule[1]):
            yield rule[2].partition(";")[0]


def _rsyslog_unclear(found: tuple[Record, ...]) -> Iterable[str]:
    """Files that are written by a rule with conditions, and settings that stand elsewhere."""
    for kind, text in found:
        if kind != "rsyslog" or _ACTION_RULE.fullmatch(text):
            continue
        named = re.search(r'\b(?:file|dynaFile)\s*=\s*"([^"]+)"', text, re.IGNORECASE)
        included = re.match(r"\s*(?:include\(.*|\$IncludeConfig\s+(\S+))", text, re.IGNORECASE)
        if included is not None:
            path = included[1] or (named[1] if named else text.strip())
            if path not in _KNOWN_INCLUDES:
                yield path
        elif named is not None and not re.search(r"\binput\(|imfile", text):
            yield named[1]


def _rsyslog_hosts(found: tuple[Record, ...]) -> Iterable[str]:
    """Hosts of ``selector @@host:port`` and of ``action(type="omfwd" target="host")``."""
    forwarding = False
    for kind, text in found:
        if kind != "rsyslog":
            forwarding = False
            continue
        rule = re.fullmatch(r"\s*(\S+)\s+@@?(?:\([^)]*\))?(\[[^\]]+\]|[^:;\s]+).*", text)
        if rule is not None and selects_log_ins(rule[1]) and not _LOOPBACK.fullmatch(rule[2]):
            yield rule[2]
        forwarding = forwarding or re.search(r'"om(fwd|relp)"', text, re.IGNORECASE) is not None
        target = re.search(r'target\s*=\s*"([^"]+)"', text, re.IGNORECASE)
        if forwarding and target is not None:
            forwarding = False
            if not _LOOPBACK.fullmatch(target[1]):
                yield target[1]


def selects_log_ins(selector: str) -> bool:
    """Whether an rsyslog selector such as ``*.info;authpriv.none`` takes in log-in messages.

    They have the facility auth or authpriv and the level info; of the parts that name a facility
    the last one counts (``rsyslog.conf(5)``).
    """
    taken = {"auth": False, "authpriv": False}
    for part in selector.lower().split(";"):
        names, dot, level = part.rpartition(".")
        if not dot:
            return False
        for facility in taken:
            if "*" in names.split(",") or facility in names.split(","):
                taken[facility] = level in ("*", "info", "debug", "=info")
    return any(taken.values())

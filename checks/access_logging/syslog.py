"""rsyslog, syslog-ng and others: into which files log-ins go, and to which other machines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assessor.api import Record

from .logrotate import kept_days

DAEMONS = ("rsyslogd", "syslog-ng", "syslogd", "metalog")
_USUAL_FILES = ("/var/log/auth.log", "/var/log/secure", "/var/log/authlog")
_SHIPPERS = frozenset(
    {"journal-upload", "filebeat", "promtail", "alloy", "grafana-agent", "fluent-bit", "fluentd"}
    | {"td-agent", "vector", "vector-worker", "wazuh-agentd", "ossec-agentd", "splunkd", "nxlog"}
)
_LOOPBACK = re.compile(r"(127\.[0-9.]+|localhost|\[?::1\]?)")


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file into which log-ins go.

    Attributes:
        path: the file that is written now.
        changed: when it, or else the one before it, last changed; seconds since 1970.
        oldest: when the oldest version of it was last written, or ``None`` if there is only one.
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
    """

    daemons: tuple[str, ...]
    files: tuple[LogFile, ...]
    sent_to: tuple[str, ...]


def read_syslog(found: tuple[Record, ...]) -> Syslog:
    """Sorts the records of the script that concern syslog and the sending of logs."""
    running = [text for kind, text in found if kind == "process"]
    daemons = tuple(name for name in DAEMONS if name in running)
    sizes = dict(_sizes(found))
    wanted = list(_USUAL_FILES)
    sent_to: list[str] = [name for name in running if name in _SHIPPERS]
    if "rsyslogd" in daemons:
        wanted += _rsyslog_files(found)
        sent_to += _rsyslog_hosts(found)
    if "syslog-ng" in daemons:
        sent_to += _syslog_ng_hosts(found)
    if "syslogd" in daemons:
        wanted.append("/var/log/messages")
    files = [
        file
        for path in dict.fromkeys(wanted)
        if daemons and (file := _file(path, sizes, found)) is not None
    ]
    return Syslog(daemons, tuple(files), tuple(dict.fromkeys(sent_to)))


def _sizes(found: tuple[Record, ...]) -> Iterable[tuple[str, tuple[int, int]]]:
    for kind, text in found:
        if kind == "log":
            entry = re.fullmatch(r"([0-9]+) ([0-9]+) (/.+)", text)
            if entry is not None:
                yield entry[3], (int(entry[1]), int(entry[2]))


def _file(
    path: str, sizes: dict[str, tuple[int, int]], found: tuple[Record, ...]
) -> LogFile | None:
    if path not in sizes:
        return None
    # auth.log.1, auth.log.2.gz, secure-20261101, secure-20261101.xz
    old = re.compile(re.escape(path) + r"[.-][0-9]+(\.[a-z0-9]+)?")
    before = [time for name, (time, size) in sizes.items() if old.fullmatch(name) and size > 0]
    time, size = sizes[path]
    changed = max([time, *before] if size > 0 else before, default=0)
    return LogFile(path, changed, min(before, default=None), kept_days(found, path))


def _rsyslog_files(found: tuple[Record, ...]) -> Iterable[str]:
    for kind, text in found:
        rule = re.fullmatch(r"\s*(\S+)\s+-?(/\S+)\s*(?:;.*)?", text) if kind == "rsyslog" else None
        if rule is not None and selects_log_ins(rule[1]):
            yield rule[2].partition(";")[0]


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


def _syslog_ng_hosts(found: tuple[Record, ...]) -> Iterable[str]:
    """Hosts of ``network("host" ...)`` and the like; a source names no host but an address."""
    for kind, text in found:
        if kind != "syslog_ng":
            continue
        for host in re.findall(r"\b(?:network|syslog|tcp|udp)\(\s*\"([^\"]+)\"", text):
            if not _LOOPBACK.fullmatch(host):
                yield host


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

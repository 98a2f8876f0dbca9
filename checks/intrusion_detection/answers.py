"""Reads the answers of fail2ban, Wazuh and ``stat``; each is ``None`` when it is not whole."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Agent:
    """A Wazuh agent's own report.

    Attributes:
        connected: it had contact with its server in the last minute before it wrote this.
        kept_alive: when it last sent a sign of life, in the time of the machine's own zone.
    """

    connected: bool
    kept_alive: datetime


@dataclass(frozen=True, slots=True)
class File:
    """When a file was written, and its bytes."""

    written: datetime
    size: int


def read_jails(text: str) -> tuple[str, ...] | None:
    """The jails that run, as ``fail2ban-client status`` lists them."""
    count = re.search(r"^\|- Number of jail:\s+([0-9]{1,4})$", text, re.MULTILINE)
    listed = re.search(r"^`- Jail list:[ \t]*(.*)\n", text, re.MULTILINE)
    if count is None or listed is None:
        return None
    jails = tuple(name for name in (part.strip() for part in listed[1].split(",")) if name)
    return jails if len(jails) == int(count[1]) else None


def read_watched(text: str) -> tuple[str, ...] | None:
    """The files that a jail reads; empty when it reads none, but perhaps the journal."""
    if text == "No file is currently monitored\n":
        return ()
    match = re.fullmatch(r"Current monitored log file\(s\):\n((?:\|- [^\n]+\n)*`- [^\n]+\n)", text)
    return tuple(line[3:] for line in match[1].splitlines()) if match is not None else None


def read_agent(text: str) -> Agent | None:
    """``wazuh-agentd.state``; its last line is ``msg_buffer`` or stands behind it."""
    found = dict(re.findall(r"^([a-z_]+)='([^'\n]*)'\n", text, re.MULTILINE))
    if "msg_buffer" not in found or "status" not in found:
        return None
    try:
        kept_alive = datetime.strptime(
            found.get("last_keepalive", ""), "%Y-%m-%d %H:%M:%S"
        ).replace(tzinfo=UTC)
    except ValueError:
        return None
    return Agent(found["status"] == "connected", kept_alive)


def read_files(text: str) -> dict[str, File]:
    """The files that ``stat`` found, by path; a line that was cut off is none."""
    return {
        path: File(datetime.fromtimestamp(int(time), UTC), int(size))
        for time, size, path in re.findall(
            r"^([0-9]{1,11})_([0-9]{1,15})_(/[^\n]+)\n", text, re.MULTILINE
        )
    }

"""auditd: whether it records, and since when it has records.

With auditing on and auditd there, sshd, login and sudo report each log-in to it of their own
accord; rules (``auditctl -l``) add the use of files and commands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_MAIN = "/var/log/audit/audit.log"
_RANGE = re.compile(
    r"(/\S*/audit\.log(?:\.[0-9]+)?): "
    r"([0-9]{2}/[0-9]{2}/[0-9]{2,4} [0-9:]{8})\.[0-9]{3} - "
    r"[0-9]{2}/[0-9]{2}/[0-9]{2,4} [0-9:]{8}\.[0-9]{3}"
)


@dataclass(frozen=True, slots=True)
class AuditStatus:
    """What ``auditctl -s`` says: ``recording`` when auditing is on and auditd takes the records."""

    recording: bool
    lost: int


def read_status(output: str) -> AuditStatus | None:
    """Reads ``auditctl -s``; ``None`` when it is not of the known form or was cut off."""
    values: dict[str, int] = {}
    for line in output.removesuffix("\n").split("\n"):
        entry = re.fullmatch(r"([a-z_]+) ([0-9]+)( (?:locked|unlocked))?", line)
        if entry is None:
            return None
        if entry[1] != "loginuid_immutable" or entry[3]:
            values[entry[1]] = int(entry[2])
    # "loginuid_immutable" is the last line in all versions of this form (audit 2.3.3 and later).
    if not values.keys() >= {"enabled", "pid", "lost", "loginuid_immutable"}:
        return None
    return AuditStatus(values["enabled"] > 0 and values["pid"] > 0, values["lost"])


def count_rules(output: str) -> int | None:
    """The number of rules in ``auditctl -l``; ``None`` when the output is not of the known form."""
    lines = output.strip().split("\n")
    if lines == ["No rules"]:
        return 0
    return len(lines) if all(line.startswith(("-a ", "-w ", "-A ")) for line in lines) else None


def oldest_record(output: str) -> int | None:
    """When the oldest record begins, in seconds since 1970, from ``aureport -t`` (TZ=UTC).

    ``None`` when there is none, or a line is not understood, or the file that is being written is
    not listed, so that more may be missing.
    """
    starts = {}
    for line in output.removesuffix("\n").split("\n"):
        if not line or line.startswith("=") or line == "Log Time Range Report":
            continue
        entry = _RANGE.fullmatch(line)
        if entry is None:
            return None
        day = "%m/%d/%y" if len(entry[2].split()[0]) == 8 else "%m/%d/%Y"
        try:
            start = datetime.strptime(entry[2], f"{day} %H:%M:%S").replace(tzinfo=UTC)
        except ValueError:
            return None
        starts[entry[1]] = int(start.timestamp())
    return min(starts.values()) if _MAIN in starts else None

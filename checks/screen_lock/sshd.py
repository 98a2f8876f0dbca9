"""Whether sshd ends idle sessions: ``ChannelTimeout``, from OpenSSH 9.2 on.

``ClientAliveInterval`` times ``ClientAliveCountMax`` ends connections whose other side no longer
answers, never those of a person who walked away: the person's own computer goes on answering.
Before OpenSSH 8.2 a count of 0 did end idle sessions, but distributions took that out of older
versions as well, so it is no ground for a pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from assessor.api import Captures, NotCaptured, Record

_SHELL_CHANNEL = "session:shell"
# "global" watches all channels together, from OpenSSH 9.7 on.
_GLOBAL = "global"
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
# What "sshd -T" ends with: the output was not cut off.
_LAST = re.compile(
    r"pubkeyauthoptions (none|touch-required|verify-required|touch-required verify-required)"
    r"|persourcepenalties (no|.* overflow6:(permissive|deny-all))"
)
_GREP_LINE = re.compile(r"(/[^:\n]+):[0-9]+:(.*)")
_GREP_LAST = "/proc/sys/kernel/ostype"
_NEW_ENOUGH = (9, 2)
_OLD_MEANING = (8, 2)


class Seen(StrEnum):
    """How well sshd's settings are known."""

    EFFECTIVE = "effective"
    """sshd itself said them."""
    FILES = "files"
    """They stand in files that could all be read."""
    ABSENT = "absent"
    """There is no sshd."""
    NOT = "not"


@dataclass(frozen=True, slots=True)
class Sshd:
    """What bears on idle sessions.

    Attributes:
        idle_s: seconds after which an idle shell is closed; ``None`` where it never is.
        alive_s: after how many seconds a connection that is dead is closed; 0 for never.
        old_meaning: ``ClientAliveCountMax 0`` may end idle sessions in this version.
        matched: a Match block sets ``ChannelTimeout``, for some people or addresses; ``None`` when
            the files could not be read.
        gap: why sshd did not say its settings.
        files_gap: why root did not read its files.
    """

    seen: Seen
    idle_s: int | None
    alive_s: int
    old_meaning: bool
    matched: bool | None
    gap: NotCaptured | None
    files_gap: NotCaptured | None


def read_sshd(captures: Captures, found: Sequence[Record]) -> Sshd:
    """Joins what sshd says, what its files say, and its version."""
    version = _version(found)
    absent = any(kind == "sshd" and text == "absent" for kind, text in found)
    # A Match block ends with its file.
    lines = [
        "Match all" if kind == "sshd_file" else text
        for kind, text in found
        if kind == "sshd_file" or (kind == "sshd" and text != "absent")
    ]
    readable = not any(kind == "sshd_unreadable" for kind, _ in found)
    files = any(kind == "sshd_readable" for kind, _ in found)
    values, within = _from_lines(lines)
    matched = within if readable else _as_root(captures)
    answer = captures.answered("sshd_effective")
    said = _effective(answer.stdout) if answer is not None and not answer.exit_status else None
    if said is not None:
        seen, values = Seen.EFFECTIVE, said
    elif absent and not files:
        seen = Seen.ABSENT
    elif readable and files and not _other_includes(lines):
        seen = Seen.FILES
    else:
        seen = Seen.NOT
    interval = _seconds(values.get("clientaliveinterval", "0")) or 0
    count = values.get("clientalivecountmax", "3")
    # An unknown version keeps the setting, for those that do not know it refuse to start.
    works = version is None or version >= _NEW_ENOUGH
    return Sshd(
        seen=seen,
        idle_s=_idle(values.get("channeltimeout", "")) if works else None,
        alive_s=interval * int(count) if count.isdecimal() and count != "0" else 0,
        old_meaning=(
            count == "0" and interval > 0 and version is not None and version < _OLD_MEANING
        ),
        matched=matched,
        gap=captures.gap("sshd_effective"),
        files_gap=captures.gap("sshd_config_lines"),
    )


def _version(found: Iterable[Record]) -> tuple[int, int] | None:
    for kind, text in found:
        number = re.match(r"OpenSSH_(\d+)\.(\d+)", text)
        if kind == "ssh_version" and number is not None:
            return int(number[1]), int(number[2])
    return None


def _effective(output: str) -> dict[str, str] | None:
    """What ``sshd -T`` says; ``None`` when its last line is missing."""
    lines = output.removesuffix("\n").split("\n")
    if _LAST.fullmatch(lines[-1]) is None:
        return None
    values: dict[str, str] = {}
    for line in lines:
        keyword, _, value = line.partition(" ")
        if re.fullmatch(r"[a-z][a-z0-9]+", keyword) is None:
            return None
        values.setdefault(keyword, value)
    return values if "clientaliveinterval" in values else None


def _from_lines(lines: Iterable[str]) -> tuple[dict[str, str], bool]:
    """The settings outside Match blocks, and whether a block sets ``ChannelTimeout``."""
    values: dict[str, str] = {}
    inside = matched = False
    for line in lines:
        found = re.match(r'"?([A-Za-z]+)"?\s*=?\s*(.*)', line)
        if found is None:
            continue
        keyword = found[1].lower()
        if keyword == "match":
            inside = found[2].strip().lower() != "all"
        elif not inside:
            values.setdefault(keyword, found[2].strip().replace('"', ""))
        elif keyword == "channeltimeout":
            matched = True
    return values, matched


def _other_includes(lines: Iterable[str]) -> bool:
    """Whether other files are included than those that were read, or known to be harmless."""
    known = ("/etc/ssh/sshd_config.d/*.conf", "sshd_config.d/*.conf", "/etc/crypto-policies/")
    for line in lines:
        keyword, _, value = line.partition(" ")
        if keyword.lower() == "include" and not all(
            word.strip('"').startswith(known) for word in value.split()
        ):
            return True
    return False


def _as_root(captures: Captures) -> bool | None:
    """Whether a Match block sets ``ChannelTimeout``, from the files as root reads them."""
    answer = captures.answered("sshd_config_lines")
    if answer is None or answer.exit_status not in (0, 2):
        return None
    by_path: dict[str, list[str]] = {}
    for line in answer.stdout.removesuffix("\n").split("\n"):
        found = _GREP_LINE.fullmatch(line)
        if found is None:
            return None
        by_path.setdefault(found[1], []).append(found[2].strip())
    if by_path.pop(_GREP_LAST, None) != ["Linux"]:
        return None
    return any(_from_lines(lines)[1] for lines in by_path.values())


def _idle(value: str) -> int | None:
    """Seconds after which ``ChannelTimeout`` closes a shell; the first type that fits counts."""
    shell: int | None = None
    every = 0
    for pair in value.split():
        pattern, equals, interval = pair.partition("=")
        seconds = _seconds(interval) if equals else None
        if seconds is None:
            continue
        if pattern == _GLOBAL:
            every = seconds
        elif shell is None and fnmatchcase(_SHELL_CHANNEL, pattern):
            shell = seconds
    return min((seconds for seconds in (shell, every) if seconds), default=None)


def _seconds(text: str) -> int | None:
    """A time as sshd_config(5) writes it (``15m``, ``1h30m``, ``900``), in seconds."""
    if re.fullmatch(r"(\d{1,8}[smhdwSMHDW]?)+", text) is None:
        return None
    parts = re.findall(r"(\d+)([smhdw]?)", text.lower())
    return sum(int(number) * _UNITS[unit] for number, unit in parts)

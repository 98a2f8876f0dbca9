"""What a command line of a backup program does: makes a backup, checks one, or restores one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum


class Level(IntEnum):
    """How much an action shows of a backup: the rungs of the ladder from job to working data.

    ``COPY_MADE`` and ``LISTED`` say nothing of restoring. ``INDEX_CHECKED`` looks at the list of
    what is stored (R2); ``DATA_READ`` reads all of it, or restores it without comparing (R3);
    ``RESTORED`` restores and compares the content (R4).
    """

    LISTED = 0
    COPY_MADE = 1
    INDEX_CHECKED = 2
    DATA_READ = 3
    RESTORED = 4


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a command does.

    Attributes:
        tool: the program.
        level: what its success shows.
        destinations: where the backup is, as the command says; may be empty.
        mirror: it keeps no earlier versions, so that a mistake is copied along.
        proven: the success of the whole command line shows that this part succeeded.
        plain: what it copies is not encrypted.
    """

    tool: str
    level: Level
    destinations: tuple[str, ...] = ()
    mirror: bool = False
    proven: bool = True
    plain: bool = False

    def doubted(self) -> Action:
        """The same, where the end of the whole does not show that this part succeeded."""
        return replace(self, proven=False)


_TOOL = re.compile(
    r"(?:^|[\s/'\"(])(restic|resticprofile|autorestic|rustic|borg|borgmatic|rsnapshot|duplicity|duply"
    r"|rclone|kopia|rdiff-backup|proxmox-backup-client|backupninja|tarsnap|pgbackrest|barman|rsync)"
    r"(?=$|[\s'\")])"
)

# The words that say what is done, by program; the first one on the line counts.
_RESTIC: Mapping[str, Level] = {
    "backup": Level.COPY_MADE,
    "copy": Level.COPY_MADE,
    "check": Level.INDEX_CHECKED,
    "restore": Level.DATA_READ,
}
_VERBS: Mapping[str, Mapping[str, Level]] = {
    "restic": _RESTIC,
    "rustic": _RESTIC,
    "resticprofile": _RESTIC,
    "autorestic": _RESTIC,
    "borg": {
        "create": Level.COPY_MADE,
        "check": Level.INDEX_CHECKED,
        "extract": Level.DATA_READ,
    },
    "borgmatic": {
        "create": Level.COPY_MADE,
        "--create": Level.COPY_MADE,
        "check": Level.INDEX_CHECKED,
        "--check": Level.INDEX_CHECKED,
        "extract": Level.DATA_READ,
        "restore": Level.DATA_READ,
    },
    "duplicity": {
        "verify": Level.INDEX_CHECKED,
        "restore": Level.DATA_READ,
        "full": Level.COPY_MADE,
        "incr": Level.COPY_MADE,
        "incremental": Level.COPY_MADE,
        "backup": Level.COPY_MADE,
    },
    "duply": {"backup": Level.COPY_MADE, "verify": Level.INDEX_CHECKED},
    "rclone": {
        "sync": Level.COPY_MADE,
        "copy": Level.COPY_MADE,
        "check": Level.INDEX_CHECKED,
        "cryptcheck": Level.DATA_READ,
    },
    "kopia": {"create": Level.COPY_MADE, "verify": Level.INDEX_CHECKED},
    "proxmox-backup-client": {"backup": Level.COPY_MADE, "restore": Level.DATA_READ},
    "pgbackrest": {"backup": Level.COPY_MADE, "verify": Level.DATA_READ},
    "barman": {"backup": Level.COPY_MADE},
    "tarsnap": {"-c": Level.COPY_MADE, "-cf": Level.COPY_MADE},
}
# These make a backup unless a word says otherwise.
_BY_DEFAULT: Mapping[str, frozenset[str]] = {
    "borgmatic": frozenset(
        {"prune", "compact", "list", "info", "init", "init-repo", "rcreate", "mount", "umount"}
        | {"borg", "export-tar", "break-lock", "config", "key", "transfer"}
        | {"--prune", "--list", "--info", "--init", "generate-borgmatic-config"}
    ),
    "rsnapshot": frozenset({"configtest", "du", "diff"}),
    "duplicity": frozenset(
        {"collection-status", "list-current-files", "cleanup", "remove-older-than"}
        | {"remove-all-but-n-full", "remove-all-inc-of-but-n-full"}
    ),
    "rdiff-backup": frozenset({"--verify", "--list-increments", "--remove-older-than", "restore"}),
    "backupninja": frozenset(),
    "rsync": frozenset({"--daemon"}),
}
_STRONGER: Mapping[tuple[str, str], tuple[str, Level]] = {
    ("restic", "check"): ("--read-data", Level.DATA_READ),
    ("rustic", "check"): ("--read-data", Level.DATA_READ),
    ("borg", "check"): ("--verify-data", Level.DATA_READ),
    # Each of these compares what was restored with what it should be.
    ("restic", "restore"): ("--verify", Level.RESTORED),
    ("duplicity", "verify"): ("--compare-data", Level.RESTORED),
}
_MIRRORS = frozenset({"rclone", "rsync"})
_PLAIN = frozenset({"rsync", "rsnapshot", "rdiff-backup"})
"""These copy files as they are. restic, Borg and Kopia always encrypt unless told otherwise."""
_URL = re.compile(
    r"(?:(?:sftp|s3|b2|azure|gs|swift|rest|rclone|ssh|scp|rsync|ftp|ftps|file|webdavs?|http|https"
    r"|s3\+http|boto3\+s3|gdrive|onedrive|dpbx):\S+"
    r"|[A-Za-z0-9._-]+@[A-Za-z0-9._-]+:\S*)"
)


def actions(text: str) -> tuple[Action, ...]:
    """What the command line ``text`` does, in order; it may hold several commands."""
    found = []
    parts = re.split(r"(&&|\|\||;|\||\n)", text)
    for position in range(0, len(parts), 2):
        after = parts[position + 1 : position + 2]
        # The status of "a; b" and "a | b" is that of b; "a || b" hides a failure of a.
        hidden = bool(after) and after[0] in (";", "|", "||") and _matters(parts[position + 2 :])
        action = _action(parts[position])
        if action is not None:
            condition = re.match(r"\s*(if|while|until|!)\s", parts[position]) is not None
            in_background = parts[position].rstrip().endswith(" &")
            unproven = hidden or condition or in_background
            found.append(action.doubted() if unproven else action)
    return tuple(found)


def _matters(rest: list[str]) -> bool:
    """Whether a command follows, so that its status takes the place of the one before."""
    return any(part.strip() for part in rest)


def _action(command: str) -> Action | None:
    found = _TOOL.search(command)
    if found is None:
        return None
    tool = found[1]
    words = command[found.end() :].split()
    level = _level(tool, words)
    if level is None:
        return None
    mirror = tool in _MIRRORS and "--backup-dir" not in command and "--link-dest" not in command
    plain = tool in _PLAIN or "--no-encryption" in words
    return Action(tool, level, tuple(_destinations(tool, words)), mirror, plain=plain)


def _level(tool: str, words: list[str]) -> Level | None:
    verbs = _VERBS.get(tool, {})
    for word in words:
        verb = word.strip("'\"")
        if verb in verbs:
            flag, stronger = _STRONGER.get((tool, verb), ("", Level.LISTED))
            return stronger if flag and flag in words else verbs[verb]
    others = _BY_DEFAULT.get(tool)
    if others is None or any(word in others for word in words):
        return None
    return Level.COPY_MADE


def _destinations(tool: str, words: list[str]) -> Iterable[str]:
    for position, raw in enumerate(words):
        word = raw.strip("'\"")
        following = words[position + 1].strip("'\"") if position + 1 < len(words) else ""
        if word in ("-r", "--repo", "--repo2", "--repository") and following:
            yield following
        elif word.startswith(("--repo=", "--repository=")):
            yield word.partition("=")[2]
        elif tool == "borg" and "::" in word and not word.startswith("::"):
            yield word.partition("::")[0]
        elif tool in ("duplicity", "duply", "rsync", "rclone") and _URL.fullmatch(word):
            yield word
    if tool in ("rclone", "rsync", "rdiff-backup") and words:
        last = words[-1].strip("'\"")
        if not last.startswith("-") and not _URL.fullmatch(last):
            yield last

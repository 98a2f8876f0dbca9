"""What a person asks of a restore test, checked before anything is sent anywhere."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from assessor.errors import UsageError

SCRATCH_PARENT = "/var/tmp"  # noqa: S108 - a folder of random name is made below it
LIMIT_MB = 64
LARGEST_LIMIT_MB = 100_000
FILES = 5
MOST_FILES = 500
"""The most files that one test restores."""

_HOLDS_PASSWORD = re.compile(r"://[^/@]*:[^/@]*@")
_SNAPSHOT = re.compile(r"(?!-)[^\s/\x00-\x1f:]([^/\x00-\x1f]{0,199})")
_HOST = re.compile(r"(?!-)[\w.-]{1,253}")


class Tool(StrEnum):
    """What made the backup. The words appear in records: never rename one."""

    RESTIC = "restic"
    BORG = "borg"
    RCLONE = "rclone"
    TAR = "tar"

    @property
    def knows_hosts(self) -> bool:
        """Whether its backups say of which machine they are."""
        return self in (Tool.RESTIC, Tool.BORG)


@dataclass(frozen=True, slots=True)
class Order:
    """A restore test.

    Attributes:
        repository: where the backup is, as the tool names it; empty where ``env_file`` says it.
        snapshot: which backup; ``latest`` for the newest.
        samples: files and folders to restore, without a leading slash; none to let chance decide.
        files: how many files chance chooses.
        limit_mb: megabytes that the sample may take.
        parent: the folder below which the scratch folder is made.
        token: the random part of its name.
        against: what the sample is compared with in place of what is live.
        host: the machine whose backups are meant; empty for the target itself.
        env_file: a file on the target with the tool's settings.
        password_file: a file on the target with the repository's password.
    """

    tool: Tool
    repository: str = ""
    snapshot: str = "latest"
    samples: tuple[str, ...] = ()
    files: int = FILES
    limit_mb: int = LIMIT_MB
    parent: str = SCRATCH_PARENT
    token: str = ""
    against: str = ""
    host: str = ""
    env_file: str = ""
    password_file: str = ""

    @property
    def scratch(self) -> str:
        """The scratch folder."""
        return f"{self.parent.rstrip('/')}/assess-restore-{self.token}"


def make_order(
    tool: Tool,
    *,
    repository: str | None,
    snapshot: str,
    samples: tuple[str, ...],
    files: int,
    limit_mb: int,
    parent: str,
    against: str | None,
    host: str | None,
    env_file: str | None,
    password_file: str | None,
) -> Order:
    """An order of what was said on the command line.

    Raises:
        UsageError: something of it cannot be done.
    """
    _check_repository(tool, repository, env_file)
    if tool is Tool.RCLONE and repository and repository.rstrip("/") == (against or "").rstrip("/"):
        raise UsageError(
            f"--against {against} is the backup itself", mend="name the folder it was made of"
        )
    if snapshot != "latest" and (tool is Tool.RCLONE or not _SNAPSHOT.fullmatch(snapshot)):
        why = "rclone has no snapshots" if tool is Tool.RCLONE else "no name"
        raise UsageError(
            f"--snapshot {snapshot}: {why}",
            mend="leave it out for the newest",
        )
    if host is not None and not (tool.knows_hosts and _HOST.fullmatch(host)):
        raise UsageError(
            f"--host {host} cannot be looked for in backups of {tool}",
            mend="restic and borg note the host; the others do not",
        )
    for option, path in (
        ("--scratch", parent),
        ("--against", against),
        ("--env-file", env_file),
        ("--password-file", password_file),
    ):
        if path is not None:
            _check_path(option, path)
    return Order(
        tool=tool,
        repository=repository or "",
        snapshot=snapshot,
        samples=tuple(dict.fromkeys(_sample(path) for path in samples)),
        files=files,
        limit_mb=limit_mb,
        parent=parent,
        token=secrets.token_hex(16),
        against=against or "",
        host=host or "",
        env_file=env_file or "",
        password_file=password_file or "",
    )


def _check_repository(tool: Tool, repository: str | None, env_file: str | None) -> None:
    if not repository:
        if tool.knows_hosts and env_file:
            return
        raise UsageError(
            "--repository is not said",
            mend="name the repository as the tool does, or with restic and borg the --env-file on "
            "the target that holds RESTIC_REPOSITORY or BORG_REPO",
        )
    if repository.startswith("-") or _has_control(repository):
        raise UsageError(f"--repository {repository!r} is no place of a repository")
    if _HOLDS_PASSWORD.search(repository):
        raise UsageError(
            "--repository holds a password, which would stand in the process list",
            mend="put the address in a file on the target that its account alone can read, and "
            "name that with --env-file",
        )
    if tool is Tool.TAR and not repository.startswith("/"):
        raise UsageError(
            f"--repository {repository}: for tar it is the path of an archive, or of a folder of "
            "archives, on the target",
            mend="begin it with /",
        )


def _check_path(option: str, path: str) -> None:
    if not path.startswith("/") or _has_control(path) or ".." in PurePosixPath(path).parts:
        raise UsageError(
            f"{option} {path!r} is no whole path on the target", mend="begin it with /, without .."
        )


def _sample(path: str) -> str:
    key = path.removeprefix("./").strip("/")
    if not key or _has_control(path) or {"", ".", ".."} & set(key.split("/")):
        raise UsageError(
            f"--sample {path!r} names no file or folder in a backup",
            mend="give its path as it is on the machine, such as /etc/hosts",
        )
    return key


def _has_control(text: str) -> bool:
    return any(ord(each) < 32 or ord(each) == 127 for each in text)

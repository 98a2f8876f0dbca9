"""The jobs of Hyper Backup: where to, and when they last succeeded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

from assessor.devices.device import BackupJob, Topic
from assessor.devices.dsm.parts import Parts
from assessor.devices.dsm.questions import Api, Ask
from assessor.devices.dsm.unread import Unread

# Packages that copy data away as well; their jobs are not read.
_OTHERS = frozenset(
    {"SnapshotReplication", "CloudSync", "GlacierBackup", "SynologyDriveShareSync", "TimeBackup"}
)
_SUCCEEDED = frozenset({"done", "success"})
_FAILED = frozenset({"failed", "fail", "error", "dest_missing", "cancel", "canceled", "cancelled"})
_AWAY = frozenset(
    {"remote", "cloud", "synocloud", "swift", "s3", "azure", "rsync", "webdav", "dropbox", "google"}
)
_TIMES = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")
_ZONE = re.compile(r"(?P<sign>[+-])(?P<hours>\d\d)(?P<minutes>\d\d)")


def read_backups(parts: Parts, unread: Unread) -> tuple[BackupJob, ...] | None:
    """The jobs; ``None`` where nothing was told of them."""
    packages = parts.text(Ask.PACKAGES)
    installed = set((packages or "").split())
    reply = parts.reply(Api.BACKUPS)
    if reply.data is None:
        without = reply.absent or (packages is not None and "HyperBackup" not in installed)
        return _nothing(installed, unread) if without and packages is not None else None
    tasks = (parts.data(Api.BACKUPS) or {}).get("task_list")
    if not isinstance(tasks, list):
        unread.note(Topic.BACKUP, "the jobs of Hyper Backup are not told")
        return None
    total = (parts.data(Api.BACKUPS) or {}).get("total", len(tasks))
    if total != len(tasks):
        unread.note(Topic.BACKUP, f"{len(tasks)} of {total} jobs are listed")
    jobs = tuple(_jobs(tasks, _zone(parts.text(Ask.ZONE)), unread))
    return jobs if jobs else _nothing(installed, unread)


def _nothing(installed: set[str], unread: Unread) -> tuple[BackupJob, ...]:
    for package in sorted(installed & _OTHERS):
        unread.note(Topic.BACKUP, f"{package} is installed; its jobs are not read")
    return ()


def _jobs(tasks: list[object], zone: timezone | None, unread: Unread) -> Iterator[BackupJob]:
    for task in tasks:
        name = task.get("name") if isinstance(task, dict) else None
        if not isinstance(task, dict) or not isinstance(name, str):
            unread.note(Topic.BACKUP, f"job: {task}")
            continue
        result = task.get("last_bkp_result")
        at = task.get("last_bkp_success_time")
        if not at and result in _SUCCEEDED:
            at = task.get("last_bkp_end_time") or task.get("last_bkp_time")
        yield BackupJob(
            name=name,
            offsite=_offsite(task),
            succeeded_at=_moment(at, zone),
            failed=result in _FAILED,
        )


def _offsite(task: dict[str, object]) -> bool | None:
    """Whether it goes elsewhere, by the ways that Hyper Backup transfers data in."""
    said = " ".join(str(task.get(name, "")) for name in ("transfer_type", "target_type", "type"))
    words = set(re.split(r"[^a-z0-9]+", said.lower()))
    if "local" in words:
        return False
    return True if words & _AWAY else None


def _zone(said: str | None) -> timezone | None:
    match = _ZONE.fullmatch((said or "").strip())
    if match is None:
        return None
    offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"]))
    if offset >= timedelta(hours=24):
        return None
    return timezone(offset if match["sign"] == "+" else -offset)


def _moment(said: object, zone: timezone | None) -> datetime | None:
    """A moment as DSM writes it: in its own time, without saying which that is."""
    if isinstance(said, int) and not isinstance(said, bool) and 0 < said < 2**33:
        return datetime.fromtimestamp(said, UTC)
    if not isinstance(said, str) or zone is None:
        return None
    for form in _TIMES:
        try:
            return datetime.strptime(said, form).replace(tzinfo=zone)
        except ValueError:
            continue
    return None

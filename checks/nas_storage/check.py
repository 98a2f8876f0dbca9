"""Are a NAS's volumes encrypted, and are its data copied away in time?"""

from __future__ import annotations

from datetime import timedelta

from assessor.api import (
    BackupJob,
    Captures,
    Check,
    Device,
    Fact,
    Judgement,
    Message,
    Parameters,
    Told,
    Topic,
    failed,
    nothing_told,
    passed,
    told_of_device,
    unknown,
)

DISKS, BACKUP, OFFSITE = "disk-encryption", "backup", "offsite-backup"
MEASURES = (DISKS, BACKUP, OFFSITE)


def observe(captures: Captures) -> Told[Device]:
    return told_of_device(captures)


def evaluate(told: Told[Device], parameters: Parameters) -> list[Judgement]:
    device = told.answer
    if device is None:
        return [nothing_told(measure, told) for measure in MEASURES]
    within = timedelta(days=parameters.integer("interval_days"))
    return [_disks(device), _backup(device, told, within), _offsite(device, told, within)]


def _disks(device: Device) -> Judgement:
    volumes = device.volumes
    if volumes is None:
        return unknown(DISKS, "volumes_not_told")
    broken = [one.name for one in volumes if one.healthy is False]
    advice = (Message("degraded", {"volumes": ", ".join(broken)}),) if broken else ()
    if plain := [one.name for one in volumes if one.encrypted is False]:
        return failed(DISKS, "plain", {"volumes": ", ".join(plain)}, advice=advice)
    if lines := device.unread.get(Topic.STORAGE):
        return unknown(DISKS, "unread", {"lines": " / ".join(lines)}, advice=advice)
    if unseen := [one.name for one in volumes if one.encrypted is None]:
        return unknown(DISKS, "encryption_unseen", {"volumes": ", ".join(unseen)}, advice=advice)
    if not volumes:
        return unknown(DISKS, "volumes_not_told")
    return passed(DISKS, "encrypted", {"number": len(volumes)}, advice=advice)


def _fresh(job: BackupJob, told: Told[Device], within: timedelta) -> bool | None:
    """Whether a job succeeded in time; ``None`` where that cannot be told."""
    if job.succeeded_at is None:
        return False if job.failed else None
    if job.succeeded_at > told.at + timedelta(days=1):
        return None  # a clock that runs ahead proves nothing
    return told.at - job.succeeded_at <= within


def _backup(device: Device, told: Told[Device], within: timedelta) -> Judgement:
    jobs = device.backups
    expected: dict[str, Fact] = {"interval_days": within.days}
    if jobs is None:
        return unknown(BACKUP, "jobs_not_told", expected=expected)
    if late := [job.name for job in jobs if _fresh(job, told, within) is False]:
        return failed(BACKUP, "late", {"jobs": ", ".join(late)}, expected=expected)
    if lines := device.unread.get(Topic.BACKUP):
        return unknown(BACKUP, "unread", {"lines": " / ".join(lines)}, expected=expected)
    if not jobs:
        return failed(BACKUP, "no_jobs", expected=expected)
    if unseen := [job.name for job in jobs if _fresh(job, told, within) is None]:
        return unknown(BACKUP, "success_unseen", {"jobs": ", ".join(unseen)}, expected=expected)
    return passed(BACKUP, "in_time", {"number": len(jobs)}, expected=expected)


def _offsite(device: Device, told: Told[Device], within: timedelta) -> Judgement:
    jobs = device.backups
    if jobs is None:
        return unknown(OFFSITE, "jobs_not_told")
    away = [job for job in jobs if job.offsite]
    if any(_fresh(job, told, within) for job in away):
        if lines := device.unread.get(Topic.BACKUP):
            return unknown(OFFSITE, "unread", {"lines": " / ".join(lines)})
        return passed(OFFSITE, "elsewhere", {"jobs": ", ".join(job.name for job in away)})
    if away:
        names: dict[str, Fact] = {"jobs": ", ".join(job.name for job in away)}
        if any(_fresh(job, told, within) is None for job in away):
            return unknown(OFFSITE, "success_unseen", names)
        return failed(OFFSITE, "late", names)
    if lines := device.unread.get(Topic.BACKUP):
        return unknown(OFFSITE, "unread", {"lines": " / ".join(lines)})
    if any(job.offsite is None for job in jobs):
        return unknown(OFFSITE, "place_unseen")
    return failed(OFFSITE, "nothing_elsewhere")


CHECK = Check(observe=observe, evaluate=evaluate)

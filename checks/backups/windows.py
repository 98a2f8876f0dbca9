"""Backups of a Windows: what its event logs, backup programs, tasks and File History show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from assessor.api import (
    Captures,
    Fields,
    Judgement,
    Message,
    NotCaptured,
    Reason,
    Registry,
    UnparsedError,
    read_cim,
    read_object,
    read_registry,
    told,
)

from .commands import Action, Level
from .jobs import Job, Result
from .places import Whereabouts
from .restores import Tried
from .success import Success
from .windows_events import (
    AZURE_BACKUP,
    SUREBACKUP,
    VEEAM_AGENT,
    VEEAM_SERVER,
    WINDOWS_BACKUP,
    End,
    Events,
    Run,
    latest,
    read_events,
)
from .windows_places import read_drives, where
from .windows_programs import (
    AZURE_SERVICE,
    VEEAM_AGENT_SERVICE,
    VEEAM_SERVER_SERVICE,
    Programs,
    read_programs,
    read_tasks,
)

FILE_HISTORY = "File History"
AZURE = "Microsoft Azure"
_PEOPLE = r"HKU\*\Software\Microsoft\Windows\CurrentVersion\FileHistory"
_ONEDRIVE = r"HKU\*\Software\Microsoft\OneDrive\Accounts\*"
_GONE_S = 32 * 86_400
"""A job that did not run for so long, while another did, is taken to be gone."""
_FILETIME_1970, _FILETIME_S = 116_444_736_000_000_000, 10_000_000


@dataclass(frozen=True, slots=True)
class Windows:
    """What was seen of backups on a Windows.

    Attributes:
        now: its clock, in seconds since 1970.
        uptime: seconds since it started.
        jobs: what makes or tests backups.
        successes: backups that were made, beside the last run of each job.
        places: how far each destination is.
        tried: restores and tests of them that ended well.
        failed_tests: tests that failed.
        programs: installed programs whose results are not to be seen here.
        fetched: programs by which a server fetches backups.
        warned: the last run of a job that ended with a warning: which, and when.
        gap: what could not be looked at for lack of rights.
        advice: what is good to know beside the judgement.
    """

    now: int
    uptime: int
    jobs: tuple[Job, ...]
    successes: tuple[Success, ...]
    places: tuple[tuple[str, Whereabouts], ...]
    tried: tuple[Tried, ...]
    failed_tests: tuple[str, ...]
    programs: tuple[str, ...]
    fetched: tuple[str, ...]
    warned: tuple[tuple[str, int], ...]
    gap: NotCaptured | None
    advice: tuple[Message, ...]


def read_windows(captures: Captures) -> Windows | NotCaptured | None:
    """What was seen; why nothing was; ``None`` when an answer was not understood."""
    events = told(captures, "events", lambda text: _events(read_object(text)))
    programs = told(captures, "programs", lambda text: read_programs(read_object(text)))
    for answer in (events, programs):
        if answer.gap is not None:
            return answer.gap
        if answer.unparsed:
            return None
    tasks = told(captures, "tasks", lambda text: read_tasks(read_object(text)))
    people = told(captures, "people", lambda text: _people(read_registry(text)))
    if tasks.unparsed or people.unparsed:
        return None
    if events.answer is None or programs.answer is None:
        return None
    host, seen = events.answer
    jobs, successes, warned = _by_events(seen)
    jobs += _silent(programs.answer, seen, {job.actions[0].tool for job in jobs})
    own = _server_backup(captures, jobs)
    if isinstance(own, Success):
        successes += (own,)
    elif own is not None:
        jobs += (own,)
    protected, synced = people.answer or (None, False)
    if protected is not None:
        jobs += (_file_history(protected, programs.answer.file_history),)
    jobs += tasks.answer or ()
    drives = read_drives(captures)
    named = [p for job in jobs if job.makes_backups for p in job.destinations]
    named += [p for success in successes for p in success.destinations]
    gaps = [captures.gap(probe) for probe in ("tasks", "people", "server_backup")]
    denied = [gap for gap in gaps if gap is not None and gap.reason is Reason.NO_PRIVILEGE]
    tried, failed = _tests(seen.restores)
    return Windows(
        now=seen.now,
        uptime=seen.uptime,
        jobs=jobs,
        successes=successes,
        places=tuple(
            (p, Whereabouts.ELSEWHERE if p == AZURE else where(p, drives, host))
            for p in dict.fromkeys(named)
        ),
        tried=tried,
        failed_tests=failed,
        programs=programs.answer.own,
        fetched=programs.answer.fetched,
        warned=warned,
        gap=denied[0] if denied else None,
        advice=tuple(_advice(captures, jobs, synced=synced)),
    )


def _events(answer: Fields) -> tuple[str, Events]:
    return answer.text("host"), read_events(answer)


def _by_events(
    seen: Events,
) -> tuple[tuple[Job, ...], tuple[Success, ...], tuple[tuple[str, int], ...]]:
    """The jobs by their runs, with earlier successes, and those that ended with a warning."""
    by_job = latest(run for run in seen.backups if run.time <= seen.now + 300)
    newest = max((runs[0].time for runs in by_job.values()), default=0)
    jobs: list[Job] = []
    successes: list[Success] = []
    warned: list[tuple[str, int]] = []
    for (program, _), runs in by_job.items():
        if newest - runs[0].time > _GONE_S:
            continue
        name = _label(runs[0])
        jobs.append(_job(program, name, runs[0]))
        successes += [
            Success(name, program, run.time, _goals(run)) for run in runs if run.end is End.WELL
        ][:1]
        if runs[0].end is End.WARNING:
            warned.append((name, runs[0].time))
    return tuple(jobs), tuple(successes), tuple(warned)


_RESULTS = {End.WELL: Result.SUCCESS, End.BADLY: Result.FAILED, End.WARNING: Result.UNSEEN}


def _job(program: str, name: str, run: Run) -> Job:
    goals = _goals(run)
    return Job(
        name=name,
        actions=(Action(program, Level.COPY_MADE, goals),),
        scheduled=None,
        result=_RESULTS[run.end],
        finished=run.time,
        destinations=goals,
    )


def _label(run: Run) -> str:
    return f"{run.program}: {run.name}" if run.name else run.program


def _goals(run: Run) -> tuple[str, ...]:
    if run.program == AZURE_BACKUP:
        return (AZURE,)
    return (run.target,) if run.target else ()


def _silent(programs: Programs, seen: Events, known: set[str]) -> tuple[Job, ...]:
    """Programs that are there and keep a log, of which no run was seen."""
    installed = {
        VEEAM_AGENT: VEEAM_AGENT_SERVICE in programs.services,
        VEEAM_SERVER: VEEAM_SERVER_SERVICE in programs.services,
        AZURE_BACKUP: AZURE_SERVICE in programs.services,
    }
    return tuple(
        Job(
            name=program,
            actions=(Action(program, Level.COPY_MADE),),
            scheduled=None,
            result=Result.UNSEEN,
            destinations=(AZURE,) if program == AZURE_BACKUP else (),
        )
        for program, there in installed.items()
        if there and program not in known
    )


def _server_backup(captures: Captures, jobs: Iterable[Job]) -> Success | Job | None:
    """What Windows Server Backup says of itself, which its log may have lost.

    Its last success, or a schedule without any run.
    """
    answer = told(captures, "server_backup", read_object).answer
    if answer is None:
        return None
    mine = [job for job in jobs if job.name == WINDOWS_BACKUP]
    try:
        if not answer.boolean("there"):
            return None
        if answer.value("last_success") is not None:
            time = int(answer.moment("last_success").timestamp())
            target = answer.optional_text("target") or ""
            goals = [job.destinations for job in mine if job.destinations]
            given = goals[0] if goals else _given(target)
            return Success(WINDOWS_BACKUP, WINDOWS_BACKUP, time, given)
        if mine or answer.value("next") is None:
            return None
    except UnparsedError:
        return None
    action = Action(WINDOWS_BACKUP, Level.COPY_MADE)
    return Job(WINDOWS_BACKUP, (action,), scheduled=True, result=Result.NEVER)


def _given(target: str) -> tuple[str, ...]:
    return (target,) if target else ()


def _people(registry: Registry) -> tuple[int | None, bool]:
    """Until when File History keeps everyone's files, and whether OneDrive takes folders along.

    ``None`` where nobody uses File History, 0 where it is used and its last run is not known.
    """
    protected: list[int] = []
    for key in registry.keys(_PEOPLE):
        filetime = key.number("ProtectedUpToTime")
        if filetime is not None:
            seconds = (filetime - _FILETIME_1970) // _FILETIME_S
            protected.append(max(0, seconds))
    synced = any(key.number("KfmFoldersProtectedNow") for key in registry.keys(_ONEDRIVE))
    # Of several people the one whose files are the least safe counts.
    return (min(protected) if protected else None), synced


def _file_history(protected: int, targets: tuple[str, ...]) -> Job:
    return Job(
        name=FILE_HISTORY,
        actions=(Action(FILE_HISTORY, Level.COPY_MADE, targets),),
        scheduled=None,
        # Between its runs Windows may put the time back to 0: that says nothing.
        result=Result.SUCCESS if protected else Result.UNSEEN,
        finished=protected or None,
        destinations=targets,
    )


def _tests(restores: Iterable[Run]) -> tuple[tuple[Tried, ...], tuple[str, ...]]:
    """Restores that ended well: nobody saw here whether what came back is right.

    SureBackup starts machines from the backup, or only reads the backup: its event does not say
    which. A restore that failed may have been called off, so it is no failed test; a last run of a
    SureBackup job that failed is one.
    """
    by_job = latest(restores)
    tried = [
        Tried(Level.DATA_READ, run.time, _label(run))
        for runs in by_job.values()
        for run in runs
        if run.end is End.WELL
    ]
    failed = [
        _label(runs[0])
        for (program, _), runs in by_job.items()
        if program == SUREBACKUP and runs[0].end is End.BADLY
    ]
    return tuple(tried), tuple(failed)


def _advice(captures: Captures, jobs: Iterable[Job], *, synced: bool) -> Iterable[Message]:
    tools = {action.tool for job in jobs for action in job.actions}
    if synced:
        yield Message("sync_is_no_backup", {})
    if VEEAM_SERVER in tools:
        yield Message("covers_others", {"source": VEEAM_SERVER})
    if FILE_HISTORY in tools and len(tools) == 1:
        yield Message("chosen_folders_only", {"source": FILE_HISTORY})
    kept_here = [told(captures, probe, read_cim).answer for probe in ("shadows", "restore_points")]
    if any(answer is not None and answer.rows for answer in kept_here):
        yield Message("snapshots_stay_here", {})


_REWORDED: Mapping[str, str] = {
    # Messages whose texts or remedies speak of Linux.
    "last_run_failed": "last_run_failed_windows",
    "not_scheduled": "task_not_scheduled",
    "did_not_run": "task_did_not_run",
    "result_not_seen": "result_not_seen_windows",
    "only_installed": "program_keeps_results",
    "offsite_not_made": "offsite_not_made_windows",
    "offsite_not_seen": "offsite_not_seen_windows",
    "place_not_seen": "place_not_seen_windows",
    "same_machine": "same_machine_windows",
    "data_read": "restored_not_compared",
    "no_test_seen": "no_test_seen_windows",
}


def reworded(judgement: Judgement) -> Judgement:
    """``judgement`` in words that fit a Windows."""
    message = judgement.message
    return replace(judgement, message=Message(_REWORDED.get(message.id, message.id), message.facts))

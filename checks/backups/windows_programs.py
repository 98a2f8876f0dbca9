"""Backup programs on a Windows: by the names of their services, and by scheduled tasks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from assessor.api import Fields

from .commands import Action, actions
from .jobs import Job, Result

# Services whose programs keep their results to themselves, or show them at their maker's website.
_ON_THEIR_OWN = (
    (r"AcronisCyberProtectionService|AcrSch2Svc|AcronisAgent", "Acronis"),
    (r"MacriumService|ReflectService(\.exe)?", "Macrium Reflect"),
    (r"Backup Service Controller|BackupFP", "N-able Cove"),
    (r"ShadowProtectSvc", "ShadowProtect"),
    (r"CBBackupService|Online Backup Service|MSP360.*", "MSP360"),
    (r"bzserv", "Backblaze"),
    (r"CarboniteService", "Carbonite"),
    (r"Code42Service|CrashPlanService", "CrashPlan"),
    (r"Druva.*|inSyncCPHService", "Druva"),
    (r"Duplicati.*", "Duplicati"),
    (r"restic.*", "restic"),
    (r"borg.*", "borg"),
    (r"Cobian.*|CobBMService", "Cobian"),
    (r"Arq.*Agent", "Arq"),
    (r"Redstor.*|ESE Agent", "Redstor"),
    (r"Axcient.*", "Axcient"),
    (r"BackupExec.*", "Backup Exec"),
    (r"(Altaro|Hornetsecurity).*VM.?Backup.*|Altaro\..*", "Altaro/Hornetsecurity"),
    (r"NovaBACKUP.*", "NovaBACKUP"),
)
# Services by which a server elsewhere fetches the backup, so that the result stands on that server.
_FETCHED = (
    (r"DattoBackupAgentService|DattoBackupAgent.*|Datto ?SIRIS.*", "Datto"),
    (r"Synology Active Backup.*|SynologyActiveBackup.*", "Synology Active Backup"),
    (r"(Altaro|Hornetsecurity).*(Agent|Host).*", "Altaro/Hornetsecurity"),
    (r"VeeamDeploymentService|VeeamDeploySvc|VeeamTransportSvc", "Veeam"),
    (r"UrBackupClientBackend", "UrBackup"),
    (r"bacula-fd|bareos-fd", "Bacula/Bareos"),
    (r"DPMRA", "Data Protection Manager"),
    (r"GxCVD\(.*\)|GXCVD.*", "Commvault"),
    (r"TSM .*", "IBM Storage Protect"),
)
VEEAM_AGENT_SERVICE = "veeamendpointbackupsvc"
VEEAM_SERVER_SERVICE = "veeambackupsvc"
AZURE_SERVICE = "obengine"


@dataclass(frozen=True, slots=True)
class Programs:
    """What ``windows_programs.ps1`` saw.

    Attributes:
        services: the names of all services, in small letters.
        own: programs that keep their results to themselves.
        fetched: programs by which a server fetches the backup.
        file_history: where File History goes, as far as this account may see.
    """

    services: frozenset[str]
    own: tuple[str, ...]
    fetched: tuple[str, ...]
    file_history: tuple[str, ...]


def read_programs(answer: Fields) -> Programs:
    """Reads the answer of ``windows_programs.ps1``."""
    names = answer.texts("services")
    fetched = tuple(_named(names, _FETCHED))
    own = tuple(one for one in _named(names, _ON_THEIR_OWN) if one not in fetched)
    return Programs(
        frozenset(name.lower() for name in names),
        own,
        fetched,
        tuple(dict.fromkeys(place for place in answer.texts("file_history_targets") if place)),
    )


def _named(services: Iterable[str], known: tuple[tuple[str, str], ...]) -> Iterable[str]:
    found = list(services)
    for pattern, product in known:
        if any(re.fullmatch(pattern, name, re.IGNORECASE) for name in found):
            yield product


# TASK_STATE_DISABLED; a task's result while it runs, before it ran, or when it is queued (MS-TSCH).
_DISABLED = 1
_NO_RESULT_YET = frozenset({0x41301, 0x41303, 0x41325})
_LOGGED = frozenset({"wbadmin"})
"""Programs whose runs the event log shows, so that their task says nothing more."""


def read_tasks(answer: Fields) -> tuple[Job, ...]:
    """The scheduled tasks that make or test backups.

    Raises:
        UnparsedError: it is not what ``windows_tasks.ps1`` prints.
    """
    found = [_task(each) for each in answer.rows("tasks")]
    return tuple(job for job in found if job is not None)


def _task(part: Fields) -> Job | None:
    name, program = part.text("name"), part.text("program")
    words, places = part.texts("words"), tuple(dict.fromkeys(part.texts("places")))
    state, triggers, code = part.integer("state"), part.integer("triggers"), part.integer("result")
    ran = None if part.value("ran") is None else int(_stamp(part.moment("ran")))
    direct = part.boolean("direct")
    if program in _LOGGED:
        return None
    done = actions(f"{program} {' '.join(words)}") if program else ()
    if program and words and not done:
        return None
    done = tuple(_as_seen(action, direct=direct) for action in done)
    if ran is None:
        result = Result.NEVER
    elif code in _NO_RESULT_YET or not done:
        result = Result.UNSEEN
    else:
        # A script may end well although the program in it did not, and the other way about.
        result = Result.SUCCESS if code == 0 else Result.FAILED if direct else Result.UNSEEN
    return Job(
        name=name,
        actions=done,
        scheduled=state != _DISABLED and triggers > 0,
        result=result,
        finished=ran,
        destinations=places,
    )


def _as_seen(action: Action, *, direct: bool) -> Action:
    return action if direct else action.doubted()


def _stamp(moment: datetime) -> float:
    return moment.timestamp()

"""What ``assess schedule install`` makes of its options and of the assessment: the job."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assessor.cli.schedule_folder import ScheduleFolder
from assessor.cli.schedule_work import programme, read_environment, run_options
from assessor.errors import UsageError
from assessor.history.schedule.cadence import Cadence, cron, monthly, weekly
from assessor.history.schedule.job import Job, Manager, Sandbox, Scope, check_path

if TYPE_CHECKING:
    from assessor.model.target import SecretSource

_CREDENTIAL = re.compile(r"([A-Za-z0-9_.-]{1,64})=(/.+)")


@dataclass(frozen=True, slots=True)
class Needs:
    """What a run of the assessment needs beside the network.

    Attributes:
        local: this machine is a target without a connection.
        variables: environment variables that secrets come from.
        asked: what would be asked on a terminal, where nobody sits.
        commands: some secret comes from a command.
    """

    local: bool
    variables: frozenset[str]
    asked: tuple[str, ...]
    commands: bool


def chosen_cadence(
    *, every_month: bool, every_week: bool, expression: str, on: str, at: str
) -> Cadence:
    """The cadence that the options say; a month unless said."""
    if every_month + every_week + bool(expression) > 1:
        raise UsageError("choose one of --monthly, --weekly and --cron")
    if expression:
        if on or at:
            raise UsageError("--cron says the day and the time itself", mend="leave out --on, --at")
        return cron(expression)
    given = {name: value.lower() for name, value in (("on", on), ("at", at)) if value}
    return weekly(**given) if every_week else monthly(**given)


def chosen_manager(wanted: Manager | None) -> Manager:
    """The scheduler of this machine, unless one was named."""
    if wanted is not None:
        return wanted
    if sys.platform == "darwin":
        return Manager.LAUNCHD
    if Path("/run/systemd/system").is_dir():
        return Manager.SYSTEMD
    if shutil.which("crontab"):
        return Manager.CRON
    raise UsageError(
        "this machine has neither systemd nor cron", mend="install cron, or say --with"
    )


def chosen_scope(*, user: bool, system: bool, manager: Manager | None) -> Scope:
    """Whose scheduler: the machine's for root, the user's for anyone else, unless said."""
    if user and system:
        raise UsageError("choose one of --user and --system")
    as_root = os.geteuid() == 0 and manager is not Manager.WINDOWS
    return Scope.SYSTEM if system or (as_root and not user) else Scope.USER


def make_job(
    folder: ScheduleFolder,
    cadence: Cadence,
    manager: Manager,
    scope: Scope,
    needs: Needs,
    *,
    environment_file: Path | None,
    credentials: Sequence[str],
) -> Job:
    """The job; raises ``UsageError`` where a path or a file of secrets cannot be used."""
    handed = tuple(_credential(word) for word in credentials)
    if handed and manager is not Manager.SYSTEMD:
        raise UsageError(
            "only systemd hands over credentials", mend="use --environment-file instead"
        )
    variables = str(environment_file.absolute()) if environment_file else ""
    if environment_file:
        read_environment(environment_file)
    job = Job(
        folder=str(folder.path),
        programme=programme(),
        user=pwd.getpwuid(folder.owner()[0]).pw_name if scope is Scope.SYSTEM else "",
        manager=manager,
        scope=scope,
        cadence=cadence,
        sandbox=Sandbox.NONE if needs.local else Sandbox.FULL,
        environment_file=variables,
        credentials=handed,
        jit=needs.commands,
    )
    for path in (job.folder, job.programme[0], variables, *(path for _, path in handed)):
        if path:
            check_path(path, manager)
    return job


def needs_of(folder: ScheduleFolder, options: Sequence[str]) -> Needs:
    """Reads the assessment as the run will; raises ``UsageError`` where the run would."""
    from assessor import pipeline
    from assessor.model.language import LanguageTag
    from assessor.model.target import TransportKind

    given = run_options(options)
    refused = [
        f"--{name.replace('_', '-')}" for name in ("resume", "json", "dry_run") if given.get(name)
    ]
    if refused or given.get("folder") != Path():
        raise UsageError(
            f"{', '.join(refused) or '--folder'} is not for a scheduled run", mend="leave it out"
        )
    checks, limit, profile, statement, lang = (
        given.get(name) for name in ("checks", "limit", "profile", "statement", "lang")
    )
    with folder.as_owner():
        prepared = pipeline.prepare(
            folder.path,
            pipeline.Checks(tuple(folder.path / str(path) for path in _several(checks))),
            profile=str(profile) if profile else None,
            language=LanguageTag.parse(str(lang)).language if lang else None,
            statement=str(statement) if statement else None,
            limit=tuple(map(str, _several(limit))),
        )
    assessment = prepared.assessment
    sources = [
        (f"the {purpose.value} of {target.name}", source)
        for target in (planned.target for planned in prepared.plan.targets)
        for purpose, source in target.secrets.items()
    ]
    rest = replace(assessment, targets=())
    sources += [("a secret in assessment.yaml", source) for source in _sources(rest)]
    return Needs(
        local=any(p.target.transport is TransportKind.LOCAL for p in prepared.plan.targets),
        variables=frozenset(source.value[0] for _, source in sources if source.kind == "env"),
        asked=tuple(sorted({about for about, source in sources if source.kind == "ask"})),
        commands=any(source.kind == "command" for _, source in sources),
    )


def warnings(job: Job, needs: Needs) -> Iterable[str]:
    """What would not work, or not as hoped, when nobody is there."""
    given = read_environment(Path(job.environment_file)) if job.environment_file else {}
    for about in needs.asked:
        yield f"{about} is asked for on a terminal, and nobody will be there: let it come from a "
        "variable or a command"
    if missing := sorted(needs.variables - given.keys()):
        where = job.environment_file or "no file (--environment-file) names them"
        yield f"these variables are needed and not set there: {', '.join(missing)} ({where})"
    if job.sandbox is Sandbox.NONE and job.manager is Manager.SYSTEMD:
        yield (
            "this machine is a target without a connection (transport: local), so its run has no "
            "sandbox; reach it over SSH to have one"
        )
    if job.manager is Manager.SYSTEMD and job.scope is Scope.USER and not lingers():
        yield LINGER


LINGER = (
    "it starts runs only while you are logged in; to have it start them always: "
    "loginctl enable-linger"
)


def lingers() -> bool:
    """Whether the user's systemd works while the user is not logged in."""
    name = pwd.getpwuid(os.getuid()).pw_name
    return Path("/var/lib/systemd/linger", name).exists()


def _credential(word: str) -> tuple[str, str]:
    found = _CREDENTIAL.fullmatch(word)
    if found is None:
        raise UsageError(f"--credential {word.partition('=')[0]}: not NAME=/PATH")
    return found[1], found[2]


def _sources(value: object) -> Iterator[SecretSource]:
    """Every source of a secret within the settings: for signing, for telling people, ..."""
    from assessor.model.target import SecretSource

    if isinstance(value, SecretSource):
        yield value
    elif is_dataclass(value):
        for each in fields(value):
            yield from _sources(getattr(value, each.name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _sources(item)


def _several(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()

"""``assess schedule``: runs that start by themselves."""

from __future__ import annotations

import contextlib
import os
import pwd
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assessor.cli import options
from assessor.cli.console import note, say, warn
from assessor.cli.exit_codes import ExitCode
from assessor.errors import EvidenceError, UsageError
from assessor.history.schedule.job import Manager, Scope

if TYPE_CHECKING:
    from assessor.cli.schedule_folder import ScheduleFolder
    from assessor.history.schedule.record import Installed
    from assessor.history.schedule.told import Standing

app = typer.Typer(
    no_args_is_help=True,
    help="Runs that start by themselves, month after month.",
    epilog="""
Examples:

  assess schedule install --monthly     each first Tuesday at 10:00

  assess schedule install --weekly --on thu --at 14:30 --dry-run

  assess schedule status                how it stands, in plain words
""",
)


@app.command(
    epilog="""
What stands after -- is handed to 'assess run':

  assess schedule install --monthly -- --vantage "office in Ghent"
"""
)
def install(
    run_options: Annotated[
        list[str] | None, typer.Argument(metavar="[-- OPTIONS OF assess run]")
    ] = None,
    folder: options.Folder = Path(),
    every_month: Annotated[bool, typer.Option("--monthly", help="Once a month (default).")] = False,
    every_week: Annotated[bool, typer.Option("--weekly", help="Once a week.")] = False,
    expression: Annotated[
        str, typer.Option("--cron", help="Five fields of a crontab, such as '0 10 1 * *'.")
    ] = "",
    on: Annotated[
        str,
        typer.Option(
            help="The weekday, tue unless said (monthly: the first one), or a day up to 28."
        ),
    ] = "",
    at: Annotated[str, typer.Option(help="The time of day, 10:00 unless said.")] = "",
    user: Annotated[bool, typer.Option("--user", help="This user's scheduler.")] = False,
    system: Annotated[bool, typer.Option("--system", help="The machine's (root).")] = False,
    manager: Annotated[
        Manager | None, typer.Option("--with", help="The scheduler; the machine's unless said.")
    ] = None,
    environment_file: Annotated[
        Path | None,
        typer.Option(help="NAME=value lines for the run; only its owner may read it."),
    ] = None,
    credential: Annotated[
        list[str] | None,
        typer.Option(help="NAME=/PATH: systemd hands the file to the run. May be repeated."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be written, and write nothing.")
    ] = False,
) -> None:
    """Have runs of this folder start by themselves; replaces what was installed before."""
    from assessor.cli import schedule_job as jobs
    from assessor.cli.schedule_folder import ScheduleFolder
    from assessor.cli.schedule_managers import place_of
    from assessor.history.schedule.record import Installed
    from assessor.history.schedule.told import clock, how

    cadence = jobs.chosen_cadence(
        every_month=every_month, every_week=every_week, expression=expression, on=on, at=at
    )
    scope = jobs.chosen_scope(user=user, system=system, manager=manager)
    chosen = jobs.chosen_manager(manager)
    place = place_of(chosen, scope)
    here = ScheduleFolder(folder)
    needs = jobs.needs_of(here, run_options or ())
    job = jobs.make_job(
        here,
        cadence,
        chosen,
        scope,
        needs,
        environment_file=environment_file,
        credentials=credential or (),
    )
    for warning in jobs.warnings(job, needs):
        warn(f"warning: {warning}")
    if dry_run:
        texts = place.texts(job)
        for path, text in texts.items():
            # One text alone can be sent into a file as it is.
            typer.echo(f"# {path}", err=len(texts) == 1)
            typer.echo(text)
        return
    now = datetime.now(UTC)
    with _locked(here):
        before = here.installed()
        same = before is not None and before.cadence == cadence and before.name == job.name
        installed = Installed(
            name=job.name,
            folder=job.folder,
            manager=chosen,
            scope=scope,
            cadence=cadence,
            options=tuple(run_options or ()),
            user=job.user or _user(),
            environment_file=job.environment_file,
            at=before.at if before and same else now,
        )
        if before is not None and (before.manager, before.scope, before.name) != (
            chosen,
            scope,
            job.name,
        ):
            _may_touch(before)
            place_of(before.manager, before.scope).remove(before.name)
        # Written down first: whatever starts after this finds what it belongs to.
        here.keep_installed(installed)
        try:
            place.install(job)
        except UsageError:
            here.forget()
            raise
    say(f"Installed: {how(installed)}")
    say(f"Next:      {clock(cadence.after(now))}")
    note("See how it stands: assess schedule status    Try it now: assess schedule run-now")


@app.command()
def status(folder: options.Folder = Path(), json: options.Json = False) -> None:
    """How the schedule stands; exit code 1 where somebody must look."""
    from assessor.cli.schedule_folder import ScheduleFolder
    from assessor.cli.schedule_work import last_words
    from assessor.history.schedule.told import lines
    from assessor.yamlfile import canonical_json

    here = ScheduleFolder(folder)
    installed = here.installed()
    if installed is None:
        typer.echo(canonical_json({"installed": None})) if json else say(
            "No schedule is installed for this folder: assess schedule install --monthly"
        )
        raise typer.Exit(ExitCode.BROKEN)
    standing = _standing(here, installed)
    if json:
        typer.echo(canonical_json(_as_data(standing)))
    else:
        for line in lines(standing):
            say(line)
        if not standing.sound:
            _say_more(installed, last_words(here))
    raise typer.Exit(ExitCode.SHOWN if standing.sound else ExitCode.BROKEN)


@app.command()
def remove(folder: options.Folder = Path()) -> None:
    """Take everything that 'install' wrote away again; the runs stay."""
    from assessor.cli.schedule_folder import ScheduleFolder
    from assessor.cli.schedule_managers import place_of
    from assessor.history.schedule.job import name_of

    here = ScheduleFolder(folder)
    try:
        installed = here.installed()
    except EvidenceError as error:  # what is damaged can still be taken away, by its name
        note(str(error))
        installed = None
    with _locked(here):
        if installed is not None:
            _may_touch(installed)
            place_of(installed.manager, installed.scope).remove(installed.name)
            found = True
        else:
            found = _sweep(name_of(str(here.path)))
        here.forget()
    say("Removed." if found else "No schedule was installed for this folder.")


@app.command("run-now")
def run_now(folder: options.Folder = Path()) -> None:
    """Make the scheduled run now, as the scheduler would; its exit code is the run's."""
    from assessor.cli.schedule_folder import ScheduleFolder
    from assessor.cli.schedule_managers import Systemd
    from assessor.cli.schedule_work import installed_here, work
    from assessor.history.schedule.due import NO_RUN
    from assessor.history.schedule.told import outcome

    here = ScheduleFolder(folder)
    installed = installed_here(here)
    if here.holder():
        raise EvidenceError(f"{here.path}: another assess is working on it ({here.holder()})")
    if installed.manager is not Manager.SYSTEMD:
        raise typer.Exit(work(here, if_due=False))
    _may_touch(installed)
    before = here.attempts(going=False)
    here.ask()
    systemd = Systemd(installed.scope)
    note("It works; its output comes at the end.")
    systemd.start(installed.name)
    attempts = here.attempts(going=False)
    if attempts[-1:] == before[-1:]:
        here.take_back()
        raise UsageError(
            "systemd could not start the run", mend=f"see: {systemd.journal(installed.name)}"
        )
    last = attempts[-1]
    _say_more(None, _log(here))
    say(outcome(last, last.ending(going=False)))
    raise typer.Exit(NO_RUN if last.code is None else last.code)


@app.command("run")
def run(
    folder: options.Folder = Path(),
    if_due: Annotated[bool, typer.Option("--if-due", help="Only if a run is due.")] = False,
) -> None:
    """What the scheduler calls: make a run and write down how it went."""
    from assessor.cli.schedule_folder import ScheduleFolder
    from assessor.cli.schedule_work import work

    raise typer.Exit(work(ScheduleFolder(folder), if_due=if_due))


@app.command("tell-failed", hidden=True)
def tell_failed(folder: options.Folder = Path()) -> None:
    """What systemd calls when a run failed (``OnFailure=``)."""
    from assessor.cli.schedule_folder import ScheduleFolder
    from assessor.cli.schedule_work import installed_here, tell_failure
    from assessor.history.schedule.due import Ending

    here = ScheduleFolder(folder)
    installed_here(here)
    attempts = here.attempts(going=False)
    last = attempts[-1] if attempts else None
    ended = last is None or last.ending(going=False) is Ending.ENDED
    tell_failure(here, None if ended else last)


@contextlib.contextmanager
def _locked(here: ScheduleFolder) -> Iterator[None]:
    """Holds the folder, so that no run works while its schedule changes."""
    from assessor.cli.schedule_folder import Holder

    handle = here.lock(Holder.SETTING_UP)
    if handle is None:
        raise EvidenceError("a run works here now; try again when it has ended")
    try:
        yield
    finally:
        os.close(handle)


def _standing(here: ScheduleFolder, installed: Installed) -> Standing:
    from assessor.cli.schedule_job import LINGER, lingers
    from assessor.cli.schedule_managers import place_of
    from assessor.history.schedule.due import due
    from assessor.history.schedule.told import Standing

    going = here.is_going()
    attempts = here.attempts(going=going)
    standing = due(installed.cadence, installed.at, attempts, datetime.now(UTC), going=going)
    own = installed.scope is Scope.SYSTEM or installed.user == _user()
    active = place_of(installed.manager, installed.scope).active(installed.name) if own else None
    trouble = []
    if installed.folder != str(here.path):
        active = False
        trouble.append(f"the folder was moved here from {installed.folder}: install it again")
    by_user = installed.manager is Manager.SYSTEMD and installed.scope is Scope.USER
    if by_user and own and not lingers():
        trouble.append(LINGER)
    return Standing(installed, attempts, standing, active, tuple(trouble))


def _as_data(standing: Standing) -> dict[str, object]:
    def at(moment: datetime | None) -> str | None:
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None

    last = standing.last
    return {
        "installed": {
            "name": standing.installed.name,
            "with": standing.installed.manager,
            "scope": standing.installed.scope,
            "cadence": standing.installed.cadence.said,
        },
        "active": standing.active,
        "state": standing.due.state,
        "since": at(standing.due.since),
        "next": at(standing.due.next),
        "sound": standing.sound,
        "last": last
        and {
            "started_at": at(last.started_at),
            "ended_at": at(last.ended_at),
            "ending": standing.ending,
            "code": last.code,
            "run": last.run,
        },
    }


def _say_more(installed: Installed | None, words: list[str]) -> None:
    """The last lines of the last run, and where the scheduler's own are."""
    from assessor.cli.schedule_managers import Systemd

    if words:
        say("The last run said at its end:" if installed else "")
        for line in words:
            say(f"  {line}")
    if installed is not None and installed.manager is Manager.SYSTEMD:
        say(f"What systemd says: {Systemd(installed.scope).journal(installed.name)}")


def _log(here: ScheduleFolder) -> list[str]:
    from assessor.cli.schedule_work import last_words

    return last_words(here, 1000)


def _may_touch(installed: Installed) -> None:
    if installed.scope is Scope.USER and installed.user != _user():
        raise UsageError(
            f"the schedule is in the scheduler of the user {installed.user}",
            mend=f"do this as {installed.user}",
        )


def _sweep(name: str) -> bool:
    """Removes what carries ``name`` wherever it may be."""
    from assessor.cli.schedule_managers import place_of

    places = [(manager, scope) for manager in Manager for scope in Scope]
    found = [
        place_of(manager, scope).remove(name)
        for manager, scope in places
        if (manager, scope) != (Manager.WINDOWS, Scope.SYSTEM)
    ]
    return any(found)


def _user() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name

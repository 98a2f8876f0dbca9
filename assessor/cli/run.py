"""``assess run``: the whole job."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assessor.cli import engine as engines
from assessor.cli import options
from assessor.cli.console import note, say, warn, warn_of_left_out
from assessor.cli.exit_codes import FailOn, exit_code
from assessor.cli.gathering import gather
from assessor.cli.notify import after_run, telling_failures
from assessor.cli.own_key import own_key
from assessor.cli.plan_words import show_plan
from assessor.cli.report import say_where
from assessor.cli.schedule_folder import alone
from assessor.errors import EvidenceError, UsageError
from assessor.model.language import LanguageTag

if TYPE_CHECKING:
    from assessor.evidence.store import RunFolder
    from assessor.pipeline import Prepared
    from assessor.reporting import Report

EPILOG = """
Examples:

  assess run --profile mkb                    this machine, or the assessment in this folder

  assess run -C clients/bakker --lang en      another folder, an English report

  assess run --resume                         finish the run that was broken off

  assess run --limit web01,@mail --json       a target and a group, JSON on standard output

  assess run --dry-run                        what would be asked where; nothing is connected to

  assess run --all clients --clients 4        every client's folder beneath "clients"

Exit codes: 0 everything shown, 1 a promise broken, 2 wrong usage or settings, 3 incomplete,
4 a fault of assess, 130 interrupted.
"""


@alone
@telling_failures
def run(
    profile: options.Profile = None,
    folder: options.Folder = Path(),
    statement: Annotated[
        str | None, typer.Option("--statement", help="The statement: a file or an https address.")
    ] = None,
    limit: options.Limit = None,
    lang: options.ReportLang = None,
    checks: options.ChecksFolders = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            min=1,
            max=500,
            help="Targets side by side; with --all those of all clients together.",
        ),
    ] = None,
    deadline: Annotated[
        int | None, typer.Option("--deadline", min=1, help="Seconds that one target may take.")
    ] = None,
    run_deadline: Annotated[
        int | None,
        typer.Option("--run-deadline", min=1, help="Seconds after which nothing more is asked."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be asked where, and how.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Finish the run that was broken off.")
    ] = False,
    vantage: options.Vantage = "",
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="What makes the exit code other than 0.")
    ] = FailOn.INCOMPLETE,
    json: options.Json = False,
    quiet: options.Quiet = False,
    notify: Annotated[
        bool, typer.Option("--notify/--no-notify", help="Tell those whom the settings name.")
    ] = True,
    all_below: Annotated[
        Path | None,
        typer.Option("--all", help="Run every assessment folder beneath this one, and sum up."),
    ] = None,
    clients: Annotated[
        int, typer.Option("--clients", min=1, max=64, help="With --all: clients side by side.")
    ] = 2,
    jobs_at_most: Annotated[
        int | None, typer.Option("--jobs-at-most", min=1, max=500, hidden=True)
    ] = None,
    engine: engines.Chosen = None,
    wait: engines.Wait = None,
) -> None:
    """Verify every promise that can be verified, and write the report."""
    if all_below is not None:
        if resume or limit or statement or json or dry_run or folder != Path():
            raise UsageError(
                "--all runs each client as its own settings say",
                mend="leave out --resume, --limit, --statement, --json, --dry-run and --folder",
            )
        from assessor.cli.run_all import run_all

        given = {
            "--profile": profile,
            "--lang": lang,
            "--deadline": deadline,
            "--run-deadline": run_deadline,
            "--vantage": vantage or None,
            "--fail-on": fail_on,
            "--engine": engine,
            "--wait": wait,
        }
        words = [word for name, value in given.items() if value for word in (name, str(value))]
        words += [word for path in checks or () for word in ("--checks", str(path.resolve()))]
        words += [] if notify else ["--no-notify"]
        run_all(all_below, words, clients, jobs, lang.language if lang else None)
    from assessor import concluding, pipeline, reporting
    from assessor.bundling import stamp
    from assessor.chronicle import remember
    from assessor.cli.limits import limits_of
    from assessor.retrospect import past_of

    if resume and (limit or statement or vantage or dry_run):
        raise UsageError(
            "--resume finishes a run as it was begun",
            mend="leave out --limit, --statement, --vantage and --dry-run, or begin a new run",
        )
    catalogue = pipeline.Checks(tuple(checks or ()))
    prepared = pipeline.prepare(
        folder,
        catalogue,
        profile=profile,
        language=lang.language if lang else None,
        statement=statement,
        limit=tuple(limit or ()),
    )
    limits = limits_of(
        prepared.assessment.limits,
        jobs=jobs,
        deadline_s=deadline,
        run_deadline_s=run_deadline,
        most_jobs=jobs_at_most,
    )
    if dry_run:
        show_plan(prepared, limits, json=json)
        return
    # Asked for before anything else, so that a run does not wait for a passphrase at its end.
    key = own_key(prepared.assessment.signing)
    ready = engines.made_ready(prepared, engine, wait, lambda: key)
    prepared, folder_of_run = _opened(prepared, resume=resume, vantage=vantage)
    _introduce(prepared, folder_of_run, quiet=quiet)
    gather(prepared, folder_of_run, limits, quiet=quiet, engine=ready)
    result = concluding.conclude(folder_of_run, catalogue)
    concluding.keep_conclusions(folder_of_run, result, key)
    stamping = prepared.assessment.stamping
    if stamping is not None:
        try:
            stamp(folder_of_run, stamping)
            result = replace(result, stamped=True)
        except EvidenceError as error:
            # The run is whole without it; its times are then this machine's own.
            warn(f"warning: no time stamp: {error}")
    settings = prepared.assessment.report
    looked_back = past_of(folder, folder_of_run, result)
    tag = lang or LanguageTag(result.facts.language)
    telling = reporting.Telling((tag,), settings, looked_back.past)
    reports = reporting.tell(result, catalogue, telling)
    failure: UsageError | None = None
    try:
        reporting.write_reports(folder_of_run, reports, settings)
    except UsageError as error:
        # The run is whole without it: the history keeps it and people are told, before it is said.
        failure = error
    for line in dict.fromkeys([*looked_back.notes, *remember(prepared.assessment, folder_of_run)]):
        warn(f"warning: {line}")
    show(reporting.fullest(result, catalogue, telling, reports), json=json)
    if not json:
        say_where(folder_of_run, reports, settings)
        say_next(reports[0])
    if notify:
        after_run(folder, folder_of_run.id, prepared.assessment.notices, quiet=quiet)
    if failure is not None:
        raise failure
    raise typer.Exit(exit_code(result, fail_on))


def _opened(prepared: Prepared, *, resume: bool, vantage: str) -> tuple[Prepared, RunFolder]:
    """What is to be asked, and the run's folder, locked until this process ends."""
    from assessor import pipeline

    if not resume:
        folder_of_run = pipeline.begin(prepared, vantage)
        folder_of_run.lock()
        return prepared, folder_of_run
    folder_of_run = pipeline.newest_unfinished(prepared.assessment.folder)
    folder_of_run.lock()
    return pipeline.resume(prepared, folder_of_run), folder_of_run


def _introduce(prepared: Prepared, run_folder: RunFolder, *, quiet: bool) -> None:
    warn_of_left_out(prepared.left_out)
    if quiet:
        return
    if prepared.assessment.implicit:
        note(
            "There is no assessment.yaml here: only this machine is assessed. "
            "'assess init' makes an assessment with a statement and targets."
        )
    record = run_folder.statement()
    if record is not None and not any(claim.measures for claim in record.claims):
        warn(
            "warning: no promise was found in the statement; "
            "the report is about the profile's measures instead"
        )


def show(report: Report, *, json: bool) -> None:
    """Prints the summary, or all of it for programmes."""
    from assessor.report.summary import summary_lines

    if json:
        typer.echo(report.json, nl=False)
        return
    for line in summary_lines(report.view):
        say(line)


def say_next(report: Report) -> None:
    """Prints what to do next."""
    labels = report.view.labels
    say(labels["cli_next"] if report.view.statement else labels["cli_next_no_statement"])

"""``assess plan | collect | evaluate``: the stages, each by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assessor.cli import options
from assessor.cli.console import note, say, warn
from assessor.cli.exit_codes import FailOn, exit_code
from assessor.cli.own_key import own_key
from assessor.cli.schedule_folder import alone

RunName = Annotated[
    str, typer.Argument(help="A run: its id, the beginning of one, a path, or latest.")
]


def plan(
    profile: options.Profile = None,
    folder: options.Folder = Path(),
    limit: options.Limit = None,
    checks: options.ChecksFolders = None,
    json: options.Json = False,
) -> None:
    """Show to the letter what would run where. Nothing is connected to."""
    from assessor import pipeline
    from assessor.cli.plan_words import show_plan

    prepared = pipeline.prepare(
        folder, pipeline.Checks(tuple(checks or ())), profile=profile, limit=tuple(limit or ())
    )
    show_plan(prepared, prepared.assessment.limits, json=json)


@alone
def collect(
    profile: options.Profile = None,
    folder: options.Folder = Path(),
    limit: options.Limit = None,
    checks: options.ChecksFolders = None,
    vantage: options.Vantage = "",
    quiet: options.Quiet = False,
) -> None:
    """Ask the targets and store what comes back; judge nothing."""
    from assessor import pipeline
    from assessor.cli.engine import made_ready
    from assessor.cli.gathering import gather

    prepared = pipeline.prepare(
        folder, pipeline.Checks(tuple(checks or ())), profile=profile, limit=tuple(limit or ())
    )
    engine = made_ready(prepared, None, None, lambda: own_key(prepared.assessment.signing))
    run_folder = pipeline.begin(prepared, vantage)
    _lock = run_folder.lock()
    limits = prepared.assessment.limits
    gather(prepared, run_folder, limits, quiet=quiet, engine=engine)
    say(f"{run_folder.path}")
    note(f"Judge it with: assess evaluate {run_folder.id}")


def evaluate(
    run: RunName = "latest",
    folder: options.Folder = Path(),
    checks: options.ChecksFolders = None,
    save: Annotated[
        bool,
        typer.Option("--save", help="Replace the findings of a finished run and seal it anew."),
    ] = False,
    fail_on: Annotated[FailOn, typer.Option("--fail-on")] = FailOn.INCOMPLETE,
    json: options.Json = False,
) -> None:
    """Judge a run again from its stored evidence, without any connection."""
    from assessor import concluding, pipeline, reporting
    from assessor.cli.run import say_next, show
    from assessor.evidence.seals import is_sealed
    from assessor.evidence.store import find_run

    run_folder = find_run(folder, run)
    catalogue = pipeline.checks_of(run_folder, tuple(checks or ()))
    result = concluding.conclude(run_folder, catalogue)
    finished = is_sealed(run_folder)
    if not finished or save:
        from assessor.inputs.assessment import load_assessment

        _lock = run_folder.lock()
        key = own_key(load_assessment(folder).signing)
        concluding.keep_conclusions(run_folder, result, key)
    else:
        differences = concluding.differences(run_folder, result)
        for line in differences:
            warn(line)
        note(
            "The stored findings are not the same; --save replaces them."
            if differences
            else "The same findings as those stored."
        )
    told = reporting.make_report(result, catalogue, result.facts.language)
    show(told, json=json)
    if not json:
        say_next(told)
    raise typer.Exit(exit_code(result, fail_on))

"""``assess plan | collect | evaluate``: the stages, each by itself."""

from __future__ import annotations

import json as jsonlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from assessor.cli import options
from assessor.cli.console import note, say, warn, warn_of_left_out
from assessor.cli.exit_codes import FailOn, exit_code
from assessor.cli.schedule_folder import alone

RunName = Annotated[
    str, typer.Argument(help="A run: its id, the beginning of one, a path, or latest.")
]


def plan(
    profile: options.Profile = None,
    folder: options.Folder = Path(),
    target: options.Targets = None,
    checks: options.ChecksFolders = None,
    json: options.Json = False,
) -> None:
    """Show to the letter what would run where. Nothing is connected to."""
    from assessor import pipeline
    from assessor.cli.device_words import questions
    from assessor.evidence.codec import encode
    from assessor.evidence.store import without_secrets
    from assessor.model.check import ProbeKind

    prepared = pipeline.prepare(
        folder, pipeline.Checks(tuple(checks or ())), profile=profile, only=tuple(target or ())
    )
    warn_of_left_out(prepared.left_out)
    if json:
        text = jsonlib.dumps(encode(without_secrets(prepared.plan)), ensure_ascii=False, indent=1)
        typer.echo(text)
        return
    for planned in prepared.plan.targets:
        say(f"{planned.target.name} ({planned.target.transport}, {planned.target.platform}):")
        if not planned.checks:
            say("  no check of the profile fits this target")
        for item in planned.checks:
            say(f"  {item.check}")
        for probe in planned.probes:
            rights = " as root" if probe.probe.privilege == "sudo" else ""
            say(f"  {probe.probe.kind}{rights}, at most {probe.probe.timeout_s} s:")
            indent = "      "
            lines: Sequence[str] = [probe.probe.text]
            if probe.probe.kind is ProbeKind.SCRIPT:
                lines = probe.probe.shown.rstrip("\n").splitlines()
            elif probe.probe.kind is ProbeKind.DEVICE:
                lines = questions(planned.target)
            for line in lines:
                say(indent + line)


@alone
def collect(
    profile: options.Profile = None,
    folder: options.Folder = Path(),
    target: options.Targets = None,
    checks: options.ChecksFolders = None,
    vantage: options.Vantage = "",
    quiet: options.Quiet = False,
) -> None:
    """Ask the targets and store what comes back; judge nothing."""
    from assessor import pipeline
    from assessor.bundling import signing_key
    from assessor.cli.engine import made_ready
    from assessor.cli.run import gather
    from assessor.collect.terminal import Terminal

    prepared = pipeline.prepare(
        folder, pipeline.Checks(tuple(checks or ())), profile=profile, only=tuple(target or ())
    )
    signing = prepared.assessment.signing
    ask = Terminal(threading.Event()).ask
    engine = made_ready(prepared, None, None, lambda: signing_key(signing, ask))
    run_folder = pipeline.begin(prepared, vantage)
    _lock = run_folder.lock()
    gather(prepared, run_folder, jobs=None, deadline=None, quiet=quiet, engine=engine)
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
    from assessor import pipeline, reporting
    from assessor.cli.run import say_next, show
    from assessor.evidence.manifest import is_sealed
    from assessor.evidence.store import find_run

    run_folder = find_run(folder, run)
    catalogue = pipeline.checks_of(run_folder, tuple(checks or ()))
    result = pipeline.conclude(run_folder, catalogue)
    finished = is_sealed(run_folder)
    if not finished or save:
        from assessor.bundling import signing_key
        from assessor.collect.terminal import Terminal
        from assessor.inputs.assessment import load_assessment

        _lock = run_folder.lock()
        signing = load_assessment(folder).signing
        key = signing_key(signing, Terminal(threading.Event()).ask)
        pipeline.keep_conclusions(run_folder, result, key)
    else:
        differences = pipeline.differences(run_folder, result)
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

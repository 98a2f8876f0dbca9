"""``assess evidence``: what is held of the machines, and its end."""

from __future__ import annotations

import json as jsonlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from assessor.cli import options
from assessor.cli.console import note, plain, say, warn
from assessor.cli.exit_codes import ExitCode
from assessor.errors import EvidenceError, UsageError

app = typer.Typer(
    no_args_is_help=True,
    help="What is held of the machines: look for a text in it, and delete it after its time.",
    epilog="""
Examples:

  assess evidence grep jan.jansen               in which runs and answers does this name stand?

  assess evidence purge --older-than 12m --dry-run

  assess evidence purge --older-than 12m        hashes and findings stay; the chain still verifies
""",
)


@app.command()
def grep(
    pattern: Annotated[str, typer.Argument(help="A text to look for; with --regex an expression.")],
    run: Annotated[str, typer.Option("--run", help="One run; all unless said.")] = "",
    regex: Annotated[bool, typer.Option("--regex", help="The pattern is Python's (re).")] = False,
    folder: options.Folder = Path(),
    json: options.Json = False,
) -> None:
    """Show where a text stands in the raw observations, in all runs or one."""
    from assessor.evidence.purge import MOST_HITS
    from assessor.evidence.purge import grep as hits_in
    from assessor.evidence.store import find_run, list_runs

    try:
        wanted = re.compile(pattern if regex else re.escape(pattern), re.IGNORECASE)
    except re.error as error:
        raise UsageError(f"this is no expression: {error}", mend="leave --regex out") from None
    runs = [find_run(folder, run)] if run else list_runs(folder)
    hits = []
    for each in runs:
        try:
            for hit in hits_in(each, wanted):
                hits.append(hit)
                if not json:
                    say(f"{hit.run} {hit.target} {hit.probe}:{hit.line}: {plain(hit.text)}")
                if len(hits) >= MOST_HITS:
                    break
        except EvidenceError as error:
            warn(str(error))
        if len(hits) >= MOST_HITS:
            note(f"and perhaps more: the first {MOST_HITS} are shown")
            break
    if json:
        found = [
            {"run": h.run, "target": h.target, "probe": h.probe, "line": h.line, "text": h.text}
            for h in hits
        ]
        typer.echo(jsonlib.dumps(found, ensure_ascii=True, indent=1))
    if not hits:
        note(f"Not found in {len(runs)} runs.")
        raise typer.Exit(ExitCode.BROKEN)


@app.command()
def purge(
    older_than: Annotated[
        str, typer.Option("--older-than", help="A period: 90d, 12w, 6m (30 days each) or 2y.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be deleted.")
    ] = False,
    folder: options.Folder = Path(),
) -> None:
    """Delete the raw observations of older runs; hashes, findings and reports stay.

    What was deleted cannot be judged again. A run that is damaged or was not finished is kept.
    """
    from assessor.evidence.purge import period
    from assessor.evidence.purge import purge as purge_run
    from assessor.evidence.store import list_runs

    now = datetime.now(UTC)
    before = now - period(older_than)
    kept = done = 0
    for run in list_runs(folder):
        if run.facts().started_at >= before:
            continue
        journals = len(list((run.path / "observations").glob("*.jsonl")))
        if not journals:
            continue
        if dry_run:
            say(f"{run.id}: {journals} journals would be deleted")
            done += 1
            continue
        try:
            _lock = run.lock()
            say(f"{run.id}: {purge_run(run, now)} journals deleted")
            done += 1
        except EvidenceError as error:
            warn(str(error))
            kept += 1
    note(f"{done} runs older than {older_than}." if done else f"No run is older than {older_than}.")
    if kept:
        raise typer.Exit(ExitCode.INCOMPLETE)

"""``assess history``: the runs of an assessment, and what changed since the one before."""

from __future__ import annotations

from pathlib import Path

import typer

from assessor.cli import options
from assessor.cli.console import say
from assessor.errors import EvidenceError


def history(folder: options.Folder = Path(), json: options.Json = False) -> None:
    """List the runs, the oldest first, and what changed from the last but one to the last."""
    from collections import Counter

    from assessor.evidence.manifest import is_sealed
    from assessor.evidence.store import Conclusions, list_runs
    from assessor.history.drift import drift
    from assessor.yamlfile import canonical_json

    concluded: list[Conclusions] = []
    runs = list_runs(folder)
    if not runs:
        raise EvidenceError(f"{folder.resolve()}: holds no runs yet; make one with: assess run")
    for run in runs:
        facts = run.facts()
        conclusions = run.conclusions()
        counts: Counter[str] = Counter()
        if conclusions:
            concluded.append(conclusions)
            counts.update(
                [claim.verdict.value for claim in conclusions.claims]
                or [measure.verdict.value for measure in conclusions.measures]
            )
        if json:
            typer.echo(
                canonical_json(
                    {
                        "run": run.id,
                        "started_at": f"{facts.started_at:%Y-%m-%dT%H:%M:%SZ}",
                        "finished": is_sealed(run),
                        "verdicts": dict(counts),
                    }
                )
            )
            continue
        told = ", ".join(f"{number} {verdict}" for verdict, number in sorted(counts.items()))
        say(f"{run.id}  {told if is_sealed(run) else 'broken off: assess run --resume'}")
    if json or len(concluded) < 2:
        return
    changes = drift(concluded[-2].findings, concluded[-1].findings)
    say("\nSince the run before:" if changes else "\nSince the run before nothing changed.")
    for item in changes:
        before = item.before or "not there"
        after = item.after or "not there"
        say(f"  {item.change:7} {item.target}: {item.measure} ({item.check}): {before} -> {after}")

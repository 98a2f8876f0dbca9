"""Asks the targets while a person looks on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import typer

from assessor.cli.console import note
from assessor.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from assessor.cli.engine import Ready
    from assessor.evidence.store import RunFolder
    from assessor.model.limits import Limits
    from assessor.pipeline import Prepared


def gather(
    prepared: Prepared,
    run_folder: RunFolder,
    limits: Limits,
    *,
    quiet: bool,
    engine: Ready | None = None,
) -> None:
    """Collects with progress; an interruption keeps what came in and says how to go on."""
    from assessor import pipeline
    from assessor.cli.progress import RunProgress

    asked = sum(1 for planned in prepared.plan.targets if planned.probes)
    try:
        with RunProgress(asked, quiet=quiet) as progress:
            if engine is None:
                pipeline.gather(prepared, run_folder, progress, threading.Event(), limits)
            else:
                engine.gather(prepared, run_folder, progress, limits)
    except KeyboardInterrupt:
        note(
            f"\nInterrupted. What was collected is kept in {run_folder.path}; "
            "'assess run --resume' goes on from there."
        )
        raise typer.Exit(ExitCode.INTERRUPTED) from None

"""``assess history``: the runs of an assessment, and how each promise fared over the months."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assessor.cli import options
from assessor.cli.console import note, say, warn
from assessor.errors import EvidenceError

if TYPE_CHECKING:
    from assessor.chronicle import Told
    from assessor.history.records import RunSummary
    from assessor.history.trend import Trend

EPILOG = """
Examples:

  assess history                  the runs, and a bar a month for every promise

  assess history --months 12 -p backup     a year of the promises that are about backups

  assess history --json           a line of JSON for every promise, then one for every run

  assess history --rebuild        make the database again from the run folders

What changed since the run before: assess diff
"""
_WIDEST = 60
_MOST_MONTHS = 120


def history(
    folder: options.Folder = Path(),
    months: Annotated[
        int,
        typer.Option("--months", min=1, max=_MOST_MONTHS, help="How many months the bars show."),
    ] = 36,
    promise: Annotated[
        str,
        typer.Option("--promise", "-p", help="Only promises with this word or measure in them."),
    ] = "",
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make the database again from the run folders.")
    ] = False,
    json: options.Json = False,
) -> None:
    """List the runs, the oldest first, and how each promise fared over the months."""
    from assessor.evidence.seals import is_sealed
    from assessor.evidence.store import list_runs
    from assessor.history.trend import trends
    from assessor.statement.decisions import changes

    folders = list_runs(folder)
    if not folders:
        raise EvidenceError(f"{folder.resolve()}: holds no runs yet; make one with: assess run")
    told = read(folder, rebuild=rebuild, last=0 if json else 2)
    unfinished = [run.id for run in folders if not is_sealed(run)]
    found = [
        trend
        for trend in trends(told.runs, lambda old, new: changes(old, new).changed)
        if _is_about(trend, promise)
    ]
    if json:
        _print_json(told.runs, unfinished, found)
        return
    lines = [(run.run, _verdicts(run)) for run in told.runs]
    lines += [(run, "broken off: assess run --resume") for run in unfinished]
    for run, line in sorted(lines):
        say(f"{run}  {line}")
    if told.runs:
        _print_trends(told.runs, found, months)
        _print_changes(told, folder)


def read(folder: Path, runs: Sequence[str] = (), *, last: int = 0, rebuild: bool = False) -> Told:
    """The history, with the findings of ``runs`` and of the ``last`` ones; warns of what is wrong.

    Args:
        folder: the assessment's.
        runs: ids.
        last: how many of the last runs.
        rebuild: make the database again first.
    """
    import io
    import threading

    from assessor import chronicle
    from assessor.cli.console import on_terminal

    def ask(question: str) -> str | None:
        from assessor.collect.terminal import Terminal

        return Terminal(threading.Event()).ask(question)

    if isinstance(sys.stdout, io.TextIOWrapper):
        # Statements hold what an old terminal has no sign for.
        sys.stdout.reconfigure(errors="replace")
    address = chronicle.history_address(folder)
    if rebuild:
        history = chronicle.open_history(folder, address, ask)
        for line in chronicle.rebuild(folder, history):
            warn(f"warning: {line}")
        if on_terminal():
            note(f"{history.database.name}: made again from the run folders")
    told = chronicle.read_history(folder, address, ask, runs, last=last)
    for line in told.notes:
        warn(f"warning: {line}")
    return told


def _is_about(trend: Trend, word: str) -> bool:
    return word.casefold() in f"{trend.text}\n{' '.join(trend.measures)}".casefold()


def _verdicts(run: RunSummary) -> str:
    told = ", ".join(f"{number} {verdict}" for verdict, number in sorted(run.verdicts().items()))
    return told or "nothing was promised"


def _print_trends(runs: Sequence[RunSummary], found: Iterable[Trend], most: int) -> None:
    from assessor.history.trend import BARS, LETTERS, bar, months, shown_bar

    letters = not _knows_bars()
    over = months(runs, most)
    span = " to ".join(f"{year}-{month:02}" for year, month in dict.fromkeys((over[0], over[-1])))
    signs = ", ".join(f"{s} {v}" for v, s in (LETTERS if letters else BARS).items())
    say(f"\n{span}, a month a sign: {signs}")
    shown = shown_bar(runs, over, letters=letters)
    say(f"  {shown}  part of the promises that was kept or attested")
    for trend in found:
        said = f"{trend.verdict} since {trend.since:%Y-%m}" if trend.current else "not promised now"
        say(f"  {bar(trend, over, letters=letters)}  {said:22}  {_short(trend.text)}")


def _print_changes(told: Told, folder: Path) -> None:
    from assessor.cli.diff import comparison, words
    from assessor.history.drift import Change

    if len(told.runs) < 2:
        return
    found = comparison(told, told.runs[-2].run, told.runs[-1].run, folder)
    parts = [f"{number} {words(change)}" for change in Change if (number := found.told(change))]
    if not parts:
        say("\nSince the run before nothing changed.")
    else:
        say(f"\nSince the run before: {', '.join(parts)}. What they are: assess diff")


def _print_json(
    runs: Iterable[RunSummary], unfinished: Iterable[str], found: Iterable[Trend]
) -> None:
    from assessor.yamlfile import canonical_json

    for trend in found:
        typer.echo(canonical_json(trend_as_json(trend)))
    lines: list[dict[str, Any]] = [
        {
            "run": run.run,
            "started_at": f"{run.started_at:%Y-%m-%dT%H:%M:%SZ}",
            "finished": True,
            "verdicts": {verdict.value: number for verdict, number in run.verdicts().items()},
            "findings": {outcome.value: number for outcome, number in run.outcomes.items()},
            "targets": len(run.targets),
        }
        for run in runs
    ]
    lines += [{"run": run, "finished": False} for run in unfinished]
    for line in sorted(lines, key=lambda each: str(each["run"])):
        typer.echo(canonical_json(line))


def trend_as_json(trend: Trend) -> dict[str, Any]:
    """A promise over the runs, for programs."""
    return {
        "promise": trend.text,
        "measures": list(trend.measures),
        "current": trend.current,
        "verdict": trend.verdict.value,
        "since": f"{trend.since:%Y-%m-%dT%H:%M:%SZ}",
        "trend": [{"run": point.run, "verdict": point.verdict.value} for point in trend.points],
    }


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def _knows_bars() -> bool:
    """Whether standard output can show the bars."""
    from assessor.history.trend import BARS, NO_RUN

    try:
        "".join((*BARS.values(), NO_RUN)).encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True

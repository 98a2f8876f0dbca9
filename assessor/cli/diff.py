"""``assess diff``: what changed from one run to a later one, and what ends before the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assessor.cli import options
from assessor.cli.console import say
from assessor.errors import EvidenceError, UsageError

if TYPE_CHECKING:
    from assessor.chronicle import Told
    from assessor.history.comparison import Comparison, PromiseChange
    from assessor.history.drift import Change, Drift
    from assessor.history.outlook import Outlook
    from assessor.history.records import TargetRow

EPILOG = """
Examples:

  assess diff                     from the last run but one to the last

  assess diff 202609              from the run of September to the last

  assess diff 202609 202611 --json

A run is named by its id, the beginning of one, or latest. The next run is expected when the
schedule says (assess schedule), or else a month later.
"""
_WIDEST = 100
RunName = Annotated[str | None, typer.Argument(help="A run's id, the beginning of one, or latest.")]


def diff(
    before: RunName = None,
    after: RunName = None,
    folder: options.Folder = Path(),
    json: options.Json = False,
) -> None:
    """Show what became worse, was mended, is new or gone, and what ends before the next run."""
    from assessor.cli.history import read

    old, new = _chosen(folder, before, after)
    told = read(folder, (old, new))
    found = comparison(told, old, new, folder)
    if json:
        from assessor.yamlfile import canonical_json

        typer.echo(canonical_json(as_json(found)))
        return
    for line in lines(found):
        say(line)


def _chosen(folder: Path, before: str | None, after: str | None) -> tuple[str, str]:
    """The ids of the two runs; raises ``UsageError`` and ``EvidenceError``."""
    from assessor.evidence.seals import is_sealed
    from assessor.evidence.store import find_run, list_runs

    finished = [run.id for run in list_runs(folder) if is_sealed(run)]
    if len(finished) < 2:
        raise EvidenceError(
            f"{folder.resolve()}: there are no two finished runs to compare; "
            "make one with: assess run"
        )

    def named(name: str) -> str:
        run = finished[-1] if name == "latest" else find_run(folder, name).id
        if run not in finished:
            raise EvidenceError(f"run {run} was not finished; finish it with: assess run --resume")
        return run

    old = named(before) if before else finished[-2]
    new = named(after) if after else finished[-1]
    if old == new:
        raise UsageError("both are the same run", mend="name an earlier one first")
    return min(old, new), max(old, new)


def comparison(told: Told, before: str, after: str, folder: Path) -> Comparison:
    """Compares two runs of which the findings are there."""
    from assessor.history.comparison import compare
    from assessor.statement.decisions import changes

    later = told.record(after)
    return compare(
        told.record(before),
        later,
        lambda old, new: changes(old, new).changed,
        _next_run(folder, later.summary.started_at),
    )


def _next_run(folder: Path, at: Any) -> date | None:
    """The day of the run after the one that began ``at``, by the schedule that is installed."""
    if not (folder / ".assess" / "schedule.json").exists():
        return None
    from assessor.cli.schedule_folder import ScheduleFolder

    try:
        installed = ScheduleFolder(folder).installed()
    except EvidenceError:
        return None  # assess schedule says what is wrong with it
    return None if installed is None else installed.cadence.after(at).date()


def lines(found: Comparison) -> Iterator[str]:
    """A comparison for people."""
    yield f"From {found.before} to {found.after}"
    if found.promises or found.promises_same:
        yield ""
        yield f"Promises: {_counted([each.change for each in found.promises], found.promises_same)}"
        for item in found.promises:
            yield f"  {_promise_line(item)}"
            if item.was:
                yield f"          was: {_short(item.was)}"
    yield ""
    yield f"Findings: {_counted([each.change for each in found.findings], found.findings_same)}"
    moved = {row.name for row in (*found.new_targets, *found.lost_targets)}
    for each in found.findings:
        if each.target not in moved:
            yield f"  {_finding_line(each)}"
    for row in found.new_targets:
        came = [each for each in found.findings if each.target == row.name]
        failed = [each for each in came if each.after == "fail"]
        yield f"New here: {_target(row)}, {len(came)} findings, of which {len(failed)} fail"
        for each in failed:
            yield f"  {_finding_line(each)}"
    for row in found.lost_targets:
        yield f"No longer asked: {_target(row)}"
    for row in found.silent_targets:
        yield f"Gave nothing to judge this time: {_target(row)}"
    yield from _outlook_lines(found.outlook)


def _counted(changes: Sequence[Change], same: int) -> str:
    counts = [f"{changes.count(each)} {words(each)}" for each in dict.fromkeys(changes)]
    return ", ".join([*counts, f"{same} unchanged"])


def words(change: Change) -> str:
    """A change as people are told it."""
    return "changed" if change.value == "other" else change.value


def _promise_line(item: PromiseChange) -> str:
    told = " -> ".join(verdict for verdict in (item.before, item.after) if verdict is not None)
    return f"{words(item.change):7} {told}: {_short(item.text)}"


def _finding_line(item: Drift) -> str:
    told = " -> ".join(outcome for outcome in (item.before, item.after) if outcome is not None)
    how = words(item.change)
    return f"{how:7} {item.target}: {item.measure} ({item.check}): {told}"


def _target(row: TargetRow) -> str:
    return f"{row.name} ({row.role})"


def _outlook_lines(found: Outlook) -> Iterator[str]:
    if not (found.certificates or found.attestations or found.waivers):
        yield f"\nNothing is known to expire before the next run ({found.next_run})."
        return
    yield f"\nBefore the next run ({found.next_run}):"
    for certificate in found.certificates:
        left = (certificate.ends - found.day).days
        how = f"expires on {certificate.ends}" if left >= 0 else f"expired on {certificate.ends}"
        yield f"  the certificate of {_short(certificate.name)} on {certificate.target} {how}"
    for word in found.attestations:
        yield f"  the word of {_short(word.by)} for {word.measure} counts until {word.expires}"
    for waiver in found.waivers:
        yield f"  the waiver of {waiver.check} on {waiver.target} counts until {waiver.until}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def as_json(found: Comparison) -> dict[str, Any]:
    """A comparison for programs."""
    return {
        "before": found.before,
        "after": found.after,
        "promises": {
            "changed": [
                {
                    "promise": item.text,
                    "was": item.was or None,
                    "measures": list(item.measures),
                    "change": item.change.value,
                    "before": item.before and item.before.value,
                    "after": item.after and item.after.value,
                }
                for item in found.promises
            ],
            "unchanged": found.promises_same,
        },
        "findings": {
            "changed": [
                {
                    "target": each.target,
                    "measure": each.measure,
                    "check": each.check,
                    "change": each.change.value,
                    "before": each.before and each.before.value,
                    "after": each.after and each.after.value,
                }
                for each in found.findings
            ],
            "unchanged": found.findings_same,
        },
        "new_targets": [row.name for row in found.new_targets],
        "lost_targets": [row.name for row in found.lost_targets],
        "silent_targets": [row.name for row in found.silent_targets],
        "next_run": found.outlook.next_run.isoformat(),
        "expire": {
            "certificates": [
                {
                    "target": row.target,
                    "check": row.check,
                    "name": row.name,
                    "ends": row.ends.isoformat(),
                    "days_left": (row.ends - found.outlook.day).days,
                }
                for row in found.outlook.certificates
            ],
            "attestations": [
                {
                    "id": row.id,
                    "measure": row.measure,
                    "by": row.by,
                    "expires": row.expires.isoformat(),
                }
                for row in found.outlook.attestations
            ],
            "waivers": [
                {"check": row.check, "target": row.target, "until": row.until.isoformat()}
                for row in found.outlook.waivers
            ],
        },
    }

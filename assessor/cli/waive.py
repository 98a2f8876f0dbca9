"""``assess waive``: accepts a deviation until a day, and lists what was accepted."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from assessor.cli import options
from assessor.cli.console import note, say, warn
from assessor.cli.days import read_day
from assessor.errors import UsageError

EPILOG = """
A waiver accepts that a check fails on a target. The report shows it, with who accepted it and
why; when it ends, it counts for nothing.

Example:

  assess waive host_firewall --target nas --until 2027-03-01 --by "A. Bakker" --reason "The NAS
  is replaced in February."
"""

_A_YEAR = 366


def waive(
    check: Annotated[
        str | None, typer.Argument(help="A check's id, such as host_firewall.")
    ] = None,
    target: Annotated[str | None, typer.Option("--target", "-t", help="The target's name.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="The last day it counts.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why it is accepted.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="Who accepts it.")] = None,
    longest: Annotated[
        int,
        typer.Option("--longest", min=1, max=3660, help="How many days ahead it may end."),
    ] = _A_YEAR,
    list_: Annotated[bool, typer.Option("--list", "-l", help="Show every waiver.")] = False,
    folder: options.Folder = Path(),
    checks: options.ChecksFolders = None,
    json: options.Json = False,
) -> None:
    """Accept a deviation: who, why and until when. It is shown in the report, never hidden."""
    from assessor.inputs.words import record_waiver

    if list_:
        if check:
            raise UsageError("--list shows all waivers", mend="leave out the check or --list")
        _list(folder, json=json)
        return
    said = {"CHECK": check, "--target": target, "--until": until, "--reason": reason, "--by": by}
    if missing := [name for name, value in said.items() if not value]:
        raise UsageError(f"not said: {', '.join(missing)}", mend="see: assess waive --help")
    day = read_day(until or "")
    for warning in _unknown(folder, check or "", target or "", tuple(checks or ())):
        warn(f"warning: {warning}")
    waiver = record_waiver(
        folder,
        check=check or "",
        target=target or "",
        reason=reason or "",
        by=by or "",
        until=day,
        now=datetime.now().astimezone(),
        longest=timedelta(days=longest),
    )
    say(f"Accepted until {waiver.until}: {waiver.check} on {waiver.target}.")


def _unknown(folder: Path, check: str, target: str, folders: tuple[Path, ...]) -> list[str]:
    """What the waiver names and does not exist: it would accept nothing."""
    from assessor import pipeline
    from assessor.inputs.assessment import load_assessment
    from assessor.inputs.problems import nearest

    catalogue = pipeline.Checks(folders)
    assessment = load_assessment(folder, known_checks=catalogue.known)
    known = {"check": catalogue.catalogue.infos, "target": [t.name for t in assessment.targets]}
    named = {"check": check, "target": target}
    return [
        f"there is no {kind} {name!r}; {nearest(name, known[kind]) or 'the waiver waits for it'}"
        for kind, name in named.items()
        if name not in known[kind]
    ]


def _list(folder: Path, *, json: bool) -> None:
    from assessor.inputs.words import load_words
    from assessor.model.attestation import WARN_BEFORE
    from assessor.yamlfile import canonical_json

    waivers = load_words(folder).waivers
    today = date.today()  # noqa: DTZ011 - the day on the calendar of whoever asks
    for waiver in sorted(waivers, key=lambda each: (each.until, each.check, each.target)):
        left = waiver.until - today
        state = "valid"
        if left < timedelta(0):
            state = "expired"
        elif left <= WARN_BEFORE:
            state = "soon"
        if json:
            typer.echo(
                canonical_json(
                    {
                        "check": waiver.check,
                        "target": waiver.target,
                        "reason": waiver.reason,
                        "by": waiver.by,
                        "until": waiver.until.isoformat(),
                        "days_left": left.days,
                        "state": state,
                    }
                )
            )
            continue
        told = {"soon": "ends soon, ", "expired": "counts no more, "}.get(state, "")
        say(f"{waiver.until}  {waiver.check} on {waiver.target} ({told}{waiver.by})")
        for line in waiver.reason.splitlines():
            say(f"            {line}")
    if not waivers and not json:
        note("No deviation was accepted.")

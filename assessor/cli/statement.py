"""``assess statement``: what the statement promises, and which words say so."""

from __future__ import annotations

import json as jsonlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from assessor.cli import advise, options, review
from assessor.cli.console import say
from assessor.errors import UsageError
from assessor.model.language import Language
from assessor.model.statement import Claim

app = typer.Typer(no_args_is_help=True, help="What the privacy statement promises.")
app.command()(review.review)
app.command()(review.decide)
app.command()(advise.advise)

Source = Annotated[
    str,
    typer.Argument(help="The statement: a file, an https address, or - for standard input."),
]
StatementLanguage = Annotated[
    Language | None,
    typer.Option("--statement-lang", help="The statement's language; found out unless said."),
]


@app.command()
def show(
    source: Source,
    language: StatementLanguage = None,
    unmapped: Annotated[
        bool, typer.Option("--unmapped", help="Only what was left unmapped.")
    ] = False,
) -> None:
    """Show every promise, the measures it maps to, and the words that led there."""
    from assessor import pipeline

    read = pipeline.read_statement(source, Path(), language)
    for claim in read.claims:
        if not (unmapped and claim.measures):
            _explain(claim)
    mapped = sum(bool(claim.measures) for claim in read.claims)
    say(f"{mapped} promises, {len(read.claims) - mapped} left unmapped ({read.text.language})")


def _explain(claim: Claim) -> None:
    """Prints a claim with each measure, how sure that is, and the words and the rule behind it."""
    say(f"[{claim.start}-{claim.end}] {' '.join(claim.quote.split())}")
    if claim.heading:
        say(f"    under: {' '.join(claim.heading.split())}")
    if claim.roles is not None:
        say(f"    about: {', '.join(claim.roles) or 'nothing that an inventory can hold'}")
    if not claim.measures:
        say("    promises something, but no measure was found for it")
    for reading in claim.readings:
        phrase = " ".join(reading.phrase.split())
        say(f"    {reading.measure} ({reading.score:.2f}): {phrase!r} [{reading.rule}]")
        for name, value in claim.parameters.get(reading.measure, {}).items():
            say(f"        {name} = {value}")


@app.command("map")
def map_(
    source: Source,
    language: StatementLanguage = None,
    json: options.Json = False,
    text_out: Annotated[
        Path | None, typer.Option("--text-out", help="Write the text that the offsets refer to.")
    ] = None,
) -> None:
    """Map every promise to measures, with offsets into the text as read."""
    from assessor import pipeline
    from assessor.statement.show import claims_as_json

    read = pipeline.read_statement(source, Path(), language)
    if text_out:
        try:
            text_out.write_bytes(read.text.text.encode())
        except OSError as error:
            raise UsageError(f"{text_out} cannot be written: {error.strerror}") from None
    if json:
        jsonlib.dump(claims_as_json(read.claims), sys.stdout, ensure_ascii=False, indent=1)
        typer.echo()
        return
    for claim in read.claims:
        say(f"{claim.start}\t{claim.end}\t{','.join(claim.measures)}\t{claim.quote!r}")


@app.command()
def diff(
    old: Annotated[
        str | None,
        typer.Argument(help="The statement as it was; that of the last run unless said."),
    ] = None,
    new: Annotated[
        str | None, typer.Argument(help="The statement as it is; the assessment's unless said.")
    ] = None,
    folder: options.Folder = Path(),
) -> None:
    """Show which promises were added, changed and removed."""
    from assessor import pipeline
    from assessor.cli.review import own_statement
    from assessor.errors import EvidenceError
    from assessor.evidence.store import list_runs
    from assessor.statement.decisions import changes, stale

    own = own_statement(folder) if new is None else None
    if old is not None:
        before = pipeline.read_statement(old, Path()).claims
    else:
        records = [record for run in list_runs(folder) if (record := run.statement())]
        if not records:
            raise EvidenceError(f"{folder.resolve()}: no run has a statement to compare with")
        before = records[-1].claims
    after = own.read.claims if own else pipeline.read_statement(new or "", Path()).claims
    found = changes(before, after)
    for claim in found.added:
        say(f"added    {' '.join(claim.quote.split())}  [{', '.join(claim.measures)}]")
    for was, now in found.changed:
        say(f"changed  {' '.join(was.quote.split())}  [{', '.join(was.measures)}]")
        say(f"      -> {' '.join(now.quote.split())}  [{', '.join(now.measures)}]")
    for claim in found.removed:
        say(f"removed  {' '.join(claim.quote.split())}  [{', '.join(claim.measures)}]")
    say(f"{found.unchanged} promises are unchanged")
    for decision in stale(own.read.text, own.decisions) if own else ():
        say(f"a decision of {decision.by} is about a sentence that is gone: {decision.quote}")

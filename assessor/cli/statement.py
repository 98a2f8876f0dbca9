"""``assess statement``: what the statement promises, and which words say so."""

from __future__ import annotations

import json as jsonlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from assessor.cli import options
from assessor.cli.console import say
from assessor.model.statement import Language

app = typer.Typer(no_args_is_help=True, help="What the privacy statement promises.")

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
        if unmapped and claim.measures:
            continue
        say(f"[{claim.start}-{claim.end}] {' '.join(claim.quote.split())}")
        if claim.heading:
            say(f"    under: {claim.heading}")
        if not claim.measures:
            say("    promises something, but no measure was found for it")
        for reading in claim.readings:
            say(f"    {reading.measure} ({reading.score:.2f}): {reading.phrase!r} [{reading.rule}]")
        for measure, parameters in claim.parameters.items():
            for name, value in parameters.items():
                say(f"    {measure}: {name} = {value}")
    mapped = sum(bool(claim.measures) for claim in read.claims)
    say(f"{mapped} promises, {len(read.claims) - mapped} left unmapped ({read.text.language})")


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

    read = pipeline.read_statement(source, Path(), language)
    if text_out:
        text_out.write_bytes(read.text.text.encode())
    if not json:
        for claim in read.claims:
            say(f"{claim.start}\t{claim.end}\t{','.join(claim.measures)}\t{claim.quote!r}")
        return
    claims = [
        {
            "quote": claim.quote,
            "start": claim.start,
            "end": claim.end,
            "measures": list(claim.measures),
            "parameters": {measure: dict(values) for measure, values in claim.parameters.items()},
        }
        for claim in read.claims
    ]
    jsonlib.dump({"claims": claims}, sys.stdout, ensure_ascii=False, indent=1)
    typer.echo()

"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assessor.cli.comma_lists import language_tag
from assessor.model.language import Language, LanguageTag

Folder = Annotated[
    Path,
    typer.Option("--folder", "-C", help="The assessment folder; this folder unless said."),
]
Profile = Annotated[
    str | None,
    typer.Option("--profile", "-p", help="A profile's name, such as mkb, or a file."),
]
ChecksFolders = Annotated[
    list[Path] | None,
    typer.Option("--checks", help="A folder with check folders of your own. May be repeated."),
]
Limit = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        "-l",
        "--target",
        "-t",
        metavar="TARGET,@GROUP,tag:WORD",
        help="Only these targets of the inventory: names (web*), groups (@servers), tags; "
        "'!' before one leaves it out. May be repeated.",
    ),
]
Lang = Annotated[
    Language | None,
    typer.Option("--lang", help="The report's language; the assessment's own unless said."),
]
ReportLang = Annotated[
    LanguageTag | None,
    typer.Option(
        "--lang",
        parser=language_tag,
        metavar="nl|nl-BE|en",
        help="The report's language; the assessment's own unless said.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]

Vantage = Annotated[
    str,
    typer.Option(
        "--vantage",
        help="Where everything is seen from, such as 'office in Ghent'; else this machine's name.",
    ),
]
"""What the report names as the place of observation: it decides what a site shows."""

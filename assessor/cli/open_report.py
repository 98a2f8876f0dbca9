"""``assess open``: the report of a run in the browser."""

from __future__ import annotations

import webbrowser
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from assessor.cli import options
from assessor.cli.console import note, say
from assessor.cli.report import home_of, write
from assessor.cli.stages import RunName
from assessor.model.language import Language, LanguageTag
from assessor.model.report_settings import Audience, Format

EPILOG = """
Examples:

  assess open                       the last run, with all that there is

  assess open --audience client     as your client will see it

  assess open 2026 --lang en --print
"""
_HEAD = 400
"""Bytes of a page in which its language stands."""


def open_report(
    run: RunName = "latest",
    folder: options.Folder = Path(),
    lang: options.ReportLang = None,
    audience: Annotated[
        Audience | None,
        typer.Option("--audience", help="As whom to read it; internal unless said."),
    ] = None,
    only_print: Annotated[
        bool, typer.Option("--print", help="Only print where it is; open nothing.")
    ] = False,
) -> None:
    """Open the report of a run in the browser; it is written first where it is not there."""
    from assessor.evidence.store import find_run
    from assessor.inputs.reporting import load_report_settings
    from assessor.reporting import file_name, region_of

    run_folder = find_run(folder, run)
    home = home_of(run_folder, folder)
    settings = load_report_settings(home)
    usual = Audience.INTERNAL if Audience.INTERNAL in settings.audiences else Audience.CLIENT
    reader = audience or usual
    tag = lang or LanguageTag(run_folder.facts().language)
    path = run_folder.path / file_name(tag.language, reader, Format.HTML)
    if not _is_there(path, tag.language, region_of(tag, settings)):
        write(
            run_folder, home, replace(settings, formats=(Format.HTML,), audiences=(reader,)), (tag,)
        )
    say(str(path.resolve()))
    if not only_print:
        _open(path.resolve())


def _is_there(path: Path, language: Language, region: str) -> bool:
    """Whether the page is there, in the words of that region."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except FileNotFoundError:
        return False
    regional = region and language is Language.NL
    tag = f"{language}-{region}" if regional else language.value
    return f'<html lang="{tag}"'.encode() in head


def _open(path: Path) -> None:
    """Opens the page; where that cannot be done, it says so."""
    try:
        opened = webbrowser.get().open(path.as_uri())
    except (webbrowser.Error, OSError):
        opened = False
    if not opened:
        note("There is no browser here that could be started: open this file in one yourself.")

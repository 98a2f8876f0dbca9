"""``assess report``: the report of a run again, in any form, language and style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assessor.cli import options
from assessor.cli.comma_lists import language_tags, several
from assessor.cli.console import note, say
from assessor.cli.stages import RunName
from assessor.errors import UsageError
from assessor.model.language import TAGS, LanguageTag
from assessor.model.report_settings import Audience, Format, ReportSettings

if TYPE_CHECKING:
    from assessor.evidence.store import RunFolder
    from assessor.reporting import Report

EPILOG = """
Examples:

  assess report                                the last run, as usual

  assess report --format html,pdf --lang nl,en

  assess report 2026 --audience client --lang nl-BE

  assess report --templates house              with templates of your own

Forms: html (one page that holds all), pdf, json, md, docx, and summary (one page that says what
was and was not shown). Audiences: internal (everything), client (nothing that helps an attacker).
nl-BE is the Dutch of Flanders. Settings and templates: docs/reports.md.
"""

Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="|".join(Format),
        help="One or more, with commas; those of the settings unless said.",
    ),
]
Audiences = Annotated[
    list[str] | None,
    typer.Option(
        "--audience",
        metavar="|".join(Audience),
        help="For whom, with commas; those of the settings unless said.",
    ),
]
Langs = Annotated[
    list[str] | None,
    typer.Option(
        "--lang",
        metavar="|".join(TAGS),
        help="One or more, with commas; the assessment's own unless said.",
    ),
]
OwnTemplates = Annotated[
    Path | None,
    typer.Option("--templates", help="A folder with templates of your own."),
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asked for on the command line; what is empty is left to the settings."""

    formats: tuple[Format, ...] = ()
    audiences: tuple[Audience, ...] = ()
    languages: tuple[LanguageTag, ...] = ()
    templates: Path | None = None

    def over(self, settings: ReportSettings) -> ReportSettings:
        """The settings with what was asked for over them.

        Raises:
            UsageError: there is no such folder of templates.
        """
        if self.templates is not None and not self.templates.is_dir():
            raise UsageError(f"--templates: there is no folder {self.templates}")
        return replace(
            settings,
            formats=self.formats or settings.formats,
            audiences=self.audiences or settings.audiences,
            templates=self.templates or settings.templates,
        )


def wanted(
    formats: Sequence[str] | None = None,
    audiences: Sequence[str] | None = None,
    langs: Sequence[str] | None = None,
    templates: Path | None = None,
) -> Wanted:
    """What the options say; raises ``UsageError`` for a word that there is not."""
    return Wanted(
        several("--format", formats, Format, Format),
        several("--audience", audiences, Audience, Audience),
        language_tags(langs),
        templates,
    )


def report(
    run: RunName = "latest",
    folder: options.Folder = Path(),
    checks: options.ChecksFolders = None,
    formats: Formats = None,
    lang: Langs = None,
    audience: Audiences = None,
    templates: OwnTemplates = None,
    pseudonyms: Annotated[
        bool,
        typer.Option("--pseudonyms", help="Put pseudonyms in the place of people's account names."),
    ] = False,
) -> None:
    """Write the report of a run again, in any form and language, for any reader."""
    asked = wanted(formats, audience, lang, templates)
    from assessor.evidence.store import find_run
    from assessor.inputs.reporting import load_report_settings

    run_folder = find_run(folder, run)
    home = home_of(run_folder, folder)
    settings = asked.over(load_report_settings(home))
    more = tuple(checks or ())
    for path in write(run_folder, home, settings, asked.languages, checks=more, hide=pseudonyms):
        say(str(path.resolve()))


def home_of(run: RunFolder, folder: Path) -> Path:
    """The assessment folder of a run, which need not be the one that was named."""
    home = run.path.parent.parent
    return home if run.path.parent.name == "runs" and home != folder.resolve() else folder


def write(
    run: RunFolder,
    home: Path,
    settings: ReportSettings,
    languages: tuple[LanguageTag, ...],
    *,
    checks: tuple[Path, ...] = (),
    hide: bool = False,
) -> tuple[Path, ...]:
    """Writes the reports of a run; gives their paths.

    Args:
        run: the run.
        home: its assessment folder.
        settings: in which forms, for whom, in whose style.
        languages: in which; that of the run where it is empty.
        checks: folders with checks of one's own.
        hide: put pseudonyms in the place of people's account names.

    Raises:
        UsageError: a template is broken, or a form cannot be written here.
        EvidenceError: the run is damaged.
    """
    from assessor import concluding, pipeline, reporting
    from assessor.evidence.key import fingerprint_key
    from assessor.retrospect import past_of

    catalogue = pipeline.checks_of(run, checks)
    result = concluding.conclude(run, catalogue)
    looked_back = past_of(home, run, result)
    for line in looked_back.notes:
        note(line)
    telling = reporting.Telling(
        languages or (LanguageTag(result.facts.language),), settings, looked_back.past
    )
    secret = fingerprint_key(home) if hide else None
    reports = reporting.tell(result, catalogue, telling, secret)
    return reporting.write_reports(run, reports, settings)


def say_where(run: RunFolder, reports: Sequence[Report], settings: ReportSettings) -> None:
    """Prints which file is for whom: the page, or the first form where no page was asked for."""
    from assessor.reporting import file_name

    say()
    form = Format.HTML if Format.HTML in settings.formats else settings.formats[0]
    for each in reports:
        labels = each.view.labels
        words = {
            Audience.INTERNAL: labels["cli_report_internal"],
            Audience.CLIENT: labels["cli_report_client"],
        }
        path = run.path / file_name(each.language, each.audience, form)
        if path.is_file():
            say(f"{words[each.audience]}: {path.resolve()}")

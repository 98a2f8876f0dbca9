"""``assess init``: makes the folder of a new assessment."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from assessor.cli.console import note, on_terminal, say, warn
from assessor.errors import UsageError
from assessor.model.language import Language

EPILOG = """
Targets: local (this machine), [user@]host[:port] (a server, by SSH), https://www.example.nl
(a site), mail:example.nl (a mail domain). Another role goes in front: nas=admin@192.0.2.10.

Examples:

  assess init                         asks what it needs to know

  assess init clients/bakker --language en --statement privacy.md

  assess init clients/bakker -t root@web01.bakker.example -t https://bakker.example
"""

_LONGEST = 200


def init(
    folder: Annotated[
        Path, typer.Argument(help="The folder; made where it is missing.", show_default="this one")
    ] = Path(),
    organisation: Annotated[
        str | None, typer.Option("--organisation", help="Whose promises are assessed.")
    ] = None,
    assessor: Annotated[
        str | None, typer.Option("--assessor", help="Who assesses, as the report names it.")
    ] = None,
    language: Annotated[Language | None, typer.Option("--language", help="Of the report.")] = None,
    statement: Annotated[
        str | None,
        typer.Option("--statement", metavar="FILE|URL", help="The privacy statement."),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option("--target", "-t", metavar="TARGET", help="See below. May be repeated."),
    ] = None,
    profile: Annotated[
        str, typer.Option("--profile", "-p", help="A profile's name, such as mkb, or a file.")
    ] = "mkb",
    questions: Annotated[
        bool,
        typer.Option("--questions/--no-questions", help="Ask for what the options leave open."),
    ] = True,
) -> None:
    """Make the folder of a new assessment, with a commented assessment.yaml.

    Asks for what the options leave open when it runs on a terminal; never overwrites settings.
    """
    from assessor import bundled
    from assessor.inputs.assessment import SETTINGS_FILE
    from assessor.inputs.first_settings import FirstSettings, write_first_settings
    from assessor.inputs.profiles import find_profile

    if (folder / SETTINGS_FILE).exists():
        raise UsageError(
            f"{folder / SETTINGS_FILE} exists already",
            mend="change it by hand, or name another folder",
        )
    find_profile(profile, (folder / "profiles", bundled.folder("profiles")))
    ask = questions and on_terminal(sys.stdin)
    written = write_first_settings(
        folder,
        FirstSettings(
            organisation=_text(organisation, "Company whose promises are assessed", ask=ask),
            assessor=_text(assessor, "Who assesses: your company or name", ask=ask),
            language=_language(language, ask=ask),
            statement=_statement(statement, folder, ask=ask),
            profile=_profile_as_written(profile, folder),
            targets=_targets(target or [], ask=ask),
        ),
    )
    say(f"Made {written}: look it over. Next:")
    if folder.resolve() != Path.cwd():
        say(f"  cd {folder}")
    say("  assess inventory import FILE   adds machines of Ansible, ~/.ssh/config or a CSV file")
    say("  assess ping                    tests every connection and the rights")
    say("  assess run                     assesses, and writes the report")


def _ask(question: str) -> str:
    return str(typer.prompt(question, default="", show_default=False, err=True)).strip()


def _text(said: str | None, question: str, *, ask: bool) -> str:
    text = said if said is not None else _ask(f"{question} (Enter to skip)") if ask else ""
    if len(text) > _LONGEST:
        raise UsageError(f"a name of more than {_LONGEST} characters does not fit in a report")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError(
            "a name must be UTF-8 text", mend="mind the locale of your terminal"
        ) from None
    return text


def _language(said: Language | None, *, ask: bool) -> Language:
    if said is not None or not ask:
        return said or Language.NL
    while answer := _ask("Language of the report, nl or en (Enter for nl)").lower():
        if answer in list(Language):
            return Language(answer)
        warn(f"{answer!r} is neither nl nor en")
    return Language.NL


def _statement(said: str | None, folder: Path, *, ask: bool) -> str | None:
    if said is not None or not ask:
        return _statement_as_written(said, folder) if said else None
    while answer := _ask("Privacy statement, a file or https address (Enter for none)"):
        try:
            return _statement_as_written(answer, folder)
        except UsageError as error:
            warn(str(error))
    return None


def _statement_as_written(said: str, folder: Path) -> str:
    if said.lower().startswith("https://"):
        return said
    if "://" in said:
        raise UsageError(
            f"statement {said!r}: a statement is fetched over https only",
            mend="give the https address, or save the page and give the file",
        )
    path = Path(said).expanduser()
    if not path.is_file():
        raise UsageError(f"statement {said!r}: there is no such file", mend="mind the path")
    return _path_as_written(path, folder)


def _profile_as_written(said: str, folder: Path) -> str:
    is_path = os.sep in said or said.endswith((".yaml", ".yml"))
    return _path_as_written(Path(said).expanduser(), folder) if is_path else said


def _path_as_written(path: Path, folder: Path) -> str:
    """Relative to the folder where it stands in it: the folder may be moved as a whole."""
    whole, base = path.resolve(), folder.resolve()
    return str(whole.relative_to(base)) if whole.is_relative_to(base) else str(whole)


def _targets(said: list[str], *, ask: bool) -> tuple[dict[str, object], ...]:
    from assessor.inputs.first_settings import first_targets

    if said or not ask:
        return first_targets(said or ["local"])
    note("Targets: local (this machine), user@host, https://www.example.nl or mail:example.nl.")
    texts: list[str] = []
    while answer := _ask(f"{'Another target' if texts else 'Target'} (Enter {_when(texts)})"):
        try:
            first_targets([answer])
        except UsageError as error:
            warn(str(error))
        else:
            texts.append(answer)
    return first_targets(texts or ["local"])


def _when(texts: list[str]) -> str:
    return "when done" if texts else "for this machine"

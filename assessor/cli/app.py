"""The command line: what an error becomes; see ``commands`` for which there are."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import traceback
from typing import Annotated

import typer

import assessor
from assessor.cli.commands import LazyGroup
from assessor.cli.console import note, plain
from assessor.cli.exit_codes import ExitCode
from assessor.errors import EvidenceError, UsageError

_OBJECTS_LOADED = 50_000

app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Is what the privacy statement promises about security true, and can we show it?",
    epilog="Begin with: assess run --profile mkb   (this machine), or: assess init   (a client)",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"assess {assessor.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Shown by --help."""


def main() -> None:
    """Runs a command; every error becomes a message and an exit code."""
    # An eighth of the time in which a command starts and ends would be spent looking for garbage in
    # what was just loaded, and once more in all there is, before all of it goes.
    gc.set_threshold(_OBJECTS_LOADED)
    atexit.register(gc.freeze)
    # Nor would any of its plugins be used, which pydantic looks for among all that is installed.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        app()
    except UsageError as error:
        _complain(str(error))
        sys.exit(ExitCode.USAGE)
    except EvidenceError as error:
        _complain(str(error))
        sys.exit(ExitCode.INCOMPLETE)
    except KeyboardInterrupt:
        note("\nInterrupted.")
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(ExitCode.SHOWN)
    except Exception:  # a fault of ours: say so, with what is needed to mend it
        note(plain(traceback.format_exc()))
        _complain("this is a fault of assess, not of your settings; please report the lines above")
        sys.exit(ExitCode.INTERNAL)


def _complain(text: str) -> None:
    typer.secho(f"assess: {plain(text)}", err=True, fg=typer.colors.RED)

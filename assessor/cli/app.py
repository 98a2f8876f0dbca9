"""The command line: which commands there are, and what an error becomes."""

from __future__ import annotations

import sys
import traceback
from typing import Annotated

import typer

import assessor
from assessor.cli import (
    access,
    attest,
    checks,
    diff,
    evidence,
    export,
    history,
    init,
    inventory,
    key,
    notify,
    open_report,
    ping,
    questionnaire,
    report,
    restore_test,
    run,
    schedule,
    stages,
    statement,
    verify,
    waive,
    worker,
)
from assessor.cli.console import note, plain
from assessor.cli.exit_codes import ExitCode
from assessor.errors import EvidenceError, UsageError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Is what the privacy statement promises about security true, and can we show it?",
    epilog="Begin with: assess run --profile mkb   (this machine), or: assess init   (a client)",
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command(epilog=init.EPILOG)(init.init)
app.command(epilog=run.EPILOG)(run.run)
app.command()(ping.ping)
app.command("restore-test", epilog=restore_test.EPILOG)(restore_test.restore_test)
app.command()(stages.plan)
app.command()(stages.collect)
app.command()(stages.evaluate)
app.command(epilog=report.EPILOG)(report.report)
app.command("open", epilog=open_report.EPILOG)(open_report.open_report)
app.command(epilog=export.EPILOG)(export.export)
app.command(epilog=verify.BUNDLE_EPILOG)(verify.bundle)
app.command(epilog=verify.VERIFY_EPILOG)(verify.verify)
app.command(epilog=history.EPILOG)(history.history)
app.command(epilog=diff.EPILOG)(diff.diff)
app.command(epilog=notify.EPILOG, cls=notify.NotifyCommand)(notify.notify)
app.command(epilog=attest.EPILOG)(attest.attest)
app.command()(questionnaire.questionnaire)
app.command(epilog=waive.EPILOG)(waive.waive)
app.command(epilog=worker.EPILOG)(worker.worker)
app.add_typer(inventory.app, name="inventory")
app.add_typer(access.app, name="access")
app.add_typer(key.app, name="key")
app.add_typer(schedule.app, name="schedule")
app.add_typer(evidence.app, name="evidence")
app.add_typer(checks.app, name="checks")
app.add_typer(statement.app, name="statement")


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

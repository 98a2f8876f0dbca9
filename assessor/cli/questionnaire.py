"""``assess questionnaire``: asks people for what machines cannot show."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from assessor.cli import options
from assessor.cli.console import note, on_terminal, say
from assessor.cli.exit_codes import ExitCode
from assessor.errors import UsageError
from assessor.model.language import Language


def questionnaire(
    folder: options.Folder = Path(),
    everything: Annotated[
        bool,
        typer.Option("--all", help="Also what is not promised, and what is answered already."),
    ] = False,
    lang: Annotated[
        Language | None,
        typer.Option("--lang", help="In which you are asked; the assessment's own unless said."),
    ] = None,
    web: Annotated[
        bool,
        typer.Option("--web", help="Ask on a page in a browser of this machine, with photos."),
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", min=1024, max=65535, help="With --web: where; any free port unless said."
        ),
    ] = None,
) -> None:
    """Answer what the statement promises and machines cannot show: what is missing or expired.

    Each answer is recorded at once. Stop when you like; the next time goes on with what is open.
    """
    from assessor.cli.answering import Dialogue, Draft, Person, Stopped
    from assessor.cli.promises import read_questionnaire

    if port is not None and not web:
        raise UsageError("--port goes with --web", mend="add --web, or leave out --port")
    if not web and not on_terminal(sys.stdin):
        raise UsageError(
            "a questionnaire needs a terminal to ask on",
            mend="--web asks in a browser; assess attest records an answer from options",
        )
    asked = read_questionnaire(folder, everything=everything, language=lang)
    dialogue = Dialogue(asked, Person.last_of(asked))
    due = asked.due if everything else asked.open
    if not asked.promised and not everything:
        note(dialogue.text("no_statement"))
    if not due:
        say(dialogue.text("none_due"))
        return
    if web:
        from assessor.cli.questionnaire_web import serve

        serve(asked, due, port=port or 0)
        return
    say(dialogue.text("intro_one" if len(due) == 1 else "intro", count=len(due)))
    answered = set()
    try:
        for number, item in enumerate(due, start=1):
            dialogue.introduce(item, f"[{number}/{len(due)}] ")
            recorded = dialogue.answer(item.question, Draft())
            if recorded is None:
                say(dialogue.text("skipped"))
            else:
                answered.add(item.measure.id)
                say(dialogue.text("recorded", day=dialogue.day(recorded.expires)))
    except Stopped:
        say(dialogue.text("stopped"))
    except typer.Abort:
        say("\n" + dialogue.text("stopped"))
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    left = sum(item.measure.id not in answered for item in asked.open)
    say("\n" + dialogue.text("done", count=len(answered), open=left))

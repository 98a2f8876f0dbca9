"""``assess attest``: records a person's word for a measure, and lists what was said."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assessor.cli import options
from assessor.cli.answering import Dialogue, Draft, Person, Stopped
from assessor.cli.console import note, on_terminal, say
from assessor.cli.days import read_day
from assessor.cli.exit_codes import ExitCode
from assessor.errors import UsageError
from assessor.model.attestation import Answer
from assessor.model.language import Language

if TYPE_CHECKING:
    from assessor.cli.promises import Questionnaire
    from assessor.model.attestation import Attestation
    from assessor.statement.questionnaire import DueQuestion

EPILOG = """
Examples:

  assess attest --list                what is missing, expired or about to expire

  assess attest fire-safety           asks what it needs to know

  assess attest fire-safety --answer yes --by "A. Bakker" --role owner --text "Two extinguishers,
  inspected in March." --file extinguisher.jpg
"""

_ORDER = ("missing", "expired", "soon", "valid")


def attest(
    measure: Annotated[
        str | None, typer.Argument(help="A measure's id, such as fire-safety.")
    ] = None,
    answer: Annotated[
        Answer | None, typer.Option("--answer", help="Whether it is in place.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="Who says so.")] = None,
    role: Annotated[str | None, typer.Option("--role", help="Role in the company.")] = None,
    text: Annotated[str | None, typer.Option("--text", help="In the person's own words.")] = None,
    given: Annotated[
        str | None, typer.Option("--date", help="The day it was seen; today unless said.")
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option("--expires", help="The last day it counts; each measure has a default."),
    ] = None,
    file: Annotated[
        list[Path] | None,
        typer.Option("--file", "-f", help="Evidence: a photo, contract, invoice. May be repeated."),
    ] = None,
    list_: Annotated[
        bool, typer.Option("--list", "-l", help="Show what is missing, expired and valid.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="With --list: also what is not promised.")
    ] = False,
    folder: options.Folder = Path(),
    lang: Annotated[
        Language | None,
        typer.Option("--lang", help="In which you are asked; the assessment's own unless said."),
    ] = None,
    json: options.Json = False,
) -> None:
    """Record a person's word, with evidence, for what no machine can show.

    Asks for what the options leave open when it runs on a terminal. A later word on the same
    measure goes before an earlier one.
    """
    from assessor.cli.promises import read_questionnaire

    if list_:
        if measure:
            raise UsageError("--list shows all measures", mend="leave out the measure or --list")
        _list(read_questionnaire(folder, everything=everything, language=lang), json=json)
        return
    if not measure:
        raise UsageError(
            "name a measure, such as fire-safety",
            mend="assess attest --list shows what is promised; assess questionnaire asks it all",
        )
    draft = Draft(
        answer=answer,
        text=text,
        files=file,
        given=read_day(given) if given else None,
        expires=read_day(expires) if expires else None,
        by=by,
        role=role,
    )
    asked = read_questionnaire(folder, only=measure, language=lang)
    dialogue = Dialogue(asked, Person.last_of(asked))
    recorded = _record(dialogue, _question(asked, measure), draft)
    if recorded is None:
        say(dialogue.text("skipped"))
        return
    if json:
        typer.echo(_json(recorded))
        return
    say(dialogue.text("recorded", day=dialogue.day(recorded.expires)))
    note(f"{recorded.id}: assess run shows it in the report")


def _question(asked: Questionnaire, measure: str) -> DueQuestion:
    from assessor.inputs.problems import did_you_mean

    if asked.due:
        return asked.due[0]
    if measure not in asked.catalogue:
        raise UsageError(
            f"the catalogue has no measure {measure!r}",
            mend=did_you_mean(measure, asked.catalogue) or "assess attest --list --all shows them",
        )
    raise UsageError(
        f"nobody's word is needed for {measure}: anyone can see it from outside",
        mend="put the site or mail domain among the targets, and run the checks",
    )


def _record(dialogue: Dialogue, due: DueQuestion, draft: Draft) -> Attestation | None:
    if draft.missing and on_terminal(sys.stdin):
        dialogue.introduce(due)
        try:
            return dialogue.answer(due.question, draft)
        except Stopped:
            return None
        except typer.Abort:
            note("\nNothing was recorded.")
            raise typer.Exit(ExitCode.INTERRUPTED) from None
    if draft.missing:
        raise UsageError(
            f"not said: {', '.join(f'--{name}' for name in draft.missing)}",
            mend="add what is not said, or run it on a terminal to be asked",
        )
    return dialogue.record(due.question, draft)


def _list(asked: Questionnaire, *, json: bool) -> None:
    dialogue = Dialogue(asked)
    for due in sorted(asked.due, key=lambda item: _ORDER.index(item.state)):
        promised = due.measure.id in asked.promised
        if json:
            typer.echo(_listed(due, promised=promised))
            continue
        left = "" if due.days_left is None else f"{due.days_left:5d} d"
        told = [dialogue.state(due)]
        if due.attestation is not None:
            told.insert(0, dialogue.text(f"answer.{due.attestation.answer}"))
        if not promised:
            told.append(dialogue.text("not_promised"))
        title = due.measure.title[asked.language]
        say(f"{due.measure.id:26}{left:8}  {title}: {', '.join(told)}")
    if json:
        return
    if not asked.promised:
        note(dialogue.text("no_statement"))
    if asked.open:
        note("assess questionnaire asks what is missing or expired")


def _listed(due: DueQuestion, *, promised: bool) -> str:
    from assessor.yamlfile import canonical_json

    last = due.attestation
    return canonical_json(
        {
            "measure": due.measure.id,
            "kind": due.measure.kind,
            "promised": promised,
            "state": due.state,
            "days_left": due.days_left,
            "attestation": last and last.id,
            "answer": last and last.answer,
            "by": last and last.by,
            "given": last and last.given.isoformat(),
            "expires": last and last.expires.isoformat(),
            "files": [file.name for file in last.files] if last else [],
        }
    )


def _json(recorded: Attestation) -> str:
    from assessor.yamlfile import canonical_json

    return canonical_json(
        {
            "attestation": recorded.id,
            "measure": recorded.measure,
            "answer": recorded.answer,
            "expires": recorded.expires.isoformat(),
            "files": [
                {"name": file.name, "sha256": file.sha256, "size": file.size}
                for file in recorded.files
            ],
        }
    )

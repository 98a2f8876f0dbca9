"""``assess statement review`` and ``decide``: people's word on what a sentence promises."""

from __future__ import annotations

import difflib
import getpass
import sys
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assessor.cli import options
from assessor.cli.console import note, say
from assessor.errors import UsageError
from assessor.model.decision import Decision

if TYPE_CHECKING:
    from assessor.model.statement import Claim
    from assessor.pipeline import ReadStatement

By = Annotated[str | None, typer.Option("--by", help="Who decides; your log-in name unless said.")]

HELP = """\
  Enter      it is right as it is
  none       it promises no security
  tls mfa    the measures it promises (assess checks and profiles/measures.yaml name them)
  skip       decide later
  stop       stop here; what was decided is kept"""


@dataclass(frozen=True, slots=True)
class OwnStatement:
    """An assessment's statement, as the mapper and people read it.

    Attributes:
        path: the file of decisions.
        decisions: what is in it.
        read: the statement with the decisions taken into account.
        measures: the ids of the catalogue.
    """

    path: Path
    decisions: tuple[Decision, ...]
    read: ReadStatement
    measures: Collection[str]


def own_statement(folder: Path) -> OwnStatement:
    """The statement of the assessment in ``folder``; raises ``UsageError`` where there is none."""
    from assessor import pipeline
    from assessor.inputs.assessment import load_assessment
    from assessor.inputs.decisions import decisions_file, load_decisions

    measures = tuple(pipeline.Checks().measures)
    assessment = load_assessment(folder)
    read = pipeline.read_own_statement(assessment, measures)
    if read is None or assessment.statement is None:
        raise UsageError(
            f"{folder.resolve()}: the assessment has no statement",
            mend="name it in assessment.yaml: statement: privacy.md",
        )
    path = decisions_file(folder, assessment.statement)
    return OwnStatement(path, load_decisions(path, measures), read, measures)


def review(
    folder: options.Folder = Path(),
    by: By = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what was mapped surely or decided before.")
    ] = False,
) -> None:
    """Walk through what the mapper is not sure of; decisions are kept in claims.yaml."""
    from assessor.inputs.decisions import save_decisions
    from assessor.statement.decisions import to_review

    own = own_statement(folder)
    left = own.read.claims if everything else to_review(own.read.claims, own.decisions)
    if not left:
        say("There is nothing to review.")
        return
    if not sys.stdin.isatty():
        for claim in left:
            say(_told(claim))
        raise UsageError(
            f"{len(left)} sentences want a person's eye, and this is no terminal",
            mend="run it on a terminal, or use: assess statement decide QUOTE --measure ID",
        )
    note(HELP)
    decisions = list(own.decisions)
    for number, claim in enumerate(left, 1):
        say(f"\n[{number}/{len(left)}] {_told(claim)}")
        chosen = _ask(claim, own.measures)
        if chosen is None:
            break
        if chosen == "skip":
            continue
        decisions.append(_decision(claim.quote, chosen, by))
        save_decisions(own.path, decisions)  # after each, so that nothing is lost
    say(f"{len(decisions) - len(own.decisions)} decisions were kept in {own.path}")


def decide(
    quote: Annotated[str, typer.Argument(help="The sentence, word for word.")],
    measure: Annotated[
        list[str] | None,
        typer.Option("--measure", "-m", help="A measure it promises. May be repeated."),
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="It promises no security.")] = False,
    folder: options.Folder = Path(),
    by: By = None,
) -> None:
    """Decide what one sentence of the statement promises."""
    from assessor.inputs.decisions import save_decisions
    from assessor.statement.decisions import stale

    own = own_statement(folder)
    if bool(measure) == none:
        raise UsageError("say what it promises", mend="give --measure ID, or --none")
    chosen = tuple(measure or ())
    if wrong := _unknown(chosen, own.measures):
        raise UsageError(wrong)
    decision = _decision(quote, chosen, by)
    if stale(own.read.text, [decision]):
        raise UsageError(
            "the statement has no such sentence", mend="copy it from: assess statement show FILE"
        )
    save_decisions(own.path, [*own.decisions, decision])
    say(f"kept in {own.path}")


def _decision(quote: str, measures: Collection[str], by: str | None) -> Decision:
    return Decision(quote, tuple(measures), by or getpass.getuser(), datetime.now(UTC))


def _told(claim: Claim) -> str:
    heading = f"{' '.join(claim.heading.split())}: " if claim.heading else ""
    measures = ", ".join(claim.measures) or "no measure was found"
    return f'{heading}"{" ".join(claim.quote.split())}"\n    {measures}'


def _ask(claim: Claim, known: Collection[str]) -> Collection[str] | None:
    """The measures that were chosen, ``"skip"``, or ``None`` to stop."""
    while True:
        try:
            words = input("> ").replace(",", " ").split()
        except EOFError:
            return None
        match words:
            case []:
                return claim.measures
            case ["none"]:
                return ()
            case ["skip"]:
                return "skip"
            case ["stop"]:
                return None
        if not (wrong := _unknown(words, known)):
            return tuple(words)
        note(wrong)


def _unknown(words: Collection[str], known: Collection[str]) -> str:
    for word in words:
        if word not in known:
            near = difflib.get_close_matches(word, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; choose from: {', '.join(known)}"
            return f"there is no measure {word!r}{hint}"
    return ""

"""Asks a person on the terminal for an answer, until it can be recorded."""

from __future__ import annotations

import shlex
import shutil
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from assessor.cli.console import say, warn
from assessor.cli.days import read_day, show_day
from assessor.errors import UsageError, WordError
from assessor.model.attestation import Answer

if TYPE_CHECKING:
    from assessor.cli.promises import Questionnaire
    from assessor.model.attestation import Attestation, Question
    from assessor.statement.questionnaire import DueQuestion

_INDENT = "  "
_LONGEST_QUOTE = 300

_ANSWERS = {
    Answer.YES: {"yes", "y", "ja", "j"},
    Answer.PARTLY: {"partly", "p", "deels", "d", "gedeeltelijk"},
    Answer.NO: {"no", "n", "nee"},
}
_STOP = {"q", "quit", "stop"}


class Stopped(Exception):  # noqa: N818 - it is no error
    """Whoever answers wants to stop."""


@dataclass(slots=True)
class Draft:
    """An answer in the making; ``None`` for what is still to be asked."""

    answer: Answer | None = None
    text: str | None = None
    files: list[Path] | None = None
    given: date | None = None
    expires: date | None = None
    by: str | None = None
    role: str | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """What has no default and was not said."""
        return tuple(name for name in ("answer", "text", "by", "role") if not getattr(self, name))

    def forget(self, name: str) -> None:
        """Leaves ``name`` open again; of the two days both, since one follows from the other."""
        for each in ("given", "expires") if name in ("given", "expires") else (name,):
            setattr(self, each, None)


@dataclass(slots=True)
class Person:
    """Who answers: asked once, then offered as what is meant."""

    by: str = ""
    role: str = ""

    @classmethod
    def last_of(cls, questionnaire: Questionnaire) -> Person:
        """Whoever answered last."""
        recorded = questionnaire.words.attestations
        if not recorded:
            return cls()
        last = max(recorded, key=lambda each: each.recorded_at)
        return cls(last.by, last.role)


@dataclass(slots=True)
class Dialogue:
    """Asks in one language, and records."""

    questionnaire: Questionnaire
    person: Person = field(default_factory=Person)

    def text(self, key: str, **facts: object) -> str:
        """The text ``key`` in the language of the questionnaire."""
        return self.questionnaire.wording[key].format(**facts)

    def introduce(self, due: DueQuestion, head: str = "") -> None:
        """Shows a question, what is meant by it and what counts as evidence."""
        language, question = self.questionnaire.language, due.question
        say(f"\n{head}{due.measure.title[language]} ({self.state(due)})")
        for quote in self.questionnaire.promised.get(due.measure.id, ())[:1]:
            told = textwrap.shorten(quote, _LONGEST_QUOTE, placeholder=" ...")
            _paragraph(f"{self.text('promised_by')}: “{told}”")
        if due.attestation is not None:
            _paragraph(f"{self.text('earlier', **self._earlier(due.attestation))}:")
            _paragraph(due.attestation.text)
        say()
        _paragraph(question.text[language])
        say()
        _paragraph(f"{self.text('help')}: {question.help[language]}")
        _paragraph(f"{self.text('evidence')}: {question.evidence[language]}")
        say()

    def state(self, due: DueQuestion) -> str:
        """How a question stands, in words."""
        day = "" if due.attestation is None else self.day(due.attestation.expires)
        return self.text(f"state.{due.state}", day=day)

    def day(self, day: date) -> str:
        """A day in figures."""
        return show_day(day, self.questionnaire.language)

    def answer(self, question: Question, draft: Draft) -> Attestation | None:
        """Asks for what ``draft`` leaves open and records it; ``None`` where it was skipped.

        Raises:
            Stopped: whoever answers stops here; nothing of this answer was recorded.
            UsageError: it cannot be written.
        """
        while self._complete(question, draft):
            try:
                recorded = self.record(question, draft)
            except WordError as error:
                warn(self.refusal(error))
                draft.forget(error.field)
                continue
            self.person = Person(recorded.by, recorded.role)
            return recorded
        return None

    def record(self, question: Question, draft: Draft) -> Attestation:
        """Records a draft that misses nothing, with today and the measure's own expiry.

        Raises:
            WordError: something of it cannot be taken.
            UsageError: it cannot be written.
        """
        from assessor.inputs.questions import default_expiry
        from assessor.inputs.words import IncomingFile, record_attestation

        given = draft.given or self.questionnaire.day
        return record_attestation(
            self.questionnaire.folder,
            measure=question.measure,
            answer=Answer(draft.answer or ""),
            by=draft.by or "",
            role=draft.role or "",
            text=draft.text or "",
            given=given,
            expires=draft.expires or default_expiry(question, given),
            files=[IncomingFile(path.name, path) for path in draft.files or ()],
            now=datetime.now().astimezone(),
        )

    def refusal(self, error: WordError) -> str:
        """Why something cannot be taken, in the language of the questionnaire."""
        facts = {
            name: self.day(date.fromisoformat(str(value))) if name == "day" else value
            for name, value in error.facts.items()
        }
        return self.text(f"refused.{error.code}", **facts)

    def _complete(self, question: Question, draft: Draft) -> bool:
        from assessor.inputs.questions import default_expiry

        today = self.questionnaire.day
        if draft.answer is None:
            draft.answer = self._answer()
            if draft.answer is None:
                return False
        if draft.text is None:
            draft.text = self._said("text", "")
        if draft.files is None:
            draft.files = self._files()
        if draft.given is None:
            draft.given = self._day("given", today)
        if draft.expires is None:
            draft.expires = self._day("expires", default_expiry(question, draft.given))
        if draft.by is None:
            draft.by = self._said("by", self.person.by)
        if draft.role is None:
            draft.role = self._said("role", self.person.role)
        return True

    def _answer(self) -> Answer | None:
        while typed := _typed(self.text("ask.answer")).lower():
            if typed in _STOP:
                raise Stopped
            for answer, words in _ANSWERS.items():
                if typed in words:
                    return answer
            warn(self.text("again.answer"))
        return None

    def _said(self, name: str, default: str) -> str:
        shown = f" [{default}]" if default else ""
        while not (typed := _typed(f"{self.text(f'ask.{name}')}{shown}") or default):
            warn(self.text("refused.empty"))
        return typed

    def _day(self, name: str, default: date) -> date:
        while typed := _typed(self.text(f"ask.{name}", day=self.day(default))):
            try:
                return read_day(typed)
            except UsageError:
                warn(self.text("again.day"))
        return default

    def _files(self) -> list[Path]:
        from assessor.inputs.words import MAX_FILES, IncomingFile, inspect

        paths: list[Path] = []
        while len(paths) < MAX_FILES and (
            typed := _typed(self.text("ask.more" if paths else "ask.file"))
        ):
            path = typed_path(typed, Path.is_file)
            if not path.is_file():
                warn(self.text("no_file", name=path))
                continue
            try:
                taken = inspect(IncomingFile(path.name, path))
            except WordError as error:
                warn(self.refusal(error))
                continue
            say(_INDENT + self.text("taken", name=taken.name, size=_size(taken.size)))
            paths.append(path)
        return paths

    def _earlier(self, attestation: Attestation) -> dict[str, str]:
        return {
            "answer": self.text(f"answer.{attestation.answer}"),
            "by": attestation.by,
            "day": self.day(attestation.given),
        }


def typed_path(typed: str, exists: Callable[[Path], bool]) -> Path:
    """The path that was typed, or dropped on the terminal, which may put it between quotes."""
    plain = Path(typed).expanduser()
    if exists(plain):
        return plain
    try:
        words = shlex.split(typed)
    except ValueError:  # an apostrophe in the name
        return plain
    dropped = Path(words[0]).expanduser() if len(words) == 1 else plain
    return dropped if exists(dropped) else plain


def _typed(question: str) -> str:
    return str(typer.prompt(question, default="", show_default=False, err=True)).strip()


def _paragraph(text: str) -> None:
    width = min(shutil.get_terminal_size().columns, 100)
    for line in text.splitlines():
        say(textwrap.fill(line, width, initial_indent=_INDENT, subsequent_indent=_INDENT))


def _size(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{-(-size // 1024)} kB"

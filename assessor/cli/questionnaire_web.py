"""``assess questionnaire --web``: the questions on a page in a browser on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from assessor import bundled
from assessor.cli.answering import Dialogue, Person
from assessor.cli.console import note, say
from assessor.cli.days import read_day
from assessor.errors import UsageError, WordError
from assessor.inputs.questions import default_expiry
from assessor.inputs.words import IncomingFile, inspect, record_attestation
from assessor.model.attestation import Answer, Attestation, Words
from assessor.statement.questionnaire import DueQuestion, due_questions
from assessor.web.application import Application
from assessor.web.desk import Answered, Attached, Card, Earlier, Refused
from assessor.web.pages import Pages
from assessor.web.server import LocalServer

if TYPE_CHECKING:
    from assessor.cli.promises import Questionnaire

IDLE_MINUTES = 60
"""How long nobody may answer before the page closes: a walk round the building fits in."""


def serve(asked: Questionnaire, due: Sequence[DueQuestion], *, port: int = 0) -> None:
    """Serves ``due`` on 127.0.0.1 until the person is done, or Ctrl-C; tells what was recorded.

    Args:
        asked: the questionnaire to which they belong.
        due: the questions to put on the page; at least one.
        port: 0 for any that is free.

    Raises:
        UsageError: the port is taken.
    """
    desk = FolderDesk(asked, due)
    pages = Pages.load(bundled.folder("reports"), asked.language, asked.organisation)
    desk.cannot_save = pages.texts["cannot_save"]
    person = Person.last_of(asked)
    server = LocalServer(port, complain=note)
    application = Application(
        desk,
        pages,
        server.port,
        by=person.by,
        role=person.role,
        complain=lambda fault: note(f"{type(fault).__name__}: {fault}"),
    )
    note(pages.text("terminal_open") + "\n")
    say(f"http://127.0.0.1:{server.port}/enter/{application.doorkeeper.token}")
    note("\n" + pages.text("terminal_phone", port=server.port))
    note(pages.text("terminal_stop", minutes=IDLE_MINUTES))
    try:
        server.serve(application, IDLE_MINUTES * 60)
    except KeyboardInterrupt:
        note("")
    else:
        if application.idle_seconds >= IDLE_MINUTES * 60:
            note(pages.text("terminal_idle", minutes=IDLE_MINUTES))
    _tell(desk, pages)


def _tell(desk: FolderDesk, pages: Pages) -> None:
    if not desk.recorded:
        say(pages.text("terminal_none"))
    else:
        say(pages.text("terminal_recorded"))
    for recorded in desk.recorded:
        files = ", ".join(file.name for file in recorded.files)
        say(
            pages.text(
                "terminal_item_files" if files else "terminal_item",
                title=desk.title(recorded.measure),
                answer=desk.dialogue.text(f"answer.{recorded.answer}"),
                day=desk.dialogue.day(recorded.expires),
                files=files,
            )
        )
    say(desk.summary())


class FolderDesk:
    """The questions of an assessment folder, answered into that folder.

    Attributes:
        dialogue: words in the questionnaire's language.
        recorded: what was recorded in this session, in its order.
        cannot_save: told where the disk does not take an answer; ``{why}`` is filled in.
    """

    def __init__(self, asked: Questionnaire, due: Sequence[DueQuestion]) -> None:
        self.dialogue = Dialogue(asked)
        self.recorded: list[Attestation] = []
        self.cannot_save = "{why}"
        self._asked = asked
        self._due = {item.measure.id: item for item in due}

    def title(self, measure: str) -> str:
        """The name of ``measure`` in the questionnaire's language."""
        return self._due[measure].measure.title[self._asked.language]

    def cards(self) -> Sequence[Card]:
        """See :class:`~assessor.web.desk.Desk`."""
        return [self._card(item) for item in self._due.values()]

    def fault_of(self, file: Attached) -> str:
        """See :class:`~assessor.web.desk.Desk`."""
        try:
            inspect(IncomingFile(file.name, file.path))
        except WordError as error:
            return self.dialogue.refusal(error)
        return ""

    def record(self, answered: Answered) -> str:
        """See :class:`~assessor.web.desk.Desk`."""
        question = self._due[answered.measure].question
        faults: dict[str, str] = {}
        if answered.answer not in tuple(Answer):
            faults["answer"] = self.dialogue.text("again.answer")
        for name in ("text", "by", "role"):
            if not getattr(answered, name).strip():
                faults[name] = self.dialogue.text("refused.empty")
        given = self._day("given", answered.given, self._asked.day, faults)
        expires = self._day("expires", answered.expires, default_expiry(question, given), faults)
        if faults:
            raise Refused(faults)
        try:
            recorded = record_attestation(
                self._asked.folder,
                measure=answered.measure,
                answer=Answer(answered.answer),
                by=answered.by,
                role=answered.role,
                text=answered.text,
                given=given,
                expires=expires,
                files=[IncomingFile(file.name, file.path) for file in answered.files],
                now=datetime.now().astimezone(),
            )
        except WordError as error:
            raise Refused({error.field: self.dialogue.refusal(error)}) from error
        except UsageError as error:
            raise Refused({"": self.cannot_save.format(why=error.message)}) from error
        self._take_up(recorded)
        return self.dialogue.text("recorded", day=self.dialogue.day(recorded.expires))

    def summary(self) -> str:
        """See :class:`~assessor.web.desk.Desk`."""
        answered = len({item.measure for item in self.recorded})
        left = sum(self._due.get(item.measure.id, item).state.asks for item in self._asked.open)
        return self.dialogue.text("done", count=answered, open=left)

    def _take_up(self, recorded: Attestation) -> None:
        self.recorded.append(recorded)
        words = self._asked.words
        measure = recorded.measure
        (self._due[measure],) = due_questions(
            [measure],
            self._asked.catalogue,
            {measure: self._due[measure].question},
            Words((*words.attestations, *self.recorded), words.waivers),
            self._asked.day,
            unproven=[measure],
        )

    def _day(self, name: str, typed: str, default: date, faults: dict[str, str]) -> date:
        if not typed.strip():
            return default
        try:
            return read_day(typed)
        except UsageError:
            faults[name] = self.dialogue.text("again.day")
            return default

    def _card(self, item: DueQuestion) -> Card:
        language, question = self._asked.language, item.question
        return Card(
            measure=item.measure.id,
            title=item.measure.title[language],
            state=item.state,
            state_text=self.dialogue.state(item),
            open=item.state.asks,
            question=question.text[language],
            help=question.help[language],
            evidence=question.evidence[language],
            quotes=self._asked.promised.get(item.measure.id, ()),
            earlier=self._earlier(item.attestation),
            day=self._asked.day.isoformat(),
            valid_days=question.valid_days,
        )

    def _earlier(self, attestation: Attestation | None) -> Earlier | None:
        if attestation is None:
            return None
        told = self.dialogue.text(
            "earlier",
            answer=self.dialogue.text(f"answer.{attestation.answer}"),
            by=attestation.by,
            day=self.dialogue.day(attestation.given),
        )
        return Earlier(told, attestation.text, tuple(file.name for file in attestation.files))

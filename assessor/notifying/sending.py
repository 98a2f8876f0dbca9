"""Sends news to whoever the settings name."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from assessor import bundled
from assessor.collect.notifying.carry import Courier, NotSent
from assessor.collect.secrets import SourcedSecrets
from assessor.errors import AssessError
from assessor.evidence.store import find_run
from assessor.history.notify.due import wanted
from assessor.history.notify.mail import Attachment
from assessor.history.notify.message import Message, Whereabouts, Whole, write
from assessor.history.notify.news import Finished, News
from assessor.history.notify.texts import Texts, load_texts
from assessor.history.notify.told import Told, delivery_id
from assessor.model.notice import Attach, MailNotice, Notice
from assessor.notifying.attaching import attachment
from assessor.notifying.parcels import Packed, pack
from assessor.notifying.record import Record, record
from assessor.reporting import page_of

LARGEST_ATTACHMENT = 10_000_000
"""Bytes; in an e-mail it takes a third more."""


class State(StrEnum):
    """What became of a delivery."""

    TOLD = "told"
    ALREADY = "told before"
    NOT_DUE = "not due"
    FAILED = "not told"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a delivery, for people; ``why`` explains it, and holds no secret."""

    notice: Notice
    recipient: str
    state: State
    why: str = ""

    @property
    def name(self) -> str:
        """How it went, and to whom where that is no secret."""
        kind = self.notice.place.kind
        return f"{kind} to {self.recipient}" if self.recipient else kind


@dataclass(slots=True)
class Teller:
    """Tells one piece of news.

    Attributes:
        folder: the assessment's.
        ask: puts a question for a secret to the user.
        again: also to those who were told before.
        notes: what people must know beside the outcomes.
    """

    folder: Path
    news: News
    ask: Callable[[str], str | None]
    again: bool = False
    notes: list[str] = field(default_factory=list)
    _texts: dict[str, Texts] = field(default_factory=dict)

    def due(self, notice: Notice) -> bool:
        """Whether ``notice`` asks for this news."""
        what = self.news.what
        return not isinstance(what, Finished) or wanted(notice.when, what.comparison, what.run)

    def message(self, notice: Notice, whole: Whole = Whole.NONE) -> Message:
        """The news as ``notice`` gets it."""
        texts = self.texts(notice)
        return write(self.news, texts).with_report(self._whereabouts(notice, whole), texts)

    def texts(self, notice: Notice) -> Texts:
        """The texts in its language."""
        language = notice.language
        if language not in self._texts:
            self._texts[language] = load_texts(bundled.folder("reports"), language)
        return self._texts[language]

    def tell(self, notices: Sequence[Notice]) -> tuple[Outcome, ...]:
        """Sends the news to all of ``notices`` that ask for it, side by side.

        Raises:
            EvidenceError: the record of what was told cannot be used.
        """
        outcomes = [
            Outcome(notice, recipient, State.NOT_DUE)
            for notice in notices
            if not self.due(notice)
            for recipient in recipients(notice)
        ]
        due = [notice for notice in notices if self.due(notice)]
        if not due:
            return tuple(outcomes)
        with record(self.folder) as kept:
            sources = SourcedSecrets(self.ask)
            taken: set[str] = set()
            jobs = [_Job(self, notice, kept, taken) for notice in due]
            for job in jobs:
                job.pack(sources)
            for job in jobs:
                job.start()
            for job in jobs:
                outcomes += job.outcomes()
            self.notes += kept.notes
        return tuple(outcomes)

    def planned(self, notice: Notice) -> Whole:
        """What is to go with a message, before it is made."""
        place = notice.place
        if not isinstance(place, MailNotice) or not isinstance(self.news.what, Finished):
            return Whole.NONE
        kinds = {Attach.REPORT: Whole.ATTACHED, Attach.BUNDLE: Whole.BUNDLE}
        return kinds.get(place.attach, Whole.NONE)

    def attached(self, notice: Notice) -> tuple[Attachment | None, Whole]:
        """What goes with an e-mail, and what its message says of that."""
        place, whole = notice.place, self.planned(notice)
        if whole is Whole.NONE or not isinstance(place, MailNotice):
            return None, Whole.NONE
        try:
            run = find_run(self.folder, self.news.run)
            found = attachment(self.folder, run, place.attach, notice.language, self.ask)
        except AssessError as error:
            self.notes.append(f"nothing goes with the e-mail: {error}")
            return None, Whole.NONE
        if found is None:
            return None, Whole.NONE
        if len(found.data) > LARGEST_ATTACHMENT:
            return None, Whole.TOO_LARGE
        return found, whole

    def _whereabouts(self, notice: Notice, whole: Whole) -> Whereabouts:
        if not isinstance(self.news.what, Finished):
            return Whereabouts()
        language = notice.language.value
        link = notice.link.replace("{run}", self.news.run).replace("{language}", language)
        path = page_of(self.folder / "runs" / self.news.run, notice.language)
        return Whereabouts(whole, link, f"runs/{self.news.run}/{path.name}" if path else "")


def recipients(notice: Notice) -> tuple[str, ...]:
    """The addresses of an e-mail; one empty text for what has no recipients."""
    return notice.place.to if isinstance(notice.place, MailNotice) else ("",)


class _Job:
    """One notice that is sent by a thread of its own."""

    def __init__(self, teller: Teller, notice: Notice, kept: Record, taken: set[str]) -> None:
        self._teller = teller
        self._notice = notice
        self._kept = kept
        self._thread: threading.Thread | None = None
        self._packed: Packed[Any] | None = None
        self._results: Sequence[NotSent | None] = ()
        self._sent: set[int] = set()
        self._why = ""
        # A test, or what is told again on purpose, must not be taken for the one before.
        self._nonce = secrets.token_hex(8) if teller.again or not teller.news.occasion else ""
        occasion = teller.news.occasion or self._nonce
        self._already: list[str] = []
        self._left: dict[str, str] = {}
        for recipient in recipients(notice):
            name = delivery_id(occasion, notice.place, recipient, notice.language)
            if name in taken or (not self._nonce and kept.has(name)):
                self._already.append(recipient)
            else:
                self._left[recipient] = name
                taken.add(name)

    def pack(self, sources: SourcedSecrets) -> None:
        """Makes what is sent; in the main thread, since secrets may have to be asked for."""
        if not self._left:
            return
        try:
            names = {one: f"{name}{self._nonce}" for one, name in self._left.items()}
            self._packed = pack(self._teller, self._notice, names, sources)
        except AssessError as error:
            self._why = str(error)

    def start(self) -> None:
        """Begins to send."""
        if self._packed is None:
            return
        # A daemon: an interrupted run need not wait for a server that says nothing.
        self._thread = threading.Thread(target=self._send, args=(self._packed,), daemon=True)
        self._thread.start()

    def _send(self, packed: Packed[Any]) -> None:
        try:
            courier = Courier(packed.carrier, packed.patience)
            self._results = courier.carry(packed.parcels, self._accepted)
        except Exception as error:  # a fault of ours must not cost the others their notice
            self._why = f"a fault of assess ({type(error).__name__})"

    def _accepted(self, position: int) -> None:
        self._sent.add(position)
        news = self._teller.news
        if not news.occasion:
            return
        name = list(self._left.values())[position]
        now = datetime.now(UTC).replace(microsecond=0)
        kind = self._notice.place.kind
        self._kept.add(Told(name, news.event.value, news.run, kind, now))

    def outcomes(self) -> list[Outcome]:
        """Waits until it was sent, or its time is over."""
        if self._thread is not None and self._packed is not None:
            self._thread.join(self._packed.patience.whole_s + 30.0)
        found = [Outcome(self._notice, one, State.ALREADY) for one in self._already]
        for position, recipient in enumerate(self._left):
            result = self._results[position] if position < len(self._results) else None
            if position in self._sent:
                found.append(Outcome(self._notice, recipient, State.TOLD))
            else:
                why = result.why if result else self._why or "it did not end in time"
                found.append(Outcome(self._notice, recipient, State.FAILED, why))
        return found

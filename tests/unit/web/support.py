"""A desk without a disk, and a browser without a screen."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any

from werkzeug.test import Client, TestResponse

from assessor.model.language import Language
from assessor.web.application import Application
from assessor.web.desk import Answered, Attached, Card, Earlier, Refused
from assessor.web.pages import Pages
from assessor.web.uploads import Limits
from tests.end_to_end.assess import ROOT

PORT = 8712
BASE = f"http://127.0.0.1:{PORT}"
PAGES = Pages.load(ROOT / "reports", Language.EN, "Bakkerij <b>Zoet</b>")
PHOTO = b"\xff\xd8\xff\xe0 a photo"


def card(measure: str, title: str) -> Card:
    return Card(
        measure=measure,
        title=title,
        state="missing",
        state_text="not answered yet",
        open=True,
        question=f"Is there {title}?",
        help="What is meant.",
        evidence="A photo.",
        quotes=("We have <i>it</i> all.",),
        earlier=None,
        day="2026-11-24",
        valid_days=365,
    )


@dataclass
class PaperDesk:
    """Keeps answers in memory; refuses an empty text and files named ``*.exe``."""

    deck: dict[str, Card] = field(
        default_factory=lambda: {
            "fire-safety": card("fire-safety", "Fire safety"),
            "physical-access": card("physical-access", "Locks"),
        }
    )
    recorded: list[Answered] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    broken: Exception | None = None

    def cards(self) -> Sequence[Card]:
        return list(self.deck.values())

    def fault_of(self, file: Attached) -> str:
        return f"{file.name} is not taken." if file.name.endswith(".exe") else ""

    def record(self, answered: Answered) -> str:
        if self.broken is not None:
            raise self.broken
        faults = {
            name: "This may not be empty."
            for name in ("answer", "text")
            if not getattr(answered, name)
        }
        if faults:
            raise Refused(faults)
        self.recorded.append(answered)
        self.contents.extend(file.path.read_bytes() for file in answered.files)
        self.deck[answered.measure] = replace(
            self.deck[answered.measure],
            open=False,
            state="valid",
            state_text="valid",
            earlier=Earlier("Earlier answer", answered.text, ()),
        )
        return "Recorded."

    def summary(self) -> str:
        return f"Done: {len(self.recorded)} answered."


class Visitor:
    """A browser at the page; by default it behaves as ours would."""

    def __init__(self, desk: PaperDesk | None = None, limits: Limits | None = None) -> None:
        self.desk = desk or PaperDesk()
        self.now = 0.0
        self.complaints: list[Exception] = []
        self.app = Application(
            self.desk,
            PAGES,
            PORT,
            by="A. Bakker",
            role="owner",
            limits=limits,
            complain=self.complaints.append,
            clock=lambda: self.now,
        )
        self.client = Client(self.app)
        self.link = f"/enter/{self.app.doorkeeper.token}"
        self.home = ""

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=BASE, headers=_named(headers))

    def enter(self) -> Visitor:
        answer = self.get(self.link)
        assert answer.status_code == 303
        self.home = answer.headers["Location"]
        return self

    def page(self, measure: str = "fire-safety") -> str:
        return self.get(f"{self.home}question/{measure}").text

    def hidden(self, measure: str = "fire-safety") -> dict[str, str]:
        """The hidden fields of a question's form, as a browser would send them."""
        found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.page(measure))
        return {name: unescape(value) for name, value in found}

    def filled(self, **typed: Any) -> dict[str, Any]:
        return {
            **self.hidden(),
            "answer": "yes",
            "text": "Two extinguishers.",
            "given": "2026-11-24",
            "expires": "",
            "by": "A. Bakker",
            "role": "owner",
            **typed,
        }

    def post(
        self,
        form: dict[str, Any],
        path: str = "question/fire-safety",
        headers: dict[str, str] | None = None,
        host: str = BASE,
        content_type: str = "multipart/form-data",
    ) -> TestResponse:
        return self.client.post(
            self.home + path,
            base_url=host,
            headers={"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
            if headers is None
            else headers,
            data=form,
            content_type=content_type,
        )


def file(content: bytes = PHOTO, name: str = "photo.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}

"""What a box said to each question, as names and values; what it did not say goes on record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assessor.devices.answers import FILE
from assessor.devices.device import Topic
from assessor.devices.fritzos.questions import FAULT, MISSING, MORE, QUESTIONS
from assessor.model.answers import UnparsedError

MOST_LINES, LONGEST = 5, 120
_ARGUMENT = re.compile(r"(?P<name>[\w.-]{1,80}):(?: (?P<value>.*))?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]+")
_BOOLEANS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}

Fields = Mapping[str, str]


@dataclass(slots=True)
class Box:
    """The answers, and what of them was not understood, by topic."""

    answers: Mapping[str, str]
    unread: dict[Topic, list[str]] = field(default_factory=dict)

    def note(self, topics: Iterable[Topic], line: str) -> None:
        """Puts on record that ``line`` is not understood."""
        line = _CONTROL.sub(" ", line).strip()[:LONGEST]
        for topic in topics:
            lines = self.unread.setdefault(topic, [])
            if line not in lines and len(lines) < MOST_LINES:
                lines.append(line)

    def missing(self, question: str) -> bool:
        """Whether the box says that it has no such thing."""
        return self.answers.get(question, "").strip() == MISSING

    def fields(self, question: str, *topics: Topic) -> Fields | None:
        """The one answer to ``question``; ``None`` where there is none, which goes on record."""
        text = self.answers.get(question)
        if text is None:
            self.note(topics, f"{question}: not answered")
            return None
        if text.strip() == MISSING or text.startswith(FAULT):
            self.note(topics, f"{question}: {text}")
            return None
        return self._block(question, text.split("\n"), topics)

    def entries(self, question: str, *topics: Topic) -> list[Fields] | None:
        """The entries of a list; ``None`` where it could not be had, which goes on record."""
        text = self.answers.get(question)
        if text is None or text.strip() == MISSING:
            self.note(topics, f"{question}: {text or 'not answered'}")
            return None
        found: list[Fields] = []
        for block in re.split(r"\n{2,}", text.strip("\n")):
            if block.startswith((FAULT, MORE, MISSING)):
                self.note(topics, f"{question}: {block}")
            elif block and (fields := self._block(question, block.split("\n"), topics)) is not None:
                found.append(fields)
        return found

    def _block(
        self, question: str, lines: list[str], topics: Iterable[Topic]
    ) -> dict[str, str] | None:
        found: dict[str, str] = {}
        for line in lines:
            if not line.strip():
                continue
            match = _ARGUMENT.fullmatch(line)
            if match is None or match["name"] in found:
                self.note(topics, f"{question}: {line}")
                return None
            found[match["name"]] = (match["value"] or "").strip()
        return found

    def flag(self, question: str, fields: Fields, name: str, *topics: Topic) -> bool | None:
        """A boolean of SOAP; ``None`` where it is not one, which goes on record."""
        value = _BOOLEANS.get(fields.get(name, "").lower())
        if value is None:
            self.note(topics, f"{question}: {name}: {fields.get(name, 'is missing')}")
        return value

    def text(self, question: str, fields: Fields, name: str, *topics: Topic) -> str:
        """A text; empty where it is missing, which goes on record."""
        if name not in fields:
            self.note(topics, f"{question}: {name}: is missing")
        return fields.get(name, "")


def of_answers(answers: Mapping[str, str]) -> Box:
    """The answers of a box, from a session or from a file.

    Raises:
        UnparsedError: they are not those of a box.
    """
    if FILE in answers:
        answers = _sections(answers[FILE])
    login = answers.get(QUESTIONS[0], "").strip()
    if not re.fullmatch(r"Demanded: (?:yes|no)", login):
        raise UnparsedError("no answers of a FRITZ!Box")
    return Box(answers)


def _sections(text: str) -> Mapping[str, str]:
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    headings = {f"[{question}]": question for question in QUESTIONS}
    for line in text.split("\n"):
        question = headings.get(line.strip())
        if question is not None:
            if question in found:
                raise UnparsedError(f"{question} stands there twice")
            current = found.setdefault(question, [])
        elif current is not None:
            current.append(line)
        elif line.strip() and not line.startswith("#"):
            raise UnparsedError("no answers of a FRITZ!Box")
    return {question: "\n".join(lines).strip("\n") for question, lines in found.items()}

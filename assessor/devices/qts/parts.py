"""The answers of a QTS, and what a file holds of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from assessor.devices.answers import FILE, sections
from assessor.devices.qts.document import QDoc, read_xml
from assessor.devices.qts.ini import Section, read_ini
from assessor.devices.qts.questions import Ask
from assessor.model.answers import UnparsedError

HEADING = "### "
"""How a file of several answers names the question that each belongs to."""
_REFUSED = re.compile(r"\[exit [1-9]\d{0,5}\]")
_EMPTY_GREP = re.compile(r"\s*\[exit 1\]\s*")


@dataclass(frozen=True, slots=True)
class Parts:
    """All that was told."""

    texts: Mapping[Ask, str] = field(default_factory=dict)
    document: QDoc | None = None

    def text(self, ask: Ask) -> str | None:
        """The output of a command that worked; ``None`` where it did not."""
        return self.texts.get(ask)

    def section(self, ask: Ask, name: str) -> Section | None:
        """A section of an INI file; ``None`` where it was not told."""
        text = self.texts.get(ask)
        return read_ini(text)[0].get(name) if text is not None else None


def parts(answers: Mapping[str, str]) -> Parts:
    """The parts of the answers to our questions, or of a file.

    Raises:
        UnparsedError: a file is none that a QTS writes.
    """
    if FILE not in answers:
        return _of_questions(answers)
    text = answers[FILE]
    if text.startswith(HEADING):
        return _of_questions(sections(text, HEADING))
    if text.lstrip("\ufeff \n").startswith("<"):
        return Parts(document=read_xml(text))
    found, _ = read_ini(text)
    if "version" in found.get("system", {}):
        return Parts({Ask.SETTINGS: text})
    if any(re.fullmatch(r"vol_\d{1,4}", name) for name in found):
        return Parts({Ask.VOLUMES: text})
    raise UnparsedError("not of a QNAP QTS")


def _of_questions(answers: Mapping[str, str]) -> Parts:
    texts = {}
    for ask in Ask:
        said = answers.get(ask.value)
        if said is None:
            continue
        if _EMPTY_GREP.fullmatch(said) and ask.value.startswith("grep"):
            texts[ask] = ""
        elif not _REFUSED.search(said):
            texts[ask] = said
    return Parts(texts)

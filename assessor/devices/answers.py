"""The answers of a device as one text: what was asked, each followed by what was said.

::

    ==== /system resource print
    uptime: 1w2d
    ==== end

A line of the device's own that begins with the mark is moved by a space, so that no answer can pass
for another. An exported file is the answer to ``FILE``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assessor.model.answers import UnparsedError

MARK = "==== "
FILE = "file"
END = "end"


def joined(answers: Iterable[tuple[str, str]]) -> str:
    """The text of ``answers``, each a question with what was said to it."""
    parts = []
    for question, said in answers:
        lines = said.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        lines = [f" {line}" if line.startswith(MARK) else line for line in lines]
        text = "\n".join(lines).rstrip("\n")
        parts.append(f"{MARK}{question}\n{text}\n" if text else f"{MARK}{question}\n")
    return "".join([*parts, f"{MARK}{END}\n"])


def parted(text: str) -> Mapping[str, str]:
    """What was said, by question, in the order asked.

    Raises:
        UnparsedError: the text is not whole, or not of this form.
    """
    if not text.startswith(MARK) or not text.endswith(f"{MARK}{END}\n"):
        raise UnparsedError("the answers are not whole")
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.removesuffix(f"{MARK}{END}\n").split("\n"):
        if line.startswith(MARK):
            question = line.removeprefix(MARK)
            if question in found or question == END:
                raise UnparsedError(f"{question[:60]} stands there twice")
            current = found.setdefault(question, [])
        else:
            current.append(line)
    return {question: "\n".join(lines) for question, lines in found.items()}


def sections(text: str, heading: str) -> Mapping[str, str]:
    """What stands below each line that begins with ``heading``, by the rest of that line.

    For what a script of several commands printed; of one that was asked twice, all stands there.
    """
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.split("\n"):
        if line.startswith(heading):
            lines = found.setdefault(line.removeprefix(heading).strip(), [])
        else:
            lines.append(line)
    return {asked: "\n".join(lines) for asked, lines in found.items()}

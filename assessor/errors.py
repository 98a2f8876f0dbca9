"""Every error that the engine raises on purpose, in one tree.

::

    AssessError
    +-- UsageError                   the user's: wrong option, file or setting (exit code 2)
    |   +-- InputError               ... in a file: names the file, line, field and the mend
    |   |   +-- InputErrors          ... all of them at once
    |   +-- CheckError               a check folder that cannot be used
    |   +-- StatementError           a statement that cannot be read
    |   +-- WordError                an attestation or waiver that cannot be recorded
    |   +-- FormatError              a form of report that cannot be written here
    +-- EvidenceError                a run folder that is damaged, busy or not there
    |   +-- HistoryError             the database of the history; the runs themselves are whole
    +-- TransportError               the environment's: becomes ``NotCaptured``, never stops a run

Anything else that surfaces is a fault of ours (exit code 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assessor.model.capture import Reason


class AssessError(Exception):
    """The root of all errors that ``assess`` raises on purpose."""


class UsageError(AssessError):
    """The user can mend it: a wrong option, file or setting. ``mend`` says how."""

    def __init__(self, message: str, *, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.message}\n  mend: {self.mend}" if self.mend else self.message


class InputError(UsageError):
    """A fault in a file of the user's, with the place where it stands.

    Attributes:
        path: the file.
        line: the line, counted from 1, or ``None`` where no line can be named.
        field: the dotted name of the setting, or the empty string.
    """

    def __init__(
        self,
        message: str,
        *,
        path: Path,
        line: int | None = None,
        field: str = "",
        mend: str = "",
    ) -> None:
        super().__init__(message, mend=mend)
        self.path = path
        self.line = line
        self.field = field

    def __str__(self) -> str:
        place = str(self.path) if self.line is None else f"{self.path}:{self.line}"
        head = (
            f"{place}: {self.field}: {self.message}" if self.field else f"{place}: {self.message}"
        )
        return f"{head}\n  mend: {self.mend}" if self.mend else head


class InputErrors(InputError):  # noqa: N818 - it holds several
    """Several faults, all told at once; place, message and mend are those of the first.

    Attributes:
        problems: every fault, in the order of the files and their lines.
    """

    _SHOWN = 50

    def __init__(self, problems: Sequence[InputError]) -> None:
        first = problems[0]
        super().__init__(
            first.message, path=first.path, line=first.line, field=first.field, mend=first.mend
        )
        self.problems = tuple(problems)

    def __str__(self) -> str:
        told = [str(problem) for problem in self.problems[: self._SHOWN]]
        more = len(self.problems) - len(told)
        return "\n".join([*told, f"... and {more} more"] if more else told)


class CheckError(UsageError):
    """A check folder that cannot be found, loaded or trusted; names the check."""


class StatementError(UsageError):
    """A statement that cannot be read: empty, too large, encrypted, of an unknown format."""


class WordError(UsageError):
    """An attestation, its file or a waiver that cannot be recorded as given.

    Attributes:
        field: what is wrong, by the name of the argument: ``by``, ``given``, ``files`` ...
        code: the fault, such as ``file-too-large``; ``profiles/questionnaire.yaml`` has a text
            for each in every language.
        facts: what fills in that text.
    """

    def __init__(
        self, message: str, *, field: str, code: str, mend: str = "", **facts: str | int
    ) -> None:
        super().__init__(message, mend=mend)
        self.field = field
        self.code = code
        self.facts = facts


class FormatError(UsageError):
    """A report cannot be written in a form, because a program for it is not installed here."""


class EvidenceError(AssessError):
    """A run folder that is missing, damaged or in use by another process."""


class HistoryError(EvidenceError):
    """The database of the history cannot be used. Costs no run: the folders hold all of it."""


class TransportError(AssessError):
    """A target could not be reached, entered or read. Becomes a ``NotCaptured``.

    Attributes:
        reason: the reason as the evidence keeps it.
        detail: what happened, for people; holds no secret.
        mend: what would make it work, for people.
        passing: it may be over in a moment, and neither a log-in nor a question was sent yet: it
            can be tried again.
    """

    def __init__(
        self, reason: Reason, detail: str, *, mend: str = "", passing: bool = False
    ) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.mend = mend
        self.passing = passing

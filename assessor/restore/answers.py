"""Reads what the scripts of a restore test tell, as it arrives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from assessor.errors import TransportError
from assessor.model.capture import Reason

_LINE_BYTES = 64 * 1024
"""The longest line that is kept: a snapshot's description with all its paths."""
_MOST_FILES = 2000
_SAID_LINES = 40


@dataclass(frozen=True, slots=True)
class Head:
    """The machine and account that answered.

    Attributes:
        uid: the numeric user id that the script ran with.
        epoch: seconds since 1970 by the machine's clock.
        system: ``uname -s``.
        host: ``uname -n``.
    """

    uid: int
    epoch: int
    system: str
    host: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was found.

    Attributes:
        size: bytes.
        modified: when its content was last changed, in seconds since 1970.
        changed: when anything of it was last changed.
        sha256: digest (hex) of its content.
    """

    size: int
    modified: float
    changed: float
    sha256: str


@dataclass(frozen=True, slots=True)
class RestoredFile:
    """A file of the sample.

    Attributes:
        path: its path in the backup, without a leading slash.
        size: bytes, as the backup lists it.
        came: what came back; ``None`` for nothing.
        live: what it is compared with; ``None`` where there is none, or it may not be read.
        unreadable: there is something to compare with, which the account may not read.
    """

    path: str
    size: int
    came: Seen | None
    live: Seen | None
    unreadable: bool = False


@dataclass(slots=True)
class Answers:
    """A sink for the output of one script.

    Attributes:
        mark: begins every frame.
        version: what the tool says of itself.
        snapshot: the backup as the tool describes it; ``outcome.py`` reads it.
        listed: files in the backup.
        skipped: names in it that cannot be handed on, such as those with a line feed.
        absent: samples that the backup does not have.
        over: how many files and bytes a sample that is too large has.
        failure: why it broke off: a code and a detail.
        failed_step: the step in which it did.
        done: all files were looked at.
        kept: the record was left on the target.
        made: the scratch folder was made.
        removed: whether it was removed; ``None`` while that was not told.
        against_file: what the sample is compared with is one file.
        said: the lines on standard error, by step.
    """

    mark: str
    head: Head | None = None
    version: str = ""
    snapshot: str | None = None
    listed: int = 0
    skipped: int = 0
    absent: list[str] = field(default_factory=list)
    over: tuple[int, int] | None = None
    files: list[RestoredFile] = field(default_factory=list)
    failure: tuple[str, str] | None = None
    failed_step: str = ""
    done: bool = False
    kept: bool = False
    made: bool = False
    removed: bool | None = None
    against_file: bool = False
    said: dict[str, list[str]] = field(default_factory=dict)
    _step: str = ""
    _error_step: str = ""
    _ends: int = 0
    _output: bytes = b""
    _error: bytes = b""

    @property
    def finished(self) -> bool:
        """The script has said its last word on both outputs."""
        return self._ends >= 2

    def output(self, data: bytes) -> None:
        """A piece of standard output."""
        self._output = self._lines(self._output + data, self._told)

    def error(self, data: bytes) -> None:
        """A piece of standard error."""
        self._error = self._lines(self._error + data, self._complained)

    @property
    def left(self) -> float:
        """How long a step takes, nobody knows."""
        return 1.0

    def idle(self) -> None:
        """Nothing: the deadline bounds every step."""

    def complaints(self) -> str:
        """What was said on standard error in the step that failed."""
        return "\n".join(self.said.get(self.failed_step, ()))

    @staticmethod
    def _lines(data: bytes, take: Callable[[str], None]) -> bytes:
        *lines, rest = data.split(b"\n")
        for line in lines:
            take(line[:_LINE_BYTES].decode("utf-8", errors="surrogateescape"))
        return rest[:_LINE_BYTES]

    def _framed(self, line: str) -> tuple[str, str] | None:
        if not line.startswith(self.mark + " "):
            return None
        word, _, rest = line[len(self.mark) + 1 :].partition(" ")
        return word, rest

    def _complained(self, line: str) -> None:
        frame = self._framed(line)
        if frame is None:
            if line.strip():
                said = self.said.setdefault(self._error_step, [])
                if len(said) >= _SAID_LINES:
                    del said[_SAID_LINES // 2]  # the first and the last lines tell most
                said.append(line[:500])
        elif frame[0] == "step":
            self._error_step = frame[1]
        elif frame[0] == "end":
            self._ends += 1

    def _told(self, line: str) -> None:
        frame = self._framed(line)
        if frame is None:
            return  # banners, and what start-up files print
        word, rest = frame
        match word:
            case "step":
                self._step = rest
            case "snapshot":
                self.snapshot = rest
            case "fail" if self.failure is None:
                code, _, detail = rest.partition(" ")
                self.failure, self.failed_step = (code, detail), self._step
            case "removed" | "left":
                self.removed = word == "removed"
            case "end":
                self._ends += 1
            case "made" | "done" | "kept" | "against-file":
                setattr(self, word.replace("-", "_"), True)
            case "head" | "version" | "file" | "seen" | "absent" | "over":
                self._found(word, rest)

    def _found(self, word: str, rest: str) -> None:
        match word:
            case "head":
                self.head = _head(rest)
            case "version":
                self.version = rest[:200]
            case "file":
                self._file(rest)
            case "seen":
                self.listed, self.skipped = _integers(rest, 2)
            case "absent":
                self.absent.append(rest)
            case "over":
                files, size = _integers(rest, 2)
                self.over = (files, size)

    def _file(self, text: str) -> None:
        parts = text.split("|", 3)
        if len(parts) != 4 or len(self.files) >= _MOST_FILES:
            raise _garbled()
        told, came, live, path = parts
        (size,) = _integers(told, 1)
        self.files.append(RestoredFile(path, size, _seen(came), _seen(live), live == "unreadable"))


def _head(text: str) -> Head:
    uid, epoch, system, host = [*text.split(" "), "", "", "", ""][:4]
    user, seconds = _integers(f"{uid} {epoch}", 2)
    return Head(user, seconds, system, host)


def _seen(text: str) -> Seen | None:
    if text in ("absent", "unreadable"):
        return None
    words = text.split(" ")
    try:
        size, modified, changed, sha256 = words
        if len(sha256) == 64 and not set(sha256) - set("0123456789abcdef"):
            return Seen(int(size), float(modified), float(changed), sha256)
    except ValueError:
        pass
    raise _garbled()


def _integers(text: str, count: int) -> list[int]:
    words = text.split(" ")
    if len(words) == count and all(word.isascii() and word.isdigit() for word in words):
        return [int(word) for word in words]
    raise _garbled()


def _garbled() -> TransportError:
    return TransportError(Reason.PROTOCOL, "the target's answer is damaged")

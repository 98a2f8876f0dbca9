"""Takes in uploaded files without ever keeping more of them than is allowed.

Bytes beyond a limit are read and dropped as they arrive, so that the rest of the form is still
understood and nothing that was typed is lost. What is kept stands in a temporary file without a
name (or in one whose name is removed at once, where the system has no nameless files): only this
process can open it, and it is gone with the process, whatever ends it.
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be handed in.

    Attributes:
        file_bytes: the largest file.
        files: the most files that go with one answer.
        held_bytes: what all files together may take that wait for their answer to be recorded.
        request_bytes: the largest request; beyond it nothing is read any more.
    """

    file_bytes: int = 25 * MEGABYTE
    files: int = 20
    held_bytes: int = 100 * MEGABYTE
    request_bytes: int = 256 * MEGABYTE


class Overflow(StrEnum):
    """Which limit a file ran into; also the key of the text that says so."""

    FILE = "file_too_large"
    COUNT = "too_many_files"
    TOTAL = "files_too_large"


@dataclass(slots=True)
class Room:
    """What may still be taken in by one request; shared by its files."""

    limits: Limits
    free_bytes: int
    free_files: int


class Upload(io.RawIOBase):
    """A file on its way in, and while it waits.

    Attributes:
        name: as the browser calls it; not yet cleaned.
        size: the bytes that are kept.
        overflow: the limit it ran into; nothing of it is kept then.
    """

    def __init__(self, name: str, room: Room) -> None:
        super().__init__()
        self.name = name
        self.size = 0
        self.overflow: Overflow | None = None
        self._room = room
        self._kept: BinaryIO = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
        if not name:
            return  # a file field that was left empty
        if room.free_files < 1:
            self.overflow = Overflow.COUNT
        room.free_files -= 1

    @property
    def path(self) -> Path:
        """Where its bytes can be read while it is open."""
        return Path(f"/proc/self/fd/{self._kept.fileno()}")

    def readable(self) -> bool:
        """Always."""
        return True

    def writable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """As files do."""
        return self._kept.seek(offset, whence)

    def read(self, size: int = -1, /) -> bytes:
        """As files do."""
        return self._kept.read(size)

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        """Keeps ``data``, or drops it with all that was kept once a limit is passed."""
        if self.overflow is None:
            if self.size + len(data) > self._room.limits.file_bytes:
                self._drop(Overflow.FILE)
            elif len(data) > self._room.free_bytes:
                self._drop(Overflow.TOTAL)
            else:
                self._kept.write(data)
                self.size += len(data)
                self._room.free_bytes -= len(data)
        return len(data)

    def close(self) -> None:
        """Lets go of what is kept."""
        self._kept.close()
        super().close()

    def _drop(self, why: Overflow) -> None:
        self.overflow = why
        self._kept.seek(0)
        self._kept.truncate()
        self._room.free_bytes += self.size
        self.size = 0

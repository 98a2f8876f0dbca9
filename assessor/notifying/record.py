"""What was told, in ``.assess/notified.json``: read and written under a lock."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assessor.errors import EvidenceError
from assessor.evidence.store import write_whole
from assessor.history.notify.told import Told, read_told, told_text

FOLDER = ".assess"
NAME = "notified.json"
_LARGEST = 4 * 1024 * 1024
_LONGEST_WAIT_S = 360.0
_TICK_S = 0.1


class Record:
    """The deliveries of an assessment; safe to use from several threads.

    Attributes:
        notes: what went wrong with the file, for people.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FOLDER / NAME
        self._lock = threading.Lock()
        self.notes: list[str] = []
        self._told = list(self._read())

    def has(self, delivery: str) -> bool:
        """Whether that was told."""
        with self._lock:
            return any(one.id == delivery for one in self._told)

    def add(self, told: Told) -> None:
        """Writes a delivery down at once: what was told must not be told again after a crash."""
        with self._lock:
            self._told = [one for one in self._told if one.id != told.id]
            self._told.append(told)
            try:
                write_whole(self._path, told_text(self._told).encode())
            except EvidenceError as error:
                self.notes.append(f"what was told could not be written down: {error}")

    def _read(self) -> tuple[Told, ...]:
        try:
            with self._path.open("rb") as stream:
                return read_told(stream.read(_LARGEST).decode("utf-8", errors="replace"))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise EvidenceError(f"{self._path}: {error.strerror or error}") from None
        except EvidenceError as error:
            # Told twice is better than not told: the file is put aside.
            aside = self._path.with_name(f"{NAME}.damaged")
            with contextlib.suppress(OSError):
                self._path.replace(aside)
            self.notes.append(f"{self._path}: {error}; it was put aside as {aside.name}")
            return ()


@contextmanager
def record(folder: Path) -> Iterator[Record]:
    """The record of ``folder``, for this process alone until the block ends.

    Raises:
        EvidenceError: another process tells, and goes on doing so; or the folder cannot be used.
    """
    path = folder / FOLDER
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(path / "notified.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EvidenceError(f"{path}: {error.strerror or error}") from None
    try:
        ends = time.monotonic() + _LONGEST_WAIT_S
        while not _held(handle):
            if time.monotonic() > ends:
                raise EvidenceError(f"{path}: another assess is telling; try again later")
            time.sleep(_TICK_S)
        yield Record(folder)
    finally:
        os.close(handle)


def _held(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

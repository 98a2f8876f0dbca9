"""One writer at a time for a history in a file: a lock that the kernel lets go with the process."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assessor.errors import HistoryError

PATIENCE_S = 30.0
"""How long one waits for another: making three years of runs again takes less."""
_STEP_S = 0.02


@contextmanager
def locked(path: Path, patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Holds the lock in the file ``path`` until the end of the block.

    Raises:
        HistoryError: another process held it all the while, or the file cannot be made.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise HistoryError(f"{path}: {error.strerror or error}") from None
    try:
        _wait(handle, path, time.monotonic() + patience_s)
        yield
    finally:
        os.close(handle)


def _wait(handle: int, path: Path, until: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise HistoryError(f"{path}: another assess works on the history") from None
            time.sleep(_STEP_S)
        except OSError as error:
            raise HistoryError(f"{path}: {error.strerror or error}") from None
        else:
            return

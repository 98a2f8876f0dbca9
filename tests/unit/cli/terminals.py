"""Runs ``assess`` on a real pseudo-terminal; the test is the person before it."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import termios
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.end_to_end.assess import PROGRAM, environment


@dataclass
class Screen:
    """What the program shows, and the keys.

    Attributes:
        seen: everything shown so far, as the terminal got it.
    """

    near: int
    process: subprocess.Popen[bytes]
    seen: str = ""
    _past: int = 0
    _raw: bytes = field(default=b"", repr=False)

    def wait_for(self, *words: str) -> str:
        """Reads until the ``words`` came by, in this order, behind those waited for before.

        Returns:
            What was shown since then, up to the last of them.
        """
        start = self._past
        for word in words:
            while (at := self.seen.find(word, self._past)) < 0:
                assert self._read(), f"{word!r} never came; this did: {self.seen[start:]}"
            self._past = at + len(word)
        return self.seen[start : self._past]

    def type(self, *lines: str) -> None:
        """Types each of the ``lines`` with Enter behind it."""
        for line in lines:
            os.write(self.near, f"{line}\n".encode())

    def interrupt(self) -> None:
        """Presses Ctrl-C once the program sits waiting for a key.

        A signal that comes between Python's last look and its read is only seen after the read.
        """
        program = psutil.Process(self.process.pid)
        while program.status() != psutil.STATUS_SLEEPING:
            os.sched_yield()
        self.process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Reads to the end; gives the exit code."""
        while self._read():
            pass
        return self.process.wait(60)

    def _read(self) -> bool:
        try:
            part = os.read(self.near, 65536)
        except OSError:  # EIO: nobody holds the other end any more
            return False
        self._raw += part
        # A character that came by halves is whole after the next read.
        self.seen = self._raw.decode("utf-8", "ignore").replace("\r", "")
        return bool(part)


@contextlib.contextmanager
def assess_on_terminal(folder: Path, *words: str) -> Iterator[Screen]:
    """``assess`` with ``words``, in ``folder``."""
    near, far = pty.openpty()
    termios.tcsetwinsize(far, (40, 100))
    process = subprocess.Popen(
        [*PROGRAM, *words],
        cwd=folder,
        env=environment(PYTHONUTF8="1", TERM="dumb"),
        stdin=far,
        stdout=far,
        stderr=far,
        start_new_session=True,
    )
    os.close(far)
    try:
        yield Screen(near, process)
    finally:
        process.kill()
        process.wait()
        os.close(near)

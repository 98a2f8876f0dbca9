"""Asks for a secret on the terminal: unseen, bounded in time, and given up with the run."""

from __future__ import annotations

import os
import select
import sys
import termios
import time
from pathlib import Path

from assessor.collect.transports.base import Abandoned
from assessor.errors import TransportError
from assessor.model.capture import Reason

WITHIN_S = 120.0
"""How long a question waits for its answer, in seconds."""

_TICK_S = 0.2
_LONGEST = 4096  # what a terminal's line discipline keeps of one line


class Terminal:
    """The terminal of whoever runs ``assess``.

    Unlike ``getpass`` it does not wait for ever, and an interrupted run leaves the terminal as it
    was: the one thread that may be asking when Ctrl-C is pressed is not the one that hears of it.

    Args:
        abandoned: whether the run was interrupted.
        device: the terminal; by default the one that controls this process.
    """

    def __init__(self, abandoned: Abandoned, device: Path | None = None) -> None:
        self._abandoned = abandoned
        self._device = device

    def ask(self, question: str) -> str | None:
        """The answer; ``None`` where there is no terminal to ask on.

        Raises:
            TransportError: nobody answered, or the run was interrupted.
        """
        if self._device is None and not (sys.stdin and sys.stdin.isatty()):
            return None
        try:
            terminal = os.open(self._device or "/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            return self._answered(terminal, question)
        except termios.error:
            return None
        finally:
            os.close(terminal)

    def _answered(self, terminal: int, question: str) -> str:
        before = termios.tcgetattr(terminal)
        unseen = list(before)
        unseen[3] = (before[3] | termios.ICANON) & ~termios.ECHO
        # What was typed before the question is no answer to it: it is thrown away.
        termios.tcsetattr(terminal, termios.TCSAFLUSH, unseen)
        try:
            os.write(terminal, question.encode("utf-8", "replace"))
            line = self._line(terminal)
        finally:
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)
            os.write(terminal, b"\n")
        return line.decode("utf-8", "replace").rstrip("\r\n")

    def _line(self, terminal: int) -> bytes:
        until = time.monotonic() + WITHIN_S
        while time.monotonic() < until:
            if self._abandoned.is_set():
                raise TransportError(Reason.INTERRUPTED, "interrupted while asking for a secret")
            ready, _, _ = select.select([terminal], [], [], _TICK_S)
            if ready:
                return os.read(terminal, _LONGEST)
        raise TransportError(
            Reason.SECRET_MISSING,
            f"nobody answered on the terminal within {WITHIN_S:.0f} s",
            mend="be there to answer, or let the inventory name a command or a variable",
        )

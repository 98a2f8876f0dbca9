"""What every transport offers, and the time it may take."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.plan import PlannedProbe
from assessor.model.target import SecretPurpose, Target


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment by which a target must have answered, on the monotonic clock."""

    at: float
    seconds: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The moment ``seconds`` from now."""
        return cls(time.monotonic() + seconds, seconds)

    def remaining(self, at_most: float | None = None) -> float:
        """Seconds left, never negative, and never more than ``at_most``."""
        left = max(0.0, self.at - time.monotonic())
        return left if at_most is None else min(left, at_most)

    def require(self, doing: str) -> float:
        """Seconds left; raises ``TransportError`` (deadline) when there are none."""
        left = self.remaining()
        if left <= 0:
            raise TransportError(
                Reason.DEADLINE, f"no time left after {self.seconds:.0f} s, while {doing}"
            )
        return left


class Secrets(Protocol):
    """Gives secrets when they are due. Implementations keep them in memory only."""

    def get(self, target: Target, purpose: SecretPurpose) -> str | None:
        """The secret, or ``None`` where the inventory names no source for it.

        Raises:
            TransportError: the named source gave nothing (reason ``secret-missing``).
        """


class Abandoned(Protocol):
    """Tells that the run was interrupted: transports stop as soon as they see it set."""

    def is_set(self) -> bool:
        """Whether to stop."""


@dataclass(frozen=True, slots=True)
class Script:
    """What a target's shell is given.

    Attributes:
        text: goes to the standard input of ``command``; may hold the sudo password, so it is never
            logged.
        command: takes it; a line for the log-in shell of the account, whichever that is.
        held: standard input stays open until the sink is finished: its end ends the script.
    """

    text: bytes
    command: str = "exec /bin/sh"
    held: bool = False


class Sink(Protocol):
    """Takes what a target's shell sends, as it arrives.

    The methods may raise ``TransportError`` to end the run (they do so at a flood).
    """

    def output(self, data: bytes) -> None:
        """A piece of standard output."""

    def error(self, data: bytes) -> None:
        """A piece of standard error."""

    def idle(self) -> None:
        """All that has arrived was taken: a moment to see whether it has been too long."""

    @property
    def finished(self) -> bool:
        """Nothing more of this script is awaited."""

    @property
    def left(self) -> float:
        """The share of the answers that are still to come, as far as that is known; else 1."""


class ShellTransport(Protocol):
    """A transport that runs scripts on a target: for a POSIX shell, or for PowerShell."""

    def run(
        self, target: Target, scripts: Iterable[Script], sink: Sink, deadline: Deadline
    ) -> None:
        """Runs ``scripts`` one after the other, in one session.

        The next one is asked for when the sink is finished or the shell has ended.

        Args:
            target: where to run them.
            scripts: may depend on what was said to those before.
            sink: takes the output.
            deadline: the moment by which all must be over, connecting included.

        Raises:
            TransportError: the target could not be reached, entered, or read to the end.
        """


class RequestTransport(Protocol):
    """A transport that puts one question at a time to a service from outside."""

    def answer(self, target: Target, probe: PlannedProbe, deadline: Deadline) -> str:
        """The answer to ``probe`` as canonical JSON.

        Raises:
            TransportError: there was no answer.
        """

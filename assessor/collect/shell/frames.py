"""Takes the framed output of a host's script apart, as it arrives."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

from assessor.collect.shell.script import FORMAT, GRACE_S, Mark
from assessor.errors import TransportError
from assessor.model.capture import Capture, Captured, NotCaptured, Reason
from assessor.model.plan import PlannedProbe
from assessor.model.sudoers import sudoers_line
from assessor.model.target import Privilege

NOISE_BYTES = 256 * 1024
"""How much may come before the first frame: banners and what start-up files print."""
ERROR_BYTES = 8 * 1024
LINE_BYTES = 512
SLACK_BYTES = 256 * 1024
"""What a probe may send beyond its limit before it is stopped: to take that in costs less."""

_SUDO_WARNS = (
    "sudo: unable to resolve host ",
    "sudo: unable to send audit message",
    "sudo: setrlimit(",
    "sudo: ignoring time stamp",
)
"""What sudo complains of and runs the command nevertheless."""

STOPPED = frozenset({124, 137, 143})
"""Exit statuses of what was stopped before its end, by ``timeout`` or by a signal."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the script's first frame says of the host.

    Attributes:
        uid: the numeric user id, or ``None`` where ``id`` gave none.
        epoch: seconds since 1970 by the host's clock, or ``None``.
        system: ``uname -s``.
        at: when the frame arrived, by the collector's clock.
    """

    uid: int | None
    epoch: int | None
    system: str
    at: datetime

    @property
    def clock_skew_s(self) -> float | None:
        """The host's clock minus the collector's, in seconds."""
        return None if self.epoch is None else float(round(self.epoch - self.at.timestamp()))


class Keep(Protocol):
    """Stores captures."""

    def __call__(self, *captures: Capture) -> None:
        """They are stored when this returns."""


class _Splitter:
    """Splits one stream into content and frame lines."""

    def __init__(self, mark: Mark) -> None:
        self._lead = b"\n" + mark.whole + b" "
        self._rest = b""

    def feed(self, data: bytes) -> Iterable[tuple[bytes, str | None]]:
        """Pairs of content and the frame that ends it; a last pair may have no frame."""
        buffer = self._rest + data
        lead, done = self._lead, 0
        while (start := buffer.find(lead, done)) >= 0:
            begins = start + len(lead)
            end = buffer.find(b"\n", begins)
            if end < 0:
                if len(buffer) - start > LINE_BYTES:
                    raise TransportError(Reason.PROTOCOL, "a frame has no end")
                break
            yield buffer[done:start], buffer[begins:end].decode("ascii", errors="replace")
            done = end + 1
        else:
            start = _begin_of(lead, buffer, done)
        self._rest = buffer[start:]
        if start > done:
            yield buffer[done:start], None

    def tail(self) -> bytes:
        """What is left when the stream has ended."""
        rest, self._rest = self._rest, b""
        return rest


def _begin_of(lead: bytes, buffer: bytes, done: int) -> int:
    """Where what may be the beginning of ``lead`` stands at the end of ``buffer``, or its end.

    A lead begins with a line feed and holds no other.
    """
    last = buffer.rfind(b"\n", max(done, len(buffer) - len(lead) + 1))
    return last if last >= 0 and lead.startswith(buffer[last:]) else len(buffer)


@dataclass(slots=True)
class _Open:
    """A probe whose output is coming in.

    Attributes:
        since: when it began, on the monotonic clock.
        closed_at: when standard output was complete; ``None`` while it is not.
        error_over: standard error is complete.
        late: it took too long.
    """

    planned: PlannedProbe
    at: datetime
    since: float
    output: bytearray = field(default_factory=bytearray)
    error: bytearray = field(default_factory=bytearray)
    seen: int = 0
    error_seen: int = 0
    status: int | None = None
    refused: bool = False
    closed_at: datetime | None = None
    error_over: bool = False
    late: bool = False

    @property
    def too_much(self) -> bool:
        """It says more than is worth waiting for."""
        most = self.planned.probe.limit_bytes + SLACK_BYTES
        return self.seen > most or self.error_seen > ERROR_BYTES + SLACK_BYTES


class FrameReader:
    """A sink that turns the script's output into captures.

    Every probe is given to ``keep`` exactly once, as soon as both its outputs are complete; what
    is complete at the end of one piece is given at once. A probe that takes too long or says too
    much ends the script (``cut``): those that are ``waiting`` then want another one, which is read
    after :meth:`again`.
    """

    def __init__(
        self,
        probes: Iterable[PlannedProbe],
        mark: Mark,
        keep: Keep,
        *,
        system: str,
        user: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``system`` is the expected ``uname -s``; ``user`` names the account in sudoers lines."""
        self._waiting = {planned.key: planned for planned in probes}
        self._count = len(self._waiting)
        self._keep = keep
        self._system = system
        self._user = user
        self._now = now
        self._clock = clock
        self._complete: list[Capture] = []
        self.head: Head | None = None
        self.again(mark)

    def again(self, mark: Mark) -> None:
        """From now on another script is read, the frames of which begin with ``mark``."""
        self._output = _Splitter(mark)
        self._error = _Splitter(mark)
        self._open: dict[str, _Open] = {}
        self._current: _Open | None = None
        self._error_current: _Open | None = None
        self._noise = bytearray()
        self._noise_seen = 0
        self._begun = False
        self._ends = 0
        self.cut = False

    @property
    def waiting(self) -> tuple[PlannedProbe, ...]:
        """The probes of which nothing was kept yet."""
        return tuple(self._waiting.values())

    @property
    def finished(self) -> bool:
        """The script has said its last word on both outputs, or is to say no more."""
        return self._ends >= 2 or self.cut

    @property
    def no_timeout(self) -> bool:
        """The script did not begin, and ``timeout`` is what was complained of."""
        return self.head is None and b"timeout" in self._noise

    @property
    def left(self) -> float:
        """The share of the probes of which nothing was kept yet."""
        return len(self._waiting) / max(1, self._count)

    def output(self, data: bytes) -> None:
        """A piece of standard output; raises ``TransportError`` at a flood or a wrong host."""
        try:
            for content, frame in self._output.feed(data):
                if self.cut:
                    return
                if content:
                    self._content(content)
                if frame is not None:
                    self._frame(frame)
        finally:
            self._give_out()

    def error(self, data: bytes) -> None:
        """A piece of standard error."""
        try:
            for content, frame in self._error.feed(data):
                if self.cut:
                    return
                if content:
                    self._error_content(content)
                if frame is not None:
                    self._error_frame(frame)
        finally:
            self._give_out()

    def idle(self) -> None:
        """All that has arrived was taken: the probe that is running may have had its time."""
        current = self._current
        if current is None or self.cut:
            return
        if self._clock() - current.since > current.planned.probe.timeout_s + GRACE_S:
            current.late = True
            self._cut(current)
            self._give_out()

    def close(self, missing: NotCaptured | None) -> None:
        """Ends the reading: what is complete is kept, all the rest is ``missing``.

        Args:
            missing: why the transport ended early; ``None`` when it ended by itself.
        """
        for entry in list(self._open.values()):
            entry.error_over = True
            self._settle(entry)
        if missing is None:
            missing = self.silence()
        self._complete += [replace(missing, probe=key) for key in self._waiting]
        self._waiting.clear()
        self._give_out()

    def silence(self) -> NotCaptured:
        """Why there is no more output, where the transport ended without an error."""
        if self.head is not None:
            return NotCaptured("", Reason.DROPPED, "the script ended before its end", self._now())
        said = " ".join(bytes(self._noise[:300]).decode("utf-8", errors="replace").split())
        return NotCaptured(
            "",
            Reason.SHELL_REFUSED,
            f"no POSIX shell answered; the target said: {said!r}",
            self._now(),
            "give the account a login shell, and let it run /bin/sh",
        )

    def _content(self, content: bytes) -> None:
        if self._current is None:
            self._noise += content[: max(0, ERROR_BYTES - len(self._noise))]
            self._noise_seen += len(content)
            if self._noise_seen > NOISE_BYTES:
                raise TransportError(
                    Reason.PROTOCOL,
                    "the target sends far more than it was asked for",
                    mend="see what its start-up files (.bashrc) print",
                )
            return
        current = self._current
        limit = current.planned.probe.limit_bytes
        current.seen += len(content)
        current.output += content[: max(0, limit - len(current.output))]
        if current.too_much:
            self._cut(current)

    def _error_content(self, content: bytes) -> None:
        current = self._error_current
        into = current.error if current else self._noise
        into += content[: max(0, ERROR_BYTES - len(into))]
        if current:
            current.error_seen += len(content)
            if current.too_much:
                self._cut(current)

    def _error_frame(self, frame: str) -> None:
        if self._error_current:
            self._error_current.error_over = True
            self._settle(self._error_current)
            self._error_current = None
        kind, _, key = frame.partition(" ")
        if kind == "Z":
            self._ends += 1
        elif kind == "B" and key in self._waiting:
            self._error_current = self._opened(self._waiting[key])

    def _cut(self, entry: _Open) -> None:
        """Ends the script: ``entry`` gets no more, and what is not complete is asked again."""
        self.cut = True
        if entry.closed_at is None:
            entry.closed_at = self._now()
        entry.error_over = True
        self._settle(entry)

    def _frame(self, frame: str) -> None:
        kind, *words = frame.split(" ")
        key = words[0] if words else ""
        if kind == "H":
            self._head(words)
        elif not self._begun:
            raise TransportError(Reason.PROTOCOL, "the first frame is missing")
        elif kind == "B":
            planned = self._waiting.get(key)
            self._current = self._opened(planned) if planned else None
            if self._current:
                self._current.at, self._current.since = self._now(), self._clock()
        elif kind == "E" and self._current and key == self._current.planned.key:
            self._current.status = _integer(words[1] if len(words) > 1 else "")
            self._closed(self._current)
        elif kind == "S" and key in self._waiting:
            refused = self._opened(self._waiting[key])
            refused.refused = refused.error_over = True  # it was not run: it says nothing there
            self._closed(refused)
        elif kind == "Z":
            self._ends += 1

    def _closed(self, entry: _Open) -> None:
        """Standard output of ``entry`` is complete."""
        entry.closed_at = self._now()
        self._current = None
        self._settle(entry)

    def _head(self, words: list[str]) -> None:
        if len(words) != 4 or words[0] != str(FORMAT):
            raise TransportError(Reason.PROTOCOL, "the first frame is not of this programme")
        self._begun = True
        head = Head(_integer(words[1]), _integer(words[2]), words[3], self._now())
        if head.system != self._system:
            raise TransportError(
                Reason.WRONG_PLATFORM,
                f"the target runs {head.system!r}, the inventory says {self._system!r}",
                mend="set the target's platform in the inventory",
            )
        self.head = self.head or head

    def _opened(self, planned: PlannedProbe) -> _Open:
        entry = self._open.get(planned.key)
        if entry is None:
            entry = self._open[planned.key] = _Open(planned, self._now(), self._clock())
        return entry

    def _settle(self, entry: _Open) -> None:
        """``entry`` has its answer, where both its outputs are complete."""
        if entry.closed_at is None or not entry.error_over:
            return
        key = entry.planned.key
        self._open.pop(key, None)
        if self._waiting.pop(key, None) is not None:
            self._complete.append(self._capture(entry, entry.closed_at))

    def _give_out(self) -> None:
        if self._complete:
            complete, self._complete = self._complete, []
            self._keep(*complete)

    def _capture(self, entry: _Open, closed_at: datetime) -> Capture:
        probe, key = entry.planned.probe, entry.planned.key
        error = bytes(entry.error).decode("utf-8", errors="replace")
        text = bytes(entry.output).decode("utf-8", errors="replace")
        duration = max(0.0, round((closed_at - entry.at).total_seconds(), 3))
        if probe.privilege is Privilege.SUDO and (entry.refused or self._denied(entry, error)):
            return NotCaptured(
                key,
                Reason.NO_PRIVILEGE,
                _denial(error) or "this needs root's rights, and the inventory gives none",
                closed_at,
                f"allow it in sudoers: {sudoers_line(self._user, probe)}",
            )
        truncated = entry.seen > probe.limit_bytes or entry.too_much
        if not truncated and (entry.late or entry.status is None or entry.status in STOPPED):
            return NotCaptured(
                key,
                Reason.TIMED_OUT,
                f"no complete answer within {probe.timeout_s} s"
                if entry.late
                else f"it was stopped before its end (exit status {entry.status})",
                closed_at,
                "see why the command hangs on the target",
            )
        return Captured(
            key,
            text,
            error,
            entry.status if entry.status is not None else -1,
            entry.at,
            duration,
            truncated=truncated,
            undecodable="\ufffd" in text or "\0" in text,
        )

    def _denied(self, entry: _Open, error: str) -> bool:
        root = self.head is not None and self.head.uid == 0
        return not root and entry.status == 1 and bool(_denial(error))


def _denial(error: str) -> str:
    """The line by which sudo says that it will not run a command, or the empty string."""
    for line in error.splitlines():
        said_by_sudo = line.startswith(("sudo: ", "sudo-rs: ", "Sorry, user "))
        if said_by_sudo and not line.startswith(_SUDO_WARNS):
            return line[:200]
    return ""


def _integer(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None

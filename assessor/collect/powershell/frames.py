"""Takes the framed output of a Windows host's script apart, as it arrives."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from assessor.collect.powershell.script import FORMAT
from assessor.collect.shell.frames import ERROR_BYTES, NOISE_BYTES, SLACK_BYTES, Head
from assessor.collect.shell.script import Mark
from assessor.errors import TransportError
from assessor.model.capture import Capture, Captured, NotCaptured, Reason
from assessor.model.plan import PlannedProbe
from assessor.model.windows import how_to_allow

SYSTEM = "Windows"
LINE_BYTES = 16 * 1024
"""The longest frame; the script's own are half as long."""
_GZIP = 31
"""What zlib calls the format of gzip."""
_STATES = frozenset({"done", "late", "full"})


@dataclass(slots=True)
class _Open:
    """A probe whose output is coming in."""

    planned: PlannedProbe
    at: datetime
    pieces: bytearray = field(default_factory=bytearray)


@dataclass(frozen=True, slots=True)
class _Ending:
    """What the script says of a probe that ended."""

    state: str
    failed: bool
    denied: bool
    seen: int
    said: str


class PowershellReader:
    """A sink that turns the script's output into captures, each as soon as it is complete."""

    def __init__(
        self,
        probes: Iterable[PlannedProbe],
        mark: Mark,
        keep: Callable[[Capture], None],
        *,
        user: str,
        system: str = SYSTEM,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``user`` names the account in what would mend a lack of rights."""
        self._waiting = {planned.key: planned for planned in probes}
        self._count = len(self._waiting)
        self._mark = mark.whole + b" "
        self._keep = keep
        self._user = user
        self._system = system
        self._now = now
        self._rest = bytearray()
        self._noise = bytearray()
        self._noise_seen = 0
        self._error = bytearray()
        self._current: _Open | None = None
        self._finished = False
        self.head: Head | None = None

    @property
    def finished(self) -> bool:
        """The script has said its last word."""
        return self._finished

    @property
    def left(self) -> float:
        """The share of the probes of which nothing was kept yet."""
        return len(self._waiting) / max(1, self._count)

    def output(self, data: bytes) -> None:
        """A piece of standard output; raises ``TransportError`` at a flood or a wrong host."""
        self._rest += data
        *lines, rest = self._rest.split(b"\n")
        self._rest = rest
        for line in lines:
            self._line(bytes(line.removesuffix(b"\r")))
        if len(self._rest) > LINE_BYTES:
            if self._rest.startswith(self._mark):
                raise TransportError(Reason.PROTOCOL, "a frame has no end")
            self._take_noise(bytes(self._rest))
            self._rest.clear()

    def error(self, data: bytes) -> None:
        """A piece of standard error: PowerShell's own complaints."""
        self._error += data[: max(0, ERROR_BYTES - len(self._error))]

    def idle(self) -> None:
        """Nothing: on Windows the script itself stops what takes too long."""

    def close(self, missing: NotCaptured | None) -> None:
        """Ends the reading: all that is not complete is ``missing``.

        Args:
            missing: why the transport ended early; ``None`` when it ended by itself.
        """
        if missing is None:
            missing = self.silence()
        for planned in list(self._waiting.values()):
            self._done(planned, replace(missing, probe=planned.key))

    def silence(self) -> NotCaptured:
        """Why there is no more output, where the transport ended without an error."""
        if self._finished:
            return NotCaptured(
                "",
                Reason.DEADLINE,
                "the target had no time left for this question",
                self._now(),
                "give it more time: run: {deadline: 300}",
            )
        if self.head is not None:
            return NotCaptured("", Reason.DROPPED, "the script ended before its end", self._now())
        if b"ConstrainedLanguage" in self._error:
            return NotCaptured(
                "",
                Reason.SHELL_REFUSED,
                "PowerShell runs in Constrained Language mode for this account",
                self._now(),
                "let AppLocker or App Control run PowerShell in Full Language for this account",
            )
        said = " ".join((self._noise + self._error)[:300].decode("utf-8", "replace").split())
        return NotCaptured(
            "",
            Reason.SHELL_REFUSED,
            f"no PowerShell answered; the target said: {said!r}",
            self._now(),
            "see whether the account may run powershell.exe there, whether a virus scanner or"
            " AppLocker stops it, and whether the target runs Windows",
        )

    # -- lines -----------------------------------------------------------------------------

    def _line(self, line: bytes) -> None:
        if not line.startswith(self._mark):
            self._take_noise(line)
            return
        if len(line) > LINE_BYTES:
            raise TransportError(Reason.PROTOCOL, "a frame is longer than any that was asked for")
        words = line.removeprefix(self._mark).decode("ascii", "replace").split(" ")
        match words:
            case ["H", head] if self.head is None:
                self._head(head)
            case _ if self.head is None or self._finished:
                raise TransportError(Reason.PROTOCOL, "a frame stands where none may be")
            case ["B", key] if self._current is None and key in self._waiting:
                self._current = _Open(self._waiting[key], self._now())
            case ["O", key, piece] if self._is_open(key):
                self._piece(piece)
            case ["E", key, ending] if self._is_open(key):
                self._end(ending)
            case ["Z"] if self._current is None:
                self._finished = True
            case _:
                raise TransportError(Reason.PROTOCOL, "a frame stands where none may be")

    def _take_noise(self, data: bytes) -> None:
        self._noise += data[: max(0, ERROR_BYTES - len(self._noise))]
        self._noise_seen += len(data)
        if self._noise_seen > NOISE_BYTES:
            raise TransportError(
                Reason.PROTOCOL,
                "the target sends far more than it was asked for",
                mend="see what starts by itself there (AutoRun of cmd, profiles of PowerShell)",
            )

    def _is_open(self, key: str) -> bool:
        return self._current is not None and self._current.planned.key == key

    def _head(self, text: str) -> None:
        head = _object(text)
        epoch, system = head.get("epoch"), head.get("system")
        if head.get("format") != FORMAT or not isinstance(system, str):
            raise TransportError(Reason.PROTOCOL, "the first frame is not of this programme")
        if not isinstance(epoch, int) or not 0 < epoch < 1 << 40:
            epoch = None
        self.head = Head(None, epoch, system[:40], self._now())
        if system != self._system:
            raise TransportError(
                Reason.WRONG_PLATFORM,
                f"the target runs {system[:40]!r}, the inventory says {self._system!r}",
                mend="set the target's platform in the inventory",
            )

    def _piece(self, piece: str) -> None:
        assert self._current  # noqa: S101 - a piece is taken for an open probe only
        self._current.pieces += piece.encode("ascii", "replace")
        # Base64 adds a third, and gzip next to nothing even where it cannot make it smaller.
        most = self._current.planned.probe.limit_bytes * 3 // 2 + SLACK_BYTES
        if len(self._current.pieces) > most:
            raise TransportError(Reason.PROTOCOL, "the target sends far more than it was asked for")

    def _end(self, text: str) -> None:
        assert self._current  # noqa: S101 - as in _piece
        current, self._current = self._current, None
        ending = _ending(_object(text))
        self._done(current.planned, self._capture(current, ending))

    def _capture(self, entry: _Open, ending: _Ending) -> Capture:
        probe, key, now = entry.planned.probe, entry.planned.key, self._now()
        if ending.denied:
            return NotCaptured(
                key,
                Reason.NO_PRIVILEGE,
                f"access denied: {' '.join(ending.said.split())[:200]}",
                now,
                how_to_allow(self._user, probe.text),
            )
        if ending.state == "late":
            return NotCaptured(
                key,
                Reason.TIMED_OUT,
                f"no complete answer within {probe.timeout_s} s",
                now,
                "see why the question hangs on the target",
            )
        raw = _unpacked(bytes(entry.pieces), probe.limit_bytes)
        if raw is None or len(raw) != min(ending.seen, probe.limit_bytes):
            return NotCaptured(key, Reason.PROTOCOL, "the answer arrived damaged", now)
        decoded = raw.decode("utf-8", errors="replace")
        return Captured(
            key,
            decoded,
            ending.said,
            1 if ending.failed else 0,
            entry.at,
            max(0.0, round((now - entry.at).total_seconds(), 3)),
            truncated=ending.state == "full" or ending.seen > probe.limit_bytes,
            undecodable="\ufffd" in decoded or "\0" in decoded,
        )

    def _done(self, planned: PlannedProbe, capture: Capture) -> None:
        if self._waiting.pop(planned.key, None) is not None:
            self._keep(capture)


def _unpacked(text: bytes, most: int) -> bytes | None:
    """What was packed, if it is whole and at most ``most`` bytes."""
    if not text:
        return b""  # .NET Framework makes nothing at all of nothing
    try:
        unpacking = zlib.decompressobj(_GZIP)
        raw = unpacking.decompress(base64.b64decode(text, validate=True), most + 1)
    except (binascii.Error, zlib.error):
        return None
    whole = unpacking.eof and not unpacking.unused_data and len(raw) <= most
    return raw if whole else None


def _object(text: str) -> dict[str, object]:
    raw = _unpacked(text.encode("ascii", "replace"), NOISE_BYTES)
    try:
        value = json.loads(raw or b"")
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise TransportError(Reason.PROTOCOL, "a frame holds something else than it should")
    return value


def _ending(value: dict[str, object]) -> _Ending:
    state, seen, said = value.get("state"), value.get("seen"), value.get("said")
    failed, denied = value.get("failed"), value.get("denied")
    if (
        not isinstance(state, str)
        or state not in _STATES
        or not isinstance(failed, bool)
        or not isinstance(denied, bool)
        or not isinstance(seen, int)
        or isinstance(seen, bool)
        or seen < 0
        or not isinstance(said, str)
    ):
        raise TransportError(Reason.PROTOCOL, "a frame holds something else than it should")
    return _Ending(state, failed, denied, seen, said[:ERROR_BYTES])

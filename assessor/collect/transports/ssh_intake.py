"""Gives a script's output to its sink in the session's own thread.

To hand each piece over to the thread that waits for the end costs more than to take it in: with
many hosts at once, two threads a host fall over each other at every packet.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import paramiko
from paramiko.common import cMSG_CHANNEL_WINDOW_ADJUST
from paramiko.message import Message

from assessor.collect.transports.base import Sink

_OWED = 65_536


class Intake:
    """Between a channel and a sink, which hears one thread at a time.

    Attributes:
        arrived: set when there is something to look at.
    """

    def __init__(self, channel: paramiko.Channel, sink: Sink) -> None:
        self._channel = channel
        self._sink = sink
        self._lock = threading.Lock()
        self._fault: BaseException | None = None
        self._owed = 0
        self._closed = False
        self.arrived = threading.Event()
        # What the session does not give here lies in the channel's buffers.
        channel.in_buffer.set_event(self.arrived)
        channel.in_stderr_buffer.set_event(self.arrived)

    def take(self, output: bytes, error: bytes) -> float:
        """What came on both outputs; called by the session's thread. Gives what is ``left``."""
        with self._lock:
            self._give(*self._buffered())  # it came before
            self._give(output, error)
            if self._fault is not None or self._sink.finished or self._owed >= _OWED:
                self.arrived.set()
            return self._sink.left

    def look(self) -> bool:
        """Whether anything lay in the buffers; the sink has it now. Called by whoever waits."""
        with self._lock:
            ready = self._buffered()
            self._give(*ready)
            if not any(ready):
                self._tell(self._sink.idle)
            owed, self._owed = self._owed, 0
        self._allow(owed)
        return any(ready)

    def check(self) -> None:
        """Raises what the sink raised, in whichever thread."""
        if self._fault is not None:
            raise self._fault

    def close(self) -> None:
        """Whatever comes from now on is thrown away."""
        with self._lock:
            self._closed = True

    def _buffered(self) -> tuple[bytes, bytes]:
        output, error = (
            buffer.read(len(buffer)) if buffer.read_ready() else b""
            for buffer in (self._channel.in_buffer, self._channel.in_stderr_buffer)
        )
        return output, error

    def _give(self, output: bytes, error: bytes) -> None:
        self._owed += len(output) + len(error)
        if output:
            self._tell(lambda: self._sink.output(output))
        if error:
            self._tell(lambda: self._sink.error(error))

    def _tell(self, tell: Callable[[], None]) -> None:
        if self._closed or self._fault is not None:
            return
        try:
            tell()
        except BaseException as fault:  # check raises it where it is awaited
            self._fault = fault

    def _allow(self, taken: int) -> None:
        """Lets the server send as much again: RFC 4254, 5.2."""
        channel = self._channel
        if more := channel._check_add_window(taken):  # type: ignore[attr-defined]
            message = Message()
            message.add_byte(cMSG_CHANNEL_WINDOW_ADJUST)
            message.add_int(channel.remote_chanid)
            message.add_int(more)
            channel.transport._send_user_message(message)  # type: ignore[union-attr]

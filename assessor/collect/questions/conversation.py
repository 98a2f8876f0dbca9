"""A conversation in lines with a service, in clear and then over TLS; bounded in bytes and time."""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl

from assessor.collect.transports import tls
from assessor.collect.transports.tcp import Clock, wait

_READ_BYTES = 16_384


class SilenceError(Exception):
    """The other side did not say what was waited for.

    Attributes:
        outcome: ``no-answer``, ``closed`` or ``flood``.
    """

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome


class Conversation:
    """One connection. The socket (non-blocking) is the caller's to close.

    The socket is driven by hand, for the reason that ``tls.shake_hands`` gives.
    """

    def __init__(
        self, connection: socket.socket, clock: Clock, until: float, *, most_bytes: int, doing: str
    ) -> None:
        """``until`` (monotonic) ends all of it, ``most_bytes`` bounds all that is received."""
        self._connection = connection
        self._clock = clock
        self._until = until
        self._left = most_bytes
        self._most = most_bytes
        self._doing = doing
        self._buffer = b""
        self._tls: ssl.SSLObject | None = None
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()

    def line(self) -> bytes:
        """The next line, without its end.

        Raises:
            SilenceError: none came in time, too much came, or the other side closed.
        """
        while b"\n" not in self._buffer:
            more = self.some()
            if not more:
                raise SilenceError("closed", "the other side closed the connection")
            self._buffer += more
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def some(self) -> bytes:
        """Bytes that come next, beyond what lines were taken from; none at the end.

        Raises:
            SilenceError: none came in time, or too much came.
        """
        while True:
            if self._tls is not None:
                data = self._decrypted()
                if data is not None:
                    return data
            received = self._receive()
            if self._tls is None:
                return received
            if received:
                self._incoming.write(received)
            else:
                self._incoming.write_eof()

    def send(self, data: bytes) -> None:
        """Sends all of ``data``.

        Raises:
            SilenceError: it was not taken in time, or the other side closed.
        """
        if self._tls is not None:
            self._tls.write(data)
            data = self._outgoing.read()
        rest = memoryview(data)
        try:
            while rest:
                wait(self._connection, selectors.EVENT_WRITE, self._clock, self._until, self._doing)
                rest = rest[self._connection.send(rest) :]
        except TimeoutError as error:
            raise SilenceError("no-answer", "nothing was taken in time") from error
        except OSError as error:
            raise SilenceError("closed", "the other side broke the connection") from error

    def start_tls(self, context: ssl.SSLContext, server_name: str) -> tls.Handshake:
        """Begins with TLS and tells what the handshake showed.

        Raises:
            tls.NotTrustedError: the certificate was not accepted.
            tls.NoHandshakeError: the handshake failed otherwise.
            SilenceError: it was not over in time, or the other side closed.
        """
        if self._buffer:  # RFC 3207, 4.2: what was said before TLS must not be taken for its own
            raise tls.NoHandshakeError("EARLY", "more was said in clear before TLS began")
        one = tls.wrap(context, self._incoming, self._outgoing, server_name)
        while not self._step(one):
            self.send(self._outgoing.read())
            received = self._receive()
            if not received:
                raise SilenceError("closed", "the other side closed the connection")
            self._incoming.write(received)
        self.send(self._outgoing.read())
        self._tls = one
        return tls.shown(one)

    def _step(self, one: ssl.SSLObject) -> bool:
        try:
            return tls.step(one)
        except (tls.NotTrustedError, tls.NoHandshakeError):
            # The alert that says why is on its way out; whether it is taken does not matter.
            with contextlib.suppress(SilenceError):
                self.send(self._outgoing.read())
            raise

    def _decrypted(self) -> bytes | None:
        assert self._tls is not None  # noqa: S101 - asked by the caller
        try:
            return self._tls.read(_READ_BYTES)
        except ssl.SSLWantReadError:
            return None
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""
        except ssl.SSLError as error:
            raise SilenceError("closed", f"TLS broke off: {error.reason}") from error

    def _receive(self) -> bytes:
        try:
            wait(self._connection, selectors.EVENT_READ, self._clock, self._until, self._doing)
            received = self._connection.recv(_READ_BYTES)
        except TimeoutError as error:
            raise SilenceError("no-answer", "no answer in time") from error
        except OSError as error:
            raise SilenceError("closed", "the other side broke the connection") from error
        self._left -= len(received)
        if self._left < 0:
            raise SilenceError("flood", f"more than {self._most} bytes came")
        return received

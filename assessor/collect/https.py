"""HTTPS to servers that are no target: one TLS configuration, and a watch over the time."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from pathlib import Path

from assessor.errors import UsageError


def client_context(ca_file: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or newer; the certificate and the name in it are verified, always.

    Not ``ssl.create_default_context``, which writes the keys of connections to a file where the
    environment asks for that (``SSLKEYLOGFILE``).

    Args:
        ca_file: certificates (PEM) to trust instead of the system's.

    Raises:
        UsageError: the file holds no certificates.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is None:
        context.load_default_certs()
        return context
    try:
        context.load_verify_locations(cafile=str(ca_file))
    except (OSError, ssl.SSLError):
        raise UsageError(
            f"{ca_file}: holds no certificates that can be read", mend="give a PEM file"
        ) from None
    return context


class Deadline:
    """Shuts a connection when its time is up, however slowly or fast the other side sends.

    The timeouts of a socket do not do that: each byte begins them anew, and a handshake goes on for
    as long as records come in.

    Args:
        seconds: until then.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._held: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(max(seconds, 0.0), self._shut)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._timer.cancel()
        with self._lock:
            if self._held is not None:
                self._held.close()
                self._held = None

    def hold(self, connection: socket.socket) -> None:
        """Watches over ``connection``, which is plain TCP; it may be wrapped in TLS later."""
        with self._lock:
            # A second handle: the first one is gone once the connection is wrapped.
            self._held = connection.dup()
        if self.passed:
            self._shut()

    def _shut(self) -> None:
        with self._lock:
            self.passed = True
            if self._held is not None:
                with contextlib.suppress(OSError):  # closed already
                    self._held.shutdown(socket.SHUT_RDWR)


class WatchedConnection(http.client.HTTPSConnection):
    """A connection that is watched from its first byte.

    Args:
        host: whose certificate it must show.
        port: 443 where it is ``None``.
        context: of its TLS.
        step: seconds without a byte.
        watch: ends it when the time for all of it is up.
    """

    def __init__(
        self, host: str, port: int | None, context: ssl.SSLContext, step: float, watch: Deadline
    ) -> None:
        super().__init__(host, port, context=context, timeout=step)
        self._tls = context
        self._step = step
        self._watch = watch

    def connect(self) -> None:
        """Opens it; see ``http.client``."""
        plain = socket.create_connection((self.host, self.port), self._step)
        self._watch.hold(plain)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)

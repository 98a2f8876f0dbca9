"""HTTP for pywinrm: verified TLS, own connections that end in time, answers of bounded size.

pywinrm itself is used as it is; what is here is mounted on its ``requests`` session.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import ConnectionPool, HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import BaseHTTPResponse

from assessor.collect.transports.tcp import Clock, connect, look_up
from assessor.collect.transports.watch import Guard
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Target

MOST_BYTES = 2 * 1024 * 1024
"""The largest answer taken; Windows keeps to the 150 kB that pywinrm asks for."""


def tls_context(target: Target, passphrase: Callable[[], str | None]) -> ssl.SSLContext:
    """A context that verifies, with the target's own authority and the client's certificate.

    Args:
        target: names the files.
        passphrase: asked for when the client's key is encrypted.

    Raises:
        TransportError: a file cannot be read, or is no certificate or key.
    """
    winrm = target.winrm
    try:
        context = ssl.create_default_context(cafile=winrm.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise _unreadable(winrm.ca_file, error) from None
    # A listener's own self-signed certificate may be what is trusted.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if winrm.certificate_file:
        try:
            context.load_cert_chain(
                winrm.certificate_file, winrm.key_file, lambda: passphrase() or ""
            )
        except (OSError, ssl.SSLError) as error:
            raise _unreadable(f"{winrm.certificate_file} or {winrm.key_file}", error) from None
    return context


def _unreadable(files: str, error: OSError) -> TransportError:
    return TransportError(
        Reason.SECRET_MISSING,
        f"{files} cannot be used: {error.strerror or type(error).__name__}",
        mend="see whether the files are there, are PEM, belong together, and may be read",
    )


class GuardedAdapter(HTTPAdapter):
    """Makes connections that a guard ends, and answers that cannot flood.

    Args:
        guard: the time of the target.
        context: for TLS.
        connect_s: what looking up the name and connecting may take.
    """

    def __init__(self, guard: Guard, context: ssl.SSLContext, connect_s: float) -> None:
        self._guard = guard
        self._context = context
        self._connect_s = connect_s
        self._ends = contextlib.ExitStack()
        self.sealed = False
        """From now on every answer has to be encrypted, or it may be anybody's."""
        super().__init__(max_retries=0)
        pool = _pools(self._reach)
        self.poolmanager.pool_classes_by_scheme = pool

    def close(self) -> None:
        """Ends the connections."""
        super().close()
        self._ends.close()

    def _reach(self, host: str, port: int) -> socket.socket:
        within = self._guard.left(self._connect_s)
        clock = Clock(self._guard.deadline, within, self._guard.abandoned)
        connection, _ = connect(look_up(host, port, clock), clock)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(True)
        # TLS takes the socket over; a second handle on the same connection can still end it.
        handle = socket.socket(fileno=os.dup(connection.fileno()))
        self._ends.callback(handle.close)

        def end() -> None:
            with contextlib.suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)

        self._ends.enter_context(self._guard.ending(end))
        return connection

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> ConnectionPool:
        """A pool whose TLS comes from the context, whatever ``verify`` and ``cert`` say."""
        url = request.url or ""
        secure = url.startswith("https://")
        tls = {"ssl_context": self._context} if secure else {}
        pool: ConnectionPool = self.poolmanager.connection_from_url(url, tls)
        return pool

    def cert_verify(self, conn: object, url: str, verify: object, cert: object) -> None:
        """Leaves the pool alone: see ``get_connection_with_tls_context``."""

    def build_response(
        self, req: requests.PreparedRequest, resp: BaseHTTPResponse
    ) -> requests.Response:
        """A response that is read to a bound only.

        Raises:
            TransportError: it is not encrypted and has to be. pywinrm would take it all the same.
        """
        response = _BoundedResponse()
        response.__dict__.update(super().build_response(req, resp).__dict__)
        kind = response.headers.get("Content-Type", "")
        if self.sealed and response.status_code != 401 and not kind.startswith("multipart/"):
            raise TransportError(
                Reason.PROTOCOL,
                f"the answer (HTTP status {response.status_code}) is not encrypted,"
                " so anybody may have given it",
                mend="reach the target over HTTPS: leave winrm's encryption out",
            )
        return response


class _BoundedResponse(requests.Response):
    """A response whose body may not be longer than ``MOST_BYTES``."""

    def iter_content(
        self, chunk_size: int | None = 1, decode_unicode: bool = False
    ) -> Iterator[bytes]:
        seen = 0
        for piece in super().iter_content(chunk_size, decode_unicode):
            seen += len(piece)
            if seen > MOST_BYTES:
                raise TransportError(
                    Reason.PROTOCOL,
                    "the WinRM service sends far more than it was asked for",
                    mend="see what really listens on that port",
                )
            yield piece


def _pools(reach: Callable[[str, int], socket.socket]) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return reach(self.host, self.port or 0)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return reach(self.host, self.port or 0)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}

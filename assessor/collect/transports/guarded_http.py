"""HTTP for ``requests``: own connections that end in time, answers of bounded size.

Mounted on the session of whoever speaks a protocol over HTTP with a target.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import ConnectionPool, HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import BaseHTTPResponse

from assessor.collect.transports.tcp import Clock, connect, look_up
from assessor.collect.transports.watch import Guard
from assessor.errors import TransportError
from assessor.model.capture import Reason

WRONG_NAMES = frozenset({62, 64})
"""X509_V_ERR_HOSTNAME_MISMATCH and _IP_ADDRESS_MISMATCH of OpenSSL's x509_vfy.h."""

NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"})
"""What OpenSSL calls an answer that is no TLS at all."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The largest answer taken.

    Attributes:
        passed: what is said of one that is larger.
    """

    most_bytes: int
    passed: str


class GuardedAdapter(HTTPAdapter):
    """Makes connections that a guard ends, and answers that cannot flood.

    Args:
        guard: the time of the target.
        context: for TLS.
        connect_s: what looking up the name and connecting may take.
        bound: the largest answer taken.
    """

    def __init__(
        self, guard: Guard, context: ssl.SSLContext, connect_s: float, bound: Bound
    ) -> None:
        self._guard = guard
        self._context = context
        self._connect_s = connect_s
        self._bound = bound
        self._ends = contextlib.ExitStack()
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
        """A response that is read to a bound only."""
        # One that breaks off is lost to whoever asked; its socket must not wait for the collector.
        self._ends.callback(resp.close)
        response = _BoundedResponse(self._bound)
        response.__dict__.update(super().build_response(req, resp).__dict__)
        return response


class _BoundedResponse(requests.Response):
    """A response whose body may not be longer than a bound."""

    def __init__(self, bound: Bound) -> None:
        super().__init__()
        self._limit = bound

    def iter_content(
        self, chunk_size: int | None = 1, decode_unicode: bool = False
    ) -> Iterator[bytes]:
        seen = 0
        for piece in super().iter_content(chunk_size, decode_unicode):
            seen += len(piece)
            if seen > self._limit.most_bytes:
                raise TransportError(
                    Reason.PROTOCOL,
                    self._limit.passed,
                    mend="see what really listens on that port",
                )
            yield piece


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it was made of, the innermost last."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        fault = waiting.pop(0)
        if not isinstance(fault, BaseException) or id(fault) in seen:
            continue
        seen.add(id(fault))
        yield fault
        waiting += [fault.__cause__, fault.__context__, getattr(fault, "reason", None), *fault.args]


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

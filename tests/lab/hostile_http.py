"""A web server on loopback that answers as a test tells it to, byte for byte.

::

    with scripted(endless_header) as server:
        ask("127.0.0.1", server.port)
    server.requests      # what was asked, each whole

An answer is a function of the request's path that gives the bytes to send, piece by piece; with
``issued`` they go over TLS. When it has no more, the connection is closed.
"""

from __future__ import annotations

import gzip
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.pki import Issued

Answer = Callable[[str], Iterator[bytes]]

_LOOPBACK = "127.0.0.1"
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


@dataclass(slots=True)
class Server:
    """A running server."""

    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


@contextmanager
def scripted(answer: Answer, issued: Issued | None = None) -> Iterator[Server]:
    """Runs a server that answers with ``answer`` until the block ends."""
    context = _context(issued) if issued else None
    with socket.create_server((_LOOPBACK, 0)) as listener:
        server = Server(listener.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(listener, server, answer, context))
        thread.start()
        try:
            yield server
        finally:
            server.ended.set()
            with suppress(OSError):  # wakes the accept
                socket.create_connection((_LOOPBACK, server.port), 1).close()
            thread.join()


def _context(issued: Issued) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        chain, key = Path(folder) / "chain", Path(folder) / "key"
        chain.write_bytes(issued.chain_pem)
        key.write_bytes(issued.key_pem)
        context.load_cert_chain(chain, key)
    return context


def _serve(
    listener: socket.socket, server: Server, answer: Answer, context: ssl.SSLContext | None
) -> None:
    visitors: list[threading.Thread] = []
    while True:
        connection, _ = listener.accept()
        if server.ended.is_set():
            connection.close()
            break
        server.connections += 1
        visitor = threading.Thread(target=_receive, args=(connection, server, answer, context))
        visitor.start()
        visitors.append(visitor)
    for visitor in visitors:
        visitor.join()


def _receive(
    raw: socket.socket, server: Server, answer: Answer, context: ssl.SSLContext | None
) -> None:
    raw.settimeout(5)
    with raw, suppress(OSError):
        connection = context.wrap_socket(raw, server_side=True) if context else raw
        with connection, suppress(OSError):
            request = b""
            while b"\r\n\r\n" not in request and (more := connection.recv(65_536)):
                request += more
            server.requests.append(request)
            path = request.split(b" ")[1].decode("latin-1") if b" " in request else ""
            for piece in answer(path):
                if server.ended.is_set():
                    return
                connection.sendall(piece)


def says(*pieces: bytes) -> Answer:
    """Answers every request with these bytes."""
    return lambda _path: iter(pieces)


def page(html: bytes, *headers: bytes) -> bytes:
    """A whole answer with a page."""
    more = b"".join(header + b"\r\n" for header in headers)
    length = b"Content-Length: %d\r\n" % len(html)
    return _OK + more + length + b"Connection: close\r\n\r\n" + html


def endless_header(_path: str) -> Iterator[bytes]:
    """A head that never ends."""
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"X-More: " + b"x" * 1000 + b"\r\n"


def endless_body(_path: str) -> Iterator[bytes]:
    """A page that never ends."""
    yield _OK + b"Strict-Transport-Security: max-age=31536000\r\n\r\n<p>"
    while True:
        yield b"x" * 65_536


def endless_interim(_path: str) -> Iterator[bytes]:
    """Promises of an answer, for ever."""
    while True:
        yield b"HTTP/1.1 103 Early Hints\r\nLink: </x.css>; rel=preload\r\n\r\n"


def gzip_bomb(_path: str) -> Iterator[bytes]:
    """A small answer that unpacks to 200 MB."""
    packed = gzip.compress(bytes(200_000_000), compresslevel=1)
    yield _OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed

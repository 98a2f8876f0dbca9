"""Services on loopback that misbehave, each a context manager that gives its port.

::

    with hostile_tcp(Manners.TARPIT) as service:
        connect_to("127.0.0.1", service.port)

``service.received`` holds what clients sent, to show that nothing but a handshake was.
"""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum

_LOOPBACK = "127.0.0.1"


class Manners(Enum):
    """How a service treats its visitors."""

    TARPIT = "accepts and never says a word"
    DRIP = "sends one byte now and then of something that never ends"
    GARBAGE = "answers with bytes that are no protocol's, then waits"
    CLOSE = "closes at once"
    RESET = "breaks the connection at once"
    FLOOD = "sends without end a greeting that is none"
    TLS_FLOOD = "sends without end well-formed TLS records that lead nowhere"
    PLAIN_HTTP = "speaks HTTP without encryption"


@dataclass(slots=True)
class Service:
    """A running service.

    Attributes:
        port: where it listens, on 127.0.0.1.
        received: what each visitor sent, in the order they came.
    """

    port: int
    received: list[bytearray] = field(default_factory=list)


@contextmanager
def hostile_tcp(manners: Manners) -> Iterator[Service]:
    """Runs a service with ``manners`` on a free port of loopback until the block ends."""
    ended = threading.Event()
    with socket.create_server((_LOOPBACK, 0)) as listener:
        service = Service(listener.getsockname()[1])
        thread = threading.Thread(
            target=_serve, args=(listener, manners, service, ended), daemon=True
        )
        thread.start()
        try:
            yield service
        finally:
            ended.set()
            # Wakes the accept; the listener itself is closed by the ``with``.
            with suppress(OSError):
                socket.create_connection((_LOOPBACK, service.port), 1).close()
            thread.join()


def _serve(
    listener: socket.socket, manners: Manners, service: Service, ended: threading.Event
) -> None:
    visitors: list[threading.Thread] = []
    while True:
        connection, _ = listener.accept()
        if ended.is_set():
            connection.close()
            break
        said = bytearray()
        service.received.append(said)
        visitor = threading.Thread(
            target=_receive_visitor, args=(connection, manners, said, ended), daemon=True
        )
        visitor.start()
        visitors.append(visitor)
    for visitor in visitors:
        visitor.join()


def _receive_visitor(
    connection: socket.socket, manners: Manners, said: bytearray, ended: threading.Event
) -> None:
    with connection, suppress(OSError):
        match manners:
            case Manners.CLOSE:
                return
            case Manners.RESET:
                # Lingering for no time makes the kernel send RST instead of FIN.
                linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                return
            case Manners.GARBAGE:
                connection.sendall(bytes(range(128, 256)) * 4)
            case Manners.PLAIN_HTTP:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            case Manners.FLOOD:
                _send_for_ever(connection, b"220 welcome, " + b"x" * 8192, said, ended)
                return
            case Manners.TLS_FLOOD:
                # Records of the request "hello?" (type 0), which a client has to pass over.
                hellos = b"\x16\x03\x03\x20\x00" + b"\0\0\0\0" * 2048
                _send_for_ever(connection, hellos, said, ended)
                return
            case Manners.DRIP:
                # The head of a handshake record of 16 KiB, which then comes byte by byte.
                connection.sendall(b"\x16\x03\x03\x3f\xff")
                _listen(connection, said, ended, drip=b"\x02")
                return
            case Manners.TARPIT:
                pass
        _listen(connection, said, ended)


def _send_for_ever(
    connection: socket.socket, piece: bytes, said: bytearray, ended: threading.Event
) -> None:
    connection.setblocking(False)
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
        while not ended.is_set():
            for _, event in selector.select(0.1):
                if event & selectors.EVENT_READ:
                    data = connection.recv(65_536)
                    if not data:
                        return
                    said += data
                if event & selectors.EVENT_WRITE:
                    connection.send(piece)


def _listen(
    connection: socket.socket, said: bytearray, ended: threading.Event, drip: bytes = b""
) -> None:
    """Takes what comes until the visitor leaves; sends ``drip`` each time nothing came."""
    connection.settimeout(0.05)
    while not ended.is_set():
        try:
            data = connection.recv(65_536)
        except TimeoutError:
            if drip:
                connection.sendall(drip)
            continue
        if not data:
            return
        said += data

"""The relay of the benchmark: nothing is lost or changed, and nothing is too early."""

from __future__ import annotations

import hashlib
import random
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from benchmarks.fleet_parts.relay import relay

TRIP_S = 0.05
ADDRESSES = ("127.0.0.11", "127.0.0.12")


@pytest.fixture(scope="module")
def echo() -> Iterator[int]:
    """A server on every address of loopback that greets with its address, and says all again."""
    listening = socket.create_server(("0.0.0.0", 0), backlog=16)  # noqa: S104 - see below
    port = int(listening.getsockname()[1])

    def serve() -> None:
        while True:
            try:
                peer, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(peer,), daemon=True).start()

    def answer(peer: socket.socket) -> None:
        with peer:
            peer.sendall(peer.getsockname()[0].encode() + b"\n")
            while piece := peer.recv(65_536):
                peer.sendall(piece)

    threading.Thread(target=serve, daemon=True).start()
    yield port
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


def said(connection: socket.socket, size: int) -> bytes:
    """So many bytes of what comes back."""
    received = bytearray()
    while len(received) < size:
        piece = connection.recv(65_536)
        if not piece:
            break
        received += piece
    return bytes(received)


def test_each_address_leads_to_its_own_host_and_a_round_trip_takes_its_time(echo: int) -> None:
    with relay(TRIP_S, echo, ADDRESSES) as running:
        for address in ADDRESSES:
            began = time.monotonic()
            with socket.create_connection((address, running.port), timeout=20) as connection:
                greeting = said(connection, len(address) + 1)
                greeted = time.monotonic()
                # One to connect, one for the greeting that follows it.
                assert greeted - began >= 2 * TRIP_S
                assert greeting == f"{address}\n".encode()
                connection.sendall(b"x")
                assert said(connection, 1) == b"x"
                assert time.monotonic() - greeted >= TRIP_S


def test_a_megabyte_arrives_in_order_and_the_end_arrives_too(echo: int) -> None:
    sent = random.Random(1).randbytes(1_000_000)
    with (
        relay(TRIP_S, echo, ADDRESSES[:1]) as running,
        socket.create_connection((ADDRESSES[0], running.port), timeout=20) as connection,
    ):
        said(connection, len(ADDRESSES[0]) + 1)
        threading.Thread(target=connection.sendall, args=(sent,), daemon=True).start()
        received = said(connection, len(sent))
        assert hashlib.sha256(received).digest() == hashlib.sha256(sent).digest()
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""


def test_a_host_that_is_not_there_closes_the_connection() -> None:
    with socket.socket() as nobody:
        nobody.bind((ADDRESSES[0], 0))
        port = int(nobody.getsockname()[1])
        with (
            relay(0.0, port, ADDRESSES[:1]) as running,
            socket.create_connection((ADDRESSES[0], running.port), timeout=20) as connection,
        ):
            assert connection.recv(1) == b""

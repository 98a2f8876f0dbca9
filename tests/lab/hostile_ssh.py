"""Servers that only pretend to speak SSH: what each says to whoever connects."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable


def endless_line(peer: socket.socket) -> None:
    _talk(peer, b"SSH-2.0-" + b"x" * 4096, b"x" * 4096)


def huge_packet(peer: socket.socket) -> None:
    _talk(peer, b"SSH-2.0-lab\r\n" + b"\x7f\xff\xff\xfc" + b"\0" * 4096, b"\0" * 4096)


def serve(listening: socket.socket, treat: Callable[[socket.socket], None]) -> None:
    peers = []
    while True:
        try:
            peer, _ = listening.accept()
        except OSError:
            break
        peers.append(peer)
        treat(peer)
    for peer in peers:
        peer.close()


def chatter(peer: socket.socket) -> None:
    line = b"this is not the service that you look for\r\n"
    _talk(peer, line, line * 64)


def _talk(peer: socket.socket, first: bytes, then: bytes) -> None:
    def talk() -> None:
        with contextlib.suppress(OSError):
            peer.sendall(first)
            while True:
                peer.sendall(then)

    threading.Thread(target=talk, daemon=True).start()

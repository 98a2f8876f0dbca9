"""Packets of data are put together without losing, doubling or mixing any of them."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import paramiko
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st
from paramiko.message import Message
from paramiko.packet import NeedRekeyException, Packetizer
from paramiko.ssh_exception import SSHException

from assessor.collect.transports.ssh_packets import Packets

NUMBER = 3
EOF = 96


class Peer:
    """A real sender, with the cipher of a real session, and our reader."""

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        key, first = os.urandom(16), os.urandom(12)
        self.line = far
        self.sender = Packetizer(far)
        as_paramiko_calls_it: Any = self.sender.set_outbound_cipher
        as_paramiko_calls_it(AESGCM(key), 16, None, 16, None, aead=True, iv_out=first)
        near.settimeout(30)
        self.packets = Packets(near)
        self.packets.set_inbound_cipher(
            block_engine=AESGCM(key), block_size=16, mac_engine=None, mac_size=16, mac_key=None,
            etm=False, aead=True, iv_in=first,
        )  # fmt: skip
        self.channel = paramiko.Channel(NUMBER)
        self.output: list[bytes] = []
        self.error: list[bytes] = []
        self.arrived = threading.Event()

    def take(self, output: bytes, error: bytes) -> float:
        """Keeps what is handed over."""
        self.output.append(output)
        self.error.append(error)
        self.arrived.set()
        return 0.5

    def send(self, kind: int, *, number: int = NUMBER, data: bytes = b"", code: int = 0) -> None:
        """Sends a message for a channel."""
        message = Message()
        message.add_byte(bytes([kind]))
        message.add_int(number)
        if kind == 95:
            message.add_int(code)
        if kind in {94, 95}:
            message.add_string(data)
        self.sender.send_message(message)

    def taken(self) -> tuple[bytes, bytes]:
        """What came on both outputs."""
        return b"".join(self.output), b"".join(self.error)


@contextmanager
def connected() -> Iterator[Peer]:
    near, far = socket.socketpair()
    with near, far:
        yield Peer(near, far)


Sent = tuple[int, bytes]
messages = st.lists(
    st.tuples(st.sampled_from([94, 95]), st.binary(max_size=300)), min_size=0, max_size=40
)


@given(messages)
@settings(max_examples=60, deadline=None)
def test_output_arrives_whole_and_in_order(sent: list[Sent]) -> None:
    with connected() as peer:
        peer.packets.await_output(peer.channel, peer.take)
        for kind, data in sent:
            peer.send(kind, data=data, code=1)
        peer.send(EOF)

        kind, message = peer.packets.read_message()

        assert (kind, message.get_int()) == (EOF, NUMBER)
        assert peer.taken() == (
            b"".join(data for kind, data in sent if kind == 94),
            b"".join(data for kind, data in sent if kind == 95),
        )


def test_what_has_come_is_handed_over_before_more_is_awaited() -> None:
    with connected() as peer:
        peer.packets.await_output(peer.channel, peer.take)
        reader = threading.Thread(target=peer.packets.read_message, daemon=True)
        reader.start()
        peer.send(94, data=b"first")

        assert peer.arrived.wait(30)
        assert peer.taken() == (b"first", b"")
        peer.send(EOF)
        reader.join(30)
        assert not reader.is_alive()


@pytest.mark.parametrize(
    ("kind", "number", "code"), [(94, NUMBER + 1, 0), (95, NUMBER, 2), (95, NUMBER + 1, 1)]
)
def test_other_output_is_left_to_paramiko(kind: int, number: int, code: int) -> None:
    with connected() as peer:
        peer.packets.await_output(peer.channel, peer.take)
        peer.send(kind, number=number, data=b"other", code=code)

        assert peer.packets.read_message()[0] == kind
        assert peer.taken() == (b"", b"")


def test_nothing_is_handed_over_that_is_not_awaited() -> None:
    with connected() as peer:
        peer.send(94, data=b"early")

        kind, message = peer.packets.read_message()

        assert (kind, message.get_int(), message.get_binary()) == (94, NUMBER, b"early")
        assert peer.taken() == (b"", b"")


def test_a_false_length_inside_is_refused() -> None:
    with connected() as peer:
        peer.packets.await_output(peer.channel, peer.take)
        message = Message()
        message.add_byte(bytes([94]))
        message.add_int(NUMBER)
        message.add_int(1_000_000)
        message.add_bytes(b"short")
        peer.sender.send_message(message)

        with pytest.raises(SSHException, match="not of the length"):
            peer.packets.read_message()


@pytest.mark.parametrize("size", [0, 11, 2**20, 2**32 - 1])
def test_a_false_length_outside_is_refused(size: int) -> None:
    with connected() as peer:
        peer.line.sendall(size.to_bytes(4, "big") + b"x" * 64)

        with pytest.raises(SSHException, match="length that is not allowed"):
            peer.packets.read_message()


def test_a_changed_packet_is_refused() -> None:
    with connected() as peer, connected() as other:
        other.send(94, data=b"for somebody else")
        peer.line.sendall(other.packets._line.recv(1000))
        peer.packets.await_output(peer.channel, peer.take)

        with pytest.raises(InvalidTag):
            peer.packets.read_message()
        assert peer.taken() == (b"", b"")


def test_new_keys_are_asked_for_once_and_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Packets, "REKEY_BYTES", 20_000)
    with connected() as peer:
        peer.packets.await_output(peer.channel, peer.take)
        for letter in (b"a", b"b", b"c"):
            peer.send(94, data=letter * 10_000)
        peer.send(EOF)

        with pytest.raises(NeedRekeyException):
            peer.packets.read_message()
        assert peer.packets.need_rekey()
        kind, _ = peer.packets.read_message()

        assert kind == EOF
        assert peer.taken()[0] == b"a" * 10_000 + b"b" * 10_000 + b"c" * 10_000


def test_a_peer_that_gives_no_new_keys_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Packets, "REKEY_BYTES", 20_000)
    with connected() as peer:
        for _ in range(5):
            peer.send(94, data=b"x" * 10_000)

        with pytest.raises(SSHException, match="no new keys"):
            for _ in range(5):
                peer.packets.read_message()

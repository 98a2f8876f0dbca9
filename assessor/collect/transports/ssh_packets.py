"""Takes an SSH server's packets in: paramiko's reader, bounded, and quick where much comes in.

A script's output comes in many small packets. To take them in is most of the work of collecting
from many hosts at once, so that is done here in one go: with AES-GCM, which OpenSSH offers by
default, packets of data for one channel are put together and handed over as one piece. Packets are
as RFC 4253 (section 6), RFC 4254 (section 5.2) and RFC 5647 (section 7) have them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

import paramiko
from paramiko.message import Message
from paramiko.packet import NeedRekeyException, Packetizer
from paramiko.ssh_exception import SSHException

_LONGEST_PACKET = 1024 * 1024  # four times what OpenSSH itself sends or takes
_SHORTEST_PACKET = 16  # RFC 4253, 6: with its length; less cannot even hold the padding
_LONGEST_GREETING = 64 * 1024
_READ_AHEAD = 64 * 1024
_LENGTH_FAULT = "a packet of a length that is not allowed"
_TAG = 16
_LENGTH = 4
_DATA, _EXTENDED_DATA = 94, 95
_STANDARD_ERROR = (1).to_bytes(4, "big")
_COUNTER = 2**64
# Packets that come close together are looked at in one go: that saves most of the switching between
# threads. The longer a script has taken, the less it matters that an answer is seen a little later;
# its end is seen in time, by how much is left.
_GATHER_S, _GATHER_PART, _GATHER_MOST_S = 0.02, 0.25, 0.25
_TRICKLE = 16 * 1024


Take = Callable[[bytes, bytes], float]
"""Takes what came on standard output and standard error; gives the share that is still to come."""


class _Cipher(Protocol):
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """What was encrypted; raises where it was tampered with."""


class _Gcm:
    """AES-GCM for what comes in: RFC 5647, 7.1."""

    def __init__(self, cipher: _Cipher, first: bytes) -> None:
        self._cipher = cipher
        self._fixed = first[:4]
        self._counter = int.from_bytes(first[4:], "big")

    def opened(self, packet: bytes, length: bytes) -> bytes:
        """The payload of the next packet."""
        nonce = self._fixed + self._counter.to_bytes(8, "big")
        clear = self._cipher.decrypt(nonce, packet, length)
        self._counter = (self._counter + 1) % _COUNTER
        payload = clear[1 : len(clear) - clear[0]]
        if not payload:
            raise SSHException("a packet without a message")
        return payload


class Packets(Packetizer):
    """Paramiko's packet reader, with limits to what a peer may make it keep.

    It reads ahead: most packets are small, and every call to the kernel lets go of the
    interpreter's lock, which many threads then have to queue for again.
    """

    def __init__(self, line: Any) -> None:
        super().__init__(line)
        self._line = line
        self._ahead = b""
        self._at = 0
        self._trickle = False
        self._gcm: _Gcm | None = None
        self._taken = 0
        self._received_bytes = 0
        self._rekey_due = False
        self._awaited: tuple[Take, bytes, bytes] | None = None
        self._since = 0.0
        self._left = 1.0

    def await_output(self, channel: paramiko.Channel, take: Take) -> None:
        """From now on ``take`` takes the output of ``channel``, and nothing else hurries."""
        number = channel.chanid.to_bytes(4, "big")
        plain, extended = bytes([_DATA]) + number, bytes([_EXTENDED_DATA]) + number
        self._since, self._left = time.monotonic(), 1.0
        self._awaited = take, plain, extended + _STANDARD_ERROR

    # -- called by paramiko ----------------------------------------------------------------

    def set_inbound_cipher(self, **cipher: Any) -> None:  # type: ignore[override]
        """From now on the peer encrypts so."""
        super().set_inbound_cipher(**cipher)
        self._received_bytes = 0
        self._gcm = _Gcm(cipher["block_engine"], cipher["iv_in"]) if cipher["aead"] else None

    def start_handshake(self, timeout: float) -> None:
        """Starts no timer: the session's guard watches over every step."""

    def readline(self, timeout: float) -> str:
        """A line of the greeting, without its end."""
        del timeout
        while (end := self._ahead.find(b"\n", self._at)) < 0:
            if len(self._ahead) - self._at > _LONGEST_GREETING:
                raise SSHException("no greeting of an SSH server")
            self._read_on(check_rekey=False)
        line, self._at = self._ahead[self._at : end], end + 1
        return line.removesuffix(b"\r").decode("utf-8", "replace")

    def read_all(self, n: int, check_rekey: bool = False) -> bytes:
        """Reads exactly ``n`` bytes."""
        self._await(n, check_rekey=check_rekey)
        data = self._ahead[self._at : self._at + n]
        self._at += n
        return data

    def read_message(self) -> tuple[int, Message]:
        """The next message that is not output of the channel whose output is awaited."""
        if self._gcm is None:
            return super().read_message()
        payload = self._payload(self._gcm)
        if self._awaited is not None:
            payload = self._first_other(self._gcm, *self._awaited, payload)
        other = Message(payload[1:])
        other.seqno = self._taken & 0xFFFFFFFF
        return payload[0], other

    # --------------------------------------------------------------------------------------

    def _await(self, n: int, *, check_rekey: bool = False) -> None:
        """Reads on until ``n`` bytes lie ready."""
        if not 0 <= n <= _LONGEST_PACKET:
            raise SSHException(_LENGTH_FAULT)
        while len(self._ahead) - self._at < n:
            self._read_on(check_rekey=check_rekey and self._at == len(self._ahead))

    def _payload(self, gcm: _Gcm) -> bytes:
        self._await(_LENGTH, check_rekey=True)
        length = self._ahead[self._at : self._at + _LENGTH]
        size = int.from_bytes(length, "big")
        if size < _SHORTEST_PACKET - _LENGTH:
            raise SSHException(_LENGTH_FAULT)
        self._await(_LENGTH + size + _TAG)
        start, end = self._at + _LENGTH, self._at + _LENGTH + size + _TAG
        payload = gcm.opened(self._ahead[start:end], length)
        self._at = end
        self._taken += 1
        self._count(size)
        return payload

    def _first_other(
        self, gcm: _Gcm, take: Take, plain: bytes, extended: bytes, payload: bytes
    ) -> bytes:
        """Hands over the output that has come; gives the first message that is something else."""
        output: list[bytes] = []
        error: list[bytes] = []
        try:
            while True:
                if payload.startswith(plain):
                    output.append(_told(payload, len(plain)))
                elif payload.startswith(extended):
                    error.append(_told(payload, len(extended)))
                else:
                    return payload
                if not self._has_next():
                    self._hand_over(take, output, error)
                if self._rekey_due:
                    self._rekey_due = False
                    raise NeedRekeyException
                payload = self._payload(gcm)
        finally:
            self._hand_over(take, output, error)

    def _hand_over(self, take: Take, output: list[bytes], error: list[bytes]) -> None:
        if output or error:
            self._left = take(b"".join(output), b"".join(error))
            output.clear()
            error.clear()

    def _has_next(self) -> bool:
        """Whether a whole packet lies ready."""
        size = int.from_bytes(self._ahead[self._at : self._at + _LENGTH], "big")
        return len(self._ahead) - self._at >= _LENGTH + size + _TAG

    def _count(self, size: int) -> None:
        """New keys are due after so many bytes; a peer that gives none for as many is left."""
        self._received_bytes += size
        if self._received_bytes >= 2 * self.REKEY_BYTES:
            raise SSHException("no new keys, although they were asked for")
        if self._received_bytes >= self.REKEY_BYTES and not self.need_rekey():
            self._trigger_rekey()  # type: ignore[attr-defined]
            self._rekey_due = True

    def _read_on(self, *, check_rekey: bool) -> None:
        # When nothing is left but the end, whoever waits for that wants to go on.
        if self._awaited is not None and self._trickle and self._left > 0:
            gone, left = time.monotonic() - self._since, self._left
            to_come = gone * left / (1 - left) if left < 1 else gone
            pause = min(gone * _GATHER_PART, to_come)
            time.sleep(min(max(pause, _GATHER_S), _GATHER_MOST_S))
        try:
            piece = self._line.recv(_READ_AHEAD)
        except TimeoutError:
            if self.closed:
                raise EOFError from None
            if check_rekey and self.need_rekey():
                raise NeedRekeyException from None
            return
        if not piece:
            raise EOFError
        self._ahead = self._ahead[self._at :] + piece
        self._at = 0
        self._trickle = len(piece) < _TRICKLE


def _told(payload: bytes, start: int) -> bytes:
    """The string that stands in ``payload`` from ``start`` to the end."""
    size = int.from_bytes(payload[start : start + 4], "big")
    if size != len(payload) - start - 4:
        raise SSHException("a packet that is not of the length that it says")
    return payload[start + 4 :]

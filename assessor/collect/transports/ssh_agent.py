"""Speaks with the user's SSH agent (draft-miller-ssh-agent), with a limit on every wait."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from paramiko.message import Message

_REQUEST_IDENTITIES = 11
_IDENTITIES_ANSWER = 12
_SIGN_REQUEST = 13
_SIGN_RESPONSE = 14
_FLAGS = {"rsa-sha2-256": 2, "rsa-sha2-512": 4}
_LONGEST = 256 * 1024  # OpenSSH's own limit of an agent's message
_MOST_KEYS = 2048
_LIST_WITHIN_S = 5.0


class AgentError(Exception):
    """The agent did not do what it was asked for."""


@dataclass(frozen=True, slots=True)
class AgentKey:
    """A key that the agent holds: its public half in wire format, and its comment."""

    blob: bytes
    comment: str


class Agent:
    """The agent behind ``$SSH_AUTH_SOCK``; safe to use from several threads."""

    def __init__(self, path: str | None = None) -> None:
        self._path = os.environ.get("SSH_AUTH_SOCK", "") if path is None else path

    def keys(self) -> tuple[AgentKey, ...]:
        """The keys it holds; none where there is no agent or it does not answer."""
        if not self._path:
            return ()
        try:
            answer = self._ask(bytes([_REQUEST_IDENTITIES]), _LIST_WITHIN_S)
            if answer.get_byte() != bytes([_IDENTITIES_ANSWER]):
                return ()
            count = min(answer.get_int(), _MOST_KEYS)
            found = [(answer.get_binary(), answer.get_binary()) for _ in range(count)]
        except (OSError, AgentError, struct.error):
            return ()
        return tuple(AgentKey(blob, note.decode("utf-8", "replace")) for blob, note in found)

    def sign(self, blob: bytes, data: bytes, algorithm: str, within_s: float) -> bytes:
        """The signature in wire format.

        Args:
            blob: the key, as ``keys`` gave it.
            data: what is to be signed.
            algorithm: the public-key algorithm, without the suffix of a certificate.
            within_s: how long the agent may take; it may ask its owner first.

        Raises:
            AgentError: it refused, was too slow, or is gone.
        """
        message = Message()
        message.add_byte(bytes([_SIGN_REQUEST]))
        message.add_string(blob)
        message.add_string(data)
        message.add_int(_FLAGS.get(algorithm, 0))
        try:
            answer = self._ask(message.asbytes(), within_s)
        except OSError as error:
            raise AgentError(error.strerror or "no answer") from error
        if answer.get_byte() != bytes([_SIGN_RESPONSE]):
            raise AgentError("it refused to sign")
        return answer.get_binary()

    def _ask(self, request: bytes, within_s: float) -> Message:
        with self._connected(within_s) as agent:
            agent.sendall(struct.pack(">I", len(request)) + request)
            (length,) = struct.unpack(">I", _exactly(agent, 4))
            if length > _LONGEST:
                raise AgentError("its answer is too long")
            return Message(_exactly(agent, length))

    @contextlib.contextmanager
    def _connected(self, within_s: float) -> Iterator[socket.socket]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
            agent.settimeout(within_s)
            agent.connect(self._path)
            yield agent


def _exactly(agent: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = agent.recv(count - len(data))
        if not piece:
            raise AgentError("it closed the connection")
        data += piece
    return data

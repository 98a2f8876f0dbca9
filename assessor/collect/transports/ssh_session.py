"""An SSH session: paramiko's transport, made strict about host keys, peers and time."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from typing import Protocol

import paramiko
from paramiko.kex_curve25519 import KexCurve25519
from paramiko.message import Message
from paramiko.ssh_exception import IncompatiblePeer, SSHException

from assessor.collect.transports.host_certificates import SUFFIX
from assessor.collect.transports.ssh_packets import Packets, Take
from assessor.collect.transports.watch import Guard
from assessor.errors import TransportError
from assessor.model.capture import Reason

_MOST_TEXT = 200
_JOIN_S = 5.0

# What paramiko logs may quote what a peer says, and is of no use to our users.
logging.getLogger("paramiko").setLevel(logging.CRITICAL + 1)


class HostKeys(Protocol):
    """Decides which host keys are good."""

    @property
    def algorithms(self) -> Sequence[str]:
        """The host key algorithms to offer, the most wanted first."""

    def check(self, blob: bytes) -> None:
        """Returns if the host key, in wire format, is good; raises ``TransportError``."""


class ChannelSocket:
    """A channel through a jump host, as paramiko's transport wants its socket."""

    def __init__(self, channel: paramiko.Channel) -> None:
        self._channel = channel

    def send(self, data: bytes) -> int:
        """Sends some of ``data``; gives how much."""
        return self._channel.send(data)

    def recv(self, count: int) -> bytes:
        """At most ``count`` bytes; none at the end."""
        return self._channel.recv(count)

    def settimeout(self, seconds: float | None) -> None:
        """Limits ``send`` and ``recv``."""
        self._channel.settimeout(seconds)

    def close(self) -> None:
        """Closes the channel."""
        self._channel.close()

    def shutdown(self, how: int) -> None:
        """Makes a waiting ``recv`` return; sends nothing, so it never waits itself."""
        del how
        self._channel.in_buffer.close()


Line = socket.socket | ChannelSocket


def plain(text: str | bytes, most: int = _MOST_TEXT) -> str:
    """What a peer said, made fit to show: one line, no control characters, not too long."""
    if isinstance(text, bytes):
        text = text[: most * 4].decode("utf-8", "replace")
    shown = "".join(c if c.isprintable() else " " for c in text)
    words = " ".join(shown.split())
    return words if len(words) <= most else f"{words[:most]}..."


class Session(paramiko.Transport):
    """A connection to an SSH server.

    Args:
        line: a connected socket, or a channel through a jump host; the session closes it.
        host_keys: decides whether the server is the right one, before anything is said to it.
    """

    # What OpenSSH's client offers by default, as far as paramiko knows it: no CBC, 3DES or MD5.
    # AES-GCM comes first: it needs the least work.
    _preferred_ciphers = (
        "aes128-gcm@openssh.com",
        "aes256-gcm@openssh.com",
        "aes128-ctr",
        "aes192-ctr",
        "aes256-ctr",
    )
    _preferred_macs = (
        "hmac-sha2-256-etm@openssh.com",
        "hmac-sha2-512-etm@openssh.com",
        "hmac-sha2-256",
        "hmac-sha2-512",
        "hmac-sha1",
    )
    # RFC 8731 gave the method a name of its own; paramiko knows the older one only.
    _kex_info = {  # noqa: RUF012 - as paramiko's
        **paramiko.Transport._kex_info,  # type: ignore[attr-defined]
        "curve25519-sha256": KexCurve25519,
    }
    _preferred_kex = (
        *paramiko.Transport._preferred_kex,  # type: ignore[attr-defined]
        "curve25519-sha256",
    )
    # Idle sessions wake up this often, in seconds. They need not: ``end`` wakes them.
    _active_check_timeout = 5.0

    def __init__(self, line: Line, host_keys: HostKeys) -> None:
        super().__init__(line, packetizer_class=Packets)  # type: ignore[arg-type]
        self._line = line
        self._packets: Packets = self.packetizer  # type: ignore[assignment]
        self._host_keys = host_keys
        self._first_key: bytes | None = None
        self.farewell = ""
        """What the server said when it hung up; empty when it said nothing."""
        self._told: list[str] = []
        self.banner_timeout = 3600.0  # the guard has the limit that counts

    @property
    def preferred_keys(self) -> Sequence[str]:
        """The host key algorithms to offer."""
        return self._host_keys.algorithms

    def told(self, secret: str) -> None:
        """Remembers a secret that the server was told: it might say it back."""
        self._told.append(secret)

    def without_secrets(self, text: str) -> str:
        """``text`` without any secret that the server was told."""
        for secret in self._told:
            text = text.replace(secret, "***").replace(plain(secret), "***")
        return text

    def end(self) -> None:
        """Breaks the connection off; every call that waits on it returns. Does not wait itself."""
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Breaks the connection off and waits until its thread has seen that."""
        self.end()
        if self.ident is not None:
            # Closed before the thread is gone, the descriptor could be another connection's.
            self.join(_JOIN_S)
        self.active = False
        self._line.close()

    def greet(self, guard: Guard, at_most: float) -> None:
        """Exchanges greetings and keys, and checks the host key.

        Raises:
            TransportError: the server did not, or is not the right one. That it hung up may pass:
                so does one with more connections than its MaxStartups (sshd_config(5)).
        """
        guard.step("waiting for the SSH greeting and keys", at_most)
        done = threading.Event()
        try:
            with self.translated(guard, "exchanging keys"):
                self.start_client(event=done)
                while not done.wait(1.0):
                    guard.check()
                if not self.is_active():
                    raise self.get_exception() or EOFError
        except TransportError as error:
            error.passing = error.reason is Reason.DROPPED
            raise

    def only_listen(self, channel: paramiko.Channel, take: Take) -> None:
        """From now on the output of ``channel`` is awaited, and nothing that hurries.

        What comes is given to ``take``; some of it may still lie in the channel's buffers.
        """
        self._packets.await_output(channel, take)

    @contextlib.contextmanager
    def translated(self, guard: Guard, doing: str) -> Iterator[None]:
        """Turns whatever a peer makes paramiko raise into a ``TransportError``."""
        try:
            yield
        except TransportError:
            raise
        except Exception as error:
            if guard.verdict is not None:
                raise guard.verdict from error
            raise self._fault(error, doing) from error

    def _fault(self, error: Exception, doing: str) -> TransportError:
        if self.farewell:
            said = self.without_secrets(self.farewell)
            return TransportError(
                Reason.DROPPED, f"the server hung up while {doing}, saying: {said}"
            )
        if isinstance(error, IncompatiblePeer):
            return TransportError(
                Reason.PROTOCOL,
                f"no common cryptography with the server: {plain(str(error))}",
                mend="let the server offer what OpenSSH offers by default; a device too old for"
                " that can be assessed from its exported configuration (file: in the inventory)",
            )
        # Paramiko wraps what went wrong with the greeting.
        if isinstance(error, EOFError | OSError) or isinstance(
            error.__context__, EOFError | OSError
        ):
            return TransportError(Reason.DROPPED, f"the connection broke off while {doing}")
        what = self.without_secrets(plain(str(error))) or type(error).__name__
        return TransportError(Reason.PROTOCOL, f"not understood while {doing}: {what}")

    # -- called by paramiko, in its own thread ---------------------------------------------

    def _verify_key(self, host_key: bytes, sig: bytes) -> None:
        # Checked before paramiko checks the signature: a key of another kind than was agreed on,
        # or signed in another way, must not slip through.
        agreed = str(self.host_key_type)
        kind = Message(host_key).get_text()
        wanted = agreed.replace("rsa-sha2-512", "ssh-rsa").replace("rsa-sha2-256", "ssh-rsa")
        if kind != wanted or Message(sig).get_text() != agreed.removesuffix(SUFFIX):
            raise SSHException("a host key of another kind than was agreed on")
        super()._verify_key(host_key, sig)  # type: ignore[misc]
        if self._first_key is None:
            self._host_keys.check(host_key)
            self._first_key = host_key
        elif host_key != self._first_key:
            raise SSHException("another host key in the middle of the session")

    def _parse_disconnect(self, message: Message) -> None:
        with contextlib.suppress(ValueError, struct.error):
            message.get_int()
            self.farewell = plain(message.get_binary()) or "nothing"

    def _parse_debug(self, message: Message) -> None:
        """Nothing: paramiko would only put it into words for its log."""

    def _log(self, level: int, msg: object, *args: object) -> None:
        """Nothing: see above."""

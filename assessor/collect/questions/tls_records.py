"""The first flight of a TLS handshake: writes hellos, reads what a server answers to them.

No key is derived here and nothing is believed: what stands in clear in an answer is taken apart
(RFC 8446 for TLS 1.3, RFC 5246 for 1.2, RFC 2246 and 6101 for what came before, and for SSL 2.0
the appendix of RFC 6101 and Hickman's draft of 1995). Every length that the other side states is
checked against what is there, and a reader holds ``MOST_BYTES`` at most.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from assessor.collect.questions.tls_offers_names import SSL2, SSL3, TLS10, TLS12, TLS13

MOST_BYTES = 262_144
"""Of one answer. OpenSSL takes 100 KiB of certificates; what goes on beyond this is a flood."""

_MOST_RECORD = 16_384 + 2_048

ALERT, HANDSHAKE = 21, 22

SERVER_HELLO = 2
CERTIFICATE = 11
SERVER_KEY_EXCHANGE = 12
CERTIFICATE_REQUEST = 13
SERVER_HELLO_DONE = 14
CERTIFICATE_STATUS = 22

SERVER_NAME = 0
STATUS_REQUEST = 5
_SUPPORTED_GROUPS = 10
_POINT_FORMATS = 11
_SIGNATURE_ALGORITHMS = 13
ALPN = 16
_PADDING = 21
EXTENDED_MASTER_SECRET = 23
_SUPPORTED_VERSIONS = 43
_PSK_MODES = 45
_KEY_SHARE = 51
RENEGOTIATION = 0xFF01

_RENEGOTIATION_SCSV = 0x00FF

PROTOCOL_VERSION_ALERT = 70

# The random of a ServerHello that asks for another key share (RFC 8446, 4.1.3).
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


class MalformedError(Exception):
    """The other side sent what is no TLS."""


@dataclass(frozen=True, slots=True)
class Hello:
    """What a client offers.

    Attributes:
        version: the newest version that is offered; it alone is, in TLS 1.3.
        suites: cipher suites, in the client's order.
        groups: key exchange groups, in the client's order.
        signatures: signature schemes; sent from TLS 1.2 on.
        server_name: for SNI; empty for none.
        protocols: for ALPN.
        compressions: numbers of compression methods.
        status: asks for a stapled OCSP response.
        shares: key shares by group; TLS 1.3 allows none, which makes a server name its group.
    """

    version: int
    suites: tuple[int, ...]
    groups: tuple[int, ...] = ()
    signatures: tuple[int, ...] = ()
    server_name: str = ""
    protocols: tuple[str, ...] = ()
    compressions: tuple[int, ...] = (0,)
    status: bool = False
    shares: Mapping[int, bytes] = field(default_factory=dict)

    def message(self) -> bytes:
        """The handshake message."""
        suites = self.suites if self.version >= TLS13 else (*self.suites, _RENEGOTIATION_SCSV)
        body = (
            struct.pack("!H", min(self.version, TLS12))
            + os.urandom(32)
            + _sized(os.urandom(32) if self.version >= TLS13 else b"", 1)
            + _sized(_numbers(suites), 2)
            + _sized(bytes(self.compressions), 1)
        )
        extensions = b"" if self.version == SSL3 else self._extensions()
        # Some servers hang at a hello of 256 to 511 bytes: RFC 7685 fills it up.
        length = len(body) + 6 + len(extensions)
        if extensions and 256 <= length < 512:
            extensions += _extension(_PADDING, bytes(max(0, 512 - length - 4)))
        if extensions:
            body += _sized(extensions, 2)
        return b"\x01" + _sized(body, 3)

    def record(self) -> bytes:
        """The message in a record, as it goes over the wire."""
        return record(HANDSHAKE, self.message(), SSL3 if self.version == SSL3 else TLS10)

    def _extensions(self) -> bytes:
        parts = []
        if self.server_name:
            name = b"\0" + _sized(self.server_name.encode("ascii"), 2)
            parts.append(_extension(SERVER_NAME, _sized(name, 2)))
        if self.groups:
            parts.append(_extension(_SUPPORTED_GROUPS, _sized(_numbers(self.groups), 2)))
            parts.append(_extension(_POINT_FORMATS, b"\x01\x00"))
        if self.signatures and self.version >= TLS12:
            parts.append(_extension(_SIGNATURE_ALGORITHMS, _sized(_numbers(self.signatures), 2)))
        if self.protocols:
            names = b"".join(_sized(name.encode("ascii"), 1) for name in self.protocols)
            parts.append(_extension(ALPN, _sized(names, 2)))
        if self.status:
            parts.append(_extension(STATUS_REQUEST, b"\x01\x00\x00\x00\x00"))
        if self.version < TLS13:
            parts.append(_extension(EXTENDED_MASTER_SECRET, b""))
        else:
            shares = b"".join(
                struct.pack("!H", group) + _sized(key, 2) for group, key in self.shares.items()
            )
            parts += [
                _extension(_SUPPORTED_VERSIONS, _sized(_numbers((self.version,)), 1)),
                _extension(_PSK_MODES, b"\x01\x01"),
                _extension(_KEY_SHARE, _sized(shares, 2)),
            ]
        return b"".join(parts)


def ssl2_hello(suites: Iterable[int]) -> bytes:
    """A hello of SSL 2.0."""
    specs = b"".join(struct.pack("!I", code)[1:] for code in suites)
    body = b"\x01" + struct.pack("!HHHH", SSL2, len(specs), 0, 16) + specs + os.urandom(16)
    return struct.pack("!H", 0x8000 | len(body)) + body


def record(kind: int, payload: bytes, version: int = TLS12) -> bytes:
    """One record."""
    return struct.pack("!BH", kind, version) + _sized(payload, 2)


@dataclass(frozen=True, slots=True)
class ServerHello:
    """What the server chose.

    Attributes:
        version: as agreed on (the extension of TLS 1.3 taken into account).
        suite: the cipher suite.
        compression: the compression method.
        extensions: the raw contents, by number.
        retry: it is a HelloRetryRequest of TLS 1.3.
    """

    version: int
    suite: int
    compression: int
    extensions: Mapping[int, bytes]
    retry: bool = False

    @property
    def group(self) -> int | None:
        """The group of the key share that is sent or, in a retry, asked for."""
        share = self.extensions.get(_KEY_SHARE, b"")
        return struct.unpack_from("!H", share)[0] if len(share) >= 2 else None

    @property
    def share(self) -> bytes:
        """The server's key share."""
        return _taken(self.extensions.get(_KEY_SHARE, b"")[2:], 2)[0]

    @property
    def protocol(self) -> str | None:
        """The application protocol that was chosen, in a hello up to TLS 1.2."""
        return chosen_protocol(self.extensions)


def chosen_protocol(extensions: Mapping[int, bytes]) -> str | None:
    """The application protocol that a server's ALPN extension names."""
    if ALPN not in extensions:
        return None
    names, _ = _taken(extensions[ALPN], 2)
    return _taken(names, 1)[0].decode("ascii", "replace")


@dataclass(frozen=True, slots=True)
class KeyExchange:
    """The parameters of an ephemeral key exchange.

    Attributes:
        group: the named curve; ``None`` for another kind.
        prime: of a Diffie-Hellman exchange.
        generator: of a Diffie-Hellman exchange.
        signature: the scheme it is signed with; ``None`` before TLS 1.2 or where unsigned.
    """

    group: int | None = None
    prime: bytes = b""
    generator: bytes = b""
    signature: int | None = None


@dataclass(frozen=True, slots=True)
class Ssl2Hello:
    """A server's hello of SSL 2.0."""

    suites: tuple[int, ...]
    certificate: bytes


class Reader:
    """Takes an answer in as it comes: records, and the handshake messages inside them.

    Attributes:
        received: bytes so far.
        alert: the description of a fatal alert, once one came.
        messages: handshake messages, by type; the first of each.
    """

    def __init__(self) -> None:
        self.received = 0
        self.alert: int | None = None
        self.messages: dict[int, bytes] = {}
        self._records = Records()
        self._handshake = bytearray()

    def feed(self, data: bytes) -> None:
        """Takes ``data`` in.

        Raises:
            MalformedError: it is no TLS, or too much of it.
        """
        self.received += len(data)
        if self.received > MOST_BYTES:
            raise MalformedError(f"more than {MOST_BYTES} bytes without a handshake")
        for kind, payload in self._records.feed(data):
            if kind == ALERT:
                self._take_alert(payload)
            elif kind == HANDSHAKE and not self._encrypted:
                self._handshake += payload
                self._take_messages()
            # Another kind can only be what follows a hello of TLS 1.3, which is encrypted.
            elif SERVER_HELLO not in self.messages:
                raise MalformedError(f"a record of type {kind} where a hello belongs")

    @property
    def _encrypted(self) -> bool:
        hello = self.hello
        return hello is not None and hello.version >= TLS13 and not hello.retry

    @property
    def hello(self) -> ServerHello | None:
        """The server's hello, once it came."""
        body = self.messages.get(SERVER_HELLO)
        return None if body is None else read_server_hello(body)

    def _take_alert(self, payload: bytes) -> None:
        if len(payload) != 2 or payload[0] not in (1, 2):
            # An encrypted one is longer; nothing that is awaited comes after it.
            if SERVER_HELLO in self.messages:
                return
            raise MalformedError("an alert that is none")
        # A warning (such as one about the server name) does not end a handshake.
        if payload[0] == 2 or payload[1] == 0:
            self.alert = payload[1]

    def _take_messages(self) -> None:
        while len(self._handshake) >= 4:
            kind, length = self._handshake[0], int.from_bytes(self._handshake[1:4], "big")
            if length > MOST_BYTES:
                raise MalformedError("a message that is too long")
            if len(self._handshake) < 4 + length:
                return
            body = bytes(self._handshake[4 : 4 + length])
            del self._handshake[: 4 + length]
            if kind == SERVER_HELLO:
                read_server_hello(body)
            elif kind != 0 and SERVER_HELLO not in self.messages:
                raise MalformedError(f"a message of type {kind} where a hello belongs")
            self.messages.setdefault(kind, body)


class Records:
    """Cuts a stream into records."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The records that are whole now: type and contents.

        Raises:
            MalformedError: what comes is no record.
        """
        self._rest += data
        while len(self._rest) >= 5:
            kind, major, length = self._rest[0], self._rest[1], self._rest[3] << 8 | self._rest[4]
            if not 20 <= kind <= 24 or major != 3 or length > _MOST_RECORD:
                raise MalformedError("what came is no TLS record")
            if len(self._rest) < 5 + length:
                return
            payload = bytes(self._rest[5 : 5 + length])
            del self._rest[: 5 + length]
            yield kind, payload
        if self._rest and not 20 <= self._rest[0] <= 24:
            raise MalformedError("what came is no TLS record")


def read_server_hello(body: bytes) -> ServerHello:
    """A server's hello, from the contents of its message.

    Raises:
        MalformedError: it is none.
    """
    if len(body) < 38:
        raise MalformedError("a server hello that is too short")
    version = struct.unpack_from("!H", body)[0]
    random = body[2:34]
    _, rest = _taken(body[34:], 1)
    if len(rest) < 3:
        raise MalformedError("a server hello that is too short")
    suite, compression = struct.unpack_from("!HB", rest)
    extensions = read_extensions(rest[3:])
    selected = extensions.get(_SUPPORTED_VERSIONS, b"")
    if len(selected) == 2:
        version = struct.unpack("!H", selected)[0]
    return ServerHello(version, suite, compression, extensions, random == _RETRY)


def read_extensions(data: bytes) -> dict[int, bytes]:
    """A block of extensions with its length before it; there may be none at all.

    Raises:
        MalformedError: a length is not true.
    """
    if not data:
        return {}
    rest, _ = _taken(data, 2)
    found = {}
    while rest:
        if len(rest) < 4:
            raise MalformedError("an extension that is cut off")
        number = struct.unpack_from("!H", rest)[0]
        found[number], rest = _taken(rest[2:], 2)
    return found


def read_certificates(body: bytes) -> tuple[bytes, ...]:
    """The certificates (DER) of a message up to TLS 1.2.

    Raises:
        MalformedError: a length is not true.
    """
    rest, _ = _taken(body, 3)
    found = []
    while rest:
        one, rest = _taken(rest, 3)
        found.append(one)
    return tuple(found)


def read_status(body: bytes) -> bytes:
    """The OCSP response of a message or an extension that staples one.

    Raises:
        MalformedError: a length is not true.
    """
    if not body or body[0] != 1:
        raise MalformedError("a certificate status of another kind")
    return _taken(body[1:], 3)[0]


def read_key_exchange(body: bytes, kind: str, version: int) -> KeyExchange:
    """The server's key exchange message of a suite of ``kind`` (``ecdhe`` or ``dhe``).

    Raises:
        MalformedError: a length is not true.
    """
    if kind == "ecdhe":
        # Named curves alone are read; nobody sends a curve spelt out.
        if len(body) < 3 or body[0] != 3:
            raise MalformedError("a key exchange on an unnamed curve")
        group = struct.unpack_from("!H", body, 1)[0]
        _, rest = _taken(body[3:], 1)
        return KeyExchange(group=group, signature=_signature(rest, version))
    prime, rest = _taken(body, 2)
    generator, rest = _taken(rest, 2)
    _, rest = _taken(rest, 2)
    return KeyExchange(prime=prime, generator=generator, signature=_signature(rest, version))


def _signature(rest: bytes, version: int) -> int | None:
    if version < TLS12 or len(rest) < 2:
        return None
    return int(struct.unpack_from("!H", rest)[0])


def read_ssl2_hello(data: bytes) -> Ssl2Hello | None:
    """A server's hello of SSL 2.0; ``None`` where ``data`` is not (yet) one.

    Raises:
        MalformedError: it is one whose lengths are not true.
    """
    if len(data) < 13 or not data[0] & 0x80 or data[2] != 4:
        return None
    length = (data[0] & 0x7F) << 8 | data[1]
    if len(data) < 2 + length:
        return None
    body = data[2 : 2 + length]
    version, certificate, specs, _ = struct.unpack_from("!HHHH", body, 3)
    if version != SSL2 or len(body) < 11 + certificate + specs or specs % 3:
        raise MalformedError("a hello of SSL 2.0 that is damaged")
    raw = body[11 + certificate : 11 + certificate + specs]
    suites = tuple(int.from_bytes(raw[at : at + 3], "big") for at in range(0, specs, 3))
    return Ssl2Hello(suites, body[11 : 11 + certificate])


def _numbers(numbers: Iterable[int]) -> bytes:
    return b"".join(struct.pack("!H", number) for number in numbers)


def _sized(data: bytes, width: int) -> bytes:
    """``data`` with its length before it, in ``width`` bytes."""
    return len(data).to_bytes(width, "big") + data


def _extension(number: int, data: bytes) -> bytes:
    return struct.pack("!H", number) + _sized(data, 2)


def _taken(data: bytes, width: int) -> tuple[bytes, bytes]:
    """What follows a length of ``width`` bytes, and the rest after it."""
    length = int.from_bytes(data[:width], "big")
    if len(data) < width + length:
        raise MalformedError("a length that is not true")
    return data[width : width + length], data[width + length :]

"""One whole handshake of TLS 1.3, for what comes encrypted in it: certificates and tickets.

TLS 1.3 hides its certificates, the stapled answer and the session tickets, which say whether
early data is taken, and Python's ``ssl`` shows the last two to nobody. So the keys are derived
here (RFC 8446, section 7.1). This weakens nothing: the connection is with anybody who answers, no
request, name or password is ever sent on it, and what is read is believed to be "what was
presented", no more. It is closed as soon as the handshake is over.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, x448, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from assessor.collect.questions import tls_records
from assessor.collect.questions.tls_offers_names import TLS13
from assessor.collect.questions.tls_offers_wire import Conversation, Endpoint
from assessor.collect.questions.tls_records import (
    ALERT,
    CERTIFICATE,
    CERTIFICATE_REQUEST,
    HANDSHAKE,
    SERVER_HELLO,
    STATUS_REQUEST,
    Hello,
    MalformedError,
    Records,
    ServerHello,
)

GROUPS = (0x001D, 0x0017, 0x0018, 0x0019, 0x001E)
"""The groups on which a key can be agreed here."""

SUITES = (0x1302, 0x1303, 0x1301, 0x1304)

_APPLICATION_DATA = 23
_NEW_TICKET, _ENCRYPTED_EXTENSIONS, _CERTIFICATE_VERIFY, _FINISHED = 4, 8, 15, 20
_EARLY_DATA = 42
_CLOSE_NOTIFY = b"\x01\x00"
_MOST_TICKETS = 16

# What a server can send that no handshake is made of.
_BROKEN = (MalformedError, InvalidTag, ValueError, IndexError, struct.error)

_CURVES: dict[int, ec.EllipticCurve] = {
    0x0017: ec.SECP256R1(),
    0x0018: ec.SECP384R1(),
    0x0019: ec.SECP521R1(),
}


@dataclass(frozen=True, slots=True)
class Session:
    """What a whole handshake of TLS 1.3 showed.

    Attributes:
        protocol: the application protocol that was chosen.
        chain: the certificates as presented (DER).
        staple: the stapled OCSP response; ``None`` where there is none.
        signature: the scheme that the server signed with.
        tickets: how many session tickets came.
        early_data: the most bytes of early data that a ticket allows; ``None``: none does.
        finished: the server took the handshake and ended the connection, so that no ticket
            can have been missed.
    """

    protocol: str | None = None
    chain: tuple[bytes, ...] = ()
    staple: bytes | None = None
    signature: int | None = None
    tickets: int = 0
    early_data: int | None = None
    finished: bool = False


def shake_hands(endpoint: Endpoint, hello: Hello, group: int) -> Session | None:
    """Completes a handshake on ``group`` (of ``GROUPS``); ``None`` where that does not come about.

    Raises:
        NotOfferedError: the service does not offer TLS.
        NotSpokenError: another protocol is spoken there.
        TransportError: it cannot be reached, or the whole time is up.
    """
    key = _Key(group)
    hello = replace(hello, version=TLS13, groups=(group,), suites=SUITES, shares={group: key.share})
    try:
        with endpoint.open() as conversation:
            handshake = _Handshake(conversation, hello, key)
            try:
                return handshake.complete()
            except (*_BROKEN, TimeoutError, ConnectionError):
                # What was shown before the end is what was presented all the same.
                return handshake.session if handshake.session.chain else None
    except (TimeoutError, ConnectionError):
        return None


def shares() -> dict[int, bytes]:
    """A key share, for a service that takes no hello without one."""
    return {group: _Key(group).share for group in GROUPS[:2]}


class _Key:
    """One side of a key agreement."""

    def __init__(self, group: int) -> None:
        self._group = group
        self._private: x25519.X25519PrivateKey | x448.X448PrivateKey | ec.EllipticCurvePrivateKey
        if group == 0x001D:
            self._private = x25519.X25519PrivateKey.generate()
        elif group == 0x001E:
            self._private = x448.X448PrivateKey.generate()
        else:
            self._private = ec.generate_private_key(_CURVES[group])

    @property
    def share(self) -> bytes:
        public = self._private.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return public.public_bytes_raw()

    def agree(self, share: bytes) -> bytes:
        match self._private:
            case x25519.X25519PrivateKey():
                return self._private.exchange(x25519.X25519PublicKey.from_public_bytes(share))
            case x448.X448PrivateKey():
                return self._private.exchange(x448.X448PublicKey.from_public_bytes(share))
            case _:
                curve = _CURVES[self._group]
                point = ec.EllipticCurvePublicKey.from_encoded_point(curve, share)
                return self._private.exchange(ec.ECDH(), point)


class _Schedule:
    """The key schedule, with the hash of the suite."""

    def __init__(self, suite: int, agreed: bytes) -> None:
        self._suite = suite
        self._hash = hashlib.sha384 if suite == 0x1302 else hashlib.sha256
        self.size = self._hash().digest_size
        empty = self.digest(b"")
        early = self._extract(bytes(self.size), bytes(self.size))
        self._handshake = self._extract(self.expand(early, b"derived", empty), agreed)
        derived = self.expand(self._handshake, b"derived", empty)
        self._master = self._extract(derived, bytes(self.size))

    def digest(self, transcript: bytes) -> bytes:
        return self._hash(transcript).digest()

    def handshake_secret(self, side: bytes, transcript: bytes) -> bytes:
        return self.expand(self._handshake, side + b" hs traffic", self.digest(transcript))

    def application_secret(self, side: bytes, transcript: bytes) -> bytes:
        return self.expand(self._master, side + b" ap traffic", self.digest(transcript))

    def finished(self, secret: bytes, transcript: bytes) -> bytes:
        key = self.expand(secret, b"finished", b"")
        return hmac.digest(key, self.digest(transcript), self._hash)

    def protection(self, secret: bytes) -> _Protection:
        key = self.expand(secret, b"key", b"", 16 if self._suite in (0x1301, 0x1304) else 32)
        cipher: AESGCM | AESCCM | ChaCha20Poly1305
        if self._suite == 0x1303:
            cipher = ChaCha20Poly1305(key)
        else:
            cipher = AESCCM(key) if self._suite == 0x1304 else AESGCM(key)
        return _Protection(cipher, self.expand(secret, b"iv", b"", 12))

    def _extract(self, salt: bytes, material: bytes) -> bytes:
        return hmac.digest(salt, material, self._hash)

    def expand(self, secret: bytes, label: bytes, context: bytes, length: int = 0) -> bytes:
        """HKDF-Expand-Label; never more than one block is needed."""
        length = length or self.size
        label = b"tls13 " + label
        info = struct.pack("!HB", length, len(label)) + label + bytes([len(context)]) + context
        return hmac.digest(secret, info + b"\x01", self._hash)[:length]


@dataclass(slots=True)
class _Protection:
    """One direction of a connection, from one change of keys to the next."""

    cipher: AESGCM | AESCCM | ChaCha20Poly1305
    iv: bytes
    count: int = field(default=0)

    def _nonce(self) -> bytes:
        number = int.from_bytes(self.iv, "big") ^ self.count
        self.count += 1
        return number.to_bytes(12, "big")

    def seal(self, kind: int, data: bytes) -> bytes:
        inner = data + bytes([kind])
        head = struct.pack("!BHH", _APPLICATION_DATA, 0x0303, len(inner) + 16)
        return head + self.cipher.encrypt(self._nonce(), inner, head)

    def open(self, payload: bytes) -> tuple[int, bytes]:
        head = struct.pack("!BHH", _APPLICATION_DATA, 0x0303, len(payload))
        inner = self.cipher.decrypt(self._nonce(), payload, head).rstrip(b"\0")
        if not inner:
            raise MalformedError("a record without contents")
        return inner[-1], inner[:-1]


class _Handshake:
    """The course of one handshake.

    Attributes:
        session: what has been shown so far.
    """

    def __init__(self, conversation: Conversation, hello: Hello, key: _Key) -> None:
        self.session = Session()
        self._conversation = conversation
        self._key = key
        message = hello.message()
        self._transcript = message
        self._received = 0
        self._records = Records()
        self._waiting: list[tuple[int, bytes]] = []
        self._pending = bytearray()
        conversation.send(tls_records.record(HANDSHAKE, message, 0x0301))

    def complete(self) -> Session | None:
        """The whole handshake; ``None`` where the server does not take it."""
        hello = self._hello()
        if hello is None:
            return None
        schedule = _Schedule(hello.suite, self._key.agree(hello.share))
        theirs = schedule.handshake_secret(b"s", self._transcript)
        ours = schedule.handshake_secret(b"c", self._transcript)
        asked_for_certificate = self._flight(schedule.protection(theirs))
        reading = schedule.protection(schedule.application_secret(b"s", self._transcript))
        sending = schedule.protection(ours)
        application = schedule.application_secret(b"c", self._transcript)
        if asked_for_certificate is not None:
            # None is to be had: the list of certificates is empty.
            context = bytes([len(asked_for_certificate)]) + asked_for_certificate
            own = _message(CERTIFICATE, context + b"\0\0\0")
            self._transcript += own
            self._conversation.send(sending.seal(HANDSHAKE, own))
        proof = _message(_FINISHED, schedule.finished(ours, self._transcript))
        farewell = schedule.protection(application).seal(ALERT, _CLOSE_NOTIFY)
        # The farewell goes with it: a server sends its tickets, then ends the connection, and
        # there is no need to guess how long a ticket might take.
        self._conversation.send(sending.seal(HANDSHAKE, proof) + farewell)
        self._tickets(reading)
        return self.session

    def _hello(self) -> ServerHello | None:
        for kind, body in self._messages(None):
            if kind != SERVER_HELLO:
                return None
            hello = tls_records.read_server_hello(body)
            taken = not hello.retry and hello.version == TLS13 and hello.suite in SUITES
            return hello if taken else None
        return None

    def _flight(self, protection: _Protection) -> bytes | None:
        """Up to the server's Finished; gives the context of a request for a certificate."""
        context: bytes | None = None
        for kind, body in self._messages(protection):
            if kind == _ENCRYPTED_EXTENSIONS:
                extensions = tls_records.read_extensions(body)
                self.session = replace(
                    self.session, protocol=tls_records.chosen_protocol(extensions)
                )
            elif kind == CERTIFICATE_REQUEST:
                context = body[1 : 1 + body[0]]
            elif kind == CERTIFICATE:
                self._take_certificates(body)
            elif kind == _CERTIFICATE_VERIFY and len(body) >= 2:
                scheme = struct.unpack_from("!H", body)[0]
                self.session = replace(self.session, signature=scheme)
            elif kind == _FINISHED:
                return context
        raise MalformedError("the handshake was broken off")

    def _take_certificates(self, body: bytes) -> None:
        rest = body[1 + body[0] + 3 :]
        chain: list[bytes] = []
        staple = None
        while rest:
            length = int.from_bytes(rest[:3], "big")
            certificate, rest = rest[3 : 3 + length], rest[3 + length :]
            if len(rest) < 2 or len(certificate) < length:
                raise MalformedError("a certificate that is cut off")
            size = 2 + int.from_bytes(rest[:2], "big")
            extensions = tls_records.read_extensions(rest[:size])
            if not chain and STATUS_REQUEST in extensions:
                staple = tls_records.read_status(extensions[STATUS_REQUEST])
            chain.append(certificate)
            rest = rest[size:]
        self.session = replace(self.session, chain=tuple(chain), staple=staple)

    def _tickets(self, protection: _Protection) -> None:
        """Takes tickets until the server ends the connection."""
        try:
            for kind, body in self._messages(protection):
                if kind == _NEW_TICKET and self.session.tickets < _MOST_TICKETS:
                    self._take_ticket(body)
        except ConnectionError:
            pass  # it ends the connection abruptly, as many do after a farewell
        self.session = replace(self.session, finished=True)

    def _take_ticket(self, body: bytes) -> None:
        at = 8
        at += 1 + body[at]
        at += 2 + int.from_bytes(body[at : at + 2], "big")
        extensions = tls_records.read_extensions(body[at:])
        allowed = extensions.get(_EARLY_DATA)
        most = self.session.early_data
        if allowed is not None and len(allowed) == 4:
            most = max(most or 0, int.from_bytes(allowed, "big"))
        self.session = replace(self.session, tickets=self.session.tickets + 1, early_data=most)

    def _messages(self, protection: _Protection | None) -> Iterator[tuple[int, bytes]]:
        """Messages as they come, under one set of keys; ends when the connection does."""
        while True:
            while len(self._pending) >= 4:
                length = int.from_bytes(self._pending[1:4], "big")
                if len(self._pending) < 4 + length:
                    break
                message = bytes(self._pending[: 4 + length])
                del self._pending[: 4 + length]
                if message[0] != _NEW_TICKET:
                    self._transcript += message
                yield message[0], message[4:]
            record = self._record()
            if record is None:
                return
            kind, payload = record
            if kind == 20:
                continue  # "change cipher spec", there for the sake of old middleboxes
            if protection is not None:
                kind, payload = protection.open(payload)
            if kind == ALERT:
                return
            if kind == HANDSHAKE:
                self._pending += payload

    def _record(self) -> tuple[int, bytes] | None:
        while not self._waiting:
            data = self._conversation.receive()
            if not data:
                return None
            self._received += len(data)
            if self._received > tls_records.MOST_BYTES:
                raise MalformedError("too much is said")
            self._waiting.extend(self._records.feed(data))
        return self._waiting.pop(0)


def _message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body

"""TLS handshakes that read what a service presents and send nothing beyond the handshake."""

from __future__ import annotations

import math
import selectors
import socket
import ssl
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from assessor.collect.transports.tcp import Clock, wait
from assessor.errors import TransportError
from assessor.model.capture import Reason

VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
"""The versions that are offered one by one, by the names that OpenSSL gives them."""

_MOST_BYTES = 262_144
"""Of a handshake. OpenSSL allows 100 KiB of certificates; what goes on beyond this is a flood."""

_READ_BYTES = 16_384

# Python names it from 3.12 on; OpenSSL's own value does not change.
_LEGACY_SERVER_CONNECT = 0x4


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a completed handshake showed.

    Attributes:
        protocol: such as ``TLSv1.3``.
        cipher: the suite's name.
        cipher_bits: of its key.
        alpn: the application protocol that was chosen, if one was.
        chain: the certificates as the server presented them (DER), its own first.
    """

    protocol: str
    cipher: str
    cipher_bits: int
    alpn: str | None
    chain: tuple[bytes, ...]


class NoHandshakeError(Exception):
    """No handshake was completed: the other side refused, closed, or does not speak TLS.

    Attributes:
        code: OpenSSL's word for it, ``CLOSED``, ``RESET`` or ``FLOOD``.
        alert: the other side answered in TLS (with an alert).
    """

    def __init__(self, code: str, text: str, *, alert: bool = False) -> None:
        super().__init__(text)
        self.code = code
        self.alert = alert


class NotTrustedError(Exception):
    """The handshake was broken off because the certificate was not accepted.

    Attributes:
        code: OpenSSL's number (``X509_V_ERR_...``), or ``None``.
    """

    def __init__(self, code: int | None, text: str) -> None:
        super().__init__(text)
        self.code = code


class _WithChain(Protocol):
    def get_unverified_chain(self) -> list[bytes] | None: ...


class _PrivateCertificate(Protocol):
    def public_bytes(self, encoding: int) -> bytes: ...


class _PrivateWithChain(Protocol):
    def get_unverified_chain(self) -> list[_PrivateCertificate] | None: ...


def system_store() -> tuple[str, ...]:
    """Where OpenSSL finds the authorities that this machine trusts; empty if it has none."""
    paths = ssl.get_default_verify_paths()
    found = []
    if paths.cafile and Path(paths.cafile).is_file():
        found.append(paths.cafile)
    if paths.capath and Path(paths.capath).is_dir() and any(Path(paths.capath).iterdir()):
        found.append(paths.capath)
    return tuple(found)


def verifying(extra_authorities: str | None = None) -> ssl.SSLContext:
    """Full verification, as a browser of today does it.

    ``ssl.create_default_context`` is not used: from Python 3.13 on it demands more of a
    certificate than browsers do, and the verdict may not depend on the Python that runs it.

    Args:
        extra_authorities: certificates (PEM) trusted besides the system's own.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    if extra_authorities is not None:
        context.load_verify_locations(cadata=extra_authorities)
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def describing() -> ssl.SSLContext:
    """Looks only: completes a handshake with anybody, so that what is presented can be described.

    This weakens nothing. No request, no name or password and no other byte is ever sent over
    such a connection, nothing read from it is believed beyond "this is what was presented", and
    a verdict of trust comes from ``verifying`` alone.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.options |= _LEGACY_SERVER_CONNECT
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def offering() -> dict[str, ssl.SSLContext | None]:
    """A describing context for each version alone; ``None`` where OpenSSL here cannot offer it.

    Python warns of the old versions, which are offered here to see them refused. Silencing a
    warning is not safe between threads: call this once, before any are started.
    """
    return {name: _only(version) for name, version in VERSIONS.items()}


def _only(version: ssl.TLSVersion) -> ssl.SSLContext | None:
    context = describing()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.maximum_version = version
            context.minimum_version = version
    except ValueError:
        return None
    hello = ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), hello).do_handshake()
    except ssl.SSLWantReadError:
        return context if hello.pending else None
    except ssl.SSLError:
        return None
    return None


def shake_hands(
    connection: socket.socket,
    context: ssl.SSLContext,
    server_name: str,
    clock: Clock,
    until: float = math.inf,
) -> Handshake:
    """Completes a handshake over ``connection`` (non-blocking) and tells what it showed.

    The socket is driven by hand: a time limit on the socket itself begins anew with every byte,
    so that a service which sends one now and then could hold it for ever.

    Raises:
        NotTrustedError: the certificate was not accepted.
        NoHandshakeError: the handshake failed otherwise.
        TimeoutError: it was not over by ``until``.
        TransportError: the probe's whole time is up, or the run was interrupted.
    """
    doing = f"shaking hands with {server_name}"
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = wrap(context, incoming, outgoing, server_name)
    received = 0
    try:
        while True:
            done = step(tls)
            _send(connection, outgoing.read(), clock, until, doing)
            if done:
                return shown(tls)
            wait(connection, selectors.EVENT_READ, clock, until, doing)
            data = connection.recv(_READ_BYTES)
            if not data:
                raise NoHandshakeError("CLOSED", "the other side closed the connection")
            received += len(data)
            if received > _MOST_BYTES:
                raise NoHandshakeError(
                    "FLOOD", f"more than {_MOST_BYTES} bytes without a handshake"
                )
            incoming.write(data)
    except ConnectionError as error:
        raise NoHandshakeError("RESET", "the other side broke the connection") from error


def wrap(
    context: ssl.SSLContext, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, server_name: str
) -> ssl.SSLObject:
    """The client's end of a connection to ``server_name``; nothing is sent yet."""
    try:
        return context.wrap_bio(incoming, outgoing, server_hostname=server_name)
    except (ValueError, TypeError) as error:  # no IDNA, a NUL, a dot in front
        raise TransportError(
            Reason.NAME_NOT_FOUND,
            f"{server_name!r} is not a name that a certificate can carry",
            mend="set the option server_name of this target to the site's host name",
        ) from error


def step(tls: ssl.SSLObject) -> bool:
    """One step of the handshake: whether it is done."""
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        return False
    except ssl.SSLCertVerificationError as error:
        raise NotTrustedError(error.verify_code, error.verify_message) from error
    except ssl.SSLError as error:
        code = error.reason or "UNKNOWN"
        raise NoHandshakeError(
            code, code.replace("_", " ").lower(), alert="ALERT" in code
        ) from error
    return True


def _send(connection: socket.socket, data: bytes, clock: Clock, until: float, doing: str) -> None:
    rest = memoryview(data)
    while rest:
        wait(connection, selectors.EVENT_WRITE, clock, until, doing)
        rest = rest[connection.send(rest) :]


def shown(tls: ssl.SSLObject) -> Handshake:
    """What a completed handshake showed."""
    cipher = tls.cipher()
    return Handshake(
        protocol=tls.version() or "",
        cipher=cipher[0] if cipher else "",
        cipher_bits=cipher[2] if cipher else 0,
        alpn=tls.selected_alpn_protocol(),
        chain=_presented(tls),
    )


def _presented(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """The certificates as presented, in DER.

    The public method came with Python 3.13. Versions 3.11 and 3.12 have the same on the inner
    object; both receive security fixes only, so that it will not change under us. This is
    preferred to pyOpenSSL, whose wheels bring an OpenSSL of their own beside the one that
    verifies, with other trust anchors and other limits.
    """
    if hasattr(tls, "get_unverified_chain"):
        return tuple(cast("_WithChain", tls).get_unverified_chain() or ())
    inner = cast("_PrivateWithChain", tls._sslobj)  # type: ignore[attr-defined]
    der = 2  # _ssl.ENCODING_DER
    return tuple(one.public_bytes(der) for one in inner.get_unverified_chain() or ())

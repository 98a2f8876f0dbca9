"""HTTP for TR-064: TLS only, to authorities or to one pinned certificate; answers of bounded size.

FRITZ!Boxes come with a certificate of their own that nobody signed, and make a new one when their
names change. So the owner may pin it by its fingerprint; one that differs is refused, and named.
"""

from __future__ import annotations

import contextlib
import hashlib
import ssl
from collections.abc import Mapping

import requests
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import SSLError

from assessor.collect.transports.guarded_http import (
    NO_TLS,
    WRONG_NAMES,
    Bound,
    GuardedAdapter,
    chain,
)
from assessor.collect.transports.tcp import Clock, connect, look_up
from assessor.collect.transports.tls import NoHandshakeError, describing, shake_hands
from assessor.collect.transports.watch import Guard
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Target

MOST_BYTES = 1024 * 1024
"""The largest answer taken. The longest of a real box, its description, has 30 kB."""

TLS_PORT = 49443
"""AVM, "TR-064 First Steps", 3: the port that ``DeviceInfo:GetSecurityPort`` names."""

_BOUND = Bound(MOST_BYTES, "an answer is far longer than any of a FRITZ!Box")


class BoxAdapter(GuardedAdapter):
    """Connections to a box that a guard ends, TLS and nothing else.

    Args:
        guard: the time of the target.
        fingerprint: of the one certificate that is trusted; empty for the system's authorities.
        connect_s: what looking up the name and connecting may take.
    """

    def __init__(self, guard: Guard, fingerprint: str, connect_s: float) -> None:
        self._fingerprint = fingerprint
        super().__init__(guard, _context(fingerprint), connect_s, _BOUND)

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> ConnectionPool:
        """A pool whose TLS comes from the context and the pinned certificate alone."""
        url = request.url or ""
        if not url.startswith("https://"):
            raise TransportError(Reason.PROTOCOL, "a request without TLS is never sent")
        tls: dict[str, object] = {"ssl_context": self._context}
        if self._fingerprint:
            tls["assert_fingerprint"] = self._fingerprint
        pool: ConnectionPool = self.poolmanager.connection_from_url(url, tls)
        return pool


def _context(fingerprint: str) -> ssl.SSLContext:
    if not fingerprint:
        return ssl.create_default_context()
    # The fingerprint alone decides: urllib3 compares it before a byte of a request is sent.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def translated(error: Exception, target: Target, place: str, guard: Guard) -> TransportError:
    """``error``, raised by requests or below it, as what the evidence keeps."""
    faults = list(chain(error))
    for fault in faults:
        match fault:
            case TransportError():
                return fault
            case ssl.SSLCertVerificationError():
                return _refused(fault, target, place, guard)
            case ssl.SSLEOFError():
                return _broken(place)
            case ssl.SSLError():
                return _no_tls(fault, place)
            case SSLError() if "ingerprint" in str(fault):
                return _changed(target, place, guard)
            case requests.Timeout():
                return TransportError(Reason.TIMED_OUT, f"{place} does not answer")
    if any(isinstance(fault, OSError | requests.ConnectionError) for fault in faults):
        return _broken(place)
    return no_box(place, type(error).__name__)


def no_box(place: str, why: str) -> TransportError:
    """What answers does not speak as a box does."""
    return TransportError(
        Reason.PROTOCOL,
        f"what answers on {place} is no TR-064 service ({why})",
        mend=f"see what listens on that port; a FRITZ!Box offers TR-064 over TLS on {TLS_PORT}",
    )


def _broken(place: str) -> TransportError:
    return TransportError(
        Reason.DROPPED,
        f"the connection to {place} broke off",
        mend="try again; if it stays so, restart the box",
    )


def _no_tls(fault: ssl.SSLError, place: str) -> TransportError:
    said = fault.reason or ""
    if said in NO_TLS:
        what = f"{place} does not speak TLS"
    else:
        what = f"no TLS could be agreed on with {place}: {said or type(fault).__name__}"
    return TransportError(
        Reason.PROTOCOL,
        what,
        mend=f"a FRITZ!Box offers TR-064 over TLS on port {TLS_PORT} (49000 is unencrypted)",
    )


def _changed(target: Target, place: str, guard: Guard) -> TransportError:
    now = presented(target, guard)
    told = f"; it now has the SHA-256 fingerprint {now}" if now else ""
    return TransportError(
        Reason.CERTIFICATE_REFUSED,
        f"the certificate of {place} is not the one that the inventory names{told}",
        mend=f"{_COMPARE} write it under certificate_sha256",
    )


def _refused(
    fault: ssl.SSLCertVerificationError, target: Target, place: str, guard: Guard
) -> TransportError:
    if fault.verify_code in WRONG_NAMES:
        what = f"is not made out to {target.address}"
        other = "or use the name that it bears as the address"
    else:
        what = f"cannot be trusted: {fault.verify_message}"
        other = "or have the box get one from Let's Encrypt for its MyFRITZ! name"
    now = presented(target, guard)
    told = f"; its SHA-256 fingerprint is {now}" if now else ""
    return TransportError(
        Reason.CERTIFICATE_REFUSED,
        f"the certificate of {place} {what}{told}",
        mend=f"{_COMPARE} write it under certificate_sha256, {other}",
    )


_COMPARE = (
    "fetch the box's certificate from its own pages (Internet > Permit Access > FRITZ!Box"
    " Services > Certificate: download), over a cable to the box, and compare with `openssl x509"
    " -noout -fingerprint -sha256 -in boxcert.cer`; only if both are the same,"
)


def presented(target: Target, guard: Guard) -> str:
    """The fingerprint of the certificate that is presented now; empty where none is.

    It is only told to people, for them to compare; nothing is sent over this connection.
    """
    with contextlib.suppress(TransportError, NoHandshakeError, TimeoutError, OSError):
        clock = Clock(guard.deadline, guard.left(5.0), guard.abandoned)
        addresses = look_up(target.address, target.port or TLS_PORT, clock)
        connection, _ = connect(addresses, clock)
        with connection:
            shown = shake_hands(connection, describing(), target.address, clock)
        if shown.chain:
            return hashlib.sha256(shown.chain[0]).hexdigest()
    return ""

"""A TLS handshake with full verification, and what a site presents to anybody.

The question ``{"kind": "tls-handshake", "port": 443}`` is answered with one JSON object:

=================  ===========================================================================
``address``        the IP address that answered
``port``           TCP port
``server_name``    the name that was asked for (SNI) and that the certificate must carry
``at``             when it was asked, ISO 8601, UTC
``seconds``        how long all of it took
``trust``          ``store``: where the trusted authorities came from; ``ca_file``: the extra
                   file that the inventory names for this target (``name``, ``sha256``) or null
``verified``       a handshake with full verification was completed
``trusted_by``     ``system``, ``ca_file`` or null
``verify_error``   null, or OpenSSL's ``code`` (X509_V_ERR_..., may be null) and ``text``
``modern_error``   null, or why no handshake under today's settings (TLS 1.2 and later) came about
``protocol``       as agreed on; null where no handshake was completed at all
``cipher``         ``name`` and ``bits``, or null
``alpn``           application protocol chosen, or null
``chain``          the certificates as presented (``certificates.py`` names the fields)
``chain_length``   how many were presented; ``chain`` holds the first of them
``accepted``       per version of TLS: ``accepted``, ``refused``, ``no-answer``, ``not-testable``
=================  ===========================================================================

Options of the target: ``server_name`` (where it differs from the address), ``connect_to`` (host or
IP address to connect to instead, for split DNS), ``ca_file`` (path of an extra authority, PEM).
"""

from __future__ import annotations

import hashlib
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assessor.collect.questions.service import Request, Service, option, service_of
from assessor.collect.transports import tls
from assessor.collect.transports.certificates import MOST_CERTIFICATES, describe
from assessor.collect.transports.tcp import Address, Clock, Resolver, connect, look_up, resolve
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Target

KIND = "tls-handshake"
_HTTPS = 443
_CA_FILE_BYTES = 1_048_576
_DESCRIBE_S = 10.0
_VERSION_S = 5.0
"""The most that describing, and that offering one version, may take."""


@dataclass(frozen=True, slots=True)
class ExtraAuthority:
    """The named exception of one target."""

    path: str
    pem: str
    sha256: str


@dataclass(frozen=True, slots=True)
class _Trial:
    """How the attempts with full verification ended."""

    shown: tls.Handshake | None = None
    trusted_by: str | None = None
    not_trusted: tls.NotTrustedError | None = None
    no_handshake: tls.NoHandshakeError | None = None


class TlsHandshake:
    """Asks for handshakes. Make it before threads are started (see ``tls.offering``)."""

    def __init__(self, resolver: Resolver = resolve) -> None:
        self._resolver = resolver
        self._describing = tls.describing()
        self._offering = tls.offering()

    def ask(self, target: Target, request: Request, clock: Clock) -> dict[str, object]:
        """The answer, as the module's table says.

        Raises:
            TransportError: there was no answer.
        """
        service, extra = service_of(target, request, _HTTPS), extra_authority(target)
        store = tls.system_store()
        if not store:
            raise TransportError(
                Reason.NOT_RUN,
                "this machine has no list of trusted certificate authorities",
                mend="install the package ca-certificates on the machine that runs assess",
            )
        began, at = time.monotonic(), datetime.now(UTC)
        addresses = look_up(service.host, service.port, clock, self._resolver)
        trial, address = _verify(service, extra, addresses, clock)
        shown = trial.shown or self._describe(service, address, trial, clock)
        chain = shown.chain if shown else ()
        return {
            "kind": KIND,
            "address": address.ip,
            "port": service.port,
            "server_name": service.server_name,
            "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "trust": {
                "store": store,
                "ca_file": extra and {"name": extra.path, "sha256": extra.sha256},
            },
            "verified": trial.shown is not None,
            "trusted_by": trial.trusted_by,
            "verify_error": trial.not_trusted
            and {"code": trial.not_trusted.code, "text": str(trial.not_trusted)},
            "modern_error": trial.no_handshake and str(trial.no_handshake),
            "protocol": shown and shown.protocol,
            "cipher": shown and {"name": shown.cipher, "bits": shown.cipher_bits},
            "alpn": shown and shown.alpn,
            "chain": describe(chain[:MOST_CERTIFICATES]),
            "chain_length": len(chain),
            "accepted": self._accepted(service, address, shown, clock),
            "seconds": round(time.monotonic() - began, 3),
        }

    def _describe(
        self, service: Service, address: Address, trial: _Trial, clock: Clock
    ) -> tls.Handshake | None:
        """What is presented to anybody; ``None`` where that cannot be had after a refusal."""
        until = clock.moment(0.5, _DESCRIBE_S, "describing the certificate")
        try:
            return _shake(service, [address], self._describing, clock, until)
        except TimeoutError:
            failure = tls.NoHandshakeError("TIMED_OUT", "no answer in time")
        except tls.NoHandshakeError as error:
            failure = error
        if trial.not_trusted is not None:
            return None
        raise _no_tls(service, trial.no_handshake or failure)

    def _accepted(
        self, service: Service, address: Address, shown: tls.Handshake | None, clock: Clock
    ) -> dict[str, str]:
        """Each version of TLS, offered alone."""
        accepted: dict[str, str] = {}
        for index, (name, context) in enumerate(self._offering.items()):
            if shown is not None and shown.protocol == name:
                accepted[name] = "accepted"
            elif context is None:
                accepted[name] = "not-testable"
            else:
                # One part more than there are versions: the last one leaves time to answer.
                share = 1 / (len(self._offering) - index + 1)
                accepted[name] = _offer(service, address, context, clock, share)
        return accepted


def _offer(
    service: Service, address: Address, context: ssl.SSLContext, clock: Clock, share: float
) -> str:
    try:
        until = clock.moment(share, _VERSION_S, "offering one version")
        _shake(service, [address], context, clock, until)
    except tls.NoHandshakeError:
        return "refused"
    except TimeoutError:
        return "no-answer"
    except TransportError as error:
        if error.reason is Reason.INTERRUPTED:
            raise
        # What was learned before the time was up is kept.
        return "no-answer"
    return "accepted"


def _verify(
    service: Service, extra: ExtraAuthority | None, addresses: list[Address], clock: Clock
) -> tuple[_Trial, Address]:
    """With the system's authorities and, only where that fails, with the extra one as well."""
    trial, address = _try(service, addresses, tls.verifying(), "system", clock)
    if extra is None or trial.not_trusted is None:
        return trial, address
    return _try(service, [address], _with_extra(extra), "ca_file", clock)


def _try(
    service: Service,
    addresses: list[Address],
    context: ssl.SSLContext,
    authority: str,
    clock: Clock,
) -> tuple[_Trial, Address]:
    connection, address = connect(addresses, clock)
    with connection:
        try:
            shown = tls.shake_hands(connection, context, service.server_name, clock)
        except tls.NotTrustedError as error:
            return _Trial(not_trusted=error), address
        except tls.NoHandshakeError as error:
            return _Trial(no_handshake=error), address
    return _Trial(shown=shown, trusted_by=authority), address


def _shake(
    service: Service,
    addresses: list[Address],
    context: ssl.SSLContext,
    clock: Clock,
    until: float,
) -> tls.Handshake:
    connection, _ = connect(addresses, clock)
    with connection:
        return tls.shake_hands(connection, context, service.server_name, clock, until)


def _no_tls(service: Service, error: tls.NoHandshakeError) -> TransportError:
    place = f"{service.server_name}, port {service.port}"
    if error.alert:
        return TransportError(
            Reason.PROTOCOL,
            f"{place} refused every handshake: {error}",
            mend="set the option server_name to a name that the site is known by",
        )
    if error.code in ("CLOSED", "RESET"):
        return TransportError(
            Reason.DROPPED,
            f"{place}: {error} before a handshake was completed",
            mend="check that TLS is spoken on this port, and look at any firewall before it",
        )
    return TransportError(
        Reason.PROTOCOL,
        f"{place} does not speak TLS: {error}",
        mend="check the port in the inventory: it must be the one for encrypted connections",
    )


def extra_authority(target: Target) -> ExtraAuthority | None:
    """The authority that the inventory names for ``target`` beside the system's.

    Raises:
        TransportError: its file cannot be used (reason ``not-run``).
    """
    path = option(target, "ca_file")
    if path is None:
        return None
    mend = "ca_file must name a readable file with certificates in PEM form"
    try:
        with Path(path).open("rb") as file:
            content = file.read(_CA_FILE_BYTES + 1)
        pem = content.decode("ascii")
        if len(content) > _CA_FILE_BYTES:
            raise ValueError("the file is too large")
        extra = ExtraAuthority(path, pem, hashlib.sha256(content).hexdigest())
        # Tried here, so that a bad file is told apart from a bad certificate of the site.
        _with_extra(extra)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise TransportError(
            Reason.NOT_RUN, f"the ca_file {path} of {target.name} cannot be used: {said}", mend=mend
        ) from error
    return extra


def _with_extra(extra: ExtraAuthority) -> ssl.SSLContext:
    return tls.verifying(extra.pem)

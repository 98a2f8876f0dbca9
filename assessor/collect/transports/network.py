"""Puts questions to services from outside. Knows ``tls-handshake``; the rest of them follow here.

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
import json
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assessor.collect.transports import tls
from assessor.collect.transports.base import Abandoned, Deadline
from assessor.collect.transports.certificates import MOST_CERTIFICATES, describe
from assessor.collect.transports.tcp import Address, Clock, Resolver, connect, look_up, resolve
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.plan import PlannedProbe
from assessor.model.target import Target

_TLS_HANDSHAKE = "tls-handshake"
_HTTPS = 443
_CA_FILE_BYTES = 1_048_576
_DESCRIBE_S = 10.0
_VERSION_S = 5.0
"""The most that describing, and that offering one version, may take."""


@dataclass(frozen=True, slots=True)
class _Service:
    """Where to connect and whom to expect there."""

    host: str
    port: int
    server_name: str


@dataclass(frozen=True, slots=True)
class _ExtraAuthority:
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


class NetworkTransport:
    """Answers requests to services. One object serves all targets and threads.

    Make it before threads are started (see ``tls.offering``).
    """

    def __init__(self, abandoned: Abandoned | None = None, *, resolver: Resolver = resolve) -> None:
        self._abandoned = abandoned
        self._resolver = resolver
        self._describing = tls.describing()
        self._offering = tls.offering()

    def answer(self, target: Target, probe: PlannedProbe, deadline: Deadline) -> str:
        """The answer to ``probe`` as canonical JSON, in ASCII.

        Raises:
            TransportError: there was no answer, or the request is of an unknown kind.
        """
        service = _service(target, _request(probe))
        extra = _extra_authority(target)
        clock = Clock(deadline, probe.probe.timeout_s, self._abandoned)
        facts = self._tls_handshake(service, extra, clock)
        return json.dumps(facts, sort_keys=True, separators=(",", ":"))

    def _tls_handshake(
        self, service: _Service, extra: _ExtraAuthority | None, clock: Clock
    ) -> dict[str, object]:
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
            "kind": _TLS_HANDSHAKE,
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
        self, service: _Service, address: Address, trial: _Trial, clock: Clock
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
        self, service: _Service, address: Address, shown: tls.Handshake | None, clock: Clock
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
    service: _Service, address: Address, context: ssl.SSLContext, clock: Clock, share: float
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
    service: _Service, extra: _ExtraAuthority | None, addresses: list[Address], clock: Clock
) -> tuple[_Trial, Address]:
    """With the system's authorities and, only where that fails, with the extra one as well."""
    trial, address = _try(service, addresses, tls.verifying(), "system", clock)
    if extra is None or trial.not_trusted is None:
        return trial, address
    return _try(service, [address], _with_extra(extra), "ca_file", clock)


def _try(
    service: _Service,
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
    service: _Service,
    addresses: list[Address],
    context: ssl.SSLContext,
    clock: Clock,
    until: float,
) -> tls.Handshake:
    connection, _ = connect(addresses, clock)
    with connection:
        return tls.shake_hands(connection, context, service.server_name, clock, until)


def _no_tls(service: _Service, error: tls.NoHandshakeError) -> TransportError:
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


def _request(probe: PlannedProbe) -> dict[str, object]:
    try:
        request = json.loads(probe.probe.text)
    except ValueError as error:
        raise TransportError(Reason.NOT_RUN, "the request is not JSON") from error
    if not isinstance(request, dict) or request.get("kind") != _TLS_HANDSHAKE:
        raise TransportError(
            Reason.NOT_RUN,
            f"this version of assess puts no such request: {probe.probe.text[:100]}",
            mend=f"the kind of a request must be {_TLS_HANDSHAKE}",
        )
    return request


def _service(target: Target, request: dict[str, object]) -> _Service:
    port = target.port or request.get("port", _HTTPS)
    if not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 65_536:
        raise TransportError(
            Reason.NOT_RUN,
            f"{port!r} is not a port",
            mend="set the port of this target to a number from 1 to 65535",
        )
    return _Service(
        host=_option(target, "connect_to") or target.address,
        port=port,
        server_name=(_option(target, "server_name") or target.address).rstrip("."),
    )


def _option(target: Target, name: str) -> str | None:
    value = target.options.get(name)
    if value is None or isinstance(value, str):
        return value
    raise TransportError(
        Reason.NOT_RUN,
        f"the option {name} of {target.name} is not a text",
        mend=f"write {name} as a text in the inventory, in quotes if need be",
    )


def _extra_authority(target: Target) -> _ExtraAuthority | None:
    path = _option(target, "ca_file")
    if path is None:
        return None
    mend = "ca_file must name a readable file with certificates in PEM form"
    try:
        with Path(path).open("rb") as file:
            content = file.read(_CA_FILE_BYTES + 1)
        pem = content.decode("ascii")
        if len(content) > _CA_FILE_BYTES:
            raise ValueError("the file is too large")
        extra = _ExtraAuthority(path, pem, hashlib.sha256(content).hexdigest())
        # Tried here, so that a bad file is told apart from a bad certificate of the site.
        _with_extra(extra)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise TransportError(
            Reason.NOT_RUN, f"the ca_file {path} of {target.name} cannot be used: {said}", mend=mend
        ) from error
    return extra


def _with_extra(extra: _ExtraAuthority) -> ssl.SSLContext:
    return tls.verifying(extra.pem)

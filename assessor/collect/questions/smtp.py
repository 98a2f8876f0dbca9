"""Meets the mail servers of a domain as another mail server would, and sends no mail.

The question ``{"kind": "smtp"}`` finds the domain's mail servers (MX) and says to each ``EHLO``,
``STARTTLS`` and ``QUIT``; never ``MAIL FROM``. It is answered with one JSON object:

=================  ===========================================================================
``domain``         the domain; null where the target is an IP address
``at``             when it was asked, ISO 8601, UTC
``seconds``        how long all of it took
``queries``        with ``queries_count``, ``resolvers``, ``trust_anchors``: as in ``dns_question``
``mx``             the look-up of the MX records (``dns_question`` names its parts)
``null_mx``        the domain says that it takes no mail (RFC 7505)
``hosts_count``    how many mail servers there are; ``hosts`` holds the first of them
``hosts``          of each:
``name``           as the MX record has it, and ``preference``
``address``        the IP address that answered, or null
``outcome``        ``spoken`` (it said 220 and answered EHLO), ``refused`` (another code),
                   ``not-smtp``, ``no-answer``, ``closed``, ``flood``, ``unreachable``,
                   ``no-address``; ``detail`` says more
``banner``         its greeting, in one text
``ehlo``           the lines of its answer to EHLO
``starttls``       ``offered``, ``not-offered``, ``refused`` or null
``tls``            null, or the handshake: ``verified`` (fully, for that name), ``verify_error``
                   (``code``, ``text``), ``modern_error`` (none with TLS 1.2 or later),
                   ``protocol``, ``cipher``, ``chain`` and ``chain_length``
=================  ===========================================================================

A certificate of ``chain`` is what ``certificates.py`` names, with ``sha512``, ``spki_sha256`` and
``spki_sha512`` (which TLSA records hold) and ``signed_by_next``.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import dns.name
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from assessor.collect.questions.conversation import Conversation, SilenceError
from assessor.collect.questions.dns_client import Client
from assessor.collect.questions.dns_lookup import Lookups, plain
from assessor.collect.questions.dns_mail import MOST_SERVERS, is_null, mail_servers
from assessor.collect.questions.dns_question import domain_of
from assessor.collect.questions.dns_session import Session
from assessor.collect.questions.service import Request
from assessor.collect.transports import tls
from assessor.collect.transports.certificates import MOST_CERTIFICATES, describe
from assessor.collect.transports.tcp import Address, Clock, connect
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Target

KIND = "smtp"
_SMTP = 25
_PER_HOST_S = 20.0
_GOODBYE_S = 2.0
_MOST_BYTES = 65_536
_MOST_LINES = 40
_MOST_CHARACTERS = 512

_OUR_NAME = b"assess.invalid"
"""Said in EHLO. The domain is reserved (RFC 6761), so that it is nobody's."""


class _NotSmtpError(Exception):
    """What answers does not speak SMTP."""


@dataclass(slots=True)
class _Seen:
    """What one mail server has shown so far."""

    name: str
    preference: int
    address: str | None = None
    outcome: str = "no-answer"
    detail: str = ""
    banner: str = ""
    ehlo: list[str] = field(default_factory=list)
    starttls: str | None = None
    tls: dict[str, object] | None = None

    def facts(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


class SmtpQuestion:
    """Asks a domain's mail servers what they offer."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ask(self, target: Target, request: Request, clock: Clock) -> dict[str, object]:
        """The answer, as the module's table says.

        Raises:
            TransportError: there was no answer.
        """
        domain = domain_of(target)
        if domain is None:
            return {"kind": KIND, "domain": None}
        require_store()
        began = time.monotonic()
        session = Session(self._client, target, clock)
        lookups = Lookups(session)
        found, records = mail_servers(lookups, domain)
        named = [(one.preference, one.exchange) for one in records if one.exchange != dns.name.root]
        if found.void:
            named = [(0, domain)]
        hosts = []
        for position, (preference, name) in enumerate(named[:MOST_SERVERS]):
            # One part more than there are servers: the last one leaves time to answer.
            share = 1 / (min(len(named), MOST_SERVERS) - position + 1)
            hosts.append(_meet(lookups, name, preference, clock, share).facts())
        return {
            "kind": KIND,
            "domain": plain(domain),
            "at": session.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "seconds": round(time.monotonic() - began, 3),
            **session.evidence(),
            "mx": found.facts(),
            "null_mx": is_null(records),
            "hosts": hosts,
            "hosts_count": len(named),
        }


def require_store() -> None:
    """Makes sure that this machine can tell a good certificate from a bad one.

    Raises:
        TransportError: it has no list of authorities.
    """
    if not tls.system_store():
        raise TransportError(
            Reason.NOT_RUN,
            "this machine has no list of trusted certificate authorities",
            mend="install the package ca-certificates on the machine that runs assess",
        )


def addresses_of(lookups: Lookups, name: dns.name.Name, port: int) -> list[Address]:
    """Where to connect to for ``name``: IPv4 first, since not every place has IPv6."""
    ipv4, ipv6 = lookups.addresses(name)
    return [
        *(Address(socket.AF_INET, (text, port)) for text in ipv4.texts()),
        *(Address(socket.AF_INET6, (text, port, 0, 0)) for text in ipv6.texts()),
    ]


def without_alpn(context: ssl.SSLContext) -> ssl.SSLContext:
    """``context`` for another protocol than HTTP: some mail servers refuse one they do not know."""
    context.set_alpn_protocols([])
    return context


def _meet(
    lookups: Lookups, name: dns.name.Name, preference: int, clock: Clock, share: float
) -> _Seen:
    seen = _Seen(plain(name), preference)
    addresses = addresses_of(lookups, name, _SMTP)
    if not addresses:
        seen.outcome = "no-address"
        return seen
    until = clock.moment(share, _PER_HOST_S, f"meeting {seen.name}")
    try:
        _talk(seen, addresses, clock, until)
    except SilenceError as error:
        seen.outcome, seen.detail = error.outcome, str(error)
    except _NotSmtpError as error:
        seen.outcome, seen.detail = "not-smtp", str(error)
    except TransportError as error:
        if error.reason is Reason.INTERRUPTED:
            raise
        # What the other servers showed is kept.
        seen.outcome = "unreachable" if error.reason is Reason.UNREACHABLE else "no-answer"
        seen.detail = error.detail
    return seen


def _talk(seen: _Seen, addresses: list[Address], clock: Clock, until: float) -> None:
    """Everything that one server is asked; a second time where its certificate was not accepted."""
    middle = time.monotonic() + (until - time.monotonic()) / 2
    error: Exception
    try:
        shown = _visit(seen, addresses, clock, middle, without_alpn(tls.verifying()))
    except (tls.NotTrustedError, tls.NoHandshakeError) as caught:
        error = caught
    else:
        if shown is not None:
            seen.tls = _tls_facts(shown, None)
        return
    try:
        shown = _visit(seen, addresses, clock, until, without_alpn(tls.describing()))
    except (tls.NotTrustedError, tls.NoHandshakeError, SilenceError, _NotSmtpError):
        shown = None  # the first visit has said already what is wrong
    seen.outcome = "spoken"
    seen.tls = _tls_facts(shown, error)


def _visit(
    seen: _Seen, addresses: list[Address], clock: Clock, until: float, context: ssl.SSLContext
) -> tls.Handshake | None:
    """One connection from the greeting to the goodbye."""
    connection, address = connect(addresses, clock)
    seen.address = address.ip
    doing = f"talking to {seen.name}"
    with connection:
        talk = Conversation(connection, clock, until, most_bytes=_MOST_BYTES, doing=doing)
        code, lines = _reply(talk)
        seen.banner = " ".join(lines)[:_MOST_CHARACTERS]
        if code != "220":
            seen.outcome, seen.detail = "refused", f"the greeting is {code}"
            _goodbye(talk)
            return None
        talk.send(b"EHLO " + _OUR_NAME + b"\r\n")
        code, lines = _reply(talk)
        seen.outcome = "spoken"
        seen.ehlo = [line[:_MOST_CHARACTERS] for line in lines]
        offers = code == "250" and any(line.strip().upper() == "STARTTLS" for line in lines[1:])
        if not offers:
            seen.starttls = "not-offered"
            _goodbye(talk)
            return None
        talk.send(b"STARTTLS\r\n")
        code, lines = _reply(talk)
        if code != "220":
            seen.starttls, seen.detail = "refused", f"STARTTLS was answered with {code}"
            _goodbye(talk)
            return None
        seen.starttls = "offered"
        try:
            shown = talk.start_tls(context, seen.name)
        except SilenceError as error:
            raise tls.NoHandshakeError("SILENT", str(error)) from error
        _goodbye(talk)
        return shown


def _reply(talk: Conversation) -> tuple[str, list[str]]:
    """Code and text of one reply, which may have several lines (RFC 5321, 4.2)."""
    lines: list[str] = []
    while len(lines) < _MOST_LINES:
        line = talk.line().decode("ascii", "backslashreplace")
        code, mark, text = line[:3], line[3:4], line[4:]
        if not (len(code) == 3 and code.isdigit()) or mark not in ("", " ", "-"):
            raise _NotSmtpError(f"no reply of a mail server: {line[:60]!r}")
        lines.append(text)
        if mark != "-":
            return code, lines
    raise _NotSmtpError("a reply without an end")


def _goodbye(talk: Conversation) -> None:
    try:
        talk.send(b"QUIT\r\n")
        talk.line()
    except SilenceError:
        return  # all that was to be learned is known


def _tls_facts(shown: tls.Handshake | None, error: Exception | None) -> dict[str, object]:
    not_trusted = error if isinstance(error, tls.NotTrustedError) else None
    no_handshake = error if isinstance(error, tls.NoHandshakeError) else None
    chain = shown.chain if shown else ()
    return {
        "verified": error is None,
        "verify_error": not_trusted and {"code": not_trusted.code, "text": str(not_trusted)},
        "modern_error": no_handshake and str(no_handshake),
        "protocol": shown and shown.protocol,
        "cipher": shown and {"name": shown.cipher, "bits": shown.cipher_bits},
        "chain": _with_digests(chain[:MOST_CERTIFICATES]),
        "chain_length": len(chain),
    }


def _with_digests(chain: Sequence[bytes]) -> list[dict[str, object]]:
    described = describe(chain)
    for position, (der, facts) in enumerate(zip(chain, described, strict=True)):
        facts["sha512"] = hashlib.sha512(der).hexdigest()
        facts.update({"spki_sha256": None, "spki_sha512": None, "signed_by_next": None})
        if "unreadable" in facts:
            continue
        try:
            certificate = x509.load_der_x509_certificate(der)
            spki = certificate.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        except Exception:  # noqa: S112 - as in certificates.py; the digests then stay unknown
            continue
        facts["spki_sha256"] = hashlib.sha256(spki).hexdigest()
        facts["spki_sha512"] = hashlib.sha512(spki).hexdigest()
        if position + 1 < len(chain):
            facts["signed_by_next"] = _signed_by(certificate, chain[position + 1])
    return described


def _signed_by(certificate: x509.Certificate, above: bytes) -> bool | None:
    try:
        certificate.verify_directly_issued_by(x509.load_der_x509_certificate(above))
    except Exception:
        return False
    return True

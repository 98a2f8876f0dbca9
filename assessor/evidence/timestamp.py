"""Time stamps by somebody else (RFC 3161): that a manifest existed at a moment, by their clock.

A stamp is over the SHA-256 of ``manifest.json`` and is kept as ``manifest.tsr`` beside it. The
stamping authority sees that digest and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from assessor.errors import EvidenceError


@dataclass(frozen=True, slots=True)
class StampRequest:
    """A question to an authority.

    Attributes:
        raw: what is sent, DER.
        nonce: must come back.
    """

    raw: bytes
    nonce: int | None
    digest: bytes

    @classmethod
    def over(cls, data: bytes) -> StampRequest:
        """A request for a stamp over ``data``."""
        builder = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
        request = builder.build()
        return cls(request.as_bytes(), request.nonce, hashlib.sha256(data).digest())


@dataclass(frozen=True, slots=True)
class Stamp:
    """A stamp that was verified.

    Attributes:
        at: the moment by the authority's clock, in UTC.
        authority: the name in its certificate.
    """

    at: datetime
    authority: str


def read_authorities(pem: bytes) -> list[x509.Certificate]:
    """The certificates of authorities that are trusted; raises ``EvidenceError``."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise EvidenceError("this file holds no certificates in PEM") from None


def check_stamp(
    raw: bytes,
    digests: Collection[str],
    roots: list[x509.Certificate],
    nonce: int | None = None,
) -> Stamp:
    """Verifies a stamp, offline.

    Args:
        raw: the authority's answer, DER.
        digests: SHA-256 digests (hex), of which it must be over one.
        roots: the authorities that are trusted.
        nonce: that must be in it; ``None`` for whoever checks later.

    Raises:
        EvidenceError: it is over something else, signed by nobody that is trusted, or damaged.
    """
    try:
        answer = decode_timestamp_response(raw)
        imprint = bytes(answer.tst_info.message_imprint.message)
    except ValueError:
        raise EvidenceError("the time stamp is damaged, or a refusal") from None
    if imprint.hex() not in digests:
        raise EvidenceError("the time stamp is over another manifest")
    try:
        _verify(answer, imprint, roots, nonce)
    except (VerificationError, ValueError) as error:
        raise EvidenceError(f"the time stamp is false: {error}") from None
    return Stamp(answer.tst_info.gen_time.astimezone(UTC), _authority(answer))


def _verify(
    answer: TimeStampResponse, imprint: bytes, roots: list[x509.Certificate], nonce: int | None
) -> None:
    builder = VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    known = {root.subject for root in roots}
    carried = [x509.load_der_x509_certificate(der) for der in answer.signed_data.certificates]
    for certificate in carried:
        constraints = certificate.extensions
        try:
            basic = constraints.get_extension_for_class(x509.BasicConstraints).value
        except x509.ExtensionNotFound:
            continue
        if basic.ca and certificate.subject not in known:
            builder = builder.add_intermediate_certificate(certificate)
    if nonce is not None:
        builder = builder.nonce(nonce)
    builder.build().verify(answer, imprint)


def _authority(answer: TimeStampResponse) -> str:
    for der in answer.signed_data.certificates:
        certificate = x509.load_der_x509_certificate(der)
        try:
            usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        except x509.ExtensionNotFound:
            continue
        if x509.oid.ExtendedKeyUsageOID.TIME_STAMPING in usage:
            return certificate.subject.rfc4514_string()
    return ""

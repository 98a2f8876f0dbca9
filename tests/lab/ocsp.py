"""OCSP responses of the lab's own authority."""

from __future__ import annotations

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from tests.lab.pki import Issued, Pki

Status = ocsp.OCSPCertStatus


def staple(
    pki: Pki, issued: Issued, status: Status = Status.GOOD, *, by: Issued | None = None
) -> bytes:
    """A response about ``issued`` (DER), signed by its issuer or by another, ``by``."""
    issuer, signer = pki.intermediate, by or pki.intermediate
    revoked = status is Status.REVOKED
    response = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=issued.certificate,
            issuer=issuer.certificate,
            algorithm=hashes.SHA1(),  # noqa: S303 - it names the certificate, it protects nothing
            cert_status=status,
            this_update=pki.now,
            next_update=pki.now + timedelta(days=7),
            revocation_time=pki.now if revoked else None,
            revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
        .sign(signer.key, hashes.SHA256())
    )
    return response.public_bytes(serialization.Encoding.DER)

"""What a stapled OCSP response says of a certificate, and whether its issuer signed it."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

_MUST_STAPLE = x509.TLSFeatureType.status_request


def describe(staple: bytes | None, chain: tuple[bytes, ...]) -> dict[str, object]:
    """The facts, all of them plain.

    ``responder``: the certificate names one (``None`` where it cannot be read); ``must_staple``:
    it asks for a staple; ``stapled``: one came. With a staple: ``status`` (``good``, ``revoked``,
    ``unknown``, or ``unreadable``), ``this_update`` and ``next_update``, ``signed``: by the issuer
    or by one that the issuer named for it, about this very certificate (``None``: the issuer's
    certificate was not presented).
    """
    facts: dict[str, object] = {"stapled": bool(staple), "responder": None, "must_staple": None}
    try:
        own = x509.load_der_x509_certificate(chain[0]) if chain else None
        issuer = x509.load_der_x509_certificate(chain[1]) if len(chain) > 1 else None
        if own is not None:
            facts.update(responder=_has_responder(own), must_staple=_must_staple(own))
    except Exception:
        # The bytes come from the other side, and the parser has many ways to refuse them.
        own = issuer = None
    if not staple:
        return facts
    try:
        facts.update(_response(staple, own, issuer))
    except Exception:
        facts["status"] = "unreadable"
    return facts


def _has_responder(certificate: x509.Certificate) -> bool:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess)
    except x509.ExtensionNotFound:
        return False
    return any(one.access_method == AuthorityInformationAccessOID.OCSP for one in access.value)


def _must_staple(certificate: x509.Certificate) -> bool:
    try:
        features = certificate.extensions.get_extension_for_class(x509.TLSFeature)
    except x509.ExtensionNotFound:
        return False
    return _MUST_STAPLE in features.value


def _response(
    staple: bytes, own: x509.Certificate | None, issuer: x509.Certificate | None
) -> dict[str, object]:
    response = ocsp.load_der_ocsp_response(staple)
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return {"status": "unreadable"}
    return {
        "status": response.certificate_status.name.lower(),
        "this_update": _iso(response.this_update_utc),
        "next_update": _iso(response.next_update_utc),
        "signed": None if own is None or issuer is None else _signed(response, own, issuer),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _signed(response: ocsp.OCSPResponse, own: x509.Certificate, issuer: x509.Certificate) -> bool:
    if response.serial_number != own.serial_number:
        return False
    return _verifies(response, issuer) or any(
        _is_delegate(one, issuer) and _verifies(response, one) for one in response.certificates
    )


def _is_delegate(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer has this certificate's key sign for it (RFC 6960, section 4.2.2.2)."""
    try:
        certificate.verify_directly_issued_by(issuer)
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except Exception:
        # The bytes come from the other side: whatever is wrong with them, it is not shown to be.
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage.value


def _verifies(response: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    algorithm = response.signature_hash_algorithm
    key = signer.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey) and algorithm is not None:
            key.verify(
                response.signature, response.tbs_response_bytes, padding.PKCS1v15(), algorithm
            )
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm is not None:
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(algorithm))
        else:
            return False
    except Exception:
        return False
    return True

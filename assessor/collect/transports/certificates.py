"""Describes presented certificates as plain facts; judges none of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import NameOID

MOST_CERTIFICATES = 10
"""A longer chain is cut here; no public authority needs more than four."""

_MOST_NAMES = 100
_MOST_CHARACTERS = 256

Described = dict[str, object]


def describe(chain: Iterable[bytes]) -> list[Described]:
    """Each certificate of ``chain`` (DER, the site's own first) as plain, bounded facts."""
    described: list[Described] = []
    for der in chain:
        if len(described) == MOST_CERTIFICATES:
            break
        described.append(_describe(der))
    return described


def _describe(der: bytes) -> Described:
    facts: Described = {"sha256": hashlib.sha256(der).hexdigest()}
    try:
        facts.update(_facts(x509.load_der_x509_certificate(der)))
    except Exception as error:
        # The bytes come from the other side, and the parser has many ways to refuse them. None
        # may cost the rest of the chain; the check never passes on a certificate it cannot read.
        facts["unreadable"] = type(error).__name__
    return facts


def _facts(certificate: x509.Certificate) -> Described:
    names, count = _names(certificate)
    key_type, key_bits = _key(certificate)
    return {
        "subject_cn": _common_name(certificate.subject),
        "issuer_cn": _common_name(certificate.issuer),
        "issuer": _cut(certificate.issuer.rfc4514_string()),
        "names": names,
        "names_count": count,
        "not_before": _iso(certificate.not_valid_before_utc),
        "not_after": _iso(certificate.not_valid_after_utc),
        "serial": f"{certificate.serial_number:x}",
        "key_type": key_type,
        "key_bits": key_bits,
        "signature_hash": _signature_hash(certificate),
        "self_signed": _self_signed(certificate),
    }


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + "…"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _common_name(name: x509.Name) -> str | None:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return _cut(str(found[0].value)) if found else None


def _names(certificate: x509.Certificate) -> tuple[list[str], int]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return [], 0
    names = [
        str(name.value)
        for name in extension.value
        if isinstance(name, x509.DNSName | x509.IPAddress)
    ]
    return [_cut(name) for name in names[:_MOST_NAMES]], len(names)


def _key(certificate: x509.Certificate) -> tuple[str, int | None]:
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return "unknown", None
    match key:
        case rsa.RSAPublicKey():
            return "rsa", key.key_size
        case ec.EllipticCurvePublicKey():
            return f"ec-{key.curve.name}", key.key_size
        case ed25519.Ed25519PublicKey():
            return "ed25519", 256
        case ed448.Ed448PublicKey():
            return "ed448", 456
        case dsa.DSAPublicKey():
            return "dsa", key.key_size
        case _:
            return "unknown", None


def _signature_hash(certificate: x509.Certificate) -> str | None:
    """The hash that was signed; ``None`` for a signature without one of its own (Ed25519)."""
    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return "unknown"
    return None if algorithm is None else algorithm.name


def _self_signed(certificate: x509.Certificate) -> bool | None:
    """Whether it is signed with its own key; ``None`` where the signature cannot be checked."""
    if certificate.issuer != certificate.subject:
        return False
    try:
        certificate.verify_directly_issued_by(certificate)
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, ValueError, TypeError):
        return None
    return True

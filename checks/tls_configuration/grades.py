"""The levels of NCSC-NL for each element of TLS: guidelines of version 2025-05.

Each function names the section. The levels of groups and hashes are those that Internet.nl tests
with since release 1.11 (``checks/tasks/tls/tls_constants.py`` of its source).
"""

from __future__ import annotations

from assessor.api import TlsLevel

from .answer import Certificate, Prime

_GOOD_CURVES = frozenset(
    {
        *("secp256r1", "secp384r1", "secp521r1", "x25519", "x448"),
        *("brainpoolp256r1", "brainpoolp384r1", "brainpoolp512r1"),
        *("brainpoolp256r1tls13", "brainpoolp384r1tls13", "brainpoolp512r1tls13"),
        # A curve of these beside ML-KEM: as strong as the curve at the least.
        *("x25519mlkem768", "secp256r1mlkem768", "secp384r1mlkem1024"),
    }
)
_PHASE_OUT_CURVES = frozenset({"secp224r1"})
_NOT_GRADED = frozenset({"mlkem512", "mlkem768", "mlkem1024", "x25519kyber768draft00"})
_PHASE_OUT_FIELDS = frozenset({"ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"})

_RSA_GOOD_BITS, _RSA_PHASE_OUT_BITS = 3072, 2048
_WEAK_HASHES = ("md5", "sha1")


def of_group(group: str) -> TlsLevel | None:
    """3.3.3.1; ``None`` for what the guidelines do not grade (ML-KEM without a curve)."""
    name = group.lower()
    if name in _NOT_GRADED:
        return None
    if name in _GOOD_CURVES:
        return TlsLevel.GOOD
    if name in _PHASE_OUT_CURVES or name in _PHASE_OUT_FIELDS:
        return TlsLevel.PHASE_OUT
    return TlsLevel.INSUFFICIENT


def of_prime(prime: Prime) -> TlsLevel:
    """3.3.3.1: the groups of RFC 7919 from 3072 bits on are to be phased out."""
    return TlsLevel.PHASE_OUT if prime.group in _PHASE_OUT_FIELDS else TlsLevel.INSUFFICIENT


def of_signature(scheme: str) -> TlsLevel:
    """3.3.5: MD5 and SHA-1 are insufficient, SHA-224 is to be phased out."""
    return TlsLevel.PHASE_OUT if scheme.endswith("sha224") else TlsLevel.INSUFFICIENT


def of_key(certificate: Certificate) -> TlsLevel | None:
    """3.3.2.1; ``None`` where the key could not be told."""
    kind, bits = certificate.key_type, certificate.key_bits
    if kind == "rsa" and bits is not None:
        if bits < _RSA_PHASE_OUT_BITS:
            return TlsLevel.INSUFFICIENT
        return TlsLevel.GOOD if bits >= _RSA_GOOD_BITS else TlsLevel.PHASE_OUT
    if kind in {"ed25519", "ed448"}:
        return TlsLevel.GOOD
    if kind.startswith("ec-"):
        return of_group(kind.removeprefix("ec-"))
    return TlsLevel.INSUFFICIENT if kind == "dsa" else None


def of_certificate_hash(certificate: Certificate) -> TlsLevel:
    """3.3.2 and 3.3.5. A root's signature over itself proves nothing and is of no weight."""
    used = certificate.signature_hash
    if certificate.self_signed or used is None:
        return TlsLevel.GOOD
    if used in _WEAK_HASHES:
        return TlsLevel.INSUFFICIENT
    return TlsLevel.PHASE_OUT if used == "sha224" else TlsLevel.GOOD

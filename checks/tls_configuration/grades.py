"""The levels of NCSC-NL for each element of TLS: guidelines of version 2025-05.

Each function names the section. The levels of suites, groups and hashes are those that Internet.nl
tests with since release 1.11 (``checks/tasks/tls/tls_constants.py`` of its source).
"""

from __future__ import annotations

import re
from enum import IntEnum

from .answer import Certificate, Prime


class Grade(IntEnum):
    """The four levels, lowest first."""

    INSUFFICIENT = 0
    PHASE_OUT = 1
    SUFFICIENT = 2
    GOOD = 3


_GOOD_SUITES = frozenset({"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"})
_SUFFICIENT_SUITE = re.compile(
    r"TLS_(AES_128_GCM_SHA256|AES_128_CCM_SHA256"
    r"|ECDHE_(ECDSA|RSA)_WITH_(CHACHA20_POLY1305_SHA256|AES_(256_GCM_SHA384|128_GCM_SHA256)"
    r"|AES_(128|256)_CCM))\Z"
)
_PHASE_OUT_SUITE = re.compile(
    r"TLS_(ECDHE_ECDSA|ECDHE_RSA|DHE_RSA)_WITH_"
    r"((AES|CAMELLIA|ARIA)_(128|256)_(GCM|CBC)_SHA(256|384)|AES_(128|256)_CCM"
    r"|CHACHA20_POLY1305_SHA256)\Z"
)

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


def of_version(version: str) -> Grade:
    """3.3.1: TLS 1.3 is good, 1.2 sufficient, all that is older insufficient."""
    return {"TLSv1.3": Grade.GOOD, "TLSv1.2": Grade.SUFFICIENT}.get(version, Grade.INSUFFICIENT)


def of_suite(suite: str) -> Grade:
    """3.3.3, 3.3.4 and appendix B; what does not stand there is insufficient."""
    if suite in _GOOD_SUITES:
        return Grade.GOOD
    if _SUFFICIENT_SUITE.match(suite):
        return Grade.SUFFICIENT
    return Grade.PHASE_OUT if _PHASE_OUT_SUITE.match(suite) else Grade.INSUFFICIENT


def of_group(group: str) -> Grade | None:
    """3.3.3.1; ``None`` for what the guidelines do not grade (ML-KEM without a curve)."""
    name = group.lower()
    if name in _NOT_GRADED:
        return None
    if name in _GOOD_CURVES:
        return Grade.GOOD
    if name in _PHASE_OUT_CURVES or name in _PHASE_OUT_FIELDS:
        return Grade.PHASE_OUT
    return Grade.INSUFFICIENT


def of_prime(prime: Prime) -> Grade:
    """3.3.3.1: the groups of RFC 7919 from 3072 bits on are to be phased out."""
    return Grade.PHASE_OUT if prime.group in _PHASE_OUT_FIELDS else Grade.INSUFFICIENT


def of_signature(scheme: str) -> Grade:
    """3.3.5: MD5 and SHA-1 are insufficient, SHA-224 is to be phased out."""
    return Grade.PHASE_OUT if scheme.endswith("sha224") else Grade.INSUFFICIENT


def of_key(certificate: Certificate) -> Grade | None:
    """3.3.2.1; ``None`` where the key could not be told."""
    kind, bits = certificate.key_type, certificate.key_bits
    if kind == "rsa" and bits is not None:
        if bits < _RSA_PHASE_OUT_BITS:
            return Grade.INSUFFICIENT
        return Grade.GOOD if bits >= _RSA_GOOD_BITS else Grade.PHASE_OUT
    if kind in {"ed25519", "ed448"}:
        return Grade.GOOD
    if kind.startswith("ec-"):
        return of_group(kind.removeprefix("ec-"))
    return Grade.INSUFFICIENT if kind == "dsa" else None


def of_certificate_hash(certificate: Certificate) -> Grade:
    """3.3.2 and 3.3.5. A root's signature over itself proves nothing and is of no weight."""
    used = certificate.signature_hash
    if certificate.self_signed or used is None:
        return Grade.GOOD
    if used in _WEAK_HASHES:
        return Grade.INSUFFICIENT
    return Grade.PHASE_OUT if used == "sha224" else Grade.GOOD

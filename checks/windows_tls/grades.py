"""The levels of NCSC-NL for what Schannel can be set to: guidelines of version 2025-05.

The levels are those of the check ``tls_configuration``, which sees servers from outside. Schannel
writes some names in its own way.
"""

from __future__ import annotations

import re
from enum import IntEnum


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
_BROKEN = re.compile(r"_(RC4|RC2|DES|DES40|NULL)_|_EXPORT|_anon_", re.IGNORECASE)
_GOOD_CURVE = re.compile(
    r"curve25519|nistp(256|384|521)|secp(256|384|521)r1|x25519\w*|x448|brainpoolp(256|384|512)r1",
    re.IGNORECASE,
)
_PHASE_OUT_CURVE = re.compile(r"nistp224|secp224r1", re.IGNORECASE)
_DH_PHASE_OUT_BITS = 3072


def of_version(version: str) -> Grade:
    """3.3.1: TLS 1.3 is good, 1.2 sufficient, all that is older insufficient."""
    return {"TLS 1.3": Grade.GOOD, "TLS 1.2": Grade.SUFFICIENT}.get(version, Grade.INSUFFICIENT)


def of_suite(suite: str) -> Grade:
    """3.3.3, 3.3.4 and appendix B; what does not stand there is insufficient."""
    if suite in _GOOD_SUITES:
        return Grade.GOOD
    if _SUFFICIENT_SUITE.match(suite):
        return Grade.SUFFICIENT
    return Grade.PHASE_OUT if _PHASE_OUT_SUITE.match(suite) else Grade.INSUFFICIENT


def is_broken(suite: str) -> bool:
    """Whether what goes through ``suite`` can be read: no good even for a client alone."""
    return _BROKEN.search(suite) is not None


def of_curve(curve: str) -> Grade:
    """3.3.3.1."""
    if _GOOD_CURVE.fullmatch(curve):
        return Grade.GOOD
    return Grade.PHASE_OUT if _PHASE_OUT_CURVE.fullmatch(curve) else Grade.INSUFFICIENT


def of_finite_field(bits: int) -> Grade:
    """3.3.3.1: finite fields from 3072 bits on are to be phased out, smaller ones insufficient."""
    return Grade.PHASE_OUT if bits >= _DH_PHASE_OUT_BITS else Grade.INSUFFICIENT

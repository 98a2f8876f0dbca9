"""The levels of NCSC-NL for what Schannel can be set to: guidelines of version 2025-05.

Schannel writes the names of curves in its own way.
"""

from __future__ import annotations

import re

from assessor.api import TlsLevel

_BROKEN = re.compile(r"_(RC4|RC2|DES|DES40|NULL)_|_EXPORT|_anon_", re.IGNORECASE)
_GOOD_CURVE = re.compile(
    r"curve25519|nistp(256|384|521)|secp(256|384|521)r1|x25519\w*|x448|brainpoolp(256|384|512)r1",
    re.IGNORECASE,
)
_PHASE_OUT_CURVE = re.compile(r"nistp224|secp224r1", re.IGNORECASE)
_DH_PHASE_OUT_BITS = 3072


def is_broken(suite: str) -> bool:
    """Whether what goes through ``suite`` can be read: no good even for a client alone."""
    return _BROKEN.search(suite) is not None


def of_curve(curve: str) -> TlsLevel:
    """3.3.3.1."""
    if _GOOD_CURVE.fullmatch(curve):
        return TlsLevel.GOOD
    return TlsLevel.PHASE_OUT if _PHASE_OUT_CURVE.fullmatch(curve) else TlsLevel.INSUFFICIENT


def of_finite_field(bits: int) -> TlsLevel:
    """3.3.3.1: finite fields from 3072 bits on are to be phased out, smaller ones insufficient."""
    return TlsLevel.PHASE_OUT if bits >= _DH_PHASE_OUT_BITS else TlsLevel.INSUFFICIENT

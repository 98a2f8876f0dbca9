"""The levels of NCSC-NL for versions and suites of TLS: guidelines of version 2025-05.

Each function names the section. The levels of suites are those that Internet.nl tests with since
release 1.11 (``checks/tasks/tls/tls_constants.py`` of its source).
"""

from __future__ import annotations

import re
from enum import IntEnum


class TlsLevel(IntEnum):
    """The four levels of the guidelines, lowest first."""

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


def tls_version_level(version: str) -> TlsLevel:
    """3.3.1: TLS 1.3 is good, 1.2 sufficient, all that is older insufficient.

    Args:
        version: as OpenSSL writes it (``TLSv1.3``) or as Windows does (``TLS 1.3``).
    """
    return {"TLS1.3": TlsLevel.GOOD, "TLS1.2": TlsLevel.SUFFICIENT}.get(
        version.replace("TLSv", "TLS").replace(" ", ""), TlsLevel.INSUFFICIENT
    )


def tls_suite_level(suite: str) -> TlsLevel:
    """3.3.3, 3.3.4 and appendix B; what does not stand there is insufficient."""
    if suite in _GOOD_SUITES:
        return TlsLevel.GOOD
    if _SUFFICIENT_SUITE.match(suite):
        return TlsLevel.SUFFICIENT
    return TlsLevel.PHASE_OUT if _PHASE_OUT_SUITE.match(suite) else TlsLevel.INSUFFICIENT

"""What of Schannel's settings weighs, for a machine that serves and for one that only visits."""

from __future__ import annotations

from collections.abc import Iterable

from assessor.api import TlsLevel, tls_suite_level, tls_version_level

from .grades import is_broken, of_curve, of_finite_field
from .schannel import Schannel

_MODERN = ("TLS 1.2", "TLS 1.3")
_TLS_1_3_SUITES = ("TLS_AES_", "TLS_CHACHA20_")


def server_elements(schannel: Schannel) -> list[tuple[str, TlsLevel]]:
    """All that a visitor may be given, with its level."""
    found = [(version, tls_version_level(version)) for version in schannel.server]
    suites = _usable(schannel.suites or (), schannel.server)
    found += [(suite, tls_suite_level(suite)) for suite in suites]
    if any(suite.startswith("TLS_DHE_") for suite in suites):
        bits = schannel.dh_bits
        found.append((f"Diffie-Hellman {bits}", of_finite_field(bits)))
    found += [(curve, of_curve(curve)) for curve in schannel.curves]
    return found


def client_weaknesses(schannel: Schannel) -> tuple[str, ...]:
    """What makes a visit readable."""
    versions = (version for version in schannel.client if version.startswith("SSL"))
    suites = (s for s in _usable(schannel.suites or (), schannel.client) if is_broken(s))
    return (*versions, *suites)


def has_modern(versions: Iterable[str]) -> bool:
    """Whether a version that is still safe is among ``versions``."""
    return any(version in _MODERN for version in versions)


def client_remarks(schannel: Schannel) -> tuple[str, ...]:
    """Old versions that this machine still offers beside new ones."""
    return tuple(version for version in schannel.client if version in ("TLS 1.0", "TLS 1.1"))


def _usable(suites: Iterable[str], versions: Iterable[str]) -> tuple[str, ...]:
    """The suites of a version that is on: those of TLS 1.3 are of no other."""
    on = set(versions)
    older = bool(on - {"TLS 1.3"})
    return tuple(
        suite
        for suite in suites
        if ("TLS 1.3" in on if suite.startswith(_TLS_1_3_SUITES) else older)
    )
